--- Jobs of which each makes calls one after another, many jobs at once. A job is a function that runs as a coroutine;
-- its calls are made by a pool, as many at a time as the rate limit and the connections allow.
local capacity = require "exotel.calls.capacity"
local engine = require("exotel.core").engine
local estimate = require "exotel.calls.estimate"
local pool = require "exotel.calls.pool"
local waiting = require "exotel.calls.waiting"

local M = {}

-- Calls under way at a time; the client's connections limit them besides.
local CONCURRENCY = 50

local Run = {}
Run.__index = Run

local function report(self)
  if not self.progress then return end
  self.progress {
    done = self.done, total = #self.jobs, seconds_left = self.estimate:seconds_left(#self.jobs - self.done),
  }
end

-- Lets a job go on until it wants a call, or has ended.
local function resume(self, job, ...)
  local good, operation, arguments = coroutine.resume(job.thread, ...)
  if not good then error(operation, 0) end
  if coroutine.status(job.thread) ~= "dead" then
    job.operation, job.arguments = operation, arguments
    self.wanting[#self.wanting + 1] = job
    return
  end
  self.done = self.done + 1
  report(self)
end

local function make(operation, arguments) return coroutine.yield(operation, arguments) end

local function begin_next(self)
  self.begun = self.begun + 1
  self.estimate:begin_row()
  resume(self, { thread = coroutine.create(self.jobs[self.begun]) }, make)
end

local function is_over(self) return engine.closed(self.client) or (self.stop ~= nil and self.stop()) end

-- Those that have begun go on before others begin. Some end without any call.
local function fill(self)
  while #self.wanting == 0 and self.begun < #self.jobs do begin_next(self) end
  return #self.wanting > 0
end

-- The pool's source ---------------------------------------------------------------------------------------------------

function Run:ready()
  local has_work = #self.wanting > 0 or self.begun < #self.jobs
  return has_work and capacity.has_room(self.client) and not is_over(self)
end

function Run:next()
  if not fill(self) then return nil end
  local job = table.remove(self.wanting, 1)
  return job, job.operation, job.arguments
end

function Run:take(job, result)
  self.estimate:count(result.err or result.info)
  if not is_over(self) then resume(self, job, result.data, result.err or result.info) end
end

-- All of it -----------------------------------------------------------------------------------------------------------

local function tell_wait(self, seconds)
  if self.wait then self.wait { reason = "rate limit", seconds = seconds } end
end

local function work(self)
  while fill(self) do
    local goes_on = capacity.await(self.client, function() return is_over(self) end, function(seconds)
      tell_wait(self, seconds)
    end)
    if not goes_on then return end
    self.under_way:run()
    if is_over(self) then return end
  end
end

--- together.run(client, jobs, options): runs `jobs`, an array of functions `job(make)`. `make(operation, arguments)`
-- makes a call → data, info, or nil, err. Options, each of which may be nil: `progress { done, total, seconds_left }`,
-- after each job; `wait { reason, seconds }`, while nothing may be sent; `stop()`, whether to end: the jobs that have
-- not ended by then go no further. The same when the client is closed meanwhile. What a job raises is raised.
function M.run(client, jobs, options)
  local self = setmetatable({
    client = client, jobs = jobs, begun = 0, done = 0, wanting = {}, estimate = estimate.new(client, CONCURRENCY),
    progress = options.progress, wait = options.wait, stop = options.stop,
  }, Run)
  self.under_way = pool.new(client, self, CONCURRENCY)
  waiting.protect(client, function() work(self) end, function() self.under_way:cancel() end)
end

return M
