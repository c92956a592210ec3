--- Several jobs at once, each a function that waits only by `run.wait`. C polls and Lua waits, as for calls: see
-- exotel.calls.waiting, whose strategies are used.
local core = require "exotel.core"
local poll_interval = require "exotel.calls.poll_interval"
local sip_core = require "exotel.sip.core"

-- No wait blocks longer than this (seconds), so that Ctrl-C and other signals are seen.
local SLICE = 0.2

local M = {}

local Run = {}
Run.__index = Run

--- Within a job: waits until something may have happened on the socket (nil: none), or until `deadline`, by core.now.
-- May return earlier.
function M.wait(socket, deadline) coroutine.yield(socket, deadline) end

--- Within a job: waits until `poll()` returns something true, or until `deadline`. → what it returned
function M.until_true(socket, deadline, poll)
  local a, b, c = poll()
  while not a and core.now() < deadline do
    M.wait(socket, deadline)
    a, b, c = poll()
  end
  return a, b, c
end

--- Adds a job, which begins in the next round.
function Run:start(action)
  self.jobs[#self.jobs + 1] = { thread = coroutine.create(action) }
end

-- → whether it goes on
local function resume(self, job)
  local good, socket, deadline = coroutine.resume(job.thread)
  if not good then error(socket, 0) end
  if socket ~= job.socket then self.active = true end
  job.socket, job.deadline = socket, deadline
  return coroutine.status(job.thread) ~= "dead"
end

-- A job may add others.
local function round(self)
  local left, i = {}, 1
  while self.jobs[i] do
    if resume(self, self.jobs[i]) then left[#left + 1] = self.jobs[i] end
    i = i + 1
  end
  self.jobs = left
end

local function block(self)
  local list, now, seconds = {}, core.now(), SLICE
  for _, job in ipairs(self.jobs) do
    local milliseconds = job.socket and job.socket:watch(list)
    seconds = math.min(seconds, job.deadline - now, milliseconds and milliseconds / 1000 or SLICE)
  end
  sip_core.wait(list, math.max(0, seconds))
end

local function pause(self, interval)
  local next_interval = poll_interval.after(interval, self.active)
  self.active = false
  self.strategy:pause(nil, next_interval)
  return next_interval
end

--- Runs until all jobs have ended.
function Run:until_finished()
  local interval = poll_interval.shortest
  round(self)
  while #self.jobs > 0 do
    if self.strategy.blocks then block(self) else interval = pause(self, interval) end
    round(self)
  end
end

--- run.new(strategy) → a run. `strategy`: an object of one of exotel.calls.waiting.
function M.new(strategy) return setmetatable({ strategy = strategy, jobs = {}, active = false }, Run) end

return M
