--- What a move would do: where each number is, what has to be done with it, and what keeps the move from being made.
-- Reads only.
local check = require "exotel.calls.check"
local errors = require "exotel.error"
local phone_number = require "exotel.resources.phone_number"
local trunks = require "exotel.bulk.move.trunks"
local values = require "exotel.resources.values"

local M = {}

-- So many numbers are looked up one by one; of more the trunks' lists are read.
local LOOKUPS_MAX = 20
-- Stands for the trunk's sid where only the other arguments are checked.
local ANY_TRUNK = "trunk"

local Planner = {}
Planner.__index = Planner

-- What keeps it from being made ---------------------------------------------------------------------------------------

local function refuse(self, kind, number, format, ...)
  local refused = self.plan.refused
  refused[#refused + 1] = { kind = kind, phone_number = number, message = format:format(...) }
end

-- Which numbers -------------------------------------------------------------------------------------------------------

-- A number that stands there twice is moved once.
local function add_number(self, number, line)
  local err = check(self.client, "map_phone_number", { trunk_sid = ANY_TRUNK, phone_number = number, mode = self.mode })
  local where = line and ("line %d: "):format(line) or ""
  if err then return refuse(self, err.kind, tostring(number), "%s%s", where, err.message) end
  if self.wanted[number] then return end
  self.wanted[number] = true
  self.numbers[#self.numbers + 1] = number
end

local function add_row(self, row)
  local problem = row.problem
  if problem then return refuse(self, problem.kind, row.phone_number, "line %d: %s", row.line, problem.message) end
  if row.trunk then
    return refuse(self, "invalid_argument", row.phone_number,
      "line %d: a column 'trunk' could mean where it is or where it goes: leave the column out", row.line)
  end
  add_number(self, row.phone_number, row.line)
  self.modes[row.phone_number], self.originals[row.phone_number] = row.mode, row.original
end

-- All numbers of the trunks that they are taken from.
local function add_all(self)
  for _, from in ipairs(self.from) do
    for _, number in ipairs(values.sorted_names(self:numbers_of(from) or {})) do add_number(self, number) end
  end
end

local function add_given(self, given)
  if not given then return add_all(self) end
  for _, one in ipairs(given) do
    if type(one) == "table" then add_row(self, one) else add_number(self, one) end
  end
end

-- Where they are ------------------------------------------------------------------------------------------------------

--- The mappings of a trunk, by number; nil when they can't be read: `err` says why.
function Planner:numbers_of(trunk_sid)
  if self.lists[trunk_sid] or self.err then return self.lists[trunk_sid] end
  self.lists[trunk_sid], self.err = trunks.numbers(self.client, trunk_sid)
  return self.lists[trunk_sid]
end

-- → the numbers that are on none of the trunks whose lists were read
local function unseen(self)
  local list = {}
  for _, number in ipairs(self.numbers) do
    local seen = false
    for _, items in pairs(self.lists) do seen = seen or items[number] ~= nil end
    if not seen then list[#list + 1] = number end
  end
  return list
end

-- The service's map says which trunk to look at.
local function look_up(self, numbers)
  for i = 1, math.min(#numbers, LOOKUPS_MAX) do
    local sid, err = trunks.of_number(self.client, numbers[i])
    self.err = self.err or err
    if self.err then return end
    if sid then self.elsewhere[numbers[i]] = sid end
    if sid and not self.from then self:numbers_of(sid) end
  end
end

-- Of many numbers the lists of all trunks are read, until all are found.
local function read_all(self)
  for _, trunk in ipairs(self.account.list) do
    if self.err or #unseen(self) == 0 then return end
    self:numbers_of(trunk.trunk_sid)
  end
end

local function locate(self)
  self:numbers_of(self.to.trunk_sid)
  for _, sid in ipairs(self.from or {}) do self:numbers_of(sid) end
  for _, entry in ipairs(self.entries) do
    if entry.from_trunk_sid then self:numbers_of(entry.from_trunk_sid) end
  end
  if self.err then return end
  if not self.from and #unseen(self) > LOOKUPS_MAX then read_all(self) end
  if not self.err then look_up(self, unseen(self)) end
end

-- What is to be done --------------------------------------------------------------------------------------------------

-- The option's, or else the file's; nil: its own.
local function desired_mode(self, number) return self.mode or self.modes[number] end

local function new_row(self, number, from, item)
  return {
    phone_number = number, from_trunk_sid = from, from_mode = item and item.mode, id = item and item.id,
    to_trunk_sid = self.to.trunk_sid, mode = desired_mode(self, number) or item and item.mode, phase = "unmap",
    original = self.originals[number],
  }
end

local function wanted_mode(row) return phone_number.fields(row).mode end

local function add_present(self, number, item)
  local row = new_row(self, number, nil, item)
  local has = phone_number.fields(item).mode
  local desired = desired_mode(self, number)
  if not desired or has == wanted_mode(row) then
    row.outcome = "present"
  else
    row.outcome = "failed"
    row.err = errors.new {
      kind = "conflict", operation = "move",
      message = ("%s is on this trunk already, with mode %s, not %s"):format(number, has, desired),
    }
  end
  table.insert(self.plan.present, row)
end

-- The trunk that it is taken from: only one that was looked at.
local function source_of(self, number)
  for _, sid in ipairs(self.from or {}) do
    if self.lists[sid][number] then return sid end
  end
  for sid, items in pairs(self.lists) do
    if items[number] and sid ~= self.to.trunk_sid and not self.from then return sid end
  end
end

local function add_missing(self, number)
  local elsewhere = self.elsewhere[number]
  if elsewhere then
    return refuse(self, "conflict", number, "%s is on %s, which it is not to be taken from", number,
      self.account:title(elsewhere))
  end
  if self.from and #self.from > 0 and self.missing ~= "map" then
    return refuse(self, "not_found", number, "%s is on none of the trunks that numbers are taken from", number)
  end
  if self.missing ~= "map" then
    return refuse(self, "not_found", number, "%s is on no trunk of this account", number)
  end
  local row = new_row(self, number)
  row.phase, row.on_no_trunk = "map", true
  table.insert(self.plan.moves, row)
end

local function add_move(self, number)
  local on_target = self.lists[self.to.trunk_sid][number]
  if on_target then return add_present(self, number, on_target) end
  local source = source_of(self, number)
  if not source then return add_missing(self, number) end
  table.insert(self.plan.moves, new_row(self, number, source, self.lists[source][number]))
end

-- What an earlier run left open ---------------------------------------------------------------------------------------

-- A run that was killed between the two requests of a number has left it on no trunk, and maybe its last request still
-- takes effect. Its mode is what that run wanted, or had found. One that is on its trunk after all, and that nobody
-- asks for now, is left there.
local function take_up(self, entry)
  local number, source = entry.phone_number, entry.from_trunk_sid
  local on_target, on_source = self.lists[self.to.trunk_sid][number], source and self.lists[source][number]
  local row = new_row(self, number, source, on_target or on_source)
  row.from_mode, row.mode = entry.from_mode, desired_mode(self, number) or entry.mode
  row.taken_up = true
  if on_target then row.outcome = "done"
  elseif not on_source then row.phase, row.lost, row.on_no_trunk = "map", true, true end
  if not on_source or on_target or self.wanted[number] then
    return table.insert(self.plan[on_target and "present" or "moves"], row)
  end
  row.err = errors.new { kind = "conflict", operation = "move", message = number .. " is on its trunk" }
  table.insert(self.plan.closed, row)
end

local function take_up_all(self)
  for _, entry in ipairs(self.entries) do
    local number = entry.phone_number
    self.taken[number] = true
    if entry.to_trunk_sid ~= self.to.trunk_sid then
      refuse(self, "config", number, "an earlier run left %s between %s and %s: move it to %s first, with the same "
        .. "results file, or take another one", number, entry.from_trunk_sid or "no trunk", entry.to_trunk_sid,
        self.account:title(entry.to_trunk_sid))
    else
      take_up(self, entry)
    end
  end
end

-- The whole -----------------------------------------------------------------------------------------------------------

local function count_sources(self)
  local by_sid, list = {}, {}
  for _, row in ipairs(self.plan.moves) do
    local sid = row.phase == "unmap" and row.from_trunk_sid
    if sid and not by_sid[sid] then
      by_sid[sid] = { trunk_sid = sid, trunk_name = (self.account:find(sid) or {}).trunk_name, count = 0 }
      list[#list + 1] = by_sid[sid]
    end
    if sid then by_sid[sid].count = by_sid[sid].count + 1 end
  end
  return list
end

-- → the sids of the trunks that numbers are taken from, or nil for any; or nil, err
local function sources(account, names)
  if not names then return nil end
  local sids = {}
  for i, name in ipairs(names) do
    local trunk, err = account:find(name)
    if not trunk then return nil, err end
    sids[i] = trunk.trunk_sid
  end
  return sids
end

-- → a planner; or nil, err
local function new_planner(client, entries, options)
  local account, err = trunks.read(client)
  if not account then return nil, err end
  local to, from
  to, err = account:find(options.to)
  if not to then return nil, err end
  from, err = sources(account, options.from)
  if err then return nil, err end
  return setmetatable({
    client = client, account = account, to = to, from = from, mode = options.mode, missing = options.missing,
    entries = entries, wanted = {}, numbers = {}, modes = {}, originals = {}, lists = {}, elsewhere = {}, taken = {},
    plan = {
      moves = {}, present = {}, refused = {}, closed = {},
      to = { trunk_sid = to.trunk_sid, trunk_name = to.trunk_name },
    },
  }, Planner)
end

--- plan.make(client, given, entries, options) → { moves, present, refused, to, from }; or nil, err. `given`: numbers,
-- or rows of a file; nil for all that the trunks of `from` have. `entries`: what an earlier run left open. `options`:
-- to, from, mode, missing.
function M.make(client, given, entries, options)
  local self, err = new_planner(client, entries, options)
  if not self then return nil, err end
  add_given(self, given)
  locate(self)
  if self.err then return nil, self.err end
  take_up_all(self)
  for _, number in ipairs(self.numbers) do
    if not self.taken[number] then add_move(self, number) end
  end
  self.plan.from = count_sources(self)
  return self.plan
end

-- Named in the message; the others are counted.
local NAMED_MAX = 3

--- plan.refusal(plan) → nil, or the err that says why it can't be made.
function M.refusal(plan)
  if #plan.refused == 0 then return nil end
  local messages = {}
  for i = 1, math.min(#plan.refused, NAMED_MAX) do messages[i] = plan.refused[i].message end
  local rest = #plan.refused - #messages
  if rest > 0 then messages[#messages + 1] = ("%d more"):format(rest) end
  return errors.new {
    kind = plan.refused[1].kind, operation = "move", message = table.concat(messages, "; "), refused = plan.refused,
  }
end

return M
