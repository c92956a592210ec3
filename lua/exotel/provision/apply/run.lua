--- Does the steps of a draft, one after the other. After a write whose outcome is not known, or that met something that
-- exists already, the service is read again, and what is true there decides what is left to do.
local diff = require "exotel.provision.plan.diff"
local errors = require "exotel.error"
local passwords = require "exotel.provision.plan.passwords"
local reports = require "exotel.provision.apply.report"
local request = require "exotel.provision.apply.request"
local resources = require "exotel.resources.kinds"
local settle = require "exotel.resources.ensure"

local M = {}

-- How often a trunk is read again in one run; after that the report says what is unknown.
local SURVEYS = 5

-- One step -----------------------------------------------------------------------------------------------------------

-- After these the service stands and only this thing was refused: the others may still go well. Without its trunk
-- nothing else of a specification does.
local only_this = { rejected = true, conflict = true, not_found = true, partial = true, invalid_argument = true }

local function goes_on(err) return only_this[err.kind] or err.operation == "provision" end

-- Something of that name exists, or the reply was lost: only reading tells.
local function needs_reading(step, err)
  return err.maybe_applied or (err.kind == "conflict" and step.action ~= "remove")
end

-- Whether that is what was wanted, too: not every operation that makes a thing takes all of its fields. → the step that
-- is left, or nil
local function rest_of(step, data)
  if step.action == "create" then
    local rest = diff.trunk_step({ trunk = { fields = step.to, refusals = {} } }, data)
    return not rest.present and rest or nil
  end
  local kind = resources.kinds[step.resource]
  if step.action ~= "add" or not kind.add_lacks then return nil end
  local rest = diff.wanted_step(step.resource, step.want, data[1])
  return not rest.present and rest or nil
end

local function take_data(self, i, data)
  local step, change = self.steps[i], self.report.changes[i]
  if step.action == "create" then
    step.place.trunk_sid = data.trunk_sid
    reports.take_sid(self.report, step.place.trunk_name, data.trunk_sid)
  end
  if step.resource == "destination" then self.ours[i] = step.have and step.have.id or (data[1] or {}).id end
  local rest = rest_of(step, data)
  if not rest then
    change.outcome, change.err = "done", nil
    return
  end
  rest.place, self.steps[i] = step.place, rest
end

-- → nil when it is done, or is a step further; else err
local function do_step(self, i)
  local step, change = self.steps[i], self.report.changes[i]
  local data, err = nil, passwords.fetch(self.client, step)
  if not err then
    local operation, arguments = request.of(step, step.place.trunk_sid)
    if step.action == "add" then self.sendings[i] = self.sendings[i] + 1 end
    data, err = self.client[operation](self.client, arguments)
  end
  if data == nil and step.action == "remove" and err.kind == "not_found" then data = {} end
  if data ~= nil then return take_data(self, i, data) end
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

local function steps_by_name(fresh)
  local now = {}
  for _, list in ipairs { fresh.additions, fresh.removals } do
    for _, step in ipairs(list) do now[name_of(step)] = step end
  end
  return now
end

-- A step that a new survey no longer has, or has as present, is as wanted; the others are replaced by the new ones,
-- which know the ids that are true now.
local function take_fresh(self, i, fresh)
  local step = self.steps[i]
  if not fresh or fresh.present then
    see(self.report.changes[i])
    self.failing[i] = nil
    self.ours[i] = fresh and fresh.have and fresh.have.id or self.ours[i]
    return
  end
  fresh.place, fresh.after = step.place, step.after
  self.steps[i] = fresh
end

local function take_survey(self, place, fresh)
  local now = steps_by_name(fresh)
  for i, step in ipairs(self.steps) do
    if step.place == place then
      take_fresh(self, i, now[name_of(step)])
    end
  end
  if not fresh.trunk_sid then return end
  place.trunk_sid = fresh.trunk_sid
  reports.take_sid(self.report, place.trunk_name, fresh.trunk_sid)
end

-- Destinations that were sent more than once ------------------------------------------------------------------------

local function ids_of(items)
  local ids = {}
  for _, item in ipairs(items or {}) do ids[item.id] = true end
  return ids
end

local function drop_doubles(self)
  for i, step in ipairs(self.steps) do
    local change = self.report.changes[i]
    if self.sendings[i] > 1 and step.resource == "destination" and change.outcome == "done" then
      local known = ids_of(step.place.actual.destination)
      local good, err = settle.drop_doubles(self.client, step.place.trunk_sid, step.key, known, self.ours[i])
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
  local change, place = self.report.changes[i], self.steps[i].place
  while is_open(change) do
    local err = do_step(self, i)
    if err then
      local surveys = self.surveys[place] or 0
      if not needs_reading(self.steps[i], err) or surveys >= SURVEYS then break end
      self.surveys[place] = surveys + 1
      local fresh, survey_err = self.again(place)
      if not fresh then return survey_err end
      take_survey(self, place, fresh)
    end
  end
  if change.err and self.steps[i].resource == "trunk" then place.failed = true end
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

-- A removal waits for all else to have gone well, a number that moves for the other trunk to have let go of it.
local function is_held_back(self, step)
  if step.place.failed then return true end
  if step.action == "remove" then return next(self.failing) ~= nil end
  if not step.after then return false end
  local outcome = self.report.changes[self.moves[step.after]].outcome
  return outcome ~= "done" and outcome ~= "present"
end

local function run_step(self, i)
  local change, step = self.report.changes[i], self.steps[i]
  if not is_open(change) or is_held_back(self, step) then return nil end
  local stopped = settle_step(self, i)
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

--- run.all(client, draft, report, again, options) → nil when all is as wanted, else the first error. `again(place)`
-- reads a place anew; the report is brought up to date as things happen. `options`: progress (done, total, change),
-- stop.
function M.all(client, draft, report, again, options)
  local self = {
    client = client, report = report, again = again, steps = draft.steps, surveys = {}, sendings = {}, ours = {},
    failing = {}, moves = {},
  }
  for i, step in ipairs(self.steps) do
    self.sendings[i] = 0
    if step.moves then self.moves[step.key] = i end
  end
  local stopped = run_steps(self, options)
  local err = drop_doubles(self)
  if stopped and stopped.kind == "cancelled" then return stopped end
  return err or first_error(report.changes) or stopped
end

return M
