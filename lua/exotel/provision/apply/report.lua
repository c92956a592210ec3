--- What became of every change.
local changes = require "exotel.provision.plan.changes"
local render = require "exotel.provision.plan.render"

local M = {}

local Report = {}
local OUTCOMES = { "done", "present", "ignored", "failed", "unknown", "not_tried" }

local function summary(list)
  local counts, parts = {}, {}
  for _, change in ipairs(list) do counts[change.outcome] = (counts[change.outcome] or 0) + 1 end
  for _, outcome in ipairs(OUTCOMES) do
    if counts[outcome] then parts[#parts + 1] = counts[outcome] .. " " .. outcome end
  end
  return #parts > 0 and table.concat(parts, ", ") or "nothing tried"
end

--- report:summary() → how many changes came to which outcome, as text.
function Report:summary() return summary(self.changes) end

local metatable = {
  __index = Report, __name = "exotel.report", __tostring = function(self) return render.sections(self, summary) end,
}

--- reports.new(trunks, steps) → a report of all steps, none of them tried yet. trunk_name and trunk_sid are those of a
-- single trunk.
function M.new(trunks, steps)
  local list = {}
  for i, step in ipairs(steps) do
    list[i] = changes.of(step)
    list[i].outcome = step.present and "present" or "not_tried"
  end
  local only = #trunks == 1 and trunks[1] or {}
  return setmetatable({
    trunks = trunks, changes = list, trunk_name = only.trunk_name, trunk_sid = only.trunk_sid,
  }, metatable)
end

--- reports.take_sid(report, target, trunk_sid): the sid of a target's trunk is known from now on.
function M.take_sid(report, target, trunk_sid)
  target.trunk_sid = trunk_sid
  for _, list in ipairs { report.trunks, report.changes } do
    for _, item in ipairs(list) do
      if item.trunk_name == target.trunk_name then item.trunk_sid = trunk_sid end
    end
  end
  if #report.trunks == 1 then report.trunk_sid = trunk_sid end
end

-- An update that followed is told with what it completes when both were done.
local function is_told(follow_up, change)
  return follow_up ~= nil and not (follow_up.change.outcome == "done" and change.outcome == "done")
end

--- reports.take_executions(report, executions): puts in what was tried besides the steps: updates that followed them,
-- and copies that were removed.
function M.take_executions(report, executions)
  local list = {}
  for _, execution in ipairs(executions) do
    list[#list + 1] = execution.change
    if is_told(execution.follow_up, execution.change) then list[#list + 1] = execution.follow_up.change end
    for _, change in ipairs(execution.copies) do list[#list + 1] = change end
  end
  report.changes = list
end

return M
