--- A client's log: C keeps what has happened until it is taken from there, since C never calls Lua.
local engine = require("exotel.core").engine

-- Lua's interpreters raise this, wherever the program is, on Ctrl-C.
local INTERRUPTED = "interrupted!$"

-- A log can't harm a call, but the person who pressed Ctrl-C is obeyed.
local function tell(f, event)
  local good, reason = pcall(f, event)
  if not good and type(reason) == "string" and reason:find(INTERRUPTED) then error(reason, 0) end
end

--- log(client, f): tells the function f, unless it is nil, what has happened. What f raises is ignored; only Ctrl-C
-- that came while it ran is raised.
return function(client, f)
  if not f then return end
  for _, event in ipairs(engine.events(client)) do tell(f, event) end
end
