--- What a successful answer shows otherwise than it was sent: the service has ignored it.
local compare = require "exotel.resources.compare"
local errors = require "exotel.error"
local values = require "exotel.resources.values"

local M = {}

local function is_plain(value) return type(value) == "string" or type(value) == "number" end

-- A field that the answer doesn't show is not known to differ.
local function first_difference(sent, answered)
  for _, name in ipairs(values.sorted_names(sent)) do
    local value = answered[name]
    if is_plain(value) and tostring(value) ~= tostring(sent[name]) then return name end
  end
end

--- ignored.check(operation, sent, answered, info) → nil, or the err that names the first field which came back
-- otherwise. `sent` and `answered`: fields by name; `info`: the call's.
function M.check(operation, sent, answered, info)
  local name = first_difference(sent, answered)
  if not name then return nil end
  return errors.new {
    kind = "protocol", operation = operation, field = name, http_status = info.http_status, code = info.code,
    request_id = info.request_id, attempts = info.attempts, elapsed = info.elapsed,
    message = ('%s: sent "%s", the service answered "%s"'):format(name, tostring(sent[name]),
      tostring(answered[name])),
  }
end

local function copy(fields)
  local result = {}
  for name, value in pairs(fields) do result[name] = value end
  return result
end

-- The answer's fields. What one must have is taken as it was sent where the answer doesn't show it.
local function answered_fields(kind, sent, answered)
  local source = copy(answered)
  for _, name in ipairs(kind.required) do
    if source[name] == nil then source[name] = sent[name] end
  end
  return compare.readable(kind, { source })[1] and kind.fields(source) or {}
end

--- ignored.check_item(operation, kind, sent, answered, info): the same for an item of a kind, by its canonical fields.
function M.check_item(operation, kind, sent, answered, info)
  return M.check(operation, sent, answered_fields(kind, sent, answered), info)
end

return M
