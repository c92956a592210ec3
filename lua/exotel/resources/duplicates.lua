--- Duplicates of a kind that appends: the service adds a second one of the same key without an error, so a write that
-- was sent twice may take effect twice, the first time late.
local compare = require "exotel.resources.compare"
local pages = require "exotel.calls.pages"

local M = {}

--- duplicates.ids(existing) → the ids of those that exist, as a set.
function M.ids(existing)
  local ids = {}
  for _, one in ipairs(existing) do ids[one.id] = true end
  return ids
end

local function remove_all(client, kind, trunk_sid, list)
  for _, existing in ipairs(list) do
    local arguments = kind.remove_arguments(existing)
    arguments.trunk_sid = trunk_sid
    local removed, err = client[kind.remove](client, arguments)
    if not removed and err.kind ~= "not_found" then return nil, err end
  end
  return true
end

--- duplicates.remove(client, kind, trunk_sid, key, known, keep) → true, or nil, err. Of those with that key that are
-- not in `known`, a set of ids, one stays: that with the id `keep` if it is among them.
function M.remove(client, kind, trunk_sid, key, known, keep)
  local existing, err = pages.all(client, kind.list, { trunk_sid = trunk_sid })
  if not existing then return nil, err end
  local ours = {}
  for _, one in ipairs(compare.readable(kind, existing)) do
    if not known[one.id] and compare.key(kind, one) == key then
      table.insert(ours, one.id == keep and 1 or #ours + 1, one)
    end
  end
  table.remove(ours, 1)
  return remove_all(client, kind, trunk_sid, ours)
end

return M
