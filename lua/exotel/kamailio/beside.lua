--- What the pump does beside its calls: asking a store, which may wait for Redis. A client of Redis that yields is gone
-- on with between jobs; one that blocks holds up the pump until it gives up.
local core = require "exotel.core"

local Beside = {}
Beside.__index = Beside

local M = {}

--- beside.new() → nothing yet
function M.new() return setmetatable({ threads = {} }, Beside) end

-- → whether there is more to do. What it yields are the seconds after which it wants to go on: at once, if none.
local function go_on(one)
  local good, seconds = coroutine.resume(one.thread)
  if not good then one.failed(tostring(seconds)) end
  one.wake_at = core.now() + (tonumber(seconds) or 0)
  return coroutine.status(one.thread) ~= "dead"
end

--- beside:start(f, failed): runs a function until it yields for the first time. failed(reason) is called if it raises.
function Beside:start(f, failed)
  local one = { thread = coroutine.create(f), failed = failed }
  if go_on(one) then self.threads[#self.threads + 1] = one end
end

--- beside:step(): goes on with all that have yielded.
function Beside:step()
  local threads = self.threads
  self.threads = {}
  for _, one in ipairs(threads) do
    if one.wake_at > core.now() or go_on(one) then self.threads[#self.threads + 1] = one end
  end
end

return M
