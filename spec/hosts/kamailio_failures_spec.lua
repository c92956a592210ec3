-- exotel.kamailio when something goes wrong: refusals, timeouts, restarts. "#plain": Kamailio does the work.
local child = require "spec.support.child"
local kamailio = require "spec.support.kamailio"
local kamailio_routes = require "spec.support.kamailio_routes"
local sandbox = require "exotel.sandbox"
local sip_calls = require "spec.support.sip_calls"

-- The configuration without a line.
local function without(config, line)
  local from, to = config:find(line, 1, true)
  return config:sub(1, from - 1) .. config:sub(to + 1)
end

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

    it("without an answer in time it goes on with an error of kind timeout", function()
      sb:fault { before = "list_trunks", hang = true, times = true }
      start()
      local began = os.time()
      local result = host:send("hurry").result
      assert.truthy(result:find("^timeout list_trunks: timeout"), result)
      assert.is_true(os.time() - began <= 3)
      assert.truthy(host:log():find("exotel: list_trunks: timeout", 1, true))
      host:stop()
      host = nil
    end)

    it("a write that is given up says that it may have taken effect", function()
      sb:fault { after = "create_trunk", hang = true }
      start { setup = "timeout = 1" }
      local result = host:send("create").result
      assert.truthy(result:find("^timeout .*may have taken effect"), result)
    end)

    it("a full queue refuses at once, and the others are answered", function()
      sb:fault { on = "list_trunks", delay = 2, times = true }
      start { setup = "queue_size = 2, client = { max_connections = 8 }" }
      local calls = {}
      for i = 1, 2 do calls[#calls + 1] = host:start("list" .. i) end
      host:wait("two requests", function() return #sb:requests() == 2 end)
      for i = 3, 4 do calls[#calls + 1] = host:start("list" .. i) end
      kamailio.sh("sleep 0.3")
      local refused = host:send("list5")
      assert.truthy(refused.result:find("^unavailable list_trunks: unavailable: not sent: the queue is full, 2 jobs wait"), refused.result)
      assert.is_true(refused.milliseconds < 200)
      assert.equal("not sent", host:send("post_full").result:match("not sent"))
      for _, finish in ipairs(calls) do
        local reply = finish()
        assert.truthy(reply.result and reply.result:find("^ok 0"), reply.text)
      end
      assert_well()
    end)

    it("without a pump it refuses at once, and says what is missing", function()
      start { pumpless = true, config = without(mode.config, mode.config:match('modparam%("rtimer", "exec", [^\n]*\n')) }
      local reply = host:send("list")
      assert.truthy(reply.result:find("^unavailable .*no pump has run yet: is there an rtimer"), reply.text)
      assert.truthy(host:send("post_it").result:find("no pump has run yet", 1, true))
      assert.equal(0, #sb:requests())
      assert_well()
    end)

    it("a pump that is stuck is noticed", function()
      start()
      assert.equal("taken", host:send("post_stuck").result)
      kamailio.sh("sleep 7")
      local reply = host:send("list")
      assert.truthy(reply.result:find("^unavailable .*the pump has not moved for %d seconds"), reply.text)
      host:logged("posted stuck")
      host:wait("the pump", function() return host:send("list").result:find("^ok 1") end)
      assert_well()
    end)

    it("without an mqueue it refuses, and says what is missing", function()
      start { queue = "name=other" }
      assert.truthy(host:send("list").result:find('^unavailable .*there is no mqueue "exotel"'))
    end)

    -- A queue that is kept in a database outlives Kamailio; here the queue gets a job with another boot time.
    it("what was queued before a restart is not sent", function()
      start()
      assert.equal("taken", host:send("post_old").result)
      host:logged("posted old: create_trunk: unavailable: not sent: it was queued before Kamailio was restarted")
      assert.equal(0, #sb:requests())
      assert.truthy(host:send("create").result:find("^ok a_trunk"))
      assert_well()
    end)

    it("a request that a restart left unanswered is answered when it is repeated", function()
      sb:fault { on = "list_trunks", delay = 3 }
      start()
      local finish = host:start("list")
      host:wait("the request", function() return #sb:requests() == 1 end)
      host:restart()
      local reply = finish()
      -- The workers are there a moment before the pump.
      local said = reply.result or ""
      assert.truthy(said:find("^ok 0") or said:find("no pump has run yet", 1, true), reply.text)
      assert_well()
    end)

    it("when tm's own timer comes first, tm answers and nothing hangs", function()
      sb:fault { on = "list_trunks", delay = 2, times = true }
      start { more = 'modparam("tm", "fr_timer", 1000)' }
      local reply = host:send("list")
      assert.equal(408, reply.code, reply.text)
      kamailio.sh("sleep 1.5")
      assert.truthy(host:send("create").result:find("^ok a_trunk"))
      assert_well()
    end)

    it("a call that is cancelled while it is suspended ends, and nothing is complained of", function()
      sb:fault { on = "list_trunks", delay = 1.5 }
      start()
      local scenario = child.write(sip_calls.cancelled)
      local _, finish = kamailio.sipp(scenario, "-s list 127.0.0.1:" .. host.port)
      assert.is_true(finish())
      os.remove(scenario)
      kamailio.sh("sleep 1")
      assert.truthy(host:send("create").result:find("^ok a_trunk"))
      assert_well()
    end)

    it("wrong credentials are told in one line, not in one a call", function()
      local environment = sb:environment()
      environment.EXOTEL_API_TOKEN = "a_wrong_one"
      start { environment = environment }
      for _ = 1, 5 do assert.truthy(host:send("list").result:find("^authentication list_trunks")) end
      local log = host:log()
      assert.equal(1, select(2, log:gsub("ERROR: [^\n]*exotel: list_trunks: authentication", "")), log)
      assert.is_nil(log:find("a_wrong_one", 1, true))
    end)

    it("without a route to the service it starts, says so once, and goes on when there is one", function()
      local environment = sb:environment()
      sb:stop()
      start { environment = environment }
      for _ = 1, 4 do assert.truthy(host:send("list").result:find("^network list_trunks: network: no connection")) end
      assert.equal(1, select(2, host:log():gsub("exotel: list_trunks: network", "")))
      sb = assert(sandbox.start { port = tonumber(environment.EXOTEL_BASE_URL:match("%d+$")) })
      assert.truthy(host:send("list").result:find("^ok 0"))
      host:logged("exotel: the service answers again")
    end)

    for what, case in pairs {
      ["an option with a typo"] = { "timout = 5", "bad option 'timout' (unknown)" },
      ["a client's option with a typo"] = { "client = { retires = 1 }", "bad option 'retires' (unknown)" },
      ["a value of the wrong type"] = { "queue_size = '5'", "bad option 'queue_size' (number expected)" },
      ["a CA bundle that is missing"] = {
        "client = { base_url = 'https://127.0.0.1:1', ca_file = '/nonexistent.pem' }", "ca_file can't be read: /nonexistent.pem",
      },
      ["a missing key"] = { "client = { api_key = '' }", "api_key is missing: set EXOTEL_API_KEY" },
    } do
      it("says at the start what is wrong, and doesn't start: " .. what, function()
        start { fails = true, setup = case[1] }
        assert.truthy(host:log():find(case[2], 1, true), host:log())
      end)
    end

    it("a route that there is none of is told in words", function()
      start { script = mode.script:gsub('"ksr_answered"', '"ksr_anwsered"'):gsub('"ANSWERED"', '"ANWSERED"') }
      local reply = host:start("list", 2) -- which nobody answers
      if mode.config == kamailio_routes.kemi then host:logged("there is no function ksr_anwsered")
      else host:logged("route block [ANWSERED]") end
      reply()
    end)

    it("a core built for another Lua is told in words", function()
      start { fails = true, build = "lua5.4-plain" }
      local log = host:log()
      assert.truthy(log:find("was built for Lua 5.4 and can't be used in Lua 5.1: build and install", 1, true), log)
      assert.is_nil(log:find("undefined symbol", 1, true), log)
    end)

    it("a script that is loaded again loses nothing", function()
      sb:fault { on = "list_trunks", delay = 2.5, times = true }
      start()
      local finish = host:start("list")
      host:wait("the request", function() return #sb:requests() == 1 end)
      local said, status = kamailio.sh("kamcmd -s %s/ctl app_lua.reload", host.folder)
      assert.equal(0, status, said)
      assert.truthy(host:send("create").result:find("^ok a_trunk"))
      assert.truthy(finish().result:find("^ok 0"))
      assert_well()
    end)
  end)
end
