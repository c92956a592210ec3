--- A call of a workflow, which makes many: when somebody else closes the client meanwhile, what is left ends with an
-- error, where a method of a closed client raises.
local engine = require("exotel.core").engine
local errors = require "exotel.error"

local M = {}

--- request.cancelled(operation) → the err of a call that was not made since the client has been closed.
function M.cancelled(operation)
  return errors.new { kind = "cancelled", operation = operation, message = "the client was closed" }
end

--- request.refusal(client, operation) → that err where the client has been closed, else nil.
function M.refusal(client, operation)
  if engine.closed(client) then return M.cancelled(operation) end
end

--- request.make(client, operation, arguments [, options]) → data, info, or nil, err, as the client's method does.
function M.make(client, operation, arguments, options)
  local refusal = M.refusal(client, operation)
  if refusal then return nil, refusal end
  return client[operation](client, arguments, options)
end

return M
