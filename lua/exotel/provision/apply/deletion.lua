--- What must not go with a trunk that is removed: a number that it has got since the plan was made.
local errors = require "exotel.error"
local kinds = require "exotel.resources.kinds"
local pages = require "exotel.calls.pages"
local removal = require "exotel.calls.removal"

local M = {}

-- The keys that the plan knows of, on the trunk or on their way from it, as a set.
local function known_keys(target, kind)
  local known = {}
  for _, step in ipairs(target.going) do
    if step.kind == kind then known[step.key] = true end
  end
  return known
end

-- Nobody could be shown what has no number: such a one is never among those that are known.
local function conflict(target, kind, one)
  local key = kind.key(kind.fields(one))
  local what = key and ("it has got %s since it was looked at"):format(key)
    or ("it has a %s that can't be understood (id %s)"):format(kind.noun, tostring(one.id))
  return errors.new {
    kind = "conflict", operation = "provision",
    message = ("the trunk %s was not removed: %s"):format(target.trunk_name, what),
  }
end

-- What was not there when it was agreed that all of it goes. Nothing is where the trunk is gone.
local function fault_of_kind(client, step, kind)
  local trunk_sid = step.existing.trunk_sid
  local found, err = pages.complete(client, kind.list, { trunk_sid = trunk_sid })
  if not found then return not removal.is_gone_with_trunk(client, trunk_sid, err) and err or nil end
  local known = known_keys(step.target, kind)
  for _, one in ipairs(found) do
    if not known[kind.key(kind.fields(one)) or false] then return conflict(step.target, kind, one) end
  end
end

--- deletion.fault(client, step) → nil, or err: the step removes a trunk, and that has something which calls depend on
-- and which nobody has agreed to lose.
function M.fault(client, step)
  if step.resource ~= "trunk" or step.action ~= "remove" then return nil end
  for _, kind in ipairs(kinds.all) do
    local err = kind.one_trunk and fault_of_kind(client, step, kind)
    if err then return err end
  end
end

return M
