--- exotel fmt: lays files out anew.
local errors = require "exotel.cli.errors"
local file = require "exotel.cli.file"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "exotel.cli.provisioning"

local STDIN = "-"

local function check_arguments(args)
  if args.check and args.stdout then errors.usage("say --check or --stdout, not both") end
  if args.stdout and args.json then errors.usage("--stdout prints files, --json what became of them: not both") end
  local count = 0
  for _, path in ipairs(args.file) do count = count + (path == STDIN and 1 or 0) end
  if count > 1 then errors.usage("- is standard input, and can be given once") end
  local prints = count > 0 and not args.check
  if prints and args.json then errors.usage("- prints the file: --json goes with --check only") end
end

-- Somebody may have saved the file meanwhile.
local function write(path, before, text)
  local _, bytes = provision.reformat(path)
  if bytes ~= before then errors.fail("%s was changed by somebody else meanwhile: nothing was written", path) end
  file.write(path, text)
end

-- → "formatted", "unchanged", "would_change" or "printed"; raises what is wrong
local function format(app, args, path)
  local text, before = provision.reformat(path)
  errors.assert(text, before)
  if args.stdout or (path == STDIN and not args.check) then
    app.out:text(text)
    return "printed"
  end
  if text == before then return "unchanged" end
  if args.check then return "would_change" end
  write(path, before, text)
  return "formatted"
end

-- Another file's mistakes keep none from being laid out.
local function format_or_refuse(app, args, path)
  local good, outcome = pcall(format, app, args, path)
  if good then return { file = path, outcome = outcome } end
  if type(outcome) ~= "table" or not outcome.kind or outcome.status == errors.status.usage then error(outcome, 0) end
  if not app.out.json then app.out:fail(outcome) end
  return { file = path, outcome = "refused", message = outcome.message, line = outcome.line }
end

local function show(app, result)
  local is_told = result.outcome == "formatted" or result.outcome == "would_change"
  if is_told and not (app.out.json or app.out.quiet) then app.out:done("done", nil, "%s", result.file) end
end

local FAILED = { refused = true, would_change = true }

local function fmt(app, args)
  check_arguments(args)
  local results, status = {}, errors.status.done
  for i, path in ipairs(args.file) do
    results[i] = format_or_refuse(app, args, path)
    show(app, results[i])
    if FAILED[results[i].outcome] then status = errors.status.failed end
  end
  if app.out.json then app.out:value { files = json.array(results) } end
  return status
end

return {
  name = "fmt",
  summary = "Lay specifications out in one way, and keep their comments. Needs no account.",
  run = fmt,
  arguments = { provisioning.files },
  options = {
    { name = "--check", text = "Write nothing: name the files that would change, and exit with 1 if there are any." },
    { name = "--stdout", text = "Print the files instead of writing them." },
  },
  more = "The names of the files that were changed are printed. A file in Lua that computes what it returns is "
    .. "refused, since it could not be laid out without loss. Exit status 0 done, 1 when a file was refused.",
  examples = { "exotel fmt trunks.lua", "exotel fmt --check *.lua *.json", "exotel export --all | exotel fmt -" },
}
