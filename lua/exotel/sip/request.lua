--- The request OPTIONS, as RFC 3261 (8.1.1, 11.1) has it.
local core = require "exotel.core"
local uris = require "exotel.sip.uri"

local M = {}

-- Begins the branch of every request by RFC 3261.
local COOKIE = "z9hG4bK"

local LINES = table.concat({
  "OPTIONS %s SIP/2.0",
  "Via: SIP/2.0/%s %s;rport;branch=%s",
  "Max-Forwards: 70",
  "From: <%s>;tag=%s",
  "To: <%s>",
  "Call-ID: %s",
  "CSeq: 1 OPTIONS",
  "Contact: <sip:exotel@%s;transport=%s>",
  "Accept: application/sdp",
  "User-Agent: exotel-lua/%s",
  "Content-Length: 0",
  "", "",
}, "\r\n")

-- A URI as it stands in To: without port and parameters.
local function address_of_record(uri)
  return uri.scheme .. ":" .. (uri.user and uri.user .. "@" or "") .. uris.bracketed(uri.host)
end

--- request.new(uri, transport, address, port, from) → { text, branch, call_id }. `address`, `port`: where it is sent
-- from; `from`: a URI of From, or nil.
function M.new(uri, transport, address, port, from)
  local sender = uris.bracketed(address) .. ":" .. port
  local self = { branch = COOKIE .. core.token(), call_id = core.token() .. "@" .. uris.bracketed(address) }
  self.text = LINES:format(uri.text, transport:upper(), sender, self.branch,
    from or "sip:exotel@" .. uris.bracketed(address), core.token(), address_of_record(uri), self.call_id, sender,
    transport, core.version)
  return self
end

--- request.answers(self, message) → whether a message that was read is an answer to it
function M.answers(self, message)
  return message.status and message.branch == self.branch and message.call_id == self.call_id and message.cseq == 1
    and message.method == "OPTIONS"
end

return M
