--- The error object, as in `nil, err`. `tostring` makes one line of it.
-- @module exotel.error
local core = require "exotel.core"
local plain = require "exotel.text.plain"

local M = {}
local metatable = core.error_metatable

--- What went wrong, as a program can act on it.
-- @table Kind
-- @field config options, environment, a file, too many open files, a phase of nginx in which no call can wait, or a
-- libcurl that can't send the request: `message` says what to do
-- @field invalid_argument an argument, before anything was sent: `field` says which
-- @field authentication 401: key, token or region
-- @field permission 403
-- @field not_found 404
-- @field conflict 409, also inside an HTTP 200: it exists already; of a plan, that the service has changed since
-- @field rate_limited 429: `retry_after` is the time to wait
-- @field rejected any other 4xx
-- @field server 5xx
-- @field partial some items of a batch failed: see `succeeded` and `failed`
-- @field network no answer
-- @field timeout no answer in time
-- @field tls no connection that can be trusted
-- @field protocol an answer that can't be understood; of a change, one that shows another value than was sent
-- @field cancelled by `call:cancel()`, `client:close()` or a `stop`
-- @field unavailable in Kamailio: the job was not queued, and nothing sent

--- An error. No field holds the API token, the Authorization header or a credential's password.
-- @table Error
-- @tfield exotel.error.Kind kind
-- @tfield string message
-- @tfield[opt] string operation the operation's name
-- @tfield[opt] string field of `invalid_argument` and `config`: its full name, as `destinations[2].destination`
-- @tfield[opt] string file that can't be read, or that has what is wrong with a specification
-- @tfield[opt] integer line in that file, where it is known
-- @tfield[opt] exotel.provision.Problem[] problems all that is wrong with specifications
-- @tfield[opt] integer http_status
-- @tfield[opt] integer|string code the service's own, as 1008
-- @tfield[opt] string description the service's own words
-- @tfield[opt] string request_id the service's
-- @tfield[opt] integer retry_after seconds after which the service asks to be called again
-- @tfield integer attempts how often the request was sent
-- @tfield number elapsed seconds since the call began, waits included
-- @tfield[opt] integer server_time the service's clock, in seconds since 1970
-- @tfield boolean retryable whether the same call may be repeated: the failure may be transient, and there is no second
-- effect
-- @tfield boolean maybe_applied true when a write was sent and its outcome is not known: read back before repeating it
-- @tfield[opt] string reason why it was not repeated, where that is not obvious
-- @tfield[opt] string body the answer as received, at most 64 KiB
-- @tfield[opt] exotel.client.Answer answer with the call's option `keep_answer`
-- @tfield[opt] exotel.error.Item[] succeeded of `partial`
-- @tfield[opt] exotel.error.Item[] failed of `partial`

--- One item of a batch in which some failed.
-- @table Item
-- @tfield integer index its position in the list that was sent
-- @tfield[opt] table sent
-- @tfield[opt] table data of one that succeeded, as the service returned it
-- @tfield[opt] integer|string code of one that failed, the service's own
-- @tfield[opt] string message
-- @tfield[opt] string description

local function add(parts, format, value)
  if value ~= nil then parts[#parts + 1] = string.format(format, tostring(value)) end
end

-- Advice, where the service's message gives none.
local hints = {
  authentication = "check key and token, and the region: credentials belong to one",
}

local function status_part(err)
  local status = {}
  add(status, "HTTP %s", err.http_status)
  add(status, "code %s", err.code)
  if #status > 0 then return "(" .. table.concat(status, ", ") .. ")" end
end

local function text_of(err)
  local text = err.message or ""
  if err.description and err.kind ~= "partial" then text = text .. ": " .. err.description end
  return text
end

-- What follows the service's message.
local function notes(err)
  local parts = {}
  add(parts, "[request %s]", err.request_id)
  add(parts, "(%s)", hints[err.kind])
  if (err.attempts or 0) > 1 then add(parts, "(after %s attempts)", string.format("%d", err.attempts)) end
  add(parts, "(%s)", err.reason)
  if err.maybe_applied then add(parts, "(%s)", "it may have taken effect") end
  return parts
end

-- One line: operation, kind, HTTP status and code, message, request id, and notes.
function metatable.__tostring(err)
  local parts = {}
  add(parts, "%s:", err.operation)
  add(parts, "%s", err.kind)
  add(parts, "%s", status_part(err))
  parts[#parts] = parts[#parts] .. ":"
  add(parts, "%s", text_of(err))
  for _, note in ipairs(notes(err)) do parts[#parts + 1] = note end
  return plain(table.concat(parts, " "))
end

metatable.__name = "exotel.error"
metatable.__index = nil

--- Makes an error object that does not come from the service.
-- @tparam table fields of an Error: `kind` and `message`, and others where known
-- @treturn exotel.error.Error err the same table
function M.new(fields)
  fields.attempts = fields.attempts or 0
  fields.elapsed = fields.elapsed or 0
  fields.retryable = fields.retryable or false
  fields.maybe_applied = fields.maybe_applied or false
  return setmetatable(fields, metatable)
end

--- Whether a value is an error object of this library.
-- @tparam any value
-- @treturn boolean is
function M.is(value)
  return type(value) == "table" and getmetatable(value) == metatable
end

return M
