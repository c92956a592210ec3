--- Which destinations of a trunk are down: whoever lists them may write them otherwise than the service does.
local same = require("exotel.resources.kinds").by_name.destination.canonical

local M = {}

-- The canonical forms of what is down: `down` is a list of destinations, or a set of them.
local function set_of(down)
  local set = {}
  for key, value in pairs(down) do
    local text = type(key) == "string" and value and key or value
    if type(text) == "string" then set[same(text)] = true end
  end
  return set
end

--- choice.flags(destinations, down) → an array of booleans: which of the destinations are down
function M.flags(destinations, down)
  local set, flags = set_of(down), {}
  for i, destination in ipairs(destinations) do flags[i] = set[same(destination.destination)] or false end
  return flags
end

return M
