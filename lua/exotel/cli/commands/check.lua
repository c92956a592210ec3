--- exotel check: says whether the service is as the files say; for cron.
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "exotel.cli.provisioning"

local function check(app, args)
  local specs = provisioning.load(args.file)
  local extras = args.ignore_extras and "ignore" or nil
  local same, plan = provision.check(app:client(), specs, { prune = args.prune, extras = extras })
  if same == nil then errors.assert(same, plan) end
  local function list(name) return json.array(plan and plan[name] or {}) end
  if app.out.json then app.out:value { drift = not same, changes = list "changes", extras = list "extras" } end
  if same then app.out:note("no drift") elseif not app.out.json then provisioning.show(app, plan) end
  return same and errors.status.done or errors.status.drift
end

return {
  name = "check",
  summary = "Say whether the service is as the files say.",
  run = check,
  arguments = { provisioning.files },
  options = {
    provisioning.prune,
    { name = "--ignore-extras", text = "What is there beside the specification's lists is no drift." },
  },
  more = "Exit status 0 when it is, 2 when there is drift, 1 when that could not be found out.",
  examples = { "exotel check trunks.lua --quiet || mail -s drift ops@example.com < /dev/null" },
}
