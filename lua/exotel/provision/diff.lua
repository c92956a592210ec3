--- What is wanted against what is there: the steps that lead from one to the other, in an order that works.
local resources = require "exotel.resources"

local M = {}

local function step(action, resource, key, fields)
  local self = { action = action, resource = resource, key = key }
  for name, value in pairs(fields) do self[name] = value end
  return self
end

local function trunk_step(wanted, trunk)
  local name = wanted.trunk.trunk_name
  if not trunk then return step("create", "trunk", name, { to = wanted.trunk }) end
  local from, to, differs = {}, {}, false
  for field, value in pairs(wanted.trunk) do
    if trunk[field] ~= value then from[field], to[field], differs = trunk[field], value, true end
  end
  if differs then return step("update", "trunk", name, { from = from, to = to }) end
  return step("create", "trunk", name, { to = wanted.trunk, present = true })
end

local function wanted_step(resource, kind, want, have)
  if not have then return step("add", resource, want.key, { to = want.fields, want = want }) end
  local from = kind.fields(have)
  local field = kind.compared
  if field and from[field] ~= want.fields[field] then
    return step("update", resource, want.key, { from = from, to = want.fields, want = want, have = have })
  end
  return step("add", resource, want.key, { to = want.fields, present = true })
end

local function by_key(kind, items)
  local index = {}
  for _, item in ipairs(items) do
    local key = kind.key(kind.fields(item))
    index[key] = index[key] or item
  end
  return index
end

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

local function append(target, more)
  for _, item in ipairs(more) do target[#target + 1] = item end
end

--- diff.steps(wanted, actual, prune) → an array of steps, those already done (`present`) included. `actual` has the
-- `trunk` or nil, and the items of every kind. Additions come before removals, and destinations go before their IPs.
function M.steps(wanted, actual, prune)
  local steps, removed = { trunk_step(wanted, actual.trunk) }, {}
  for _, resource in ipairs(resources.order) do
    local kind, wants, items = resources.kinds[resource], wanted[resource], actual[resource] or {}
    local index = by_key(kind, items)
    for _, want in ipairs(wants) do steps[#steps + 1] = wanted_step(resource, kind, want, index[want.key]) end
    if prune and wants.managed then table.insert(removed, 1, removals(resource, kind, wants, items, index)) end
  end
  for _, list in ipairs(removed) do append(steps, list) end
  return steps
end

return M
