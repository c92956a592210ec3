--- A share of the rate limit: at most so many requests in any 60 seconds, at once as long as there are some left, so
-- that a small account is read in a moment.
local core = require "exotel.core"
local tell = require "exotel.calls.tell"
local waiting = require "exotel.calls.waiting"

local WINDOW = 60 -- seconds

-- Seconds; the log is not told of a shorter wait.
local STANDSTILL = 0.1

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

-- The client's log is told of each standstill once.
local function tell_wait(self, client)
  local seconds = self:wait_of()
  if seconds < STANDSTILL or (self.told_until or 0) > self.now then return end
  self.told_until = self.now + seconds
  tell(core.engine.state(client).log, { event = "wait", attempt = 0, seconds = seconds, reason = "requests a minute" })
end

--- Waits until there may be a request, unless the client is closed or `stopped()` meanwhile.
function Pace:wait(client, stopped)
  if not core.engine.closed(client) then tell_wait(self, client) end
  while not core.engine.closed(client) and not stopped() and not self:take() do
    self:passed(waiting.pause(client, self:wait_of()))
  end
end

return M
