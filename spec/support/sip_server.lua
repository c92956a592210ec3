--- sip_server.pl and dns_server.pl in processes of their own.
local child = require "spec.support.child"
local hex = require "spec.support.hex"

local Server = {}
Server.__index = Server

local sip_server = {}

local function launch(command, text)
  local self = setmetatable({ script = child.write(text) }, Server)
  self.pipe = assert(io.popen(("exec env -u LD_PRELOAD perl spec/support/%s %s"):format(command, self.script)))
  local port, pid = self.pipe:read("*l"):match("^listening (%d+) (%d+)$")
  self.port, self.pid = tonumber(port), tonumber(pid)
  return self
end

--- sip_server.start("udp" or "tcp", { { "reply", text }, … } [, address]) → a server; what there is to do is told in
-- sip_server.pl. Fields: port.
function sip_server.start(transport, script, address)
  local lines = {}
  for i, action in ipairs(script) do
    local words = { action[1] }
    for j = 2, #action do words[j] = hex.encode(action[j]) end
    lines[i] = table.concat(words, " ")
  end
  return launch(("sip_server.pl %s %s"):format(transport, address or "127.0.0.1"), table.concat(lines, "\n") .. "\n")
end

--- sip_server.dns(zone) → a name server; its lines are told in dns_server.pl. Fields: port, address ("127.0.0.1:PORT").
function sip_server.dns(zone)
  local self = launch("dns_server.pl", zone)
  self.address = "127.0.0.1:" .. self.port
  return self
end

--- Ends it. → the requests that it got, or what it was asked
function Server:stop()
  if self.requests then return self.requests end
  os.execute("kill " .. self.pid)
  self.requests = {}
  for line in self.pipe:lines() do
    local text = line:match("^request (.*)$")
    self.requests[#self.requests + 1] = text and hex.decode(text) or line
  end
  self.pipe:close()
  os.remove(self.script)
  return self.requests
end

--- An answer that fits its request, with a status line and further headers.
function sip_server.answer(status_line, more, body)
  return ("SIP/2.0 %s\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to};tag=x\r\nCall-ID: {call-id}\r\nCSeq: {cseq}\r\n%s"
    .. "Content-Length: %d\r\n\r\n%s"):format(status_line, more or "", #(body or ""), body or "")
end

return sip_server
