--- Waiting for calls. C only polls, so that waits are Lua code, which can yield. How a client waits is chosen once,
-- when it is made: the table kept with it (its options `log`, `sleep`, `wait` and `store`) becomes an object of a
-- strategy, which has
--
--   applies(options)              whether it is the one for a client with these options
--   pcall_safe                    whether its waits may stand inside a pcall
--   blocks                        whether its waits block the process
--   :refusal(operation)           nil where a call can wait; else the error that says why it can't, and what to do
--   :until_finished(client, task) polls until `task:finished()`. A task is a call or what is like one: `task:cancel()`
--                                 is called when the coroutine that waits was killed
--   beside(f, failed)             where asking a store would hold up others: runs the function beside them; else nil.
--                                 failed(reason) is called when it raised, where that can be told
--   :pause(client, seconds)       waits while none of the caller's calls is under way: `seconds`, or less where the
--                                 wait blocks, so that Ctrl-C is seen. → the seconds that it waited
local check = require "exotel.calls.check"
local engine = require("exotel.core").engine
local later = require "exotel.calls.later"
local left_behind = require "exotel.calls.left_behind"
local tell_log = require "exotel.calls.log"

local budget = later.require "exotel.calls.budget"

-- The first that applies is taken.
local strategies = {
  require "exotel.calls.cooperative",
  require "exotel.calls.nginx",
  require "exotel.calls.blocking",
}

local M = {}

--- The strategy that applies to options: these become an object of it.
function M.strategy(options)
  for _, strategy in ipairs(strategies) do
    if strategy.applies(options) then return setmetatable(options, strategy) end
  end
end

--- Chooses how a new client waits.
function M.choose(client)
  local state = engine.state(client)
  if state.store then budget.begin(client, state) end
  M.strategy(state)
end

function M.until_finished(client, task) return engine.state(client):until_finished(client, task) end

function M.pause(client, seconds)
  local state = engine.state(client)
  tell_log(client, state)
  if state.keep then state.keep() end
  if state.is_shared then budget.ask(client, state) end
  return state:pause(client, seconds)
end

--- nil where a call can wait; else the error that says why it can't. Nothing may be sent then.
function M.refusal(client, operation) return engine.state(client):refusal(operation) end

-- Where no pcall is possible what a raise leaves is cleaned up by the next poll, whoever makes it.
local function protect_without_pcall(state, thread, action, cleanup)
  left_behind.note(state, thread, action, cleanup)
  action()
  left_behind.forget(state, thread, action)
end

-- The coroutine whose waits can't stand inside a pcall.
local function unsafe_thread(strategy) return not strategy.pcall_safe and coroutine.running() end

--- Runs `action`, and `cleanup` too when it raises (Ctrl-C, an error in a callback).
function M.protect(client, action, cleanup)
  local strategy = engine.state(client)
  local thread = unsafe_thread(strategy)
  if thread then return protect_without_pcall(strategy, thread, action, cleanup) end
  local good, reason = pcall(action)
  if good then return end
  cleanup()
  error(reason, 0)
end

-- The same for a call.
local function wait(strategy, client, call)
  local thread = unsafe_thread(strategy)
  if thread then
    return protect_without_pcall(strategy, thread, function() strategy:until_finished(client, call) end,
      function() call:cancel() end)
  end
  local good, reason = pcall(strategy.until_finished, strategy, client, call)
  if good then return end
  call:cancel()
  error(reason, 0)
end

--- Makes a call of an operation (of core.operations) and waits for it. → data, info, or nil, err. Where it can't wait
-- nothing is started; misuse and bad arguments are told first, as everywhere.
function M.call(client, operation, arguments, options)
  local strategy = engine.state(client)
  local refusal = strategy:refusal(operation.name)
  if refusal then return nil, check(client, operation.name, arguments, options) or refusal end
  local call = operation.start(client, arguments, options)
  wait(strategy, client, call)
  return engine.take(call)
end

return M
