-- Waiting in nginx: lua/exotel/calls/nginx.lua and nginx_pump.lua.
local nginx = "lua/exotel/calls/nginx.lua"
local pump = "lua/exotel/calls/nginx_pump.lua"

return {
  { file = pump, as_is = "waiter.missed = waiter.semaphore:count() < 0 and 0 or (waiter.missed or 0) + 1", wrong = "waiter.missed = (waiter.missed or 0) + 1", why = "a live call is taken for abandoned and cancelled" },
  { file = pump, as_is = "return waiter.missed >= 2", wrong = "return waiter.missed >= 1", why = "between two waits nobody waits on the semaphore" },
  { file = pump, as_is = "return waiter.missed >= 2", wrong = "return false", why = "calls of killed coroutines go on" },
  { file = pump, as_is = "  pcall(waiter.task.cancel, waiter.task)\n", wrong = "", why = "calls of killed coroutines go on" },
  { file = pump, as_is = "    if pump == self then pump = nil end\n    return false", wrong = "    return false", why = "a dead pump is kept: each wait loses a second" },
  { file = pump, as_is = "  if pump == self then pump = nil end\nend\n\nlocal function kick", wrong = "end\n\nlocal function kick", why = "a pump that has ended is kept" },
  { file = pump, as_is = "if ngx.timer.at(0, run, new) then pump = new end", wrong = "ngx.timer.at(0, run, new)\n  pump = new", why = "a pump that could not be started is kept" },
  { file = pump, as_is = "local PATIENCE = 1", wrong = "local PATIENCE = 100", why = "a pump that died is noticed after minutes" },
  { file = pump, as_is = 'if not good and (reason ~= "timeout" or self.rounds == before) then return false end', wrong = "if not good and reason ~= \"timeout\" then return false end", why = "a pump that died is never noticed" },
  { file = pump, as_is = 'if not good and (reason ~= "timeout" or self.rounds == before) then return false end', wrong = "if not good then return false end", why = "calls of more than a second go without the pump" },
  { file = pump, as_is = "while pump == self and #groups > 0 do", wrong = "while #groups > 0 do", why = "two pumps poll" },
  { file = pump, as_is = "    self.kicked = false\n", wrong = "", why = "a new wait waits for the interval" },
  { file = pump, as_is = "if #groups > 0 then self.semaphore:wait(interval) end", wrong = "self.semaphore:wait(interval)", why = "the pump lives on without waits" },
  { file = pump, as_is = "each_waiter(group, wake_if_finished, not good and activity or nil)", wrong = "each_waiter(group, wake_if_finished)", why = "a poll that raises is told to who waits" },
  { file = pump, as_is = "if waiter.failure ~= nil then error(waiter.failure, 0) end", wrong = "", why = "a poll that raises is told to who waits" },
  { file = pump, as_is = "if good and activity == group.activity then return false end", wrong = "", why = "each round looks at all waiters" },
  { file = pump, as_is = "    waiter.over = true\n    if pump", wrong = "    if pump", why = "a wait that goes alone is cancelled by a later pump" },
  { file = pump, as_is = "  drop_empty_groups()\n  return active", wrong = "  return active", why = "the pump lives on without waits" },
  { file = nginx, as_is = "if not core.can_yield() then return WITHIN_C end", wrong = "", why = "within a function of C nothing can wait" },
  { file = nginx, as_is = "if not yielding[phase] then", wrong = "if false then", why = "a phase that can't wait" },
  { file = nginx, as_is = "ssl_cert = true,", wrong = "", why = "a phase that can wait" },
  { file = nginx, as_is = "  if pump.until_finished(client, task) then return end\n", wrong = "", why = "each wait polls by itself" },
  { file = nginx, as_is = "  cooperative.until_finished({ sleep = ngx.sleep, log = self.log }, client, task)\n", wrong = "", why = "without a pump a wait ends at once" },
  { file = nginx, as_is = "  ngx.sleep(seconds)\n", wrong = "", why = "a pause takes no time" },
}
