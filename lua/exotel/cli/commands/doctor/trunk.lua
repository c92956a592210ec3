--- The checks of exotel doctor TRUNK: the trunk as the service has it, and whether its destinations answer.
local checks = require "exotel.cli.commands.doctor.checks"
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local overview = require "exotel.overview"
local resolve = require "exotel.cli.resolve"
local signals = require "exotel.cli.terminal.signals"
local sip_test = require "exotel.cli.sip_test"

local M = {}

local NO_DESTINATIONS = "inbound calls lead nowhere: exotel destination add"

-- What the service has: { trunk, uris, ips }; raises the error.
local function read(client, name)
  local trunk = resolve.trunk(client, name)
  local ips = {}
  for i, item in ipairs(errors.assert(trunk:list_ips())) do ips[i] = { ip = item.ip, mask = tonumber(item.mask) } end
  return { trunk = trunk, uris = sip_test.destinations(trunk), ips = ips }
end

-- → the same, or nil when it can't be read
local function find(results, client, name)
  local good, found = pcall(read, client, name)
  if good then return found end
  if signals.is_interrupt(found) or type(found) ~= "table" then error(found, 0) end
  checks.add(results, "trunk", false, tostring(found))
end

-- The destinations on IPs that the trunk doesn't whitelist.
local function not_whitelisted(found)
  local destinations, missing = {}, {}
  for i, uri in ipairs(found.uris) do destinations[i] = { destination = uri, id = i } end
  for _, warning in ipairs(overview.warnings { whitelisted_ips = found.ips, destinations = destinations }) do
    for _, i in ipairs(warning.rule == "ip_missing" and warning.ids or {}) do missing[#missing + 1] = found.uris[i] end
  end
  return missing
end

local function check_whitelist(results, found)
  local missing = not_whitelisted(found)
  if #missing == 0 then
    return checks.add(results, "whitelist", true, ("%d IP%s"):format(#found.ips, #found.ips == 1 and "" or "s"))
  end
  for _, uri in ipairs(missing) do
    checks.add(results, "whitelist", false, uri .. " is on an IP that is not whitelisted",
      "exotel ip add: the service takes destinations on whitelisted IPs only")
  end
end

local function check_destinations(results, uris)
  if #uris == 0 then checks.add(results, "destination", false, "there is none", NO_DESTINATIONS) end
  local options = { sleep = signals.sleep, ca_file = environment.get("EXOTEL_CA_FILE") }
  local reports = sip_test.reports(uris, options, sip_test.elsewhere)
  for _, report in ipairs(reports) do
    local text, advice = sip_test.summary(report)
    checks.add(results, "destination", report.answers, text, advice)
  end
  return reports
end

--- trunk.run(results, client, name): adds the checks of a trunk. → the reports of exotel.sip, or nil
function M.run(results, client, name)
  local found = find(results, client, name)
  if not found then return nil end
  checks.add(results, "trunk", true, ("%s (%s)"):format(found.trunk.trunk_name or "?", found.trunk.trunk_sid))
  check_whitelist(results, found)
  return check_destinations(results, found.uris)
end

return M
