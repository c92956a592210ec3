--- tell(f, event): tells a client's log of an event. A log can't harm a call, but the person who pressed Ctrl-C is
-- obeyed.

-- Lua's interpreters raise this, wherever the program is, on Ctrl-C.
local INTERRUPTED = "interrupted!$"

return function(f, event)
  if not f then return end
  local good, reason = pcall(f, event)
  if not good and type(reason) == "string" and reason:find(INTERRUPTED) then error(reason, 0) end
end
