--- One poll of a client. Its log is told what happened afterwards: C never calls Lua.
local core = require "exotel.core"
local engine = core.engine
local left_behind = require "exotel.calls.left_behind"

-- Read before exotel.client puts the public method in its place.
local core_poll = core.client_methods.poll

--- poll(client, seconds, log) → how many calls are unfinished. What the log function raises is ignored.
return function(client, seconds, log)
  left_behind.cancel(engine.state(client))
  local unfinished = core_poll(client, seconds)
  if log then
    for _, event in ipairs(engine.events(client)) do pcall(log, event) end
  end
  return unfinished
end
