--- The numbers to be mapped, from a CSV file: what is wanted of each, and what is wrong with it.
local csv = require "exotel.bulk.csv"
local engine = require("exotel.core").engine
local errors = require "exotel.error"

local M = {}

local COLUMNS = { "phone_number", "mode", "trunk" }
-- Stands for the trunk's sid where only the other arguments are checked.
local SOME_TRUNK = "trunk"

local known = {}
for _, name in ipairs(COLUMNS) do known[name] = true end

local function trim(text) return text:match("^%s*(.-)%s*$") end

local function config(path, line, message)
  local text = string.format("%s, line %d: %s", path, line, message)
  return nil, errors.new { kind = "config", operation = "map_numbers", field = "csv_path", line = line, message = text }
end

-- The header ----------------------------------------------------------------------------------------------------------

local function check_column(name, places, i)
  if name == "" then return string.format("column %d has no name", i) end
  if not known[name] then
    return string.format("unknown column '%s'; known are %s", name, table.concat(COLUMNS, ", "))
  end
  if places[name] then return string.format("column '%s' stands there twice", name) end
end

-- → the place of each column, or nil, message
local function read_header(fields)
  local places = {}
  for i, text in ipairs(fields) do
    local name = trim(text):lower()
    local message = check_column(name, places, i)
    if message then return nil, message end
    places[name] = i
  end
  if not places.phone_number then return nil, "a column 'phone_number' is missing" end
  return places
end

-- Rows ----------------------------------------------------------------------------------------------------------------

local function is_blank(fields)
  for _, text in ipairs(fields) do
    if trim(text) ~= "" then return false end
  end
  return true
end

local function value(fields, place)
  local text = place and trim(fields[place] or "") or ""
  return text ~= "" and text or nil
end

local function problem(row, kind, message, ...)
  row.problem = errors.new { kind = kind, operation = "map_phone_number", message = string.format(message, ...) }
end

local function check(client, row)
  local good, field, message = engine.check(client, "map_phone_number", {
    trunk_sid = SOME_TRUNK, phone_number = row.phone_number, mode = row.mode,
  })
  if not good then problem(row, "invalid_argument", "%s %s", field, message) end
end

local function check_twin(row, by_number)
  local twin = by_number[row.phone_number]
  if twin then problem(row, "invalid_argument", "the same number stands in line %d", twin.line)
  else by_number[row.phone_number] = row end
end

local function read_row(client, places, columns, line, fields, message)
  local row = { line = line }
  if not fields then
    problem(row, "invalid_argument", "%s", message)
    return row
  end
  for name, place in pairs(places) do row[name] = value(fields, place) end
  if #fields == columns then check(client, row)
  else problem(row, "invalid_argument", "%d columns expected, %d found", columns, #fields) end
  return row
end

local function read_rows(self, client, path, next_record, columns)
  for line, fields, message in next_record do
    if fields == false then return config(path, line, message) end
    if not fields or not is_blank(fields) then
      local row = read_row(client, self.places, columns, line, fields, message)
      if not row.problem then check_twin(row, self.by_number) end
      self[#self + 1] = row
      self.by_line[line] = row
    end
  end
  return self
end

local function read(client, path, file)
  local next_record = csv.records(file)
  local line, fields, message = next_record()
  if not line then return config(path, 1, "a header is missing: it names the columns, one of them phone_number") end
  local places
  if fields then places, message = read_header(fields) end
  if not places then return config(path, line, message) end
  local self = { places = places, by_line = {}, by_number = {} }
  return read_rows(self, client, path, next_record, #fields)
end

--- rows.read(client, path) → an array of rows { line, phone_number, mode, trunk, problem }, absent where the file has
-- nothing; `problem`, an error object, for a row that can't be sent. Its `by_line` and `by_number` (of those without a
-- problem) find rows. Or nil, err of kind "config" with `line`, when the file can't be read or isn't such a CSV.
function M.read(client, path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, errors.new { kind = "config", operation = "map_numbers", field = "csv_path", message = message }
  end
  local rows, err = read(client, path, file)
  file:close()
  return rows, err
end

-- Trunks --------------------------------------------------------------------------------------------------------------

--- rows.trunks(rows) → what the rows call their trunks, names or sids, as a set.
function M.trunks(rows)
  local names = {}
  for _, row in ipairs(rows) do
    if row.trunk then names[row.trunk] = true end
  end
  return names
end

--- rows.assign(rows, sids, default): gives every row the `trunk_sid` of the trunk it names, or else `default`; a row
-- without either gets a problem. `sids`: by what the rows call a trunk.
function M.assign(rows, sids, default)
  for _, row in ipairs(rows) do
    row.trunk_sid = default
    if row.trunk then row.trunk_sid = sids[row.trunk] end
    if not row.problem and not row.trunk_sid then
      if row.trunk then problem(row, "not_found", "no trunk '%s' in this account", row.trunk)
      else problem(row, "invalid_argument", "no trunk: neither the row nor the options name one") end
    end
  end
end

return M
