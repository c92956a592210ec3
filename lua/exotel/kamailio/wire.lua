--- Jobs as text, in which they go through the queue from a SIP worker to the pump. Strings may hold any bytes.
--
--     t f z               true, false, exotel.null
--     d<number>;          a number
--     s<length>:<bytes>   a string
--     {<key><value>…}     a table
local null = require("exotel.core").null

local M = {}

local write

local writers = {
  boolean = function(value) return value and "t" or "f" end,
  number = function(value) return ("d%.17g;"):format(value) end,
  string = function(value) return "s" .. #value .. ":" .. value end,
  table = function(value, depth)
    if depth > 8 then error("a job's tables are nested too deep", 0) end
    local parts = { "{" }
    for key, item in pairs(value) do parts[#parts + 1] = write(key, depth) .. write(item, depth) end
    return table.concat(parts) .. "}"
  end,
}

function write(value, depth)
  if value == null then return "z" end
  local writer = writers[type(value)]
  if not writer then error("a job can't hold a " .. type(value), 0) end
  return writer(value, depth + 1)
end

--- wire.encode(value) → text. Raises for functions, userdata, and tables that are nested too deep.
function M.encode(value) return write(value, 0) end

-- By a value's first byte: each reader takes the text and the position after that byte; → the value, and the position
-- after it.
local readers = {}

local function read(text, at)
  local reader = readers[text:sub(at, at)]
  if not reader then error("not a job: byte " .. at, 0) end
  return reader(text, at + 1)
end

readers["t"] = function(_, at) return true, at end
readers["f"] = function(_, at) return false, at end
readers["z"] = function(_, at) return null, at end

readers["d"] = function(text, at)
  local digits, after = text:match("^([^;]+);()", at)
  local number = tonumber(digits)
  if not number then error("not a job: number at byte " .. at, 0) end
  return number, after
end

readers["s"] = function(text, at)
  local digits, first = text:match("^(%d+):()", at)
  local after = digits and first + tonumber(digits)
  if not after or after > #text + 1 then error("not a job: string at byte " .. at, 0) end
  return text:sub(first, after - 1), after
end

readers["{"] = function(text, at)
  local value = {}
  while text:sub(at, at) ~= "}" do
    local key, after = read(text, at)
    value[key], at = read(text, after)
  end
  return value, at + 1
end

--- wire.decode(text) → value; or nil, message for a text that is none of wire.encode's.
function M.decode(text)
  local good, value, after = pcall(read, text, 1)
  if not good then return nil, value end
  if after ~= #text + 1 then return nil, "not a job: more follows at byte " .. after end
  return value
end

return M
