--- Works out a changeset from what exists: the steps for all trunks, in an order that works.
local current = require "exotel.provision.plan.current"
local diff = require "exotel.provision.plan.diff"
local errors = require "exotel.error"
local kinds = require "exotel.resources.kinds"
local refusals = require "exotel.provision.plan.refusals"

local M = {}

-- The targets: one trunk each, with what is desired, what exists, and the steps between ------------------------------

local function read_target(client, desired, trunk, options)
  local existing, err = current.resources(client, desired, trunk, options.prune)
  if not existing then return nil, err end
  local target = {
    desired = desired, existing = existing, trunk_name = desired.trunk.fields.trunk_name,
    trunk_sid = existing.trunk and existing.trunk.trunk_sid or nil,
  }
  local steps = diff.steps(desired, existing, options)
  for _, name in ipairs { "additions", "removals", "kept", "extras" } do target[name] = steps[name] end
  return target
end

local function read_targets(client, desired_trunks, options)
  local trunks, err = current.trunks(client, desired_trunks)
  if not trunks then return nil, err end
  local targets = {}
  for i, desired in ipairs(desired_trunks) do
    targets[i], err = read_target(client, desired, trunks[i], options)
    if err then return nil, err end
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
    for _, list in ipairs { target.removals, target.extras } do
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

-- Trunks first (a name may have to become free), then all that is added, then all that is removed.
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

--- planner.make(client, desired_trunks, options) → a changeset, { targets, steps, refused }, or nil, err. Reads only.
-- `options`: prune, allow and rotate (sets).
function M.make(client, desired_trunks, options)
  local err = unknown_user(desired_trunks, options.rotate)
  if err then return nil, err end
  local targets
  targets, err = read_targets(client, desired_trunks, options)
  if not targets then return nil, err end
  local changeset = { targets = targets, steps = ordered(targets) }
  err = first_invalid(changeset.steps)
  if err then return nil, err end
  changeset.refused, err = refusals.of(client, changeset, options)
  if err then return nil, err end
  return changeset
end

--- planner.refresh(client, changeset, target, options) → one of the changeset's targets as it is now, with its steps;
-- or nil, err.
function M.refresh(client, changeset, target, options)
  local desired_trunks, only = {}, nil
  for i, other in ipairs(changeset.targets) do
    desired_trunks[i] = other.desired
    if other == target then only = i end
  end
  local trunks, err = current.trunks(client, desired_trunks, only)
  if not trunks then return nil, err end
  return read_target(client, target.desired, trunks[only], options)
end

return M
