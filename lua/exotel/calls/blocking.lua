--- Waits that block the process: the strategy of a client where no other applies. See exotel.calls.waiting.
local engine = require("exotel.core").engine
local poll = require "exotel.calls.poll"

-- No wait blocks longer than this (seconds), so that Ctrl-C and other signals are seen.
local SLICE = 0.2

local Blocking = { pcall_safe = true }
Blocking.__index = Blocking

function Blocking.applies() return true end

function Blocking.refusal() end

function Blocking:until_finished(client, task)
  while not task:finished() do poll(client, SLICE, self.log) end
end

function Blocking:pause(client, seconds)
  engine.wait(client, math.min(seconds, SLICE))
  poll(client, 0, self.log)
end

return Blocking
