-- examples/kamailio in the real Kamailio: the configurations that users start from. "#plain": Kamailio does the work.
local child = require "spec.support.child"
local kamailio = require "spec.support.kamailio"
local sandbox = require "exotel.sandbox"
local trunk = require "exotel.trunk"

local TREE = kamailio.sh("pwd"):gsub("\n", "")
local EXAMPLES = TREE .. "/examples/kamailio"
local DID, OTHER, LATER, NOBODYS = "+919876543210", "+918040264208", "+918040264209", "+911140000000"

-- A bot that is there and says no.
local BROKEN_BOT = [[
<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="broken">
  <recv request="INVITE"/>
  <send><![CDATA[
    SIP/2.0 503 Broken
    [last_Via:]
    [last_From:]
    [last_To:];tag=[call_number]
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

  ]].."]]"..[[></send>
  <recv request="ACK"/>
</scenario>
]]

for _, name in ipairs { "kamailio", "kemi" } do
  describe("examples/kamailio/" .. name .. ".cfg #plain", function()
    local sb, client, t, host, broken

    before_each(function()
      sb = assert(sandbox.start())
      client = assert(sb:client())
      t = assert(trunk.create(client, { trunk_name = "voicebot" }))
      assert(t:map_number(DID, "flow"))
      assert(t:map_number(OTHER, "pstn"))
      sb:reset_requests()
      broken = child.write(BROKEN_BOT)
    end)
    after_each(function()
      if host then host:stop() end
      host = nil
      client:close()
      sb:stop()
      os.remove(broken)
    end)

    local function start(options)
      local environment = options.environment or sb:environment()
      environment.EXOTEL_TRUNK_SID = t.trunk_sid
      environment.BOT = "sip:127.0.0.1:" .. (options.bot or 9)
      environment.FALLBACK = "sip:127.0.0.1:" .. (options.fallback or 9)
      host = kamailio.start {
        environment = environment,
        arguments = ("-f %s/%s.cfg -A LISTEN=udp:127.0.0.1:@PORT@ -A 'EXOTEL_LUA=\"%s/exotel.lua\"' -A 'ROUTES_LUA=\"%s/routes.lua\"'"
          .. " -A 'BOT=\"%s\"' -A 'FALLBACK=\"%s\"' -A 'EVERY=\"name=numbers;interval=%s;mode=1;\"'"):format(EXAMPLES, name, EXAMPLES,
          EXAMPLES, environment.BOT, environment.FALLBACK, options.every or "60"),
      }
    end

    local function assert_well()
      local fine, complaints = host:stop()
      host = nil
      assert.equal("", complaints)
      assert.is_true(fine)
    end

    local function operations()
      local names = {}
      for i, request in ipairs(sb:requests()) do names[i] = request.operation end
      return table.concat(names, " ")
    end

    local function mode_of(number)
      for _, n in ipairs(sb:state().trunks[1].numbers) do
        if n.phone_number == number then return n.mode end
      end
    end

    -- A call from Exotel, to its end. → whether it was answered
    local function call(number)
      local _, finish = kamailio.sipp(EXAMPLES .. "/call.xml", "-s " .. number .. " 127.0.0.1:" .. host.port)
      return finish()
    end

    it("an unknown DID is refused, and no call makes a request", function()
      start {}
      for _ = 1, 3 do
        assert.equal(404, host:send(NOBODYS).code)
        assert.equal(200, host:send(DID).code)
        assert.equal(200, host:send(OTHER).code)
      end
      assert.equal("list_phone_numbers", operations())
      assert_well()
    end)

    it("the numbers are read again on a timer", function()
      start { every = 1 }
      assert.equal(404, host:send(LATER).code)
      local mapping = assert(t:map_number(LATER))
      host:wait("the new number", function() return host:send(LATER).code == 200 end)
      assert(t:unmap_number(mapping.id))
      host:wait("its end", function() return host:send(LATER).code == 404 end)
      assert.equal(200, host:send(DID).code)
      assert_well()
    end)

    it("a number whose bot fails is switched to pstn, and the call goes to the fallback", function()
      local bot = kamailio.sipp(broken)
      local fallback, answered = kamailio.sipp(EXAMPLES .. "/answer.xml")
      start { bot = bot, fallback = fallback }
      assert.is_true(call(DID))
      assert.is_true(answered())
      host:logged(DID .. " is in mode pstn now")
      assert.equal("pstn", mode_of(DID))
      assert.equal("list_phone_numbers update_phone_number", operations())
      assert_well()
    end)

    it("of many calls that fail one switches, and none waits for it", function()
      sb:fault { on = "update_phone_number", delay = 1.5 }
      start { bot = kamailio.free_port(), fallback = kamailio.free_port() }
      local finishes = {}
      for i = 1, 4 do
        local _, finish = kamailio.sipp(EXAMPLES .. "/call.xml", "-s " .. DID .. " 127.0.0.1:" .. host.port)
        finishes[i] = finish
      end
      host:logged(DID .. " is in mode pstn now", 15)
      for _, finish in ipairs(finishes) do assert.is_false(finish()) end
      assert.equal("list_phone_numbers update_phone_number", operations())
      assert_well()
    end)

    it("a switch that fails is tried again by the next call", function()
      sb:fault { before = "update_phone_number", status = 403 }
      local bot = kamailio.sipp(broken, "-m 2")
      start { bot = bot, fallback = kamailio.free_port() }
      local _, first = kamailio.sipp(EXAMPLES .. "/call.xml", "-s " .. DID .. " 127.0.0.1:" .. host.port)
      host:logged(DID .. " is still in mode flow: update_phone_number: permission")
      assert.equal("flow", mode_of(DID))
      local _, second = kamailio.sipp(EXAMPLES .. "/call.xml", "-s " .. DID .. " 127.0.0.1:" .. host.port)
      host:logged(DID .. " is in mode pstn now")
      first()
      second()
    end)

    it("without a route to the service it starts all the same, lets calls pass, and says so once", function()
      local environment, port = sb:environment(), kamailio.free_port()
      environment.EXOTEL_BASE_URL = "http://127.0.0.1:" .. port
      start { environment = environment, every = 1 }
      assert.equal(200, host:send(NOBODYS).code)
      kamailio.sh("sleep 3")
      local lines = select(2, host:log():gsub("ERROR: [^\n]*list_phone_numbers: network", ""))
      assert.is_true(lines >= 1 and lines <= 2, host:log()) -- the start's, and the process's that reads them again
    end)

    it("wrong credentials are told once", function()
      local environment = sb:environment()
      environment.EXOTEL_API_TOKEN = "wrong"
      start { environment = environment, every = 1 }
      kamailio.sh("sleep 3")
      assert.equal(200, host:send(NOBODYS).code)
      local lines = select(2, host:log():gsub("list_phone_numbers: authentication", ""))
      assert.is_true(lines >= 1 and lines <= 2, host:log())
      assert.is_nil(host:log():find("wrong", 1, true))
    end)

    it("is started against the sandbox by one command", function()
      local port = kamailio.free_port()
      local lua = ("env LISTEN_PORT=%d KAMAILIO_LUA_CPATH=%s/build/lua5.1-plain-gnutls/?.so %s %s/start.lua %s"):format(port, TREE,
        child.command("", {}):gsub("%s+$", ""), EXAMPLES, name)
      local log = child.write("")
      local pid = kamailio.sh("timeout --foreground 60 %s >%s 2>&1 </dev/null & echo $!", (lua:gsub("%%", "%%%%")), log):match("%d+")
      local function code(number)
        return kamailio.sh("timeout 5 sipsak -vv -s sip:%s@127.0.0.1:%d", number, port):match("SIP/2.0 (%d+)")
      end
      host = { stop = function() kamailio.sh("kill %s", pid) end }
      for _ = 1, 100 do
        if code(DID) then break end
        kamailio.sh("sleep 0.1")
      end
      assert.equal("200", code(DID))
      assert.equal("404", code(NOBODYS))
      host.stop()
      host = nil
      for _ = 1, 100 do
        if not code(DID) then break end
        kamailio.sh("sleep 0.1")
      end
      assert.is_nil(code(DID))
      assert.truthy(kamailio.sh("cat %s; rm %s", log, log):find("Kamailio listens on udp:127.0.0.1:" .. port, 1, true))
    end)
  end)
end
