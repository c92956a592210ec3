--- JSON for files and output: the strict reader of the C core, and a writer whose text is the same with every Lua.
-- @module exotel.json
local core = require "exotel.core"

local M = {}

-- As deep as the reader reads.
local DEPTH_MAX = 64

-- Reading ------------------------------------------------------------------------------------------------------------

--- Reads strict JSON (RFC 8259, UTF-8), at most 64 levels, 1,000,000 values and 32 MiB. An object becomes a table by
-- name, an array a sequence (an empty one is written as `[]` again), null nil, but exotel.null in an array, where all
-- keep their places. An integer of more than 15 digits, and one under `id` or a name that ends in `_id` or `_sid`, is a
-- string. Refused are a name that stands twice in one object, a number that no double holds, a NUL, and texts that take
-- far longer than usual to read, as some made for that do.
-- @tparam string text
-- @treturn any value
-- @treturn[2] nil
-- @treturn[2] string message of `null` there is none
-- @treturn[2] integer line where it is known
function M.decode(text)
  if type(text) ~= "string" then error("json.decode takes a string, got " .. type(text), 2) end
  return core.json_decode(text)
end

-- Writing ------------------------------------------------------------------------------------------------------------

local escapes = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end

-- What is being written: `step`, the indent of a level or nil, and `path`, the names and indexes that lead to the
-- value, as many as it is deep. Most values are good, so the path becomes text only for one that is not.
local function place_of(state, depth)
  local parts = {}
  for i = 1, depth do
    local step = state.path[i]
    parts[i] = type(step) == "number" and "[" .. step .. "]" or (i == 1 and step or "." .. step)
  end
  return table.concat(parts)
end

local function refuse(place, what)
  error("json.encode: " .. (place == "" and "the value" or place) .. " " .. what, 0)
end

local function string_text(text, state, depth)
  if not core.valid_utf8(text) then refuse(place_of(state, depth), "is not valid UTF-8") end
  return '"' .. core.escape(text:gsub('[%c"\\]', escape), "json") .. '"'
end

-- The shortest of two forms that reads as the same number. A comma is some locales' point.
local function number_text(number, state, depth)
  if number ~= number or number == math.huge or number == -math.huge then
    refuse(place_of(state, depth), "is no finite number")
  end
  if number == math.floor(number) and math.abs(number) < 1e15 then return ("%d"):format(number) end
  if math.type and math.type(number) == "integer" then return ("%d"):format(number) end
  local short = ("%.15g"):format(number)
  return ((tonumber(short) == number and short or ("%.17g"):format(number)):gsub(",", "."))
end

local function is_array(value)
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  local sequence = count == #value
  if getmetatable(value) == core.array_metatable then return true, sequence end
  return sequence and count > 0, sequence
end

local function sorted_names(value, state, depth)
  local names = {}
  for name in pairs(value) do
    if type(name) ~= "string" then
      refuse(place_of(state, depth), "has the key " .. tostring(name) .. " among others")
    end
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local write

-- What stands between brackets: on lines of their own where an indent is asked for.
local function enclose(parts, opening, closing, step, margin)
  if #parts == 0 then return opening .. closing end
  if not step then return opening .. table.concat(parts, ",") .. closing end
  local inner = "\n" .. margin .. step
  return opening .. inner .. table.concat(parts, "," .. inner) .. "\n" .. margin .. closing
end

local function write_array(value, state, margin, depth)
  local parts, inner = {}, margin .. (state.step or "")
  for i, item in ipairs(value) do
    state.path[depth + 1] = i
    parts[i] = write(item, state, inner, depth + 1)
  end
  return enclose(parts, "[", "]", state.step, margin)
end

local function write_object(value, state, margin, depth)
  local parts, inner, colon = {}, margin .. (state.step or ""), state.step and ": " or ":"
  for i, name in ipairs(sorted_names(value, state, depth)) do
    state.path[depth + 1] = name
    parts[i] = string_text(name, state, depth + 1) .. colon .. write(value[name], state, inner, depth + 1)
  end
  return enclose(parts, "{", "}", state.step, margin)
end

local function write_table(value, state, margin, depth)
  if depth >= DEPTH_MAX then
    refuse(place_of(state, depth):sub(1, 60), "is nested more than 64 levels deep, or holds itself")
  end
  local array, sequence = is_array(value)
  if not array then return write_object(value, state, margin, depth) end
  if not sequence then refuse(place_of(state, depth), "is an array with holes or names") end
  return write_array(value, state, margin, depth)
end

local writers = {
  ["nil"] = function() return "null" end,
  boolean = function(value) return tostring(value) end,
  number = function(value, state, _, depth) return number_text(value, state, depth) end,
  string = function(value, state, _, depth) return string_text(value, state, depth) end,
  table = write_table,
}

function write(value, state, margin, depth)
  if value == core.null then return "null" end
  local writer = writers[type(value)]
  if not writer then refuse(place_of(state, depth), "is a " .. type(value)) end
  return writer(value, state, margin, depth)
end

local function check_options(options)
  for key, value in pairs(options) do
    if key ~= "indent" then error("bad option '" .. tostring(key) .. "' (unknown)", 3) end
    if type(value) ~= "number" or value < 0 or value > 16 or value ~= math.floor(value) then
      error("bad option 'indent' (a whole number from 0 to 16 expected)", 3)
    end
  end
end

--- How JSON is written.
-- @table Options
-- @tfield[opt] integer indent spaces a level, each item on a line of its own

--- Writes JSON. Names are sorted. A table that is a sequence is an array, `{}` an object unless `array` has marked it;
-- exotel.null and nil are null.
-- @tparam any value
-- @tparam[opt] exotel.json.Options options
-- @treturn string text
-- @raise with the place, for what JSON can't say: other types, NaN and infinities, text that isn't UTF-8, holes, mixed
-- keys, more than 64 levels, a table that holds itself
function M.encode(value, options)
  check_options(options or {})
  local indent = options and options.indent
  local good, text = pcall(write, value, { step = indent and (" "):rep(indent), path = {} }, "", 0)
  if good then return text end
  error(text, 2)
end

--- Marks a table as an array, so that it is one in JSON when it is empty, too. The mark is its metatable.
-- @tparam table sequence
-- @treturn table sequence the same
function M.array(sequence)
  if type(sequence) ~= "table" then error("json.array takes a table, got " .. type(sequence), 2) end
  return setmetatable(sequence, core.array_metatable)
end

return M
