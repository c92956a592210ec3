--- Errors in a specification, found by the rules of the operations that it will need.
local core = require "exotel.core"
local errors = require "exotel.error"

local M = {}

-- Stands for the trunk's sid where only the other arguments are checked.
local SOME_TRUNK = "trunk"

local function new_error(field, message)
  return errors.new {
    kind = "invalid_argument", operation = "provision", field = field, message = field .. " " .. message,
  }
end

--- validation.raise(field, message): raises the error that validation.catch returns, so that every check can be a plain
-- statement.
function M.raise(field, message) error(new_error(field, message), 0) end

--- validation.catch(action, …) → what action(…) returns; or nil, and the error that it raised. It must make no request.
function M.catch(action, ...)
  local good, result = pcall(action, ...)
  if good then return result end
  if errors.is(result) then return nil, result end
  error(result, 0)
end

--- validation.check(client, operation, arguments, name_of) → nil, or the error of a value that breaks its own rule. It
-- matters only when the value has to be sent, since the service may hold values that the rules forbid. Raises the error
-- of an unknown or missing argument and of a wrong type. `name_of(argument)`: what the specification calls it.
function M.check(client, operation, arguments, name_of)
  local good, argument, message, by_value = core.engine.check(client, operation, arguments)
  if good then return nil end
  local err = new_error(name_of(argument), message)
  if not by_value then error(err, 0) end
  return err
end

--- validation.check_on_trunk(client, operation, arguments, name_of): the same for arguments that lack the trunk's sid.
function M.check_on_trunk(client, operation, arguments, name_of)
  local all = { trunk_sid = SOME_TRUNK }
  for name, value in pairs(arguments) do all[name] = value end
  return M.check(client, operation, all, name_of)
end

--- validation.given(fields) → a copy without those that are JSON null, which is the same as not given.
function M.given(fields)
  local copy = {}
  for name, value in pairs(fields) do
    if value ~= core.null then copy[name] = value end
  end
  return copy
end

--- validation.list(value, path) → the value. Raises unless it is an array.
function M.list(value, path)
  if type(value) ~= "table" then M.raise(path, "must be a list") end
  local count = 0
  for index in pairs(value) do
    count = count + 1
    if type(index) ~= "number" or index < 1 or index > #value then M.raise(path, "must be a list without holes") end
  end
  if count ~= #value then M.raise(path, "must be a list without holes") end
  return value
end

return M
