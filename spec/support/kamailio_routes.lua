--- Configurations of Kamailio for the specs of exotel.kamailio: one with native routes, one with routes in Lua. The user
-- part of a request's URI says what its route does.
local kamailio = require "spec.support.kamailio"

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
require "exotel"
assert(package.loaded["exotel.client"], "require leaves files to a worker")

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

local modes = {
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

local kamailio_routes = { modes = modes, native = NATIVE, kemi = KEMI, tls = TLS }

--- What comes before the first module.
kamailio_routes.globals = HEAD:match("^(.-)loadmodule")

--- kamailio_routes.start(mode, sandbox, options) → the host. `options`: config and script instead of the mode's, setup
-- (as exotel.kamailio takes it), environment, build, children, queue, more, modules, tls, certificate; `fails` when it
-- must not start, `pumpless` when there is no pump.
function kamailio_routes.start(mode, sb, options)
  options = options or {}
  return kamailio.start {
    config = options.config or mode.config, script = options.script or mode.script, fails = options.fails,
    build = options.build, environment = options.environment or sb:environment(),
    values = {
      CHILDREN = options.children or 2, CERTIFICATE = options.certificate or "", MORE = options.more or "",
      MODULES = options.modules or "", QUEUE = options.queue or "name=exotel", TLS = options.tls or "disable_tcp=yes",
      DEAD_PORT = kamailio.free_port(), SETUP = options.setup or "client = { retries = 0, rate_limit = false }",
    },
  }
end

--- Waits for the pump, if there will be one: the workers are there a moment before it.
function kamailio_routes.wait_for_pump(host, options)
  if options and (options.fails or options.pumpless) then return end
  host:wait("the pump", function() return host:send("ping").result ~= "0" end)
end

return kamailio_routes
