--- Waiting for calls: the one loop. C only polls, so that a wait written here can yield.

-- A poll that blocks is kept this short (seconds), so that Ctrl-C and other signals are seen.
local SLICE = 0.2
-- Between polls that don't block: short after something happened, longer while nothing does.
local SHORTEST, LONGEST, GROWTH = 0.001, 0.01, 1.25

local M = {}

local function block(client, done)
  while not done() do client:poll(SLICE) end
end

local function cooperate(client, done, sleep)
  local pause, unfinished = SHORTEST, client:poll(0)
  while not done() do
    sleep(pause)
    local left = client:poll(0)
    pause = left < unfinished and SHORTEST or math.min(pause * GROWTH, LONGEST)
    unfinished = left
  end
end

--- Polls the client until `done()` is true: blocking, or by the client's `sleep` where it has one.
function M.until_true(client, done)
  local sleep = client:functions().sleep
  if sleep then return cooperate(client, done, sleep) end
  return block(client, done)
end

--- Runs `action`, and `cleanup` too when it raises (Ctrl-C, an error in a callback). Where waits yield, a raise is
-- passed on as it is, since Lua 5.1 can't yield across a pcall: what it left is cleaned up when it is collected.
function M.protect(client, action, cleanup)
  if client:functions().sleep then return action() end
  local good, reason = pcall(action)
  if good then return end
  cleanup()
  error(reason, 0)
end

--- Waits for one call. → data, info, or nil, err.
function M.result(client, call)
  if not call:finished() then
    M.protect(client, function()
      M.until_true(client, function() return call:finished() end)
    end, function() call:cancel() end)
  end
  return call:result()
end

return M
