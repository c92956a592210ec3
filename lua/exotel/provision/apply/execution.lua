--- The execution of a step: what has been sent, and what is known to have become of it.
local changes = require "exotel.provision.plan.changes"
local errors = require "exotel.error"

local M = {}

local Execution = {}
Execution.__index = Execution

--- execution.new(step, change) → the execution of a step that was not tried yet. `change`: the step in the report. Its
-- other fields:
--   sendings      how often it was sent
--   lost          whether a reply to it was lost, so that it may take effect at any time
--   added         what it added, as the service answered
--   is_elsewhere  whether it was refused because another trunk has it
--   follow_up     the execution that sets what this one's operation doesn't take, or nil
--   copies        the changes that removed copies of what it added
function M.new(step, change)
  return setmetatable({ step = step, change = change, sendings = 0, lost = false, copies = {} }, Execution)
end

--- Goes on with another step.
function Execution:begin(step)
  self.step, self.sendings, self.lost = step, 0, false
  self.change.outcome, self.change.err = "not_tried", nil
end

--- Whether it is still to be tried.
function Execution:is_open() return self.change.outcome == "not_tried" end

local function set(self, outcome, err) self.change.outcome, self.change.err = outcome, err end

--- Whether it was tried in vain, as far as is known.
function Execution:has_failed() return self.change.outcome == "failed" or self.change.outcome == "unknown" end

--- It was done by this run.
function Execution:done() set(self, "done") end

--- It proved to be so on the service: by a write whose reply was lost, or by somebody else.
function Execution:found() set(self, self.lost and "done" or "present") end

--- Of several equal ones one stays. `own`: whether this run may have made it.
function Execution:stays(own) set(self, own and "done" or "present") end

--- It failed. Once a reply was lost nobody knows, whatever is answered later.
function Execution:failed(err)
  self.lost = self.lost or err.maybe_applied
  err.maybe_applied = self.lost
  set(self, self.lost and "unknown" or "failed", err)
end

--- The service said success and answered with another value.
function Execution:ignored(err) set(self, "ignored", err) end

--- What exists differs from what was to be made.
function Execution:conflict(message)
  local err = self.change.err or {}
  self:failed(errors.new {
    kind = "conflict", operation = err.operation or "provision", message = message, code = err.code,
    http_status = err.http_status, request_id = err.request_id, attempts = err.attempts, elapsed = err.elapsed,
  })
end

--- Something that couldn't be found out, though it doesn't change the outcome. What was tried twice is said once.
function Execution:warn(format, ...)
  local warnings, text = self.change.warnings or {}, format:format(...)
  if warnings[#warnings] ~= text then warnings[#warnings + 1] = text end
  self.change.warnings = warnings
end

-- The change of a step that was not in the plan.
local function new_change(step)
  local change = changes.of(step)
  change.outcome, change.due = "not_tried", true
  return change
end

--- An update of what it made follows, instead of one that was not tried yet; none when the step is nil or present.
function Execution:follow(step)
  self.follow_up = nil
  if not step or step.present then return end
  step.target = self.step.target
  self.follow_up = M.new(step, new_change(step))
end

--- A copy of what it made is to be removed. → the execution of that
function Execution:remove_copy(step)
  step.target = self.step.target
  local removal = M.new(step, new_change(step))
  removal.change.reason = step.reason
  self.copies[#self.copies + 1] = removal.change
  return removal
end

return M
