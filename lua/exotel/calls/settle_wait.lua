--- Reading again what the service doesn't show yet: a write whose reply was lost may take effect late, and reads may
-- lag behind. The client's option `settle_wait` limits the seconds that are waited in between, and so does the deadline
-- of the call. Pauses are counted, not measured, where a scheduler's `sleep` makes them.
local core = require "exotel.core"
local tell = require "exotel.calls.tell"
local waiting = require "exotel.calls.waiting"

local M = {}

local Wait = {}
Wait.__index = Wait

-- The pauses, as shares of the whole: each twice as long as the one before, so that there are few reads.
local SHARES = { 1 / 15, 2 / 15, 4 / 15, 8 / 15 }
-- The shortest deadline that a call may have, in seconds.
local SHORTEST = 0.001

--- settle_wait.new(client, options [, elapsed]) → a wait. `options`: of the call that it is part of, whose deadline
-- counts from now; `elapsed`: seconds that have passed already.
function M.new(client, options, elapsed)
  local state = core.engine.state(client)
  local deadline = options and type(options.deadline) == "number" and options.deadline or state.deadline
  return setmetatable({
    client = client, given = options or {}, total = state.settle_wait, deadline = deadline - (elapsed or 0),
    began = core.now(), waited = 0, pauses = 0,
  }, Wait)
end

-- Until the deadline.
local function seconds_left(self) return self.deadline - math.max(core.now() - self.began, self.waited) end

--- The options for a call: those that were given, with the rest of the deadline.
function Wait:options()
  local options = {}
  for name, value in pairs(self.given) do options[name] = value end
  if options.deadline == nil or type(options.deadline) == "number" then
    options.deadline = math.max(seconds_left(self), SHORTEST)
  end
  return options
end

--- Whether the deadline leaves time for another call.
function Wait:has_time() return seconds_left(self) > 0 end

--- Begins anew with the pauses, for another write; the deadline stays.
function Wait:restart() self.pauses = 0 end

local function tell_wait(client, seconds)
  if core.engine.closed(client) then return end
  tell(core.engine.state(client).log, {
    event = "wait", attempt = 0, seconds = seconds, reason = "the service may show late what was written",
  })
end

--- Pauses, unless somebody closes the client: then what is read next says so. → true; or false when all pauses have
-- been made, or the next one would pass the deadline
function Wait:pause()
  local left = self.total * (SHARES[self.pauses + 1] or 0)
  if left == 0 or left >= seconds_left(self) then return false end
  self.pauses = self.pauses + 1
  tell_wait(self.client, left)
  while left > 0 and not core.engine.closed(self.client) do
    local waited = waiting.pause(self.client, left)
    left, self.waited = left - waited, self.waited + waited
  end
  return true
end

return M
