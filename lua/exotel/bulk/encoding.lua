--- What a file is written in: UTF-8, UTF-16 or Windows-1252, as spreadsheets save; and what is no text at all.
local M = {}

-- Bytes read at a time.
local PIECE = 16 * 1024

-- Files that people take for a CSV file, by how they begin.
local OTHERS = {
  { "^PK\3\4", "a workbook (xlsx, ods), no CSV file" }, { "^\208\207\17\224", "a workbook (xls), no CSV file" },
  { "^%%PDF", "a PDF, no CSV file" }, { "^\31\139", "compressed, no CSV file" }, { "^{\\rtf", "RTF, no CSV file" },
  { "^%s*<", "HTML or XML, no CSV file" }, { "^\255\254%z%z", "in UTF-32" },
}
local REMEDY = ": save it as CSV UTF-8"

-- Characters ----------------------------------------------------------------------------------------------------------

local function continuation(code, shift) return 128 + math.floor(code / shift) % 64 end

-- A character in UTF-8.
local function character(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(192 + math.floor(code / 64), continuation(code, 1)) end
  if code < 0x10000 then
    return string.char(224 + math.floor(code / 4096), continuation(code, 64), continuation(code, 1))
  end
  return string.char(240 + math.floor(code / 262144), continuation(code, 4096), continuation(code, 64),
    continuation(code, 1))
end

local UNKNOWN = character(0xFFFD)

-- UTF-16, little-endian -----------------------------------------------------------------------------------------------

-- Two bytes → their character, made when it is first met.
local units = setmetatable({}, { __index = function(self, unit)
  local low, high = unit:byte(1, 2)
  local code = low + 256 * high
  local text = (code >= 0xD800 and code < 0xE000) and UNKNOWN or character(code)
  self[unit] = text
  return text
end })

-- Text with characters beyond the first 65,536, which take two units.
local function decode_pairs(text)
  local parts, at = {}, 1
  while at <= #text do
    local low, high, low2, high2 = text:byte(at, at + 3)
    if high >= 0xD8 and high < 0xDC and high2 and high2 >= 0xDC and high2 < 0xE0 then
      local first, second = (high - 0xD8) * 256 + low, (high2 - 0xDC) * 256 + low2
      parts[#parts + 1] = character(0x10000 + first * 1024 + second)
      at = at + 4
    else
      parts[#parts + 1] = units[text:sub(at, at + 1)]
      at = at + 2
    end
  end
  return table.concat(parts)
end

local function decode(text)
  if text:find("[\216-\219]") then return decode_pairs(text) end
  return (text:gsub("..", units))
end

-- A file in UTF-16, read as UTF-8.
local Wide = {}
Wide.__index = Wide

-- How many bytes at the end belong to what the next piece begins with.
local function open_bytes(text)
  local odd = #text % 2
  local high = text:byte(#text - odd)
  return high and high >= 0xD8 and high < 0xDC and odd + 2 or odd
end

function Wide:read(wanted)
  local piece, message = self.file:read(wanted)
  if message then return nil, message end
  local text = self.kept .. (piece or "")
  if not piece and #text % 2 == 1 then return nil, "it ends in the midst of a character" end
  if text == "" then return nil end
  local rest = piece and open_bytes(text) or 0
  self.kept = text:sub(#text - rest + 1)
  text = text:sub(1, #text - rest)
  if self.is_big then text = text:gsub("(.)(.)", "%2%1") end
  return decode(text)
end

-- Finding it out ------------------------------------------------------------------------------------------------------

-- → whether text in UTF-16 without a mark is big-endian, or nil when it is not UTF-16: what separates values and lines
-- has a zero in one of its two bytes, always the same one.
local function zero_bytes(head)
  local first, second = 0, 0
  for at in head:gmatch("()%z") do
    if at % 2 == 1 then first = first + 1 else second = second + 1 end
  end
  if first + second == 0 then return nil end
  return first > second, math.min(first, second) > 0
end

local function other_kind(head)
  for _, other in ipairs(OTHERS) do
    if head:find(other[1]) then return "it is " .. other[2] .. REMEDY end
  end
end

-- → the encoding's name, the length of its mark; or nil, message
local function kind_of(head)
  if head:sub(1, 3) == "\239\187\191" then return "UTF-8", 3 end
  local message = other_kind(head)
  if message then return nil, message end
  if head:sub(1, 2) == "\255\254" then return "UTF-16LE", 2 end
  if head:sub(1, 2) == "\254\255" then return "UTF-16BE", 2 end
  local is_big, mixed = zero_bytes(head)
  if is_big == nil then return "UTF-8", 0 end
  if mixed then return nil, "it is no text" .. REMEDY end
  return is_big and "UTF-16BE" or "UTF-16LE", 0
end

--- encoding.open(file, start) → what is read as the file is, in UTF-8 (or in Windows-1252, see `utf8`) and without a
-- mark; the encoding's name; and whether the file begins with a mark. Or nil, message. `start`: where the text begins.
function M.open(file, start)
  if not file:seek("set", start) then return nil, "it can't be read twice" end
  local head, message = file:read(PIECE)
  if message then return nil, message end
  local name, mark = kind_of(head or "")
  if not name then return nil, mark end
  file:seek("set", start + mark)
  if name == "UTF-8" then return file, name, mark > 0 end
  return setmetatable({ file = file, is_big = name == "UTF-16BE", kept = "" }, Wide), name, mark > 0
end

-- Windows-1252 --------------------------------------------------------------------------------------------------------

local SEQUENCES = {
  "[\194-\223][\128-\191]", "\224[\160-\191][\128-\191]", "[\225-\236\238\239][\128-\191][\128-\191]",
  "\237[\128-\159][\128-\191]", "\240[\144-\191][\128-\191][\128-\191]", "[\241-\243][\128-\191][\128-\191][\128-\191]",
  "\244[\128-\143][\128-\191][\128-\191]",
}

-- What Windows-1252 has in the places 128 to 159, where the others are as in Unicode.
local WINDOWS = {
  [128] = 0x20AC, [130] = 0x201A, [131] = 0x0192, [132] = 0x201E, [133] = 0x2026, [134] = 0x2020, [135] = 0x2021,
  [136] = 0x02C6, [137] = 0x2030, [138] = 0x0160, [139] = 0x2039, [140] = 0x0152, [142] = 0x017D, [145] = 0x2018,
  [146] = 0x2019, [147] = 0x201C, [148] = 0x201D, [149] = 0x2022, [150] = 0x2013, [151] = 0x2014, [152] = 0x02DC,
  [153] = 0x2122, [154] = 0x0161, [155] = 0x203A, [156] = 0x0153, [158] = 0x017E, [159] = 0x0178,
}

local function is_utf8(text)
  for _, sequence in ipairs(SEQUENCES) do text = text:gsub(sequence, "?") end
  return not text:find("[\128-\255]")
end

local function from_windows(byte)
  local code = byte:byte()
  if code >= 160 then return character(code) end
  return WINDOWS[code] and character(WINDOWS[code]) or UNKNOWN
end

--- encoding.utf8(value) → a value in UTF-8, whichever of the two it is in.
function M.utf8(value)
  if not value:find("[\128-\255]") or is_utf8(value) then return value end
  return (value:gsub("[\128-\255]", from_windows))
end

return M
