---@meta exotel.client

---Options of one call, instead of the client's.
---@class exotel.client.CallOptions
---@field timeout? number seconds for one attempt
---@field deadline? number seconds for the whole call with its retries and waits
---@field retries? integer how often it may be repeated
---@field validate? boolean false leaves the checking of values to the service
---@field keep_answer? boolean true: `info.answer`, or `err.answer`, is the answer as it came, but for secrets
---@field body? string sent in place of that made from the arguments, which are checked all the same; no secret in it is kept out of errors. For trying out what the service makes of it
---@field content_type? string of the body; "application/json" without it

---An answer as it came, for `keep_answer`. Key, token and passwords among the arguments are asterisks.
---@class exotel.client.Answer
---@field status integer of HTTP
---@field headers string lines, from the status line on, each ended by CR LF
---@field body string

---What is known about a successful call, besides its data.
---@class exotel.client.Info
---@field request_id? string the service's
---@field http_status? integer
---@field code? integer the answer's own, where it has one
---@field metadata? table as the service sent it: of lists and batches
---@field attempts integer how often it was sent; 0 when `ensure` found it and sent nothing
---@field elapsed number seconds since it began, waits included
---@field server_time? integer the service's clock, in seconds since 1970
---@field warnings string[] oddities of the answer, which could be read all the same
---@field next? exotel.client.Page of a list: the next page's arguments, nil on the last page
---@field answer? exotel.client.Answer with `keep_answer`
---@field adopted? boolean with `ensure`: it was there, or came to be by a reply that was lost

---Where the next page of a list begins.
---@class exotel.client.Page
---@field offset integer
---@field page_size? integer

---An event, for `log`.
---@class exotel.client.Event
---@field event "attempt"|"wait" `wait` precedes the next attempt, or the first one where the rate limit holds it back
---@field operation? string nil for a wait before a call is begun, as a bulk import makes it
---@field method? string of HTTP
---@field path? string with its query
---@field attempt integer counted from 1; of a wait, how many were made before it
---@field seconds number how long the attempt took, or how long the wait will be
---@field outcome? string of an attempt: `ok`, or an error's kind
---@field status? integer of HTTP, where there was an answer
---@field request_id? string the service's
---@field reason? string of the failure or of the wait, where it is not obvious

---A write that is over, for `on_write`: one that the service has answered, with all its attempts, or that was given up. A batch is as many writes as it has items. What was never sent is none.
---@class exotel.client.Write
---@field operation string
---@field about table<string,string> what was sent, without secrets, and of the answer what says which thing it is (`id`, `trunk_sid`, the number of a mapping that was removed); a value of more than 200 bytes is cut
---@field outcome string `ok`, or an error's kind
---@field maybe_applied boolean it failed, and may have had effect
---@field attempts integer
---@field seconds number since it began, waits included
---@field status? integer of HTTP, where there was an answer
---@field request_id? string the service's

---One of many calls: `{ operation, arguments }`.
---@class exotel.client.Request
---@field [1] exotel.Operation the operation
---@field [2] table its arguments

---The result of one of many calls: `data` and `info`, or `err`.
---@class exotel.client.Result
---@field data? table
---@field info? exotel.client.Info
---@field err? exotel.error.Error

---Options of a batch.
---@class exotel.client.BatchOptions
---@field concurrency? integer calls under way at a time (50)
---@field progress? fun(done:integer,total:integer) is called whenever calls have finished

---A client, as `exotel.client` makes it.
---@class exotel.client.Client
local Client = {}

---Iterates over the items of all pages of a list. Pages are fetched as they are needed.
---Raises on misuse, at once.
---@param operation exotel.ListOperation
---@param arguments table as of the operation
---@return fun():table iterator which raises the error object when a page can't be had or repeats
function Client:each(operation, arguments) end

---Advances all calls, and passes what happened to the client's `log`.
---@param seconds? number to wait at most until a call finishes; 0 never blocks (0)
---@return integer unfinished the number of unfinished calls
function Client:poll(seconds) end

---Starts a call, which `poll` advances: validates, builds the request and queues it, without any network I/O. Keep the call: one that is collected is cancelled.
---Raises for an unknown operation, arguments that are no table, and options as `exotel.client` does.
---@param operation exotel.Operation
---@param arguments table as of the operation
---@param options? exotel.client.CallOptions
---@return exotel.client.Call call
function Client:start(operation, arguments, options) end

---For an event loop: a descriptor that is readable when `poll(0)` has something to do, whoever starts, ends or polls calls, and once after the client was closed. So a client is an object that cqueues can wait for. It stays open until the client is collected; a process that was forked off has another one.
---@return integer descriptor nil where there is none: only Linux has it
function Client:pollfd() end

---For an event loop: when `poll(0)` wants to be called whatever the descriptor shows. What is due by time makes the descriptor readable, too; without a descriptor this tells how often to poll.
---@return number seconds nil when it need not be called: nothing is under way
function Client:timeout() end

---For an event loop: what the descriptor is to be watched for.
---@return string events `"r"`: until it can be read
function Client:events() end

---Closes the client: calls under way are cancelled. `<close>` and the collector do the same. Closing twice is harmless, and using a closed client raises.
function Client:close() end

---Makes many calls at once. A failure of one does not stop the others.
---Raises for a malformed request or option; an error of the progress function, after cancelling the calls under way.
---@param requests exotel.client.Request[]
---@param options? exotel.client.BatchOptions
---@return exotel.client.Result[] results in the order given
function Client:batch(requests, options) end

---A call, as `client:start` makes it.
---@class exotel.client.Call
local Call = {}

---Whether it has finished.
---@return boolean finished
function Call:finished() end

---Its result; may be read more than once.
---Raises while it is not finished.
---@return table? data
---@return exotel.client.Info|exotel.error.Error info
function Call:result() end

---Ends it with an error of kind `cancelled`, unless it is finished.
function Call:cancel() end

---A client: a method for every operation, all pages of a list, many calls at once, and calls without waiting. Every operation is a method of that name, made from the C core's table of operations; each has a page of its own. `tostring(client)` shows account and host, never key or token.
---@class exotel.client
local M = {}

return M
