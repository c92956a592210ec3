--- Why the service refuses a request: the error_data of its answers.

-- The codes, their HTTP status and message as the vendor documents them.
local CATALOGUE = {
  [1000] = { status = 404, message = "Not Found" },
  [1001] = { status = 400, message = "Mandatory Parameter missing" },
  [1002] = { status = 400, message = "Invalid parameter" },
  [1003] = { status = 403, message = "Authorization failed" },
  [1007] = { status = 400, message = "Invalid request body,failed parsing" },
  [1008] = { status = 409, message = "Duplicate resource" },
  [1010] = { status = 401, message = "Authorization failed" },
  [1011] = { status = 415, message = "unsupported content type" },
}

local problem = {}

--- Makes a problem. `description` defaults to the code's message.
-- → { status = the item's code, code, message, description }
function problem.new(code, description)
  local entry = CATALOGUE[code]
  return { status = entry.status, code = code, message = entry.message, description = description or entry.message }
end

-- The code for a trunk that doesn't exist, or no longer, by the status: both V, the second from the vendor's own report
-- of a live test.
local UNKNOWN_TRUNK = { [404] = 1000, [403] = 1003 }

--- The problem of a trunk that doesn't exist, or no longer.
function problem.of_unknown_trunk(status) return problem.new(UNKNOWN_TRUNK[status]) end

local BY_STATUS = { [400] = 1002, [401] = 1010, [403] = 1003, [404] = 1000, [409] = 1008, [415] = 1011 }

local REASONS = {
  [402] = "Payment required", [405] = "Method not allowed", [422] = "Unprocessable entity", [429] = "Too many requests",
  [500] = "Internal server error", [501] = "Not implemented", [502] = "Bad gateway", [503] = "Service unavailable",
  [504] = "Gateway timeout",
}

--- The problem of an HTTP status. A status without a documented code is its own code.
function problem.of_status(status)
  if BY_STATUS[status] then return problem.new(BY_STATUS[status]) end
  local message = REASONS[status] or ("HTTP status " .. status)
  return { status = status, code = status, message = message, description = message }
end

return problem
