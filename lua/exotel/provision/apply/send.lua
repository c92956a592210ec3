--- Sends the request that does a step, and takes its answer.
local calls = require "exotel.calls.request"
local deletion = require "exotel.provision.apply.deletion"
local diff = require "exotel.provision.plan.diff"
local ignored = require "exotel.resources.ignored"
local passwords = require "exotel.provision.plan.passwords"
local removal = require "exotel.calls.removal"
local reports = require "exotel.provision.apply.report"
local request = require "exotel.provision.apply.request"

-- create_trunk doesn't take all fields. → the step that is left, present when none is, or nil. What an addition doesn't
-- take is left for the reading back.
local function rest_of(step, data)
  if step.action ~= "create" then return nil end
  return diff.trunk_step({ trunk = { fields = step.to, invalid = {} } }, data)
end

local function key_fields(kind, fields)
  local result = {}
  for name in pairs(kind.key_fields) do result[name] = fields[name] end
  return result
end

-- → the err when the answer shows another value than was sent. What create_trunk ignored is left for the update.
local function ignored_by(operation, step, data, info)
  if step.action == "create" then return nil end
  if step.resource == "trunk" then return ignored.check(operation, step.to, data, info) end
  local kind, sent = step.kind, step.item.fields
  if step.action == "add" and kind.updated_after_add then sent = key_fields(kind, sent) end
  return ignored.check_item(operation, kind, sent, data, info)
end

-- The one item that an answer is about.
local function answered(step, operation, data)
  if step.kind and operation == step.kind.add then return step.kind.added(data) or {} end
  return data
end

local function take(run, execution, operation, data, info)
  local step = execution.step
  data = answered(step, operation, data)
  if step.action == "create" then reports.take_sid(run.report, step.target, data.trunk_sid) end
  execution.added = step.action == "add" and data or nil
  local err = ignored_by(operation, step, data, info)
  if err then return execution:ignored(err) end
  execution:done()
  execution:follow(rest_of(step, data))
end

-- → nil, or err
local function remove(run, execution, operation, arguments, options)
  local removed, already = removal.remove(run.client, operation, arguments, options)
  if not removed then return already end
  if already then execution:found() else execution:done() end
end

--- send(run, execution) → nil when it was done, ignored, or proved to be so already; else err: `run.stopped` when
-- nothing more may be written
return function(run, execution)
  local step = execution.step
  run.stopped = run.lock and run.lock:check()
  if run.stopped then return run.stopped end
  local err = passwords.fetch(run.client, step) or deletion.fault(run.client, step)
  if err then return err end
  local operation, arguments, options = request.of(step, step.target.trunk_sid)
  execution.sendings = execution.sendings + 1
  if step.action == "remove" then return remove(run, execution, operation, arguments, options) end
  local data, info = calls.make(run.client, operation, arguments, options)
  if data == nil then return info end
  take(run, execution, operation, data, info)
end
