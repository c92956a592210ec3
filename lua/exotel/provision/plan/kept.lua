--- What prune leaves although no specification has it: something that stays needs it.
local compare = require "exotel.resources.compare"
local kinds = require "exotel.resources.kinds"

local M = {}

-- The keys of all of a kind that a trunk has in the end.
local function staying_keys(kind, desired, existing)
  local items, keys = desired[kind.name], {}
  for _, item in ipairs(items) do keys[#keys + 1] = item.key end
  if items.managed then return keys end
  for _, one in ipairs(existing[kind.name] or {}) do keys[#keys + 1] = compare.key(kind, one) end
  return keys
end

local function is_met(needs, need, items, kept)
  for _, item in ipairs(items) do
    if needs.is_met_by(item.fields, need) then return true end
  end
  for _, one in ipairs(kept) do
    if needs.is_met_by(one.step.from, need) then return true end
  end
  return false
end

-- The key of what needs the one that would be removed, since no other one that stays will do; or nil.
local function find_dependent(removal, needs, keys, items, kept)
  for _, key in ipairs(keys) do
    local need = needs.of(key)
    if need and needs.is_met_by(removal.from, need) and not is_met(needs, need, items, kept) then return key end
  end
end

--- kept.split(removals, kind, desired, existing) → the removals that can be done; those that can't: { step, needed_by
-- }.
function M.split(removals, kind, desired, existing)
  local dependent = kinds.dependent(kind)
  if not dependent then return removals, {} end
  local keys, done, kept = staying_keys(dependent, desired, existing), {}, {}
  for _, removal in ipairs(removals) do
    local needed_by = find_dependent(removal, dependent.needs, keys, desired[kind.name], kept)
    if needed_by then kept[#kept + 1] = { step = removal, needed_by = needed_by }
    else done[#done + 1] = removal end
  end
  return done, kept
end

return M
