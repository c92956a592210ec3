--- forwarder.pl in a process of its own: closes connections while they are idle.
local Forwarder = {}
Forwarder.__index = Forwarder

local forwarder = {}

--- forwarder.start(port) → a forwarder to that port: { port }
function forwarder.start(port)
  local self = setmetatable({}, Forwarder)
  self.pipe = assert(io.popen(("exec env -u LD_PRELOAD perl spec/support/forwarder.pl %d"):format(port)))
  local own_port, pid = self.pipe:read("*l"):match("^listening (%d+) (%d+)$")
  self.port, self.pid = tonumber(own_port), pid
  return self
end

--- Closes all connections. → how many that were
function Forwarder:close_connections()
  os.execute("kill -USR1 " .. self.pid)
  return tonumber(self.pipe:read("*l"):match("^closed (%d+)$"))
end

--- Ends it. Harmless a second time.
function Forwarder:stop()
  if not self.pipe then return end
  os.execute("kill " .. self.pid)
  self.pipe:close()
  self.pipe = nil
end

return forwarder
