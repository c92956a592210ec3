--- The files of an import: where the numbers come from, and where outcomes and rows that failed are written.
local errors = require "exotel.cli.errors"

local M = {}

local function is_special(path) return path == "-" or path:find("^/dev/") ~= nil or path:find("^/proc/") ~= nil end

local ENDINGS = { "%.results%.csv$", "%.[Cc][Ss][Vv]$", "%.[Tt][Xx][Tt]$", "%.[Tt][Ss][Vv]$", "%.[Tt][Aa][Bb]$" }

-- A path without the end of its name that says what it is.
local function stem(path)
  for _, ending in ipairs(ENDINGS) do
    local short = path:gsub(ending, "")
    if short ~= path and not short:find("/$") and short ~= "" then return short end
  end
  return path
end

-- Both files are read again, so that neither can be standard output.
local function refuse_output(args)
  for _, name in ipairs { "results", "failed" } do
    if args[name] == "-" then errors.usage("--%s takes the name of a file; one called - is ./-", name) end
  end
end

--- import_files.results(args) → the path of the results file: as asked for, else beside the numbers.
function M.results(args)
  refuse_output(args)
  if args.results then return args.results end
  if args.dry_run and is_special(args.file) then return nil end
  if is_special(args.file) then
    errors.usage("numbers that don't come from a file have no place beside which the outcomes can be written: say "
      .. "--results FILE")
  end
  return stem(args.file) .. ".results.csv"
end

--- import_files.failed(args, results) → the path for the rows that failed: as asked for, else beside the results, or
-- nil where these are no file.
function M.failed(args, results)
  local path = args.failed or results and not is_special(results) and stem(results) .. ".failed.csv" or nil
  if path and (path == args.file or path == results) then
    errors.usage("the rows that failed can't be written to %s, which is another file of this import: say --failed FILE",
      path)
  end
  return path
end

return M
