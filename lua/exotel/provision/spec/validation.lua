--- What is wrong with a specification: found by the rules of the operations it will need.
local engine = require("exotel.core").engine
local errors = require "exotel.error"

local M = {}

local function refusal(field, message)
  return errors.new {
    kind = "invalid_argument", operation = "provision", field = field, message = field .. " " .. message,
  }
end

--- refusals.raise(field, message): so that every check can be a plain statement; refusals.catch returns it.
function M.raise(field, message) error(refusal(field, message), 0) end

--- refusals.check(client, operation, arguments, name_of) → nil, or the refusal of a value by its own rule: that only
-- has to be right when it must be sent, since what is on the service may be odder than the rules. Raises for a name, a
-- type or a lack. `name_of(field)`: what the specification calls an argument.
function M.check(client, operation, arguments, name_of)
  local good, field, message, by_value = engine.check(client, operation, arguments)
  if good then return nil end
  local err = refusal(name_of(field), message)
  if not by_value then error(err, 0) end
  return err
end

--- refusals.catch(action, …) → what action(…) returns; or nil, and the refusal that it raised. It must make no request.
function M.catch(action, ...)
  local good, result = pcall(action, ...)
  if good then return result end
  if errors.is(result) then return nil, result end
  error(result, 0)
end

return M
