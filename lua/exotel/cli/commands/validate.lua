--- exotel validate: says what is wrong with files, without an account.
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "exotel.cli.provisioning"
local screen = require "exotel.cli.terminal.screen"

local LEVELS = { "error", "warning", "note" }
local COLOURS = { error = "red", warning = "yellow" }

local function count_levels(problems)
  local counts = { error = 0, warning = 0, note = 0 }
  for _, problem in ipairs(problems) do counts[problem.level] = counts[problem.level] + 1 end
  return counts
end

local function counted(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

local function summary(counts, files, specs)
  local parts = {}
  for _, level in ipairs(LEVELS) do
    if counts[level] > 0 or level == "error" then parts[#parts + 1] = counted(counts[level], level) end
  end
  return ("%s in %s (%s)\n"):format(table.concat(parts, ", "), counted(files, "file"), counted(specs, "trunk"))
end

local function show(app, problems, counts, args, specs)
  for _, problem in ipairs(problems) do
    if problem.level == "error" or not app.out.quiet then
      app.out:text(screen.paint(COLOURS[problem.level], tostring(problem)) .. "\n")
    end
  end
  if not app.out.quiet then app.out:text(summary(counts, #args.file, #specs)) end
end

local function validate(app, args)
  local specs, problems = provision.load_all(args.file)
  local counts = count_levels(problems)
  local good = counts.error == 0
  if app.out.json then
    app.out:value {
      valid = good, errors = counts.error, warnings = counts.warning, notes = counts.note, trunks = #specs,
      problems = json.array(problems),
    }
  else
    show(app, problems, counts, args, specs)
  end
  return good and errors.status.done or errors.status.failed
end

return {
  name = "validate",
  summary = "Say what is wrong with specifications. Needs no account and no network.",
  run = validate,
  arguments = { provisioning.files },
  more = "All that is wrong with all files is shown, each with file, line, trunk and path. A line is left out where "
    .. "the file computes what is wrong. Exit status 0 when there is no error, 1 otherwise; warnings and notes don't "
    .. "count.",
  examples = { "exotel validate trunks.lua spare.json", "exotel validate --json *.lua | jq '.problems[].message'" },
}
