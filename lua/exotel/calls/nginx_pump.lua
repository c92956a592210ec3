--- The pump of an nginx worker: one timer's coroutine that polls for all waits of the worker, each of which sleeps on a
-- semaphore of its own. It ends when there are no waits any more.
local engine = require("exotel.core").engine
local nginx_notifier = require "exotel.calls.nginx_notifier"
local poll_interval = require "exotel.calls.poll_interval"
local semaphore = require "ngx.semaphore"

local ngx = rawget(_G, "ngx")

-- The pump counts its rounds every few milliseconds; a wait that sees no round in this time (seconds) goes without it.
local PATIENCE = 1

-- A round comes at least that often, in seconds, though nothing happens: that the pump lives is seen by it.
local QUIET = PATIENCE / 2

-- Waits that were abandoned are looked for once in so many rounds, and in a round of which nobody told.
local ROUNDS = 16

-- So many semaphores are kept.
local SEMAPHORES = 50

local M = {}

-- The waits by client: each group { client, activity, finished (at most so many calls have, and nobody was told yet),
-- has_pools, waiters }, each waiter { group, task, semaphore } and, when it is over, `over`, and `failure` when it is
-- to raise.
-- No closures: nginx wipes the stack of a coroutine it kills, and with it the local variables that a function made
-- there refers to.
local groups = {}
-- Those of waits that are over.
local semaphores = {}
-- The running pump, nil when there is none: { semaphore, rounds, kicked, notifier }. Any other one has to end.
local pump

-- Waiters -------------------------------------------------------------------------------------------------------------

