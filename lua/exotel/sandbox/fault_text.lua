--- Faults as text: on=map_phone_number,status=500,times=3.

local faults = require "exotel.sandbox.faults"
local routes = require "exotel.sandbox.routes"

local fault_text = {}

local function fail(message, word, known) error({ message = message, word = word, known = known }, 0) end

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

-- What is written as header=NAME: VALUE, once for each, is one table.
local function known_keys()
  local keys = { header = true }
  for name in pairs(faults.keys) do keys[name] = name ~= "headers" or nil end
  return sorted(keys)
end

local function number(key, text)
  return tonumber(text) or fail(("%s should be a number, not %s"):format(key, text))
end

local function operation(key, text)
  if text == "*" or routes.operations[text] then return text end
  fail(("%s: there is no operation '%s'"):format(key, text), text, sorted(routes.operations))
end

-- By what faults.keys says of a key.
local READERS = {
  operation = operation, seconds = number, bytes = number, status = number, count = number,
  text = function(_, text) return text end,
  times = function(key, text) return text == "all" or number(key, text) end,
}

local function add_header(fault, text)
  local name, value = text:match("^%s*([^:]-)%s*:%s*(.*)$")
  if not name then fail(("header should be NAME: VALUE, not %s"):format(text)) end
  fault.headers = fault.headers or {}
  fault.headers[name] = value
end

local function add(fault, key, value)
  if key == "header" then return add_header(fault, value or "") end
  local kind = key ~= "headers" and faults.keys[key]
  if not kind then fail(("unknown key '%s'"):format(key), key, known_keys()) end
  if fault[key] ~= nil then fail(("%s is there twice"):format(key)) end
  if kind == "flag" and value then fail(("%s takes no value"):format(key)) end
  if kind ~= "flag" and not value then fail(("%s needs a value: %s=..."):format(key, key)) end
  fault[key] = kind == "flag" or READERS[kind](key, value)
end

local function trimmed(text) return text:match("^%s*(.-)%s*$") end

local function add_part(fault, part)
  local key, value = part:match("^([^=]*)=(.*)$")
  key = trimmed(key or part)
  if key == "" then fail("a key is missing") end
  add(fault, key, value and key ~= "body" and trimmed(value) or value)
end

-- A body is all that follows.
local function read(text)
  local fault, position = {}, 1
  while position <= #text + 1 do
    local part = text:match("^%s*body=.*", position) or text:match("^[^,]*", position)
    add_part(fault, part)
    position = position + #part + 1
  end
  faults.read(fault)
  return fault
end

--- → the fault; or nil, a message, and where a word is not known, it and those that are
function fault_text.read(text)
  local fine, result = pcall(read, text)
  if fine then return result end
  if type(result) == "table" then return nil, result.message, result.word, result.known end
  return nil, (tostring(result):gsub("^fault: ", ""))
end

return fault_text
