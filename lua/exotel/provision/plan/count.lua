--- The count of a plan or report, its last line.
local M = {}

local SORTS = { create = "add", add = "add", update = "change", remove = "remove" }
-- Outcomes other than done, as they are counted.
local OTHERS = { "present", "ignored", "failed", "unknown", "not_tried" }

local function new_counts(names)
  local counts = {}
  for _, name in ipairs(names) do counts[name] = 0 end
  return counts
end

--- count.planned(plan) → "3 to add, 1 to change, 0 to remove, 2 extra".
function M.planned(plan)
  local counts = new_counts { "add", "change", "remove" }
  for _, change in ipairs(plan.changes) do
    local sort = SORTS[change.action]
    if sort then counts[sort] = counts[sort] + 1 end
  end
  return ("%d to add, %d to change, %d to remove, %d extra"):format(counts.add, counts.change, counts.remove,
    #plan.extras)
end

--- count.done(changes) → "3 added, 1 changed, 0 removed", and how many of the changes came to another outcome.
function M.done(changes)
  local done, others = new_counts { "add", "change", "remove" }, new_counts(OTHERS)
  for _, change in ipairs(changes) do
    local counts, name = others, change.outcome
    if name == "done" then counts, name = done, SORTS[change.action] end
    counts[name] = counts[name] + 1
  end
  local parts = { ("%d added, %d changed, %d removed"):format(done.add, done.change, done.remove) }
  for _, name in ipairs(OTHERS) do
    if others[name] > 0 then parts[#parts + 1] = ("%d %s"):format(others[name], (name:gsub("_", " "))) end
  end
  return table.concat(parts, ", ")
end

return M
