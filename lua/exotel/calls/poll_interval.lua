--- Seconds between polls that don't block: few after something happened, more while nothing does.
local SHORTEST, LONGEST, GROWTH = 0.001, 0.01, 1.25

local M = { shortest = SHORTEST }

--- The interval that follows one of `interval` seconds. `active`: whether something happened during it.
function M.after(interval, active)
  if active then return SHORTEST end
  return math.min(interval * GROWTH, LONGEST)
end

return M
