--- The text of the file of profiles: sections in brackets, `name = value` lines, comments after # or ;. Before the
-- first section `profile = NAME` says which profile counts when none is asked for.
local errors = require "exotel.cli.errors"

local M = {}

-- What a profile may hold: options of exotel.client of the same names, and what the command does with them.
local KNOWN = {
  account_sid = true, api_key = true, api_token = true, region = true, subdomain = true, base_url = true,
  ca_file = true, proxy = true,
  store = true, -- as exotel.cli.store has it
  api_token_command = true, -- prints the token
  protected = true, -- changes ask for the account
}
local SWITCHES = { ["true"] = true, ["false"] = true }

--- Whether it is the name of a profile.
function M.is_name(name) return name:find("^[%w_.-]+$") ~= nil end

-- Reading -------------------------------------------------------------------------------------------------------------

local UTF16, BOM = { ["\255\254"] = true, ["\254\255"] = true }, "^\239\187\191"

local function refuse_binary(text, path)
  if UTF16[text:sub(1, 2)] then errors.config("%s is in UTF-16: save it as UTF-8", path) end
  if text:find("%z") then errors.config("%s is no text: it holds NUL bytes", path) end
end

local function trimmed(text) return text:match("^%s*(.-)%s*$") end

-- The lines of a text, each with its end. A text may lack the last one.
local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\n]*\n?") do
    if line ~= "" then lines[#lines + 1] = line end
  end
  return lines
end

-- → section, or nil; key, value, or nil. All nil: a comment, or nothing.
local function parts_of(line)
  line = trimmed(line:gsub(BOM, ""))
  if line == "" or line:find("^[#;]") then return nil end
  local section = line:match("^%[%s*([%w_.-]+)%s*%]$")
  if section then return section end
  return nil, line:match("^([%w_]+)%s*=%s*(.*)$")
end

local function is_empty(line)
  line = trimmed(line:gsub(BOM, ""))
  return line == "" or line:find("^[#;]") ~= nil
end

-- A reader of lines. Fields: path, number (of the line), found, section (its profile)
local Reader = {}
Reader.__index = Reader

function Reader:complain(format, ...)
  errors.config("%s, line %d: %s", self.path, self.number, format:format(...))
end

function Reader:begin(name)
  local found = self.found
  if found.profiles[name] then self:complain("the profile [%s] is there twice", name) end
  found.names[#found.names + 1] = name
  self.section = {}
  found.profiles[name] = self.section
end

function Reader:choose(key, value)
  if key ~= "profile" then self:complain("a profile's name in brackets comes first: [default]") end
  if self.found.chosen then self:complain("it is said twice which profile counts") end
  if not M.is_name(value) then self:complain("profile = NAME takes the name of a profile") end
  self.found.chosen = value
end

-- What is empty is not there.
function Reader:set(key, value)
  if not self.section then return self:choose(key, value) end
  if not KNOWN[key] then self:complain("%s is not known to a profile", key) end
  if self.section[key] then self:complain("%s is there twice", key) end
  if key == "protected" and not SWITCHES[value] then self:complain("protected is true or false") end
  self.section[key] = value ~= "" and value or nil
end

function Reader:read(line)
  local section, key, value = parts_of(line)
  if section then return self:begin(section) end
  if key then return self:set(key, value) end
  if not is_empty(line) then self:complain("neither [profile] nor name = value") end
end

--- text.parse(text, path) → { names (of the profiles, in the file's order), profiles (their fields by name), chosen
-- (the name of the one that counts, or nil) }. Raises what is wrong; `path` is for the message, which repeats no line.
function M.parse(text, path)
  refuse_binary(text, path)
  local reader = setmetatable({
    path = path, number = 0, found = { names = {}, profiles = {}, chosen = nil },
  }, Reader)
  for _, line in ipairs(lines_of(text)) do
    reader.number = reader.number + 1
    reader:read(line)
  end
  return reader.found
end

-- Changing ------------------------------------------------------------------------------------------------------------

-- As the lines that are there.
local function end_of(lines) return (lines[1] or ""):find("\r\n$") and "\r\n" or "\n" end

local function complete_last(lines, ending)
  local last = #lines
  if last > 0 and not lines[last]:find("\n$") then lines[last] = lines[last] .. ending end
end

-- → the numbers of the section's first and last line that isn't empty, or nil
local function range_of(lines, name)
  local first, last
  for i, line in ipairs(lines) do
    local section = parts_of(line)
    if section and first then break end
    if section == name then first = i end
    if first and not is_empty(line) then last = i end
  end
  return first, last
end

-- A line with another value: what stands before and behind it stays.
local function with_value(line, value)
  local before, behind = line:match("^([^=]*=[ \t]*).-(%s*)$")
  return before .. value .. behind
end

local function copy_range(to, lines, first, last)
  for i = first, last do to[#to + 1] = lines[i] end
end

local function add_missing(to, fields, order, written, ending)
  for _, key in ipairs(order) do
    if fields[key] and not written[key] then to[#to + 1] = ("%s = %s%s"):format(key, fields[key], ending) end
  end
end

-- The lines of a section with other values. `fields`: by key; false: the line goes. Other lines stay.
local function add_section(to, lines, first, last, fields, order, ending)
  local written = {}
  for i = first, last do
    local _, key = parts_of(lines[i])
    local value = key and fields[key]
    if value == nil then to[#to + 1] = lines[i]
    elseif value and not written[key] then to[#to + 1], written[key] = with_value(lines[i], value), true end
  end
  add_missing(to, fields, order, written, ending)
end

--- text.with_profile(text, name, fields, order) → the text with a profile that has these fields: a new section at the
-- end, or the section that is there, where all other lines stay as they are. `fields`: values by key; false: there is
-- to be none. `order`: an array of the keys, for lines that are new.
function M.with_profile(text, name, fields, order)
  local lines, to = lines_of(text), {}
  local ending, first, last = end_of(lines), range_of(lines, name)
  complete_last(lines, ending)
  if first then
    copy_range(to, lines, 1, first - 1)
    add_section(to, lines, first, last, fields, order, ending)
    copy_range(to, lines, last + 1, #lines)
  else
    copy_range(to, lines, 1, #lines)
    if #to > 0 and trimmed(to[#to]) ~= "" then to[#to + 1] = ending end
    to[#to + 1] = ("[%s]%s"):format(name, ending)
    add_missing(to, fields, order, {}, ending)
  end
  return table.concat(to)
end

-- → the number of the line that chooses a profile, or nil
local function choice_in(lines)
  for i, line in ipairs(lines) do
    local section, key = parts_of(line)
    if section then return nil end
    if key == "profile" then return i end
  end
end

--- text.with_choice(text, name) → the text in which this profile counts: the line that says so is changed, or is a new
-- one at the top.
function M.with_choice(text, name)
  local lines = lines_of(text)
  local at, ending = choice_in(lines), end_of(lines)
  if at then lines[at] = with_value(lines[at], name) return table.concat(lines) end
  local mark = text:match(BOM) or ""
  return mark .. ("profile = %s%s%s"):format(name, ending, #lines > 0 and ending or "") .. text:sub(#mark + 1)
end

return M
