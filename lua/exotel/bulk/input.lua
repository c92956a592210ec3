--- The rows of a CSV file as spreadsheets write it: what each asks for, and what is wrong with it.
local csv = require "exotel.bulk.csv"
local encoding = require "exotel.bulk.encoding"
local errors = require "exotel.error"
local header = require "exotel.bulk.header"
local phone = require "exotel.bulk.phone"
local rows = require "exotel.bulk.rows"
local separator = require "exotel.bulk.separator"
local source = require "exotel.bulk.source"
local tidy = require "exotel.bulk.tidy"

local M = {}

-- Records between two looks at `stop`.
local STEP = 1000

local function config(name, line, message)
  local text = line and ("%s, line %d: %s"):format(name, line, message) or message
  return nil, errors.new { kind = "config", operation = "map_numbers", field = "csv_path", line = line, message = text }
end

-- Records -------------------------------------------------------------------------------------------------------------

--- input.records(layout) → an iterator over the records of a file whose layout is known, from the first one that is
-- not empty: as csv.records.
function M.records(layout)
  local reader = encoding.open(layout.source.file, layout.source.start)
  local next_record, after_each = csv.records(reader, layout.separator), tidy()
  if layout.says_separator then next_record() end
  return function()
    after_each()
    return next_record()
  end
end

local function is_blank(fields)
  for _, text in ipairs(fields) do
    if text:find("[^%s,;]") then return false end
  end
  return true
end

--- input.first(layout) → as M.records' iterator, for the first record that is not empty; and the iterator.
function M.first(layout)
  local next_record = M.records(layout)
  while true do
    local line, fields, message, text = next_record()
    if not line or not fields or not is_blank(fields) then return next_record, line, fields, message, text end
  end
end

-- The layout ----------------------------------------------------------------------------------------------------------

-- → { source, encoding, has_mark, separator, says_separator }, or nil, line, message
local function find_layout(from, options)
  local reader, name, has_mark = encoding.open(from.file, from.start)
  if not reader then return nil, 1, name end
  local character, said = separator.known[options.separator], false
  if not character then character, said = separator.find(reader) end
  if not character then return nil, 1, said end
  return {
    source = from, encoding = name, has_mark = has_mark, separator = character, says_separator = said,
  }
end

-- Rows ----------------------------------------------------------------------------------------------------------------

local function value(fields, position)
  local text = position and encoding.utf8(fields[position] or ""):match("^%s*(.-)%s*$") or ""
  return text ~= "" and text or nil
end

-- What is wrong with a record that has too few values for the columns that matter, or values beyond the last column,
-- or that a file ends with which was cut.
local function count_problem(self, fields, has_end)
  local names = self.header.names
  if not has_end and #fields < #names then return "the file ends in the midst of this row" end
  local is_short = self.header.has_header and #fields < self.needed
  local is_long = #fields > #names and table.concat(fields, "", #names + 1):find("%S")
  if is_short or is_long then return ("%d columns expected, %d found"):format(#names, #fields) end
end

local function add_row(self, line, fields, has_end, options)
  local positions = self.header.positions
  local text = value(fields, positions.phone_number)
  local values = { number = text, mode = value(fields, positions.mode), trunk = value(fields, positions.trunk) }
  local number, reason = phone.read(text or "", options.country)
  local problem = count_problem(self, fields, has_end) or not number and "phone_number " .. reason
  if not problem then
    values.number = number
    if number ~= text then values.original = text end
  end
  self:add(line, values, problem or nil)
end

-- → rows, or nil, line, message
local function read_rows(self, next_record, options)
  local count = 0
  for line, fields, message, _, has_end in next_record do
    if fields == false then return nil, line, message end
    if not fields then self:add(line, {}, message)
    elseif not is_blank(fields) then add_row(self, line, fields, has_end, options) end
    count = count + 1
    if count % STEP == 0 and options.stop and options.stop() then return nil end
  end
  return self
end

-- How many values a row needs: up to the last column that matters.
local function needed(positions)
  local most = 0
  for _, position in pairs(positions) do most = math.max(most, position) end
  return most
end

local MISSING = "a header is missing: it names the columns, one of them phone_number"

local function read(layout, options)
  local next_record, line, fields, message = M.first(layout)
  if not line then return nil, 1, MISSING end
  local found
  if fields then found, message = header.read(fields, options.columns or {}) end
  if not found then return nil, line, message end
  local self = rows.new()
  self.layout, self.header, self.needed = layout, found, needed(found.positions)
  if not found.has_header then add_row(self, line, fields, true, options) end
  return read_rows(self, next_record, options)
end

local function describe(self)
  local layout, columns = self.layout, {}
  for field, position in pairs(self.header.positions) do
    local name = self.header.has_header and self.header.names[position] or ""
    columns[field] = name ~= "" and name or position
  end
  self.name, self.columns, self.others = layout.source.name, columns, header.others(self.header)
  self.has_header, self.encoding = self.header.has_header, layout.encoding
  self.separator = separator.name(layout.separator)
  return self
end

--- input.read(subject, options) → rows; or nil, err of kind "config" with `line`, when it can't be read or isn't such a
-- file, or of kind "cancelled". `subject`: a path or a file; `options`: columns, country (digits), separator, stop.
function M.read(subject, options)
  local from, message = source.open(subject)
  if not from then return config(nil, nil, message) end
  local layout, line, reason = find_layout(from, options)
  local self
  if layout then self, line, reason = read(layout, options) end
  if self then return describe(self) end
  from:close()
  if line then return config(from.name, line, reason) end
  return nil, errors.new { kind = "cancelled", operation = "map_numbers", message = "stopped as asked" }
end

return M
