--- exotel number import: maps the numbers of a CSV file, and writes down the outcome of each row at once.
local bulk = require "exotel.bulk"
local errors = require "exotel.cli.errors"
local progress = require "exotel.cli.terminal.progress"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"

local OUTCOMES = { "done", "present", "failed", "unknown", "not_tried" }

local function summary_text(summary)
  local parts = {}
  for _, outcome in ipairs(OUTCOMES) do
    local count = summary[outcome] or 0
    if count > 0 then parts[#parts + 1] = ("%d %s"):format(count, (outcome:gsub("_", " "))) end
  end
  return ("%d rows: %s"):format(summary.total, #parts > 0 and table.concat(parts, ", ") or "nothing to do")
end

-- Mapped and not written down is not done.
local function status_of(summary, err)
  local good = summary.done + summary.present
  if good == summary.total and not err then return errors.status.done end
  return good > 0 and errors.status.partly or errors.status.failed
end

local function was_tried(summary) return summary and summary.not_tried < summary.total end

local function bar_note(state)
  local parts = {}
  if (state.failed or 0) > 0 then parts[#parts + 1] = state.failed .. " failed" end
  if (state.unknown or 0) > 0 then parts[#parts + 1] = state.unknown .. " unknown" end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

local function options_of(app, args, bar)
  local trunk = args.trunk and resolve.trunk(app:client(), args.trunk)
  return {
    trunk_sid = trunk and trunk.trunk_sid, results = args.results, stop = signals.stopped,
    progress = function(state) bar:update(state.done, state.total, state.seconds_left, bar_note(state)) end,
  }
end

local function report(app, args, summary, err)
  if app.out.json then return app.out:value(summary) end
  if app.out.quiet then return end
  local what = err and err.field == "results" and "what could be written" or "each row's outcome"
  app.out:text(screen.format("%s; %s is in %s\n", summary_text(summary), what, args.results))
end

local function import(app, args)
  local bar = progress.new("Importing", app:has_bar())
  local options = options_of(app, args, bar)
  local unknown = ("the rows under way were mapped (%s has those that are over)"):format(args.results)
  local summary, err, partly = signals.during_write(function() return unknown end, function()
    return bulk.map_numbers(app:client(), args.file, options)
  end)
  bar:clear()
  summary = summary or partly
  if err and not was_tried(summary) then errors.assert(nil, err) end
  report(app, args, summary, err)
  if err then app.out:fail(err) end
  return status_of(summary, err)
end

return {
  name = "import",
  summary = "Map the numbers of a CSV file; run again, it takes up what is left.",
  run = import,
  arguments = { { name = "FILE", text = "CSV with a header line: phone_number, and where wanted mode and trunk." } },
  options = {
    { name = "--results", value = "FILE", required = true, text = "Where each row's outcome is written, as CSV." },
    { name = "--trunk", value = "TRUNK", text = "The trunk of the rows that name none." },
  },
  examples = { "exotel number import numbers.csv --trunk inbound --results results.csv" },
}
