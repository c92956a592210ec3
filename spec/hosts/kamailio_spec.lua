-- exotel.kamailio in the real Kamailio, with native routes and with routes in Lua. "#plain": Kamailio does the work.
local kamailio = require "spec.support.kamailio"
local kamailio_routes = require "spec.support.kamailio_routes"
local sandbox = require "exotel.sandbox"

for _, mode in ipairs(kamailio_routes.modes) do
  describe("exotel.kamailio, " .. mode.name .. " #plain", function()
    local sb, host

    before_each(function() sb = assert(sandbox.start()) end)
    after_each(function()
      if host then host:stop() end
      host = nil
      sb:stop()
    end)

    local function start(options)
      host = kamailio_routes.start(mode, sb, options)
      kamailio_routes.wait_for_pump(host, options)
    end

    -- No process died, and nothing was logged as an error.
    local function assert_well()
      local fine, complaints = host:stop()
      host = nil
      assert.equal("", complaints)
      assert.is_true(fine)
    end

    it("the transaction goes on with the result, in the pump's process", function()
      start()
      local made = host:send("create")
      assert.equal(200, made.code, made.text)
      assert.truthy(made.result:find("^ok a_trunk pid="), made.result)
      local pids = {}
      for _ = 1, 6 do
        local result = host:send("list").result
        assert.truthy(result:find("^ok 1 pid="), result)
        pids[result:match("pid=(%d+)")] = true
      end
      assert.is_nil(next(pids, next(pids)))
      assert_well()
    end)

    it("what the service refuses and what is no valid argument reach the route", function()
      start()
      sb:fault { before = "list_trunks", status = 403 }
      local refused = host:send("list")
      assert.truthy(refused.result:find("^permission list_trunks: permission"))
      -- A native configuration has it in variables as well.
      if mode.config == kamailio_routes.native then
        assert.truthy(refused.text:find("X-Seen: permission: list_trunks: permission (HTTP 403", 1, true), refused.text)
        assert.truthy(host:send("list").text:find("X-Seen: : \r?\n"))
      end
      assert.truthy(host:send("invalid").result:find("^invalid_argument create_trunk: invalid_argument"))
      assert_well()
    end)

    it("any bytes of an argument reach the service", function()
      start { setup = "client = { validate = false, retries = 0 }" }
      host:send("bytes")
      local body = sb:requests()[1].body
      assert.truthy(body:find('"a\\u0001b\\n}s5:\195\169;{"', 1, true), body)
      assert_well()
    end)

    it("no worker waits for a slow service", function()
      sb:fault { on = "list_trunks", delay = 1, times = true }
      start { setup = "client = { max_connections = 50, rate_limit = false }" }
      local calls = {}
      for i = 1, 20 do calls[i] = host:start("list" .. i) end
      kamailio.sh("sleep 0.4")
      for _ = 1, 5 do assert.is_true(host:send("ping").milliseconds < 200) end
      for _, finish in ipairs(calls) do
        local reply = finish()
        assert.truthy(reply.result and reply.result:find("^ok 0"), reply.text)
      end
      -- sipsak repeats its request after half a second: that is the same transaction.
      assert.equal(20, #sb:requests())
      assert_well()
    end)

    it("a route that goes on may suspend again", function()
      start()
      local reply = host:send("chain")
      assert.truthy(reply.result:find("^ok chained"), reply.text)
      assert.equal(2, #sb:requests())
      assert_well()
    end)

    it("a failure route may suspend", function()
      start()
      local reply = host:send("fail")
      assert.truthy(reply.result:find("^ok 0"), reply.text)
      assert_well()
    end)

    it("a posted job is done beside the call, and its callback is told", function()
      start()
      local reply = host:send("post_first")
      assert.equal("taken", reply.result)
      host:logged("posted first: first")
      sb:fault { before = "create_trunk", status = 403 }
      host:send("post_second")
      host:logged("posted second: create_trunk: permission")
      host:send("post_broken")
      host:logged("exotel: posted: ")
      host:logged("a callback's error")
      assert.truthy(host:send("list").result:find("^ok 2"))
    end)

    describe("with Kamailio's tls module", function()
      local certificate

      setup(function()
        certificate = kamailio.sh("mktemp"):gsub("\n", "")
        kamailio.sh("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout %s.k -out %s.c && "
          .. "cat %s.k %s.c >%s", certificate, certificate, certificate, certificate, certificate)
      end)
      teardown(function() kamailio.sh("rm -f %s*", certificate) end)

      local function tls_sandbox()
        sb:stop()
        sb = assert(sandbox.start { tls = true })
      end

      -- A handshake with the module itself, so that both are at work.
      local function shake_hands()
        return kamailio.sh("timeout 5 openssl s_client -connect 127.0.0.1:%d </dev/null", host.port)
      end

      it("a build on OpenSSL is refused at load, before any connection", function()
        tls_sandbox()
        start { tls = kamailio_routes.tls, certificate = certificate, fails = true, setup = "client = { ca_file = '" .. sb.ca_file .. "' }" }
        local log = host:log()
        assert.truthy(log:find("Kamailio's tls module is loaded, and this build uses a libcurl on OpenSSL", 1, true), log)
        assert.truthy(log:find("make CURL=gnutls", 1, true))
        assert.same({}, sb:requests())
      end)

      it("a build on GnuTLS carries a load", function()
        tls_sandbox()
        local environment = sb:environment()
        environment.BLOCKING_CA = sb.ca_file
        start {
          tls = kamailio_routes.tls, certificate = certificate, build = "lua5.1-plain-gnutls", children = 4, environment = environment,
          setup = "client = { rate_limit = false, max_connections = 50, ca_file = '" .. sb.ca_file .. "' }",
        }
        assert.truthy(shake_hands():find("BEGIN CERTIFICATE", 1, true))
        assert.is_nil(host:load("list", 2000, 200))
        assert.is_nil(host:load("block", 1000, 50))
        assert.equal(3000, #sb:requests())
        assert.truthy(shake_hands():find("BEGIN CERTIFICATE", 1, true))
        assert.truthy(host:send("create").result:find("^ok a_trunk"))
        assert_well()
      end)
    end)
  end)
end
