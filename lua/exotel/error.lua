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

--- One line: operation, kind, HTTP status and code, message, request id.
function metatable.__tostring(err)
  local parts = {}
  add(parts, "%s:", err.operation)
  add(parts, "%s", err.kind)
  local status = {}
  add(status, "HTTP %s", err.http_status)
  add(status, "code %s", err.code)
  if #status > 0 then parts[#parts + 1] = "(" .. table.concat(status, ", ") .. ")" end
  local text = err.message or ""
  if err.description and err.kind ~= "partial" then text = text .. ": " .. err.description end
  local line = table.concat(parts, " ") .. ": " .. text
  if err.request_id then line = line .. " [request " .. err.request_id .. "]" end
  if hints[err.kind] then line = line .. " (" .. hints[err.kind] .. ")" end
  if err.maybe_applied then line = line .. " (it may have taken effect)" end
  return (line:gsub("[%c]+", " "))
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
