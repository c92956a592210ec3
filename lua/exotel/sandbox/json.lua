--- JSON as the service reads and writes it: strictly (RFC 8259), with objects, arrays and null kept apart, and with
-- the keys of an answer in the order that the service is known to use. Plain Lua, so that a client is tested
-- against another implementation than its own.

local json = {}

local Object, Array, Record = {}, {}, {}

--- JSON null, read or written.
json.null = setmetatable({}, { __tostring = function() return "null" end })

--- Makes a table an array to be written.
function json.array(items)
  return setmetatable(items, Array)
end

--- An object to be written: `values` by the names in `keys`, one or more, in that order. A missing value is written as
-- null. `keys` stays as it is from then on.
function json.record(keys, values)
  return setmetatable({ keys = keys, values = values }, Record)
end

--- "object", "array", "null", "string", "number" or "boolean", for a value that decode returned.
function json.kind(value)
  if value == json.null then return "null" end
  local metatable = type(value) == "table" and getmetatable(value)
  if metatable == Object then return "object" end
  if metatable == Array then return "array" end
  return type(value)
end

-- Reading. Each reader takes the text and a position, and returns the value and the position after it; where the text
-- isn't JSON it raises a table with a message, which decode catches.

local MAX_DEPTH = 100
local read_value

local function fail(message, position)
  error({ message = message .. " at offset " .. position - 1 }, 0)
end

local function skip_space(text, position)
  return text:find("[^ \t\r\n]", position) or #text + 1
end

local ESCAPES = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

local function utf8_of(code)
  if code < 0x80 then return string.char(code) end
  local tail = string.char(0x80 + code % 0x40)
  code = math.floor(code / 0x40)
  if code < 0x20 then return string.char(0xC0 + code) .. tail end
  tail = string.char(0x80 + code % 0x40) .. tail
  code = math.floor(code / 0x40)
  if code < 0x10 then return string.char(0xE0 + code) .. tail end
  return string.char(0xF0 + math.floor(code / 0x40), 0x80 + code % 0x40) .. tail
end

local function read_unit(text, position)
  local digits = text:match("^\\u(%x%x%x%x)", position)
  if digits then return tonumber(digits, 16) end
end

-- A pair of surrogates is one character; a lone one is none, and read as the replacement character.
local function read_unicode_escape(text, position)
  local high = read_unit(text, position)
  if not high then fail("bad escape", position) end
  if high < 0xD800 or high > 0xDFFF then return utf8_of(high), position + 6 end
  local low = high < 0xDC00 and read_unit(text, position + 6)
  if not low or low < 0xDC00 or low > 0xDFFF then return utf8_of(0xFFFD), position + 6 end
  return utf8_of(0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00)), position + 12
end

local function read_escape(text, position)
  local letter = text:sub(position + 1, position + 1)
  if letter == "u" then return read_unicode_escape(text, position) end
  if not ESCAPES[letter] then fail("bad escape", position) end
  return ESCAPES[letter], position + 2
end

