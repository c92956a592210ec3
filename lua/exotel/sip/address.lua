--- The test of one address: connection, TLS, OPTIONS. Each step goes into `result.steps`.
local certificate = require "exotel.sip.certificate"
local connection = require "exotel.sip.connection"
local core = require "exotel.core"
local exchange = require "exotel.sip.exchange"
local request = require "exotel.sip.request"
local uris = require "exotel.sip.uri"

-- Days; a certificate that ends sooner is worth a word.
local SOON = 14

local M = {}

-- Steps ---------------------------------------------------------------------------------------------------------------

-- → step
local function add(result, name, seconds, text)
  local target = result.target
  local step = {
    step = name, ok = true, seconds = seconds, text = text, address = target.address, port = target.port,
    transport = target.transport,
  }
  result.steps[#result.steps + 1] = step
  return step
end

local function fail(result, name, seconds, text, advice)
  local step = add(result, name, seconds, text)
  step.ok, step.advice = false, advice
end

-- Connecting ----------------------------------------------------------------------------------------------------------

-- Port 5061 without a transport is mostly meant to be TLS.
local function port_hint(target)
  return target.port == 5061 and target.transport ~= "tls" and "; port 5061 is TLS's: is ;transport=tls missing?" or ""
end

local function place_name(target)
  return ("%s port %d"):format(target.transport == "udp" and "UDP" or "TCP", target.port)
end

local function connect_advice(target, message)
  if message:find("refused") then
    return ("nothing listens on %s there: check port and transport, and that the server runs and listens on this "
      .. "address%s"):format(place_name(target), port_hint(target))
  end
  return ("check the address and that the host is up, and let %s through its firewall%s"):format(place_name(target),
    port_hint(target))
end

local function datagram(result)
  local began = core.now()
  local made, message = connection.datagram(result.target)
  if made then
    add(result, "connect", core.now() - began, "UDP has no connections: only an answer shows that somebody is there")
    return made
  end
  fail(result, "connect", core.now() - began, message, connect_advice(result.target, message))
end

local function add_connected(result, outcome)
  if outcome.connected then
    add(result, "connect", outcome.tcp_seconds, "connected")
    return true
  end
  local text = outcome.system or outcome.kind == "timeout" and "no connection in time" or outcome.message
  local advice = outcome.kind ~= "config" and connect_advice(result.target, text) or nil
  fail(result, "connect", outcome.seconds, text, advice)
end

local function place_of(target) return { address = uris.bracketed(target.address), port = target.port } end

-- Seconds that a step may take which begins now.
local function time_left(test) return math.max(0.001, math.min(test.timeout, test.ends - core.now())) end

local function tcp(test, result)
  local made, outcome = connection.stream(place_of(result.target), { timeout = time_left(test) })
  if add_connected(result, outcome) then return made end
end

-- TLS -----------------------------------------------------------------------------------------------------------------

local function describe(found)
  local days = found.days_left
  local left = days == nil and "" or days < 0 and ", expired" or (", %d days left"):format(days)
  return ("%s, from %s%s"):format(found.name or "?", found.issuer or "?", left)
end

local TLS_ADVICE = {
  expired = "renew the certificate on the server, and have the server read the new one",
  name = "use a name that the certificate is for in the URI, or get one for this name (the option server_name "
    .. "tries another)",
  issuer = "get a certificate from an issuer that is trusted in general, with the intermediate certificates in the "
    .. "server's file; or name a private issuer (the option ca_file)",
  other = "check that this port speaks TLS 1.2 or newer, and doesn't ask for a client's certificate",
}

local function tls_advice(message)
  if message:find("expired") then return TLS_ADVICE.expired end
  if message:find("another name") then return TLS_ADVICE.name end
  return message:find("issuer") and TLS_ADVICE.issuer or TLS_ADVICE.other
end

local function take_certificate(result, made)
  result.certificate = certificate.read(made:certificate(), os.time())
  return result.certificate and describe(result.certificate)
end

local function add_trusted(result, made, outcome)
  local text = take_certificate(result, made) or "verified"
  local step = add(result, "tls", outcome.seconds - outcome.tcp_seconds, text)
  local days = result.certificate and result.certificate.days_left
  if days and days < SOON then step.advice = "renew the certificate before it ends" end
end

-- What is wrong with a certificate that is not trusted shows only in a second connection, which trusts any. It is used
-- on where the caller wants that.
local function look_untrusted(test, result, options, outcome)
  options.verify, options.timeout = false, time_left(test)
  local made = connection.stream(place_of(result.target), options)
  local seen = made and take_certificate(result, made)
  local text = outcome.message .. (seen and ": " .. seen or "")
  local seconds = outcome.seconds - outcome.tcp_seconds
  if made and not test.verify then
    add(result, "tls", seconds, text).advice = tls_advice(outcome.message)
    return made
  end
  if made then made:close() end
  fail(result, "tls", seconds, text, tls_advice(outcome.message))
end

local function tls(test, result, uri)
  local options = {
    timeout = time_left(test), verify = true, ca_file = test.ca_file,
    name = test.server_name or uris.bracketed(uri.host),
  }
  local made, outcome = connection.stream(place_of(result.target), options)
  if not add_connected(result, outcome) then return nil end
  if made then
    add_trusted(result, made, outcome)
    return made
  end
  if outcome.kind == "tls" then return look_untrusted(test, result, options, outcome) end
  local text = outcome.kind == "timeout" and "no TLS in time" or outcome.message
  fail(result, "tls", outcome.seconds - outcome.tcp_seconds, text, TLS_ADVICE.other)
end

-- OPTIONS -------------------------------------------------------------------------------------------------------------

local NO_ANSWER = {
  no_sip = "this port does not speak SIP by this transport: check port and transport",
  closed = "the server does not talk to this machine, or not by this transport: see its log",
  broken = "see the server's log",
}

local function answer_advice(target, reason)
  if reason == "refused" then return connect_advice(target, "refused") end
  if reason ~= "timeout" then return NO_ANSWER[reason] end
  if target.transport == "udp" then
    return ("check that the server runs and listens on UDP port %d, lets it through its firewall, and answers OPTIONS "
      .. "from this machine%s"):format(target.port, port_hint(target))
  end
  return "the server accepts connections and answers nothing: check that it answers OPTIONS from this machine"
end

-- A server that is there may say no: only these say that it can't work.
local STATUS_ADVICE = {
  [401] = "it answers, and asks for a password: let it take calls from Exotel's addresses without one",
  [403] = "it answers, and refuses this machine; check that it lets Exotel's addresses in",
  [407] = "it answers, and asks for a password: let it take calls from Exotel's addresses without one",
  [503] = "it answers that it is out of service or overloaded: see its log",
}

local function response_of(answer)
  return { status = answer.status, reason = answer.reason, user_agent = answer.software, allow = answer.allow }
end

local function describe_response(response)
  local software = response.user_agent and (", from %s"):format(response.user_agent) or ""
  return ("%d %s%s"):format(response.status, response.reason, software)
end

local function options(test, result, uri, made)
  local target, began = result.target, core.now()
  local address, port = made:sender()
  local to_send = request.new(uri, target.transport, address, port, test.from)
  local answer, message, reason, sent = exchange.run(made, to_send, began + time_left(test))
  local seconds = core.now() - began
  if not answer then return fail(result, "options", seconds, message, answer_advice(target, reason)) end
  result.response = response_of(answer)
  local step = add(result, "options", seconds, describe_response(result.response))
  step.advice, step.sent = STATUS_ADVICE[answer.status], sent
end

-- All of it -----------------------------------------------------------------------------------------------------------

local function connect(test, result, uri)
  if result.target.transport == "udp" then return datagram(result) end
  if result.target.transport == "tcp" then return tcp(test, result) end
  return tls(test, result, uri)
end

local function is_beyond_reach(target) return target.family == "IPv6" and not connection.has_route(target) end

--- address.test(test, uri, target) → { target, steps, certificate, response, skipped }. `test`: { timeout, ends (by
-- core.now), verify, ca_file, server_name, from }.
function M.test(test, uri, target)
  local result = { target = target, steps = {} }
  if is_beyond_reach(target) then
    result.skipped = true
    local step = add(result, "connect", 0, "left out: this machine has no IPv6")
    step.skipped, step.advice = true, "test it from a machine that has IPv6"
    return result
  end
  local made = connect(test, result, uri)
  if made then
    options(test, result, uri, made)
    made:close()
  end
  return result
end

return M
