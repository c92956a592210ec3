--- The results file: a line for every row that has an outcome, written at once. A row with a line is not sent again,
-- except after a failure that may pass. A line that a kill or a power loss left half written is dropped, and its row is
-- sent again.
local core = require "exotel.core"
local csv = require "exotel.bulk.csv"
local errors = require "exotel.error"
local failures = require "exotel.bulk.failures"
local reasons = require "exotel.bulk.reasons"
local tidy = require "exotel.bulk.tidy"

local M = {}

local COLUMNS = { "line", "phone_number", "trunk_sid", "mode", "outcome", "id", "kind", "message", "original" }
local HEADER = csv.line(COLUMNS)
-- Of files that were begun before there was the last column.
local OLD_HEADER = HEADER:gsub(",original\n$", "\n")

local outcomes = { done = true, present = true, failed = true, unknown = true }

local Results = {}
Results.__index = Results

local function fail(path, message, ...)
  local text = string.format("%s: %s", path, string.format(message, ...))
  return nil, errors.new { kind = "config", operation = "map_numbers", field = "results", message = text }
end

-- Reading what is there -----------------------------------------------------------------------------------------------

local function read_record(line)
  local fields = csv.fields(line)
  if not fields or #fields < #COLUMNS - 1 or #fields > #COLUMNS then return nil end
  local record = {}
  for i, name in ipairs(COLUMNS) do record[name] = fields[i] end
  record.line = tonumber(record.line)
  if record.line and outcomes[record.outcome] then return record end
end

-- An error that an earlier run recorded.
local recorded = { __tostring = function(err) return err.message end }

-- A value as it is read again: a record is one line.
local function written(value) return value and csv.plain(value) or "" end

local function fits(record, row)
  return row ~= nil and record.phone_number == written(row.phone_number) and record.mode == written(row.mode)
    and record.trunk_sid == (row.trunk_sid or "")
end

-- Whether its row needs nothing more. What failed because of network or service may succeed now, and so may what was
-- not sent because of something in the file that is no longer there.
local function is_final(record, row)
  if record.outcome ~= "failed" then return record.outcome ~= "unknown" end
  return not failures.is_transient(record.kind) and (record.kind ~= "invalid_argument" or row.problem ~= nil)
end

-- Gives a row what its record says. → whether the record stays, or nil, message
local function apply(record, rows)
  local row = rows:of_line(record.line)
  if not fits(record, row) then
    if record.outcome == "failed" then return false end
    return nil, string.format("%s of line %d is not what the CSV has there now, or goes to another trunk: "
      .. "this belongs to another run, so take another results file", record.phone_number, record.line)
  end
  if is_final(record, row) then
    rows:conclude(row.index, record.outcome, record.outcome == "failed" and reasons.recorded(record.message) or nil)
    return true
  end
  if record.kind ~= "conflict" and record.kind ~= "invalid_argument" then
    row.lost, row.err = true, setmetatable({ kind = record.kind, message = record.message }, recorded)
  end
  return false
end

-- A power loss leaves NUL bytes where something was written, but not yet on the disk.
local function has_hole(line) return line:find("\0", 1, true) ~= nil end

