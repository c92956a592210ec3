--- One apply on an account at a time: the lock that a client's store gives. It is kept while the run waits, and a run
-- that has lost it makes no further write.
local core = require "exotel.core"
local engine = core.engine
local errors = require "exotel.error"
local tell = require "exotel.calls.tell"
local waiting = require "exotel.calls.waiting"

local M = {}

-- Seconds: for how long it is taken, after how long it is taken anew, how long it is waited for where nobody says, and
-- the pause between two tries.
local LIFE, RENEWAL, PATIENCE, PAUSE = 30, 10, 60, 0.25

local Lock = {}
Lock.__index = Lock

-- Getting it ----------------------------------------------------------------------------------------------------------

--- Whether a client has a store.
function M.has_store(client) return engine.state(client).store ~= nil end

-- → how long to wait for it, or nil: it isn't wanted
local function patience_of(client, wish)
  if wish == nil then wish = M.has_store(client) end
  if wish == false then return nil end
  return wish == true and PATIENCE or wish
end

local function cancelled()
  return errors.new { kind = "cancelled", operation = "provision", message = "stopped while waiting for the lock" }
end

local function no_store(err)
  local message = ("nothing was changed, since the store can't be had: %s"):format(err.message)
  return errors.new { kind = err.kind, operation = "lock", message = message }
end

local function tell_log(client, err, left)
  tell(engine.state(client).log, { event = "lock", attempt = 0, seconds = left, reason = err.message })
end

-- A pause may end early; none is as long as it takes others to see that nobody is left.
local function pause(client, seconds)
  while seconds > 0 and not engine.closed(client) do seconds = seconds - waiting.pause(client, seconds) end
end

local function try(self)
  local now = core.now()
  local lock, err = self.store:lock(self.name, LIFE)
  if lock then self.lock, self.renewed = lock, now end
  return lock ~= nil, err
end

-- → true; or nil, err
local function wait_for(self, patience, stop)
  local waited, told = 0, nil
  while true do
    local good, err = try(self)
    if good then return true end
    if err.kind ~= "conflict" then return nil, no_store(err) end
    if waited >= patience then return nil, err end
    if told ~= err.message then tell_log(self.client, err, patience - waited) end
    told = err.message
    pause(self.client, math.min(PAUSE, patience - waited))
    waited = waited + PAUSE
    if engine.closed(self.client) or (stop and stop()) then return nil, cancelled() end
  end
end

-- Keeping it ----------------------------------------------------------------------------------------------------------

local function note_lost(self, err)
  if self.lost then return end
  self.lost = errors.new {
    kind = "conflict", operation = "lock",
    message = ("nothing more was written, since the lock was lost: %s"):format(err.message),
  }
end

-- A store that can't be had takes nothing away: the lock is held until its time has run out.
local function renew(self)
  local now = core.now()
  local good, err = self.lock:renew()
  if good then self.renewed = now
  elseif err.kind == "conflict" or core.now() - self.renewed >= LIFE then note_lost(self, err) end
  self.is_renewing = false
end

--- Keeps it, when it is time to; called while the run waits.
function Lock:keep()
  if self.lost or self.is_renewing or core.now() - self.renewed < RENEWAL then return end
  self.is_renewing = true
  local beside = engine.state(self.client).beside
  if beside then return beside(function() renew(self) end) end
  renew(self)
end

--- → nil when a write may be made, else the err that ends the run
function Lock:check()
  self:keep()
  if not self.lost and core.now() - self.renewed >= LIFE then
    note_lost(self, { message = "it could not be kept in time" })
  end
  return self.lost
end

function Lock:release()
  local state = not engine.closed(self.client) and engine.state(self.client)
  if state then state.keep = nil end
  self.lock:release()
end

--- lock.take(client, wish, stop) → the lock, false when none is wanted; or nil, err. `wish`: the option `lock`; `stop`:
-- the option of that name
function M.take(client, wish, stop)
  local patience = patience_of(client, wish)
  if not patience then return false end
  local account, host = engine.account(client)
  local state = engine.state(client)
  local name = ("apply:%s@%s"):format(account, host)
  local self = setmetatable({ client = client, store = state.store, name = name }, Lock)
  local good, err = wait_for(self, patience, stop)
  if not good then return nil, err end
  function state.keep() self:keep() end
  return self
end

return M
