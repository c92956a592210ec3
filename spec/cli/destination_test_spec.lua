-- exotel destination test, and exotel doctor TRUNK.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"
local sip_server = require "spec.support.sip_server"

local OK = sip_server.answer("200 OK", "Server: test/1\r\nAllow: INVITE, ACK\r\n")

describe("exotel destination test", function()
  local sb, server, dns

  setup(function() sb = assert(sandbox.start()) end)
  teardown(function() sb:stop() end)
  before_each(function() server = sip_server.start("udp", { { "reply", OK } }) end)
  after_each(function()
    server:stop()
    if dns then dns:stop() end
    dns = nil
  end)

  -- A trunk with destinations that may break the service's rules.
  local function put(name, uris, ips)
    local destinations = {}
    for i, uri in ipairs(uris) do destinations[i] = { destination = uri } end
    return sb:put { trunk_name = name, destinations = destinations, ips = ips }
  end

  -- What was printed, without times and ports.
  local function without_times(text)
    return (text:gsub(" +%d+%.%d%d%d s", " T s"):gsub(" in %d+%.%d%d s", " in T s"):gsub(tostring(server.port), "PORT"))
  end

  local function good_lines(uri)
    return uri .. [[  answers
  ok     resolve T s  an address
  ok     connect T s  127.0.0.1 port PORT by udp: UDP has no connections: only an answer shows that somebody is there
  ok     options T s  200 OK, from test/1
]]
  end

  local BAD_LINES = [[
127.0.0.1:9  does NOT answer as it should
  ok     resolve T s  an address
  ok     connect T s  127.0.0.1 port 9 by udp: UDP has no connections: only an answer shows that somebody is there
  WRONG  options T s  Connection refused
                  -> nothing listens on UDP port 9 there: check port and transport, and that the server runs and listens on this address
]]

  it("needs no account for a URI", function()
    local uri = "127.0.0.1:" .. server.port
    local result = command.run({}, "destination test " .. uri):says(0, nil, "")
    assert.equal(good_lines("127.0.0.1:PORT"), without_times(result.out))
    result = command.run({}, "destination test sip:" .. uri .. " 127.0.0.1:9"):says(1, nil, "")
    assert.equal(good_lines("sip:127.0.0.1:PORT") .. BAD_LINES .. "1 of 2 answer\n", without_times(result.out))
    command.run({}, "destination test --quiet " .. uri):says(0, "", "")
    result = command.run({}, "destination test --quiet 127.0.0.1:9 " .. uri):says(1, nil, "")
    assert.equal(BAD_LINES:gsub("  ok[^\n]*\n", ""), without_times(result.out))
  end)

  it("advises in its own words, and exotel doctor in words that are true there", function()
    local unknown, other = assert(sandbox.start { tls = true }), assert(sandbox.start { tls = { name = "pbx.example" } })
    local function uri(of) return ("127.0.0.1:%d;transport=tls"):format(of.port) end
    local function advised(account, arguments, advice, env)
      local result = command.run(account, arguments, { env = env }):says(1, nil, "")
      assert.truthy(result.out:find(advice, 1, true), result.out)
    end
    advised({}, ("destination test '%s'"):format(uri(unknown)), "or name a private issuer (--ca-file)\n")
    advised({}, ("destination test --json '%s'"):format(uri(unknown)), 'or name a private issuer (--ca-file)"')
    advised({}, ("destination test '%s' --ca-file %s"):format(uri(other), other.ca_file), "(--server-name tries another)\n")
    put("private", { "sip:" .. uri(unknown) })
    put("renamed", { "sip:" .. uri(other) })
    advised(sb, "doctor private", "or name a private issuer (EXOTEL_CA_FILE)\n")
    advised(sb, "doctor renamed", "(`exotel destination test --server-name` tries another)\n", { EXOTEL_CA_FILE = other.ca_file })
    unknown:stop()
    other:stop()
  end)

  it("says more with --verbose", function()
    local result = command.run({}, "destination test -v 127.0.0.1:" .. server.port):says(0, nil, "")
    assert.equal(good_lines("127.0.0.1:PORT") .. (" "):rep(18) .. "127.0.0.1: Allow: INVITE, ACK\n", without_times(result.out))
  end)

  it("speaks JSON", function()
    local list = json.decode(command.run({}, "destination test --json sip:h.invalid. sip:127.0.0.1:" .. server.port):says(64).err).error
    assert.equal("invalid_argument", list.kind)
    list = json.decode(command.run({}, "destination test --json 127.0.0.1:9 sip:127.0.0.1:" .. server.port):says(1, nil, "").out)
    assert.equal(2, #list)
    assert.same({ false, true }, { list[1].answers, list[2].answers })
    assert.same({ status = 200, reason = "OK", user_agent = "test/1", allow = "INVITE, ACK" }, list[2].response)
    assert.equal("options", list[1].steps[3].step)
    local out = command.run({}, "destination test --json --name-server 127.0.0.1:9 sip:pbx.test:1"):says(1, nil, "").out
    assert.truthy(out:find('"addresses": []', 1, true), out)
  end)

  it("tests all destinations of a trunk", function()
    put("pbx", { "sip:127.0.0.1:" .. server.port, "sip:127.0.0.1:9", "sip:nonsense:0" })
    local result = command.run(sb, "destination test pbx"):says(1, nil, "")
    assert.truthy(result.out:find("1 of 3 answer\n$"), result.out)
    assert.truthy(result.out:find("WRONG  resolve[^\n]*the URI must be sip:HOST:PORT"), result.out)
    local list = json.decode(command.run(sb, "destination test --json pbx 127.0.0.1:" .. server.port):says(1, nil, "").out)
    assert.equal(4, #list)
    assert.same({ "pbx", "pbx", "pbx" }, { list[1].trunk_name, list[2].trunk_name, list[3].trunk_name })
    assert.is_nil(list[4].trunk_name)
    for _, request in ipairs(sb:requests()) do assert.equal("GET", request.method) end
  end)

  it("takes a trunk by its sid or its name, as everywhere", function()
    local trunk = put("byname", { "sip:127.0.0.1:" .. server.port })
    for _, name in ipairs { "sid:" .. trunk.trunk_sid, trunk.trunk_sid, "name:byname" } do
      command.run(sb, "destination test " .. name):says(0, nil, "")
    end
  end)

  it("refuses what it can't test, before it tests anything", function()
    put("empty", {})
    local uri = " 127.0.0.1:" .. server.port
    for arguments, expected in pairs {
      ["sip:h:0" .. uri] = { 64, "exotel: uri must be sip:HOST:PORT;transport=tls, tcp or udp, as in sip:44.248.146.11:5061;transport=tls\n" },
      ["nobody" .. uri] = { 1, 'exotel: no trunk is called "nobody"; `exotel trunk list` shows those there are\n' },
      ["empty" .. uri] = { 1, "exotel: empty has no destinations: there is nothing to test\n" },
      ["--timeout 0" .. uri] = { 64, "exotel: --timeout takes a whole number of seconds, at least 1\n" },
      ["--name-server ns.test" .. uri] = { 64, "exotel: --name-server must be addresses, with commas between\n" },
      ["--server-name a/b" .. uri] = { 64, "exotel: --server-name must be a host's name\n" },
      ["--from 'a b'" .. uri] = { 64, "exotel: --from must be a SIP URI\n" },
      ["''" .. uri] = { 64, "exotel: the trunk's name is empty; sid:SID names one that has no name\n" },
      [""] = { 64 },
    } do
      local result = command.run(sb, "destination test " .. arguments):says(expected[1], "", expected[2])
      assert.is_string(result.err)
    end
    assert.same({}, server:stop())
  end)

  it("shows colours to a terminal", function()
    local out = command.at_terminal({}, "destination test 127.0.0.1:9 127.0.0.1:" .. server.port, nil, { env = { COLUMNS = "80" } }):says(1).out
    assert.truthy(out:find("  \27[31mdoes NOT answer as it should\27[0m\n", 1, true), out)
    assert.truthy(out:find("  \27[31mWRONG\27[0m  options", 1, true), out)
    assert.truthy(out:find("\n" .. (" "):rep(18) .. "-> nothing listens on UDP port 9 there: check port and\n" .. (" "):rep(21) .. "transport,", 1, true), out)
    assert.truthy(out:find("  \27[32manswers\27[0m\n  \27[32mok\27[0m     resolve", 1, true), out)
  end)

  it("ends without a word when nobody reads on", function()
    local result = command.run({}, "", { shell = "EXOTEL destination test 127.0.0.1:9 | true; echo ${PIPESTATUS[0]}" })
    assert.truthy(result.out == "1\n" or result.out == "141\n", result.out)
    assert.equal("", result.err)
  end)

  it("asks the name server that it is told", function()
    dns = sip_server.dns("_sip._udp.pbx.test SRV 1 1 " .. server.port .. " a.test\na.test A 127.0.0.1\n")
    local result = command.run({}, "destination test sip:pbx.test --name-server " .. dns.address):says(0, nil, "")
    assert.truthy(result.out:find("ok     resolve  [ %d.]+ s  _sip._udp.pbx.test: 1 server, a.test is 127.0.0.1\n"), result.out)
  end)

  it("shows no terminal what a server would do to it", function()
    server:stop()
    server = sip_server.start("udp", { { "reply", sip_server.answer("200 \194\155OK\226\128\174", "Server: \194\155x\226\128\174\r\n\tfolded\xff\r\nAllow: \194\155[2J\r\n") } })
    local out = command.run({}, "destination test -v 127.0.0.1:" .. server.port):says(0, nil, "").out
    assert.is_nil(out:find("[\194\155\255]") and out:find("\194\155", 1, true))
    assert.is_nil(out:find("\226\128\174", 1, true))
    assert.truthy(out:find("from \\u{009B}x\\u{202E} folded\\xFF\n", 1, true), out)
    assert.truthy(out:find("Allow: \\u{009B}[2J", 1, true), out)
    local list = json.decode(command.run({}, "destination test --json 127.0.0.1:" .. server.port):says(0, nil, "").out)
    assert.is_true(list[1].answers)
  end)

  it("ends by Ctrl-C while it waits", function()
    server:stop()
    server = sip_server.start("udp", { { "silent" } })
    local running = command.start({}, "destination test --timeout 15 127.0.0.1:" .. server.port)
    local first = server.pipe:read("*l") -- the request: it waits now
    assert.truthy(first:find("^request "))
    running:signal("INT")
    local result = running:finish()
    assert.equal(130, result.status)
    assert.equal("exotel: interrupted: nothing was changed\n", result.err)
  end)

  describe("exotel doctor TRUNK", function()
    it("puts the destinations beside the account", function()
      put("good", { "sip:127.0.0.1:" .. server.port }, { { ip = "127.0.0.0", mask = 16 } })
      local out = without_times(command.run(sb, "doctor good"):says(0, nil, "").out)
      assert.truthy(out:find("\nok     credentials  good\n", 1, true), out)
      assert.truthy(out:find("\nok     trunk        good %(%w+%)\nok     whitelist    1 IP\nok     destination  sip:127%.0%.0%.1:PORT answers 200 OK in T s\n$"), out)
    end)

    it("says which is on an IP that is not whitelisted", function()
      put("else", { "sip:127.0.0.1:" .. server.port, "sip:pbx.invalid:5060", "nonsense" }, { { ip = "127.1.0.0", mask = 16 } })
      local out = without_times(command.run(sb, "doctor else"):says(1, nil, "").out)
      assert.truthy(out:find("\nWRONG  whitelist    sip:127.0.0.1:PORT is on an IP that is not whitelisted\n       -> exotel ip add: ", 1, true), out)
      assert.equal(1, select(2, out:gsub("whitelist  ", "")))
      assert.truthy(out:find("\nok     destination  sip:127.0.0.1:PORT answers 200 OK in T s\n", 1, true), out)
      assert.truthy(out:find("\nWRONG  destination  nonsense: resolve: ", 1, true), out)
    end)

    it("says what is wrong with each", function()
      put("bad", { "sip:127.0.0.1:9" })
      local out = command.run(sb, "doctor bad"):says(1, nil, "").out
      assert.truthy(out:find("\nWRONG  destination  sip:127.0.0.1:9: options: Connection refused\n       -> nothing listens on UDP port 9 there", 1, true), out)
      local found = json.decode(command.run(sb, "doctor bad --json"):says(1, nil, "").out)
      assert.is_false(found.ok)
      assert.equal(1, #found.destinations)
      assert.is_false(found.destinations[1].answers)
      assert.equal("destination", found.checks[#found.checks].name)
    end)

    it("says that there is no such trunk, or nothing in it", function()
      put("bare", {})
      assert.truthy(command.run(sb, "doctor bare"):says(1, nil, "").out:find("\nWRONG  destination  there is none\n       -> inbound calls lead nowhere: exotel destination add\n", 1, true))
      assert.truthy(command.run(sb, "doctor nobody"):says(1, nil, "").out:find('\nWRONG  trunk        no trunk is called "nobody"', 1, true))
    end)

    it("tests nothing where the account is wrong", function()
      local out = command.run({}, "doctor out"):says(1, nil, "").out
      assert.is_nil(out:find("destination", 1, true))
    end)
  end)
end)
