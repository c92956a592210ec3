--- Does the steps of a changeset, one after the other.
local errors = require "exotel.error"
local executions = require "exotel.provision.apply.execution"
local read_back = require "exotel.provision.apply.read_back"
local reports = require "exotel.provision.apply.report"
local steps = require "exotel.provision.apply.step"

local M = {}

local function any_error(run)
  for _, execution in ipairs(run.executions) do
    if execution.change.err or (execution.follow_up and execution.follow_up.change.err) then return true end
  end
  return false
end

-- A removal waits until everything else has gone well, and so does what begins with one.
local function is_held_back(run, step)
  return step.target.failed or (step.action == "remove" and any_error(run))
end

-- What appends is followed up once it has been read back.
local function is_read_back(execution)
  local kind = execution.step.kind
  return kind ~= nil and kind.appends and execution.sendings > 0
end

local function run_follow_up(run, execution)
  local follow_up = execution.follow_up
  if follow_up and follow_up:is_open() then return steps.complete(run, follow_up) end
end

-- Without its trunk nothing else of a target can be done. → err when nothing further is to be tried
local function run_execution(run, execution)
  local step, stopped = execution.step, nil
  if execution:is_open() and not is_held_back(run, step) then stopped = steps.complete(run, execution) end
  if step.resource == "trunk" and execution:has_failed() then step.target.failed = true end
  if stopped or is_read_back(execution) then return stopped end
  return run_follow_up(run, execution)
end

-- Groups: additions of what appends, to one trunk, which are read back together ---------------------------------------

local function is_appending(execution)
  return execution.step.kind ~= nil and execution.step.kind.appends and execution.step.action ~= "remove"
end

local function is_same_group(execution, other)
  return other ~= nil and is_appending(execution) and is_appending(other) and execution.step.kind == other.step.kind
    and execution.step.target == other.step.target
end

-- Whether a failure has ended the run, and not its option `stop`.
local function has_broken_off(run, stopped) return stopped ~= nil and stopped ~= run.cancelled end

-- → err when nothing further is to be tried
local function read_group(run, group, stopped)
  local broken_off = has_broken_off(run, stopped)
  read_back.run(run, group, broken_off)
  for _, execution in ipairs(broken_off and {} or group) do
    local err = run_follow_up(run, execution)
    if err then return err end
  end
end

local function end_group(run, group, stopped)
  if not is_appending(group[1]) then return stopped end
  run.groups[#run.groups + 1] = group
  local err = read_group(run, group, stopped)
  return stopped or err
end

-- A write that was sent twice may take effect twice, the first time late: it is read back once more at the end.
local function doubtful(group)
  local list = {}
  for _, execution in ipairs(group) do
    if execution.sendings > 1 then list[#list + 1] = execution end
  end
  return list
end

local function read_doubtful(run, stopped)
  for _, group in ipairs(run.groups) do read_group(run, doubtful(group), stopped) end
end

-- The run -------------------------------------------------------------------------------------------------------------

local function cancel(run, done)
  local message = ("stopped after %d of %d steps"):format(done, #run.executions)
  run.cancelled = errors.new { kind = "cancelled", operation = "provision", message = message }
  return run.cancelled
end

local function tell(run, group, first, progress)
  for i, execution in ipairs(progress and group or {}) do progress(first + i - 1, #run.executions, execution.change) end
end

local function is_stopped(execution, options)
  return execution:is_open() and options.stop ~= nil and options.stop()
end

local function run_executions(run, options)
  local stopped, group = nil, {}
  for i, execution in ipairs(run.executions) do
    if not stopped and is_stopped(execution, options) then stopped = cancel(run, i - 1) end
    if not stopped then stopped = run_execution(run, execution) end
    group[#group + 1] = execution
    if not is_same_group(execution, run.executions[i + 1]) then
      stopped = end_group(run, group, stopped)
      tell(run, group, i - #group + 1, options.progress)
      group = {}
    end
  end
  return stopped
end

local function first_error(changes)
  for _, change in ipairs(changes) do
    if change.err then return change.err end
  end
end

local function new_run(client, changeset, report, refresh, lock)
  local run = {
    client = client, report = report, refresh = refresh, lock = lock, executions = {}, groups = {}, waits = {},
  }
  for i, step in ipairs(changeset.steps) do run.executions[i] = executions.new(step, report.changes[i]) end
  return run
end

--- run.all(client, changeset, report, refresh, options) → nil when all is as desired, else the first error.
-- `refresh(target)` reads a target anew; the report is brought up to date as things happen. `options`: progress (done,
-- total, change), stop. `lock`: the one that is held, if any.
function M.all(client, changeset, report, refresh, options, lock)
  local run = new_run(client, changeset, report, refresh, lock)
  local stopped = run_executions(run, options)
  read_doubtful(run, stopped)
  reports.take_executions(report, run.executions)
  return run.cancelled or first_error(report.changes) or stopped
end

return M
