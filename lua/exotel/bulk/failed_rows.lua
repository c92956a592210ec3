--- The rows that failed, as a CSV file of their own: the source's columns, and why each failed. It can be corrected and
-- imported. What somebody has altered is never overwritten: the column of the reasons has a checksum in its name.
local core = require "exotel.core"
local csv = require "exotel.bulk.csv"
local encoding = require "exotel.bulk.encoding"
local errors = require "exotel.error"
local header = require "exotel.bulk.header"
local input = require "exotel.bulk.input"
local tidy = require "exotel.bulk.tidy"

local M = {}

local MARK = "\239\187\191"
-- Bytes that are written or read at a time; altered files beside which a new one is made.
local PIECE, ALTERED_MAX = 64 * 1024, 99

local function fail(path, message)
  local text = ("%s: can't be written: %s"):format(path, message)
  return nil, errors.new { kind = "config", operation = "map_numbers", field = "failed", message = text }
end

-- Checksum ------------------------------------------------------------------------------------------------------------

local MODULUS, FACTOR, WORD = 4294967291, 263, 4

-- A line without its end, four bytes at a time.
local function add_line(sum, line)
  sum = (sum * FACTOR + #line) % MODULUS
  for from = 1, #line, WORD do
    local a, b, c, d = line:byte(from, from + WORD - 1)
    sum = (sum * FACTOR + a + (b or 0) * 256 + (c or 0) * 65536 + (d or 0) * 16777216) % MODULUS
  end
  return sum
end

local function add_lines(sum, text)
  for line in text:gmatch("([^\n]*)\n") do sum = add_line(sum, line) end
  return sum
end

local function sum_text(sum) return ("%04x%04x"):format(math.floor(sum / 65536), sum % 65536) end

-- → nil where there is no such file, else whether it is as it was written
local function is_untouched(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local sum, line = 0, file:read("*l") or ""
  if line:find("[Ss][Ee][Pp]=.$") then line = file:read("*l") or "" end
  local said = line:match("reason %(exotel (%x+)%)\"?$")
  if said then
    local after_each = tidy()
    for following in file:lines() do
      sum = add_line(sum, following)
      after_each()
    end
  end
  file:close()
  return said == sum_text(sum)
end

-- Where to write: the path, or one beside it where somebody has altered what is there.
local function free_path(path)
  if is_untouched(path) ~= false then return path end
  local stem, extension = path:match("^(.*)(%.[^./]*)$")
  for i = 2, ALTERED_MAX do
    local other = ("%s-%d%s"):format(stem or path, i, extension or "")
    if is_untouched(other) ~= false then return other end
  end
end

-- Text ----------------------------------------------------------------------------------------------------------------

-- The row's number stands for it where the file is no longer what it was.
local function fields_of(rows, row, fields, text)
  local position = rows.header.positions.phone_number
  local stood = row.original or row.phone_number
  if not fields then return { text or stood or "" } end
  if encoding.utf8(fields[position] or ""):match("^%s*(.-)%s*$") == (stood or "") then return fields end
  local own = {}
  for i = 1, position do own[i] = i == position and stood or "" end
  return own
end

-- A record as wide as the header, with the reason behind it.
local function record(rows, fields, reason)
  local values = {}
  for i, name in ipairs(rows.header.names) do
    local is_reason = rows.header.has_header and header.is_reason(name)
    if not is_reason then values[#values + 1] = encoding.utf8(fields[i] or "") end
  end
  values[#values + 1] = reason
  return csv.record(values, rows.file_separator)
end

-- The names of a file's columns, made up where it has none.
local function names_of(rows)
  local names = {}
  for i, name in ipairs(rows.header.names) do names[i] = rows.header.has_header and name or "column " .. i end
  if not rows.header.has_header then
    for field, position in pairs(rows.header.positions) do names[position] = field end
  end
  return names
end

-- → all before the first row, and where in it the checksum stands, which is not known yet
local function head(rows)
  local layout = rows.layout
  local mark = (layout.has_mark or layout.encoding ~= "UTF-8") and MARK or ""
  local said = layout.says_separator and "sep=" .. layout.separator .. "\n" or ""
  local text = mark .. said .. record(rows, names_of(rows), ("reason (exotel %s)"):format(sum_text(0)))
  return text, #text - #text:match("%x+%)\"?\n$")
end

-- Calls `act(text)` for each row that failed. → true; or nil, message
local function each_failed(rows, is_failed, act)
  local next_record = input.records(rows.layout)
  local i, total = 1, rows.total
  for line, fields, message, text in next_record do
    while i <= total and rows.lines[i] < line do i = i + 1 end
    if fields == false then return nil, message end
    if rows.lines[i] == line and is_failed(i) then
      local row = rows:peek(i)
      local good, reason = act(record(rows, fields_of(rows, row, fields, text), row.reason or row.problem.message))
      if not good then return nil, reason end
    end
  end
  return true
end

-- Writing -------------------------------------------------------------------------------------------------------------

-- → the checksum of the rows, or nil, message
local function write_rows(file, rows, is_failed, before)
  local texts, length, sum = { before }, #before, 0
  local function flush()
    local text = table.concat(texts)
    texts, length = {}, 0
    return file:append(text)
  end
  local good, message = each_failed(rows, is_failed, function(text)
    texts[#texts + 1], length, sum = text, length + #text, add_lines(sum, text)
    if length > PIECE then return flush() end
    return true
  end)
  if good then good, message = flush() end
  return good and sum, message
end

local function write_part(file, rows, is_failed, before)
  local sum, message
  local good, reason = file:replace("")
  if good then sum, message = write_rows(file, rows, is_failed, before) end
  local closed, trouble = file:close()
  return good and closed and sum or nil, reason or message or trouble
end

-- Puts the checksum into its place. → true, or nil, message
local function write_sum(path, at, sum)
  local file, message = io.open(path, "r+b")
  if not file then return nil, message end
  file:seek("set", at)
  local good, reason = file:write(sum_text(sum))
  local closed, trouble = file:close()
  return good and closed and true, reason or trouble
end

local function write(path, rows, is_failed)
  local part, before, at = path .. ".part", head(rows)
  local file, message = core.open_locked(part)
  if not file then return nil, message end
  local good, sum
  sum, message = write_part(file, rows, is_failed, before)
  good = sum
  if good then good, message = write_sum(part, at, sum) end
  if good then good, message = os.rename(part, path) end
  if good then return true end
  os.remove(part)
  return nil, message
end

local function has_failed(rows, is_failed)
  for i = 1, rows.total do
    if is_failed(i) then return true end
  end
end

--- failed_rows.write(rows, path, is_failed) → the path that was written, false where no row failed; or nil, err of kind
-- "config". `is_failed(i)`: whether a row has. Where none has, a file that an earlier run left is removed; one that
-- somebody has altered stays, and another is written beside it.
function M.write(rows, path, is_failed)
  if not has_failed(rows, is_failed) then
    if is_untouched(path) then os.remove(path) end
    return false
  end
  local free = free_path(path)
  if not free then return fail(path, "there are too many altered files beside it") end
  rows.file_separator = rows.separator and rows.layout.separator or ","
  local good, message = write(free, rows, is_failed)
  if not good then return fail(free, message) end
  return free
end

return M
