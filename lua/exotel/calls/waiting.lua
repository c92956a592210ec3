--- Waiting for calls: the one loop. C only polls, so that a wait written here can yield.
local engine = require("exotel.core").engine
local nginx = require "exotel.calls.nginx" -- false elsewhere
local pauses = require "exotel.calls.poll_interval"

-- A poll that blocks is kept this short (seconds), so that Ctrl-C and other signals are seen.
local SLICE = 0.2

local M = {}

local function block(client, task)
  while not task:finished() do client:poll(SLICE) end
end

local function cooperate(client, task, sleep)
  local pause = pauses.shortest
  client:poll(0)
  local before = engine.activity(client)
  while not task:finished() do
    sleep(pause)
    client:poll(0)
    local stirred = engine.activity(client)
    pause = pauses.after(pause, stirred ~= before)
    before = stirred
  end
end

--- Polls the client until `task:finished()`: by the client's `sleep` where it has one, by nginx's pump, or blocking.
-- A task is a call, or what is like one: `task:cancel()` ends it when nginx killed the coroutine that waits.
function M.until_finished(client, task)
  local sleep = engine.state(client).sleep
  if sleep then return cooperate(client, task, sleep) end
  if not nginx then return block(client, task) end
  if not nginx.until_finished(client, task) then return cooperate(client, task, nginx.sleep) end
end

--- Waits while nothing of the caller's is under way: `seconds`, or less where the wait blocks, so that Ctrl-C is seen.
function M.pause(client, seconds)
  local sleep = engine.state(client).sleep or (nginx and nginx.sleep)
  if sleep then return sleep(seconds) end
  engine.wait(client, math.min(seconds, SLICE))
  client:poll(0)
end

--- nil where a call can wait; else the error that says why it can't and what to do. Nothing may be sent then.
function M.refusal(client, operation)
  if not nginx or engine.state(client).sleep then return nil end
  return nginx.refusal(operation)
end

--- Runs `action`, and `cleanup` too when it raises (Ctrl-C, an error in a callback). Where waits yield, a raise is
-- passed on as it is, since Lua 5.1 can't yield across a pcall: what it left is cleaned up when it is collected.
-- nginx's LuaJIT can.
function M.protect(client, action, cleanup)
  if engine.state(client).sleep then return action() end
  local good, reason = pcall(action)
  if good then return end
  cleanup()
  error(reason, 0)
end

local function finish(client, call)
  M.protect(client, function() M.until_finished(client, call) end, function() call:cancel() end)
end

--- Waits for one call that was started. → data, info, or nil, err.
function M.result(client, call, operation)
  if call:finished() then return call:result() end
  local refusal = M.refusal(client, operation)
  if refusal then
    call:cancel()
    return nil, refusal
  end
  finish(client, call)
  return call:result()
end

return M
