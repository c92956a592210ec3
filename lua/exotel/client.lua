--- What a client can do beyond the engine's start and poll: a method for every operation, `each` and `batch`.
-- The methods are made from the table of operations in the C core; this module adds them to every client.
local core = require "exotel.core"
local flow = require "exotel.flow"
local pages = require "exotel.pages"
local wait = require "exotel.wait"

local methods = core.client_methods

--- client:<operation>(arguments [, options]) → data, info, or nil, err
local function operation_method(name)
  local start = methods.start -- so that `client.list_trunks {}`, a dot for the colon, is told what was expected
  return function(client, arguments, options)
    return wait.result(client, start(client, name, arguments, options), name)
  end
end

for _, operation in ipairs(core.operations) do methods[operation.name] = operation_method(operation.name) end

--- client:each(operation, arguments) → an iterator over the items of all pages, fetched as they are needed.
-- Raises the error object when a page can't be had or repeats; raises on misuse at once.
function methods.each(client, name, arguments)
  pages.check_operation(name, 2)
  if type(arguments) ~= "table" then error(name .. " takes a table of arguments", 2) end
  return pages.each(client, name, arguments)
end

-- Events are taken after each poll: C never calls Lua. An error in a log function is nobody's call's fault.
local core_poll = methods.poll

--- client:poll(seconds) → how many calls are unfinished. Moves all calls on; waits at most `seconds` (0) for one to
-- finish. Tells the client's `log` what happened.
function methods.poll(client, seconds)
  local unfinished = core_poll(client, seconds)
  local log = client:functions().log
  if log then
    for _, event in ipairs(client:events()) do pcall(log, event) end
  end
  return unfinished
end

-- batch -------------------------------------------------------------------------------------------------------------

-- As many as a client may have connections: more calls would only wait in line.
local CONCURRENCY = 50

local operation_names = {}
for _, operation in ipairs(core.operations) do operation_names[operation.name] = true end

local function check_requests(requests)
  if type(requests) ~= "table" then error("batch takes a list of requests", 3) end
  for i, request in ipairs(requests) do
    local name = type(request) == "table" and request[1]
    if not operation_names[name] or type(request[2]) ~= "table" then
      error(string.format("request %d must be { operation, arguments }", i), 3)
    end
  end
end

local batch_options = { concurrency = "number", progress = "function" }

local function check_batch_options(options)
  for key, value in pairs(options) do
    local wanted = batch_options[key]
    if not wanted then error("bad option '" .. tostring(key) .. "' (unknown)", 3) end
    if type(value) ~= wanted then error("bad option '" .. key .. "' (" .. wanted .. " expected)", 3) end
  end
  local concurrency = options.concurrency
  if concurrency and (concurrency < 1 or concurrency ~= math.floor(concurrency)) then
    error("bad option 'concurrency' (a whole number of at least 1 expected)", 3)
  end
end

-- The requests of one batch, as a flow's source.
local Batch = {}
Batch.__index = Batch

function Batch:ready() return self.started < #self.requests end

function Batch:next()
  self.started = self.started + 1
  local request = self.requests[self.started]
  return self.started, request[1], request[2]
end

function Batch:take(i, result)
  self.results[i] = result
  self.done = self.done + 1
end

local function run_batch(client, requests, options)
  local batch = setmetatable({ requests = requests, results = {}, started = 0, done = 0 }, Batch)
  local calls = flow.new(client, batch, options.concurrency or CONCURRENCY)
  local progress = options.progress and function() options.progress(batch.done, #requests) end
  wait.protect(client, function() calls:run(progress) end, function() calls:cancel() end)
  return batch.results
end

local function refuse_all(client, requests)
  local results = {}
  for i, request in ipairs(requests) do results[i] = { err = wait.refusal(client, request[1]) } end
  return results
end

--- client:batch(requests [, options]) → an array in the order given, each { data=, info= } or { err= }.
-- A request is { operation, arguments }. Options: `concurrency` (calls under way at a time, 50), `progress` (a function
-- of done, total).
function methods.batch(client, requests, options)
  options = options or {}
  check_requests(requests)
  check_batch_options(options)
  if wait.refusal(client) then return refuse_all(client, requests) end
  return run_batch(client, requests, options)
end

return methods
