--- What an apply refuses before any write: what would cut calls off unless it is allowed, and what can't work.
local current = require "exotel.provision.plan.current"
local elsewhere = require "exotel.provision.plan.elsewhere"
local errors = require "exotel.error"
local kinds = require "exotel.resources.kinds"
local needs = require "exotel.resources.needs"
local passwords = require "exotel.provision.plan.passwords"
local safety = require "exotel.provision.plan.safety"
local subset = require "exotel.provision.plan.subset"

local M = {}

local function refuse(refused, rule, target, kind, field, message, ...)
  refused[#refused + 1] = {
    rule = rule, trunk_name = target.trunk_name, resource = kind.name, field = field, message = message:format(...),
  }
end

-- A password ----------------------------------------------------------------------------------------------------------

local function add_password(client, refused, target, step)
  local item = step.item
  if passwords.is_missing(step) then
    return refuse(refused, "password", target, step.kind, item.path .. ".password",
      "%s of %s needs a password: %s has neither password nor password_env", item.key, target.trunk_name, item.path)
  end
  local err = passwords.fault(client, step)
  if err then refuse(refused, "password", target, step.kind, err.field, "%s", err.message) end
end

-- Something that something else needs ---------------------------------------------------------------------------------

-- What exists of the kind that is needed: a specification that doesn't mention it leaves it unread.
local function needed(client, target, kind)
  local existing = target.existing
  if not existing[kind.name] and target.trunk_sid then
    local err
    existing[kind.name], err = current.of_kind(client, kind, target.trunk_sid)
    if err then return nil, err end
  end
  return existing[kind.name] or {}
end

-- → nil, or err
local function add_unmet(client, refused, target, step)
  local kind, item = step.kind, step.item
  if item.as_is or not needs.unmet(kind, item, target.desired) then return nil end
  local existing, err = needed(client, target, kind.needs.kind)
  if not existing then return err end
  if not needs.unmet(kind, item, target.desired, existing) then return nil end
  refuse(refused, kind.needs.rule, target, kind, item.path, "%s of %s %s", item.key, target.trunk_name, kind.needs.lack)
end

-- What can be on one trunk only ---------------------------------------------------------------------------------------

