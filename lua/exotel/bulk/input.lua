--- The rows of the CSV file: what each asks for, and what is wrong with it.
local check = require "exotel.calls.check"
local csv = require "exotel.bulk.csv"
local errors = require "exotel.error"

local M = {}

local COLUMNS = { "phone_number", "mode", "trunk" }
-- Stands for the trunk's sid where only the other arguments are checked.
local ANY_TRUNK = "trunk"

local known = {}
for _, name in ipairs(COLUMNS) do known[name] = true end

local function trim(text) return text:match("^%s*(.-)%s*$") end

local function config(path, line, message)
  local text = string.format("%s, line %d: %s", path, line, message)
  return nil, errors.new { kind = "config", operation = "map_numbers", field = "csv_path", line = line, message = text }
end

-- The header ----------------------------------------------------------------------------------------------------------

local function check_column(name, positions, i)
  if name == "" then return string.format("column %d has no name", i) end
  if not known[name] then
    return string.format("unknown column '%s'; known are %s", name, table.concat(COLUMNS, ", "))
  end
  if positions[name] then return string.format("column '%s' stands there twice", name) end
end

-- → the position of each column, or nil, message
local function read_header(fields)
  local positions = {}
  for i, text in ipairs(fields) do
    local name = trim(text):lower()
    local message = check_column(name, positions, i)
    if message then return nil, message end
    positions[name] = i
  end
  if not positions.phone_number then return nil, "a column 'phone_number' is missing" end
  return positions
end

-- Rows ----------------------------------------------------------------------------------------------------------------

local function is_blank(fields)
  for _, text in ipairs(fields) do
    if trim(text) ~= "" then return false end
  end
  return true
end

local function value(fields, position)
  local text = position and trim(fields[position] or "") or ""
  return text ~= "" and text or nil
end

local function set_problem(row, kind, message, ...)
  row.problem = errors.new { kind = kind, operation = "map_phone_number", message = string.format(message, ...) }
end

local function check_values(client, row)
  row.problem = check(client, "map_phone_number", {
    trunk_sid = ANY_TRUNK, phone_number = row.phone_number, mode = row.mode,
  })
end

local function check_duplicate(row, by_number)
  local first = by_number[row.phone_number]
  if first then set_problem(row, "invalid_argument", "the same number stands in line %d", first.line)
  else by_number[row.phone_number] = row end
end

local function read_row(client, positions, columns, line, fields, message)
  local row = { line = line }
  if not fields then
    set_problem(row, "invalid_argument", "%s", message)
    return row
  end
  for name, position in pairs(positions) do row[name] = value(fields, position) end
  if #fields == columns then check_values(client, row)
  else set_problem(row, "invalid_argument", "%d columns expected, %d found", columns, #fields) end
  return row
end

local function read_rows(self, client, path, next_record, columns)
  for line, fields, message in next_record do
    if fields == false then return config(path, line, message) end
    if not fields or not is_blank(fields) then
      local row = read_row(client, self.positions, columns, line, fields, message)
      if not row.problem then check_duplicate(row, self.by_number) end
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
  local positions
  if fields then positions, message = read_header(fields) end
  if not positions then return config(path, line, message) end
  local self = { positions = positions, by_line = {}, by_number = {} }
  return read_rows(self, client, path, next_record, #fields)
end

--- input.read(client, path) → an array of rows { line, phone_number, mode, trunk, problem }, with nil for an empty
-- field; `problem` is an error object when the row can't be sent. Its `by_line` and `by_number` (of rows without a
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

--- input.trunks(rows) → the trunks that the rows name, by name or sid, as a set.
function M.trunks(rows)
  local names = {}
  for _, row in ipairs(rows) do
    if row.trunk then names[row.trunk] = true end
  end
  return names
end

--- input.assign_trunks(rows, sids, default): sets each row's `trunk_sid`, by what it calls its trunk, or to `default`.
-- A row without either gets a problem.
function M.assign_trunks(rows, sids, default)
  for _, row in ipairs(rows) do
    row.trunk_sid = default
    if row.trunk then row.trunk_sid = sids[row.trunk] end
    if not row.problem and not row.trunk_sid then
      if row.trunk then set_problem(row, "not_found", "no trunk '%s' in this account", row.trunk)
      else set_problem(row, "invalid_argument", "no trunk: neither the row nor the options name one") end
    end
  end
end

return M
