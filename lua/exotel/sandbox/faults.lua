--- Faults: what a test asks the server to do to requests, and which requests they apply to.

local routes = require "exotel.sandbox.routes"

local faults = {}

local function is_count(value) return type(value) == "number" and value >= 0 and value == math.floor(value) end

local TYPES = {
  flag = { "true", function(value) return value == true end },
  seconds = { "a number of seconds", function(value) return type(value) == "number" and value > 0 and value < 1e9 end },
  bytes = { "a number of bytes", function(value) return is_count(value) and value < 2 ^ 53 end },
  count = { "a whole number", is_count },
  times = { "a whole number from 1, math.huge or true", function(value)
    return value == true or (is_count(value) and value >= 1)
  end },
  status = { "an HTTP status from 200 to 599", function(value)
    return is_count(value) and value >= 200 and value <= 599
  end },
  text = { "a string", function(value) return type(value) == "string" end },
  headers = { "a table of strings by name", function(value) return type(value) == "table" end },
  operation = { 'the name of an operation, or "*"', function(value)
    return value == "*" or routes.operations[value] == true
  end },
}

local KEYS = {
  before = "operation", after = "operation", on = "operation",
  late = "seconds", drop = "flag", reset = "flag", hang = "flag", cut = "bytes", delay = "seconds", drip = "seconds",
  status = "status", body = "text", headers = "headers", times = "times", skip = "count",
}

-- The actions: those after which there is no reply, those that make a reply of their own, and those that alter one.
local ENDS = { "drop", "reset", "hang" }
local REPLACES = { "status", "body" }
local ALTERS = { "cut", "drip", "headers", "delay" }
local ALL_ACTIONS = "late, drop, reset, hang, cut, delay, drip, status, body or headers"

local function fail(message, ...)
  error("fault: " .. message:format(...), 0)
end

local function check_types(spec)
  for key, value in pairs(spec) do
    local kind = TYPES[KEYS[key]]
    if not kind then fail("unknown key '%s'", tostring(key)) end
    if not kind[2](value) then fail("%s should be %s, not %s", key, kind[1], tostring(value)) end
  end
end

-- The server sets these itself.
local FRAMING = { ["content-length"] = true, ["transfer-encoding"] = true, connection = true }

local function check_headers(headers)
  for name, value in pairs(headers or {}) do
    local fine = type(name) == "string" and name:find("^[%w!#$&'*+.^_`|~-]+$")
    if not fine then fail("headers: bad name %s", tostring(name)) end
    if FRAMING[name:lower()] then fail("headers: %s is the server's", name) end
    if type(value) ~= "string" and type(value) ~= "number" then fail("headers: %s should be a string", name) end
    if tostring(value):find("%c") then fail("headers: %s holds a control character", name) end
  end
end

local function given(spec, keys)
  local found = {}
  for _, key in ipairs(keys) do
    if spec[key] ~= nil then found[#found + 1] = key end
  end
  return found
end

local function check_target(spec)
  local targets = given(spec, { "before", "after", "on" })
  if #targets ~= 1 then fail("needs one of before, after and on, and only one") end
end

local function check_actions(spec)
  local ends, replaces, alters = given(spec, ENDS), given(spec, REPLACES), given(spec, ALTERS)
  local silent = spec.late and "late" or ends[1]
  if not silent and #replaces + #alters == 0 then fail("nothing to do: %s", ALL_ACTIONS) end
  if #ends > 1 then fail("%s and %s exclude each other", ends[1], ends[2]) end
  if silent and #replaces > 0 then fail("%s leaves no reply for %s", silent, replaces[1]) end
  for _, key in ipairs(alters) do
    local sensible = not silent or (key == "delay" and not spec.hang and not spec.late)
    if not sensible then fail("%s leaves no reply for %s", silent, key) end
  end
  if spec.before and not silent and #replaces == 0 then
    fail("before needs late, drop, reset, hang, status or body, since no operation is done: use on for %s", alters[1])
  end
end

--- What each key's value is: "operation", "seconds", "flag", "bytes", "status", "text", "headers", "times" or "count".
faults.keys = KEYS

--- Checks a fault as a test gives it. → the fault as the handler keeps it: { operation, after, replaces, times, skip,
-- and the actions }. Raises a message that names the key.
function faults.read(spec)
  if type(spec) ~= "table" then fail("needs a table, not a %s", type(spec)) end
  check_types(spec)
  check_headers(spec.headers)
  check_target(spec)
  check_actions(spec)
  local fault = {}
  for key, value in pairs(spec) do fault[key] = value end
  fault.operation, fault.after = spec.before or spec.after or spec.on, spec.after ~= nil and not spec.late
  fault.before, fault.on = nil, nil
  fault.drop = spec.drop or (spec.late and #given(spec, ENDS) == 0) or nil
  fault.replaces = spec.late ~= nil or #given(spec, ENDS) + #given(spec, REPLACES) > 0
  fault.times = (spec.times == true and math.huge) or spec.times or 1
  fault.skip = spec.skip or 0
  return fault
end

local function applies(fault, operation)
  if fault.operation ~= "*" and fault.operation ~= operation then return false end
  if fault.skip > 0 then
    fault.skip = fault.skip - 1
    return false
  end
  fault.times = fault.times - 1
  return true
end

--- Finds the fault for a request, the first in `list` that applies to it, and counts it.
-- `operation` may be nil: only a fault for "*" applies then. → fault, or nil
function faults.take(list, operation)
  for index, fault in ipairs(list) do
    if applies(fault, operation) then
      if fault.times < 1 then table.remove(list, index) end
      return fault
    end
  end
end

local function set_header(headers, name, value)
  for i = #headers, 1, -1 do
    if headers[i][1]:lower() == name:lower() then table.remove(headers, i) end
  end
  headers[#headers + 1] = { name, tostring(value) }
end

--- Applies a fault to a reply. → the reply
function faults.apply(fault, reply)
  reply.body = fault.body or reply.body
  for name, value in pairs(fault.headers or {}) do set_header(reply.headers, name, value) end
  for _, key in ipairs({ "drop", "reset", "hang", "cut", "delay", "drip" }) do reply[key] = fault[key] end
  return reply
end

return faults
