--- Works out a changeset from what exists: the steps for all trunks, in an order that works.
local current = require "exotel.provision.plan.current"
local diff = require "exotel.provision.plan.diff"
local errors = require "exotel.error"
local kinds = require "exotel.resources.kinds"
local refusals = require "exotel.provision.plan.refusals"
local subset = require "exotel.provision.plan.subset"

local M = {}

-- The targets: one trunk each, with what is desired, what exists, and the steps between ------------------------------

local function read_target(client, desired, trunk, options)
  local existing, err = current.resources(client, desired, trunk, options.prune)
  if not existing then return nil, err end
  local target = {
    desired = desired, existing = existing, trunk_name = desired.trunk.fields.trunk_name,
    trunk_sid = existing.trunk and existing.trunk.trunk_sid or nil,
  }
  for name, value in pairs(diff.steps(desired, existing, options)) do target[name] = value end
  target.trunk_name = target.deletion and target.deletion.key or target.trunk_name
  return target
end

-- Of those that are chosen among the desired trunks.
local function read_targets(client, desired_trunks, chosen, options)
  local trunks, err = current.trunks(client, desired_trunks, chosen)
  if not trunks then return nil, err end
  local targets = {}
  for i, desired in ipairs(desired_trunks) do
    if trunks[i] ~= nil then
      local target
      target, err = read_target(client, desired, trunks[i], options)
      if err then return nil, err end
      targets[#targets + 1] = target
    end
  end
  return targets
end

-- The order ----------------------------------------------------------------------------------------------------------

local function add_steps(steps, target, list, fits)
  for _, step in ipairs(list) do
    if fits(step) then
      step.target = target
      steps[#steps + 1] = step
    end
  end
end

-- The same on any trunk.
local function identity(step) return step.resource .. "\0" .. step.key end

-- The removals of what another trunk of the plan may get: there it can only be added once it has been removed here. It
-- need not be pruned for that: it is in no list, and so wanted elsewhere.
local function possible_moves(targets)
  local moves = {}
  for _, target in ipairs(targets) do
    for _, list in ipairs { target.removals, target.extras, target.going or {} } do
      for _, removal in ipairs(list) do
        if removal.kind.one_trunk then moves[identity(removal)], removal.target = removal, target end
      end
    end
  end
  return moves
end

-- The step that adds something; or where it has to be taken off another trunk first, that step, with `moves_to`.
local function with_move(moves, step)
  local removal = step.action == "add" and not step.present and moves[identity(step)]
  if not removal then return step end
  moves[identity(step)] = nil
  removal.moves_to, step.moved_from = step, removal
  return removal
end

local function is_rename(step) return step.resource == "trunk" and step.action == "update" end
local function is_other_trunk(step) return step.resource == "trunk" and not is_rename(step) end
local function is_of_trunk(step) return step.resource ~= "trunk" end

-- What goes with a trunk when it is removed: the keys, by resource; nil for nothing.
local function contents_of(going)
  local contents = {}
  for _, removal in ipairs(going) do
    if not removal.moves_to then
      contents[removal.resource] = contents[removal.resource] or {}
      table.insert(contents[removal.resource], removal.key)
    end
  end
  for _, keys in pairs(contents) do table.sort(keys) end
  return next(contents) and contents or nil
end

local function add_deletion(steps, target)
  local deletion = target.deletion
  if not deletion then return end
  deletion.target, deletion.contents = target, contents_of(target.going)
  steps[#steps + 1] = deletion
end

-- Trunks first (a name may have to become free), then all that is added, then all that is removed, trunks last.
local function ordered(targets)
  local steps, moves = {}, possible_moves(targets)
  for _, fits in ipairs { is_rename, is_other_trunk } do
    for _, target in ipairs(targets) do add_steps(steps, target, target.additions, fits) end
  end
  for _, target in ipairs(targets) do
    add_steps(steps, target, target.additions, is_of_trunk)
  end
  for i, step in ipairs(steps) do steps[i] = with_move(moves, step) end
  for _, target in ipairs(targets) do
    add_steps(steps, target, target.removals, function(step) return not step.moves_to end)
  end
  for _, target in ipairs(targets) do add_deletion(steps, target) end
  return steps
end

-- What can't be done -------------------------------------------------------------------------------------------------

-- The error of a value that breaks its rule, and isn't what the service has.
local function first_invalid(steps)
  for _, step in ipairs(steps) do
    local invalid = (step.moves_to or step).invalid
    if not step.present and invalid then return invalid end
  end
end

local function has_password(desired_trunks, key)
  for _, desired in ipairs(desired_trunks) do
    for _, kind in ipairs(kinds.all) do
      if kind.password and desired[kind.name].by_key[key] then return true end
    end
  end
  return false
end

local function unknown_user(desired_trunks, rotate)
  for name in pairs(rotate) do
    if not has_password(desired_trunks, name) then
      return errors.new {
        kind = "invalid_argument", operation = "provision", field = "rotate",
        message = ("rotate names %s, which is no credential of the specification"):format(name),
      }
    end
  end
end

--- planner.make(client, desired_trunks, options) → a changeset, { targets, steps, refused, desired_trunks, left_out
-- (the desired trunks that it is not about) }, or nil, err. Reads only. `options`: prune, allow and rotate (sets), only
-- (a set of names, or nil).
function M.make(client, desired_trunks, options)
  local chosen, left_out = subset.split(desired_trunks, options.only)
  if not chosen then return nil, left_out end
  local err = unknown_user(chosen, options.rotate)
  if err then return nil, err end
  local targets
  targets, err = read_targets(client, desired_trunks, chosen, options)
  if not targets then return nil, err end
  local changeset = {
    targets = targets, steps = ordered(targets), desired_trunks = desired_trunks, left_out = left_out,
  }
  err = first_invalid(changeset.steps)
  if err then return nil, err end
  changeset.refused, err = refusals.of(client, changeset, options)
  if err then return nil, err end
  return changeset
end

--- planner.refresh(client, changeset, target, options) → one of the changeset's targets as it is now, with its steps;
-- or nil, err.
function M.refresh(client, changeset, target, options)
  local targets, err = read_targets(client, changeset.desired_trunks, { target.desired }, options)
  return targets and targets[1], err
end

return M
