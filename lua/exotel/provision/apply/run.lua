--- Does the steps of a changeset, one after the other. After a write whose outcome is not known, or that met something
-- which exists already, the service is read again, and what is true there decides what is left to do.
local diff = require "exotel.provision.plan.diff"
local duplicates = require "exotel.resources.duplicates"
local errors = require "exotel.error"
local passwords = require "exotel.provision.apply.passwords"
local reports = require "exotel.provision.apply.report"
local request = require "exotel.provision.apply.request"
local whereabouts = require "exotel.provision.apply.whereabouts"

local M = {}

-- How often a trunk is read again in one run; after that the report says what is unknown.
local READINGS = 5

-- One step ------------------------------------------------------------------------------------------------------------

-- After these the service works and only this step was refused: the others may still go well. Without its trunk nothing
-- else of a specification does.
local only_this = { rejected = true, conflict = true, not_found = true, partial = true, invalid_argument = true }

local function goes_on(err) return only_this[err.kind] or err.operation == "provision" end

-- Something of that name exists, or the reply was lost: only reading tells.
local function needs_reading(step, err)
  return err.maybe_applied or (err.kind == "conflict" and step.action ~= "remove")
end

-- What was taken off one trunk goes to another one; and not every operation that makes something takes all of its
-- fields. → the step that is left, or nil
local function rest_of(step, data)
  if step.moves_to then return step.moves_to end
  local rest
  if step.action == "create" then
    rest = diff.trunk_step({ trunk = { fields = step.to, invalid = {} } }, data)
  elseif step.action == "add" and step.kind.updated_after_add then
    rest = diff.item_step(step.kind, step.item, step.kind.added(data))
  end
  return rest and not rest.present and rest or nil
end

local function take_data(self, i, data)
  local step, change = self.steps[i], self.report.changes[i]
  if step.action == "create" then
    step.target.trunk_sid = data.trunk_sid
    reports.take_sid(self.report, step.target.trunk_name, data.trunk_sid)
  end
  if step.kind and step.kind.appends then
    self.ours[i] = step.existing and step.existing.id or (step.kind.added(data) or {}).id
  end
  local rest = rest_of(step, data)
  if not rest then
    change.outcome, change.err = "done", nil
    return
  end
  rest.target, self.steps[i] = rest.target or step.target, rest
end

-- → nil when it is done, or is a step further; else err
local function do_step(self, i)
  local step, change = self.steps[i], self.report.changes[i]
  local data, err = nil, passwords.fetch(self.client, step)
  if not err then
    local operation, arguments, call_options = request.of(step, step.target.trunk_sid)
    if step.action == "add" then self.sendings[i] = self.sendings[i] + 1 end
    data, err = self.client[operation](self.client, arguments, call_options)
  end
  if data == nil and step.action == "remove" and err.kind == "not_found" then data = {} end
  if data ~= nil then return take_data(self, i, data) end
  change.outcome, change.err = err.maybe_applied and "unknown" or "failed", err
  return err
end

-- The steps of a target that was read again, against the changes of the report ----------------------------------------

local function name_of(step)
  local removed = step.action == "remove" and tostring(step.existing.id or step.existing.name) or ""
  return table.concat({ step.action == "remove" and "-" or "+", step.resource, step.key, removed }, "\0")
end

-- What was seen on the service: a lost write that is there was done, what was not tried is present.
local function see(change)
  if change.outcome == "unknown" then change.outcome = "done"
  elseif change.outcome ~= "done" then change.outcome = "present" end
  change.err = nil
end

local function steps_by_name(fresh)
  local by_name = {}
  for _, list in ipairs { fresh.additions, fresh.removals, fresh.extras } do
    for _, step in ipairs(list) do by_name[name_of(step)] = step end
  end
  return by_name
end

-- What was to move is off its first trunk, and has still to get to the other one.
local function go_on_moving(self, i)
  local change = self.report.changes[i]
  self.steps[i], self.failing[i] = self.steps[i].moves_to, nil
  change.outcome, change.err = "not_tried", nil
end