local function group_of(client)
  for _, group in ipairs(groups) do
    if group.client == client then return group end
  end
  local group = { client = client, waiters = {} }
  groups[#groups + 1] = group
  return group
end

local function wake(waiter, failure)
  waiter.over, waiter.failure = true, failure
  waiter.semaphore:post(1)
end

-- A coroutine that was killed (its client went away, ngx.thread.kill, ngx.exit) no longer waits on its semaphore. Seen
-- twice, since between a wait that timed out and the next one nobody waits either.
local function is_abandoned(waiter)
  waiter.missed = waiter.semaphore:count() < 0 and 0 or (waiter.missed or 0) + 1
  return waiter.missed >= 2
end

-- As many calls are asked as may have finished, since there may be many. Where there is a pool, which is a table, all
-- are: it may also go on since another call may be started, which is not in that number.
local function has_told_all(group) return group.finished <= 0 and not group.has_pools end

local function wake_if_finished(waiter, failure)
  local good, result = pcall(waiter.task.finished, waiter.task)
  if good and result then waiter.group.finished = waiter.group.finished - 1 end
  if not good then wake(waiter, result)
  elseif result then wake(waiter)
  elseif failure ~= nil then wake(waiter, failure) end
end

local function cancel_if_abandoned(waiter)
  if waiter.over or not is_abandoned(waiter) then return end
  waiter.over = true
  pcall(waiter.task.cancel, waiter.task)
end

-- Drops those that are over from the same list: a new one each time would be much for the collector. Others that
-- `is_enough` leaves are not even looked at: they come at the end.
local function each_waiter(group, act, argument, is_enough)
  local waiters, count, left = group.waiters, #group.waiters, 0
  for i = 1, count do
    local waiter = waiters[i]
    local is_left = is_enough ~= nil and is_enough(group)
    if not is_left and not waiter.over then act(waiter, argument) end
    if is_left or not waiter.over then
      left = left + 1
      waiters[left] = waiter
    end
  end
  for i = left + 1, count do waiters[i] = nil end
end

-- The pump ------------------------------------------------------------------------------------------------------------

local function poll(client)
  engine.unwatch(client)
  client:poll(0)
  return engine.activity(client)
end

-- Each call that finishes counts in the activity of its client, which is a number unless that is closed or failed.
local function count_finished(before, now)
  if type(before) ~= "number" or type(now) ~= "number" then return math.huge end
  return now - before
end

-- Polls a client, and wakes the waiters whose tasks have finished. → whether anything happened
local function serve(group)
  local good, activity = pcall(poll, group.client)
  if good and activity == group.activity then return false end
  group.finished = count_finished(group.activity, activity)
  group.activity = activity
  each_waiter(group, wake_if_finished, not good and activity or nil, has_told_all)
  return true
end

local function drop_empty_groups()
  for i = #groups, 1, -1 do
    if #groups[i].waiters == 0 then table.remove(groups, i) end
  end
end

-- → whether anything happened
local function round(look_for_abandoned)
  local active = false
  for _, group in ipairs(groups) do
    active = serve(group) or active
    if look_for_abandoned then each_waiter(group, cancel_if_abandoned) end
  end
  drop_empty_groups()
  return active
end

-- → how long to wait for the notifier, nil when it can't tell of each client
local function watch(notifier)
  local shortest = QUIET
  for _, group in ipairs(groups) do
    local seconds = engine.watch(group.client, notifier)
    if not seconds then return nil end
    shortest = math.min(shortest, seconds)
  end
  return math.max(shortest, poll_interval.shortest)
end

-- Waits by the notifier while nothing happens; else, and where there is none, for the interval. → whether it was long
-- and nobody told of anything
local function rest(self, interval)
  local notifier = interval > poll_interval.shortest and nginx_notifier.get(self)
  local seconds = notifier and watch(notifier)
  return not self.semaphore:wait(seconds or interval) and seconds == QUIET
end

-- A notifier costs as much as some calls: a pump that has one ends only when no wait began for a while.
local function has_to_run(self, quiet)
  if pump ~= self then return false end
  return #groups > 0 or (self.notifier and not quiet and not ngx.worker.exiting())
end

local function run(_, self)
  local interval, quiet = poll_interval.shortest, false
  while has_to_run(self, quiet) do
    self.rounds = self.rounds + 1
    self.kicked = false
    interval = poll_interval.after(interval, round(quiet or self.rounds % ROUNDS == 0))
    if #groups > 0 or self.notifier then quiet = rest(self, interval) end
  end
  nginx_notifier.stop(self)
  if pump == self then pump = nil end
end

local function kick()
  if pump.kicked then return end
  pump.kicked = true
  pump.semaphore:post(1)
end

local function start()
  local new = { semaphore = semaphore.new(0), rounds = 0, kicked = true }
  if ngx.timer.at(0, run, new) then pump = new end
end

-- Makes sure that there is a pump, and that it polls soon: at the end of this turn of the event loop, once for all
-- waits that begin in it. → the pump, or nil
local function get_pump()
  if pump then kick() else start() end
  return pump
end

-- Waiting -------------------------------------------------------------------------------------------------------------

-- → true when it was woken, false when the pump doesn't run any more.
local function sleep_until_woken(waiter, self)
  while not waiter.over do
    local before = self.rounds
    local good, reason = waiter.semaphore:wait(PATIENCE)
    if waiter.over then break end
    if not good and (reason ~= "timeout" or self.rounds == before) then return false end
  end
  return true
end

-- To make one costs as much as to wait on it. A post that is left of a wait which timed out ends the next one early,
-- which then goes on.
local function keep_semaphore(one)
  if #semaphores < SEMAPHORES then semaphores[#semaphores + 1] = one end
end

local function add_waiter(client, task)
  local group = group_of(client)
  local waiter = { group = group, task = task, semaphore = table.remove(semaphores) or semaphore.new(0) }
  group.waiters[#group.waiters + 1] = waiter
  group.has_pools = group.has_pools or type(task) == "table"
  return waiter
end

--- Waits until `task:finished()`. A task whose coroutine was killed is cancelled.
-- → true; or false when there can be no pump (a worker that exits, too many timers): the caller has to poll by itself.
function M.until_finished(client, task)
  if task:finished() then return true end
  local self = get_pump()
  if not self then return false end
  local waiter = add_waiter(client, task)
  if not sleep_until_woken(waiter, self) then
    waiter.over = true
    if pump == self then pump = nil end
    return false
  end
  keep_semaphore(waiter.semaphore)
  if waiter.failure ~= nil then error(waiter.failure, 0) end
  return true
end

return M
