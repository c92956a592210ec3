-- What exotel.sip takes, and what it says of the rest.
local errors = require "exotel.error"
local exotel = require "exotel"
local sip = require "exotel.sip"
local sip_core = require "exotel.sip.core"
local sip_server = require "spec.support.sip_server"

local function refused(field, uri, options)
  local report, err = sip.test(uri, options)
  assert.is_nil(report)
  assert.is_true(errors.is(err))
  assert.equal("invalid_argument", err.kind)
  assert.equal("sip.test", err.operation)
  assert.equal(field, err.field)
  return err.message
end

-- The error of a call, with this file's name before it.
local function raised(action)
  local good, reason = pcall(action)
  assert.is_false(good)
  return (tostring(reason):gsub("^.*arguments_spec%.lua:%d+: ", "here: "))
end

describe("exotel.sip", function()
  it("refuses what is no SIP URI", function()
    for _, uri in ipairs {
      "", "sip:", "sip:@", ":5060", "sip:h:", "sip:h:0", "sip:h:65536", "sip:h:05060", "sip:h:99999", "sip:h:5060x", "sip:h:-1",
      "sip:300.1.1.1:5060", "sip:1.2.3:5060", "sip:1.2.3.04", "sip:1.2.3.4.5", "sip:-h", "sip:h-", "sip:h..x", "sip:.h", "sip:h.", "sip:h_",
      "sip:[::1", "sip:[]:5060", "sip:[g::1]", "sip:::1:5060", "sip:a b", "<sip:h>", "sip:h\r\nVia: x", "sip:h\0", "sip:h\27[2J", "sip:h\9",
      "http://h/", "tel:+911140000000", "sip:u@", "sip:u v@h", "sip:h;", "sip:h;;lr", "sip:h;=x", "sip:" .. ("h"):rep(64),
      "sip:" .. ("h."):rep(200) .. "x", ("x"):rep(600), "sip:h;transport=ws", "sip:h;transport=sctp", "sip:h;transport=", "sip:h;maddr=1.2.3.4",
      "sips:h;transport=udp", "sip:h?subject=x", "sip:\195\164.de",
    } do
      assert.truthy(refused("uri", uri):find("^uri "), uri)
    end
    assert.equal("uri transport=ws is not known: udp, tcp and tls are", refused("uri", "sip:h;transport=ws"))
    local good, err = sip.check "sip:h;transport=ws"
    assert.is_nil(good)
    assert.equal("uri", err.field)
    assert.is_true(sip.check "44.248.146.11:5061;transport=tls")
  end)

  it("tests the others where one of many is malformed", function()
    local server = sip_server.start("udp", { { "reply", sip_server.answer("200 OK") } })
    local reports = assert(sip.test_all { "sip:h:0", "127.0.0.1:" .. server.port })
    server:stop()
    assert.is_false(reports[1].answers)
    assert.same({}, reports[1].addresses)
    assert.truthy(reports[1].steps[1].text:find("^the URI must be sip:HOST:PORT"))
    assert.is_true(reports[2].answers)
  end)

  it("refuses options of a wrong form", function()
    assert.equal("from must be a SIP URI", refused("from", "127.0.0.1", { from = "a b" }))
    assert.equal("server_name must be a host's name", refused("server_name", "127.0.0.1", { server_name = "a/b" }))
    assert.equal("name_servers must be addresses, with commas between", refused("name_servers", "127.0.0.1", { name_servers = "ns.test" }))
  end)

  it("raises for misuse, at the caller's line", function()
    assert.equal("here: a SIP URI must be a string, got nil", raised(function() sip.test() end))
    assert.equal("here: options must be a table, got string", raised(function() sip.test("h", "x") end))
    assert.equal("here: bad option 'tiemout' (unknown)", raised(function() sip.test("h", { tiemout = 1 }) end))
    assert.equal("here: bad option 'verify' (boolean expected)", raised(function() sip.test("h", { verify = "no" }) end))
    for _, seconds in ipairs { 0, -1, 0 / 0, math.huge } do
      assert.equal("here: bad option 'timeout' (seconds expected, above 0 and up to 3600)", raised(function() sip.test("h", { timeout = seconds }) end))
    end
    assert.equal("here: test_all takes a list of SIP URIs", raised(function() sip.test_all "h" end))
    assert.equal("here: SIP URI 2 must be a string, got number", raised(function() sip.test_all { "h", 1 } end))
    assert.equal("here: bad option 'x' (unknown)", raised(function() sip.test_all({}, { x = 1 }) end))
  end)

  it("takes a URI in any form, and passes it on as it is", function()
    local server = sip_server.start("udp", { { "reply", sip_server.answer("200 OK") } })
    local port = server.port
    for _, form in ipairs { "127.0.0.1:%d", "SIP:127.0.0.1:%d", "sip:bob@127.0.0.1:%d;lr", "sip:bob:x;p@127.0.0.1:%d;transport=UDP;user=phone" } do
      assert.is_true(assert(sip.test(form:format(port))).answers)
    end
    local requests = server:stop()
    local function first(i) return requests[i]:match("^OPTIONS (%S+) SIP/2%.0\r\n"), requests[i]:match("\r\nTo: <([^>]*)>") end
    assert.same({ ("sip:127.0.0.1:%d"):format(port), "sip:127.0.0.1" }, { first(1) })
    assert.same({ ("sip:127.0.0.1:%d"):format(port), "sip:127.0.0.1" }, { first(2) })
    assert.same({ ("sip:bob@127.0.0.1:%d;lr"):format(port), "sip:bob@127.0.0.1" }, { first(3) })
    assert.same({ ("sip:bob:x;p@127.0.0.1:%d;transport=UDP;user=phone"):format(port), "sip:bob:x;p@127.0.0.1" }, { first(4) })
  end)

  it("tests nothing where there is nothing to test", function() assert.same({}, sip.test_all {}) end)
end)

