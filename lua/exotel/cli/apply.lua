--- exotel apply: does what a plan says, after it was shown and agreed to.
local desired = require "exotel.cli.desired"
local failure = require "exotel.cli.failure"
local file = require "exotel.cli.file"
local progress = require "exotel.cli.progress"
local prompt = require "exotel.cli.prompt"
local provision = require "exotel.provision"
local signals = require "exotel.cli.signals"

-- The plan ------------------------------------------------------------------------------------------------------------

local function check_arguments(args)
  if args.plan and (#args.file > 0 or args.prune or #args.rotate > 0) then
    failure.usage("--plan brings all it needs: leave out files, --prune and --rotate")
  end
  if not args.plan and #args.file == 0 then failure.usage("apply what? name a file, or a plan by --plan FILE") end
  if not args.yes then prompt.need_terminal("exotel apply") end
end

local function saved(path)
  local plan, err = provision.restore(file.read(path))
  if not plan then failure.fail("%s is no plan that `exotel plan --out` wrote: %s", path, err.message) end
  return plan
end

local function refuse(plan)
  local lines, rules, seen = {}, {}, {}
  for _, refusal in ipairs(plan.refused or {}) do
    lines[#lines + 1] = refusal.message
    if not seen[refusal.rule] then rules[#rules + 1] = "--allow " .. refusal.rule end
    seen[refusal.rule] = true
  end
  if #lines == 0 then return end
  failure.fail("refused, nothing was changed: %s (if that is meant: %s)", table.concat(lines, "; "),
    table.concat(rules, " "))
end

local function agreed(app, plan, args)
  if args.yes then return true end
  if app.out.json or app.out.quiet then io.stderr:write(tostring(plan), "\n") end
  return prompt.confirm(("Apply %s?"):format(plan:summary()))
end

-- Doing it ------------------------------------------------------------------------------------------------------------

local function count(report)
  local counts = {}
  for _, change in ipairs(report.changes) do counts[change.outcome] = (counts[change.outcome] or 0) + 1 end
  return counts
end

-- For a cut off run: the changes that are over are known by then.
local function tracker(app)
  local bar, over = progress.new("Applying", not (app.out.quiet or app.out.json)), 0
  local function on_progress(done, total)
    over = done
    bar:update(done, total)
  end
  local function unknown()
    bar:clear()
    return ("the change after the %d that are over took effect (exotel plan tells what is left)"):format(over)
  end
  return bar, on_progress, unknown
end

local function status_of(report, err)
  if not err then return failure.status.done end
  local counts = count(report)
  return ((counts.done or 0) + (counts.unknown or 0) > 0) and failure.status.partly or failure.status.failed
end

local function do_it(app, plan, args)
  local bar, on_progress, unknown = tracker(app)
  local options = { progress = on_progress, stop = signals.stopped, allow = desired.options(args).allow }
  local report, err, partly = signals.during(unknown, function()
    return provision.apply(app:client(), plan, options)
  end)
  bar:clear()
  if report or partly then desired.show(app, report or partly) end
  if err then app.out:fail(err) end
  return status_of(report or partly or { changes = {} }, err)
end

local function apply(app, args)
  check_arguments(args)
  local plan = args.plan and saved(args.plan) or desired.plan(app, args)
  if #plan.changes > 0 and not app.out.json then desired.show(app, plan) end
  refuse(plan)
  if #plan.changes == 0 then
    if app.out.json then app.out:value { changes = {} } end
    app.out:note("Nothing to change.")
    return failure.status.done
  end
  if not agreed(app, plan, args) then failure.fail("nothing was changed") end
  return do_it(app, plan, args)
end

return {
  name = "apply",
  summary = "Make the service as the files say. Shows the plan and asks first.",
  run = apply,
  arguments = { { name = "FILE", args = "*", text = "Specifications, in Lua (.lua) or JSON (.json)." } },
  options = {
    { name = "--plan", value = "FILE", text = "Apply what exotel plan --out kept, if nothing has changed since." },
    desired.prune,
    { name = "--allow", value = "RULE", many = true, choices = desired.rules,
      text = "With --prune, also remove a trunk's last_ip or last_destination, or shrink a list by more than half." },
    desired.rotate,
    { name = "-y --yes", text = "Don't ask; needed where there is no terminal." },
  },
  more = "Exit status 0 done, 3 partly done, 1 failed. Apply again: it takes up what is left.",
  examples = { "exotel apply trunks.lua", "exotel apply trunks.lua --yes --quiet", "exotel apply --plan today.plan" },
}
