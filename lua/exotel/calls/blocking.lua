--- Waits that block the process: the strategy of a client where no other applies. See exotel.calls.waiting.
local core = require "exotel.core"
local poll = require "exotel.calls.poll"

-- No wait blocks longer than this (seconds), so that Ctrl-C and other signals are seen.
local SLICE = 0.2

local Blocking = { pcall_safe = true, blocks = true }
Blocking.__index = Blocking

function Blocking.applies() return true end

function Blocking.refusal() end

function Blocking:until_finished(client, task)
  while not task:finished() do poll(client, SLICE, self) end
end

function Blocking:pause(client, seconds)
  local began = core.now()
  core.engine.wait(client, math.min(seconds, SLICE))
  poll(client, 0, self)
  return core.now() - began
end

return Blocking
