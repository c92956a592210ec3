--- Waits by a scheduler's functions, which may yield: the strategy of a client with the option `sleep`. With the option
-- `wait` as well the scheduler watches the client's descriptor; without, it is polled by the clock. See
-- exotel.calls.waiting.
local engine = require("exotel.core").engine
local poll = require "exotel.calls.poll"
local poll_interval = require "exotel.calls.poll_interval"

-- Lua 5.1 cannot yield across a pcall; all others can. LuaJIT is not tried: nginx makes no coroutine in init_worker.
local yields_across_pcall = rawget(_G, "jit") ~= nil
  or coroutine.wrap(function() return (pcall(coroutine.yield, true)) end)()

local Cooperative = { pcall_safe = yields_across_pcall }
Cooperative.__index = Cooperative

function Cooperative.applies(options) return options.sleep ~= nil end

function Cooperative.refusal() end

local function poll_once(self, client)
  poll(client, 0, self)
  return engine.activity(client)
end

local function watch_until_finished(self, client, task)
  while not task:finished() do
    poll_once(self, client)
    if task:finished() then return end
    self.wait(client)
  end
end

function Cooperative:until_finished(client, task)
  if self.wait then return watch_until_finished(self, client, task) end
  if task:finished() then return end
  local interval, before = poll_interval.shortest, poll_once(self, client)
  while not task:finished() do
    self.sleep(interval)
    if task:finished() then return end -- also when the client was closed meanwhile
    local activity = poll_once(self, client)
    interval = poll_interval.after(interval, activity ~= before)
    before = activity
  end
end

function Cooperative:pause(_, seconds)
  self.sleep(seconds)
  return seconds
end

return Cooperative
