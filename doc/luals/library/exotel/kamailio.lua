---@meta exotel.kamailio

---The options of a process.
---@class exotel.kamailio.Options
---@field client? exotel.Options what is absent comes from the environment
---@field timeout? number seconds until a job is answered, including its time in the queue. Keep it below tm's `fr_timer` (5)
---@field queue? string the mqueue's name ("exotel")
---@field queue_size? integer jobs that may wait in the queue, and calls that may be under way (1000)
---@field heartbeat? string the shared variable (`$shv`) in which the pump shows that it is alive ("exotel_pump")
---@field directory? exotel.kamailio.Directory is refreshed by the pump
---@field native? boolean whether routes are those of kamailio.cfg: true without a function `ksr_request_route`

---What differs for one job.
---@class exotel.kamailio.JobOptions
---@field timeout? number seconds until it is answered, including its time in the queue

---The directory that the pump refreshes, and all processes read.
---@class exotel.kamailio.Directory
---@field path string of the file; as the first element of the table it needs no name
---@field every? number seconds from one refresh to the next (300)
---@field requests_per_minute? integer of a refresh; half of the client's `rate_limit` without it

---Calls that never block a SIP worker: the worker suspends its transaction and puts a job into a queue, one process (the pump) makes the calls, and the transaction continues in the pump with the result. The configuration for it is in doc/guides/kamailio.md.
---@class exotel.kamailio
local M = {}

---Sets up this process, at the script's top level. Makes no request.
---Raises for an error in the options or the environment, so that Kamailio doesn't start with it.
---@param options? exotel.kamailio.Options
function M.setup(options) end

---The directory of `setup`, for all routes: look-ups in it never wait.
---Raises where `setup` was given none.
---@return exotel.directory.Directory directory
function M.directory() end

---The result of the job that this route continues, as the client's method would return it.
---Raises in any other route.
---@return table? data
---@return exotel.client.Info|exotel.error.Error info
function M.result() end

---Suspends the transaction (created where there is none yet) until the job is answered.
---Raises on misuse, with nothing suspended.
---@param operation exotel.Operation
---@param arguments table as of the operation
---@param resume string the route in which it continues, in the pump's process: of a native configuration, or the function of that name
---@param options? exotel.kamailio.JobOptions
---@return boolean? suspended true: the route that called should end
---@return exotel.error.Error? err kind `unavailable`: nothing was suspended or sent. `result` returns this error, so that `resume` can be called at once
function M.suspend(operation, arguments, resume, options) end

---Queues a job without waiting for its result.
---Raises on misuse.
---@param operation exotel.Operation
---@param arguments table as of the operation
---@param callback? string the global function that is called in the pump's process with arguments, data, info, or with arguments, nil, err
---@param options? exotel.kamailio.JobOptions
---@return boolean? queued true
---@return exotel.error.Error? err kind `unavailable`: it was not queued
function M.post(operation, arguments, callback, options) end

---Takes jobs from the queue, makes their calls and delivers their results; run by one rtimer. In a native configuration it hands out one transaction at a time, in `$var(exotel_index)`, `$var(exotel_label)` and `$var(exotel_route)`: "" in the last one when there is none for now.
---@return integer success 1, for Kamailio
function M.pump() end

return M
