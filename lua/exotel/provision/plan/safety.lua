--- What prune, and the removal of a trunk, do only when it is allowed: what would cut calls off.
local compare = require "exotel.resources.compare"
local kinds = require "exotel.resources.kinds"
local values = require "exotel.resources.values"

local M = {}

--- The rules that `allow` can name, as a set.
M.rules = { shrink = true, delete_trunk = true }
for _, kind in ipairs(kinds.all) do
  if kind.safety and kind.safety.last then M.rules[kind.safety.last] = true end
end

--- Their names, for a message.
M.rule_names = table.concat(values.sorted_names(M.rules), ", ")

local function count_keys(kind, existing)
  local seen, count = {}, 0
  for _, one in ipairs(existing) do
    local key = compare.key(kind, one)
    if not seen[key] then seen[key], count = true, count + 1 end
  end
  return count
end

local function permits(rule) return (' (allow = { "%s" } permits it)'):format(rule) end

local function message_of(rule, noun, name, before, after)
  if rule ~= "shrink" then return ("prune would remove the last %s of %s%s"):format(noun, name, permits(rule)) end
  return ("prune would leave %d of %d %ss of %s%s"):format(after, before, noun, name, permits(rule))
end

-- The rule that emptying or halving a list breaks, or nil. Of a list that is emptied only the sharper one is named.
local function rule_of(safety, before, after)
  if before == 0 then return nil end
  if after == 0 and safety.last then return safety.last end
  if after * 2 < before then return "shrink" end
end

local function count_kept(target, kind)
  local count = 0
  for _, kept in ipairs(target.kept) do
    if kept.step.kind == kind then count = count + 1 end
  end
  return count
end

-- What goes to another trunk of the plan is not lost.
local function count_moving(target, kind)
  local count = 0
  for _, removal in ipairs(target.removals) do
    if removal.kind == kind and removal.moves_to then count = count + 1 end
  end
  return count
end

local function cut_of(target, kind, allow)
  local items, existing = target.desired[kind.name], target.existing[kind.name]
  if not (kind.safety and items.managed and existing) then return nil end
  local before = count_keys(kind, existing)
  local after = #items + count_kept(target, kind) + count_moving(target, kind)
  local rule = rule_of(kind.safety, before, after)
  if not rule or allow[rule] then return nil end
  local message = message_of(rule, kind.noun, target.trunk_name, before, after)
  return { rule = rule, trunk_name = target.trunk_name, resource = kind.name, message = message }
end

--- safety.add_deletion(refused, target, allow): the same for a trunk that is to be absent, and still has numbers.
function M.add_deletion(refused, target, allow)
  local numbers = target.deletion and (target.deletion.contents or {}).phone_number
  if not numbers or allow.delete_trunk then return end
  refused[#refused + 1] = {
    rule = "delete_trunk", trunk_name = target.trunk_name, resource = "trunk",
    message = ("absent would delete the trunk %s with %d phone number%s%s"):format(target.trunk_name, #numbers,
      #numbers == 1 and "" or "s", permits("delete_trunk")),
  }
end

--- safety.add_cuts(refused, target, allow): adds { rule, trunk_name, resource, message } for each rule that prune would
-- break and that is not in `allow`, a set.
function M.add_cuts(refused, target, allow)
  for _, kind in ipairs(kinds.all) do refused[#refused + 1] = cut_of(target, kind, allow) end
end

return M
