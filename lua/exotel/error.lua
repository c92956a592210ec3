--- The error object: what `nil, err` carries. Its fields are described in the README, "Errors".
local core = require "exotel.core"

local M = {}
local metatable = core.error_metatable

local function add(parts, format, value)
  if value ~= nil then parts[#parts + 1] = string.format(format, tostring(value)) end
end

-- What to do, where the service's own words don't say it.
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

-- What follows the service's own words.
local function notes(err)
  local parts = {}
  add(parts, "[request %s]", err.request_id)
  add(parts, "(%s)", hints[err.kind])
  if (err.attempts or 0) > 1 then add(parts, "(after %s attempts)", string.format("%d", err.attempts)) end
  add(parts, "(%s)", err.reason)
  if err.maybe_applied then add(parts, "(%s)", "it may have taken effect") end
  return parts
end

--- One line: operation, kind, HTTP status and code, message, request id, and what to know about it.
function metatable.__tostring(err)
  local parts = {}
  add(parts, "%s:", err.operation)
  add(parts, "%s", err.kind)
  add(parts, "%s", status_part(err))
  parts[#parts] = parts[#parts] .. ":"
  add(parts, "%s", text_of(err))
  for _, note in ipairs(notes(err)) do parts[#parts + 1] = note end
  return (table.concat(parts, " "):gsub("[%c]+", " "))
end

metatable.__name = "exotel.error"
metatable.__index = nil

--- An error object that did not come from the service. `fields.kind` and `fields.message` are required.
function M.new(fields)
  fields.attempts = fields.attempts or 0
  fields.elapsed = fields.elapsed or 0
  fields.retryable = fields.retryable or false
  fields.maybe_applied = fields.maybe_applied or false
  return setmetatable(fields, metatable)
end

--- Whether a value is an error object of this library.
function M.is(value)
  return type(value) == "table" and getmetatable(value) == metatable
end

return M
