--- What exists: the trunks that specifications are about, and the resources of each.
local compare = require "exotel.resources.compare"
local errors = require "exotel.error"
local kinds = require "exotel.resources.kinds"
local pages = require "exotel.calls.pages"

local M = {}

-- Which of the desired trunks an existing one is: by sid where a specification gives one, else by name.
local function matcher(desired_trunks)
  local by_sid, by_name = {}, {}
  for i, desired in ipairs(desired_trunks) do
    local trunk = desired.trunk
    if trunk.trunk_sid then by_sid[trunk.trunk_sid] = i else by_name[trunk.fields.trunk_name] = i end
  end
  return function(data) return by_sid[data.trunk_sid] or by_name[data.trunk_name] end
end

local function missing(trunk)
  return errors.new {
    kind = "not_found", operation = "provision", field = "trunk_sid",
    message = ("there is no trunk %s; without trunk_sid one named %s is made"):format(trunk.trunk_sid,
      trunk.fields.trunk_name),
  }
end

local function check_sids(desired_trunks, found)
  for i, desired in ipairs(desired_trunks) do
    local has_to_be = desired.trunk.trunk_sid and not desired.trunk.absent
    if has_to_be and found[i] == false then return nil, missing(desired.trunk) end
  end
  return found
end

local function set_of(list)
  local set = {}
  for _, one in ipairs(list) do set[one] = true end
  return set
end

--- current.trunks(client, desired_trunks, chosen) → the existing trunk (its data, or false) of each of those that are
-- `chosen`, in their places among `desired_trunks`; or nil, err. One whose sid a specification names has to exist. The
-- trunks of the others are still theirs.
function M.trunks(client, desired_trunks, chosen)
  local found, left, index_of, is_chosen = {}, 0, matcher(desired_trunks), set_of(chosen)
  for i, desired in ipairs(desired_trunks) do
    if is_chosen[desired] then found[i], left = false, left + 1 end
  end
  local next_page = pages.new(client, "list_trunks", {})
  while left > 0 do
    local items, err = next_page()
    if err then return nil, err end
    if not items then break end
    for _, data in ipairs(items) do
      local i = index_of(data)
      if found[i] == false then found[i], left = data, left - 1 end
    end
  end
  return check_sids(desired_trunks, found)
end

-- What the specification is about; before others are removed, what may need them; and all that goes with a trunk.
local function is_needed(kind, desired, prune)
  local items = desired[kind.name]
  if desired.trunk.absent or items.managed or #items > 0 then return true end
  return kind.needs and prune and desired[kind.needs.kind.name].managed
end

--- current.of_kind(client, kind, trunk_sid) → those of a kind that exist on a trunk and can be understood; or nil, err.
function M.of_kind(client, kind, trunk_sid)
  local found, err = pages.complete(client, kind.list, { trunk_sid = trunk_sid })
  if not found then return nil, err end
  return compare.readable(kind, found)
end

--- current.resources(client, desired, trunk, prune) → { trunk, and under the name of each kind that is needed those
-- that exist }, or nil, err. `trunk`: its data, or false.
function M.resources(client, desired, trunk, prune)
  local existing = { trunk = trunk }
  for _, kind in ipairs(trunk and kinds.all or {}) do
    if is_needed(kind, desired, prune) then
      local err
      existing[kind.name], err = M.of_kind(client, kind, trunk.trunk_sid)
      if err then return nil, err end
    end
  end
  return existing
end

return M
