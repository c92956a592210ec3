--- A client's log: C keeps what has happened until it is taken from there, since C never calls Lua.
local engine = require("exotel.core").engine

--- log(client, f): tells the function f, unless it is nil, what has happened. What f raises is ignored.
return function(client, f)
  if not f or engine.closed(client) then return end
  for _, event in ipairs(engine.events(client)) do pcall(f, event) end
end
