--- Waiting in nginx (OpenResty): whoever waits sleeps on a semaphore, and one pump a worker polls for all of them.
-- The pump is a timer's coroutine that ends when nobody waits any more.
local core = require "exotel.core"
local errors = require "exotel.error"
local pauses = require "exotel.pause"

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

-- Each { client, task, semaphore }; of one that is over: `over`, and `failure` when it is to raise. No closures: nginx
-- wipes the stack of a coroutine it kills, and with it what a function made there saw of its local variables.
local waiters = {}
-- The pump at work, nil when there is none: { semaphore, beats, kicked }. Only this one may go on.
local pump

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

local function poll_all()
  local failures, polled = {}, {}
  for _, waiter in ipairs(waiters) do
    local client = waiter.client
    if not polled[client] then
      polled[client] = true
      local good, reason = pcall(client.poll, client, 0)
      if not good then failures[client] = reason end
    end
  end
  return failures
end

-- Whether one is done with: it is woken then, or given up.
local function settle(waiter, failures)
  local good, result = pcall(waiter.task.finished, waiter.task)
  local failure = not good and result or not result and failures[waiter.client] or nil
  if failure ~= nil or result then
    wake(waiter, failure)
    return true
  end
  if not is_abandoned(waiter) then return false end
  waiter.over = true
  pcall(waiter.task.cancel, waiter.task)
  return true
end

-- Polls and wakes whom it concerns. → whether anything happened
local function round()
  local failures, left = poll_all(), {}
  local all = waiters
  for _, waiter in ipairs(all) do
    if not waiter.over and not settle(waiter, failures) then left[#left + 1] = waiter end
  end
  waiters = left
  return #left < #all
end

local function run_pump(_, mine)
  local pause = pauses.shortest
  while pump == mine and #waiters > 0 do
    mine.beats = mine.beats + 1
    pause = pauses.after(pause, round())
    if #waiters == 0 then break end
    mine.kicked = false
    mine.semaphore:wait(pause)
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

local function leave(waiter)
  waiter.over = true
  for i, other in ipairs(waiters) do
    if other == waiter then return table.remove(waiters, i) end
  end
end

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
  local waiter = { client = client, task = task, semaphore = semaphore.new(0) }
  waiters[#waiters + 1] = waiter
  local woken = sleep_until_woken(waiter, mine)
  if not woken then
    leave(waiter)
    if pump == mine then pump = nil end
    return false
  end
  if waiter.failure ~= nil then error(waiter.failure, 0) end
  return true
end

return M
