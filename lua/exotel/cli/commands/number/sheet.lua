--- Numbers of a file, as import and move read it: the options that say how, and what is told of it.
local bulk = require "exotel.bulk"
local columns = require "exotel.cli.commands.number.import_columns"
local errors = require "exotel.cli.errors"
local report = require "exotel.cli.commands.number.import_report"
local signals = require "exotel.cli.terminal.signals"
local wording = require "exotel.cli.wording"

local M = {}

M.options = {
  columns = {
    name = "--columns", value = "FIELD=COLUMN", many = true,
    complete = { "phone_number=", "mode=", "trunk=", open = true },
    text = "The column of phone_number, mode or trunk: its name or number; none: FIELD=.",
  },
  country = {
    name = "--country", value = "CODE", text = "Complete numbers without a country code with this one, as 91.",
  },
  separator = {
    name = "--separator", value = "NAME", choices = { "comma", "semicolon", "tab" },
    text = "Between values, where it can't be found out.",
  },
}

--- Raises an err of the library in the command's words.
function M.raise(err)
  signals.check() -- what reads ends with an error where it is interrupted
  err.message = wording.command(err.message)
  errors.assert(nil, err)
end

--- Raises an error when options say how a file is read, and there is none.
function M.check_file(args)
  if args.file then return end
  local given = args.country and "country" or args.separator and "separator" or args.columns[1] and "columns"
  if given then errors.usage("--%s says how a --file is read", given) end
end

--- sheet.read(app, args) → the numbers of the file `args.file`; says how it was read.
function M.read(app, args)
  local numbers, err = bulk.read_numbers(args.file == "-" and io.stdin or args.file, {
    columns = columns.parse(args.columns), country = args.country, separator = args.separator, stop = signals.stopped,
  })
  if not numbers then M.raise(err) end
  report.reading(app.out, numbers, args.dry_run)
  return numbers
end

return M
