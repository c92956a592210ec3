--- The rows of a file, a hundred thousand in little memory: columns of values, and a table for a row only while it is
-- worked on.
local errors = require "exotel.error"
local tidy = require "exotel.bulk.tidy"

local Rows = {}
Rows.__index = Rows

local M = {}

--- rows.new() → rows, none yet. Fields: total, and counts of rows by what became of their numbers: `cleaned`,
-- `completed` and `refused` (the number can't be sent).
function M.new()
  return setmetatable({
    total = 0, cleaned = 0, completed = 0, refused = 0,
    lines = {}, numbers = {}, originals = {}, modes = {}, trunks = {}, problems = {}, outcomes = {}, reasons = {},
    active = {}, index = {}, sids = {},
  }, Rows)
end

-- A number in E.164 has 15 digits at most, and is kept as a number: that takes a quarter of a string's memory.
local function pack(text)
  local digits = text:match("^%+(%d+)$")
  return digits and tonumber(digits)
end

local function unpacked(number)
  if type(number) == "number" then return ("+%.0f"):format(number) end
  return number
end

-- Adding --------------------------------------------------------------------------------------------------------------

--- Adds a row. `values`: number, or what stands in its place; original, where that was something else; mode, trunk.
-- `problem`: why it can't be sent.
function Rows:add(line, values, problem)
  local i = self.total + 1
  self.total = i
  self.lines[i], self.numbers[i], self.originals[i] = line, values.number, values.original
  self.modes[i], self.trunks[i] = values.mode, values.trunk
  if problem then return self:refuse(i, problem) end
  local number = pack(values.number)
  local first = self.index[number]
  self.numbers[i] = number
  if first then return self:refuse(i, first) end
  self.index[number] = i
  local change = self:change(i)
  if change then self[change] = self[change] + 1 end
end

--- What was done to the number of a row: "cleaned", "completed" or nil.
function Rows:change(i)
  local original = self.originals[i]
  if not original or self.problems[i] then return nil end
  return original:find("+", 1, true) and "cleaned" or "completed"
end

-- Problems ------------------------------------------------------------------------------------------------------------

--- Says why a row can't be sent: a text, "not_found: " and a text, or the row that has the same number before.
function Rows:refuse(i, problem)
  if self.problems[i] == nil then self.refused = self.refused + 1 end
  self.problems[i] = problem
end

-- What differs between two rows of one number.
local function difference(self, i, first)
  local parts = {}
  if self.modes[i] ~= self.modes[first] then parts[#parts + 1] = "mode" end
  if self.trunks[i] ~= self.trunks[first] then parts[#parts + 1] = "trunk" end
  return #parts > 0 and " with another " .. table.concat(parts, " and ") or ""
end

local function duplicate_text(self, i, first)
  return ("the same number stands in line %d%s"):format(self.lines[first], difference(self, i, first))
end

-- → why a row can't be sent, and the kind of that error; or nil
local function problem_text(self, i)
  local problem = self.problems[i]
  if not problem then return nil end
  if type(problem) == "number" then return duplicate_text(self, i, problem), "invalid_argument" end
  local missing = problem:match("^not_found: (.*)$")
  return missing or problem, missing and "not_found" or "invalid_argument"
end

local function problem_of(self, i)
  local message, kind = problem_text(self, i)
  return message and errors.new { kind = kind, operation = "map_phone_number", message = message }
end

-- Rows as tables ------------------------------------------------------------------------------------------------------

local function sid_of(self, i)
  local trunk = self.trunks[i]
  if trunk then return self.sids[trunk] end
  return self.default_sid
end

--- A row as a table: index, line, phone_number, original, change, mode, trunk, trunk_sid, problem (an err), outcome,
-- reason (why it failed). The same one each time, until it has an outcome.
function Rows:row(i)
  local row = self.active[i]
  if row then return row end
  row = {
    index = i, line = self.lines[i], phone_number = unpacked(self.numbers[i]), original = self.originals[i],
    change = self:change(i), mode = self.modes[i], trunk = self.trunks[i], trunk_sid = sid_of(self, i),
    problem = problem_of(self, i), outcome = self.outcomes[i], reason = self.reasons[i],
  }
  if not row.outcome then self.active[i] = row end
  return row
end

--- The same, for looking at it: it is not kept.
function Rows:peek(i)
  local is_active = self.active[i] ~= nil
  local row = self:row(i)
  if not is_active then self.active[i] = nil end
  return row
end

--- An iterator over the rows as tables, for looking at them.
function Rows:each()
  local i, after_each = 0, tidy()
  return function()
    i = i + 1
    after_each()
    if i <= self.total then return self:peek(i) end
  end
end

--- Gives all rows that can't be sent their outcome. → how many had none
function Rows:conclude_problems()
  local count = 0
  for i = 1, self.total do
    local message = not self.outcomes[i] and problem_text(self, i)
    if message then
      self:conclude(i, "failed", message)
      count = count + 1
    end
  end
  return count
end

--- The first rows that can't be sent and have no outcome, `most` of them, and how many there are.
function Rows:first_problems(most)
  local first, count = {}, 0
  for i = 1, self.total do
    if self.problems[i] and not self.outcomes[i] then
      count = count + 1
      if count <= most then first[count] = self:peek(i) end
    end
  end
  return first, count
end

--- The number of a row, or what stands in its place.
function Rows:number(i) return unpacked(self.numbers[i]) end

--- The row that has a number, the first one where there are several, or nil.
function Rows:of_number(number)
  local packed = type(number) == "string" and pack(number)
  local i = packed and self.index[packed]
  return i and self:row(i)
end

--- The row that begins in a line, or nil.
function Rows:of_line(line)
  local low, high = 1, self.total
  while low < high do
    local middle = math.floor((low + high) / 2)
    if self.lines[middle] < line then low = middle + 1 else high = middle end
  end
  return self.lines[low] == line and self:row(low) or nil
end

--- Gives a row its outcome. `reason`: why it failed.
function Rows:conclude(i, outcome, reason)
  self.outcomes[i], self.reasons[i], self.active[i] = outcome, reason, nil
end

-- Trunks --------------------------------------------------------------------------------------------------------------

--- The trunks that rows name, by name or sid, as a set.
function Rows:trunk_names()
  local names = {}
  for _, trunk in pairs(self.trunks) do names[trunk] = true end
  return names
end

local function trunk_problem(self, i)
  local trunk = self.trunks[i]
  if trunk and not self.sids[trunk] then return ("not_found: no trunk '%s' in this account"):format(trunk) end
  if not trunk and not self.default_sid then return "no trunk: neither the row nor the options name one" end
end

--- Says which trunks the rows go to: `sids`, by what they call it; else `default`. Rows without either are refused.
function Rows:assign_trunks(sids, default)
  self.sids, self.default_sid = sids, default
  for i = 1, self.total do
    local problem = not self.problems[i] and trunk_problem(self, i)
    if problem then self:refuse(i, problem) end
  end
end

--- Refuses rows whose mode has a problem: `check(mode)` → a text, or nil. It is asked once for each mode.
function Rows:check_modes(check)
  local known = {}
  for i, mode in pairs(self.modes) do
    if known[mode] == nil then known[mode] = check(mode) or false end
    if known[mode] and not self.problems[i] then self:refuse(i, known[mode]) end
  end
end

return M
