--- A scheduler's `sleep` for a client, in whose time nothing takes time: the pauses between reads are recorded, and the
-- short ones between polls are not.
local Pauses = {}
Pauses.__index = Pauses

local pauses = {}

-- Polls are nearer to each other than this, in seconds.
local SHORTEST = 0.02

--- pauses.new([during]) → { sleep, list }: the client's option; the pauses, in seconds. `during(i)` is called in the
-- i-th of them, and may do what somebody else does meanwhile.
function pauses.new(during)
  local self = setmetatable({ list = {} }, Pauses)
  function self.sleep(seconds)
    if seconds < SHORTEST then return end
    self.list[#self.list + 1] = seconds
    if during then during(#self.list) end
  end
  return self
end

--- The seconds of all of them.
function Pauses:total()
  local sum = 0
  for _, seconds in ipairs(self.list) do sum = sum + seconds end
  return sum
end

return pauses
