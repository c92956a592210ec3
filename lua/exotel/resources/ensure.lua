--- Writes that succeed when what they would make exists already. After a write whose reply was lost, or that met
-- something which exists, the service is read, and what is true there decides.
local compare = require "exotel.resources.compare"
local copies = require "exotel.resources.copies"
local duplicates = require "exotel.resources.duplicates"
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local pages = require "exotel.calls.pages"
local request = require "exotel.calls.request"
local settle_wait = require "exotel.calls.settle_wait"

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
  return errors.new {
    kind = "conflict", operation = operation, message = message, code = err and err.code,
    http_status = err and err.http_status, request_id = err and err.request_id,
    attempts = err and err.attempts, elapsed = err and err.elapsed,
  }
end

-- → what to return for one that exists
local function judge(action, existing, err)
  local difference = action.difference(existing)
  if difference then return nil, conflict(action.operation, difference, err) end
  return adopted(existing, err)
end

-- Reads until it finds what a write has made, or met, or until the wait is over. → whether that decides, and what to
-- return; it doesn't when the write may be sent again. `err`: the write's.
local function look_for(action, wait, err)
  local asked = err.kind ~= "conflict" or not action.elsewhere
  while true do
    if engine.closed(wait.client) then return true, nil, err end
    local existing, look_err = action.look(wait:options())
    if look_err then return true, nil, err end
    if existing then return true, judge(action, existing, err) end
    local elsewhere = not asked and action.elsewhere(wait:options())
    asked = true
    if elsewhere then return true, nil, conflict(action.operation, elsewhere, err) end
    if not wait:pause() then return err.kind == "conflict", nil, err end
  end
end

local function needs_reading(err) return err.kind == "conflict" or err.maybe_applied end

-- `doubt.lost` becomes true when the reply is lost. → whether that decides, and what to return
local function send(action, wait, doubt)
  local data, info = action.act(wait:options())
  if data ~= nil then return true, data, info end
  doubt.lost = doubt.lost or info.maybe_applied
  if not needs_reading(info) then return true, nil, info end
  wait:restart()
  return look_for(action, wait, info)
end

-- A write whose reply was lost may still take effect, whatever is found out later.
local function finish(doubt, data, info)
  if data == nil and doubt.lost then info.maybe_applied = true end
  return data, info
end

-- Sends until it is decided what came of it.
local function run(action, wait)
  local doubt, sendings = { lost = false }, 0
  while true do
    local decided, data, info = send(action, wait, doubt)
    sendings = sendings + 1
    if decided or sendings > REPEATS or not wait:has_time() then return finish(doubt, data, info) end
  end
end

--- ensure.ensure(action, wait) → data, info, or nil, err. info.adopted: it existed, or was made by a write whose reply
-- was lost. `wait`: a wait of calls.settle_wait. `action` has
--   operation            its name
--   act(options)         → data, info, or nil, err
--   look(options)        → what exists of that name or nil; or nil, err
--   difference(existing) → nil when it is as desired, else what differs
--   elsewhere(options)   → why a conflict stands although nothing was found, or nil (may be absent)
function M.ensure(action, wait)
  if engine.closed(wait.client) then error("the client is closed", 0) end
  return run(action, wait)
end

-- One of a trunk's resources -----------------------------------------------------------------------------------------

local function arguments_of(kind, trunk_sid, fields)
  local arguments = kind.add_arguments { fields = kind.fields(fields), entry = fields }
  arguments.trunk_sid = trunk_sid
  return arguments
end

local function action_of(client, kind, trunk_sid, fields)
  local action = { operation = kind.add }
  function action.act(options)
    local data, info = request.make(client, kind.add, arguments_of(kind, trunk_sid, fields), options)
    if data == nil then return nil, info end
    return kind.added(data), info
  end
  function action.look(options)
    local existing, err = pages.complete(client, kind.list, { trunk_sid = trunk_sid }, options)
    if not existing then return nil, err end
    return (copies.of(kind, existing, compare.key(kind, fields)))
  end
  function action.difference(existing) return compare.conflict(kind, existing, kind.fields(fields)) end
  function action.elsewhere(options) return kind.elsewhere and kind.elsewhere(client, trunk_sid, fields, options) end
  return action
end

local function warn(info, format, ...) table.insert(info.warnings, format:format(...)) end

local function remove_all(client, kind, trunk_sid, list, info, wait)
  for _, copy in ipairs(list) do
    local removed, err = duplicates.remove(client, kind, trunk_sid, copy, wait:options())
    if not removed then warn(info, "a copy (id %s) could not be removed: %s", tostring(copy.id), tostring(err)) end
  end
end

-- The key and id by which an addition is looked for.
local function added_of(kind, fields, data)
  local shown = compare.readable(kind, { data })[1] or fields
  return { key = compare.key(kind, shown), id = data.id }
end

-- After an addition: of several equal ones one stays. What fails here is only a warning, since the addition is done.
local function without_copies(client, kind, trunk_sid, added, data, info, wait)
  wait:restart()
  local existing, err = duplicates.read(client, kind, trunk_sid, { added }, wait)
  if not existing then
    warn(info, "it could not be read whether there is a second one: %s", tostring(err))
    return data, info
  end
  local stays, others = duplicates.split(kind, existing, added.key, data)
  if not stays then
    warn(info, "the service's list doesn't show it yet (id %s)", tostring(data.id))
    return data, info
  end
  remove_all(client, kind, trunk_sid, others, info, wait)
  if stays.id ~= data.id then info.adopted = true end
  return stays, info
end

local function ensure_appended(client, kind, trunk_sid, fields, action, wait)
  local existing, err = action.look(wait:options())
  if err then return nil, err end
  if existing then return judge(action, existing) end
  local data, info = run(action, wait)
  if data == nil then return nil, info end
  return without_copies(client, kind, trunk_sid, added_of(kind, fields, data), data, info, wait)
end

--- ensure.item(client, kind, trunk_sid, fields, options) → what `add` would make of an entry's fields, and info; or
-- nil, err. `options` are the calls'.
function M.item(client, kind, trunk_sid, fields, options)
  local action, wait = action_of(client, kind, trunk_sid, fields), settle_wait.new(client, options)
  if not kind.appends then return M.ensure(action, wait) end
  -- Arguments that are wrong are refused before anything is read.
  if not engine.check(client, kind.add, arguments_of(kind, trunk_sid, fields), options) then
    return action.act(options)
  end
  return ensure_appended(client, kind, trunk_sid, fields, action, wait)
end

return M
