--- What is desired of one trunk against what exists: the steps that lead from one to the other.
local compare = require "exotel.resources.compare"
local copies = require "exotel.resources.copies"
local kept = require "exotel.provision.plan.kept"
local kinds = require "exotel.resources.kinds"

local M = {}

-- The trunk itself ---------------------------------------------------------------------------------------------------

local function trunk_step(action, name, fields)
  fields.action, fields.resource, fields.key = action, "trunk", name
  return fields
end

-- The error of a value that would have to be written, if there is one.
local function invalid_of(desired, to)
  for name in pairs(to) do
    if desired.trunk.invalid[name] then return desired.trunk.invalid[name] end
  end
end

--- diff.trunk_step(desired, trunk) → the step for the trunk's own fields. `trunk`: its data, or false.
function M.trunk_step(desired, trunk)
  local fields = desired.trunk.fields
  local name, from, to = fields.trunk_name, {}, {}
  if not trunk then return trunk_step("create", name, { to = fields, invalid = invalid_of(desired, fields) }) end
  for field, value in pairs(fields) do
    if trunk[field] ~= value then from[field], to[field] = trunk[field], value end
  end
  if next(to) == nil then return trunk_step("create", name, { to = fields, present = true }) end
  return trunk_step("update", name, { from = from, to = to, invalid = invalid_of(desired, to) })
end

-- Resources ----------------------------------------------------------------------------------------------------------

local function new_step(action, kind, key, fields)
  fields.action, fields.resource, fields.kind, fields.key = action, kind.name, kind, key
  return fields
end

local function copy_with(fields, name, value)
  local copy = { [name] = value }
  for key, item in pairs(fields) do copy[key] = item end
  return copy
end

local function update_step(kind, item, existing, rotates)
  local from, to = kind.fields(existing), item.fields
  if rotates then
    from = copy_with(from, "password", kind.password.before)
    to = copy_with(to, "password", kind.password.after)
  end
  return new_step("update", kind, item.key, {
    from = from, to = to, item = item, existing = existing, invalid = item.invalid, rotates = rotates,
  })
end

--- diff.item_step(kind, item, existing [, rotates]) → the step for one item. `existing`: what exists of that key, or
-- nil; `rotates`: its password is to be set anew.
function M.item_step(kind, item, existing, rotates)
  if not existing then
    return new_step("add", kind, item.key, { to = item.fields, item = item, invalid = item.invalid })
  end
  if rotates or compare.difference(kind, existing, item.fields) then
    return update_step(kind, item, existing, rotates)
  end
  return new_step("add", kind, item.key, { to = item.fields, item = item, existing = existing, present = true })
end

local function add_item_steps(steps, kind, items, index, rotate)
  for _, item in ipairs(items) do
    local existing = index[item.key]
    local rotates = existing and kind.password and rotate[item.key] or nil
    steps[#steps + 1] = M.item_step(kind, item, existing, rotates)
  end
end

-- Everything that exists and isn't desired, as removals: second copies of what is desired; and the others.
local function surplus(kind, items, existing, index)
  local second_copies, others = {}, {}
  for _, one in ipairs(existing) do
    local fields = kind.fields(one)
    local key = kind.key(fields)
    local is_desired = items.by_key[key] ~= nil
    if not is_desired or index[key] ~= one then
      local reason = is_desired and kind.appends and "duplicate" or nil
      local list = reason and second_copies or others
      list[#list + 1] = new_step("remove", kind, key, { from = fields, existing = one, reason = reason })
    end
  end
  return second_copies, others
end

-- All of it ----------------------------------------------------------------------------------------------------------

local function join(lists)
  local all = {}
  for _, list in ipairs(lists) do
    for _, one in ipairs(list) do all[#all + 1] = one end
  end
  return all
end

-- What becomes of the surplus of a kind. → the removals, what is kept, the extras
local function sort_surplus(kind, desired, existing, index, prune)
  local items = desired[kind.name]
  if not items.managed then return {}, {}, {} end
  local second_copies, others = surplus(kind, items, existing[kind.name] or {}, index)
  if not prune then return second_copies, {}, others end
  local removals, kept_ones = kept.split(others, kind, desired, existing)
  return join { second_copies, removals }, kept_ones, {}
end

-- The steps for a trunk that is to be absent. What it has goes with it, unless it goes to another trunk before.
local function deletion_steps(desired, trunk, existing)
  local name, contents = desired.trunk.fields.trunk_name or trunk and trunk.trunk_name or desired.trunk.trunk_sid, {}
  local deletion = trunk_step("remove", name, { from = { trunk_name = name }, existing = trunk, present = not trunk })
  for _, kind in ipairs(kinds.as_written) do
    for _, one in ipairs(existing[kind.name] or {}) do
      local fields = kind.fields(one)
      contents[#contents + 1] = new_step("remove", kind, kind.key(fields), { from = fields, existing = one })
    end
  end
  return { additions = {}, removals = {}, kept = {}, extras = {}, deletion = deletion, going = contents }
end

--- diff.steps(desired, existing, options) → { additions, removals, kept, extras }: arrays of steps, those already done
-- (`present`) included, the trunk's own first, removals in the opposite order of additions; `kept`: what prune leaves
-- because something else needs it; `extras`: the removals that are not made without prune. Of a trunk that is to be
-- absent instead `deletion`, the step for that, and `going`, the removals of what goes with it. `options`: prune,
-- rotate (a set of user names).
function M.steps(desired, existing, options)
  if desired.trunk.absent then return deletion_steps(desired, existing.trunk, existing) end
  local additions, removed, kept_of, extras_of = { M.trunk_step(desired, existing.trunk) }, {}, {}, {}
  for i, kind in ipairs(kinds.all) do
    local index = copies.staying(kind, existing[kind.name] or {})
    add_item_steps(additions, kind, desired[kind.name], index, options.rotate)
    local removals
    removals, kept_of[i], extras_of[i] = sort_surplus(kind, desired, existing, index, options.prune)
    table.insert(removed, 1, removals)
  end
  return { additions = additions, removals = join(removed), kept = join(kept_of), extras = join(extras_of) }
end

return M
