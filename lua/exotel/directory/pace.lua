--- A share of the rate limit: at most so many requests in any 60 seconds, at once as long as there are some left, so
-- that a small account is read in a moment.
local core = require "exotel.core"
local waiting = require "exotel.calls.waiting"

local WINDOW = 60

local Pace = {}
Pace.__index = Pace

local M = {}

--- pace.new(limit) → a pace. Its field `requests` is how many were let through.
function M.new(limit) return setmetatable({ limit = limit, times = {}, requests = 0, now = core.now() }, Pace) end

-- By the clock, or by the seconds that were waited, where a scheduler has a clock of its own.
function Pace:passed(seconds) self.now = math.max(core.now(), self.now + seconds) end

-- Seconds until there may be one more; none when 0 or less.
function Pace:wait_of()
  local nth_last = self.times[self.requests % self.limit + 1]
  return nth_last and nth_last + WINDOW - self.now or 0
end

--- Whether there may be a request now; it counts then.
function Pace:take()
  self:passed(0)
  if self:wait_of() > 0 then return false end
  self.times[self.requests % self.limit + 1] = self.now
  self.requests = self.requests + 1
  return true
end

--- Waits until there may be a request, unless the client is closed or `stopped()` meanwhile.
function Pace:wait(client, stopped)
  while not core.engine.closed(client) and not stopped() and not self:take() do
    self:passed(waiting.pause(client, self:wait_of()))
  end
end

return M
