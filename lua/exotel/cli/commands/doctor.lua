--- exotel doctor: looks at all that a call needs, and says what is wrong and what to do.
local account = require "exotel.cli.account"
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"

-- A clock that is further off (seconds) is a fault: certificates are judged by it.
local CLOCK_OFF = 60
local TIMEOUT = 10

-- A check's result: good, what was seen, and what to do where it isn't good.
local function add(found, name, good, text, what_to_do)
  found[#found + 1] = { name = name, ok = good, text = text, advice = not good and what_to_do or nil }
  return good
end

-- The library ---------------------------------------------------------------------------------------------------------

local function check_libraries(found)
  local libraries = exotel.libraries()
  add(found, "exotel", true, ("%s, %s"):format(exotel.version, _VERSION))
  add(found, "libcurl", true, libraries.curl)
  add(found, "TLS", libraries.tls ~= "", libraries.tls ~= "" and libraries.tls or "libcurl has no TLS library",
    "install a libcurl with TLS: on Debian libcurl4")
  return libraries.ca
end

local function can_read(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function check_bundle(found, built_in, given)
  local path = given or built_in
  if not path then
    return add(found, "CA bundle", false, "none found", "install ca-certificates, or set EXOTEL_CA_FILE to a PEM file")
  end
  add(found, "CA bundle", can_read(path), can_read(path) and path or path .. " can't be read",
    "set EXOTEL_CA_FILE to a PEM file that can be read, or unset it")
end

-- The account ---------------------------------------------------------------------------------------------------------

local function client_of(options, changes)
  local all = { sleep = signals.sleep, retries = 0, timeout = TIMEOUT }
  for _, list in ipairs { options, changes or {} } do
    for key, value in pairs(list) do all[key] = value end
  end
  return exotel.client(all)
end

-- → the client and its options, or nil when there is none
local function check_account(found, name)
  local good, options, source = pcall(account.find, name)
  if not good then
    if not options.kind then error(options, 0) end
    add(found, "account", false, tostring(options), "see exotel --help")
    return nil
  end
  local client, err = client_of(options)
  add(found, "account", client ~= nil, client and ("%s, from %s"):format(tostring(client):match(": (.*)"), source)
    or err.message, "set it right in " .. source)
  return client, options
end

-- The service ---------------------------------------------------------------------------------------------------------

local OTHER = { mumbai = "singapore", singapore = "mumbai" }

-- A key that is refused in one region may be the other one's.
local function region_advice(options)
  local region = options.region or os.getenv("EXOTEL_REGION")
  local other = not (options.base_url or options.subdomain) and OTHER[region]
  local client = other and client_of(options, { region = other })
  if client and client:list_trunks { page_size = 1 } then
    return ("the key is good in %s: set the region to %s"):format(other, other)
  end
  return "compare key, token and region with the API settings page of the dashboard"
end

local ADVICE = {
  network = "check the network, a firewall or proxy, and the region or address",
  timeout = "check the network, a firewall or proxy, and the region or address",
  tls = "check the clock, the CA bundle (EXOTEL_CA_FILE), and whether a proxy replaces certificates",
  permission = "ask Exotel to enable SIP trunking for this account",
  rate_limited = "wait a minute: the account's requests are used up",
  not_found = "check the account sid, and the address",
  server = "the service has a fault: try again later",
}

local function say_answer(found, info)
  add(found, "service", true, ("answers in %.2f s"):format(info.elapsed))
  add(found, "credentials", true, "good")
end

local function say_failure(found, err, options)
  if err.kind == "authentication" then
    add(found, "service", true, ("answers in %.2f s"):format(err.elapsed))
    return add(found, "credentials", false, err.message, region_advice(options))
  end
  add(found, "service", false, tostring(err), ADVICE[err.kind] or "see the message")
end

local function check_clock(found, server_time)
  if not server_time then return end
  local off = os.time() - server_time
  add(found, "clock", math.abs(off) <= CLOCK_OFF, math.abs(off) <= CLOCK_OFF and "agrees with the service's"
    or ("%d s %s the service's"):format(math.abs(off), off > 0 and "ahead of" or "behind"),
    "set it: timedatectl set-ntp true")
end

local function check_service(found, client, options)
  local data, info = client:list_trunks { page_size = 1 }
  if data then say_answer(found, info) else say_failure(found, info, options) end
  check_clock(found, info.server_time)
end

-- The command ---------------------------------------------------------------------------------------------------------

local function line(check)
  local mark = check.ok and screen.paint("green", "ok") or screen.paint("red", "WRONG")
  local text = ("%s%s%-13s%s\n"):format(mark, check.ok and "     " or "  ", check.name, screen.plain(check.text))
  if not check.advice then return text end
  return text .. (" "):rep(7) .. "-> " .. screen.plain(check.advice) .. "\n"
end

local function show(app, found, good)
  if app.out.json then return app.out:value { ok = good, checks = found } end
  local lines = {}
  for _, check in ipairs(found) do
    if not (app.out.quiet and check.ok) then lines[#lines + 1] = line(check) end
  end
  app.out:text(table.concat(lines))
end

local function doctor(app, args)
  local found, good = {}, true
  local built_in = check_libraries(found)
  local client, options = check_account(found, args.profile)
  check_bundle(found, built_in, options and options.ca_file or os.getenv("EXOTEL_CA_FILE"))
  if client then check_service(found, client, options) end
  for _, check in ipairs(found) do good = good and check.ok end
  show(app, found, good)
  return good and errors.status.done or errors.status.failed
end

return {
  name = "doctor",
  summary = "Look for what is wrong: libraries, certificates, account, region, network, clock.",
  run = doctor,
  more = "Exit status 0 when all is well, else 1. Reads one page of the trunks, changes nothing. A key that is refused "
    .. "is tried in the other region, too.",
  examples = { "exotel doctor", "exotel doctor --profile test" },
}
