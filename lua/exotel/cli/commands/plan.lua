--- exotel plan: shows what applying would change.
local errors = require "exotel.cli.errors"
local file = require "exotel.cli.file"
local provisioning = require "exotel.cli.provisioning"

local function plan(app, args)
  local made = provisioning.plan(app, args)
  provisioning.show(app, made)
  if args.out then
    file.write(args.out, made:save())
    app.out:note("The plan is in %s: exotel apply --plan %s", args.out, args.out)
  end
  return #made.changes > 0 and errors.status.drift or errors.status.done
end

return {
  name = "plan",
  summary = "Show what applying would change. Changes nothing.",
  run = plan,
  arguments = { provisioning.files },
  options = {
    { name = "--out", value = "FILE", text = "Keep the plan, for exotel apply --plan FILE." },
    provisioning.prune, provisioning.allow, provisioning.rotate,
  },
  more = "Exit status 0 when nothing would change, 2 when something would.",
  examples = { "exotel plan trunks.lua", "exotel plan trunks.lua --prune --out today.plan" },
}
