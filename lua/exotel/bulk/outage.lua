--- A network or service that seems to be away: after some failures in a row nothing is sent for a while, longer each
-- time, and then no more.
local failures = require "exotel.bulk.failures"
local waiting = require "exotel.calls.waiting"

local M = {}

-- Failures in a row, and the seconds that nothing is sent then.
local FAILURES_MAX, BACKOFFS = 5, { 1, 2, 4, 8, 16, 32 }
-- The longest time between two looks at whether the run is over, in seconds.
local SLICE = 0.2

local Outage = {}
Outage.__index = Outage

--- outage.new(client [, on_wait]) → an outage, of which nothing is known yet. on_wait(seconds left, err) is called
-- while nothing is sent.
function M.new(client, on_wait)
  return setmetatable({ client = client, on_wait = on_wait, failures = 0, backoffs = 0 }, Outage)
end

--- Counts an err, or nil for a call that went well.
function Outage:note(err)
  if err and failures.is_transient(err.kind) then
    self.failures, self.last = self.failures + 1, err
  else
    self.failures, self.backoffs = 0, 0
  end
end

--- Whether nothing may be sent now.
function Outage:is_on() return self.failures >= FAILURES_MAX end

--- Waits, until it is over or `is_over()`. → true; or false: it has lasted too long
function Outage:wait(is_over)
  self.backoffs = self.backoffs + 1
  local left = BACKOFFS[self.backoffs]
  if not left then return false end
  self.failures = FAILURES_MAX - 1 -- with the next failure it is on again
  while left > 0 and not is_over() do
    if self.on_wait then self.on_wait(left, self.last) end
    left = left - waiting.pause(self.client, math.min(left, SLICE))
  end
  return true
end

return M
