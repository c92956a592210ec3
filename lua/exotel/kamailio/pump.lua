--- The pump: the one process that takes jobs from the queue, polls the engine, and says what is finished.
local core = require "exotel.core"
local errors = require "exotel.error"
local exotel = require "exotel"
local wire = require "exotel.kamailio.wire"

-- luacheck: read globals KSR

-- How long one poll waits for answers (seconds) before the queue is looked at again.
local SLICE = 0.002
-- How long a round stays while calls are under way: then Kamailio has its turn, to reload the script for one thing.
local ROUND = 1
-- A failure that concerns every call is told once, and again after so many seconds of the same.
local REMINDER = 60

local Pump = {}
Pump.__index = Pump

local M = {}

--- pump.new(settings) → a pump; see exotel.kamailio for what the settings are.
function M.new(settings)
  return setmetatable({ settings = settings, jobs = {}, finished = {}, under_way = 0 }, Pump)
end

-- What the administrator has to know ---------------------------------------------------------------------------------

local CONCERNS_ALL = { config = true, authentication = true, network = true, timeout = true, tls = true, server = true }

-- One line when the service fails in a new way, none for each call that fails alike, and one when it answers again.
local function tell(self, err)
  local kind = err and err.kind
  if err and not CONCERNS_ALL[kind] then kind = nil end
  local now = core.now()
  if kind == self.told and (not kind or now < self.remind) then return end
  if kind then KSR.err("exotel: " .. tostring(err) .. "\n")
  else KSR.info("exotel: the service answers again\n") end
  self.told, self.remind = kind, now + REMINDER
end

-- Jobs in ------------------------------------------------------------------------------------------------------------

local function finish(self, job, data, info)
  self.finished[#self.finished + 1] = { job = job, data = data, info = info }
end

local function refuse(self, job, kind, message)
  finish(self, job, nil, errors.new { kind = kind, operation = job.operation, message = message })
end

-- → client, or nil, err
local function client_of(self)
  local err
  if not self.client then self.client, err = exotel.client(self.settings.client) end
  return self.client, err
end

local function start(self, job)
  local left = job.due - core.now()
  if job.boot ~= KSR.pv.get("$Tb") then
    return refuse(self, job, "unavailable", "not sent: it was queued before Kamailio was restarted")
  end
  if left <= 0.001 then return refuse(self, job, "timeout", "not sent: its time ran out in the queue") end
  local client, err = client_of(self)
  if not client then return finish(self, job, nil, err) end
  -- The engine keeps the time from here on: it knows best what a write may have done when time is up.
  local good, call = pcall(client.start, client, job.operation, job.arguments, { deadline = left })
  if not good then return refuse(self, job, "invalid_argument", call) end
  self.jobs[call], self.under_way = job, self.under_way + 1
end

-- Jobs wait in the queue, where workers see how many they are, rather than here.
local function take_jobs(self)
  local queue = self.settings.queue
  while self.under_way < self.settings.queue_size and KSR.mqueue.mq_fetch(queue) > 0 do
    local job, message = wire.decode(KSR.pv.get("$mqv(" .. queue .. ")"))
    if job then start(self, job)
    else KSR.err("exotel: the queue " .. queue .. " held something else than a job: " .. message .. "\n") end
  end
end

-- Results out --------------------------------------------------------------------------------------------------------

local function collect(self)
  if self.under_way == 0 then return end
  self.client:poll(#self.finished > 0 and 0 or SLICE)
  for call, job in pairs(self.jobs) do
    if call:finished() then
      self.jobs[call], self.under_way = nil, self.under_way - 1
      finish(self, job, call:result())
    end
  end
end

-- A worker takes the pump for dead when this stops. Seconds only, so that most rounds write nothing.
local function beat(self)
  local now = math.floor(core.now())
  if now ~= self.beaten then KSR.pv.seti("$shv(" .. self.settings.heartbeat .. ")", now) end
  self.beaten = now
end

--- pump:next() → something finished, { job, data, info } where info is the error when data is nil; or nil when there
-- is nothing more to do for now. Waits while calls are under way.
function Pump:next()
  local stop = core.now() + ROUND
  repeat
    beat(self)
    take_jobs(self)
    collect(self)
    local done = table.remove(self.finished, 1)
    if done then
      tell(self, done.data == nil and done.info or nil)
      return done
    end
  until self.under_way == 0 or core.now() > stop
end

return M
