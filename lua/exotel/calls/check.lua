--- The check of a call's arguments without a call.
local engine = require("exotel.core").engine
local errors = require "exotel.error"

--- check(client, operation, arguments [, options]) → nil, or the err of kind "invalid_argument" that the call would
-- give. Raises on misuse, as the call does.
return function(client, operation, arguments, options)
  local good, field, message = engine.check(client, operation, arguments, options)
  if good then return nil end
  if field ~= "" then message = field .. " " .. message else field = nil end
  return errors.new { kind = "invalid_argument", operation = operation, field = field, message = message }
end
