--- Writes that succeed when what they would make exists already. After a write whose reply was lost, or that met
-- something which exists, the service is read, and what is true there decides.
local compare = require "exotel.resources.compare"
local duplicates = require "exotel.resources.duplicates"
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local pages = require "exotel.calls.pages"

local M = {}

-- How often a write that proved to have had no effect is sent again.
local REPEATS = 2

-- Any write ----------------------------------------------------------------------------------------------------------

local function adopted(existing, err)
  local info = { adopted = true, warnings = {}, attempts = 0, elapsed = 0 }
  if err then
    for _, name in ipairs { "attempts", "elapsed", "request_id", "http_status" } do info[name] = err[name] end
  end
  return existing, info
end

local function conflict(operation, message, err)
  return nil, errors.new {
    kind = "conflict", operation = operation, message = message, code = err and err.code,
    http_status = err and err.http_status, request_id = err and err.request_id,
    attempts = err and err.attempts, elapsed = err and err.elapsed,
  }
end

local function needs_reading(err) return err.kind == "conflict" or err.maybe_applied end

local function clash(action, err)
  local elsewhere = action.elsewhere and action.elsewhere()
  if not elsewhere then return nil, err end
  return conflict(action.operation, elsewhere, err)
end

-- Reads what exists and decides by it. → true, and what to return; or false: it doesn't exist, so nothing happened.
local function reconcile(action, err)
  local existing, look_err = action.look()
  if look_err then return true, nil, err or look_err end
  if not existing then
    if err and err.kind == "conflict" then return true, clash(action, err) end
    return false
  end
  local difference = action.difference(existing)
  if difference then return true, conflict(action.operation, difference, err) end
  return true, adopted(existing, err)
end

local function finish(action, sendings, data, info)
  if data == nil or sendings < 2 or not action.repeated then return data, info end
  local good, err = action.repeated(data)
  if not good then return nil, err end
  return data, info
end

--- ensure.ensure(action) → data, info (info.adopted when it existed, or was made by a write whose reply was lost), or
-- nil, err. `action` has
--   operation            its name
--   act()                → data, info, or nil, err
--   look()               → what exists of that name or nil; or nil, err
--   difference(existing) → nil when it is as desired, else what differs
--   elsewhere()          → why a conflict stands although nothing was found, or nil (may be absent)
--   appends              true: the service doesn't notice a second one, so look before acting
--   repeated(data)       called after a success that took more than one sending; → true, or nil, err (may be absent)
function M.ensure(action)
  if action.appends then
    local decided, data, info = reconcile(action)
    if decided then return data, info end
  end
  local sendings = 0
  while true do
    local data, info = action.act()
    local err = info
    sendings = sendings + 1
    local decided = data ~= nil or not needs_reading(err)
    if not decided then decided, data, info = reconcile(action, err) end
    if decided then return finish(action, sendings, data, info) end
    if sendings > REPEATS then return nil, err end
  end
end

-- One of a trunk's resources -----------------------------------------------------------------------------------------

--- ensure.difference(name, field, found, desired) → how something that exists differs, as a sentence.
function M.difference(name, field, found, desired)
  return string.format("%s exists with %s %s, not %s", name, field, tostring(found), tostring(desired))
end

local function arguments_of(kind, trunk_sid, fields)
  local arguments = kind.add_arguments { fields = kind.fields(fields), entry = fields }
  arguments.trunk_sid = trunk_sid
  return arguments
end

local function action_of(client, kind, trunk_sid, fields, options)
  local action = { operation = kind.add, appends = kind.appends }
  function action.act()
    local data, info = client[kind.add](client, arguments_of(kind, trunk_sid, fields), options)
    if data == nil then return nil, info end
    return kind.added(data), info
  end
  function action.look()
    local existing, err = pages.all(client, kind.list, { trunk_sid = trunk_sid }, options)
    if not existing then return nil, err end
    return compare.find(kind, existing, fields)
  end
  function action.difference(existing)
    local desired = kind.fields(fields)
    local field = compare.difference(kind, existing, desired)
    if field then return M.difference(kind.key(desired), field, kind.fields(existing)[field], desired[field]) end
  end
  function action.elsewhere() return kind.elsewhere and kind.elsewhere(client, trunk_sid, fields) end
  return action
end

-- What existed before is no duplicate made by this write.
local function ensure_appended(client, kind, trunk_sid, fields, options, action)
  local existing, err = pages.all(client, kind.list, { trunk_sid = trunk_sid }, options)
  if not existing then return nil, err end
  local known, key = duplicates.ids(existing), compare.key(kind, fields)
  function action.repeated(data) return duplicates.remove(client, kind, trunk_sid, key, known, data.id) end
  return M.ensure(action)
end

--- ensure.item(client, kind, trunk_sid, fields, options) → what `add` would make of an entry's fields, and info; or
-- nil, err. `options` are the calls'.
function M.item(client, kind, trunk_sid, fields, options)
  local action = action_of(client, kind, trunk_sid, fields, options)
  if not kind.appends then return M.ensure(action) end
  -- Arguments that are wrong are refused before anything is read.
  if not engine.check(client, kind.add, arguments_of(kind, trunk_sid, fields), options) then return action.act() end
  return ensure_appended(client, kind, trunk_sid, fields, options, action)
end

return M
