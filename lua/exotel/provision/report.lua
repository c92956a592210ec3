--- How plans and reports look: as tables for code, as a few lines for people.
local M = {}

local signs = { create = "+", add = "+", update = "~", remove = "-" }

local function value_text(fields)
  local names, parts = {}, {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = name .. "=" .. tostring(fields[name]) end
  return table.concat(parts, " ")
end

local function difference(change)
  local parts = {}
  for name, value in pairs(change.to) do
    local before = change.from[name]
    if before ~= value then
      parts[#parts + 1] = string.format("%s: %s -> %s", name, tostring(before), tostring(value))
    end
  end
  table.sort(parts)
  return table.concat(parts, ", ")
end

local function detail(change)
  if change.action == "update" then return difference(change) end
  if change.resource == "setting" then return value_text { value = (change.to or change.from or {}).value } end
  if change.resource == "phone_number" then return value_text { mode = (change.to or change.from or {}).mode } end
  return ""
end

--- One line for a change of a plan or report.
function M.line(change)
  local sign = change.outcome == "present" and " " or signs[change.action]
  local line = string.format("%s %s %s", sign, change.resource, change.key)
  local more = detail(change)
  if more ~= "" then line = line .. " (" .. more .. ")" end
  if change.outcome then line = line .. ": " .. change.outcome end
  if change.err then line = line .. " - " .. tostring(change.err) end
  return line
end

local function text(self)
  local lines = { string.format("trunk %s: %s", self.trunk_name, self:summary()) }
  for _, change in ipairs(self.changes) do lines[#lines + 1] = "  " .. M.line(change) end
  return table.concat(lines, "\n")
end

local Plan, Report = {}, {}

function Plan:summary()
  local n = #self.changes
  return n == 0 and "nothing to change" or n .. (n == 1 and " change" or " changes")
end

function Report:summary()
  local counts, parts = {}, {}
  for _, change in ipairs(self.changes) do counts[change.outcome] = (counts[change.outcome] or 0) + 1 end
  for _, outcome in ipairs { "done", "present", "failed", "unknown", "not_tried" } do
    if counts[outcome] then parts[#parts + 1] = counts[outcome] .. " " .. outcome end
  end
  return table.concat(parts, ", ")
end

local plan_metatable = { __index = Plan, __tostring = text, __name = "exotel.plan" }
local report_metatable = { __index = Report, __tostring = text, __name = "exotel.report" }

local function change_of(step)
  return { action = step.action, resource = step.resource, key = step.key, from = step.from, to = step.to }
end

--- A plan of the steps that would change something.
function M.plan(trunk_name, trunk_sid, steps)
  local changes = {}
  for _, step in ipairs(steps) do
    if not step.present then changes[#changes + 1] = change_of(step) end
  end
  return setmetatable({ trunk_name = trunk_name, trunk_sid = trunk_sid, changes = changes }, plan_metatable)
end

--- A report of all steps, none of them tried yet.
function M.report(trunk_name, trunk_sid, steps)
  local changes = {}
  for i, step in ipairs(steps) do
    changes[i] = change_of(step)
    changes[i].outcome = step.present and "present" or "not_tried"
  end
  return setmetatable({ trunk_name = trunk_name, trunk_sid = trunk_sid, changes = changes }, report_metatable)
end

return M
