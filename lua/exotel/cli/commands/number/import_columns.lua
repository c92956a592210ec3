--- The option --columns: FIELD=COLUMN, several times or with commas between.
local errors = require "exotel.cli.errors"
local suggest = require "exotel.text.suggest"

local M = {}

local FIELDS = { "phone_number", "mode", "trunk" }
local known = {}
for _, field in ipairs(FIELDS) do known[field] = true end

-- A comma separates two only where a field follows it: columns may have one in their names.
local function split(text)
  local parts = {}
  for part in (text:gsub(",%s*([%l_]+=)", "\0%1") .. "\0"):gmatch("(%Z*)%z") do parts[#parts + 1] = part end
  return parts
end

local function add(columns, text)
  local field, column = text:match("^%s*([^=]-)%s*=%s*(.-)%s*$")
  if not field then errors.usage("--columns takes FIELD=COLUMN, as phone_number=Mobile, not %q", text) end
  if not known[field] then
    local guess = suggest.nearest(field, FIELDS)
    errors.usage("--columns knows no field %q%s; there are phone_number, mode and trunk", field,
      guess and (" (did you mean %s?)"):format(guess) or "")
  end
  if columns[field] then errors.usage("--columns names two columns for the %s", field) end
  columns[field] = column
end

--- import_columns.parse(texts) → the library's option `columns`. Raises what is wrong.
function M.parse(texts)
  local columns = {}
  for _, text in ipairs(texts or {}) do
    for _, part in ipairs(split(text)) do add(columns, part) end
  end
  return columns
end

return M
