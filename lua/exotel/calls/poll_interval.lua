--- How long to pause between polls that don't block: short after something happened, longer while nothing does.
local SHORTEST, LONGEST, GROWTH = 0.001, 0.01, 1.25

local M = { shortest = SHORTEST }

--- The pause (seconds) that follows one of `pause`, during which something happened or nothing did.
function M.after(pause, something)
  if something then return SHORTEST end
  return math.min(pause * GROWTH, LONGEST)
end

return M
