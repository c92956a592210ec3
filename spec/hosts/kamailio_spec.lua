-- exotel.kamailio in the real Kamailio, with routes of its own and with routes in Lua. "#plain": Kamailio does the work.
local child = require "spec.support.child"
local kamailio = require "spec.support.kamailio"
local markdown = require "spec.support.markdown"
local sandbox = require "exotel.sandbox"

local HEAD = [[
#!KAMAILIO
debug=2
log_stderror=yes
children=@CHILDREN@
@TLS@
listen=udp:127.0.0.1:@PORT@
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "mqueue.so"
loadmodule "rtimer.so"
loadmodule "app_lua.so"
loadmodule "ctl.so"
@MODULES@
modparam("ctl", "binrpc", "unix:@FOLDER@/ctl")
modparam("mqueue", "mqueue", "@QUEUE@")
modparam("pv", "shvset", "exotel_pump=i:0")
modparam("rtimer", "timer", "name=exotel;interval=10000u;mode=1;")
modparam("app_lua", "reload", 1)
modparam("app_lua", "load", "@FOLDER@/script.lua")
@MORE@
]]

-- One route for requests, one for what is answered; what to do is told by the user part.
local NATIVE = HEAD .. [[
modparam("rtimer", "exec", "timer=exotel;route=EXOTEL")
request_route {
    if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
    if (is_method("ACK")) exit;
    if ($rU == "ping") { append_to_reply("X-Result: $shv(exotel_pump)\r\n"); sl_send_reply("200", "pong"); exit; }
    if ($rU == "fail") {
        t_on_failure("FAILED");
        $du = "sip:127.0.0.1:@DEAD_PORT@";
        t_set_fr("500", "500");
        t_relay();
        exit;
    }
    lua_run("handle");
    if ($var(exotel_kind) == "") exit;
    route(ANSWERED);
}
failure_route[FAILED] {
    lua_run("handle");
    if ($var(exotel_kind) == "") exit;
    route(ANSWERED);
}
route[ANSWERED] {
    lua_run("answered");
    if ($var(result) == "again") exit;
    append_to_reply("X-Seen: $var(exotel_kind): $var(exotel_message)\r\n");
    append_to_reply("X-Result: $var(result)\r\n");
    send_reply("200", "OK");
    exit;
}
route[EXOTEL] {
    lua_run("exotel_pump");
    while ($var(exotel_route) != "") {
        t_continue("$var(exotel_index)", "$var(exotel_label)", "$var(exotel_route)");
        lua_run("exotel_pump");
    }
}
]]

local KEMI = HEAD .. [[
modparam("rtimer", "exec", "timer=exotel;route=exotel_pump")
cfgengine "lua"
]]

