--- What is there: the trunks that specifications are about, and what belongs to each.
local errors = require "exotel.error"
local pages = require "exotel.calls.pages"
local resources = require "exotel.resources.kinds"

local M = {}

-- Whose trunk each one is: by sid where a specification gives one, else by name.
local function claims(wanteds)
  local by_sid, by_name = {}, {}
  for i, wanted in ipairs(wanteds) do
    local trunk = wanted.trunk
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

local function check_sids(wanteds, found)
  for i, wanted in ipairs(wanteds) do
    if found[i] == false and wanted.trunk.trunk_sid then return nil, missing(wanted.trunk) end
  end
  return found
end

--- survey.trunks(client, wanteds [, only]) → the trunk of each (its data, or false), or nil, err. One that is named by
-- its sid has to be there. `only`: the place of the one that is asked for; the others' trunks are still theirs.
function M.trunks(client, wanteds, only)
  local found, left, claim = {}, 0, claims(wanteds)
  for i in ipairs(wanteds) do
    if not only or i == only then found[i], left = false, left + 1 end
  end
  local next_page = pages.new(client, "list_trunks", {})
  while left > 0 do
    local items, err = next_page()
    if err then return nil, err end
    if not items then break end
    for _, data in ipairs(items) do
      local i = claim(data)
      if found[i] == false then found[i], left = data, left - 1 end
    end
  end
  return check_sids(wanteds, found)
end

-- IPs are removed only when no destination needs them, so both are read.
local function is_needed(wanted, resource, prune)
  if wanted[resource].managed or #wanted[resource] > 0 then return true end
  return resource == "destination" and prune and wanted.whitelisted_ip.managed
end

--- survey.belongings(client, wanted, trunk, prune) → { trunk, and the items of each kind that the specification is
-- about }, or nil, err. `trunk`: its data, or false.
function M.belongings(client, wanted, trunk, prune)
  local actual = { trunk = trunk }
  for _, resource in ipairs(trunk and resources.order or {}) do
    local kind = resources.kinds[resource]
    if is_needed(wanted, resource, prune) then
      local items, err = pages.all(client, kind.list, { trunk_sid = trunk.trunk_sid })
      if err then return nil, err end
      actual[resource] = resources.named(kind, items)
    end
  end
  return actual
end

return M
