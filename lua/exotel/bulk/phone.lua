--- A phone number as a cell of a spreadsheet has it. What only lays it out is taken off; what a spreadsheet may have
-- altered, or what has two readings, is refused: a number is never guessed.
local country = require "exotel.bulk.country"

local M = {}

local EXAMPLE = "+919876543210"

-- Layout --------------------------------------------------------------------------------------------------------------

-- Characters that can't be seen, and hyphens and spaces beyond ASCII, in UTF-8.
local LAYOUT = {
  { "\194\160", " " }, { "\194\173", "" }, { "\226\128[\128-\138]", " " }, { "\226\128[\139-\143]", "" },
  { "\226\128[\144-\149]", "-" }, { "\226\128[\168-\173]", "" }, { "\226\128\175", " " }, { "\226\129\159", " " },
  { "\226\129[\160-\175]", "" }, { "\226\136\146", "-" }, { "\227\128\128", " " }, { "\239\187\191", "" },
}

local function to_ascii(text)
  if not text:find("[\194\226\227\239]") then return text end
  for _, change in ipairs(LAYOUT) do text = text:gsub(change[1], change[2]) end
  return text
end

local function trim(text) return text:match("^%s*(.-)%s*$") end

-- How spreadsheets mark text: ="…" as a formula, an apostrophe; and how links to numbers begin.
local function unwrap(text)
  text = text:match('^="([^"]*)"$') or text
  text = text:gsub("^'", ""):gsub("^\226\128\152", ""):gsub("^\226\128\153", "")
  return trim((text:gsub("^[Tt][Ee][Ll]:", "")))
end

-- What is refused -----------------------------------------------------------------------------------------------------

local AS_TEXT = ": format the column as text, and enter the number again"

-- Patterns of what a spreadsheet has made of a number, before layout is taken off. In this order.
local ALTERED = {
  { "^[+-]?%d+[.,]?%d*[eE]%+?%d+$", "was shortened by a spreadsheet, and its last digits are lost" .. AS_TEXT },
  { "^#+$", "is too wide for its column, and was lost: make the column wider and save again" },
  { "^#", "is the error of a formula: correct it in the spreadsheet" },
  { "^=", "is a formula: save its value instead" },
  { "^%-", "is negative: a spreadsheet has taken it for a sum" .. AS_TEXT },
  { "^%([%d%s.-]*%)$", "is in brackets, as a spreadsheet writes negative sums" .. AS_TEXT },
  { "%(%s*0%s*%)", "has a 0 in brackets, which is dialled in its own country only: write it without" },
  { "^%d%d%d%d[-./]%d%d?[-./]%d%d?$", "is a date" }, { "^%d%d?[-./]%d%d?[-./]%d%d%d%d$", "is a date" },
  { "[.,]0+$", "is a number with decimals" .. AS_TEXT }, { "%.%d$", "is a number with decimals" .. AS_TEXT },
  { "^[%d%s()-]*%.[%d%s()-]*$", "is a number with decimals" .. AS_TEXT },
  { "[,;/|&\n]", "may be several numbers: write each in a row of its own" },
  { "%d%s*[eE]?[xX][tT]?%.?%s*%d+$", "has an extension: write the number alone" },
}

local function find_altered(text)
  for _, pattern in ipairs(ALTERED) do
    if text:find(pattern[1]) then return pattern[2] end
  end
end

local function refuse_international(digits)
  if #digits > 15 then return "has more than 15 digits, and a spreadsheet replaces those by 0" .. AS_TEXT end
  if digits:sub(1, 1) == "0" then return "has a 0 after its +: no country code begins with 0" end
  if digits:sub(1, 3) == "910" then return "has a 0 after +91: it is dialled within India only; write it without" end
  if #digits < 7 then return "must be in E.164, as " .. EXAMPLE .. ": it is too short" end
end

local function refuse_national(digits)
  if #digits > 15 then return "has more than 15 digits, and a spreadsheet replaces those by 0" .. AS_TEXT end
  if digits:sub(1, 2) == "00" then return "begins with 00: write the country code with a +, as " .. EXAMPLE end
end

-- Reading -------------------------------------------------------------------------------------------------------------

local function national(digits, code)
  local reason = refuse_national(digits)
  if reason then return nil, reason end
  if code then return country.complete(digits, code) end
  return nil, "must be in E.164, as " .. EXAMPLE .. ": it has no country code (the option country completes national "
    .. "numbers)"
end

local function read(text, code)
  local reason = find_altered(text)
  if reason then return nil, reason end
  local bare = text:gsub("[ \t().%[%]-]", "")
  local plus, digits = bare:match("^(%+?)(%d+)$")
  if not digits then return nil, "must be in E.164, as " .. EXAMPLE end
  if plus == "" then return national(digits, code) end
  reason = refuse_international(digits)
  if reason then return nil, reason end
  return bare
end

--- phone.read(text [, code]) → the number in E.164 of a cell in UTF-8; or nil and why it has none, as the end of a
-- sentence that begins with its name. `code`: the country code that completes national numbers.
function M.read(text, code)
  if text == "" then return nil, "is missing" end
  return read(trim(unwrap(trim(to_ascii(text)))), code)
end

--- phone.is_like(text): whether a cell can't be the name of a column, since it holds a number, right or not.
function M.is_like(text)
  local bare = unwrap(trim(to_ascii(text))):gsub("[ \t().,/%[%]-]", "")
  return bare:find("^%+?%d%d%d%d%d+$") ~= nil or bare:find("^%+?%d+[eE]%+?%d+$") ~= nil
end

--- phone.is_international(text): whether it says its country by itself.
function M.is_international(text) return unwrap(trim(to_ascii(text))):find("^%+%d") ~= nil and M.read(text) ~= nil end

return M
