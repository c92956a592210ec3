--- What came to be on a service while several acted, by whose request, and what each of them was told of it: the rules
-- that hold whatever happens. For spec/support/simulation.lua.
local canonical = require("exotel.resources.destination").canonical

local Ledger = {}
Ledger.__index = Ledger

local ledger = {}

local function key_of_ip(ip) return ("%s/%d"):format(ip.ip, ip.mask or 32) end

-- → an array of { name, id }: the trunk, and what is on it
local function inventory(sb, trunk_name)
  local list = {}
  local function add(kind, key, id) list[#list + 1] = { name = kind .. " " .. key, id = kind .. " " .. tostring(id) } end
  for _, trunk in ipairs(sb:state().trunks) do
    if trunk.trunk_name == trunk_name then
      add("trunk", trunk_name, trunk.trunk_sid)
      for _, one in ipairs(trunk.numbers) do add("phone_number", one.phone_number, one.id) end
      for _, one in ipairs(trunk.ips) do add("whitelisted_ip", key_of_ip(one), one.id) end
      for _, one in ipairs(trunk.destinations) do add("destination", canonical(one.destination), one.id) end
      for _, one in ipairs(trunk.settings) do add("setting", one.name, trunk.trunk_sid .. one.name) end
    end
  end
  return list
end

local function names_of(list)
  local counts = {}
  for _, one in ipairs(list) do counts[one.name] = (counts[one.name] or 0) + 1 end
  return counts
end

--- ledger.new(world, options) → a ledger of what is there now. `options`: trunk_name; context, a text for what fails;
-- settle_wait, of the clients; mixed, true where a request of one actor may be sent in another's turn.
function ledger.new(world, options)
  local self = setmetatable({
    world = world, trunk_name = options.trunk_name, context = options.context, mixed = options.mixed,
    settle_wait = options.settle_wait,
    known = {}, ever = {}, makers = {}, turns = {},
  }, Ledger)
  local list = inventory(world.sb, options.trunk_name)
  for _, one in ipairs(list) do self.known[one.id] = true end
  self.before = names_of(list)
  for name in pairs(self.before) do self.ever[name] = true end
  return self
end

-- Who made it ------------------------------------------------------------------------------------------------------------

local function actor_of_request(self, index)
  for _, turn in ipairs(self.turns) do
    if index > turn.from and index <= turn.to then return turn.actor end
  end
end

-- What takes effect between two turns was sent in an earlier one, by a POST that was not answered.
local function late_makers(self, name)
  local key, makers = name:match("^%S+ ([^/]+)"), {}
  for index, request in ipairs(self.world.sb:requests()) do
    local fits = request.method == "POST" and not request.status and request.body:find(key, 1, true)
    local actor = fits and actor_of_request(self, index)
    if actor and not makers[actor] then
      makers[actor], makers[#makers + 1] = true, actor
    end
  end
  return makers
end

-- Of several who may have made it nobody is said to have.
local function note_maker(self, name, actor)
  if self.mixed then return end
  local makers = actor and { actor } or late_makers(self, name)
  if #makers ~= 1 then return end
  self.makers[name] = self.makers[name] or {}
  self.makers[name][makers[1]] = true
end

--- After a turn of an actor, or with nil after time has passed.
function Ledger:note(actor)
  local handled = self.world.sb:handled()
  if actor then self.turns[#self.turns + 1] = { from = self.handled or 0, to = handled, actor = actor } end
  self.handled = handled
  for _, one in ipairs(inventory(self.world.sb, self.trunk_name)) do
    if not self.known[one.id] then note_maker(self, one.name, actor) end
    self.known[one.id], self.ever[one.name] = true, true
  end
end

-- What they were told ----------------------------------------------------------------------------------------------------

local GOOD = { done = true, present = true }
local VAIN = { failed = true, not_tried = true }

local function doubts(one) return one.outcome == "unknown" or (one.err ~= nil and one.err.maybe_applied == true) end

local function each_told(self, f)
  for _, actor in ipairs(self.world.list) do
    for _, one in ipairs(actor.results and actor.results[1] or {}) do f(one, actor) end
  end
end

local function fail(self, ...) error(self.context .. ": " .. string.format(...), 0) end

local function check_claim(self, one, actor)
  if one.action ~= "made" then return end
  local where = ("%s: %s %s"):format(actor.name, one.name, one.outcome)
  if GOOD[one.outcome] and not self.ever[one.name] then fail(self, "%s: it was never there", where) end
  local made = self.makers[one.name]
  local hidden = VAIN[one.outcome] and not doubts(one) and made and made[actor]
  if hidden then fail(self, "%s: it had made it", where) end
end

-- → sets of names: those that somebody says are there, may be there, were removed; that were said to have failed
local function said(self)
  local sets = { there = {}, doubted = {}, removed = {}, mentioned = {} }
  each_told(self, function(one)
    if one.action == "made" and GOOD[one.outcome] then sets.there[one.name] = true end
    if doubts(one) or one.warned then sets.doubted[one.name] = true end
    if one.action == "removed" and one.outcome ~= "not_tried" then sets.removed[one.name] = true end
    if not GOOD[one.outcome] then sets.mentioned[one.name] = true end
  end)
  return sets
end

local function is_made_by_one(self, name)
  local makers, count = self.makers[name] or {}, 0
  for _ in pairs(makers) do count = count + 1 end
  return count == 1 and not self.before[name]
end

-- Who finds what somebody else has made doesn't wait for what may come late of its own; nobody waits for longer than
-- settle_wait; and nobody can know of what was added for a client that is closed.
local function may_be_doubled(self, name, late)
  return self.mixed or late > self.settle_wait or (late > 0 and not is_made_by_one(self, name))
end

--- What an actor was told is true, and what nobody was told of did not happen. `wanted`: an array of names;
-- `late`: seconds by which requests
-- were late, at most.
function Ledger:check(wanted, late)
  each_told(self, function(one, actor) check_claim(self, one, actor) end)
  local sets, left = said(self), names_of(inventory(self.world.sb, self.trunk_name))
  for name in pairs(self.ever) do
    local owned = self.before[name] or sets.there[name] or sets.doubted[name]
    if not owned then fail(self, "%s came to be, and nobody says so", name) end
  end
  local everything = sets.removed["trunk " .. self.trunk_name]
  for _, name in ipairs(wanted) do
    local gone = self.ever[name] and not left[name] and not (everything or sets.removed[name])
    if gone and (sets.there[name] or not sets.mentioned[name]) then fail(self, "%s is gone, and nobody was told", name) end
    local doubled = (left[name] or 0) > 1 and not sets.doubted[name]
    if doubled and not may_be_doubled(self, name, late) then fail(self, "%s is there twice, and nobody was told", name) end
  end
end

return ledger
