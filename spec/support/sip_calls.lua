--- Calls for sipp that are not answered; those that are stand in examples/kamailio. Each is the text of a scenario.
local sip_calls = {}

-- A request of the call: @METHOD@, with @BRANCH@ as the INVITE had it or a new one, and @TAG@ of the answer.
local REQUEST = [[
    @METHOD@ sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=@BRANCH@
    From: <sip:exotel@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>@TAG@
    Call-ID: [call_id]
    CSeq: 1 @METHOD@
    Contact: <sip:exotel@[local_ip]:[local_port]>
    Max-Forwards: 70
    Content-Length: 0
]]

local function send(method, branch, options)
  local values = { METHOD = method, BRANCH = branch, TAG = method == "ACK" and "[peer_tag_param]" or "" }
  return ("<send%s><![CDATA[\n%s\n]]></send>\n"):format(options or "", (REQUEST:gsub("@([A-Z]+)@", values)))
end

local RETRANSMIT = ' retrans="500"'

local function scenario(name, ...)
  return ('<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="%s">\n%s</scenario>\n'):format(name, table.concat { ... })
end

--- One that is to be answered by a final status.
function sip_calls.refused(status)
  return scenario("refused", send("INVITE", "[branch]", RETRANSMIT), '<recv response="100" optional="true"/>\n',
    ('<recv response="%d" timeout="10000"/>\n'):format(status), send("ACK", "[branch]"))
end

--- One that is given up after half a second.
sip_calls.cancelled = scenario("cancelled", send("INVITE", "[branch]", RETRANSMIT), '<recv response="100"/>\n',
  '<pause milliseconds="500"/>\n', send("CANCEL", "[branch-3]", RETRANSMIT),
  '<recv response="200" optional="true"/>\n<recv response="487" timeout="5000"/>\n', send("ACK", "[branch-6]"))

return sip_calls
