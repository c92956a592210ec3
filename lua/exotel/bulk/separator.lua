--- Which character separates a file's values.
local csv = require "exotel.bulk.csv"
local header = require "exotel.bulk.header"

local M = {}

local CANDIDATES = { ",", ";", "\t" }
local NAMES = { [","] = "comma", [";"] = "semicolon", ["\t"] = "tab" }
-- No file has it: what has one column has no separator.
local NONE = "\31"
-- Records that are looked at, and bytes.
local RECORDS, BYTES = 50, 64 * 1024

--- separator.known: the names by which it can be told, and what they stand for.
M.known = {}
for character, name in pairs(NAMES) do M.known[name] = character end

--- separator.name(character) → its name, the character itself where it has none, or nil where there is none.
function M.name(character) return NAMES[character] or character ~= NONE and character or nil end

-- A text that is read as a file is.
local function reader(text)
  return { read = function()
    local piece = text
    text = nil
    return piece
  end }
end

-- The first records, without the last one where more follow: it may be cut.
local function sample(text, candidate, is_whole)
  local list = {}
  for _, fields in csv.records(reader(text), candidate) do
    if fields == false or #list > RECORDS then break end
    if fields and table.concat(fields):find("%S") then list[#list + 1] = fields end
  end
  if not is_whole and #list > 1 then list[#list] = nil end
  return list
end

local function is_even(list)
  for _, fields in ipairs(list) do
    if #fields ~= #list[1] then return false end
  end
  return true
end

-- The candidates that a test accepts, or all where it accepts none.
local function narrow(candidates, samples, accepts)
  local left = {}
  for _, candidate in ipairs(candidates) do
    if accepts(samples[candidate]) then left[#left + 1] = candidate end
  end
  return #left > 0 and left or candidates
end

local function head_of(file)
  local text = ""
  while #text < BYTES do
    local piece, message = file:read(BYTES)
    if message then return nil, message end
    if not piece then return text, true end
    text = text .. piece
  end
  return text, false
end

local function names_of(candidates)
  local list = {}
  for i, candidate in ipairs(candidates) do list[i] = NAMES[candidate] end
  return table.concat(list, ", ")
end

--- separator.find(file) → the character, whether a line of its own says so; or nil, message. Excel's line "sep=;" says
-- it; else it is what makes several columns of the first record, a known column among them, and as many in the
-- others. `file`: at its beginning; it is read from.
function M.find(file)
  local text, is_whole = head_of(file)
  if not text then return nil, is_whole end
  local said = text:match("^[Ss][Ee][Pp]=([^%w\"\r\n])[\r\n]")
  if said then return said, true end
  local samples, left = {}, {}
  for _, candidate in ipairs(CANDIDATES) do
    samples[candidate] = sample(text, candidate, is_whole)
    if samples[candidate][1] and #samples[candidate][1] > 1 then left[#left + 1] = candidate end
  end
  if #left == 0 then return NONE, false end
  left = narrow(left, samples, function(list) return header.has_number(list[1]) end)
  left = narrow(left, samples, is_even)
  if #left == 1 then return left[1], false end
  return nil, ("its values may be separated by %s: the option separator says by which"):format(names_of(left))
end

return M
