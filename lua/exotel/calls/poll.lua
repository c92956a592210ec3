--- One poll of a client. Its log is told what happened afterwards: C never calls Lua.
local core = require "exotel.core"
local engine = core.engine
local left_behind = require "exotel.calls.left_behind"

-- Read before exotel.client puts the public method in its place.
local core_poll = core.client_methods.poll

-- Lua's interpreters raise this, wherever the program is, on Ctrl-C.
local INTERRUPTED = "interrupted!$"

-- A log can't harm a call, but the person who pressed Ctrl-C is obeyed.
local function tell(log, event)
  local good, reason = pcall(log, event)
  if not good and type(reason) == "string" and reason:find(INTERRUPTED) then error(reason, 0) end
end

--- poll(client, seconds, log) → how many calls are unfinished. What the log function raises is ignored; only Ctrl-C
-- that came while it ran is raised.
return function(client, seconds, log)
  left_behind.cancel(engine.state(client))
  local unfinished = core_poll(client, seconds)
  if log then
    for _, event in ipairs(engine.events(client)) do tell(log, event) end
  end
  return unfinished
end
