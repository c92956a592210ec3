-- exotel.sip: lua/exotel/sip, csrc/exotel/sip, and connections for it.
local address = "lua/exotel/sip/address.lua"
local command = "lua/exotel/cli/sip_test.lua"
local doctor = "lua/exotel/cli/commands/doctor/trunk.lua"
local certificate = "lua/exotel/sip/certificate.lua"
local exchange = "lua/exotel/sip/exchange.lua"
local locate = "lua/exotel/sip/locate.lua"
local message = "csrc/exotel/sip/message.c"
local request = "lua/exotel/sip/request.lua"
local resolver = "csrc/exotel/sip/resolver.c"
local run = "lua/exotel/sip/run.lua"
local socket = "csrc/lua/socket.c"
local sip = "lua/exotel/sip.lua"
local stream = "csrc/exotel/transport/curl_stream.c"
local uri = "lua/exotel/sip/uri.lua"

return {
  { file = message, as_is = "digits.start[0] > '6'", wrong = "digits.start[0] > '9'", why = "700 is taken for a status" },
  { file = message, as_is = "if (length > EXO_SIP_BODY_MAX) return", wrong = "if (length > 16 * EXO_SIP_BODY_MAX) return", why = "a body of a MiB is waited for" },
  { file = message, as_is = "if (h->content_length < 0 && !datagram) return bad(message, \"its answer has no Content-Length\");", wrong = "", why = "what follows a message is taken for its body" },
  { file = message, as_is = "return once(&h->cseq) && read_cseq(message, value);", wrong = "return read_cseq(message, value);", why = "two CSeq are taken" },
  { file = message, as_is = "    if (once(&h->via)) message->branch = branch_of(value);", wrong = "    message->branch = branch_of(value);", why = "the branch is that of another Via" },
  { file = message, as_is = "else if (!quoted && *c->at == ',') return false;", wrong = "", why = "the branch is that of another Via" },
  { file = message, as_is = "if (count == HEADERS_MAX) return", wrong = "if (count == 100 * HEADERS_MAX) return", why = "headers without end" },
  { file = message, as_is = "begins_with(bytes, length, \"SSH-\")", wrong = "begins_with(bytes, length, \"SSL-\")", why = "SSH is not named" },
  { file = resolver, as_is = "if (a->priority != b->priority) return a->priority < b->priority ? -1 : 1;", wrong = "", why = "servers in another order" },
  { file = resolver, as_is = "return a->weight > b->weight ? -1 : 1;", wrong = "return a->weight < b->weight ? -1 : 1;", why = "servers in another order" },
  { file = socket, as_is = "lua_pushinteger(L, waits_for[i].events);", wrong = "lua_pushinteger(L, 0);", why = "a wait sees nothing of what happens" },
  { file = socket, as_is = "int length = (int)lua_rawlen(L, 2);", wrong = "int length = 0;", why = "only one socket of several is waited for" },
  { file = stream, as_is = "TRY(CURLOPT_SSL_VERIFYPEER, target->verify ? 1L : 0L);", wrong = "TRY(CURLOPT_SSL_VERIFYPEER, 0L);", why = "any issuer is trusted" },
  { file = stream, as_is = "TRY(CURLOPT_SSL_VERIFYHOST, target->verify ? 2L : 0L);", wrong = "TRY(CURLOPT_SSL_VERIFYHOST, 0L);", why = "any name is trusted" },
  { file = stream, as_is = "TRY(CURLOPT_CONNECTTIMEOUT_MS, (long)(target->timeout * 1000) + 1);", wrong = "", why = "five minutes for a connection" },
  { file = request, as_is = "message.branch == self.branch and ", wrong = "", why = "an answer to another request counts" },
  { file = request, as_is = "message.call_id == self.call_id and ", wrong = "", why = "an answer to another request counts" },
  { file = request, as_is = " and message.cseq == 1", wrong = "", why = "an answer to another request counts" },
  { file = request, as_is = "    and message.method == \"OPTIONS\"\n", wrong = "", why = "an answer to another request counts" },
  { file = exchange, as_is = "elseif message.status < 200 then", wrong = "elseif message.status < 100 then", why = "100 Trying counts as an answer" },
  { file = exchange, as_is = "if not self.connection.is_datagram or now < self.again_at", wrong = "if now < self.again_at", why = "a request is repeated over TCP" },
  { file = exchange, as_is = "self.interval = math.min(self.interval * 2, T2)", wrong = "self.interval = math.min(self.interval, T2)", why = "the timer doesn't double" },
  { file = exchange, as_is = "  return #self.buffer <= MOST\n", wrong = "  return true\n", why = "memory without bound", equivalent = "a message is refused beyond 128 KiB, and requests are taken out of the buffer" },
  { file = locate, as_is = "if uri.port or not find_servers", wrong = "if not find_servers", why = "SRV is asked for where a port is given" },
  { file = locate, as_is = "    if state ~= \"none\" then return true end\n", wrong = "    if state == \"found\" then return true end\n", why = "a name server that fails passes for a domain without SRV" },
  { file = locate, as_is = "  if place.seen[key] then return end\n", wrong = "", why = "an address is tried twice" },
  { file = locate, as_is = "record.name == \".\" or record.name == \"\"", wrong = "record.name == \"..\"", why = "that there is no service is a name that isn't found" },
  { file = certificate, as_is = "  local y = month <= 2 and year - 1 or year\n", wrong = "  local y = year\n", why = "dates in January and February are a year off" },
  { file = address, as_is = "  if made and not test.verify then", wrong = "  if made then", why = "a certificate that isn't trusted is" },
  { file = address, as_is = "name = test.server_name or uris.bracketed(uri.host)", wrong = "name = result.target.host", why = "the name that SRV leads to is verified" },
  { file = run, as_is = "if self.strategy.blocks then block(self)", wrong = "if true then block(self)", why = "a scheduler is blocked" },
  { file = uri, as_is = "uri.transport = uri.scheme == \"sips\" and \"tls\" or transport", wrong = "uri.transport = transport", why = "sips by TCP in clear text" },
  { file = uri, as_is = "or part:find(\"^0%d\") then", wrong = "then", why = "010 is 8 to some, and 10 to others" },
  { file = command, as_is = "return good == #reports and errors.status.done or errors.status.failed", wrong = "return errors.status.done", why = "status 0 though one doesn't answer" },
  { file = command, as_is = "return how ~= \"sid\" and how ~= \"name\" and text", wrong = "return text", why = "a trunk's sid is taken for a URI" },
  { file = command, as_is = "    if is_uri(text) then errors.assert(sip.check(text)) end\n", wrong = "", why = "a malformed URI is found after requests" },
  { file = command, as_is = "  sleep = signals.sleep, timeout", wrong = "  timeout", why = "Ctrl-C ends no wait" },
  { file = doctor, as_is = "warning.rule == \"ip_missing\" and warning.ids", wrong = "warning.ids", why = "a destination of another form passes for one that is not whitelisted" },
  { file = doctor, as_is = "mask = tonumber(item.mask)", wrong = "mask = 32", why = "a range whitelists only its first address" },
  { file = sip, as_is = "  if not (entry.answers or entry.skipped) then report.answers = false end\n", wrong = "", why = "one address that answers is enough" },
  { file = sip, as_is = "report.answers = report.answers and report.response ~= nil", wrong = "report.answers = report.answers", why = "nothing tried is an answer" },
}
