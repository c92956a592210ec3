--- A lock that a store has given. Two functions of the store's do the work: renew(seconds) and release(), each → true;
-- false when somebody else has it, or nobody; or nil, err.
local checks = require "exotel.store.checks"
local errors = require "exotel.error"

local M = {}

local Lock = {}
Lock.__index = Lock

function Lock:__tostring()
  return ("exotel.store lock: %s (%s)"):format(self.name, self.is_released and "released" or "held")
end

local function lost(self)
  return errors.new {
    kind = "conflict", operation = "lock",
    message = ("the lock %s was lost: its time had run out"):format(self.name),
  }
end

-- → true, or nil, err
local function outcome(self, good, err)
  if good then return true end
  return nil, good == nil and err or lost(self)
end

function Lock:renew(seconds)
  if seconds ~= nil then checks.seconds("renew", seconds, 2) end
  if self.is_released then return nil, lost(self) end
  self.seconds = seconds or self.seconds
  return outcome(self, self.actions.renew(self.seconds))
end

function Lock:release()
  if self.is_released then return true end
  self.is_released = true
  return outcome(self, self.actions.release())
end

--- lock.new(name, token, seconds, actions) → the lock. `actions`: renew, release
function M.new(name, token, seconds, actions)
  return setmetatable({ actions = actions, name = name, token = token, seconds = seconds }, Lock)
end

return M
