--- A client: a method for every operation, all pages of a list, many calls at once, and calls without waiting.
-- Every operation is a method of that name, made from the C core's table of operations; each has a page of its own.
-- `tostring(client)` shows account and host, never key or token.
-- @module exotel.client
local later = require "exotel.calls.later"
local budget = later.require "exotel.calls.budget"
local checks = require "exotel.calls.options"
local core = require "exotel.core"
local pages = require "exotel.calls.pages"
local poll = require "exotel.calls.poll"
local pool = require "exotel.calls.pool"
local removal = require "exotel.calls.removal"
local request = require "exotel.calls.request"
local tell_log = require "exotel.calls.log"
local waiting = require "exotel.calls.waiting"

local Client = core.client_methods
local core_close = Client.close

-- client:<operation>(arguments [, options]) → data, info, or nil, err
local function operation_method(operation)
  return function(client, arguments, options) return waiting.call(client, operation, arguments, options) end
end

-- A repeated DELETE may be answered as if there had never been anything to remove.
local function removal_method(operation)
  local call = operation_method(operation)
  return function(client, arguments, options)
    local data, info = call(client, arguments, options)
    if data ~= nil or not removal.is_in_doubt(operation.name, info) then return data, info end
    return removal.reconcile(client, operation.name, arguments, options, info)
  end
end

for _, operation in ipairs(core.operations) do
  local method = operation.method == "DELETE" and removal_method or operation_method
  Client[operation.name] = method(operation)
end

--- Options of one call, instead of the client's.
-- @table CallOptions
-- @tfield[opt] number timeout seconds for one attempt
-- @tfield[opt] number deadline seconds for the whole call with its retries and waits
-- @tfield[opt] integer retries how often it may be repeated
-- @tfield[opt] boolean validate false leaves the checking of values to the service
-- @tfield[opt] boolean keep_answer true: `info.answer`, or `err.answer`, is the answer as it came, but for secrets
-- @tfield[opt] string body sent in place of that made from the arguments, which are checked all the same; no secret in
-- it is kept out of errors. For trying out what the service makes of it
-- @tfield[opt] string content_type of the body; "application/json" without it

--- An answer as it came, for `keep_answer`. Key, token and passwords among the arguments are asterisks.
-- @table Answer
-- @tfield integer status of HTTP
-- @tfield string headers lines, from the status line on, each ended by CR LF
-- @tfield string body

--- What is known about a successful call, besides its data.
-- @table Info
-- @tfield[opt] string request_id the service's
-- @tfield[opt] integer http_status
-- @tfield[opt] integer code the answer's own, where it has one
-- @tfield[opt] table metadata as the service sent it: of lists and batches
-- @tfield integer attempts how often it was sent; 0 when `ensure` found it and sent nothing
-- @tfield number elapsed seconds since it began, waits included
-- @tfield[opt] integer server_time the service's clock, in seconds since 1970
-- @tfield string[] warnings oddities of the answer, which could be read all the same
-- @tfield[opt] exotel.client.Page next of a list: the next page's arguments, nil on the last page
-- @tfield[opt] exotel.client.Answer answer with `keep_answer`
-- @tfield[opt] boolean adopted with `ensure`: it was there, or came to be by a reply that was lost

--- Where the next page of a list begins.
-- @table Page
-- @tfield integer offset
-- @tfield[opt] integer page_size

--- An event, for `log`.
-- @table Event
-- @tfield "attempt"|"wait" event `wait` precedes the next attempt, or the first one where the rate limit holds it back
-- @tfield[opt] string operation nil for a wait before a call is begun, as a bulk import makes it
-- @tfield[opt] string method of HTTP
-- @tfield[opt] string path with its query
-- @tfield integer attempt counted from 1; of a wait, how many were made before it
-- @tfield number seconds how long the attempt took, or how long the wait will be
-- @tfield[opt] string outcome of an attempt: `ok`, or an error's kind
-- @tfield[opt] integer status of HTTP, where there was an answer
-- @tfield[opt] string request_id the service's
-- @tfield[opt] string reason of the failure or of the wait, where it is not obvious

--- A write that is over, for `on_write`: one that the service has answered, with all its attempts, or that was given
-- up. A batch is as many writes as it has items. What was never sent is none.
-- @table Write
-- @tfield string operation
-- @tfield table<string,string> about what was sent, without secrets, and of the answer what says which thing it is
-- (`id`, `trunk_sid`, the number of a mapping that was removed); a value of more than 200 bytes is cut
-- @tfield string outcome `ok`, or an error's kind
-- @tfield boolean maybe_applied it failed, and may have had effect
-- @tfield integer attempts
-- @tfield number seconds since it began, waits included
-- @tfield[opt] integer status of HTTP, where there was an answer
-- @tfield[opt] string request_id the service's

--- One of many calls: `{ operation, arguments }`.
-- @table Request
-- @tfield exotel.Operation 1 the operation
-- @tfield table 2 its arguments

--- The result of one of many calls: `data` and `info`, or `err`.
-- @table Result
-- @tfield[opt] table data
-- @tfield[opt] exotel.client.Info info
-- @tfield[opt] exotel.error.Error err

--- Options of a batch.
-- @table BatchOptions
-- @tfield[opt=50] integer concurrency calls under way at a time
-- @tfield[opt] fun(done:integer,total:integer) progress is called whenever calls have finished

--- A client, as `exotel.client` makes it.
-- @type Client