describe("exotel.sip with a scheduler's sleep", function()
  -- Turns of another coroutine while a test waits for a server that is silent for so long.
  local function turns(options)
    local server = sip_server.start("tcp", { { "silent" } })
    local count, report = 0, nil
    options.timeout = 0.2
    local thread = coroutine.create(function()
      report = assert(sip.test(("sip:127.0.0.1:%d;transport=tcp"):format(server.port), options))
    end)
    while coroutine.status(thread) ~= "dead" do
      assert(coroutine.resume(thread))
      sip_core.wait({}, 0.001)
      count = count + 1
    end
    server:stop()
    assert.is_false(report.answers)
    return count
  end

  it("lets others work, and blocks without", function()
    assert.is_true(turns { sleep = coroutine.yield } > 5)
    assert.equal(1, turns {})
  end)

  it("waits as a client does", function()
    local client = assert(exotel.client {
      account_sid = "a", api_key = "k", api_token = "t", base_url = "http://127.0.0.1:9", sleep = coroutine.yield,
    })
    assert.is_true(turns { client = client } > 5)
    client:close()
    assert.equal("here: the client is closed", raised(function() sip.test("127.0.0.1:9", { client = client }) end))
    assert.truthy(raised(function() sip.test("127.0.0.1:9", { client = io.stdout }) end):find("client"))
  end)
end)

describe("exotel.sip with many URIs", function()
  it("has some under way at a time, and tests them all", function()
    local server = sip_server.start("udp", { { "reply", sip_server.answer("200 OK") } })
    local uris = {}
    for i = 1, 50 do uris[i] = i % 10 == 0 and "nonsense:0" or "127.0.0.1:" .. server.port end
    local reports = assert(sip.test_all(uris))
    server:stop()
    local answers = 0
    for i, report in ipairs(reports) do
      assert.equal(uris[i], report.uri)
      if report.answers then answers = answers + 1 end
    end
    assert.same({ 50, 45 }, { #reports, answers })
  end)

  -- With 100 descriptors 300 sockets at a time could not be had.
  it("needs few descriptors", function()
    local child = require "spec.support.child"
    local script = child.write([[
      local sip = require "exotel.sip"
      local uris = {}
      for i = 1, 300 do uris[i] = "127.0.0.1:9;transport=tcp" end
      for _, report in ipairs(assert(sip.test_all(uris))) do assert(report.steps[2].text == "Connection refused", report.steps[2].text) end
      for i = 1, 300 do uris[i] = "127.0.0.1:9" end
      for _, report in ipairs(assert(sip.test_all(uris))) do assert(report.steps[3].text == "Connection refused", report.steps[3].text) end
      print "good"
    ]])
    local text = child.finish(child.start("sh -c " .. child.quote("ulimit -n 100; exec " .. child.command(script))))
    os.remove(script)
    assert.equal("good\n", text)
  end)
end)
