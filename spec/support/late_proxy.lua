--- late_proxy.pl in a process of its own: a request that arrives after its client has given up.
local child = require "spec.support.child"

local Proxy = {}
Proxy.__index = Proxy

local late_proxy = {}

--- late_proxy.start(port, pattern, count): the first request that `pattern` (Perl's) matches is delivered late, after
-- `count` further ones. → a proxy: { base_url }
function late_proxy.start(port, pattern, count)
  local self = setmetatable({}, Proxy)
  local command = "exec env -u LD_PRELOAD perl spec/support/late_proxy.pl %d %s %d"
  self.pipe = assert(io.popen(command:format(port, child.quote(pattern), count)))
  local own_port, pid = self.pipe:read("*l"):match("^listening (%d+) (%d+)$")
  self.base_url, self.pid = "http://127.0.0.1:" .. own_port, pid
  return self
end

--- Ends it. → whether the late request was delivered
function Proxy:stop()
  os.execute("kill " .. self.pid)
  local delivered = self.pipe:read("*l") == "delivered"
  self.pipe:close()
  return delivered
end

return late_proxy
