--- forwarder.pl in a process of its own: closes connections while they are idle, delays what comes back, or passes on
-- nothing at all.
local socket = require "socket"

local Forwarder = {}
Forwarder.__index = Forwarder

local forwarder = {}

--- forwarder.start(port, address) → a forwarder to that port: { port }. `address`: where it listens (127.0.0.1)
function forwarder.start(port, address)
  local self = setmetatable({}, Forwarder)
  self.pipe = assert(io.popen(("exec env -u LD_PRELOAD perl spec/support/forwarder.pl %d %s"):format(port, address or "")))
  local own_port, pid, control = self.pipe:read("*l"):match("^listening (%d+) (%d+) (%d+)$")
  self.port, self.pid, self.control = tonumber(own_port), pid, tonumber(control)
  return self
end

--- Closes all connections. → how many that were
function Forwarder:close_connections()
  os.execute("kill -USR1 " .. self.pid)
  return tonumber(self.pipe:read("*l"):match("^closed (%d+)$"))
end

local function command(self, text)
  local control = assert(socket.udp())
  control:settimeout(10)
  assert(control:setpeername("127.0.0.1", self.control))
  assert(control:send(text))
  assert(control:receive() == "done", text)
  control:close()
end

--- From now on the server's bytes come so many seconds later.
function Forwarder:delay(seconds) command(self, "delay " .. seconds) end

--- Nothing is passed on any more; connections stay, and new ones are taken.
function Forwarder:cut() command(self, "cut") end

--- Everything is passed on again, also what came meanwhile.
function Forwarder:mend() command(self, "mend") end

--- Ends it. Harmless a second time.
function Forwarder:stop()
  if not self.pipe then return end
  os.execute("kill " .. self.pid)
  self.pipe:close()
  self.pipe = nil
end

return forwarder
