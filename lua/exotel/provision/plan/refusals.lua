--- What an apply refuses before any write: what would cut calls off unless it is allowed, and what can't work.
local current = require "exotel.provision.plan.current"
local elsewhere = require "exotel.provision.plan.elsewhere"
local errors = require "exotel.error"
local kinds = require "exotel.resources.kinds"
local needs = require "exotel.resources.needs"
local passwords = require "exotel.provision.plan.passwords"
local safety = require "exotel.provision.plan.safety"

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

-- → the keys that stand on two trunks, as a set
local function add_twice(refused, targets, kind)
  local first, twice = {}, {}
  for _, target in ipairs(targets) do
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

local function reason_elsewhere(found, kind)
  if not found.target then return "which is not part of the plan" end
  if found.target.desired[kind.name].managed then return "which has just got it: plan again" end
  return ("from which the plan doesn't take it: its specification has no %s"):format(kind.spec_key)
end

local function add_elsewhere(client, refused, targets, steps)
  for _, found in ipairs(elsewhere.find(client, targets, steps)) do
    local step = found.step
    refuse(refused, step.kind.one_trunk.elsewhere, step.target, step.kind, step.item.path,
      "%s is mapped to the trunk %s, %s", step.key, found.title, reason_elsewhere(found, step.kind))
  end
end

local function add_misplaced(client, refused, changeset)
  for _, kind in ipairs(kinds.all) do
    if kind.one_trunk then
      local twice, steps = add_twice(refused, changeset.targets, kind), {}
      for _, step in ipairs(changeset.steps) do
        local is_new = step.kind == kind and step.action == "add" and not step.present
        if is_new and not twice[step.key] then steps[#steps + 1] = step end
      end
      add_elsewhere(client, refused, changeset.targets, steps)
    end
  end
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
