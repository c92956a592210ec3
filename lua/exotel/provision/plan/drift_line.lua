--- The lines of a report on drift: how the service is, and how it should be.
local line = require "exotel.provision.plan.line"
local plain = require "exotel.text.plain"
local safety = require "exotel.provision.plan.safety"

local M = {}

local function printable(value) return plain(value, "?") end

local function title(one) return one.resource .. " " .. printable(one.key) end

-- What is compared under one key may be a single value, which needs no name.
local UNNAMED = { mode = true, value = true }

local function value_text(value) return value == nil and "not set" or printable(value) end

local function difference(change)
  local parts = {}
  for i, name in ipairs(line.differing(change)) do
    local subject, before, after = UNNAMED[name] and "" or name .. " ", change.from[name], change.to[name]
    parts[i] = ("%sis %s, should be %s"):format(subject, value_text(before), value_text(after))
  end
  return table.concat(parts, "; ")
end

local function update_text(change)
  local differing = difference(change)
  if not change.moved_from then return differing end
  local place = ("is on %s, should be on %s"):format(printable(change.moved_from), printable(change.trunk_name))
  return place .. (differing ~= "" and "; " .. differing or "")
end

local function removal_text(change)
  if change.reason == "duplicate" then return ("is there twice (second copy, id %s)"):format(printable(change.id)) end
  if change.resource == "trunk" then return "is there, should be absent" end
  return "is not in the file"
end

--- drift_line.change(change) → the line for what differs.
function M.change(change)
  local text = "is missing"
  if change.action == "update" then text = update_text(change) end
  if change.action == "remove" then text = removal_text(change) end
  return title(change) .. " " .. text
end

--- drift_line.extra(extra) → the line for what is there beside the specification.
function M.extra(extra)
  if extra.wanted_by then return ("%s should be on %s"):format(title(extra), printable(extra.wanted_by)) end
  return title(extra) .. " is not in the file"
end

--- drift_line.fold(change, count, wording) → the line for so many more that are missing.
function M.fold(change, count, wording)
  return ("%d more of %s are missing (%s)"):format(count, change.resource, wording.full)
end

--- drift_line.refused(refused, wording) → the line for what apply would refuse; nil for what it would do when it is
-- allowed: a report allows nothing.
function M.refused(refused, wording)
  if not safety.rules[refused.rule] then return line.refused(refused, wording) end
end

--- drift_line.leaving(change) → the line for what should be on another trunk, of the trunk that has it.
function M.leaving(change) return ("%s should be on %s"):format(title(change), printable(change.trunk_name)) end

M.kept, M.unmapped = line.kept, line.unmapped

return M
