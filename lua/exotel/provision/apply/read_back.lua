--- Reads back the additions of a kind that appends, once for all of a trunk. Of several equal ones, which somebody else
-- may have added at the same time, one stays.
local compare = require "exotel.resources.compare"
local diff = require "exotel.provision.plan.diff"
local duplicates = require "exotel.resources.duplicates"
local settle_wait = require "exotel.calls.settle_wait"
local steps = require "exotel.provision.apply.step"

local M = {}

-- Those that have added something, or may have.
local function sent(executions, only_done)
  local list = {}
  for _, execution in ipairs(executions) do
    local outcome = execution.change.outcome
    local fits = outcome == "done" or (outcome == "unknown" and not only_done)
    if execution.step.action == "add" and execution.sendings > 0 and fits then list[#list + 1] = execution end
  end
  return list
end

-- The id of what it has added, as far as it was answered.
local function id_of(execution) return execution.added and execution.added.id end

-- What the list should show: nothing of which it is not known whether it was added.
local function expected(executions)
  local added = {}
  for _, execution in ipairs(executions) do
    if execution.change.outcome == "done" then
      added[#added + 1] = { key = execution.step.key, id = id_of(execution) }
    end
  end
  return added
end

-- Updates the one that stays where it is not as desired. An answer to an addition may not say what was added.
local function follow(execution, existing)
  local step = execution.step
  local is_known = existing and #compare.readable(step.kind, { existing }) > 0
  if not is_known or (execution.follow_up and execution.follow_up.change.err) then return end
  execution:follow(diff.item_step(step.kind, step.item, existing))
end

local function remove_all(run, execution, list)
  local kind, key = execution.step.kind, execution.step.key
  for _, copy in ipairs(list) do
    local step = {
      action = "remove", resource = kind.name, kind = kind, key = key, from = kind.fields(copy), existing = copy,
      reason = "duplicate",
    }
    steps.complete(run, execution:remove_copy(step))
  end
end

local function take(run, execution, existing)
  local stays, others = duplicates.split(execution.step.kind, existing, execution.step.key, execution.added)
  if stays then
    remove_all(run, execution, others)
    execution:stays(execution.lost or id_of(execution) == stays.id)
  elseif execution.change.outcome == "done" then
    execution:warn("the service's list doesn't show it yet (id %s)", tostring(id_of(execution)))
  end
  follow(execution, stays or execution.added)
end

local function take_failure(execution, err)
  if execution.change.outcome ~= "done" then return end
  execution:warn("it could not be read whether there is a second one: %s", tostring(err))
  follow(execution, execution.added)
end

--- read_back.run(run, executions, only_done): the executions are additions of one kind to one trunk; only_done: those
-- that are unknown stay so. A reading that fails makes no addition undone.
function M.run(run, executions, only_done)
  local list = sent(executions, only_done)
  if #list == 0 then return end
  local step, wait = list[1].step, settle_wait.new(run.client)
  local existing, err = duplicates.read(run.client, step.kind, step.target.trunk_sid, expected(list), wait)
  for _, execution in ipairs(list) do
    if existing then take(run, execution, existing) else take_failure(execution, err) end
  end
end

return M
