--- Waits in nginx (OpenResty): the strategy of every client there, unless it has the option `sleep`. See
-- exotel.calls.waiting.
local core = require "exotel.core"
local cooperative = require "exotel.calls.cooperative"
local errors = require "exotel.error"

local ngx = rawget(_G, "ngx")
local is_nginx = type(ngx) == "table" and ngx.get_phase ~= nil and ngx.timer ~= nil
local pump = is_nginx and require "exotel.calls.nginx_pump"

-- nginx's LuaJIT can yield across a pcall.
local Nginx = { pcall_safe = true }
Nginx.__index = Nginx

function Nginx.applies() return is_nginx end

-- In some phases nothing can be made to run beside the others: then it is left to the next one who polls.
function Nginx.beside(f) pcall(ngx.thread.spawn, f) end

-- Where a call may be made ------------------------------------------------------------------------------------------

local yielding = {
  rewrite = true, server_rewrite = true, access = true, content = true, timer = true, preread = true,
  ssl_cert = true, ssl_session_fetch = true, ssl_client_hello = true,
}

local ways_out = {
  init = "make it later, in init_worker_by_lua, by ngx.timer.at(0, function() ... end)",
  exit_worker = "make it earlier: a timer of ngx.timer.at, pending when the worker exits, runs at once as premature",
}

local WAY_OUT = "make it in a timer, ngx.timer.at(0, function() ... end), or earlier: in rewrite, access or content"
local WITHIN_C = "a call has to wait, which cannot be done inside a function that C has called, as a module's code "
  .. "run by require or the function given to table.sort: make it outside, or in a timer, ngx.timer.at(0, ...)"

local function why_not()
  local phase = ngx.get_phase()
  if not yielding[phase] then
    return string.format("a call has to wait, which cannot be done in nginx's phase %s: %s", phase,
      ways_out[phase] or WAY_OUT)
  end
  if not core.can_yield() then return WITHIN_C end
end

function Nginx.refusal(_, operation)
  local message = why_not()
  return message and errors.new { kind = "config", operation = operation, message = message }
end

-- Waiting -------------------------------------------------------------------------------------------------------------

-- Without a pump (the worker exits, or there are too many timers) each wait polls by itself.
function Nginx:until_finished(client, task)
  if pump.until_finished(client, task) then return end
  self.sleep = ngx.sleep
  cooperative.until_finished(self, client, task)
end

function Nginx.pause(_, _, seconds)
  ngx.sleep(seconds)
  return seconds
end

return Nginx
