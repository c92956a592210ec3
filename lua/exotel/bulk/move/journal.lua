--- The results file of a move, which is its journal as well: before a number is taken off its trunk a line says so, and
-- another one what became of it. A number whose last line is no end (`open`) may be on no trunk: the next run takes it
-- up. When a run has ended the file has one line a number.
local core = require "exotel.core"
local csv = require "exotel.bulk.csv"
local errors = require "exotel.error"

local M = {}

local COLUMNS = {
  "phone_number", "from_trunk_sid", "from_mode", "to_trunk_sid", "mode", "outcome", "id", "kind", "message",
}
local HEADER = csv.line(COLUMNS)

-- By outcome: whether its number needs nothing more.
local is_end = { moving = false, unmapped = false, unknown = false, done = true, present = true, failed = true }

local Journal = {}
Journal.__index = Journal

local function fail(path, message, ...)
  local text = string.format("%s: %s", path, string.format(message, ...))
  return nil, errors.new { kind = "config", operation = "move", field = "results", message = text }
end

-- Reading -------------------------------------------------------------------------------------------------------------

-- → { a field by the name of its column, nil for an empty one }, or nil
local function read_entry(line)
  local fields = csv.fields(line)
  if not fields or #fields ~= #COLUMNS then return nil end
  local entry = {}
  for i, name in ipairs(COLUMNS) do entry[name] = fields[i] ~= "" and fields[i] or nil end
  if entry.phone_number and entry.to_trunk_sid and is_end[entry.outcome] ~= nil then return entry end
end

-- What a kill or a power loss left half written: without an end, or with NUL bytes for what had not reached the disk.
local function is_torn(line, ended) return not ended or line:find("\0", 1, true) ~= nil end

local function note(self, entry)
  if not self.by_number[entry.phone_number] then self.numbers[#self.numbers + 1] = entry.phone_number end
  self.by_number[entry.phone_number] = entry
end

-- → whether the line is torn; or nil, message
local function scan_line(self, number, line, ended)
  if is_torn(line, ended) then return true end
  if number == 1 and line .. "\n" ~= HEADER then return nil, "it is not a results file of numbers moved" end
  local entry = number > 1 and read_entry(line)
  if entry then note(self, entry) end
  if number > 1 and not entry then return nil, "it can't be understood" end
  return false
end

-- → a journal of what the file has, without the file; or nil, err. `dirty`: it ends in something torn.
local function scan(path, file)
  local self, number = setmetatable({ path = path, numbers = {}, by_number = {}, dirty = false }, Journal), 0
  for line, ended, long in csv.lines(file) do
    if not line and not (long and is_torn(long, false)) then return fail(path, "%s", ended) end
    number = number + 1
    local torn, message = scan_line(self, number, line or long, line and ended)
    if torn == nil then return fail(path, "line %d: %s", number, message) end
    self.dirty = torn
    if torn then break end
  end
  self.is_empty = number == 0 or (number == 1 and self.dirty)
  return self
end

--- journal.read(path) → a journal to look at only; without entries when there is no such file. Or nil, err
function M.read(path)
  local file, message, code = io.open(path, "rb")
  if not file and code == 2 then return setmetatable({ path = path, numbers = {}, by_number = {} }, Journal) end
  if not file then return fail(path, "can't be read: %s", message) end
  local self, err = scan(path, file)
  file:close()
  return self, err
end

--- The entries of numbers that may be on no trunk, in the order in which they stand there.
function Journal:open_entries()
  local list = {}
  for _, number in ipairs(self.numbers) do
    local entry = self.by_number[number]
    if not is_end[entry.outcome] then list[#list + 1] = entry end
  end
  return list
end

-- Writing -------------------------------------------------------------------------------------------------------------

local TAKEN = "another move is writing to it: wait for its end, or take another results file"

local function line_of(entry)
  local fields = {}
  for i, name in ipairs(COLUMNS) do fields[i] = tostring(entry[name] or "") end
  return csv.line(fields)
end

-- One line a number.
local function text_of(self)
  local lines = { HEADER }
  for _, number in ipairs(self.numbers) do lines[#lines + 1] = line_of(self.by_number[number]) end
  return table.concat(lines)
end

-- → a journal that can be written to, or nil, err
local function begin(path, file)
  local self, err = scan(path, file)
  if not self then return nil, err end
  self.file = file
  local good, message = true, nil
  if self.is_empty and not self.dirty then good, message = file:append(HEADER)
  elseif self.dirty then good, message = file:replace(text_of(self)) end
  if not good then return fail(path, "can't be written: %s", message) end
  return self
end

--- journal.open(path) → a journal to write to, which no other move has until it is closed; or nil, err of kind
-- "config".
function M.open(path)
  local file, trouble, is_taken = core.open_locked(path)
  if is_taken then return fail(path, TAKEN) end
  if not file then return fail(path, "can't be written: %s", trouble) end
  local good, self, err = pcall(begin, path, file)
  if not good or not self then file:close() end
  if not good then error(self, 0) end -- Ctrl-C
  return self, err
end

--- journal:write(row, outcome, id, err) → true, or nil, err of kind "config". Of what is about to be done the line
-- is on the disk then.
function Journal:write(row, outcome, id, err)
  local entry = {
    phone_number = row.phone_number, from_trunk_sid = row.from_trunk_sid, from_mode = row.from_mode,
    to_trunk_sid = row.to_trunk_sid, mode = row.mode, outcome = outcome, id = id, kind = err and err.kind,
    message = err and tostring(err),
  }
  local good, message = self.file:append(line_of(entry))
  if good and outcome == "moving" then good, message = self.file:sync() end
  if not good then return fail(self.path, "can't be written: %s", message) end
  note(self, entry)
  return true
end

--- journal:close([whole]) → true, or nil, err of kind "config": what was written is not on the disk. `whole`: leaves
-- one line a number; where that can't be written the file stays as it is, which says the same.
function Journal:close(whole)
  if whole then self.file:replace(text_of(self)) end
  local good, message = self.file:close()
  if good then return true end
  return fail(self.path, "can't be written: %s", message)
end

return M
