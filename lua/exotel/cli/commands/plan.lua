--- exotel plan: what would change, without changing it.
local desired = require "exotel.cli.provisioning"
local failure = require "exotel.cli.errors"
local file = require "exotel.cli.file"

local function plan(app, args)
  local made = desired.plan(app, args)
  desired.show(app, made)
  if args.out then
    file.write(args.out, made:save())
    app.out:note("The plan is in %s: exotel apply --plan %s", args.out, args.out)
  end
  return #made.changes > 0 and failure.status.drift or failure.status.done
end

return {
  name = "plan",
  summary = "Show what applying would change. Changes nothing.",
  run = plan,
  arguments = { desired.files },
  options = {
    { name = "--out", value = "FILE", text = "Keep the plan, for exotel apply --plan FILE." },
    desired.prune, desired.allow, desired.rotate,
  },
  more = "Exit status 0 when nothing would change, 2 when something would.",
  examples = { "exotel plan trunks.lua", "exotel plan trunks.lua --prune --out today.plan" },
}
