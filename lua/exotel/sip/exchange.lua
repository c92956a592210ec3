--- Sends a request and waits for its final answer.
local core = require "exotel.core"
local request = require "exotel.sip.request"
local run = require "exotel.sip.run"
local sip_core = require "exotel.sip.core"

-- RFC 3261, 17.1.2.2: over UDP a request is sent again after T1 seconds, then after twice as long, at most T2; and
-- after T2 once a provisional answer has come.
local T1, T2 = 0.5, 4

-- Bytes kept of a stream: the largest message, and what came with its end.
local MOST = 256 * 1024

local Exchange = {}
Exchange.__index = Exchange

local M = {}

-- Sending -------------------------------------------------------------------------------------------------------------

local function send(self)
  local good, message, reason = self.connection:send(self.request.text)
  if good then
    self.sent = self.sent + 1
    return true
  end
  self.message, self.reason = message, reason or "broken"
  return false
end

local function send_again_if_due(self)
  local now = core.now()
  if not self.connection.is_datagram or now < self.again_at then return true end
  self.interval = math.min(self.interval * 2, T2)
  self.again_at = now + self.interval
  return send(self)
end

-- Receiving -----------------------------------------------------------------------------------------------------------

-- What is no answer to this request is noted, for when none comes.
local function take_message(self, message)
  if not request.answers(self.request, message) then
    self.stranger = "what it sent is no answer to this request"
  elseif message.status < 200 then
    self.provisional = ("only %d %s came"):format(message.status, message.reason)
    self.interval = T2
    self.again_at = core.now() + T2
  else
    self.answer = message
  end
end

local function take_datagram(self, text)
  local message, complaint = sip_core.read(text, true)
  if message then take_message(self, message) else self.stranger = complaint end
end

-- → false when it is no SIP
local function take_bytes(self, text)
  self.buffer = self.buffer .. text
  while not self.answer do
    local message, complaint = sip_core.read(self.buffer, false)
    if complaint then
      self.message, self.reason = complaint, "no_sip"
      return false
    end
    if not message then break end
    self.buffer = self.buffer:sub(message.length + 1)
    take_message(self, message)
  end
  return #self.buffer <= MOST
end

-- → whether to go on; whether there may be more at once
local function receive(self)
  local text, message, reason = self.connection:receive()
  if not text then
    self.message, self.reason = message, reason or "broken"
    return false
  end
  if text == "" then return true, false end
  if not self.connection.is_datagram then return take_bytes(self, text), true end
  take_datagram(self, text)
  return true, true
end

-- All of it -----------------------------------------------------------------------------------------------------------

local function failure(self)
  if self.reason then return nil, self.message, self.reason end
  if self.stranger then return nil, self.stranger, "no_sip" end
  return nil, self.provisional and self.provisional .. ", and no final answer in time" or "no answer in time", "timeout"
end

local function next_look(self, deadline, more)
  if more then return 0 end
  return self.connection.is_datagram and math.min(deadline, self.again_at) or deadline
end

--- exchange.run(connection, request, deadline) → the final answer, as sip_core.read has it; or nil, a message, and
-- "timeout", "no_sip", "refused", "closed" or "broken". Both times followed by how often the request was sent.
function M.run(connection, to_send, deadline)
  local self = setmetatable({
    connection = connection, request = to_send, buffer = "", sent = 0, interval = T1, again_at = core.now() + T1,
  }, Exchange)
  local goes_on, more = send(self), false
  while goes_on and not self.answer and core.now() < deadline do
    run.wait(connection.socket, next_look(self, deadline, more))
    goes_on, more = receive(self)
    if goes_on and not self.answer then goes_on = send_again_if_due(self) end
  end
  if self.answer then return self.answer, nil, nil, self.sent end
  local _, message, reason = failure(self)
  return nil, message, reason, self.sent
end

return M
