---@meta exotel.client

---What differs for one call; what is absent is as the client has it.
---@class exotel.client.CallOptions
---@field timeout? number seconds for one attempt
---@field deadline? number seconds for the whole call with its retries and waits
---@field retries? integer how often it may be repeated

---What is known of a call that succeeded, besides its data.
---@class exotel.client.Info
---@field request_id? string the service's
---@field http_status? integer
---@field code? integer the answer's own, where it has one
---@field metadata? table as the service sent it: of lists and batches
---@field attempts integer how often it was sent; 0 for what `ensure` found without sending anything
---@field elapsed number seconds since it began, waits included
---@field server_time? integer what the service's clock said, in seconds since 1970
---@field warnings string[] what was odd about the answer, though it could be read
---@field next? exotel.client.Page of a list: the next page's arguments, nil on the last page
---@field adopted? boolean with `ensure`: it was there, or came to be by a reply that was lost

---Where the next page of a list begins.
---@class exotel.client.Page
---@field offset integer
---@field page_size? integer

---What `log` is told.
---@class exotel.client.Event
---@field event "attempt"|"wait" `wait` comes before the next attempt
---@field operation string
---@field method string of HTTP
---@field path string with its query
---@field attempt integer counted from 1
---@field seconds number how long the attempt took, or how long the wait will be
---@field outcome? string of an attempt: `ok`, or an error's kind
---@field status? integer of HTTP, where there was an answer
---@field request_id? string the service's
---@field reason? string why it failed so, or why it is waited for, where that is worth saying

---One of many calls: `{ operation, arguments }`.
---@class exotel.client.Request
---@field [1] exotel.Operation the operation
---@field [2] table its arguments

---What became of one of many calls: `data` and `info`, or `err`.
---@class exotel.client.Result
---@field data? table
---@field info? exotel.client.Info
---@field err? exotel.error.Error

---How many calls are made.
---@class exotel.client.BatchOptions
---@field concurrency? integer calls under way at a time (50)
---@field progress? fun(done:integer,total:integer) is called when calls have finished

---A client, as `exotel.client` makes it.
---@class exotel.client.Client
local Client = {}

---Iterates over the items of all pages of a list, fetched as they are needed.
---Raises on misuse, at once.
---@param operation exotel.ListOperation
---@param arguments table as of the operation
---@return fun():table iterator which raises the error object when a page can't be had or repeats
function Client:each(operation, arguments) end

---Moves all calls on, and tells the client's `log` what happened.
---@param seconds? number for which it waits at most until a call finishes; 0 never blocks (0)
---@return integer unfinished how many calls are
function Client:poll(seconds) end

---Starts a call for `poll` to move on: validates, builds the request and queues it, without any network I/O. Keep the call: one that is collected is cancelled.
---Raises for an unknown operation, arguments that are no table, and options as `exotel.client` does.
---@param operation exotel.Operation
---@param arguments table as of the operation
---@param options? exotel.client.CallOptions
---@return exotel.client.Call call
function Client:start(operation, arguments, options) end

---Ends the client: what is under way is cancelled. `<close>` and the collector do the same; twice is harmless, and using a closed client raises.
function Client:close() end

---Makes many calls at once. One that fails keeps no other from being made.
---Raises for a request or an option that is none; what the progress function raises ends the calls and is passed on.
---@param requests exotel.client.Request[]
---@param options? exotel.client.BatchOptions
---@return exotel.client.Result[] results in the order given
function Client:batch(requests, options) end

---A call under way, as `client:start` makes it.
---@class exotel.client.Call
local Call = {}

---Whether it has come to its end.
---@return boolean finished
function Call:finished() end

---What came of it, again and again.
---Raises while it is not finished.
---@return table? data
---@return exotel.client.Info|exotel.error.Error info
function Call:result() end

---Ends it with an error of kind `cancelled`, unless it is finished.
function Call:cancel() end

---A client: a method for every operation, all pages of a list, many calls at once, and the engine itself. Every operation is a method of that name, made from the C core's table of operations; each has a page of its own. `tostring(client)` shows account and host, never key or token.
---@class exotel.client
local M = {}

return M