-- What is left out still says where it wants something to be.
local function places(changeset)
  local list = {}
  for i, target in ipairs(changeset.targets) do list[i] = target end
  for _, desired in ipairs(changeset.left_out) do
    list[#list + 1] = { desired = desired, trunk_name = subset.title(desired) }
  end
  return list
end

-- → the keys that stand on two trunks, as a set
local function add_twice(refused, changeset, kind)
  local first, twice = {}, {}
  for _, target in ipairs(places(changeset)) do
    for _, item in ipairs(target.desired[kind.name]) do
      local key = item.key
      if first[key] then
        twice[key] = true
        refuse(refused, kind.one_trunk.twice, target, kind, item.path,
          "%s can be on one trunk only, and the specifications have it on %s and on %s", key, first[key],
          target.trunk_name)
      end
      first[key] = first[key] or target.trunk_name
    end
  end
  return twice
end

local function is_left_out(changeset, found)
  for _, desired in ipairs(changeset.left_out) do
    local trunk = desired.trunk
    if found.trunk_sid == trunk.trunk_sid or (found.name ~= nil and found.name == trunk.fields.trunk_name) then
      return true
    end
  end
  return false
end

local function reason_elsewhere(changeset, found, kind)
  if is_left_out(changeset, found) then return "which is left out of the plan: a number moves with both its trunks" end
  if not found.target then return "which is not part of the plan" end
  if found.target.desired[kind.name].managed then return "which has just got it: plan again" end
  return ("from which the plan doesn't take it: its specification has no %s"):format(kind.spec_key)
end

local function add_elsewhere(client, refused, changeset, steps)
  for _, found in ipairs(elsewhere.find(client, changeset.targets, steps)) do
    local step = found.step
    refuse(refused, step.kind.one_trunk.elsewhere, step.target, step.kind, step.item.path,
      "%s is mapped to the trunk %s, %s", step.key, found.title, reason_elsewhere(changeset, found, step.kind))
  end
end

-- The trunks that are left out, by the keys that they want of a kind.
local function wanting(changeset, kind)
  local by_key = {}
  for _, desired in ipairs(changeset.left_out) do
    for _, item in ipairs(desired[kind.name]) do by_key[item.key] = subset.title(desired) end
  end
  return by_key
end

-- A removal whose other half, the addition to another trunk, is left out. What stays is marked.
local function add_half_moves(refused, changeset, kind)
  local wanted_by = wanting(changeset, kind)
  for _, target in ipairs(changeset.targets) do
    for _, step in ipairs(target.extras) do
      if step.kind == kind then step.wanted_by = wanted_by[step.key] end
    end
    for _, list in ipairs { target.removals, target.going or {} } do
      for _, step in ipairs(list) do
        local other = step.kind == kind and not step.moves_to and wanted_by[step.key]
        if other then
          refuse(refused, kind.one_trunk.elsewhere, target, kind, "only",
            "%s goes from %s to %s, which is left out of the plan: a number moves with both its trunks", step.key,
            target.trunk_name, other)
        end
      end
    end
  end
end

local function add_misplaced(client, refused, changeset)
  for _, kind in ipairs(kinds.all) do
    if kind.one_trunk then
      local twice, steps = add_twice(refused, changeset, kind), {}
      for _, step in ipairs(changeset.steps) do
        local is_new = step.kind == kind and step.action == "add" and not step.present
        if is_new and not twice[step.key] then steps[#steps + 1] = step end
      end
      add_elsewhere(client, refused, changeset, steps)
      add_half_moves(refused, changeset, kind)
    end
  end
end

-- A trunk that is removed -------------------------------------------------------------------------------------------

-- Name and sid, where both are given, are of one trunk: else one of them is a mistake.
local function add_misnamed(refused, target)
  local trunk, name = target.existing.trunk, target.desired.trunk.fields.trunk_name
  if not (target.deletion and trunk and name) or trunk.trunk_name == name then return end
  refused[#refused + 1] = {
    rule = "other_name", trunk_name = target.trunk_name, resource = "trunk", field = "trunk_name",
    message = ("the trunk %s is called %s, not %s: absent removes only what both name"):format(trunk.trunk_sid,
      tostring(trunk.trunk_name), name),
  }
end

-- All of it -----------------------------------------------------------------------------------------------------------

-- → nil, or err
local function add_of_target(client, refused, target)
  for _, step in ipairs(target.additions) do
    if step.kind and not step.present then
      add_password(client, refused, target, step)
      local err = step.action == "add" and add_unmet(client, refused, target, step)
      if err then return err end
    end
  end
end

--- refusals.of(client, changeset, options) → an array of { rule, trunk_name, resource, message, field (where in the
-- specification it stands) }; or nil, err. `options`: prune, allow (a set of rules). Reads only.
function M.of(client, changeset, options)
  local refused = {}
  for _, target in ipairs(changeset.targets) do
    if options.prune then safety.add_cuts(refused, target, options.allow) end
    safety.add_deletion(refused, target, options.allow)
    add_misnamed(refused, target)
    local err = add_of_target(client, refused, target)
    if err then return nil, err end
  end
  add_misplaced(client, refused, changeset)
  return refused
end

-- What the environment lacks is not the specification's fault.
local function kind_of(refused)
  for _, one in ipairs(refused) do
    if not (one.rule == "password" and one.field:find("%.password_env$")) then return "invalid_argument" end
  end
  return "config"
end

--- refusals.error(refused) → the error of an apply that is refused.
function M.error(refused)
  local messages = {}
  for i, one in ipairs(refused) do messages[i] = one.message end
  return errors.new {
    kind = kind_of(refused), operation = "provision", field = refused[1].field or "allow",
    message = table.concat(messages, "; "),
  }
end

return M
