--- One poll of a client: its store is asked before it, and its log is told what happened after it.
local core = require "exotel.core"
local later = require "exotel.calls.later"
local left_behind = require "exotel.calls.left_behind"
local tell_log = require "exotel.calls.log"

local budget = later.require "exotel.calls.budget"

-- Read before exotel.client puts the public method in its place.
local core_poll = core.client_methods.poll

-- The poll returns early where the store is to be asked.
local function poll_shared(client, seconds, state)
  local ends = core.now() + seconds
  local before = core.engine.activity(client)
  local unfinished
  repeat
    budget.ask(client, state)
    unfinished = core_poll(client, math.max(0, ends - core.now()))
    tell_log(client, state)
  until unfinished == 0 or core.engine.activity(client) ~= before or core.now() >= ends
  if unfinished == 0 then budget.settle(client, state) end
  return unfinished
end

--- poll(client, seconds, state) → how many calls are unfinished. `state`: the client's, of which `log`, `on_write` and
-- `is_shared` count.
return function(client, seconds, state)
  left_behind.cancel(client)
  if state.keep then state.keep() end
  if state.is_shared and type(seconds) == "number" and seconds >= 0 then return poll_shared(client, seconds, state) end
  local unfinished = core_poll(client, seconds)
  tell_log(client, state)
  return unfinished
end
