--- Calls whose waiter is gone, in a Lua that cannot yield across a pcall (5.1): an error that ends a wait can't be
-- caught there to cancel them, and somebody else's poll would send them. So a wait is noted with its coroutine, and
-- before each poll the calls of those are cancelled that have ended, or whose coroutine has caught the error and goes
-- on with something else.
local engine = require("exotel.core").engine

local M = {}

-- By client state: the waits of each coroutine, each { action, cleanup }.
local waits = setmetatable({}, { __mode = "k" })

--- left_behind.note(state, thread, action, cleanup): `action`, a function of its own for each wait, is about to run in
-- the coroutine; `cleanup` is called should it end before `forget`.
function M.note(state, thread, action, cleanup)
  waits[state] = waits[state] or setmetatable({}, { __mode = "k" })
  local list = waits[state][thread] or {}
  list[#list + 1] = { action = action, cleanup = cleanup }
  waits[state][thread] = list
end

-- Takes out of a coroutine's waits those that `fits` is true of. → these
local function take(state, thread, fits)
  local taken, left = {}, {}
  for _, wait in ipairs(waits[state][thread]) do
    local list = fits(wait) and taken or left
    list[#list + 1] = wait
  end
  waits[state][thread] = #left > 0 and left or nil
  return taken
end

--- left_behind.forget(state, thread, action): it came to its end.
function M.forget(state, thread, action)
  take(state, thread, function(wait) return wait.action == action end)
end

-- Its `func` is nil for a frame that a tail call has left.
local function frame_at(thread, level) return debug.getinfo(thread, level, "f") end

-- Whether a coroutine is within a wait. Its frame is looked for where it was before: one that sleeps stays there.
local function is_within(thread, wait)
  local known = wait.level and frame_at(thread, wait.level)
  if known and known.func == wait.action then return true end
  local level, frame = 0, frame_at(thread, 0)
  while frame and frame.func ~= wait.action do
    level = level + 1
    frame = frame_at(thread, level)
  end
  wait.level = frame and level
  return frame ~= nil
end

local function has_left(thread, wait)
  return coroutine.status(thread) == "dead" or (debug ~= nil and not is_within(thread, wait))
end

-- The coroutines that have left a wait.
local function leavers(state)
  local threads = {}
  for thread, list in pairs(waits[state] or {}) do
    for _, wait in ipairs(list) do
      if has_left(thread, wait) then threads[thread] = true end
    end
  end
  return threads
end

--- left_behind.cancel(client): cancels what nobody waits for any more.
function M.cancel(client)
  if next(waits) == nil then return end
  local state = engine.state(client)
  for thread in pairs(leavers(state)) do
    local left = take(state, thread, function(wait) return has_left(thread, wait) end)
    for _, wait in ipairs(left) do wait.cleanup() end
  end
end

return M
