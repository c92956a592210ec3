--- The pump: in one process it takes jobs from the queue, makes their calls, and gives out their results.
local beside = require "exotel.kamailio.beside"
local core = require "exotel.core"
local errors = require "exotel.error"
local exotel = require "exotel"
local refresh = require "exotel.kamailio.refresh"
local wire = require "exotel.kamailio.wire"

-- luacheck: read globals KSR

-- The longest wait of one poll (seconds): after it the queue is read again.
local SLICE = 0.002
-- After this many seconds control returns to Kamailio, which may have to reload the script.
local ROUND = 1
-- A failure of every call is logged once, and again after this many seconds.
local REMINDER = 60

local Pump = {}
Pump.__index = Pump

local M = {}

--- pump.new(settings) → a pump; see exotel.kamailio for what the settings are.
function M.new(settings)
  return setmetatable({ settings = settings, jobs = {}, finished = {}, under_way = 0, beside = beside.new() }, Pump)
end

-- The log ------------------------------------------------------------------------------------------------------------

-- Failures that every call has.
local COMMON = { config = true, authentication = true, network = true, timeout = true, tls = true, server = true }

-- One line when calls fail in a new way, none for each further failure of that kind, and one when they succeed again.
local function log(self, err)
  local kind = err and COMMON[err.kind] and err.kind or nil
  local now = core.now()
  if kind == self.logged and (not kind or now < self.remind_at) then return end
  if kind then KSR.err("exotel: " .. tostring(err) .. "\n")
  else KSR.info("exotel: the service answers again\n") end
  self.logged, self.remind_at = kind, now + REMINDER
end

-- That the store is lost, and there again, goes to Kamailio's log, beside the log that was asked for.
local function log_of(own)
  return function(event)
    if event.event == "store" then KSR.warn("exotel: " .. event.reason .. "\n") end
    if own then own(event) end
  end
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
  if self.client then return self.client end
  local options = {}
  for key, value in pairs(self.settings.client or {}) do options[key] = value end
  options.sleep = refresh.sleep -- calls of jobs are polled, and never waited for
  if options.store then options.log = log_of(options.log) end
  local client, err = exotel.client(options)
  if not client then return nil, err end
  core.engine.state(client).beside = function(f, failed) self.beside:start(f, failed) end
  self.client = client
  return client
end

local function start(self, job)
  local left = job.due - core.now()
  if job.boot ~= KSR.pv.get("$Tb") then
    return refuse(self, job, "unavailable", "not sent: it was queued before Kamailio was restarted")
  end
  if left <= 0.001 then return refuse(self, job, "timeout", "not sent: its time ran out in the queue") end
  local client, err = client_of(self)
  if not client then return finish(self, job, nil, err) end
  -- From here on the call's own deadline counts: its error says whether a write may have taken effect.
  local good, call = pcall(client.start, client, job.operation, job.arguments, { deadline = left })
  if not good then return refuse(self, job, "invalid_argument", call) end
  self.jobs[call], self.under_way = job, self.under_way + 1
end

-- Further jobs stay in the queue, where workers can count them.
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

-- Shows workers that the pump is alive. In whole seconds, so that most calls write nothing.
local function beat(self)
  local now = math.floor(core.now())
  if now ~= self.last_beat then KSR.pv.seti("$shv(" .. self.settings.heartbeat .. ")", now) end
  self.last_beat = now
end

-- The directory that is refreshed; another one where the script was reloaded with other settings.
local function step_refresh(self)
  local settings = self.settings.directory
  if not settings then return end
  if not self.refresh or self.refresh.settings ~= settings then self.refresh = refresh.new(settings) end
  self.refresh:step(function() return client_of(self) end)
end

--- pump:next() → a finished job, { job, data, info } where info is the error when data is nil; or nil when there is
-- none for now. Waits while calls are under way, but at most ROUND seconds.
function Pump:next()
  local stop = core.now() + ROUND
  repeat
    beat(self)
    step_refresh(self)
    self.beside:step()
    take_jobs(self)
    collect(self)
    local finished = table.remove(self.finished, 1)
    if finished then
      log(self, finished.data == nil and finished.info or nil)
      return finished
    end
  until self.under_way == 0 or core.now() > stop
end

return M
