--- exotel check: whether the service is as the files say; for cron.
local desired = require "exotel.cli.provisioning"
local failure = require "exotel.cli.errors"
local json = require "exotel.json"
local provision = require "exotel.provision"

local function check(app, args)
  local specs = desired.load(args.file)
  local same, plan = provision.check(app:client(), specs, { prune = args.prune })
  if same == nil then failure.need(same, plan) end
  local changes = json.array(plan and plan.changes or {})
  if app.out.json then app.out:value { drift = not same, changes = changes } end
  if same then app.out:note("no drift") elseif not app.out.json then desired.show(app, plan) end
  return same and failure.status.done or failure.status.drift
end

return {
  name = "check",
  summary = "Say whether the service is as the files say.",
  run = check,
  arguments = { desired.files },
  options = { desired.prune },
  more = "Exit status 0 when it is, 2 when there is drift, 1 when that could not be found out.",
  examples = { "exotel check trunks.lua --quiet || mail -s drift ops@example.com < /dev/null" },
}
