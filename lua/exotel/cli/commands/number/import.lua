--- exotel number import: maps the numbers of a CSV file, and writes down the outcome of each row at once.
local bulk = require "exotel.bulk"
local errors = require "exotel.cli.errors"
local files = require "exotel.cli.commands.number.import_files"
local preview = require "exotel.cli.commands.number.import_preview"
local report = require "exotel.cli.commands.number.import_report"
local resolve = require "exotel.cli.resolve"
local sheet = require "exotel.cli.commands.number.sheet"
local signals = require "exotel.cli.terminal.signals"
local waits = require "exotel.cli.waits"

-- Without a trunk no row could be sent.
local function read(app, args)
  local numbers = sheet.read(app, args)
  if args.trunk or numbers.columns.trunk then return numbers end
  errors.usage("no trunk: no column of %s names one, so say --trunk TRUNK", numbers.name)
end

local function trunk_of(app, args)
  local trunk = args.trunk and resolve.trunk(app:client(), args.trunk)
  return trunk and trunk.trunk_sid
end

local function dry_run(app, args, numbers)
  local summary, err = bulk.map_numbers(app:client(), numbers, {
    trunk_sid = trunk_of(app, args), results = files.results(args), dry_run = true,
  })
  if not summary then sheet.raise(err) end
  return preview.show(app.out, numbers, summary)
end

local function was_tried(summary) return summary and summary.not_tried < summary.total end

local function map(app, args, numbers, paths)
  local shown = waits.new(app, "Importing")
  local options = {
    trunk_sid = trunk_of(app, args), results = paths.results, failed = paths.failed, strict = args.strict or false,
    stop = signals.stopped, progress = shown.progress, wait = shown.wait,
    checked = function(checked, failed) report.problems(app.out, checked, failed) end,
  }
  local unknown = ("the rows under way were mapped (%s has those that are over)"):format(paths.results)
  local summary, err, partly = app:during_write(function() return unknown end, function()
    return bulk.map_numbers(app:client(), numbers, options)
  end)
  shown.clear()
  summary = summary or partly
  if err and not was_tried(summary) then sheet.raise(err) end
  report.finish(app.out, summary, err, paths.results)
  if err then app.out:fail(err) end
  return report.status(summary, err)
end

local function import(app, args)
  local results = files.results(args)
  local paths = { results = results, failed = files.failed(args, results) }
  local numbers = read(app, args)
  if args.dry_run then return dry_run(app, args, numbers) end
  return map(app, args, numbers, paths)
end

return {
  name = "import",
  summary = "Map the numbers of a CSV file; run again, it takes up what is left.",
  run = import,
  arguments = {
    { name = "FILE", text = "CSV as a spreadsheet saves it, with a column of numbers; - is standard input." },
  },
  options = {
    { name = "--trunk", value = "TRUNK", text = "The trunk of the rows that name none." },
    sheet.options.columns, sheet.options.country, sheet.options.separator,
    { name = "--dry-run", text = "Show what would be sent, and send nothing." },
    { name = "--strict", text = "Send nothing unless every row can be sent." },
    {
      name = "--results", value = "FILE",
      text = "Where each row's outcome is written, as CSV (numbers.results.csv beside numbers.csv).",
    },
    {
      name = "--failed", value = "FILE",
      text = "Where the rows that failed are written, to be corrected and imported (numbers.failed.csv).",
    },
  },
  more = "Columns of --dry-run, for scripts: line, phone_number, mode, action (map, refused, or what an earlier run"
    .. "\ndid), original (what stands in the file, where the number was cleaned or completed), reason.",
  examples = {
    "exotel number import numbers.csv --trunk inbound",
    "exotel number import contacts.csv --trunk inbound --columns phone_number=Mobile --country 91 --dry-run",
  },
}
