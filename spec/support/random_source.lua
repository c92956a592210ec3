--- Specifications written out at random: with comments, empty lines, spaces, quotes and brackets as anybody may write
-- them, in Lua and in JSON. The lines of all values are known.
local json = require "exotel.json"

local random_source = {}

local Writer = {}
Writer.__index = Writer

function Writer:put(text)
  self.parts[#self.parts + 1] = text
  self.line = self.line + select(2, text:gsub("\n", ""))
end

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- The keys in any order, but those of a list.
local function shuffled(random, value)
  local keys = sorted_keys(value)
  if #value > 0 then
    for i = 1, #value do keys[i] = i end
    return keys
  end
  for i = #keys, 2, -1 do
    local j = random.below(i) + 1
    keys[i], keys[j] = keys[j], keys[i]
  end
  return keys
end

local function path_of(path, key)
  if type(key) == "number" then return ("%s[%d]"):format(path, key) end
  return path == "" and key or path .. "." .. key
end

-- ---- Lua ----

local COMMENTS = { "-- c%d\n", "--[[ c%d ]]", "--[==[ c%d\n ]] ]==]", "--c%d }\n", "-- c%d = { \"\n" }

-- What may stand between two tokens.
local function gap(writer)
  local random = writer.random
  for _ = 1, random.one_of { 0, 1, 1, 2 } do
    if random.chance(20) and not writer.without_comments then
      writer.comments = writer.comments + 1
      writer:put((random.one_of(COMMENTS):format(writer.comments)))
    else
      writer:put(random.one_of { " ", "\n", "\n\n", "  ", "\t", "\n\n\n" })
    end
  end
end

local function lua_string(random, text)
  if text:find('[%c"\\]') then return ("%q"):format(text):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("%z", "\\0") end
  local level = random.one_of { '"%s"', "'%s'", '"%s"', "[[%s]]", "[==[%s]==]" }
  if text:find("[]']") then return '"' .. text .. '"' end
  return level:format(text)
end

local function lua_key(writer, key)
  local random = writer.random
  if key:find("^[%a_][%w_]*$") and key ~= "end" and random.chance(70) then return writer:put(key) end
  writer:put "["
  gap(writer)
  writer:put(" " .. lua_string(random, key) .. " ")
  gap(writer)
  writer:put "]"
end

local function lua_value(writer, value, path)
  local random = writer.random
  if type(value) ~= "table" then
    return writer:put(type(value) == "string" and lua_string(random, value) or json.encode(value))
  end
  writer:put "{"
  gap(writer)
  local keys = shuffled(random, value)
  for i, key in ipairs(keys) do
    gap(writer)
    local inside = path_of(path, key)
    writer.lines[inside] = writer.line
    if type(key) == "string" then
      lua_key(writer, key)
      gap(writer)
      writer:put "="
      gap(writer)
    end
    lua_value(writer, value[key], inside)
    gap(writer)
    if i < #keys or random.chance(50) then writer:put(random.one_of { ",", ";" }) end
    gap(writer)
  end
  writer:put "}"
end

local function new_writer(random, options)
  return setmetatable({ random = random, parts = {}, line = 1, lines = {}, comments = 0, without_comments = options.plain }, Writer)
end

--- random_source.lua(random, value, options) → text, the lines by path, how many comments it has. `options`: plain (no
-- comments).
function random_source.lua(random, value, options)
  local writer = new_writer(random, options or {})
  if random.chance(30) then writer:put "#!/usr/bin/env exotel\n" end
  gap(writer)
  writer:put "return "
  gap(writer)
  lua_value(writer, value, "")
  gap(writer)
  if random.chance(30) then writer:put ";" end
  gap(writer)
  return table.concat(writer.parts), writer.lines, writer.comments
end

-- ---- JSON ----

local function json_gap(writer) writer:put(writer.random.one_of { "", " ", "\n", "\r\n", "\t", "\n\n" }) end

local function json_value(writer, value, path)
  if type(value) ~= "table" then return writer:put(json.encode(value)) end
  local is_list = #value > 0 or json.encode(value) == "[]"
  writer:put(is_list and "[" or "{")
  json_gap(writer)
  for i, key in ipairs(shuffled(writer.random, value)) do
    if i > 1 then writer:put "," end
    json_gap(writer)
    local inside = path_of(path, key)
    writer.lines[inside] = writer.line
    if not is_list then
      writer:put(json.encode(key))
      json_gap(writer)
      writer:put ":"
      json_gap(writer)
    end
    json_value(writer, value[key], inside)
    json_gap(writer)
  end
  writer:put(is_list and "]" or "}")
end

--- The same in JSON.
function random_source.json(random, value)
  local writer = new_writer(random, {})
  json_gap(writer)
  json_value(writer, value, "")
  json_gap(writer)
  return table.concat(writer.parts), writer.lines, 0
end

return random_source
