---@meta exotel.error

---What went wrong, as a program can act on it.
---@alias exotel.error.Kind
---| "config" # options, environment, a file, too many open files, a phase of nginx in which no call can wait, or a libcurl that can't send the request: `message` says what to do
---| "invalid_argument" # an argument, before anything was sent: `field` says which
---| "authentication" # 401: key, token or region
---| "permission" # 403
---| "not_found" # 404
---| "conflict" # 409, also inside an HTTP 200: it exists already; of a plan, that the service has changed since
---| "rate_limited" # 429: `retry_after` is the time to wait
---| "rejected" # any other 4xx
---| "server" # 5xx
---| "partial" # some items of a batch failed: see `succeeded` and `failed`
---| "network" # no answer
---| "timeout" # no answer in time
---| "tls" # no connection that can be trusted
---| "protocol" # an answer that can't be understood; of a change, one that shows another value than was sent
---| "cancelled" # by `call:cancel()`, `client:close()` or a `stop`
---| "unavailable" # in Kamailio: the job was not queued, and nothing sent

---An error. No field holds the API token, the Authorization header or a credential's password.
---@class exotel.error.Error
---@field kind exotel.error.Kind
---@field message string
---@field operation? string the operation's name
---@field field? string of `invalid_argument` and `config`: its full name, as `destinations[2].destination`
---@field file? string that can't be read, or that has what is wrong with a specification
---@field line? integer in that file, where it is known
---@field problems? exotel.provision.Problem[] all that is wrong with specifications
---@field http_status? integer
---@field code? integer|string the service's own, as 1008
---@field description? string the service's own words
---@field request_id? string the service's
---@field retry_after? integer seconds after which the service asks to be called again
---@field attempts integer how often the request was sent
---@field elapsed number seconds since the call began, waits included
---@field server_time? integer the service's clock, in seconds since 1970
---@field retryable boolean whether the same call may be repeated: the failure may be transient, and there is no second effect
---@field maybe_applied boolean true when a write was sent and its outcome is not known: read back before repeating it
---@field reason? string why it was not repeated, where that is not obvious
---@field body? string the answer as received, at most 64 KiB
---@field answer? exotel.client.Answer with the call's option `keep_answer`
---@field succeeded? exotel.error.Item[] of `partial`
---@field failed? exotel.error.Item[] of `partial`

---One item of a batch in which some failed.
---@class exotel.error.Item
---@field index integer its position in the list that was sent
---@field sent? table
---@field data? table of one that succeeded, as the service returned it
---@field code? integer|string of one that failed, the service's own
---@field message? string
---@field description? string

---The error object, as in `nil, err`. `tostring` makes one line of it.
---@class exotel.error
local M = {}

---Makes an error object that does not come from the service.
---@param fields table of an Error: `kind` and `message`, and others where known
---@return exotel.error.Error err the same table
function M.new(fields) end

---Whether a value is an error object of this library.
---@param value any
---@return boolean is
function M.is(value) end

return M
