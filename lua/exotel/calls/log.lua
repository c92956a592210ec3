--- A client's log: C keeps what has happened until it is taken from there, since C never calls Lua.
local engine = require("exotel.core").engine
local tell = require "exotel.calls.tell"

-- A write is told of as one: it has its own function.
local function tell_one(state, event)
  if event.event ~= "write" then return tell(state.log, event) end
  event.event = nil
  tell(state.on_write, event)
end

--- log(client, state): tells the client's functions `log` and `on_write`, where there are any, what has happened. What
-- they raise is ignored; only Ctrl-C that came while one ran is raised. `state`: the client's.
return function(client, state)
  if not (state.log or state.on_write) then return end
  for _, event in ipairs(engine.events(client)) do tell_one(state, event) end
end
