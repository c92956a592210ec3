--- Does the steps of a plan, one after the other. After a write whose outcome is not known, or that met something that
-- exists already, the service is read again, and what is true there decides what is left to do.
local resources = require "exotel.resources"
local settle = require "exotel.settle"

local M = {}

-- How often the service is read again in one run; after that the report says what is unknown.
local SURVEYS = 5

-- One step -----------------------------------------------------------------------------------------------------------

local function with_trunk(arguments, trunk_sid)
  local all = { trunk_sid = trunk_sid }
  for name, value in pairs(arguments) do all[name] = value end
  return all
end

local function trunk_request(step, trunk_sid)
  if step.action == "create" then return "create_trunk", step.to end
  return "update_trunk", with_trunk(step.to, trunk_sid)
end

-- The operation of one step and its arguments.
local function request_of(step, trunk_sid)
  if step.resource == "trunk" then return trunk_request(step, trunk_sid) end
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

local function goes_on(step, err) return only_this[err.kind] and step.resource ~= "trunk" end

-- Something of that name exists, or the reply was lost: only reading tells.
local function needs_reading(step, err)
  return err.maybe_applied or (err.kind == "conflict" and step.action ~= "remove")
end

-- → nil when it is done, else err
local function do_step(self, step, change)
  local operation, arguments = request_of(step, self.report.trunk_sid)
  local data, err = self.client[operation](self.client, arguments)
  local gone = data == nil and step.action == "remove" and err.kind == "not_found"
  if data ~= nil or gone then
    change.outcome, change.err = "done", nil
    if step.action == "create" then self.report.trunk_sid = data.trunk_sid end
    return nil
  end
  change.outcome, change.err = err.maybe_applied and "unknown" or "failed", err
  return err
end

-- The steps of a survey against the changes of the report -----------------------------------------------------------

local function name_of(step)
  local removed = step.action == "remove" and tostring(step.have.id or step.have.name) or ""
  return table.concat({ step.action == "remove" and "-" or "+", step.resource, step.key, removed }, "\0")
end

-- What was seen on the service: a lost write that is there was done, what was not tried is present.
local function see(change)
  if change.outcome == "unknown" then change.outcome = "done"
  elseif change.outcome ~= "done" then change.outcome = "present" end
  change.err = nil
end

-- A step that a new survey no longer has, or has as present, is as wanted; the others are replaced by the new ones,
-- which know the ids that are true now.
local function take_survey(self, found)
  local now = {}
  for _, step in ipairs(found.steps) do now[name_of(step)] = step end
  for i, step in ipairs(self.steps) do
    local fresh = now[name_of(step)]
    if not fresh or fresh.present then see(self.report.changes[i])
    else self.steps[i] = fresh end
  end
  self.report.trunk_sid = found.trunk_sid or self.report.trunk_sid
end

-- Destinations that were sent more than once ------------------------------------------------------------------------

local function ids_of(items)
  local ids = {}
  for _, item in ipairs(items) do ids[item.id] = true end
  return ids
end

local function drop_doubles(self)
  for i, step in ipairs(self.steps) do
    local change = self.report.changes[i]
    if self.sendings[i] > 1 and step.resource == "destination" and change.outcome == "done" then
      local good, err = settle.drop_doubles(self.client, self.report.trunk_sid, step.key, self.known)
      if not good then
        change.outcome, change.err = "unknown", err
        return err
      end
    end
  end
end

-- The run ------------------------------------------------------------------------------------------------------------

local function is_open(change) return change.outcome == "not_tried" or change.outcome == "unknown" end

-- Tries a step until it is settled. → nil, or err when nothing further is to be tried.
local function settle_step(self, i)
  local change = self.report.changes[i]
  while is_open(change) do
    local step = self.steps[i]
    self.sendings[i] = self.sendings[i] + 1
    local err = do_step(self, step, change)
    if not err then return nil end
    if not needs_reading(step, err) or self.surveys >= SURVEYS then break end
    self.surveys = self.surveys + 1
    local found, survey_err = self.survey()
    if not found then return survey_err end
    take_survey(self, found)
  end
  return change.err and not goes_on(self.steps[i], change.err) and change.err or nil
end

local function first_error(changes)
  for _, change in ipairs(changes) do
    if change.err then return change.err end
  end
end

local function any_failed(changes) return first_error(changes) ~= nil end

local function run_steps(self, progress)
  local stopped
  for i, step in ipairs(self.steps) do
    local change = self.report.changes[i]
    local skipped = stopped or (step.action == "remove" and any_failed(self.report.changes))
    if is_open(change) and not skipped then stopped = settle_step(self, i) end
    if progress then progress(i, #self.steps, change) end
  end
  return stopped
end

--- run.all(client, found, report, survey, progress) → nil when all is as wanted, else the first error. `found` is a
-- survey, `survey()` makes another one; the report is brought up to date as things happen.
function M.all(client, found, report, survey, progress)
  local self = {
    client = client, report = report, survey = survey, steps = found.steps, surveys = 0, sendings = {},
    known = ids_of(found.destinations),
  }
  for i = 1, #self.steps do self.sendings[i] = 0 end
  local stopped = run_steps(self, progress)
  return drop_doubles(self) or first_error(report.changes) or stopped
end

return M
