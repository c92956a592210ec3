--- The rows of a file, a hundred thousand in little memory: columns of values, and a table for a row only while it is
-- worked on.
local errors = require "exotel.error"

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

-- Adding --------------------------------------------------------------------------------------------------------------

--- Adds a row. `values`: number, or what stands in its place; original, where that was something else; mode, trunk.
-- `problem`: why it can't be sent.
function Rows:add(line, values, problem)
  local i = self.total + 1
  self.total = i
  self.lines[i], self.numbers[i], self.originals[i] = line, values.number, values.original
  self.modes[i], self.trunks[i] = values.mode, values.trunk
  if problem then return self:refuse(i, problem) end
  local first = self.index[values.number]
  if first then return self:refuse(i, first) end
  self.index[values.number] = i
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
  if self.index[self.numbers[i]] == i then self.index[self.numbers[i]] = nil end
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

local function problem_of(self, i)
  local problem = self.problems[i]
  if not problem then return nil end
  if type(problem) == "number" then problem = duplicate_text(self, i, problem) end
  local missing = problem:match("^not_found: (.*)$")
  return errors.new {
    kind = missing and "not_found" or "invalid_argument", operation = "map_phone_number", message = missing or problem,
  }
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
    index = i, line = self.lines[i], phone_number = self.numbers[i], original = self.originals[i],
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
  local i = 0
  return function()
    i = i + 1
    if i <= self.total then return self:peek(i) end
  end
end

--- The row that has a number, or nil; without those that can't be sent.
function Rows:of_number(number)
  local i = self.index[number]
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
