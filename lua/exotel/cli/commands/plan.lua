--- exotel plan: shows what applying would change; and a plan that was kept.
local errors = require "exotel.cli.errors"
local file = require "exotel.cli.file"
local plan_show = require "exotel.cli.commands.plan.show"
local plan_output = require "exotel.cli.plan_output"
local provisioning = require "exotel.cli.provisioning"

local function keep(app, args, made)
  file.write(args.out, errors.assert(made:save()))
  app.out:note("The plan is in %s: exotel apply --plan %s", args.out, args.out)
end

local function plan(app, args)
  if args.file[1] == "show" then return plan_show(app, args) end
  plan_output.check_form(args)
  local made = provisioning.plan(app, args)
  plan_output.show(app, made)
  if args.out then keep(app, args, made) end
  if #made.refused > 0 then provisioning.refuse("apply would refuse this plan", made.refused) end
  return args.exit_code and #made.changes > 0 and errors.status.drift or errors.status.done
end

return {
  name = "plan",
  summary = "Show what applying would change. Changes nothing.",
  run = plan,
  arguments = { provisioning.files },
  options = {
    { name = "--out", value = "FILE", text = "Keep the plan, for exotel apply --plan FILE." },
    provisioning.prune, provisioning.allow, provisioning.rotate, provisioning.only, provisioning.full,
    provisioning.markdown,
    { name = "--exit-code", text = "Exit status 2 when something would change." },
  },
  more = "Exit status 0 when the plan was made, with --exit-code 2 when something would change; 1 when apply would "
    .. "refuse it, or when it could not be made. `exotel plan show FILE` shows a plan that --out kept, without account "
    .. "and network (a file of specifications that is called show is ./show).",
  examples = {
    "exotel plan trunks.lua", "exotel plan trunks.lua --prune --out today.plan",
    "exotel plan show today.plan --markdown",
  },
}
