--- Options of functions: a wrong one is misuse, and raises in the caller's caller.
local M = {}

-- Where the misuse is: above this module, and above the function that checks its options by it.
local LEVEL = 4

local function refuse(key, why) error(string.format("bad option '%s' (%s)", tostring(key), why), LEVEL) end

--- options.check(options, known): raises for an option that is unknown, or of another type than `known` has for it.
function M.check(options, known)
  for key, value in pairs(options) do
    local wanted = known[key]
    if not wanted then refuse(key, "unknown") end
    if type(value) ~= wanted then refuse(key, wanted .. " expected") end
  end
end

--- options.check_count(options, name): raises when an option that is there is no whole number of at least 1.
function M.check_count(options, name)
  local count = options[name]
  if count and (count < 1 or count ~= math.floor(count)) then refuse(name, "a whole number of at least 1 expected") end
end

return M
