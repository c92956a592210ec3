--- Does a step: sends it until its outcome is known. After a lost reply, and after a refusal because something exists
-- already, the service is read again, and what is there decides what is left to do.
local existing = require "exotel.provision.apply.existing"
local send = require "exotel.provision.apply.send"
local settle_wait = require "exotel.calls.settle_wait"
local whereabouts = require "exotel.provision.apply.whereabouts"

local M = {}

-- How often a write that proved to have had no effect is sent again.
local REPEATS = 2

-- After these the service works and only this step was refused: the others may still go well. Without its trunk nothing
-- else of a specification does.
local only_this = { rejected = true, conflict = true, not_found = true, partial = true, invalid_argument = true }

local function goes_on(err) return only_this[err.kind] or err.operation == "provision" end

-- Something of that name exists, or the reply was lost: only reading tells.
local function needs_reading(step, err)
  return err.maybe_applied or (err.kind == "conflict" and step.action ~= "remove")
end

-- A number that is mapped elsewhere is never going to be found on this trunk. → whether it is
local function is_elsewhere(run, execution, lost)
  local step = execution.step
  if lost or step.action ~= "add" or not step.kind.elsewhere then return false end
  local message = step.kind.elsewhere(run.client, step.target.trunk_sid, step.item.fields)
  execution.is_elsewhere = message ~= nil
  if message then execution:conflict(message) end
  return execution.is_elsewhere
end

-- What was refused because it exists is waited for once in a run for all of a target: it may be another account's. A
-- repetition that changes nothing is not waited for.
local function wait_of(run, execution, lost)
  if execution.step.action ~= "add" and execution.step.action ~= "create" then return nil end
  if lost then return settle_wait.new(run.client) end
  local waits, target = run.waits, execution.step.target
  waits[target] = waits[target] or settle_wait.new(run.client)
  return waits[target]
end

-- Looks for what a write has made, or met. → whether the outcome is known by that, or can't be known; and the err of a
-- reading that failed
local function look_for(run, execution, lost)
  local known, err = existing.read_target(run, execution)
  if known == nil then return true, err end
  if known or is_elsewhere(run, execution, lost) then return true end
  local wait = wait_of(run, execution, lost)
  while wait and wait:pause() do
    known, err = existing.read_again(run, execution)
    if known == nil then return true, err end
    if known then return true end
  end
  return not lost
end

-- → nil, or err when nothing further is to be tried
local function stopping(execution)
  local change = execution.change
  if not change.err or change.outcome == "ignored" or goes_on(change.err) then return nil end
  return change.err
end

-- What was not sent stays as it was; but what was taken off one trunk, and not put on the other, is on none.
local function stop(execution, err)
  if execution.step.moved_from then execution:failed(err) end
  return err
end

-- → nil, or err when nothing further is to be tried
local function try(run, execution)
  repeat
    local err = send(run, execution)
    if not err then return nil end
    if err == run.stopped then return stop(execution, err) end
    local lost, reads = err.maybe_applied, needs_reading(execution.step, err)
    execution:failed(err)
    local known, reading_err = not reads, nil
    if reads then known, reading_err = look_for(run, execution, lost) end
    if reading_err then return reading_err end
  until known or execution.sendings > REPEATS
  return stopping(execution)
end

-- The error of what should have gone to a trunk says where it is.
local function explain(run, execution)
  local change = execution.change
  if not change.err or execution.is_elsewhere or change.outcome == "ignored" then return end
  change.err = whereabouts.explain(run.client, execution.step, change.err)
end

--- steps.complete(run, execution) → nil, or err when nothing further is to be tried. What moves between trunks is taken
-- off the first one, and then put on the other. `run`: { client, report, executions, refresh, waits }; see apply.run.
function M.complete(run, execution)
  local stopped, addition = try(run, execution), execution.step.moves_to
  if addition and not execution.change.err then
    execution:begin(addition)
    stopped = try(run, execution)
  end
  explain(run, execution)
  return stopped
end

return M