-- What both have in common: `job` starts what the user part asks for, `tell` makes a line of the result.
local SCRIPT = [[
local kamailio = require "exotel.kamailio"
kamailio.setup { @SETUP@ }
exotel_pump = kamailio.pump

local jobs = {
  list = { "list_trunks", {} },
  fail = { "list_trunks", {} },
  chain = { "list_trunks", {} },
  create = { "create_trunk", { trunk_name = "a_trunk" } },
  bytes = { "create_trunk", { trunk_name = "a\1b\n}s5:\195\169;{" } },
  hurry = { "list_trunks", {}, { timeout = 0.7 } },
  invalid = { "create_trunk", {} },
}

-- Runs in the pump's process, like all callbacks.
function posted(arguments, data, info)
  if arguments.trunk_name == "stuck" then os.execute("sleep 8") end
  if arguments.trunk_name == "broken" then error("a callback's error") end
  KSR.notice("posted " .. arguments.trunk_name .. ": " .. (data and data.trunk_name or tostring(info)) .. "\n")
end

local real_pv = KSR.pv
local function pretend_boot(time)
  KSR.pv = setmetatable({
    get = function(variable) return variable == "$Tb" and time or real_pv.get(variable) end,
  }, { __index = real_pv })
end

-- A call that blocks its worker, with a client in every process and many new connections: on OpenSSL, beside the tls
-- module, a few hundred of them bring the server down.
local exotel, blocking = require "exotel", nil
local function block()
  blocking = blocking or assert(exotel.client { rate_limit = false, retries = 0, ca_file = os.getenv("BLOCKING_CA") })
  local data, err = blocking:list_trunks {}
  if math.random() < 0.3 then blocking = blocking:close() end
  KSR.pv.sets("$var(exotel_kind)", "")
  KSR.sl.send_reply(data and 200 or 503, data and "OK" or err.kind)
  return true
end

local function job(user, resume)
  if user == "block" then return block() end
  local name = user:match("^post_(%w+)$")
  if name then
    if name == "old" then pretend_boot(1) end
    local taken, err = kamailio.post("create_trunk", { trunk_name = name }, "posted")
    KSR.pv = real_pv
    KSR.hdr.append_to_reply("X-Result: " .. (taken and "taken" or tostring(err)) .. "\r\n")
    KSR.sl.send_reply(200, "OK")
    return true
  end
  local call = jobs[user:match("^%l+")]
  return kamailio.suspend(call[1], call[2], resume, call[3])
end

local function tell()
  local data, info = kamailio.result()
  local line = data and "ok " .. (data.trunk_name or #data) or info.kind .. " " .. tostring(info)
  return line .. " pid=" .. KSR.pv.get("$pp")
end
]]

local NATIVE_SCRIPT = SCRIPT .. [[
function handle() job(KSR.pv.get("$rU"), "ANSWERED") return 1 end

function answered()
  local again = KSR.pv.get("$rU") == "chain" and KSR.pv.get("$avp(twice)") == nil
  if again then
    KSR.pv.seti("$avp(twice)", 1)
    kamailio.suspend("create_trunk", { trunk_name = "chained" }, "ANSWERED")
  end
  KSR.pv.sets("$var(result)", again and "again" or tell())
  return 1
end
]]

local KEMI_SCRIPT = SCRIPT .. [[
function ksr_answered()
  if KSR.pv.get("$rU") == "chain" and KSR.pv.get("$avp(twice)") == nil then
    KSR.pv.seti("$avp(twice)", 1)
    kamailio.suspend("create_trunk", { trunk_name = "chained" }, "ksr_answered")
    return
  end
  KSR.hdr.append_to_reply("X-Result: " .. tell() .. "\r\n")
  KSR.sl.send_reply(200, "OK")
end

local function handle()
  if not job(KSR.pv.get("$rU"), "ksr_answered") then ksr_answered() end
end

function ksr_failed() handle() end

function ksr_request_route()
  local user = KSR.pv.get("$rU")
  if KSR.is_method("CANCEL") then
    if KSR.tm.t_check_trans() > 0 then KSR.tm.t_relay() end
  elseif KSR.is_method("ACK") then return
  elseif user == "ping" then
    KSR.hdr.append_to_reply("X-Result: " .. KSR.pv.get("$shv(exotel_pump)") .. "\r\n")
    KSR.sl.sl_send_reply(200, "pong")
  elseif user == "fail" then
    KSR.tm.t_on_failure("ksr_failed")
    KSR.pv.sets("$du", "sip:127.0.0.1:@DEAD_PORT@")
    KSR.tm.t_set_fr(500, 500)
    KSR.tm.t_relay()
  else handle() end
end
]]

local MODES = {
  { name = "a native configuration", config = NATIVE, script = NATIVE_SCRIPT },
  { name = "cfgengine lua", config = KEMI, script = KEMI_SCRIPT },
}

-- Kamailio's tls module at work; its certificate is made by the caller.
local TLS = [[
enable_tls=yes
tcp_children=1
listen=tls:127.0.0.1:@PORT@
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "private_key", "@CERTIFICATE@")
modparam("tls", "certificate", "@CERTIFICATE@")
]]

