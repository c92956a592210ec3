--- What the specs of moves start from: a sandbox with the trunks "old", "new" and "third", numbers on the first, and a
-- results file.
local assert = require "luassert"
local bulk = require "exotel.bulk"
local files = require "spec.support.bulk"
local world = require "spec.support.world"

local moves = {}

local Moves = {}
Moves.__index = Moves

--- moves.new(count [, client options [, sandbox options]]) → { w, old, new, third (the trunks' sids), numbers, paths }.
-- Every third number has the mode flow, and every third one pstn.
function moves.new(count, client_options, sandbox_options)
  local all = { backoff = 0, rate_limit = false }
  for name, value in pairs(client_options or {}) do all[name] = value end
  local self = setmetatable({ w = world.new(sandbox_options, all), paths = files.new(), numbers = {} }, Moves)
  self.old, self.new, self.third = self.w:trunk "old", self.w:trunk "new", self.w:trunk "third"
  for i = 1, count do self:map(self.old, files.number(i), ({ "flow", "pstn" })[i % 3]) end
  for i = 1, count do self.numbers[i] = files.number(i) end
  self.w.sb:reset_requests()
  return self
end

--- Maps a number, whatever faults there are.
function Moves:map(trunk_sid, number, mode)
  assert(self.w.client:map_phone_number { trunk_sid = trunk_sid, phone_number = number, mode = mode })
end

--- Runs bulk.move of all numbers to "new". `options`: further ones; `numbers`: others.
function Moves:run(options, numbers)
  local all = { to = self.new, results = self.paths.results }
  for name, value in pairs(options or {}) do all[name] = value end
  return bulk.move(self.w.client, numbers or self.numbers, all)
end

--- Where the numbers are: { trunk_sid, id, mode } by number.
function Moves:held() return (files.held(self.w.sb:state())) end

--- How many numbers a trunk has.
function Moves:count(trunk_sid)
  local count = 0
  for _, number in pairs(self:held()) do
    if number.trunk_sid == trunk_sid then count = count + 1 end
  end
  return count
end

--- The outcomes of a summary, by number; those that are given, or all.
function Moves.outcomes(_, summary)
  local by_number = {}
  for _, moved in ipairs(summary.numbers) do by_number[moved.phone_number] = moved end
  return by_number
end

local DEFAULT = "pstn"

-- What is said of a number and the service belies, as text; or nil
local function lie(moved, held, self)
  local claims = { done = self.new, present = self.new }
  local where = held and held.trunk_sid or "no trunk"
  local wanted = claims[moved.outcome]
  if wanted and where ~= wanted then return "is not on the new trunk but on " .. where end
  if moved.outcome == "failed" and not held then return "has failed, and is on no trunk" end
  if moved.outcome == "unmapped" and held then return "is said to be on no trunk, and is on " .. where end
  if moved.outcome == "not_tried" and not (held and where == self.old) then return "was not tried, and is on " .. where end
  if not held and not (moved.outcome == "unmapped" or moved.outcome == "unknown") then return "is on no trunk, unnamed" end
  local mode = moved.from_mode or DEFAULT
  if held and moved.from_trunk_sid == self.old and held.mode ~= mode then return "has lost its mode " .. mode end
end

--- What a summary says is true of the service, and no number is on no trunk without being named.
function Moves:assert_true(summary, title)
  local held = self:held()
  assert.equal(#self.numbers, #summary.numbers, title)
  for _, moved in ipairs(summary.numbers) do
    local told = lie(moved, held[moved.phone_number], self)
    assert.is_nil(told, ("%s%s (%s): %s"):format(title or "", moved.phone_number, moved.outcome, tostring(told)))
  end
end

--- All numbers are on the new trunk, with the modes that they had.
function Moves:assert_all_moved(title)
  local held = self:held()
  for i, number in ipairs(self.numbers) do
    local found = held[number] or {}
    assert.equal(self.new, found.trunk_sid, ("%s%s"):format(title or "", number))
    assert.equal(i % 3 == 1 and "flow" or "pstn", found.mode, number)
  end
end

--- Stops it all; for after_each.
function Moves:close()
  self.w:close()
  files.remove(self.paths)
end

return moves