local function read_string(text, position)
  local parts = {}
  position = position + 1
  while true do
    local stop = text:find('[%c"\\]', position)
    if not stop then fail("unexpected end of JSON input", #text + 1) end
    parts[#parts + 1] = text:sub(position, stop - 1)
    local letter = text:sub(stop, stop)
    if letter == '"' then return table.concat(parts), stop + 1 end
    if letter == "\127" then
      parts[#parts + 1], position = letter, stop + 1
    elseif letter == "\\" then
      parts[#parts + 1], position = read_escape(text, stop)
    else
      fail("control character in a string", stop)
    end
  end
end

local function read_number(text, position)
  local whole = text:match("^-?0", position) or text:match("^-?[1-9]%d*", position)
  if not whole then fail("invalid character", position) end
  local stop = position + #whole
  stop = stop + #(text:match("^%.%d+", stop) or "")
  stop = stop + #(text:match("^[eE][+-]?%d+", stop) or "")
  return tonumber(text:sub(position, stop - 1)), stop
end

local function read_array(text, position, depth)
  local items = json.array({})
  position = skip_space(text, position + 1)
  if text:sub(position, position) == "]" then return items, position + 1 end
  while true do
    items[#items + 1], position = read_value(text, position, depth)
    position = skip_space(text, position)
    local letter = text:sub(position, position)
    if letter == "]" then return items, position + 1 end
    if letter ~= "," then fail("expected , or ]", position) end
    position = position + 1
  end
end

local function read_member(text, position, depth, object)
  local key, value
  position = skip_space(text, position)
  if text:sub(position, position) ~= '"' then fail("expected a key", position) end
  key, position = read_string(text, position)
  position = skip_space(text, position)
  if text:sub(position, position) ~= ":" then fail("expected :", position) end
  value, position = read_value(text, position + 1, depth)
  object[key] = value
  return skip_space(text, position)
end

local function read_object(text, position, depth)
  local object = setmetatable({}, Object)
  position = skip_space(text, position + 1)
  if text:sub(position, position) == "}" then return object, position + 1 end
  while true do
    position = read_member(text, position, depth, object)
    local letter = text:sub(position, position)
    if letter == "}" then return object, position + 1 end
    if letter ~= "," then fail("expected , or }", position) end
    position = position + 1
  end
end

local WORDS = { ["true"] = true, ["false"] = false, null = json.null }

local function read_word(text, position)
  local word = text:match("^%a+", position)
  if WORDS[word] == nil then fail("invalid character", position) end
  return WORDS[word], position + #word
end

local READERS = { ["{"] = read_object, ["["] = read_array, ['"'] = read_string }

function read_value(text, position, depth)
  position = skip_space(text, position)
  if position > #text then fail("unexpected end of JSON input", position) end
  if depth > MAX_DEPTH then fail("nested too deeply", position) end
  local letter = text:sub(position, position)
  local reader = READERS[letter] or (letter:find("%a") and read_word) or read_number
  return reader(text, position, depth + 1)
end

local function read_document(text)
  local value, position = read_value(text, 1, 1)
  position = skip_space(text, position)
  if position <= #text then fail("invalid character after the value", position) end
  return value
end

--- Reads a JSON text. → the value, or nil and a message that says what is wrong at which offset
function json.decode(text)
  local fine, result = pcall(read_document, text)
  if fine then return result end
  if type(result) ~= "table" then error(result, 0) end
  return nil, result.message
end

-- Writing.

local WRITTEN = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function write_letter(letter)
  return WRITTEN[letter] or ("\\u%04x"):format(letter:byte())
end

local write

local function write_array(items, out)
  out[#out + 1] = "["
  for i, item in ipairs(items) do
    if i > 1 then out[#out + 1] = "," end
    write(item, out)
  end
  out[#out + 1] = "]"
end

-- The text before each value of a record, cached by its list of keys: there are few of those, and many answers.
local BEFORE = setmetatable({}, { __mode = "k" })

local function texts_before(keys)
  local texts = {}
  for i, key in ipairs(keys) do texts[i] = (i == 1 and "{" or ",") .. '"' .. key .. '":' end
  BEFORE[keys] = texts
  return texts
end

local function write_record(record, out)
  local values, keys = record.values, record.keys
  for i, text in ipairs(BEFORE[keys] or texts_before(keys)) do
    out[#out + 1] = text
    write(values[keys[i]], out)
  end
  out[#out + 1] = "}"
end

local function write_table(value, out)
  local metatable = getmetatable(value)
  if metatable == Array then return write_array(value, out) end
  if metatable == Record then return write_record(value, out) end
  error("only arrays and records can be written")
end

local function write_string(text)
  if text:find('[%c"\\]') then text = text:gsub('[%c"\\]', write_letter) end
  return '"' .. text .. '"'
end

function write(value, out)
  if value == nil or value == json.null then
    out[#out + 1] = "null"
  elseif type(value) == "table" then
    write_table(value, out)
  elseif type(value) == "string" then
    out[#out + 1] = write_string(value)
  elseif type(value) == "number" then
    out[#out + 1] = ("%.14g"):format(value)
  else
    out[#out + 1] = tostring(value)
  end
end

--- Writes a value: an array, a record, json.null, nil, a string, a number or a boolean. Strings are written as they
-- are, so what is not UTF-8 stays so.
function json.encode(value)
  local out = {}
  write(value, out)
  return table.concat(out)
end

return json