-- A call that is given up after half a second.
local CANCELLED = [[
<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="cancelled">
  <send retrans="500"><![CDATA[
    INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:exotel@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>
    Call-ID: [call_id]
    CSeq: 1 INVITE
    Contact: <sip:exotel@[local_ip]:[local_port]>
    Max-Forwards: 70
    Content-Length: 0

  ]].."]]"..[[></send>
  <recv response="100"/>
  <pause milliseconds="500"/>
  <send retrans="500"><![CDATA[
    CANCEL sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-3]
    From: <sip:exotel@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>
    Call-ID: [call_id]
    CSeq: 1 CANCEL
    Max-Forwards: 70
    Content-Length: 0

  ]].."]]"..[[></send>
  <recv response="200" optional="true"/>
  <recv response="487" timeout="5000"/>
  <send><![CDATA[
    ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-6]
    From: <sip:exotel@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
    Call-ID: [call_id]
    CSeq: 1 ACK
    Max-Forwards: 70
    Content-Length: 0

  ]].."]]"..[[></send>
</scenario>
]]

-- A line of the configuration less.
local function without(config, line)
  local from, to = config:find(line, 1, true)
  return config:sub(1, from - 1) .. config:sub(to + 1)
end

for _, mode in ipairs(MODES) do
  describe("exotel.kamailio, " .. mode.name .. " #plain", function()
    local sb, host

    before_each(function() sb = assert(sandbox.start()) end)
    after_each(function()
      if host then host:stop() end
      host = nil
      sb:stop()
    end)

    -- The workers are there a moment before the pump.
    local function wait_for_pump()
      host:wait("the pump", function() return host:send("ping").result ~= "0" end)
    end

    local function start(options)
      options = options or {}
      local environment = options.environment or sb:environment()
      host = kamailio.start {
        config = options.config or mode.config, script = options.script or mode.script, fails = options.fails,
        build = options.build, environment = environment,
        values = {
          CHILDREN = options.children or 2, CERTIFICATE = options.certificate or "", MORE = options.more or "", MODULES = options.modules or "",
          QUEUE = options.queue or "name=exotel", TLS = options.tls or "disable_tcp=yes", DEAD_PORT = kamailio.free_port(),
          SETUP = options.setup or "client = { retries = 0, rate_limit = false }",
        },
      }
      if not options.fails and not options.pumpless then wait_for_pump() end
      return host
    end

    -- Nobody died, nothing was complained of.
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
      -- A native configuration has it in variables, too.
      if mode.config == NATIVE then
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

    -- A queue that is kept in a database outlives Kamailio; the queue here is given a job of another life.
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
      assert.truthy(reply.result and reply.result:find("^ok 0"), reply.text)
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

      -- A handshake with the module itself, so that it is at work, too.
      local function shake_hands()
        return kamailio.sh("timeout 5 openssl s_client -connect 127.0.0.1:%d </dev/null", host.port)
      end

      it("a build on OpenSSL is refused at load, before any connection", function()
        tls_sandbox()
        start { tls = TLS, certificate = certificate, fails = true, setup = "client = { ca_file = '" .. sb.ca_file .. "' }" }
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
          tls = TLS, certificate = certificate, build = "lua5.1-plain-gnutls", children = 4, environment = environment,
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

    it("a call that is cancelled while it is suspended ends, and nothing is complained of", function()
      sb:fault { on = "list_trunks", delay = 1.5 }
      start()
      local scenario = child.write(CANCELLED)
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
      local reply = host:start("list")
      if mode.config == KEMI then host:logged("there is no function ksr_anwsered")
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

describe("the guide to Kamailio #plain", function()
  local sb, host, blocks

  setup(function()
    blocks = {}
    for i, block in ipairs(markdown.blocks("doc/guides/kamailio.md")) do blocks[i] = block.code end
    assert.equal(3, #blocks)
  end)
  before_each(function() sb = assert(sandbox.start()) end)
  after_each(function()
    if host then host:stop() end
    host = nil
    sb:stop()
  end)

  local function start(config, script)
    host = kamailio.start {
      config = config:gsub("/etc/kamailio/exotel.lua", "@FOLDER@/script.lua"), script = script, environment = sb:environment(),
      values = { CHILDREN = 2, TLS = "disable_tcp=yes", MODULES = "" },
    }
    host:wait("the pump", function() return not host:send("+919876543210").text:find("unavailable", 1, true) end)
    assert.equal(200, host:send("+919876543210").code)
    sb:fault { before = "find_trunk_map", status = 500 }
    assert.equal(503, host:send("+919876543210").code)
  end

  local MODULES = HEAD:match("^(.-)modparam") -- what is loaded, without any setting

  it("runs as it stands, with a native configuration", function() start(MODULES .. blocks[1], blocks[2]) end)

  it("runs as it stands, with cfgengine lua", function()
    local settings = blocks[1]:match("^(.-)request_route"):gsub("route=EXOTEL", "route=exotel_pump")
    start(MODULES .. settings .. 'cfgengine "lua"\n', blocks[2] .. blocks[3])
  end)
end)
