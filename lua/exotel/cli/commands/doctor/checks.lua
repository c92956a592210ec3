--- The checks of exotel doctor, in the order in which a call depends on them.
local account = require "exotel.cli.account"
local exotel = require "exotel"
local probe = require "exotel.cli.probe"
local signals = require "exotel.cli.terminal.signals"
local wording = require "exotel.cli.wording"

local M = {}

-- Seconds. A clock that is further off finds valid certificates expired, or not yet valid.
local CLOCK_OFF = 60

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

-- Where it comes from: which variables, too.
local function origin_of(chosen)
  if not chosen.variables then return chosen.source end
  return ("%s (%s)"):format(chosen.source, table.concat(chosen.variables, ", "))
end

local function add_account(results, chosen, options)
  local client, err = probe.client(options)
  add(results, "account", client ~= nil, client and ("%s, from %s"):format(tostring(client):match(": (.*)"),
    origin_of(chosen)) or err.message, "set it right in " .. chosen.source)
  return client
end

-- → the client and its options, or nil when there is none
local function check_account(results, app)
  local good, chosen, options = pcall(function()
    local found = app:chosen()
    return found, account.options(found)
  end)
  if good then return add_account(results, chosen, options), options end
  if signals.is_interrupt(chosen) or type(chosen) ~= "table" then error(chosen, 0) end
  add(results, "account", false, tostring(chosen), "see exotel --help")
end

-- The service ---------------------------------------------------------------------------------------------------------

local function add_answer(results, info)
  add(results, "service", true, ("answers in %.2f s"):format(info.elapsed))
  add(results, "credentials", true, "good")
end

local function add_failure(results, err, options)
  if err.kind == "authentication" then
    add(results, "service", true, ("answers in %.2f s"):format(err.elapsed))
    return add(results, "credentials", false, err.message, probe.advice(err, options))
  end
  add(results, "service", false, tostring(err), probe.advice(err, options))
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
  local data, info = probe.read(client)
  if data then add_answer(results, info) else add_failure(results, info, options) end
  check_clock(results, info.server_time)
  return data == true
end

-- All of them ---------------------------------------------------------------------------------------------------------

--- checks.run(app) → an array of { name, ok, text, advice }; the client, nil where it is of no use.
function M.run(app)
  local results = {}
  local built_in = check_libraries(results)
  local client, options = check_account(results, app)
  check_bundle(results, built_in, options and options.ca_file or os.getenv("EXOTEL_CA_FILE"))
  local good = client and check_service(results, client, options)
  return results, good and client or nil
end

return M
