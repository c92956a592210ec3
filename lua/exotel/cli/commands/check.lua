--- exotel check: says whether the service is as the files say; for cron.
local errors = require "exotel.cli.errors"
local provision = require "exotel.provision"
local plan_output = require "exotel.cli.plan_output"
local provisioning = require "exotel.cli.provisioning"

-- → whether it is as the files say, and the plan; raises what keeps that from being found out
local function compare(app, args)
  local specs = provisioning.load(args.file)
  provisioning.check_only(args, specs)
  local options = {
    prune = args.prune, extras = args.ignore_extras and "ignore" or nil, only = provisioning.options(args).only,
  }
  local same, plan = provision.check(app:client(), specs, options)
  if same == nil then errors.assert(same, plan) end
  return same, plan
end

local function check(app, args)
  plan_output.check_form(args)
  app.out.in_vain = "whether it is as the files say could not be found out"
  local same, plan = compare(app, args)
  if not same or app.out.json then plan_output.show(app, plan, { words = "drift" }, { drift = not same }) end
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
    provisioning.only, provisioning.full, provisioning.markdown,
  },
  more = "For cron: prints nothing when it is, and a report when it is not. Exit status 0 when it is, 2 when there is "
    .. "drift, 1 when that could not be found out.",
  examples = { "exotel check trunks.lua", "exotel check trunks.lua --json | jq .drift" },
}
