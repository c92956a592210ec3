--- The checks of exotel doctor TRUNK: the trunk as the service has it, and whether its destinations answer.
local checks = require "exotel.cli.commands.doctor.checks"
local environment = require "exotel.cli.environment"
local resolve = require "exotel.cli.resolve"
local signals = require "exotel.cli.terminal.signals"
local sip_test = require "exotel.cli.sip_test"

local M = {}

local NO_DESTINATIONS = "inbound calls lead nowhere: exotel destination add"

-- → the trunk and the URIs of its destinations, or nil when it can't be read
local function find(results, client, name)
  local good, trunk, uris = pcall(function()
    local found = resolve.trunk(client, name)
    return found, sip_test.destinations(found)
  end)
  if good then return trunk, uris end
  if signals.is_interrupt(trunk) or type(trunk) ~= "table" then error(trunk, 0) end
  checks.add(results, "trunk", false, tostring(trunk))
end

--- trunk.run(results, client, name): adds the checks of a trunk. → the reports of exotel.sip, or nil
function M.run(results, client, name)
  local trunk, uris = find(results, client, name)
  if not trunk then return nil end
  checks.add(results, "trunk", true, ("%s (%s)"):format(trunk.trunk_name or "?", trunk.trunk_sid))
  if #uris == 0 then checks.add(results, "destination", false, "there is none", NO_DESTINATIONS) end
  local reports = sip_test.reports(uris, { sleep = signals.sleep, ca_file = environment.get("EXOTEL_CA_FILE") })
  for _, report in ipairs(reports) do
    local text, advice = sip_test.summary(report)
    checks.add(results, "destination", report.answers, text, advice)
  end
  return reports
end

return M
