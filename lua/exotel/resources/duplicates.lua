--- Duplicates of a kind that appends: the service adds a second one of the same key without an error, so there may be
-- two when a write takes effect twice, or when somebody else adds the same. Everybody removes all but the one with the
-- lowest id. What is removed had one with a lower id beside it, so the lowest is always left, whoever else acts.
local copies = require "exotel.resources.copies"
local pages = require "exotel.calls.pages"
local removal = require "exotel.calls.removal"

local M = {}

-- A list that lags behind shows neither what was added here nor what somebody else added before. One with a lower id
-- is enough: it stays, and the one that was added here goes.
local function shows(kind, existing, added)
  local stays = copies.of(kind, existing, added.key)
  return stays ~= nil and (added.id == nil or not copies.is_before(added, stays))
end

local function shows_all(kind, existing, added)
  for _, one in ipairs(added) do
    if not shows(kind, existing, one) then return false end
  end
  return true
end

--- duplicates.read(client, kind, trunk_sid, added, wait) → what exists, or nil, err. Reads again until it shows all of
-- `added` (an array of { key, id }), as long as `wait` (of calls.settle_wait) allows.
function M.read(client, kind, trunk_sid, added, wait)
  local existing, err
  repeat
    existing, err = pages.complete(client, kind.list, { trunk_sid = trunk_sid }, wait:options())
  until not existing or shows_all(kind, existing, added) or not wait:pause()
  return existing, err
end

local function has_id(list, id)
  for _, one in ipairs(list) do
    if one.id == id then return true end
  end
  return false
end

--- duplicates.split(kind, existing, key, added) → the one of that key that stays, or nil; those that have to go.
-- `added`: what was added here, as the service answered it, or nil; a list that lags behind may not show it yet.
function M.split(kind, existing, key, added)
  local stays, others = copies.of(kind, existing, key)
  local is_missing = stays and added and added.id ~= nil and added.id ~= stays.id and not has_id(others, added.id)
  if is_missing and copies.is_before(stays, added) then others[#others + 1] = added end
  return stays, others
end

--- duplicates.remove(client, kind, trunk_sid, copy, options) → true, or nil, err. One that is gone already has been
-- removed by somebody else.
function M.remove(client, kind, trunk_sid, copy, options)
  local arguments = kind.remove_arguments(copy)
  arguments.trunk_sid = trunk_sid
  return removal.remove(client, kind.remove, arguments, options)
end

return M
