--- Environment variables, of which an empty one counts as not set.
local M = {}

--- environment.get(name) → its value, or nil
function M.get(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

return M
