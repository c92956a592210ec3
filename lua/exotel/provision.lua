--- Desired state in, changes out: a trunk as its specification says, whatever was there before.
local diff = require "exotel.provision.diff"
local pages = require "exotel.pages"
local reports = require "exotel.provision.report"
local resources = require "exotel.provision.resources"
local specs = require "exotel.provision.spec"
local trunks = require "exotel.trunk"

local M = {}

-- Reading ------------------------------------------------------------------------------------------------------------

-- What is there: the trunk of that name, or none, and all that belongs to it. → actual, or nil, err
local function read_actual(client, trunk_name)
  local trunk, err = trunks.find(client, trunk_name)
  if err then return nil, err end
  local actual = { trunk = trunk }
  if not trunk then return actual end
  for name, kind in pairs(resources.kinds) do
    actual[name], err = pages.all(client, kind.list, { trunk_sid = trunk.trunk_sid })
    if err then return nil, err end
  end
  return actual
end

-- → { trunk_name, trunk_sid, steps }, or nil, err. Reads only.
local function survey(client, spec, prune)
  local wanted, err = specs.read(client, spec)
  if not wanted then return nil, err end
  local actual
  actual, err = read_actual(client, wanted.trunk.trunk_name)
  if not actual then return nil, err end
  return {
    trunk_name = wanted.trunk.trunk_name,
    trunk_sid = actual.trunk and actual.trunk.trunk_sid,
    steps = diff.steps(wanted, actual, prune),
  }
end

-- Doing --------------------------------------------------------------------------------------------------------------

local function with_trunk(arguments, trunk_sid)
  arguments.trunk_sid = trunk_sid
  return arguments
end

local function copy(fields)
  local target = {}
  for name, value in pairs(fields) do target[name] = value end
  return target
end

-- The operation of one step and its arguments.
local function request_of(step, trunk_sid)
  if step.resource == "trunk" then
    if step.action == "create" then return "create_trunk", step.to end
    return "update_trunk", with_trunk(copy(step.to), trunk_sid)
  end
  local kind = resources.kinds[step.resource]
  if step.action == "add" then return kind.add, with_trunk(kind.add_arguments(step.want), trunk_sid) end
  if step.action == "update" then
    return kind.update, with_trunk(kind.update_arguments(step.want, step.have), trunk_sid)
  end
  local arguments = kind.remove_arguments and kind.remove_arguments(step.have) or { id = step.have.id }
  return kind.remove, with_trunk(arguments, trunk_sid)
end

-- After these the service stands and only this thing was refused: the others may still go well.
local only_this = { rejected = true, conflict = true, not_found = true, partial = true, invalid_argument = true }

local function note(change, data, err)
  change.outcome = data ~= nil and "done" or err.maybe_applied and "unknown" or "failed"
  change.err = err
end

-- Whether to go on after a failure. Without its trunk nothing can; and nothing is removed after something failed.
local function goes_on(step, err)
  return only_this[err.kind] and not err.maybe_applied and step.resource ~= "trunk"
end

local function do_step(client, step, change, report)
  local operation, arguments = request_of(step, report.trunk_sid)
  local data, info = client[operation](client, arguments)
  if data == nil then
    note(change, nil, info)
    return info
  end
  note(change, data)
  if step.action == "create" then report.trunk_sid = data.trunk_sid end
end

local function run(client, steps, report, progress)
  local first_err, stopped
  for i, step in ipairs(steps) do
    local change = report.changes[i]
    local skipped = stopped or (step.action == "remove" and first_err)
    if not step.present and not skipped then
      local err = do_step(client, step, change, report)
      first_err = first_err or err
      stopped = err and not goes_on(step, err)
    end
    if progress then progress(i, #steps, change) end
  end
  return first_err
end

-- Public -------------------------------------------------------------------------------------------------------------

local plan_options = { prune = "boolean" }
local apply_options = { prune = "boolean", progress = "function" }

local function check_options(options, known)
  for key, value in pairs(options) do
    if not known[key] then error("bad option '" .. tostring(key) .. "' (unknown)", 3) end
    if type(value) ~= known[key] then error("bad option '" .. key .. "' (" .. known[key] .. " expected)", 3) end
  end
end

--- provision.plan(client, spec [, { prune = }]) → a plan, or nil, err. Reads only. plan.changes is an array of
-- { action = "create", "add", "update" or "remove", resource, key, from, to }; tostring(plan) is for people.
-- What a specification may hold: README, "Provisioning". A list that it doesn't mention is left alone.
function M.plan(client, spec, options)
  options = options or {}
  check_options(options, plan_options)
  local found, err = survey(client, spec, options.prune)
  if not found then return nil, err end
  return reports.plan(found.trunk_name, found.trunk_sid, found.steps)
end

--- provision.apply(client, spec [, options]) → a report, or nil, err, report. Plans, then does what is missing, in an
-- order that works. report.trunk_sid and report.changes: as the plan's, what was present included, each with
-- `outcome` "done", "present", "failed", "unknown" (a reply was lost) or "not_tried", and `err`.
-- Options: `prune` (also remove what the specification's lists don't hold), `progress` (a function of done, total,
-- change).
function M.apply(client, spec, options)
  options = options or {}
  check_options(options, apply_options)
  local found, err = survey(client, spec, options.prune)
  if not found then
    local name = type(spec) == "table" and spec.trunk_name or nil
    return nil, err, reports.report(tostring(name), nil, {})
  end
  local report = reports.report(found.trunk_name, found.trunk_sid, found.steps)
  err = run(client, found.steps, report, options.progress)
  if err then return nil, err, report end
  return report
end

return M
