--- A client of Redis for the command's store: the few commands that it needs, each within a second, the connection
-- included. Plain TCP: TLS is not spoken.
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local poll = require "posix.poll"
local socket = require "posix.sys.socket"
local time = require "posix.time"
local unistd = require "posix.unistd"

local M = {}

-- Seconds that all takes together which a command of ours waits for.
local PATIENCE = 1

local Client = {}
Client.__index = Client

local function now()
  local t = time.clock_gettime(time.CLOCK_MONOTONIC)
  return t.tv_sec + t.tv_nsec / 1e9
end

local function fail(format, ...) error({ redis = format:format(...) }, 0) end

-- Bytes in and out ----------------------------------------------------------------------------------------------------

local function wait_for(self, event)
  local left = math.ceil((self.ends - now()) * 1000)
  if left > 0 and poll.poll({ [self.fd] = { events = { [event] = true } } }, left) == 1 then return end
  fail("%s did not answer within a second", self.place)
end

local function send_all(self, bytes)
  while bytes ~= "" do
    wait_for(self, "OUT")
    local count, message, code = socket.send(self.fd, bytes)
    if not count and code ~= errno.EAGAIN and code ~= errno.EINTR then fail("%s: %s", self.place, message) end
    bytes = bytes:sub((count or 0) + 1)
  end
end

local function receive(self)
  wait_for(self, "IN")
  local bytes, message, code = socket.recv(self.fd, 65536)
  if bytes == "" then fail("%s closed the connection", self.place) end
  if not bytes and code ~= errno.EAGAIN and code ~= errno.EINTR then fail("%s: %s", self.place, message) end
  self.buffer = self.buffer .. (bytes or "")
end

local function line(self)
  local at
  repeat
    at = self.buffer:find("\r\n", 1, true)
    if not at and #self.buffer > 65536 then fail("%s is no Redis", self.place) end
    if not at then receive(self) end
  until at
  local text = self.buffer:sub(1, at - 1)
  self.buffer = self.buffer:sub(at + 2)
  return text
end

local function block(self, length)
  while #self.buffer < length + 2 do receive(self) end
  local text = self.buffer:sub(1, length)
  self.buffer = self.buffer:sub(length + 3)
  return text
end

-- Commands ------------------------------------------------------------------------------------------------------------

-- → the answer, or nil, what Redis has against it
local function answer(self)
  local kind, text = line(self):match("^([%+%-:$])(.*)$")
  if not kind then fail("%s is no Redis", self.place) end
  if kind == "-" then return nil, text end
  if kind ~= "$" then return text end
  local length = tonumber(text) or fail("%s is no Redis", self.place)
  return length >= 0 and block(self, length) or nil
end

local function command(self, ...)
  local words = { ... }
  local parts = { ("*%d\r\n"):format(#words) }
  for _, word in ipairs(words) do
    local text = tostring(word)
    parts[#parts + 1] = ("$%d\r\n"):format(#text) .. text .. "\r\n" -- no "%s": in Lua 5.1 it ends at a NUL
  end
  send_all(self, table.concat(parts))
  return answer(self)
end

-- What is raised here goes as nil, message.
local function guarded(self, action)
  local good, result, reason = pcall(action)
  if good then return result, reason end
  self:close()
  if type(result) ~= "table" or not result.redis then error(result, 0) end
  return nil, result.redis
end

-- The second counts from the first of several commands in a row, unless some time has passed in between.
local function begin(self) if now() > self.ends then self.ends = now() + PATIENCE end end

local function method(name)
  return function(self, ...)
    if not self.fd then return nil, self.place .. ": the connection is closed" end
    local words = { ... }
    begin(self)
    return guarded(self, function() return command(self, name, (table.unpack or unpack)(words)) end) -- luacheck: ignore
  end
end

for _, name in ipairs { "eval", "evalsha", "script" } do Client[name] = method(name:upper()) end

function Client:close()
  if self.fd then unistd.close(self.fd) end
  self.fd = nil
end

-- Connecting ----------------------------------------------------------------------------------------------------------

local function open(self, address)
  self.fd = assert(socket.socket(address.family, socket.SOCK_STREAM, 0))
  fcntl.fcntl(self.fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
  fcntl.fcntl(self.fd, fcntl.F_SETFL, fcntl.O_NONBLOCK)
  local good, message, code = socket.connect(self.fd, address)
  if not good and code ~= errno.EINPROGRESS then return message end
  wait_for(self, "OUT")
  good, message, code = socket.connect(self.fd, address) -- says what became of the first one
  return not good and code ~= errno.EISCONN and message or nil
end

local function connect(self, host, port)
  local list, message = socket.getaddrinfo(host, tostring(port), { socktype = socket.SOCK_STREAM })
  for _, address in ipairs(list or {}) do
    message = open(self, address)
    if not message then return end
    self:close()
  end
  fail("%s: %s", self.place, message or "no such host")
end

local function must(self, ...)
  local good, reason = command(self, ...)
  if not good then fail("%s: %s", self.place, reason or "no answer") end
end

local function log_in(self, options)
  if options.user then must(self, "AUTH", options.user, options.password)
  elseif options.password then must(self, "AUTH", options.password) end
  must(self, "PING") -- says whether a password is missing
  if options.database then must(self, "SELECT", options.database) end
end

--- redis.connect(options) → a client with eval, evalsha, script and close; or nil, message, which holds no password.
-- `options`: host, port, user, password, database
function M.connect(options)
  local place = ("%s:%d"):format(options.host, options.port)
  local self = setmetatable({ buffer = "", place = place, ends = now() + PATIENCE }, Client)
  return guarded(self, function()
    connect(self, options.host, options.port)
    log_in(self, options)
    return self
  end)
end

return M