-- Whether a single line without an end is what is left of a header.
local function is_torn_header(line) return line:sub(1, 1) == "\0" or HEADER:sub(1, #line) == line end

-- Reads the first line. → whether it stays, or nil, message; and whether the file has not yet the last column
local function scan_header(line, whole)
  if whole and line .. "\n" == OLD_HEADER then return true, nil, true end
  if whole and line .. "\n" == HEADER then return true end
  if not whole and is_torn_header(line) then return false end
  return nil, "it is not a results file of numbers mapped"
end

-- Reads another line. → whether it stays, or nil, message
local function scan_line(line, whole, rows)
  if not whole then return false end
  local record = read_record(line)
  if not record then return nil, "it can't be understood" end
  return apply(record, rows)
end

-- Lines in one text, joined early: there may be a hundred thousand.
local JOINED = 500

local function keep(scan, line)
  scan.count = scan.count + 1
  scan.lines[#scan.lines + 1] = line .. (scan.is_old and scan.count > 1 and ",\n" or "\n")
  if #scan.lines < JOINED then return end
  scan.texts[#scan.texts + 1] = table.concat(scan.lines)
  scan.lines = {}
end

local function take(scan, number, line, whole, rows)
  local stays, message, is_old
  if number == 1 then stays, message, is_old = scan_header(line, whole)
  else stays, message = scan_line(line, whole, rows) end
  if stays == nil then return nil, string.format("line %d: %s", number, message) end
  scan.is_old, scan.dirty = scan.is_old or is_old, scan.dirty or is_old or not stays
  if stays then keep(scan, is_old and HEADER:sub(1, -2) or line) end
  return true
end

-- → { the lines that stay, the header among them, in texts and lines; count; dirty = whether there are others }, or
-- nil, message
local function scan_lines(file, rows)
  local scan, number = { texts = {}, lines = {}, count = 0, dirty = false }, 0
  local after_each = tidy()
  for read, ended, long in csv.lines(file) do
    if not read and not (long and has_hole(long)) then return nil, ended end
    local line, whole = read or long, read and ended and not has_hole(read)
    number = number + 1
    local good, message = take(scan, number, line, whole, rows)
    if not good then return nil, message end
    if not whole then break end
    after_each()
  end
  scan.texts[#scan.texts + 1] = table.concat(scan.lines)
  return scan
end

-- Writing -------------------------------------------------------------------------------------------------------------

local TAKEN = "another import is writing to it: wait for its end, or take another results file"

-- Drops the lines that don't stay. → true, or nil, message
local function prepare(file, scan)
  if scan.count == 0 and not scan.dirty then return file:append(HEADER) end
  if not scan.dirty then return true end
  return file:replace(scan.count == 0 and HEADER or table.concat(scan.texts))
end

-- → results, or nil, err
local function begin(path, file, rows)
  local scan, message = scan_lines(file, rows)
  if not scan then return fail(path, "%s", message) end
  local good, reason = prepare(file, scan)
  if not good then return fail(path, "can't be written: %s", reason) end
  return setmetatable({ path = path, file = file }, Results)
end

--- results.open(path, rows) → results to write to, which no other import has until they are closed; or nil, err of
-- kind "config". Rows that have a line in the file get its `outcome`; those whose reply was lost get `lost`, and the
-- recorded error as `err`. Lines of failed rows that have changed in the CSV are dropped, as are those of rows to be
-- sent again; any other line that doesn't fit the rows is refused.
function M.open(path, rows)
  local file, trouble, is_taken = core.open_locked(path)
  if is_taken then return fail(path, TAKEN) end
  if not file then return fail(path, "can't be written: %s", trouble) end
  local good, results, err = pcall(begin, path, file, rows)
  if not good or not results then file:close() end
  if not good then error(results, 0) end -- Ctrl-C
  return results, err
end

--- results.read(path, rows) → true, or nil, err: as `open`, without making the file or writing to it.
function M.read(path, rows)
  local file, message = io.open(path, "rb")
  if not file and message:find("No such file", 1, true) then return true end
  if not file then return fail(path, "%s", message) end
  local scan
  scan, message = scan_lines(file, rows)
  file:close()
  if not scan then return fail(path, "%s", message) end
  return true
end

--- results:write(row, id, err) → true, or nil, err of kind "config". Writes one line. After a line that could not be
-- written whole no other may follow: the two would be read as one.
function Results:write(row, id, err)
  local line = csv.line {
    string.format("%d", row.line), row.phone_number or "", row.trunk_sid or "", row.mode or "", row.outcome,
    id and tostring(id) or "", err and err.kind or "", err and tostring(err) or "", row.original or "",
  }
  local good, message = self.file:append(line)
  if good then return true end
  return fail(self.path, "can't be written: %s", message)
end

--- results:close() → true, or nil, err of kind "config": what was written is not on the disk. Another import may have
-- the file then.
function Results:close()
  local good, message = self.file:close()
  if good then return true end
  return fail(self.path, "can't be written: %s", message)
end

return M
