--- exotel apply: shows a plan, asks, and carries it out.
local backup = require "exotel.cli.backup"
local errors = require "exotel.cli.errors"
local progress = require "exotel.cli.terminal.progress"
local prompt = require "exotel.cli.terminal.prompt"
local provision = require "exotel.provision"
local plan_output = require "exotel.cli.plan_output"
local provisioning = require "exotel.cli.provisioning"
local removals = require "exotel.cli.commands.apply.removals"
local request_log = require "exotel.cli.request_log"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"
local write_log = require "exotel.cli.write_log"

-- The plan ------------------------------------------------------------------------------------------------------------

local function check_arguments(args)
  backup.check(args)
  if args.plan and (#args.file > 0 or args.prune or #args.rotate > 0 or #args.only > 0) then
    errors.usage("--plan brings all it needs: leave out files, --prune, --rotate and --only")
  end
  if not args.plan and #args.file == 0 then errors.usage("apply what? name a file, or a plan by --plan FILE") end
  if not args.yes then prompt.need_terminal("exotel apply") end
end

-- → the plan, and the specifications that it was made of, unless it was kept
local function load_subject(app, args)
  if args.plan then return provisioning.load_plan(args.plan) end
  return provisioning.plan(app, args)
end

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do set[item] = true end
  return set
end

-- What else keeps a plan that was kept from being applied may have passed: applying it tells.
local function is_final(refusal, args) return not args.plan or provisioning.is_rule(refusal.rule) end

local function refuse(plan, args)
  local left, allow = {}, set_of(args.allow)
  for _, refusal in ipairs(plan.refused) do
    if not allow[refusal.rule] and is_final(refusal, args) then left[#left + 1] = refusal end
  end
  if #left > 0 then provisioning.refuse("nothing was changed", left) end
end

-- The plan is part of the question: standard output is for what was done.
local function confirm(app, args, plan, options)
  prompt.show(plan_output.text(app, plan, screen.stderr_is_terminal(), options))
  if not prompt.confirm("Apply this to the account %s?", app:account()) then errors.fail("nothing was changed") end
  removals.confirm(app, args, plan)
end

-- Before anything is done it is said what will be: to who is asked, else where it is done without a question.
local function announce(app, plan, args)
  local options = { origin = args.plan ~= nil }
  if not args.yes then return confirm(app, args, plan, options) end
  if not app.out.json then plan_output.show(app, plan, options) end
end

-- Carrying it out -----------------------------------------------------------------------------------------------------

local function count(report)
  local counts = { done = 0, failed = 0, ignored = 0, unknown = 0, present = 0, not_tried = 0 }
  for _, change in ipairs(report.changes) do counts[change.outcome] = counts[change.outcome] + 1 end
  return counts
end

-- → a progress bar; the `progress` option; and what is not known when a second Ctrl-C cuts the run off
local function tracker(app)
  local bar, over = progress.new("Applying", app:has_bar()), 0
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

-- Whether it may have left something on the service. What is made otherwise than it was sent is there all the same.
local function had_effect(change)
  local made = change.action == "create" or change.action == "add"
  return change.outcome == "done" or change.outcome == "unknown" or (change.outcome == "ignored" and made)
end

local function status_of(report, err)
  if not err then return errors.status.done end
  for _, change in ipairs(report.changes) do
    if had_effect(change) then return errors.status.partly end
  end
  return errors.status.failed
end

local function was_tried(report)
  local counts = count(report)
  return counts.done + counts.ignored + counts.failed + counts.unknown > 0
end

-- Who has agreed to a plan, by a question or with --plan, gets that plan or nothing; else it is the files that count,
-- whatever somebody else does meanwhile.
local function subject_of(args, plan, specifications)
  local options = provisioning.options(args)
  if args.yes and specifications then return removals.only_kept(plan, specifications, options), options end
  return plan, { allow = options.allow }
end

-- Without a store there is nothing to lock; without --lock-timeout the library says how long to wait.
local function lock_of(app)
  if app.args.no_lock then return false end
  return app.args.lock_timeout
end

-- A store that nobody asked for, and that can't be had, keeps nobody from applying.
local function apply_locked(app, subject, options)
  local report, err, partly = provision.apply(app:client(), subject, options)
  local is_refused = err and err.operation == "lock" and err.kind ~= "conflict" and #partly.changes == 0
  if not (is_refused and app.has_default_store) then return report, err, partly end
  if not app.args.quiet then request_log.tell("there is no lock: %s", err.message:match(": (.*)")) end
  options.lock = false
  return provision.apply(app:client(), subject, options)
end

local function advice_for(err, report)
  if err.operation == "lock" then
    return err.kind ~= "conflict" and "--no-lock goes without it" or #report.changes == 0 and "try again later" or nil
  end
  return err.kind == "conflict" and #report.changes == 0 and "make a new plan" or nil
end

local function has_error(report, err)
  for _, change in ipairs(report.changes) do
    if change.err and tostring(change.err) == tostring(err) then return true end
  end
  return false
end

local OTHERWISE = { "failed", "ignored", "unknown", "not_tried" }

-- Beside a change that a report has shown as failed its reason is not said again.
local function in_short(err, report)
  local counts, parts = count(report), {}
  for _, outcome in ipairs(OTHERWISE) do
    if counts[outcome] > 0 then parts[#parts + 1] = ("%d %s"):format(counts[outcome], (outcome:gsub("_", " "))) end
  end
  local text = ("not all was done (%s): the report says why"):format(table.concat(parts, ", "))
  local told = { kind = err.kind, operation = err.operation, message = text }
  return setmetatable(told, { __tostring = function() return text end })
end

-- `report`: the one that was shown, or nil
local function fail(app, err, report)
  local is_told = report and not (app.out.json or app.out.quiet) and has_error(report, err)
  app.out:fail(is_told and in_short(err, report) or err)
end

-- `kept`: the path of the specifications of what is removed, or nil
local function carry_out(app, plan, kept, subject, options)
  local bar, on_progress, unknown = tracker(app)
  options.progress, options.stop = on_progress, signals.stopped
  options.lock = lock_of(app)
  local report, err, partly = app:during_write(unknown, function()
    return apply_locked(app, subject, options)
  end)
  bar:clear()
  report = report or partly
  local is_shown = was_tried(report)
  if is_shown then plan_output.show(app, report, { plan = plan }, { backup = kept }) end
  app.out.advice = err and advice_for(err, report)
  if err then fail(app, err, is_shown and report) end
  return status_of(report, err)
end

-- The log of writes calls trunks by their names.
local function note_trunks(plan)
  for _, trunk in ipairs(plan.trunks) do write_log.note_trunk(trunk.trunk_sid, trunk.trunk_name) end
end

local function apply(app, args)
  check_arguments(args)
  local plan, specifications = load_subject(app, args)
  refuse(plan, args)
  if #plan.changes == 0 then
    plan_output.show(app, plan)
    return errors.status.done
  end
  announce(app, plan, args)
  app:consent()
  note_trunks(plan)
  local kept = removals.keep(app, args, plan)
  return carry_out(app, plan, kept, subject_of(args, plan, specifications))
end

return {
  name = "apply",
  summary = "Make the service as the files say. Shows the plan and asks first.",
  run = apply,
  arguments = { { name = "FILE", args = "*", text = provisioning.files.text } },
  options = {
    { name = "--plan", value = "FILE", text = "Apply what exotel plan --out kept, if nothing has changed since." },
    provisioning.prune,
    provisioning.allow,
    provisioning.rotate,
    { name = "--lock-timeout", value = "SECONDS", whole = true,
      text = "How long to wait while another apply on this account runs (60)." },
    { name = "--no-lock", text = "Don't wait for others, and don't keep them out." },
    provisioning.only,
    provisioning.full,
    { name = "--backup", value = "FILE", text = "Write the specifications of trunks that are removed there; else below "
      .. "~/.local/state/exotel." },
    { name = "--no-backup", text = "Keep none of them." },
    { name = "-y --yes", text = "Don't ask; needed where there is no terminal." },
  },
  more = "Exit status 0 done, 3 partly done, 1 failed. Apply again: it takes up what is left. After a question, and "
    .. "with --plan, nothing is done if the service has changed since; with --yes the files count. The last line says "
    .. "what was done; before it stands what went otherwise than planned. The removal of a trunk asks for its name, as "
    .. "trunk delete does, and needs --allow delete_trunk while it has numbers. Its specification is written to a file "
    .. "first, from which apply makes it again; where that can't be written nothing is changed.",
  examples = { "exotel apply trunks.lua", "exotel apply trunks.lua --yes --quiet", "exotel apply --plan today.plan" },
}
