--- Calls whose waiter is gone, in a Lua that cannot yield across a pcall (5.1): an error that ends a wait can't be
-- caught there to cancel them, and somebody else's poll would send them. So a wait is noted with its coroutine, and
-- before each poll the calls of coroutines that have ended are cancelled.
local M = {}

-- By client state: the clean-ups of each coroutine that waits.
local waits = setmetatable({}, { __mode = "k" })

--- left_behind.note(state, thread, cleanup): `cleanup` is called should the coroutine end before `forget`.
function M.note(state, thread, cleanup)
  waits[state] = waits[state] or setmetatable({}, { __mode = "k" })
  local cleanups = waits[state][thread] or {}
  cleanups[#cleanups + 1] = cleanup
  waits[state][thread] = cleanups
end

--- left_behind.forget(state, thread): the coroutine's last wait came to its end.
function M.forget(state, thread)
  local cleanups = waits[state][thread]
  cleanups[#cleanups] = nil
  if #cleanups == 0 then waits[state][thread] = nil end
end

--- left_behind.cancel(state): cancels what coroutines that have ended were waiting for.
function M.cancel(state)
  if not waits[state] then return end
  for thread, cleanups in pairs(waits[state]) do
    if coroutine.status(thread) == "dead" then
      waits[state][thread] = nil
      for _, cleanup in ipairs(cleanups) do cleanup() end
    end
  end
end

return M
