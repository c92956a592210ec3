-- exotel.sip against servers that misbehave: whatever comes is no more than a failure, in time.
local core = require "exotel.core"
local sip = require "exotel.sip"
local sip_server = require "spec.support.sip_server"

local OK = sip_server.answer("200 OK", "Server: test/1\r\nAllow: INVITE, ACK\r\n")

-- The answer, changed.
local function changed(from, to)
  local text, count = OK:gsub(from, to)
  assert(count == 1)
  return text
end

describe("exotel.sip #once", function()
  local server

  after_each(function()
    if server then server:stop() end
    server = nil
  end)

  local function uri(transport) return ("sip:127.0.0.1:%d;transport=%s"):format(server.port, transport) end

  local function test(transport, script, options)
    server = sip_server.start(transport, script)
    return assert(sip.test(uri(transport), options))
  end

  -- The last step of a test that failed.
  local function failure(report)
    assert.is_false(report.answers)
    assert.is_nil(report.response)
    local step = report.steps[#report.steps]
    assert.is_false(step.ok)
    assert.is_string(step.advice)
    return step
  end

  for _, transport in ipairs { "udp", "tcp" } do
    describe("by " .. transport, function()
      it("reports an answer", function()
        local report = test(transport, { { "reply", OK } })
        assert.is_true(report.answers)
        assert.same({ status = 200, reason = "OK", user_agent = "test/1", allow = "INVITE, ACK" }, report.response)
        local names = {}
        for i, step in ipairs(report.steps) do
          names[i] = step.step
          assert.is_true(step.ok)
          assert.is_true(step.seconds >= 0 and step.seconds <= report.seconds)
        end
        assert.same({ "resolve", "connect", "options" }, names)
        assert.same({
          { address = "127.0.0.1", family = "IPv4", port = server.port, transport = transport, host = "127.0.0.1",
            answers = true, skipped = false, response = report.response },
        }, report.addresses)
        assert.equal("200 OK, from test/1", report.steps[3].text)
      end)

      it("sends a request that RFC 3261 allows", function()
        test(transport, { { "reply", OK } })
        local requests = server:stop()
        assert.equal(1, #requests)
        local text, name, value = requests[1], "^[%w-]+$", {}
        assert.truthy(text:find("\r\n\r\n$"))
        for line in text:match("\r\n(.*)\r\n\r\n$"):gsub("\r\n", "\n"):gmatch("[^\n]+") do
          local key, rest = line:match("^([^:]+): (.+)$")
          assert.truthy(key:find(name))
          assert.is_nil(value[key])
          value[key] = rest
        end
        assert.equal(("OPTIONS %s SIP/2.0"):format(uri(transport)), text:match("^[^\r]*"))
        assert.truthy(value.Via:find("^SIP/2%.0/" .. transport:upper() .. " 127%.0%.0%.1:%d+;rport;branch=z9hG4bK%w+$"))
        assert.truthy(value.From:find("^<sip:exotel@127%.0%.0%.1>;tag=%w+$"))
        assert.equal("<sip:127.0.0.1>", value.To)
        assert.truthy(value["Call-ID"]:find("^%w+@127%.0%.0%.1$"))
        assert.equal("1 OPTIONS", value.CSeq)
        assert.equal("70", value["Max-Forwards"])
        assert.equal("application/sdp", value.Accept)
        assert.equal("0", value["Content-Length"])
        assert.equal("exotel-lua/" .. core.version, value["User-Agent"])
        assert.truthy(value.Contact:find("^<sip:exotel@127%.0%.0%.1:%d+;transport=" .. transport .. ">$"))
      end)

      it("says From as it is asked to", function()
        test(transport, { { "reply", OK } }, { from = "sip:monitor@example.com" })
        assert.truthy(server:stop()[1]:find("\r\nFrom: <sip:monitor@example.com>;tag=", 1, true))
      end)

      it("takes any final answer for one, with what it says", function()
        for _, line in ipairs { "401 Unauthorized", "404 Not Found", "500 Server Internal Error", "603 Decline" } do
          local report = test(transport, { { "reply", sip_server.answer(line) } })
          server:stop()
          assert.is_true(report.answers)
          assert.equal(line, ("%d %s"):format(report.response.status, report.response.reason))
        end
        local report = test(transport, { { "reply", sip_server.answer("407 Proxy Authentication Required") } })
        assert.truthy(report.steps[3].advice:find("asks for a password", 1, true))
      end)

      it("waits past provisional answers", function()
        local report = test(transport, { { "reply", sip_server.answer("100 Trying"), sip_server.answer("183 Progress"), OK } })
        assert.equal(200, report.response.status)
        server:stop()
        local step = failure(test(transport, { { "reply", sip_server.answer("100 Trying") } }, { timeout = 0.3 }))
        assert.equal("only 100 Trying came, and no final answer in time", step.text)
      end)

      it("is told of silence in time", function()
        local began = core.now()
        local step = failure(test(transport, { { "silent" } }, { timeout = 0.3 }))
        assert.equal("no answer in time", step.text)
        assert.equal("options", step.step)
        assert.is_true(core.now() - began < 5)
      end)

      it("takes no answer to another request", function()
        for _, change in ipairs {
          { "{via}", "SIP/2.0/UDP h;branch=z9hG4bKother" }, { "{call%-id}", "x@y" }, { "{cseq}", "2 OPTIONS" },
          { "{cseq}", "1 INVITE" }, { "{via}", "SIP/2.0/UDP h" },
        } do
          local step = failure(test(transport, { { "reply", changed(change[1], change[2]) } }, { timeout = 0.1 }))
          server:stop()
          assert.equal("what it sent is no answer to this request", step.text)
        end
      end)

      local BAD = {
        ["it speaks HTTP"] = { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" },
        ["it speaks SSH"] = { "SSH-2.0-OpenSSH_9.2p1\r\n" },
        ["it speaks TLS"] = { "\21\3\1\0\2\2\70" },
        ["what it sends is no SIP"] = {
          ("\0\1\2\255"):rep(100), "hello\n", "SIP/2.0 2000 OK\r\n\r\n", "SIP/2.0 099 OK\r\n\r\n", "SIP/3.0 200 OK\r\n\r\n",
          "SIP/2.0 200 \27[2J\r\n\r\n", ("x"):rep(3000), "SIP/2.0  200 OK\r\n\r\n", (OK:gsub("\r", "")),
        },
        ["a header of its answer is malformed"] = {
          changed("Server: ", "Server "), changed("test/1", "test\0"), changed("Server", "Ser ver"), changed("{cseq}", "OPTIONS"),
          changed("\r\nServer", "\nServer"), changed("Content%-Length: 0", "Content-Length: -1"),
          changed("Content%-Length: 0", "Content-Length: 99999999999"), changed("Content%-Length: 0", "Content-Length: 0x10"),
          changed("Allow: [^\r]*", "Call-ID: {call-id}"), changed("Allow: [^\r]*", "l: 0"), changed("{to}[^\r]*", ""),
        },
        ["its answer lacks headers that SIP requires"] = { changed("Via: [^\r]*\r\n", ""), changed("CSeq: [^\r]*\r\n", "") },
        ["its answer has too many headers"] = { changed("Server: test/1\r\n", ("X: y\r\n"):rep(300)) },
        ["its answer is too large"] = { changed("Content%-Length: 0", "Content-Length: 16777216") },
      }
      for complaint, texts in pairs(BAD) do
        it("takes nothing else for SIP: " .. complaint, function()
          for _, text in ipairs(texts) do
            local step = failure(test(transport, { { "reply", text } }, { timeout = 0.1 }))
            server:stop()
            assert.equal(complaint, step.text, text)
          end
        end)
      end
    end)
  end

  it("sends a datagram again by RFC 3261's timer, and no later than that", function()
    local report = test("udp", { { "silent" }, { "silent" }, { "reply", OK } }, { timeout = 5 })
    assert.is_true(report.answers)
    assert.equal(3, report.steps[3].sent)
    assert.is_true(report.steps[3].seconds >= 1.5)
    local requests = server:stop()
    assert.equal(requests[1], requests[2])
    assert.equal(requests[1], requests[3])
    assert.equal(3, #requests)
  end)

  it("never repeats itself on a connection", function()
    failure(test("tcp", { { "silent" } }, { timeout = 1 }))
    assert.equal(1, #server:stop())
  end)

  it("takes a datagram that is cut short for none", function()
    assert.equal("its answer is cut short", failure(test("udp", { { "reply", OK:sub(1, -4) } }, { timeout = 0.2 })).text)
    server:stop()
    local short = changed("Content%-Length: 0", "Content-Length: 5") .. "abc"
    assert.equal("its answer is cut short", failure(test("udp", { { "reply", short } }, { timeout = 0.2 })).text)
  end)

  it("finds the answer between what others sent by UDP", function()
    local report = test("udp", { { "reply", "garbage", changed("{call%-id}", "x"), "\r\n\r\n", OK } })
    assert.equal(200, report.response.status)
  end)

  describe("on a connection", function()
    it("reads an answer in pieces, after line breaks, with a body and in folded and short headers", function()
      assert.is_true(test("tcp", { { "drip", "\r\n\r\n" .. OK } }).answers)
      server:stop()
      assert.is_true(test("tcp", { { "reply", sip_server.answer("100 Trying", "", ("b"):rep(5000)) .. sip_server.answer("200 OK", "", "body") } }).answers)
      server:stop()
      local short = OK:gsub("Via", "v"):gsub("From", "f"):gsub("To", "t"):gsub("Call%-ID", "i"):gsub("Content%-Length", "l")
      assert.is_true(test("tcp", { { "reply", short } }).answers)
      server:stop()
      local folded = changed("{cseq}", "1\r\n OPTIONS"):gsub("Server: ", "server :\r\n\t")
      local report = test("tcp", { { "reply", folded } })
      assert.equal("test/1", report.response.user_agent)
    end)

    it("leaves alone a request that the server sends", function()
      local ping = "OPTIONS sip:exotel@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
        .. "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
      assert.is_true(test("tcp", { { "greet", ping }, { "reply", OK } }).answers)
    end)

    it("is told when the server closes it", function()
      assert.equal("it closed the connection", failure(test("tcp", { { "close" } })).text)
    end)

    it("asks for a Content-Length", function()
      assert.equal("its answer has no Content-Length", failure(test("tcp", { { "reply", changed("Content%-Length: 0\r\n", "") } })).text)
    end)

    it("ends what has no end", function()
      local head = changed("Content%-Length.*$", "")
      for _, script in ipairs {
        { { "endless", "", "x" } }, { { "endless", "SIP/2.0 200 OK\r\n", "X: y\r\n" } }, { { "endless", head, "X: " .. ("y"):rep(1000) } },
        { { "reply", head .. "Content-Length: 60000\r\n\r\n" } }, { { "endless", "", sip_server.answer("100 Trying") } },
        { { "endless", "", "\r\n" } }, { { "drip", ("SIP/2.0 200 OK\r\n" .. ("X: y\r\n"):rep(500)) } },
      } do
        local began = core.now()
        collectgarbage()
        local before = collectgarbage("count")
        failure(test("tcp", script, { timeout = 0.5 }))
        server:stop()
        assert.is_true(core.now() - began < 5)
        collectgarbage()
        assert.is_true(collectgarbage("count") - before < 1000)
      end
    end)

    it("hears of TLS by a server that speaks it without being asked", function()
      assert.equal("it speaks TLS", failure(test("tcp", { { "greet", "\22\3\1\0\5hello" }, { "silent" } }, { timeout = 0.5 })).text)
    end)
  end)
end)
