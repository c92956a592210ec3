--- What is wanted of one trunk against what is there: the steps that lead from one to the other.
local addresses = require "exotel.provision.plan.addresses"
local resources = require "exotel.resources.kinds"

local M = {}

local function step(action, resource, key, fields)
  local self = { action = action, resource = resource, key = key }
  for name, value in pairs(fields) do self[name] = value end
  return self
end

-- The trunk itself ---------------------------------------------------------------------------------------------------

-- The refusal of a value that would have to be written, if there is one.
local function refusal_of(wanted, to)
  for name in pairs(to) do
    if wanted.trunk.refusals[name] then return wanted.trunk.refusals[name] end
  end
end

--- diff.trunk_step(wanted, trunk) → the step for the trunk's own fields. `trunk`: its data, or false.
function M.trunk_step(wanted, trunk)
  local fields = wanted.trunk.fields
  local name, from, to = fields.trunk_name, {}, {}
  if not trunk then return step("create", "trunk", name, { to = fields, refusal = refusal_of(wanted, fields) }) end
  for field, value in pairs(fields) do
    if trunk[field] ~= value then from[field], to[field] = trunk[field], value end
  end
  if next(to) == nil then return step("create", "trunk", name, { to = fields, present = true }) end
  return step("update", "trunk", name, { from = from, to = to, refusal = refusal_of(wanted, to) })
end

-- What is wanted -----------------------------------------------------------------------------------------------------

local function copy_with(fields, name, value)
  local copy = { [name] = value }
  for key, item in pairs(fields) do copy[key] = item end
  return copy
end

local function update_step(resource, want, have, from, rotates)
  local to = want.fields
  if rotates then from, to = copy_with(from, "password", "(set)"), copy_with(to, "password", "(new)") end
  return step("update", resource, want.key, {
    from = from, to = to, want = want, have = have, refusal = want.refusal, rotates = rotates,
  })
end

--- diff.wanted_step(resource, want, have [, rotates]) → the step for one thing. `have`: the item that is there, or nil;
-- `rotates`: its password is to be set anew.
function M.wanted_step(resource, want, have, rotates)
  local kind = resources.kinds[resource]
  if not have then
    return step("add", resource, want.key, { to = want.fields, want = want, refusal = want.refusal })
  end
  if rotates or resources.difference(kind, have, want.fields) then
    return update_step(resource, want, have, kind.fields(have), rotates)
  end
  return step("add", resource, want.key, { to = want.fields, want = want, have = have, present = true })
end

-- The items by key: of several under one key first the one that is as wanted, so that least has to change.
local function by_key(kind, wants, items)
  local index = {}
  for _, item in ipairs(items) do
    local key = kind.key(kind.fields(item))
    local want = wants.by_key[key]
    local fits = want and not resources.difference(kind, item, want.fields)
    local taken = index[key]
    if not taken or (fits and resources.difference(kind, taken, want.fields)) then index[key] = item end
  end
  return index
end

-- What is too much ---------------------------------------------------------------------------------------------------

-- Everything that is there and not wanted, a second one of what is wanted included.
local function removals(resource, kind, wants, items, index)
  local steps = {}
  for _, item in ipairs(items) do
    local fields = kind.fields(item)
    local key = kind.key(fields)
    if not (wants.by_key[key] and index[key] == item) then
      steps[#steps + 1] = step("remove", resource, key, { from = fields, have = item })
    end
  end
  return steps
end

-- The destinations that a trunk has in the end, by their keys.
local function staying_destinations(wanted, items)
  local wants, keys = wanted.destination, {}
  for _, want in ipairs(wants) do keys[#keys + 1] = want.key end
  if wants.managed then return keys end
  local kind = resources.kinds.destination
  for _, item in ipairs(items or {}) do keys[#keys + 1] = kind.key(kind.fields(item)) end
  return keys
end

local function covered(wants, kept, address)
  for _, want in ipairs(wants) do
    if addresses.covers(want.fields, address) then return true end
  end
  for _, one in ipairs(kept) do
    if addresses.covers(one.step.from, address) then return true end
  end
  return false
end

-- The destination that needs this IP, since no other one that stays covers it; or nil.
local function dependent(removal, wants, kept, destinations)
  for _, key in ipairs(destinations) do
    local address = addresses.of_destination(key)
    if address and addresses.covers(removal.from, address) and not covered(wants, kept, address) then return key end
  end
end

-- Splits the removals of IPs. → those to be done; those that a destination needs: { step, needed_by }
local function spare_needed(steps, wanted, actual)
  local done, kept = {}, {}
  local destinations = staying_destinations(wanted, actual.destination)
  for _, removal in ipairs(steps) do
    local needed_by = dependent(removal, wanted.whitelisted_ip, kept, destinations)
    if needed_by then kept[#kept + 1] = { step = removal, needed_by = needed_by }
    else done[#done + 1] = removal end
  end
  return done, kept
end

-- All of it ----------------------------------------------------------------------------------------------------------

local function add_wanted(steps, resource, wants, index, rotate)
  for _, want in ipairs(wants) do
    local have = index[want.key]
    local rotates = have and resource == "credential" and rotate[want.key] or nil
    steps[#steps + 1] = M.wanted_step(resource, want, have, rotates)
  end
end

local function join(lists)
  local all = {}
  for _, list in ipairs(lists) do
    for _, item in ipairs(list) do all[#all + 1] = item end
  end
  return all
end

--- diff.steps(wanted, actual, options) → { additions, removals, kept }: arrays of steps, those already done (`present`)
-- included, the trunk's own first, destinations removed before their IPs; `kept`: the IPs that prune leaves because a
-- destination needs them. `options`: prune, rotate (a set of user names).
function M.steps(wanted, actual, options)
  local additions, removed, kept = { M.trunk_step(wanted, actual.trunk) }, {}, {}
  for _, resource in ipairs(resources.order) do
    local kind, wants, items = resources.kinds[resource], wanted[resource], actual[resource] or {}
    local index = by_key(kind, wants, items)
    add_wanted(additions, resource, wants, index, options.rotate)
    if options.prune and wants.managed then
      local steps = removals(resource, kind, wants, items, index)
      if resource == "whitelisted_ip" then steps, kept = spare_needed(steps, wanted, actual) end
      table.insert(removed, 1, steps)
    end
  end
  return { additions = additions, removals = join(removed), kept = kept }
end

return M
