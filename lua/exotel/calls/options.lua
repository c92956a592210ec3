--- Options of functions. A wrong one is misuse and raises; `level` counts as error's does, from the function that calls
-- the check.
local M = {}

--- Raises `bad option 'KEY' (WHY)`.
function M.refuse(key, why, level) error(("bad option '%s' (%s)"):format(tostring(key), why), level + 1) end

--- Raises for an option that is unknown, or of another type than `types` has under its name ("boolean or
-- number").
function M.check(options, types, level)
  for key, value in pairs(options) do
    if not types[key] then M.refuse(key, "unknown", level + 1) end
    if not types[key]:find(type(value), 1, true) then M.refuse(key, types[key] .. " expected", level + 1) end
  end
end

--- Raises when an option that is given is no whole number of at least 1.
function M.check_count(options, key, level)
  local count = options[key]
  if count == nil or (count >= 1 and count == math.floor(count)) then return end
  M.refuse(key, "a whole number of at least 1 expected", level + 1)
end

return M
