--- Steps as a plan or report shows them: what changes, and nothing of how.
local subset = require "exotel.provision.plan.subset"

local M = {}

local function copy(fields)
  if not fields then return nil end
  local result = {}
  for name, value in pairs(fields) do result[name] = value end
  return result
end

-- To people it is one change, of the trunk that gets it.
local function of_move(removal)
  local addition = removal.moves_to
  return {
    action = "update", resource = removal.resource, key = removal.key, from = copy(removal.from),
    to = copy(addition.to), trunk_name = addition.target.trunk_name, trunk_sid = addition.target.trunk_sid,
    id = removal.existing.id, moved_from = removal.target.trunk_name,
  }
end

--- changes.of(step) → { action, resource, key, from, to, trunk_name, trunk_sid, id, reason, contents, moved_from }.
-- trunk_sid and id (what is changed or removed) where they are known.
function M.of(step)
  if step.moves_to then return of_move(step) end
  local target = step.target
  return {
    action = step.action, resource = step.resource, key = step.key, from = copy(step.from), to = copy(step.to),
    trunk_name = target.trunk_name, trunk_sid = target.trunk_sid,
    id = not step.present and step.existing and step.existing.id or nil, reason = step.reason,
    contents = step.contents,
  }
end

-- Any plain value as text: equal texts, equal values.
local function fingerprint(value)
  if type(value) ~= "table" then return type(value) .. " " .. tostring(value) end
  local parts = {}
  for name, item in pairs(value) do parts[#parts + 1] = ("%q: %q"):format(name, fingerprint(item)) end
  table.sort(parts)
  return table.concat(parts, "\n")
end

--- changes.fingerprint(change) → a text that is the same for the same change.
M.fingerprint = fingerprint

--- changes.identity(change) → a text that is the same for what a plan and a report tell of the same thing, be it still
-- to be changed or so already.
function M.identity(change)
  local removed = change.action == "remove" and "remove " .. tostring(change.id) or ""
  return table.concat({ change.trunk_name, change.resource, change.key, removed }, "\0")
end

--- changes.all(steps) → those of the steps that would change something.
function M.all(steps)
  local list = {}
  for _, step in ipairs(steps) do
    if not step.present then list[#list + 1] = M.of(step) end
  end
  return list
end

--- changes.kept(targets) → an array of { trunk_name, resource, key, needed_by }: what prune leaves.
function M.kept(targets)
  local list = {}
  for _, target in ipairs(targets) do
    for _, kept in ipairs(target.kept) do
      list[#list + 1] = {
        trunk_name = target.trunk_name, resource = kept.step.resource, key = kept.step.key, needed_by = kept.needed_by,
      }
    end
  end
  return list
end

local function extra_of(step, target)
  return {
    trunk_name = target.trunk_name, trunk_sid = target.trunk_sid, resource = step.resource, key = step.key,
    id = step.existing.id, wanted_by = step.wanted_by,
  }
end

--- changes.extras(targets) → an array of { trunk_name, trunk_sid, resource, key, id, wanted_by (a trunk that is left
-- out) }: what is there beside the lists of the specifications.
function M.extras(targets)
  local list = {}
  for _, target in ipairs(targets) do
    for _, step in ipairs(target.extras) do
      if not step.moves_to then list[#list + 1] = extra_of(step, target) end
    end
  end
  return list
end

--- changes.left_out(desired_trunks) → an array of { trunk_name, trunk_sid }: of the trunks that a plan leaves out.
function M.left_out(desired_trunks)
  local trunks = {}
  for i, desired in ipairs(desired_trunks) do
    trunks[i] = { trunk_name = subset.title(desired), trunk_sid = desired.trunk.trunk_sid }
  end
  return trunks
end

--- changes.trunks(targets) → an array of { trunk_name, trunk_sid }.
function M.trunks(targets)
  local trunks = {}
  for i, target in ipairs(targets) do trunks[i] = { trunk_name = target.trunk_name, trunk_sid = target.trunk_sid } end
  return trunks
end

return M
