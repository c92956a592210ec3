--- A client's log: C keeps what has happened until it is taken from there, since C never calls Lua.
local engine = require("exotel.core").engine
local tell = require "exotel.calls.tell"

--- log(client, f): tells the function f, unless it is nil, what has happened. What f raises is ignored; only Ctrl-C
-- that came while it ran is raised.
return function(client, f)
  if not f then return end
  for _, event in ipairs(engine.events(client)) do tell(f, event) end
end
