--- Connections by udp, tcp and tls that are used alike:
--   socket             what run.wait takes
--   is_datagram        whether each text that is received is a message of its own
--   :sender()          → the address and port that it sends from
--   :send(text)        → true, or nil, message, reason
--   :receive()         → text, "" for none there, or nil, message, reason
--   :close()
-- A reason is "refused", "closed" or nil.
local core = require "exotel.core"
local run = require "exotel.sip.run"
local sip_core = require "exotel.sip.core"

local M = {}

-- UDP -----------------------------------------------------------------------------------------------------------------

local Datagram = { is_datagram = true }
Datagram.__index = Datagram

function Datagram:sender() return self.socket:sender() end
function Datagram:send(text) return self.socket:send(text) end
function Datagram:close() self.socket:close() end

function Datagram:receive()
  local text, message, reason = self.socket:receive()
  if message then return nil, message, reason end
  return text or ""
end

--- connection.datagram(target) → connection, or nil, message, reason
function M.datagram(target)
  local socket, message, reason = sip_core.datagram(target.address, target.port)
  if not socket then return nil, message, reason end
  return setmetatable({ socket = socket }, Datagram)
end

--- connection.has_route(target) → whether this machine has a route to such an address at all; nothing is sent
function M.has_route(target)
  local socket, _, reason = sip_core.datagram(target.address, target.port)
  if socket then socket:close() end
  return reason ~= "no_route"
end

-- TCP and TLS ---------------------------------------------------------------------------------------------------------

local Stream = { is_datagram = false }
Stream.__index = Stream

function Stream:sender() return self.socket:sender() end
function Stream:close() self.socket:close() end

function Stream:receive()
  local text = self.socket:receive()
  if not text then return nil, "it closed the connection", "closed" end
  return text
end

-- A request is short: what doesn't fit at once is a connection that has come to a stop.
function Stream:send(text)
  if self.socket:send(text) == #text then return true end
  return nil, "the connection broke", "closed"
end

--- connection.stream(target, options) → connection (nil when it can't be made), outcome { kind, message, connected,
-- tcp_seconds, seconds }, as stream:poll has it. `target`: { address (in brackets for IPv6), port }; `options`: {
-- name, verify, ca_file, timeout }, name nil for TCP.
function M.stream(target, options)
  local socket, message = core.stream(target.address, target.port, options.timeout, options.name, options.verify,
    options.ca_file)
  if not socket then return nil, { kind = "config", message = message, tcp_seconds = 0, seconds = 0 } end
  -- libcurl keeps the time itself.
  local outcome = run.until_true(socket, math.huge, function() return socket:poll() end)
  if not outcome.kind then return setmetatable({ socket = socket }, Stream), outcome end
  socket:close()
  return nil, outcome
end

--- The certificate of a connection by tls, as exotel.sip.certificate reads it; nil where there is none.
function Stream:certificate() return self.socket:certificate() end

return M
