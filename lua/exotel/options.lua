--- Options of functions: a wrong one is misuse, and raises where `level` says, which counts as `error`'s own does in
-- the function that asks for the check.
local M = {}

local function refuse(key, why, level) error(("bad option '%s' (%s)"):format(tostring(key), why), level + 2) end

--- Raises for an option that is unknown, or of another type than `known` has by its name.
function M.check(options, known, level)
  for key, value in pairs(options) do
    local wanted = known[key]
    if not wanted then refuse(key, "unknown", level) end
    if type(value) ~= wanted then refuse(key, wanted .. " expected", level) end
  end
end

--- Raises when an option that is there is no whole number of at least 1.
function M.check_count(options, key, level)
  local count = options[key]
  if count and (count < 1 or count ~= math.floor(count)) then
    refuse(key, "a whole number of at least 1 expected", level)
  end
end

return M