-- A step that is no longer there, or is present, is as desired; the others are replaced by the fresh ones, which know
-- the ids that are true now.
local function take_fresh_step(self, i, fresh)
  local step = self.steps[i]
  if not fresh and step.moves_to then return go_on_moving(self, i) end
  if not fresh or fresh.present then
    see(self.report.changes[i])
    self.failing[i] = nil
    self.ours[i] = fresh and fresh.existing and fresh.existing.id or self.ours[i]
    return
  end
  fresh.target, fresh.moves_to, fresh.moved_from = step.target, step.moves_to, step.moved_from
  self.steps[i] = fresh
end

local function take_fresh(self, target, fresh)
  local by_name = steps_by_name(fresh)
  for i, step in ipairs(self.steps) do
    if step.target == target then take_fresh_step(self, i, by_name[name_of(step)]) end
  end
  if not fresh.trunk_sid then return end
  target.trunk_sid = fresh.trunk_sid
  reports.take_sid(self.report, target.trunk_name, fresh.trunk_sid)
end

-- Duplicates of additions that were sent more than once ---------------------------------------------------------------

local function is_doubtful(self, i)
  local kind = self.steps[i].kind
  return self.sendings[i] > 1 and kind and kind.appends and self.report.changes[i].outcome == "done"
end

local function remove_duplicates(self)
  for i, step in ipairs(self.steps) do
    if is_doubtful(self, i) then
      local target, kind, change = step.target, step.kind, self.report.changes[i]
      local known = duplicates.ids(target.existing[kind.name] or {})
      local good, err = duplicates.remove(self.client, kind, target.trunk_sid, step.key, known, self.ours[i])
      if not good then
        change.outcome, change.err = "unknown", err
        return err
      end
    end
  end
end

-- The run -------------------------------------------------------------------------------------------------------------

local function is_open(change) return change.outcome == "not_tried" or change.outcome == "unknown" end

-- Tries a step until its outcome is known. → nil, or err when nothing further is to be tried.
local function complete_step(self, i)
  local change = self.report.changes[i]
  while is_open(change) do
    local err = do_step(self, i)
    if err then
      local target = self.steps[i].target
      local readings = self.readings[target] or 0
      if not needs_reading(self.steps[i], err) or readings >= READINGS then break end
      self.readings[target] = readings + 1
      local fresh, reading_err = self.refresh(target)
      if not fresh then return reading_err end
      take_fresh(self, target, fresh)
    end
  end
  if change.err and self.steps[i].resource == "trunk" then self.steps[i].target.failed = true end
  return change.err and not goes_on(change.err) and change.err or nil
end

local function first_error(changes)
  for _, change in ipairs(changes) do
    if change.err then return change.err end
  end
end

local function cancelled(done, total)
  return errors.new {
    kind = "cancelled", operation = "provision", message = ("stopped after %d of %d steps"):format(done, total),
  }
end

-- A removal waits until everything else has gone well, and so does what begins with one.
local function is_held_back(self, step)
  return step.target.failed or (step.action == "remove" and next(self.failing) ~= nil)
end

local function run_step(self, i)
  local change, step = self.report.changes[i], self.steps[i]
  if not is_open(change) or is_held_back(self, step) then return nil end
  local stopped = complete_step(self, i)
  if change.err then change.err = whereabouts.explain(self.client, self.steps[i], change.err) end
  self.failing[i] = change.err and true or nil
  return stopped
end

local function run_steps(self, options)
  local stopped
  for i in ipairs(self.steps) do
    local change = self.report.changes[i]
    if is_open(change) and not stopped and options.stop and options.stop() then
      stopped = cancelled(i - 1, #self.steps)
    end
    if not stopped then stopped = run_step(self, i) end
    if options.progress then options.progress(i, #self.steps, change) end
  end
  return stopped
end

--- run.all(client, changeset, report, refresh, options) → nil when all is as desired, else the first error.
-- `refresh(target)` reads a target anew; the report is brought up to date as things happen. `options`: progress (done,
-- total, change), stop.
function M.all(client, changeset, report, refresh, options)
  local self = {
    client = client, report = report, refresh = refresh, steps = changeset.steps, readings = {}, sendings = {},
    ours = {}, failing = {},
  }
  for i in ipairs(self.steps) do self.sendings[i] = 0 end
  local stopped = run_steps(self, options)
  local err = remove_duplicates(self)
  if stopped and stopped.kind == "cancelled" then return stopped end
  return err or first_error(report.changes) or stopped
end

return M
