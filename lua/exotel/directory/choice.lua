--- Which of a trunk's destinations a call is sent to: RFC 2782's rule for priority and weight.
local same = require("exotel.resources.kinds").by_name.destination.canonical

local M = {}

-- The canonical forms of what is down: `down` is a list of destinations, or a set of them.
local function set_of(down)
  local set = {}
  for key, value in pairs(down or {}) do
    local text = type(key) == "string" and value and key or value
    if type(text) == "string" then set[same(text)] = true end
  end
  return set
end

-- Most often nothing is, and forms need not be compared.
local function is_down(down, destination) return next(down) ~= nil and down[same(destination.destination)] end

-- Those of the lowest priority of which one is up. They are sorted by priority.
local function candidates(destinations, down)
  local found = {}
  for _, destination in ipairs(destinations) do
    local first = found[1]
    if first and destination.priority ~= first.priority then break end
    if not is_down(down, destination) then found[#found + 1] = destination end
  end
  return found
end

-- Weights are summed up, those of 0 first; the first whose sum reaches the number that was drawn is taken. 0 is drawn
-- only where there are weights of 0, which have a small chance so; else it would favour the lowest weight. Without any
-- weight all have the same chance. They are sorted by weight, the highest first.
local function by_weight(found, random)
  if #found == 0 then return nil end
  local total, sum = 0, 0
  for _, destination in ipairs(found) do total = total + (destination.weight or 0) end
  if total == 0 then return found[math.floor(random * #found) + 1] end
  local least = (found[#found].weight or 0) == 0 and 0 or 1
  local drawn = least + math.floor(random * (total + 1 - least))
  for i = #found, 1, -1 do
    sum = sum + (found[i].weight or 0)
    if sum >= drawn then return found[i] end
  end
end

--- choice.choose(destinations, down, random) → one of the destinations, nil when there is none that is up. `random`: a
-- number from 0 up to, but without 1.
function M.choose(destinations, down, random) return by_weight(candidates(destinations, set_of(down)), random) end

return M
