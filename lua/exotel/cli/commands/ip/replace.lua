--- exotel ip replace: one IP of a trunk by another, with the destinations on it.
local arguments = require "exotel.cli.arguments"
local errors = require "exotel.cli.errors"
local plan_output = require "exotel.cli.plan_output"
local progress = require "exotel.cli.terminal.progress"
local prompt = require "exotel.cli.terminal.prompt"
local provision = require "exotel.provision"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"

local function refuse(plan)
  local messages = {}
  for i, refusal in ipairs(plan.refused) do messages[i] = refusal.message end
  if #messages > 0 then errors.fail("nothing was changed: %s", table.concat(messages, "; ")) end
end

local function confirm(app, args, plan)
  prompt.show(plan_output.text(app, plan, screen.stderr_is_terminal()))
  local agreed = prompt.confirm("Replace %s by %s on the trunk %s of the account %s?", args.old, args.new,
    plan.trunk_name, app:account())
  if not agreed then errors.fail("nothing was changed") end
end

-- Whether something may be otherwise than before.
local function was_changed(report)
  for _, change in ipairs(report.changes) do
    if change.outcome == "done" or change.outcome == "unknown" then return true end
  end
end

local function run(app, args, plan, options)
  local bar = progress.new("Replacing", app:has_bar())
  options.stop = signals.stopped
  options.progress = function(done, total) bar:update(done, total) end
  local report, err, partly = app:during_write(function()
    bar:clear()
    return "all was done (the same command again completes it)"
  end, function() return provision.replace_ip(app:client(), plan.trunk_sid, args.old, args.new, options) end)
  bar:clear()
  if not (report or partly) then errors.assert(nil, err) end
  return report or partly, err
end

local function replace(app, args)
  if not (args.yes or args.dry_run) then prompt.need_terminal("exotel ip replace") end
  local trunk, options = resolve.trunk(app:client(), args.trunk), { keep_old = args.keep_old }
  local plan = errors.assert(provision.plan_ip_replacement(app:client(), trunk.trunk_sid, args.old, args.new, options))
  refuse(plan)
  if args.dry_run or #plan.changes == 0 then return plan_output.show(app, plan) end
  if not args.yes then confirm(app, args, plan) end
  local report, err = run(app, args, plan, options)
  plan_output.show(app, report)
  if not err then return errors.status.done end
  app.out:fail(err)
  return was_changed(report) and errors.status.partly or errors.status.failed
end

return {
  name = "replace", summary = "Replace an IP, and the destinations on it. Shows the steps and asks first.",
  run = replace,
  arguments = {
    arguments.trunk, { name = "OLD", text = "The whitelisted address that goes." },
    { name = "NEW", text = "The address that takes its place." },
  },
  options = {
    { name = "--keep-old", text = "Add what is new and remove nothing; without it, later, the old goes." },
    { name = "--dry-run", text = "Show the steps, and change nothing." }, arguments.yes,
  },
  more = "In an order that keeps calls up: whitelists NEW, adds each destination of OLD with NEW's address (port, "
    .. "transport, priority and weight stay), reads them back, and only then removes the old destinations, and OLD "
    .. "at the end. When something new could not be added nothing is removed. Run again, it completes what was begun.",
  examples = {
    "exotel ip replace outbound_trunk 44.248.146.11 44.248.146.12",
    "exotel ip replace outbound_trunk 44.248.146.11 44.248.146.12 --keep-old",
  },
}
