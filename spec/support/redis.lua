--- A redis-server (or valkey-server) of a test's own, on a free loopback port, ended by its pid; and a client of it.
local child = require "spec.support.child"
local socket = require "socket"

local output = child.output

local redis = {}

local Server = {}
Server.__index = Server

local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return tonumber(port)
end

--- redis.start(options) → a server that answers. `options`: password, port, address, environment (words before the
-- command). Ended after two minutes, whatever happens.
function redis.start(options)
  options = options or {}
  local self = setmetatable({ port = options.port or free_port(), options = options, folder = output("mktemp -d"),
    clients = {} }, Server)
  self:launch()
  return self
end

function Server:launch()
  local program = output("command -v redis-server || command -v valkey-server")
  assert(program ~= "", "no redis-server: bin/install-deps loops")
  local line = ("cd %s && env -u LD_PRELOAD %s %s --port %d --bind %s --save '' --dir %s %s >log 2>&1 & echo $!"):format(
    self.folder, self.options.environment or "", program, self.port, self.options.address or "127.0.0.1", self.folder,
    self.options.password and "--requirepass " .. self.options.password or "--protected-mode no")
  self.pid = tonumber(output("sh -c " .. child.quote(line)))
  for _ = 1, 1000 do
    local client = self:connect()
    if client and (self.options.password or client:command("PING") == "PONG") then return client:close() end
    socket.sleep(0.01)
  end
  error("redis-server does not answer: see " .. self.folder .. "/log", 2)
end

function Server:signal(name) os.execute(("kill -%s %d 2>/dev/null"):format(name, self.pid)) end

--- Ends it, and waits until it is gone.
function Server:kill()
  self:signal("KILL")
  for _ = 1, 1000 do
    local file = io.open("/proc/" .. self.pid .. "/stat")
    local state = file and file:read("*a"):match("%) (%u)")
    if file then file:close() end
    if not state or state == "Z" then return end
    socket.sleep(0.005)
  end
end

-- Sockets that stay open would be inherited by programs that other specs start.
function Server:stop()
  for _, client in ipairs(self.clients) do client:close() end
  self:signal("CONT")
  self:kill()
  os.execute("rm -rf " .. self.folder)
end

-- The client ----------------------------------------------------------------------------------------------------------

local Client = {}
Client.__index = Client

local function answer(self)
  local line, reason = self.socket:receive("*l")
  if not line then return nil, reason end
  local kind, text = line:match("^(.)(.*)$")
  if kind == "-" then return nil, text end
  if kind ~= "$" then return text end
  if text == "-1" then return nil end
  local bytes = self.socket:receive(tonumber(text) + 2)
  return bytes and bytes:sub(1, -3)
end

function Client:command(...)
  self.commands = self.commands + 1
  local parts = { ("*%d\r\n"):format(select("#", ...)) }
  for _, word in ipairs { ... } do parts[#parts + 1] = ("$%d\r\n"):format(#tostring(word)) .. word .. "\r\n" end
  local good, reason = self.socket:send(table.concat(parts))
  if not good then return nil, reason end
  return answer(self)
end

function Client:eval(...) return self:command("EVAL", ...) end
function Client:evalsha(...) return self:command("EVALSHA", ...) end
function Client:script(...) return self:command("SCRIPT", ...) end
function Client:close() self.socket:close() end

--- → a client, or nil, why there is none. `timeout`: seconds (1)
function Server:connect(timeout)
  local client, reason = redis.connect(self.port, timeout)
  self.clients[#self.clients + 1] = client
  return client, reason
end

function redis.connect(port, timeout, host)
  local one = assert(socket.tcp())
  one:settimeout(timeout or 1)
  local good, reason = one:connect(host or "127.0.0.1", port)
  if not good then return nil, reason end
  return setmetatable({ socket = one, commands = 0 }, Client)
end

return redis
