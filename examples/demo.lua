--- Sets up a trunk, reads it back and deletes it.
--
--     make demo                              on the sandbox: no account, no network
--     EXOTEL_LIVE=1 make demo                on the service, with EXOTEL_* set as the README says
--     EXOTEL_LIVE=1 make demo ARGS=--list    only lists the trunks of this demo in the account
--
-- EXOTEL_DEMO_NUMBERS: the numbers to map on the service, in E.164, separated by commas. They must be ExoPhones of the
-- account that carry no calls meanwhile; without them the steps that need one are skipped.

local LIVE_HINT = "EXOTEL_LIVE=1 make demo ARGS=--list"
local PREFIX = "demo_"

-- Addresses reserved for documentation (RFC 5737): they belong to nobody.
local IPS = { "203.0.113.10", "203.0.113.11" }
local DESTINATIONS = { "203.0.113.10:5061;transport=tls", "sip.example.com:5060;transport=tcp" }
local SANDBOX_NUMBERS = { "+919876543210", "+918040264208" }
local MODES = { "pstn", "flow" }

local ADVICE = {
  authentication = "check EXOTEL_API_KEY, EXOTEL_API_TOKEN and EXOTEL_REGION: a key is good in its own region only",
  permission = "ask Exotel to enable SIP trunking for this account",
  rate_limited = "wait a minute and run it again",
  network = "check the network and the region or address, then run it again",
  timeout = "check the network, then run it again",
  tls = "check the system's CA certificates (package ca-certificates), clock and proxy",
}

-- Printing -----------------------------------------------------------------------------------------------------------

local function say(title, format, ...)
  print(format and string.format("%-20s", title) .. string.format(format, ...) or title)
  io.stdout:flush()
end

local function complain(format, ...)
  io.stdout:flush()
  io.stderr:write("demo: " .. string.format(format, ...) .. "\n")
end

local function is_interrupt(reason) return tostring(reason):find("interrupted!", 1, true) ~= nil end

-- One line: the failure and what to do about it.
local function explain(reason)
  if is_interrupt(reason) then return "interrupted" end
  local advice = type(reason) == "table" and ADVICE[reason.kind]
  return tostring(reason) .. (advice and " -- " .. advice or "")
end

-- Returns a success; raises the reason of a failure.
local function need(value, reason)
  if value == nil then error(reason, 0) end
  return value
end

-- Service or sandbox --------------------------------------------------------------------------------------------------

local function load_modules()
  local good, exotel = pcall(require, "exotel")
  if not good and exotel:find("was built for", 1, true) then error(exotel, 0) end
  if not good then error("exotel is not built, or not on Lua's path: run `make demo`", 0) end
  return exotel, require "exotel.trunk"
end

local function is_live()
  local live = os.getenv("EXOTEL_LIVE")
  if live == "1" then return true end
  if live ~= nil and live ~= "" and live ~= "0" then
    error("EXOTEL_LIVE must be 1 (the real service) or not set (the sandbox)", 0)
  end
  return false
end

