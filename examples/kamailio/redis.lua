--- A client of Redis for exotel.store.redis in Kamailio's pump. While it waits it yields, so that the pump goes on with
-- its calls; a client that blocks, such as redis-lua's, holds it up until its timeout. Needs LuaSocket (lua-socket).
--
--     local redis = require "redis_of_the_pump"       -- this file, where package.path finds it
--     kamailio.setup { client = { store = require("exotel.store").redis {
--       connect = function() return redis.connect("redis.example.com", 6379, 1) end,
--     } } }
local socket = require "socket"

local M = {}

local Client = {}
Client.__index = Client

-- Seconds between two looks.
local LOOK = 0.002

-- → true; or nil, "timeout" when the time of this use is over
local function wait(self)
  if socket.gettime() > self.ends then return nil, "timeout" end
  coroutine.yield(LOOK)
  return true
end

-- `act(from)`: sends or receives what it can → the whole; or nil, why not, how far it came
local function finish(self, act, from)
  local done, reason, part = act(from)
  while not done and reason == "timeout" do
    local good, late = wait(self)
    if not good then return nil, late end
    done, reason, part = act(part)
  end
  return done, reason
end

local function send(self, text)
  return finish(self, function(last) return self.socket:send(text, last + 1) end, 0)
end

local function receive(self, pattern)
  return finish(self, function(part) return self.socket:receive(pattern, part) end, "")
end

-- → the answer; or nil, why there is none
local function answer(self)
  local line, reason = receive(self, "*l")
  if not line then return nil, reason end
  local kind, text = line:match("^(.)(.*)$")
  if kind == "-" then return nil, text end
  if kind ~= "$" then return text end
  local bytes, why = receive(self, tonumber(text) + 2)
  return bytes and bytes:sub(1, -3), why
end

local function command(self, ...)
  self.ends = socket.gettime() + self.seconds
  local parts = { ("*%d\r\n"):format(select("#", ...)) }
  for _, word in ipairs { ... } do
    local text = tostring(word)
    parts[#parts + 1] = ("$%d\r\n"):format(#text) .. text .. "\r\n"
  end
  local sent, reason = send(self, table.concat(parts))
  if not sent then return nil, reason end
  return answer(self)
end

function Client:eval(...) return command(self, "EVAL", ...) end
function Client:evalsha(...) return command(self, "EVALSHA", ...) end
function Client:script(...) return command(self, "SCRIPT", ...) end
function Client:close() self.socket:close() end

local function connect(self, host, port)
  local good, reason = self.socket:connect(host, port)
  while not good and (reason == "timeout" or reason == "Operation already in progress") do
    local in_time, late = wait(self)
    if not in_time then return nil, late end
    good, reason = self.socket:connect(host, port)
  end
  return good or reason == "already connected", reason
end

--- redis.connect(host, port, seconds, password) → a client whose uses take so many seconds at most; or nil, why there
-- is none. `host`: an address, since looking a name up would block; `password`: or nil
function M.connect(host, port, seconds, password)
  local self = { socket = assert(socket.tcp()), seconds = seconds, ends = socket.gettime() + seconds }
  setmetatable(self, Client)
  self.socket:settimeout(0)
  local good, reason = connect(self, host, port)
  if good and password then good, reason = command(self, "AUTH", password) end
  if good then return self end
  self:close()
  return nil, reason
end

return M
