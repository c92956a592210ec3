--- What became of every change.
local changes = require "exotel.provision.plan.changes"
local count = require "exotel.provision.plan.count"
local render = require "exotel.provision.plan.render"
local text_options = require "exotel.provision.plan.text_options"

local M = {}

local Report = {}

local function filtered(list, fits)
  local found = {}
  for _, change in ipairs(list) do
    if fits(change) then found[#found + 1] = change end
  end
  return found
end

local function is_due(change) return change.due end

local function was_plain(change) return change.outcome == "done" and not change.err and not change.warnings end

-- What this run had to do or the plan has said, and of that what went otherwise than the plan has said.
local function against(list, plan)
  local planned = {}
  for _, change in ipairs(plan.changes) do planned[changes.identity(change)] = true end
  local function is_planned(change) return planned[changes.identity(change)] end
  local concerned = filtered(list, function(change) return change.due or is_planned(change) end)
  return concerned, filtered(concerned, function(change) return not (was_plain(change) and is_planned(change)) end)
end

--- report:summary() → "3 added, 1 changed, 0 removed", and how many came to another outcome.
function Report:summary() return count.done(filtered(self.changes, is_due)) end

--- report:text([options]) → what a person reads. `options`: as provision.ReportOptions.
function Report:text(options)
  options = text_options.checked(options, text_options.report)
  local concerned = filtered(self.changes, is_due)
  local told = concerned
  if options.plan then concerned, told = against(self.changes, options.plan) end
  return render.text(self, told, count.done(concerned), options)
end

local metatable = {
  __index = Report, __name = "exotel.report", __tostring = function(self) return self:text() end,
}

--- reports.new(trunks, steps) → a report of all steps, none of them tried yet. trunk_name and trunk_sid are those of a
-- single trunk.
function M.new(trunks, steps)
  local list = {}
  for i, step in ipairs(steps) do
    list[i] = changes.of(step)
    list[i].outcome = step.present and "present" or "not_tried"
    list[i].due = not step.present or nil
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