local function numbers_from_environment()
  local numbers = {}
  for number in (os.getenv("EXOTEL_DEMO_NUMBERS") or ""):gmatch("[^,%s]+") do numbers[#numbers + 1] = number end
  return numbers
end

local function connect_live(demo)
  demo.client = need(demo.exotel.client())
  demo.numbers = numbers_from_environment()
  say("exotel " .. demo.exotel.version, "on the real service: %s", tostring(demo.client))
end

local function connect_sandbox(demo)
  demo.sandbox = need(require("exotel.sandbox").start())
  demo.client = need(demo.sandbox:client())
  demo.numbers = SANDBOX_NUMBERS
  say("exotel " .. demo.exotel.version, "on the sandbox, a stand-in for the service on this machine")
  if os.getenv("EXOTEL_API_KEY") then say("", "(EXOTEL_LIVE=1 takes the account in EXOTEL_* instead)") end
end

-- The steps ----------------------------------------------------------------------------------------------------------

local function create(demo)
  demo.name = PREFIX .. string.format("%04x%04x", math.random(0, 0xffff), math.random(0, 0xffff))
  demo.may_exist = true
  local t, err = demo.module.create(demo.client, { trunk_name = demo.name })
  if not t then demo.may_exist = err.maybe_applied end
  demo.trunk = need(t, err)
  say("Create a trunk", "%s: %s", demo.name, demo.trunk.trunk_sid)
end

local function map_numbers(demo)
  for i, number in ipairs(demo.numbers) do
    local mode = MODES[(i - 1) % #MODES + 1]
    local mapping = need(demo.trunk:map_number(number, mode))
    say("Map a number", "%s for %s: id %s", number, mode, mapping.id)
  end
  if #demo.numbers == 0 then say("Map a number", "left out: EXOTEL_DEMO_NUMBERS is not set") end
end

local function whitelist_ips(demo)
  for _, ip in ipairs(IPS) do say("Whitelist an IP", "%s: id %s", ip, need(demo.trunk:whitelist_ip(ip)).id) end
end

local function set_caller_id(demo)
  local number = demo.numbers[1]
  if not number then return say("Set the caller ID", "left out: EXOTEL_DEMO_NUMBERS is not set") end
  need(demo.trunk:set_alias(number))
  say("Set the caller ID", "%s", number)
end

local function add_destinations(demo)
  for i, added in ipairs(need(demo.trunk:add_destinations(DESTINATIONS))) do
    say("Add a destination", "%s: id %s", DESTINATIONS[i], added.id)
  end
end

local function print_all(title, list, show)
  for _, item in ipairs(need(list())) do say("  " .. title, "%s", show(item)) end
end

local function read_back(demo)
  local t = demo.trunk
  say("The service holds")
  print_all("number", function() return t:list_numbers() end,
    function(item) return item.phone_number .. ", mode " .. (item.mode or "not set") end)
  print_all("whitelisted IP", function() return t:list_ips() end,
    function(item) return item.ip .. "/" .. string.format("%d", item.mask) end)
  print_all("setting", function() return t:list_settings() end,
    function(item) return item.name .. " = " .. tostring(item.value) end)
  print_all("destination", function() return t:list_destinations() end, function(item) return item.destination end)
end

local function delete(demo)
  need(demo.trunk:delete())
  local left, err = demo.module.find(demo.client, demo.name)
  if err then error(err, 0) end
  if left then error("the trunk is still there after it was deleted", 0) end
  demo.may_exist = false
  say("Delete the trunk", "%s is gone, with all that belonged to it", demo.name)
end

local STEPS = { create, map_numbers, whitelist_ips, set_caller_id, add_destinations, read_back, delete }

-- After a failure -----------------------------------------------------------------------------------------------------

-- Deletes the trunk, found by its name if its SID is not known. → true when it certainly does not exist.
local function try_delete(demo)
  local t, err = demo.trunk, nil
  if not t then t, err = demo.module.find(demo.client, demo.name) end
  -- A request that was abandoned on its way may still arrive.
  if not t then return false, err or "it was not there yet" end
  local deleted, failure = demo.client:delete_trunk({ trunk_sid = t.trunk_sid }, { deadline = 20 })
  return deleted ~= nil or failure.kind == "not_found", failure
end

local function clean_up(demo)
  if not demo.may_exist then return end
  if demo.sandbox then return complain("the trunk %s ended with the sandbox", demo.name) end
  complain("the trunk %s may exist; deleting it (Ctrl-C to leave at once; see it with: %s)", demo.name, LIVE_HINT)
  local good, gone, reason = pcall(try_delete, demo)
  if good and gone then return complain("the trunk %s is gone", demo.name) end
  complain("the trunk %s may still exist: %s", demo.name, explain(good and reason or gone))
  complain("see it with: %s", LIVE_HINT)
end

-- The command line ----------------------------------------------------------------------------------------------------

local function run_steps(demo)
  math.randomseed(os.time() + math.floor(os.clock() * 1e6))
  if is_live() then connect_live(demo) else connect_sandbox(demo) end
  for _, step in ipairs(STEPS) do step(demo) end
end

local function list_trunks(demo)
  if not is_live() then error("--list is for the real service: " .. LIVE_HINT, 0) end
  connect_live(demo)
  local count = 0
  for _, t in ipairs(need(demo.module.list(demo.client))) do
    if t.trunk_name:sub(1, #PREFIX) == PREFIX then
      count = count + 1
      say("  trunk", "%s: %s, created %s", t.trunk_name, t.trunk_sid, t.date_created or "?")
    end
  end
  say("", "%d of this demo", count)
end

local function run(demo, arguments)
  demo.exotel, demo.module = load_modules()
  if #arguments == 0 then return run_steps(demo) end
  if #arguments == 1 and arguments[1] == "--list" then return list_trunks(demo) end
  error("usage: demo.lua [--list]", 0)
end

local function main(arguments)
  local demo = {}
  local good, reason = pcall(run, demo, arguments)
  if not good then
    complain("%s", explain(reason))
    clean_up(demo)
  end
  if demo.client then demo.client:close() end
  if demo.sandbox then demo.sandbox:stop() end
  if good then return 0 end
  return is_interrupt(reason) and 130 or 1
end

local good, code = pcall(main, arg)
if not good then complain("%s", explain(code)) end
os.exit(good and code or 1, true)
