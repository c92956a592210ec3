--- Settling what is unknown: after a write whose reply was lost, or that met something that exists already, the service
-- is read and what is true there decides.
local errors = require "exotel.error"
local pages = require "exotel.calls.pages"
local resources = require "exotel.resources.kinds"

local M = {}

-- How often a write that proved to have had no effect is sent again.
local REPEATS = 2

local destination = resources.kinds.destination

-- Doubled destinations ----------------------------------------------------------------------------------------------

--- The ids of the destinations a trunk has, as a set; or nil, err. `options` are the reading call's.
function M.destination_ids(client, trunk_sid, options)
  local items, err = pages.all(client, destination.list, { trunk_sid = trunk_sid }, options)
  if not items then return nil, err end
  local ids = {}
  for _, item in ipairs(items) do ids[item.id] = true end
  return ids
end

local function remove_all(client, trunk_sid, ids)
  for _, id in ipairs(ids) do
    local removed, err = client:remove_destination { trunk_sid = trunk_sid, id = id }
    if not removed and err.kind ~= "not_found" then return nil, err end
  end
  return true
end

--- A destination that was sent again may arrive twice, the first one late. Removes all but one (`keep`, an id, when it
-- is among them) of those of the same canonical form that are not in `known`, a set of ids. → true, or nil, err
function M.drop_doubles(client, trunk_sid, key, known, keep)
  local items, err = pages.all(client, destination.list, { trunk_sid = trunk_sid })
  if not items then return nil, err end
  local ids = {}
  for _, item in ipairs(resources.named(destination, items)) do
    local ours = not known[item.id] and destination.key(destination.fields(item)) == key
    if ours then table.insert(ids, item.id == keep and 1 or #ids + 1, item.id) end
  end
  table.remove(ids, 1)
  return remove_all(client, trunk_sid, ids)
end

-- ensure -------------------------------------------------------------------------------------------------------------

local function adopted(item, err)
  local info = { adopted = true, warnings = {}, attempts = 0, elapsed = 0 }
  if err then
    for _, name in ipairs { "attempts", "elapsed", "request_id", "http_status" } do info[name] = err[name] end
  end
  return item, info
end

local function conflict(operation, message, err)
  return nil, errors.new {
    kind = "conflict", operation = operation, message = message, code = err and err.code,
    http_status = err and err.http_status, request_id = err and err.request_id,
    attempts = err and err.attempts, elapsed = err and err.elapsed,
  }
end

local function settles(err) return err.kind == "conflict" or err.maybe_applied end

local function clash(action, err)
  local elsewhere = action.elsewhere and action.elsewhere()
  if not elsewhere then return nil, err end
  return conflict(action.operation, elsewhere, err)
end

-- Reads what is there and decides by it. → true, and what to return; or false: it is not there, so nothing happened.
local function decide(action, err)
  local item, look_err = action.look()
  if look_err then return true, nil, err or look_err end
  if not item then
    if err and err.kind == "conflict" then return true, clash(action, err) end
    return false
  end
  local difference = action.difference(item)
  if difference then return true, conflict(action.operation, difference, err) end
  return true, adopted(item, err)
end

local function finish(action, sendings, data, info)
  if data == nil or sendings < 2 or not action.repeated then return data, info end
  local good, err = action.repeated(data)
  if not good then return nil, err end
  return data, info
end

--- Does a write so that it is a success when the thing is already so. `action` has
--   operation        its name
--   act()            → data, info, or nil, err
--   look()           → what exists of that name or nil; or nil, err
--   difference(item) → nil when it is as wanted, else what differs
--   elsewhere()      → why a conflict stands although nothing was found, or nil (may be absent)
--   appends          true: the service doesn't notice a second one, so look before acting
--   repeated(item)   called after a success that took more than one sending; → true, or nil, err (may be absent)
-- → data, info (info.adopted when it was there, or came to be by a reply that was lost), or nil, err
function M.ensure(action)
  if action.appends then
    local decided, data, info = decide(action)
    if decided then return data, info end
  end
  local sendings = 0
  while true do
    local data, info = action.act()
    local err = info
    sendings = sendings + 1
    local decided = data ~= nil or not settles(err)
    if not decided then decided, data, info = decide(action, err) end
    if decided then return finish(action, sendings, data, info) end
    if sendings > REPEATS then return nil, err end
  end
end

return M