--- Iterates over the items of all pages of a list. Pages are fetched as they are needed.
-- @tparam exotel.ListOperation operation
-- @tparam table arguments as of the operation
-- @treturn fun():table iterator which raises the error object when a page can't be had or repeats
-- @raise on misuse, at once
function Client:each(operation, arguments)
  pages.check_operation(operation, 2)
  if type(arguments) ~= "table" then error(operation .. " takes a table of arguments", 2) end
  return pages.each(self, operation, arguments)
end

--- Advances all calls, and passes what happened to the client's `log`.
-- @tparam[opt=0] number seconds to wait at most until a call finishes; 0 never blocks
-- @treturn integer unfinished the number of unfinished calls
function Client:poll(seconds) return poll(self, seconds or 0, core.engine.state(self)) end

--- Starts a call, which `poll` advances: validates, builds the request and queues it, without any network I/O. Keep
-- the call: one that is collected is cancelled.
-- @function Client:start
-- @tparam exotel.Operation operation
-- @tparam table arguments as of the operation
-- @tparam[opt] exotel.client.CallOptions options
-- @treturn exotel.client.Call call
-- @raise for an unknown operation, arguments that are no table, and options as `exotel.client` does

--- For an event loop: a descriptor that is readable when `poll(0)` has something to do, whoever starts, ends or polls
-- calls, and once after the client was closed. So a client is an object that cqueues can wait for. It stays open until
-- the client is collected; a process that was forked off has another one.
-- @function Client:pollfd
-- @treturn integer descriptor nil where there is none: only Linux has it

--- For an event loop: when `poll(0)` wants to be called whatever the descriptor shows. What is due by time makes the
-- descriptor readable, too; without a descriptor this tells how often to poll.
-- @function Client:timeout
-- @treturn number seconds nil when it need not be called: nothing is under way

--- For an event loop: what the descriptor is to be watched for.
-- @function Client:events
-- @treturn string events `"r"`: until it can be read

--- Closes the client: calls under way are cancelled. `<close>` and the collector do the same. Closing twice is
-- harmless, and using a closed client raises.
-- @function Client:close

-- A store is told what it has to know before, and whoever keeps a log what became of the calls under way.
local function close(self)
  local state = core.engine.state(self)
  if state.is_shared then pcall(budget.leave, self, state) end
  core.engine.halt(self)
  local good, reason = pcall(tell_log, self, state)
  core_close(self)
  if not good then error(reason, 0) end
end
Client.close = close

-- batch -------------------------------------------------------------------------------------------------------------

-- The most connections that a client may have: more calls would only wait for one.
local CONCURRENCY = 50

local operation_names = {}
for _, operation in ipairs(core.operations) do operation_names[operation.name] = true end

local function check_requests(requests)
  if type(requests) ~= "table" then error("batch takes a list of requests", 3) end
  for i, one in ipairs(requests) do
    local name = type(one) == "table" and one[1]
    if not operation_names[name] or type(one[2]) ~= "table" then
      error(string.format("request %d must be { operation, arguments }", i), 3)
    end
  end
end

local batch_options = { concurrency = "number", progress = "function" }

local function check_batch_options(options)
  checks.check(options, batch_options, 3)
  checks.check_count(options, "concurrency", 3)
end

-- The requests of one batch, as a pool's source.
local Batch = {}
Batch.__index = Batch

function Batch:ready() return self.started < #self.requests end

function Batch:next()
  self.started = self.started + 1
  local one = self.requests[self.started]
  return self.started, one[1], one[2]
end

function Batch:take(i, result)
  self.results[i] = result
  self.done = self.done + 1
end

-- Removals of a batch are reconciled once all of its calls have finished.
local function reconcile_all(client, requests, results)
  for i, result in ipairs(results) do
    local operation, arguments = requests[i][1], requests[i][2]
    if result.err and removal.is_in_doubt(operation, result.err) then
      local data, info = removal.reconcile(client, operation, arguments, nil, result.err)
      if data then results[i] = { data = data, info = info } end
    end
  end
  return results
end

local function run_batch(client, requests, options)
  local batch = setmetatable({ requests = requests, results = {}, started = 0, done = 0 }, Batch)
  local calls = pool.new(client, batch, options.concurrency or CONCURRENCY)
  local progress = options.progress and function() options.progress(batch.done, #requests) end
  waiting.protect(client, function() calls:run(progress) end, function() calls:cancel() end)
  -- Somebody has closed the client.
  for i = batch.started + 1, #requests do batch.results[i] = { err = request.cancelled(requests[i][1]) } end
  return reconcile_all(client, requests, batch.results)
end

local function refuse_all(client, requests)
  local results = {}
  for i, one in ipairs(requests) do results[i] = { err = waiting.refusal(client, one[1]) } end
  return results
end

--- Makes many calls at once. A failure of one does not stop the others.
-- @tparam exotel.client.Request[] requests
-- @tparam[opt] exotel.client.BatchOptions options
-- @treturn exotel.client.Result[] results in the order given
-- @raise for a malformed request or option; an error of the progress function, after cancelling the calls under way
function Client:batch(requests, options)
  options = options or {}
  check_requests(requests)
  check_batch_options(options)
  if core.engine.closed(self) then error("the client is closed", 2) end
  if waiting.refusal(self) then return refuse_all(self, requests) end
  return run_batch(self, requests, options)
end

--- A call, as `client:start` makes it.
-- @type Call

--- Whether it has finished.
-- @function Call:finished
-- @treturn boolean finished

--- Its result; may be read more than once.
-- @function Call:result
-- @treturn table data
-- @treturn exotel.client.Info info
-- @fails
-- @raise while it is not finished

--- Ends it with an error of kind `cancelled`, unless it is finished.
-- @function Call:cancel

return Client
