--- Whether a call may leave at once. Calls that are started only then wait for the rate limit outside of the client, so
-- that none of them reaches its deadline meanwhile.
local engine = require("exotel.core").engine
local waiting = require "exotel.calls.waiting"

local M = {}

-- The shortest wait, and the longest between two looks at whether it is over, in seconds.
local SHORTEST, LONGEST = 0.01, 0.2

--- Whether one may.
function M.has_room(client) return engine.capacity(client) > 0 end

--- capacity.await(client, is_over, tell): waits until one may. → true; or false: `is_over()`. `tell(seconds)` is called
-- before each pause with those that are left (math.huge: until one that is under way has ended).
function M.await(client, is_over, tell)
  while not is_over() do
    local calls, seconds = engine.capacity(client)
    if calls > 0 then return true end
    tell(seconds)
    waiting.pause(client, math.max(SHORTEST, math.min(seconds, LONGEST)))
  end
  return false
end

return M
