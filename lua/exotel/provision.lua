--- Desired state in, changes out: a trunk as its specification says, whatever was there before.
local diff = require "exotel.provision.diff"
local pages = require "exotel.pages"
local reports = require "exotel.provision.report"
local resources = require "exotel.resources"
local run = require "exotel.provision.run"
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

-- → { trunk_name, trunk_sid, destinations (those there), steps }, or nil, err. Reads only.
local function survey(client, spec, prune)
  local wanted, err = specs.read(client, spec)
  if not wanted then return nil, err end
  local actual
  actual, err = read_actual(client, wanted.trunk.trunk_name)
  if not actual then return nil, err end
  return {
    trunk_name = wanted.trunk.trunk_name,
    trunk_sid = actual.trunk and actual.trunk.trunk_sid,
    destinations = actual.destination or {},
    steps = diff.steps(wanted, actual, prune),
  }
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
-- order that works. After a reply that was lost it reads the service and goes on from what is true. report.trunk_sid
-- and report.changes: as the plan's, what was present included, each with `outcome` "done", "present", "failed",
-- "unknown" (a reply was lost, and reading back failed too) or "not_tried", and `err`.
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
  err = run.all(client, found, report, function() return survey(client, spec, options.prune) end, options.progress)
  if err then return nil, err, report end
  return report
end

return M
