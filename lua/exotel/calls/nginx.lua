--- Waiting in nginx (OpenResty): whoever waits sleeps on a semaphore, and one pump a worker polls for all of them.
-- The pump is a timer's coroutine that ends when nobody waits any more.
local core = require "exotel.core"
local errors = require "exotel.error"
local pauses = require "exotel.calls.poll_interval"

local ngx = rawget(_G, "ngx")
if type(ngx) ~= "table" or not ngx.get_phase or not ngx.timer then return false end

local semaphore = require "ngx.semaphore"

-- A pump gives a sign of life every few milliseconds; who saw none for so long (seconds) helps itself.
local PATIENCE = 1

local M = { sleep = ngx.sleep }

-- Where a call may be made ------------------------------------------------------------------------------------------

local yielding = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, preread = true,
  ssl_cert = true, ssl_session_fetch = true, ssl_client_hello = true,
}

local ways_out = {
  init = "make it later, in init_worker_by_lua, by ngx.timer.at(0, function() ... end)",
  exit_worker = "make it earlier: a timer of ngx.timer.at, pending when the worker exits, runs at once as premature",
}

local WAY_OUT = "make it in a timer, ngx.timer.at(0, function() ... end), or earlier: in rewrite, access or content"
local WITHIN_C = "a call has to wait, which cannot be done inside a function that C has called, as a module's code "
  .. "run by require or the function given to table.sort: make it outside, or in a timer, ngx.timer.at(0, ...)"

local function why_not()
  local phase = ngx.get_phase()
  if not yielding[phase] then
    return string.format("a call has to wait, which cannot be done in nginx's phase %s: %s", phase,
      ways_out[phase] or WAY_OUT)
  end
  if not core.can_yield() then return WITHIN_C end
end

--- nil where a call can wait; else the error that says where it can.
function M.refusal(operation)
  local message = why_not()
  return message and errors.new { kind = "config", operation = operation, message = message }
end

-- The pump ------------------------------------------------------------------------------------------------------------

-- How many rounds go by between two looks for those who no longer wait.
local ROUNDS = 16

-- Who waits, by client: each group { client, stirred, waiters }, each waiter { task, semaphore } and, when it is over,
-- `over`, and `failure` when it is to raise. No closures: nginx wipes the stack of a coroutine it kills, and with it
-- what a function made there saw of its local variables.
local groups = {}
-- The pump at work, nil when there is none: { semaphore, beats, kicked }. Only this one may go on.
local pump

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

local function wake_if_finished(waiter, failure)
  local good, result = pcall(waiter.task.finished, waiter.task)
  if not good then wake(waiter, result)
  elseif result then wake(waiter)
  elseif failure ~= nil then wake(waiter, failure) end
end

local function give_up_if_abandoned(waiter)
  if waiter.over or not is_abandoned(waiter) then return end
  waiter.over = true
  pcall(waiter.task.cancel, waiter.task)
end

local function each_waiter(group, act, argument)
  local left = {}
  for _, waiter in ipairs(group.waiters) do
    if not waiter.over then act(waiter, argument) end
    if not waiter.over then left[#left + 1] = waiter end
  end
  group.waiters = left
end

local function poll(client)
  client:poll(0)
  return core.engine.activity(client)
end

-- Polls, and wakes whom it concerns. → whether anything had happened
local function serve(group)
  local good, stirred = pcall(poll, group.client)
  if good and stirred == group.stirred then return false end
  group.stirred = stirred
  each_waiter(group, wake_if_finished, not good and stirred or nil)
  return true
end

-- → whether anything happened
local function round(looks)
  local any, left = false, {}
  for _, group in ipairs(groups) do
    any = serve(group) or any
    if looks then each_waiter(group, give_up_if_abandoned) end
  end
  for _, group in ipairs(groups) do
    if #group.waiters > 0 then left[#left + 1] = group end
  end
  groups = left
  return any
end

local function run_pump(_, mine)
  local pause = pauses.shortest
  while pump == mine and #groups > 0 do
    mine.beats = mine.beats + 1
    mine.kicked = false
    pause = pauses.after(pause, round(mine.beats % ROUNDS == 0))
    if #groups > 0 then mine.semaphore:wait(pause) end
  end
  if pump == mine then pump = nil end
end

-- Sees to it that there is a pump, and that it polls soon: at the end of this turn of the event loop, once for all who
-- came in it. → the pump, or nil
local function get_pump()
  if pump then
    if not pump.kicked then
      pump.kicked = true
      pump.semaphore:post(1)
    end
    return pump
  end
  local new = { semaphore = semaphore.new(0), beats = 0, kicked = true }
  if ngx.timer.at(0, run_pump, new) then pump = new end
  return pump
end

-- Waiting -------------------------------------------------------------------------------------------------------------

-- → true when it was woken, false when the pump shows no sign of life.
local function sleep_until_woken(waiter, mine)
  while not waiter.over do
    local before = mine.beats
    local good, reason = waiter.semaphore:wait(PATIENCE)
    if waiter.over then break end
    if not good and (reason ~= "timeout" or mine.beats == before) then return false end
  end
  return true
end

--- Waits until `task:finished()`. A task whose coroutine was killed is cancelled.
-- → true; or false when there can be no pump (a worker that exits, too many timers): the caller has to poll by itself.
function M.until_finished(client, task)
  if task:finished() then return true end
  local mine = get_pump()
  if not mine then return false end
  local waiter = { task = task, semaphore = semaphore.new(0) }
  local waiting = group_of(client).waiters
  waiting[#waiting + 1] = waiter
  local woken = sleep_until_woken(waiter, mine)
  if not woken then
    waiter.over = true
    if pump == mine then pump = nil end
    return false
  end
  if waiter.failure ~= nil then error(waiter.failure, 0) end
  return true
end

return M
