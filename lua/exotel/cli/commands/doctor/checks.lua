--- The checks of exotel doctor, in the order in which a call depends on them.
local account = require "exotel.cli.account"
local exotel = require "exotel"
local signals = require "exotel.cli.terminal.signals"
local wording = require "exotel.cli.wording"

local M = {}

-- Seconds. A clock that is further off finds valid certificates expired, or not yet valid.
local CLOCK_OFF = 60
local TIMEOUT = 10

--- checks.add(results, name, good, text, advice): adds a check's result. `text`: what was seen; `advice`: what to do
-- when it is not good.
local function add(results, name, good, text, advice)
  results[#results + 1] = { name = name, ok = good, text = wording.command(text), advice = not good and advice or nil }
end
M.add = add

-- The library ---------------------------------------------------------------------------------------------------------

local function check_libraries(results)
  local libraries = exotel.libraries()
  add(results, "exotel", true, ("%s, %s"):format(exotel.version, _VERSION))
  add(results, "libcurl", true, libraries.curl)
  add(results, "TLS", libraries.tls ~= "", libraries.tls ~= "" and libraries.tls or "libcurl has no TLS library",
    "install a libcurl with TLS: on Debian libcurl4")
  return libraries.ca
end

local function can_read(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function check_bundle(results, built_in, given)
  local path = given or built_in
  if not path then
    return add(results, "CA bundle", false, "none found",
      "install ca-certificates, or set EXOTEL_CA_FILE to a PEM file")
  end
  add(results, "CA bundle", can_read(path), can_read(path) and path or path .. " can't be read",
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
local function check_account(results, name)
  local good, options, source = pcall(account.find, name)
  if not good then
    if not options.kind then error(options, 0) end
    add(results, "account", false, tostring(options), "see exotel --help")
    return nil
  end
  local client, err = client_of(options)
  add(results, "account", client ~= nil, client and ("%s, from %s"):format(tostring(client):match(": (.*)"), source)
    or err.message, "set it right in " .. source)
  return client, options
end

-- The service ---------------------------------------------------------------------------------------------------------

local OTHER = { mumbai = "singapore", singapore = "mumbai" }

-- A key that one region refuses may belong to the other.
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

local function add_answer(results, info)
  add(results, "service", true, ("answers in %.2f s"):format(info.elapsed))
  add(results, "credentials", true, "good")
end

local function add_failure(results, err, options)
  if err.kind == "authentication" then
    add(results, "service", true, ("answers in %.2f s"):format(err.elapsed))
    return add(results, "credentials", false, err.message, region_advice(options))
  end
  add(results, "service", false, tostring(err), ADVICE[err.kind] or "see the message")
end

local function check_clock(results, server_time)
  if not server_time then return end
  local off = os.time() - server_time
  add(results, "clock", math.abs(off) <= CLOCK_OFF, math.abs(off) <= CLOCK_OFF and "agrees with the service's"
    or ("%d s %s the service's"):format(math.abs(off), off > 0 and "ahead of" or "behind"),
    "set it: timedatectl set-ntp true")
end

-- → whether it gave its answer
local function check_service(results, client, options)
  local data, info = client:list_trunks { page_size = 1 }
  if data then add_answer(results, info) else add_failure(results, info, options) end
  check_clock(results, info.server_time)
  return data ~= nil
end

-- All of them ---------------------------------------------------------------------------------------------------------

--- checks.run(profile) → an array of { name, ok, text, advice }; the client, nil where it is of no use. `profile`: the
-- name given by --profile, or nil.
function M.run(profile)
  local results = {}
  local built_in = check_libraries(results)
  local client, options = check_account(results, profile)
  check_bundle(results, built_in, options and options.ca_file or os.getenv("EXOTEL_CA_FILE"))
  local good = client and check_service(results, client, options)
  return results, good and client or nil
end

return M
