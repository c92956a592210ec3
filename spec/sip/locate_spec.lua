-- Where exotel.sip finds servers: SRV, A and AAAA, against a name server of the test's own.
local child = require "spec.support.child"
local core = require "exotel.core"
local sip = require "exotel.sip"
local sip_server = require "spec.support.sip_server"

local OK = sip_server.answer("200 OK")

describe("exotel.sip finds servers", function()
  local dns, udp, tcp

  setup(function()
    udp = sip_server.start("udp", { { "reply", OK } })
    tcp = sip_server.start("tcp", { { "reply", OK } })
  end)
  teardown(function()
    udp:stop()
    tcp:stop()
  end)
  after_each(function()
    if dns then dns:stop() end
    dns = nil
  end)

  -- Tests a URI with a zone. UDP and TCP in it stand for the ports of the two servers.
  local function test(zone, uri, options)
    local ports = { UDP = udp.port, TCP = tcp.port }
    local function fill(text) return (text:gsub("%u%u%u%f[^%u]", ports)) end
    if dns then dns:stop() end
    dns = sip_server.dns(fill(zone))
    options = options or {}
    options.name_servers = dns.address
    return assert(sip.test(fill(uri), options))
  end

  local function places(report)
    local list = {}
    for i, a in ipairs(report.addresses) do list[i] = ("%s %s:%d %s"):format(a.transport, a.address, a.port, a.host) end
    return table.concat(list, ", ")
  end

  it("by A where a port is given, without asking for SRV", function()
    local report = test("pbx.test A 127.0.0.1", "sip:PBX.test:UDP")
    assert.is_true(report.answers)
    assert.equal(("udp 127.0.0.1:%d pbx.test"):format(udp.port), places(report))
    assert.equal("pbx.test is 127.0.0.1", report.steps[1].text)
    local asked = dns:stop()
    table.sort(asked)
    assert.same({ "pbx.test A udp", "pbx.test AAAA udp" }, asked)
  end)

  it("by the SRV of the transport, and only by that", function()
    for uri, expected in pairs {
      ["sip:v.test;transport=tcp"] = "_sip._tcp.v.test", ["sip:v.test;transport=udp"] = "_sip._udp.v.test",
      ["sip:v.test;transport=tls"] = "_sips._tcp.v.test", ["sips:v.test"] = "_sips._tcp.v.test",
      ["sips:v.test;transport=tcp"] = "_sips._tcp.v.test",
    } do
      test(("%s SRV 1 1 UDP pbx.test\npbx.test A 127.0.0.1\n"):format(expected), uri, { timeout = 0.2 })
      local asked = dns:stop()
      assert.equal(expected .. " SRV udp", asked[1])
      assert.equal(3, #asked)
    end
  end)

  it("by the first of the three where no transport is given", function()
    local zone = "_sip._tcp.v.test SRV 1 1 TCP pbx.test\npbx.test A 127.0.0.1\n"
    assert.equal(("tcp 127.0.0.1:%d pbx.test"):format(tcp.port), places(test(zone, "sip:v.test")))
    assert.equal(("udp 127.0.0.1:%d pbx.test"):format(udp.port),
      places(test(zone .. "_sip._udp.v.test SRV 1 1 UDP pbx.test\n", "sip:v.test")))
  end)

  it("by A at the usual port where there is no SRV", function()
    local report = test("v.test A 127.0.0.1", "sip:v.test;transport=tcp", { timeout = 0.2 })
    assert.equal("tcp 127.0.0.1:5060 v.test", places(report))
    report = test("v.test A 127.0.0.1", "sips:v.test", { timeout = 0.2 })
    assert.equal("tls 127.0.0.1:5061 v.test", places(report))
  end)

  it("in the order of priority and weight", function()
    local report = test([[
      _sip._tcp.v.test SRV 20 50 TCP last.test
      _sip._tcp.v.test SRV 10 1 TCP second.test
      _sip._tcp.v.test SRV 10 9 TCP first.test
      first.test A 127.0.0.1
      second.test A 127.0.0.2
      last.test A 127.0.0.3
    ]], "sip:v.test;transport=tcp", { timeout = 0.5 })
    assert.equal(("tcp 127.0.0.1:%d first.test, tcp 127.0.0.2:%d second.test, tcp 127.0.0.3:%d last.test"):format(tcp.port, tcp.port,
      tcp.port), places(report))
    assert.equal("_sip._tcp.v.test: 3 servers, first.test is 127.0.0.1, second.test is 127.0.0.2, last.test is 127.0.0.3", report.steps[1].text)
  end)

  it("each once, however many names it has", function()
    local report = test([[
      _sip._udp.v.test SRV 1 0 UDP a.test
      _sip._udp.v.test SRV 2 0 UDP b.test
      a.test A 127.0.0.1
      b.test A 127.0.0.1
    ]], "sip:v.test")
    assert.is_true(report.answers)
    assert.equal(("udp 127.0.0.1:%d a.test"):format(udp.port), places(report))
  end)

  it("of which all have to answer", function()
    local report = test("pbx.test A 127.0.0.1\npbx.test A 127.0.0.2\n", "sip:pbx.test:TCP;transport=tcp")
    assert.is_false(report.answers)
    local answers = {}
    for _, a in ipairs(report.addresses) do answers[a.address] = a.answers end
    assert.same({ ["127.0.0.1"] = true, ["127.0.0.2"] = false }, answers)
    assert.equal(200, report.response.status)
  end)

  it("by an alias, and by TCP where an answer is too long", function()
    assert.is_true(test("pbx.test CNAME a.test\na.test A 127.0.0.1\n", "sip:pbx.test:UDP").answers)
    local report = test("pbx.test truncate\npbx.test A 127.0.0.1\n", "sip:pbx.test:UDP")
    assert.is_true(report.answers)
    local asked = table.concat(dns:stop(), ",")
    assert.truthy(asked:find("pbx.test A tcp", 1, true), asked)
  end)

  it("by IPv6", function()
    local six = sip_server.start("udp", { { "reply", OK } }, "::1")
    local report = test("pbx.test AAAA ::1", "sip:pbx.test:" .. six.port)
    six:stop()
    assert.is_true(report.answers)
    assert.same({ "::1", "IPv6" }, { report.addresses[1].address, report.addresses[1].family })
  end)

  it("and leaves IPv6 out on a machine that has none", function()
    dns = sip_server.dns("pbx.test A 127.0.0.1\npbx.test AAAA ::1\nsix.test AAAA ::1\n")
    local text = child.run([[
      local sip = require "exotel.sip"
      for _, name in ipairs { "pbx.test", "six.test" } do
        local report = assert(sip.test(("sip:%s:]]..udp.port..[["):format(name), { name_servers = "]]..dns.address..[[" }))
        print(name, report.answers)
        for _, a in ipairs(report.addresses) do print(a.address, a.answers, a.skipped) end
        print(report.steps[#report.steps].text)
      end
    ]], { LD_PRELOAD = (os.getenv("LD_PRELOAD") or "") .. " " .. child.module_path("spec.no_ipv6") })
    assert.equal("pbx.test\ttrue\n127.0.0.1\ttrue\tfalse\n::1\tfalse\ttrue\nleft out: this machine has no IPv6\n"
      .. "six.test\tfalse\n::1\tfalse\ttrue\nleft out: this machine has no IPv6\n", text)
  end)

  it("of many no more than 16", function()
    local lines = {}
    for i = 1, 40 do lines[i] = ("pbx.test A 127.0.1.%d"):format(i) end
    local report = test(table.concat(lines, "\n") .. "\n", "sip:pbx.test:9;transport=tcp", { timeout = 0.5 })
    assert.equal(16, #report.addresses)
    assert.truthy(report.steps[1].text:find("only 16 of the addresses are tried", 1, true), report.steps[1].text)
  end)

  -- The step of a resolution that failed.
  local function failure(zone, uri, timeout)
    local report = test(zone, uri, { timeout = timeout or 5 })
    assert.is_false(report.answers)
    local step = report.steps[#report.steps]
    assert.equal("resolve", step.step)
    assert.is_false(step.ok)
    assert.is_string(step.advice)
    assert.same({}, report.addresses)
    return step.text
  end

  it("nowhere, and says why", function()
    assert.equal("pbx.test: Domain name not found", failure("", "sip:pbx.test:5060"))
    assert.equal("pbx.test: Domain name not found", failure("", "sip:pbx.test"))
    assert.equal("_sip._tcp.v.test: there is no such service", failure("_sip._tcp.v.test SRV 0 0 0 .", "sip:v.test;transport=tcp"))
    assert.equal("gone.test: Domain name not found", failure("_sip._tcp.v.test SRV 0 0 TCP gone.test", "sip:v.test;transport=tcp"))
    assert.truthy(failure("pbx.test servfail", "sip:pbx.test:5060"):find("^pbx.test: "))
    assert.truthy(failure("_sip._udp.pbx.test servfail", "sip:pbx.test"):find("^_sip._udp.pbx.test: "))
    assert.truthy(failure("pbx.test garbage", "sip:pbx.test:5060", 0.5):find("^pbx.test: "))
    local began = core.now()
    assert.equal("pbx.test: no name server answered in time", failure("pbx.test silent", "sip:pbx.test:5060", 0.3))
    assert.is_true(core.now() - began < 3)
  end)

  it("and says which server of SRV has no address", function()
    local report = test("_sip._tcp.v.test SRV 1 0 TCP pbx.test\n_sip._tcp.v.test SRV 2 0 TCP gone.test\npbx.test A 127.0.0.1\n", "sip:v.test;transport=tcp")
    assert.is_false(report.answers)
    assert.equal(200, report.response.status)
    assert.is_true(report.steps[1].ok)
    assert.is_false(report.steps[2].ok)
    assert.equal("gone.test: Domain name not found", report.steps[2].text)
  end)

  it("without a name server for addresses and for this machine's own name", function()
    assert.is_true(assert(sip.test("sip:127.0.0.1:" .. udp.port)).answers)
    assert.is_true(assert(sip.test("sip:localhost:" .. udp.port)).addresses[1].answers)
  end)
end)
