--- What exists on the service, against the steps that are still to be done.
local calls = require "exotel.calls.request"
local compare = require "exotel.resources.compare"
local copies = require "exotel.resources.copies"
local diff = require "exotel.provision.plan.diff"
local engine = require("exotel.core").engine
local pages = require "exotel.calls.pages"
local removal = require "exotel.calls.removal"
local reports = require "exotel.provision.apply.report"
local request = require "exotel.provision.apply.request"

local M = {}

-- Whether an update only sets what the operation that makes the thing doesn't take.
local function completes(update)
  if update.kind then return update.kind.updated_after_add or false end
  for name in pairs(update.to) do
    if request.is_created(name) then return false end
  end
  return true
end

local function describe(update)
  if update.kind then return compare.conflict(update.kind, update.existing, update.item.fields) end
  for name, value in pairs(update.to) do
    if request.is_created(name) then return compare.describe(update.key, name, update.from[name], value) end
  end
end

-- Whether what was to be made has been made otherwise.
local function is_other(execution, fresh)
  local kind = fresh.kind
  return execution.step.action ~= "update" and fresh.action == "update" and not (kind and kind.add == kind.update)
end

-- Takes the step that is due now. What exists as desired is found; what has been made otherwise is completed or is a
-- conflict, since changing it was not planned; else the fresh step, which knows the ids that are true now, is the one
-- to be tried. → whether the outcome is known by that
local function meet(execution, fresh)
  if fresh.present then
    execution:found()
    return true
  end
  if not is_other(execution, fresh) then
    fresh.target, fresh.moved_from, execution.step = execution.step.target, execution.step.moved_from, fresh
    return false
  end
  if not (execution.lost or completes(fresh)) then
    execution:conflict(describe(fresh))
    return true
  end
  execution:found()
  execution:follow(fresh)
  return true
end

-- → whether what is to be removed is gone
local function meet_removal(execution, existing)
  local step = execution.step
  local kind, list = step.kind, existing[step.kind.name]
  if not list or removal.is_among(kind.remove, kind.remove_arguments(step.existing), list) then return false end
  execution:found()
  return true
end

-- → whether a trunk that is to be removed is gone. Another of that name is none of this step's business.
local function meet_deletion(execution, existing)
  local trunk = existing.trunk
  if trunk and trunk.trunk_sid == execution.step.existing.trunk_sid then return false end
  execution:found()
  return true
end

local function name_of(step) return step.resource .. "\0" .. step.key end

-- What was read of all that a target is to have, and the steps that are due now.
local function meet_fresh(execution, fresh, by_name)
  if execution.step.action == "remove" then
    return (execution.step.kind and meet_removal or meet_deletion)(execution, fresh.existing)
  end
  local step = by_name[name_of(execution.step)]
  return step ~= nil and meet(execution, step)
end

local function is_there(execution, by_name)
  local step = execution.step.action ~= "remove" and by_name[name_of(execution.step)]
  return step and step.present
end

-- What is to move, and is off its first trunk already, has still to get to the other one.
local function meet_ahead(execution, fresh, by_name)
  local known = meet_fresh(execution, fresh, by_name)
  if known and execution.step.moves_to then execution:begin(execution.step.moves_to) end
end

-- Of what has failed before, only that it is there now matters.
local function take_fresh(run, current, fresh)
  local by_name = {}
  for _, step in ipairs(fresh.additions) do by_name[name_of(step)] = step end
  if fresh.trunk_sid and not fresh.deletion then reports.take_sid(run.report, current.step.target, fresh.trunk_sid) end
  for _, execution in ipairs(run.executions) do
    if execution.step.target == current.step.target and execution ~= current then
      if execution:is_open() then meet_ahead(execution, fresh, by_name)
      elseif execution:has_failed() and is_there(execution, by_name) then execution:found() end
    end
  end
  return meet_fresh(current, fresh, by_name)
end

--- existing.read_target(run, execution): reads all of the step's target. → whether the outcome is known by that; or
-- nil, err
function M.read_target(run, execution)
  if engine.closed(run.client) then return nil, calls.cancelled("list_trunks") end
  local fresh, err = run.refresh(execution.step.target)
  if not fresh then return nil, err end
  return take_fresh(run, execution, fresh)
end

--- existing.read_again(run, execution): the same, but reads only what the step is about, unless that is a trunk.
function M.read_again(run, execution)
  local step = execution.step
  if not step.kind then return M.read_target(run, execution) end
  local existing, err = pages.complete(run.client, step.kind.list, { trunk_sid = step.target.trunk_sid })
  if not existing then return nil, err end
  return meet(execution, diff.item_step(step.kind, step.item, (copies.of(step.kind, existing, step.key))))
end

return M
