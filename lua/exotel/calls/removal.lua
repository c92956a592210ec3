--- Removals of what is gone already: by a DELETE whose reply was lost, or by somebody else. The service answers 404, or
-- 403 with the code for another account's trunk, and only reading tells whether it is gone.
local core = require "exotel.core"
local pages = require "exotel.calls.pages"
local request = require "exotel.calls.request"
local settle_wait = require "exotel.calls.settle_wait"

local M = {}

-- The service's codes for what is not there, and for a trunk that is not this account's, or not there any more.
local NOT_FOUND, FOREIGN_TRUNK = 1000, 1003

-- By operation: the list that shows what it removes, and the argument and field that identifies that.
local removals = {}

local function queried(operation)
  for _, parameter in ipairs(operation.parameters) do
    if parameter.location == "query" then return parameter.name end
  end
end

local function list_of(removal)
  for _, operation in ipairs(core.operations) do
    if operation.answer == "list" and operation.path == removal.path then return operation.name end
  end
end

for _, operation in ipairs(core.operations) do
  if operation.method == "DELETE" then
    removals[operation.name] = { list = list_of(operation), field = queried(operation) }
  end
end

-- A proxy may answer 404, too: only the service's code is its word.
local function says_not_found(err) return err.kind == "not_found" and tonumber(err.code) == NOT_FOUND end
local function says_foreign(err) return err.kind == "permission" and tonumber(err.code) == FOREIGN_TRUNK end
local function is_word_of_absence(err) return says_not_found(err) or says_foreign(err) end

--- removal.may_be_gone(err) → whether this answer to a removal can mean that what it removes is gone.
function M.may_be_gone(err) return err.kind == "not_found" or says_foreign(err) end

--- removal.is_among(operation, arguments, list) → whether a list shows what the operation removes.
function M.is_among(operation, arguments, list)
  local field = removals[operation].field
  for _, one in ipairs(list) do
    if tostring(one[field]) == tostring(arguments[field]) then return true end
  end
  return false
end

local function is_trunk_gone(client, trunk_sid, options)
  local arguments = { trunk_sid = trunk_sid }
  local trunks, err = pages.complete(client, "list_trunks", arguments, options)
  if not trunks then return is_word_of_absence(err) end
  return not M.is_among("delete_trunk", arguments, trunks)
end

--- removal.is_gone_with_trunk(client, trunk_sid, err, options) → whether a list of what the trunk has, which ended in
-- this err, is no more since the trunk isn't. A key that may not read the list gets the same 403.
function M.is_gone_with_trunk(client, trunk_sid, err, options)
  return is_word_of_absence(err) and is_trunk_gone(client, trunk_sid, options)
end

-- What a trunk has is gone when the trunk is.
local function is_gone(client, operation, arguments, options)
  local list_name = removals[operation].list
  if list_name == "list_trunks" then return is_trunk_gone(client, arguments.trunk_sid, options) end
  local list, err = pages.complete(client, list_name, { trunk_sid = arguments.trunk_sid }, options)
  if list then return not M.is_among(operation, arguments, list) end
  return M.is_gone_with_trunk(client, arguments.trunk_sid, err, options)
end

local function success(err)
  local warning = ("answered %s (%s), but reading back shows that it is gone"):format(err.kind, err.message)
  local info = { warnings = { warning } }
  for _, name in ipairs { "attempts", "elapsed", "request_id", "http_status", "code" } do info[name] = err[name] end
  return {}, info
end

--- removal.is_in_doubt(operation, err) → whether this answer to an operation, which may be any, is to be reconciled: a
-- reply to a removal was lost before it.
function M.is_in_doubt(operation, err)
  return removals[operation] ~= nil and err.maybe_applied and M.may_be_gone(err)
end

--- removal.reconcile(client, operation, arguments, options, err) → {} and info with a warning when what the operation
-- removes is gone, else nil and the err: its answer, of which may_be_gone is true.
function M.reconcile(client, operation, arguments, options, err)
  local wait = settle_wait.new(client, options, err.elapsed)
  repeat
    if is_gone(client, operation, arguments, wait:options()) then return success(err) end
  until not wait:pause()
  return nil, err
end

--- removal.remove(client, operation, arguments, options) → true, and whether it was gone already; or nil, err
function M.remove(client, operation, arguments, options)
  local data, err = request.make(client, operation, arguments, options)
  if data ~= nil then return true, false end
  -- After a lost reply the client's method has read back.
  if err.maybe_applied or not M.may_be_gone(err) then return nil, err end
  if says_not_found(err) or M.reconcile(client, operation, arguments, options, err) then return true, true end
  return nil, err
end

return M
