--- The request that does a step.
local core = require "exotel.core"

local M = {}

-- What create_trunk takes; the trunk's other fields are set by an update after it.
local created = {}
for _, operation in ipairs(core.operations) do
  for _, parameter in ipairs(operation.name == "create_trunk" and operation.parameters or {}) do
    created[parameter.name] = true
  end
end

local function with_trunk(arguments, trunk_sid)
  local all = { trunk_sid = trunk_sid }
  for name, value in pairs(arguments) do all[name] = value end
  return all
end

local function trunk_request(step, trunk_sid)
  if step.action == "remove" then return "delete_trunk", { trunk_sid = trunk_sid } end
  if step.action == "update" then return "update_trunk", with_trunk(step.to, trunk_sid) end
  local arguments = {}
  for name, value in pairs(step.to) do
    if created[name] then arguments[name] = value end
  end
  return "create_trunk", arguments
end

--- request.is_created(name) → whether create_trunk takes this field of a trunk.
function M.is_created(name) return created[name] or false end

local function item_request(step, trunk_sid)
  local kind = step.kind
  if step.action == "add" then return kind.add, with_trunk(kind.add_arguments(step.item), trunk_sid) end
  if step.action == "update" then
    return kind.update, with_trunk(kind.update_arguments(step.item, step.existing, step), trunk_sid)
  end
  return kind.remove, with_trunk(kind.remove_arguments(step.existing), trunk_sid)
end

-- Whether something is sent whose values the specification leaves to the service.
local function is_as_is(step)
  if step.action == "remove" then return false end
  if step.resource ~= "trunk" then return step.item ~= nil and step.item.as_is end
  for name in pairs(step.to) do
    if step.target.desired.trunk.as_is[name] then return true end
  end
  return false
end

--- request.of(step, trunk_sid) → the operation, its arguments and the call's options.
function M.of(step, trunk_sid)
  local request_of = step.resource == "trunk" and trunk_request or item_request
  local operation, arguments = request_of(step, trunk_sid)
  return operation, arguments, is_as_is(step) and { validate = false } or nil
end

return M
