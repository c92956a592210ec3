--- Wakes the pump of an nginx worker when something happens to a client. nginx can't wait for libcurl's sockets; a
-- thread does, and sends a byte to a unix socket that a light thread of the pump's timer reads. Each pump has its own:
-- a socket belongs to the timer that has connected it.
local core = require "exotel.core"

local ngx = rawget(_G, "ngx")

-- Milliseconds: the longest that a socket can be told to wait, 24 days.
local FOREVER = 2147483647
local CONNECT = 1000

-- Seconds until it is tried again where it failed.
local PAUSE = 60

local M = {}

local failed_at

local function listen(self, notifier, socket)
  repeat
    local bytes, reason = socket:receiveany(16)
    if bytes then self.semaphore:post(1) end
  until not bytes and reason ~= "timeout"
  socket:close()
  notifier:stop()
  if self.notifier == notifier then
    self.notifier, failed_at = nil, core.now()
  end
end

local function connect(notifier)
  local socket = ngx.socket.tcp()
  socket:settimeouts(CONNECT, CONNECT, FOREVER)
  if socket:connect("unix:" .. notifier:path()) and notifier:start() then return socket end
  socket:close()
  notifier:stop()
end

-- → whether there is one
local function open(self)
  local notifier = ngx.socket and core.engine.notifier()
  local socket = notifier and connect(notifier)
  if not socket then return false end
  self.notifier = notifier
  ngx.thread.spawn(listen, self, notifier, socket)
  return true
end

local function may_try() return not failed_at or core.now() - failed_at >= PAUSE end

--- → the pump's notifier, nil where there can be none
function M.get(self)
  if not self.notifier and may_try() and not open(self) then failed_at = core.now() end
  return self.notifier
end

function M.stop(self)
  if self.notifier then self.notifier:stop() end
  self.notifier = nil
end

return M
