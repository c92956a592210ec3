--- exotel number move: takes numbers from their trunks to another one.
local arguments = require "exotel.cli.arguments"
local bulk = require "exotel.bulk"
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local progress = require "exotel.cli.terminal.progress"
local prompt = require "exotel.cli.terminal.prompt"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"
local sheet = require "exotel.cli.commands.number.sheet"
local signals = require "exotel.cli.terminal.signals"
local state = require "exotel.cli.state"
local strands = require "exotel.cli.strands"
local trunks = require "exotel.trunk"
local wording = require "exotel.cli.wording"

local M = {}

-- Numbers that a question names one by one.
local NAMED_MAX = 10

local function title(trunk) return resolve.title(trunk.trunk_name, trunk.trunk_sid) end

local function plural(count) return count == 1 and "1 number" or count .. " numbers" end

-- What is asked for ---------------------------------------------------------------------------------------------------

local function check_arguments(args)
  local given = (#args.number > 0 and 1 or 0) + (args.file and 1 or 0) + (args.all and 1 or 0)
  if given > 1 then errors.usage("numbers by name, --file and --all exclude each other") end
  if given == 0 then errors.usage("which numbers? name some, or say --file FILE, or --all with --from TRUNK") end
  sheet.check_file(args)
  if args.all and #args.from == 0 then errors.usage("--all takes all numbers of a trunk: say which by --from TRUNK") end
  if not (args.yes or args.dry_run) then prompt.need_terminal("exotel number move") end
end

local function numbers_of(app, args)
  if args.all then return nil end
  return args.file and sheet.read(app, args) or args.number
end

-- One for each trunk that numbers go to: a run that was killed is taken up by the next one to that trunk.
local function default_results(app, args, to)
  local _, account_sid = app:account()
  return state.file("moves", ("%s-%s.csv"):format(account_sid, to.trunk_sid), "say --results FILE", args.dry_run)
end

-- → the options of the library's plan
local function plan_options(app, args)
  local client, from = app:client(), {}
  local to = resolve.trunk(client, args.to)
  for i, name in ipairs(args.from) do from[i] = resolve.trunk(client, name).trunk_sid end
  args.results = args.results or default_results(app, args, to)
  return {
    to = to.trunk_sid, from = #from > 0 and from or nil, mode = args.mode, missing = args.missing,
    results = args.results,
  }
end

-- The plan ------------------------------------------------------------------------------------------------------------

local function refuse(plan)
  if #plan.refused == 0 then return end
  local lines = {}
  for i = 1, math.min(#plan.refused, NAMED_MAX) do lines[i] = wording.command(plan.refused[i].message) end
  local rest = #plan.refused - #lines
  local missing = plan.refused[1].kind == "not_found"
  errors.fail("nothing was moved: %s%s%s", table.concat(lines, "; "), rest > 0 and ("; and %d more"):format(rest) or "",
    missing and " -- --missing map maps what is on no trunk" or "")
end

local function names(list)
  local shown = {}
  for i = 1, math.min(#list, NAMED_MAX) do shown[i] = list[i].phone_number end
  if #list > NAMED_MAX then shown[#shown + 1] = "…" end
  return table.concat(shown, ", ")
end

-- → those on no trunk now
local function unmapped(plan, taken_up)
  local list = {}
  for _, move in ipairs(plan.moves) do
    if move.on_no_trunk and (move.taken_up or false) == taken_up then list[#list + 1] = move end
  end
  return list
end

local function plan_text(plan)
  local lines, left, missing = {}, unmapped(plan, true), unmapped(plan, false)
  local function add(format, ...) lines[#lines + 1] = screen.format(format .. "\n", ...) end
  for _, source in ipairs(plan.from) do add("  %s from %s", plural(source.count), title(source)) end
  if #left > 0 then add("  %s that an earlier run left on no trunk: %s", plural(#left), names(left)) end
  if #missing > 0 then add("  %s on no trunk: %s", plural(#missing), names(missing)) end
  if #plan.present > 0 then add("  %s there already", plural(#plan.present)) end
  return table.concat(lines)
end

local NUMBER, MODE = { field = "phone_number" }, { field = "mode", default = "pstn" }
local ORIGINAL, FROM, TO = { field = "original" }, { field = "from_trunk_sid" }, { field = "to_trunk_sid" }
local COLUMNS = { NUMBER, FROM, TO, MODE, with_original = { NUMBER, FROM, TO, MODE, ORIGINAL } }
-- On a screen a trunk's name says more than its sid, and takes less room; where the numbers go is said below.
local NAME = { field = "from" }
local SCREEN_COLUMNS = { NUMBER, NAME, MODE, with_original = { NUMBER, NAME, MODE, ORIGINAL } }

-- What stands otherwise in the file is shown beside it.
local function with_original(columns, moves)
  for _, move in ipairs(moves) do
    if move.original then return columns.with_original end
  end
  return columns
end

-- What a program may rely on of each.
local SHOWN = {
  "phone_number", "from_trunk_sid", "from_mode", "to_trunk_sid", "mode", "taken_up", "on_no_trunk", "original",
}

local function plain_moves(list)
  local result = json.array {}
  for i, move in ipairs(list) do
    result[i] = {}
    for _, name in ipairs(SHOWN) do result[i][name] = move[name] end
  end
  return result
end

local function show_moves(app, plan)
  local names_by_sid, rows, moves = {}, {}, plan.moves
  local function list(columns, items) app.out:list(with_original(columns, moves), items, "nothing to move") end
  if not screen.stdout_is_terminal() then return list(COLUMNS, moves) end
  for _, source in ipairs(plan.from) do names_by_sid[source.trunk_sid] = resolve.word(source) end
  for i, move in ipairs(moves) do
    rows[i] = {
      phone_number = move.phone_number, from = names_by_sid[move.from_trunk_sid], mode = move.mode,
      original = move.original,
    }
  end
  list(SCREEN_COLUMNS, rows)
end

local function show_plan(app, plan)
  if app.out.json then
    return app.out:value {
      moves = plain_moves(plan.moves), present = plain_moves(plan.present), from = json.array(plan.from), to = plan.to,
    }
  end
  show_moves(app, plan)
  app.out:note("%s would go to %s, %d there already", plural(#plan.moves), title(plan.to), #plan.present)
end

-- Numbers that are the caller ID of the trunk that they leave.
local function stranded(app, plan)
  local found = {}
  for _, source in ipairs(plan.from) do
    local trunk, numbers = trunks.attach(app:client(), source.trunk_sid), {}
    trunk.trunk_name = source.trunk_name
    for _, move in ipairs(plan.moves) do
      if move.from_trunk_sid == source.trunk_sid then numbers[#numbers + 1] = move.phone_number end
    end
    found[#found + 1] = strands.alias_among(trunk, numbers)
  end
  return found
end

local function confirm(app, plan, found)
  prompt.tell(plan_text(plan))
  strands.show(found)
  local agreed = prompt.confirm("Move %s to the trunk %s of the account %s?", plural(#plan.moves), title(plan.to),
    app:account())
  if not agreed then errors.fail("nothing was moved") end
end

-- Doing it ------------------------------------------------------------------------------------------------------------

-- What isn't known when it is cut off: by the results file, since it is right at any moment.
local function unknown(args)
  local open = bulk.open_moves(args.results) or {}
  if #open == 0 then return ("all that was moved is in %s"):format(args.results) end
  return ("%s, which may be on no trunk, went to the other one (the same command again finds out, and moves what is "
    .. "left; %s has what was moved)"):format(names(open), args.results)
end

local function run(app, args, plan)
  local bar = progress.new("Moving", app:has_bar())
  local function on_progress(now)
    bar:update(now.done, now.total, now.seconds_left, now.failed > 0 and now.failed .. " failed" or nil)
  end
  local summary, err, partly = app:during_write(function()
    bar:clear()
    return unknown(args)
  end, function() return bulk.move(app:client(), plan, { progress = on_progress, stop = signals.stopped }) end)
  bar:clear()
  return summary or partly, err
end

-- The outcome ---------------------------------------------------------------------------------------------------------

local WORDS = {
  { "done", "moved" }, { "present", "there already" }, { "failed", "not moved" }, { "unmapped", "on no trunk" },
  { "unknown", "unknown" }, { "not_tried", "not tried" },
}

local function summary_text(summary)
  local parts = {}
  for _, word in ipairs(WORDS) do
    if summary[word[1]] > 0 then parts[#parts + 1] = ("%d %s"):format(summary[word[1]], word[2]) end
  end
  return ("%s: %s"):format(plural(summary.total), #parts > 0 and table.concat(parts, ", ") or "nothing to do")
end

-- The command that puts a number where it was, or else where it was to go.
local function repair_of(args, moved)
  local sid, mode = moved.from_trunk_sid or moved.to_trunk_sid, moved.mode
  if moved.from_trunk_sid then mode = moved.from_mode end
  return ("exotel number map sid:%s %s%s%s"):format(sid, moved.phone_number, mode and " --mode " .. mode or "",
    args.profile and " --profile " .. args.profile or "")
end

local SAYS = {
  failed = "%s was not moved: %s",
  unmapped = "%s IS ON NO TRUNK: it was on %s, mode %s: %s. The same command again moves it; `%s` puts it back",
  unknown = "%s MAY BE ON NO TRUNK: it was on %s, mode %s: %s. The same command again finds out; `%s` puts it back",
}

local function tell(args, sources, moved)
  local reason = moved.err and tostring(moved.err) or "?"
  if moved.outcome == "failed" then return SAYS.failed:format(moved.phone_number, reason) end
  local source = moved.from_trunk_sid and (sources[moved.from_trunk_sid] or moved.from_trunk_sid) or "no trunk"
  return SAYS[moved.outcome]:format(moved.phone_number, source, moved.from_mode or "pstn", reason,
    repair_of(args, moved))
end

local function as_json(args, plan, summary)
  local result = { results = args.results, to = plan.to }
  for _, word in ipairs(WORDS) do result[word[1]] = summary[word[1]] end
  result.total, result.numbers = summary.total, json.array {}
  for _, moved in ipairs(summary.numbers) do
    if SAYS[moved.outcome] then
      result.numbers[#result.numbers + 1] = {
        phone_number = moved.phone_number, outcome = moved.outcome, from_trunk_sid = moved.from_trunk_sid,
        from_mode = moved.from_mode, to_trunk_sid = moved.to_trunk_sid, mode = moved.mode,
        kind = moved.err and moved.err.kind, message = moved.err and tostring(moved.err),
        repair = moved.outcome ~= "failed" and repair_of(args, moved) or nil,
      }
    end
  end
  return result
end

local function show(app, args, plan, summary)
  if app.out.json then return app.out:value(as_json(args, plan, summary)) end
  local sources = {}
  for _, source in ipairs(plan.from) do sources[source.trunk_sid] = title(source) end
  for _, moved in ipairs(summary.numbers) do
    if SAYS[moved.outcome] then io.stderr:write("exotel: ", screen.plain(tell(args, sources, moved)), "\n") end
  end
  if app.out.quiet then return end
  app.out:text(screen.format("%s; each number's outcome is in %s\n", summary_text(summary), args.results))
end

local function status_of(summary, err)
  local good = summary.done + summary.present
  if good == summary.total and not err then return errors.status.done end
  local touched = summary.done + summary.unmapped + summary.unknown > 0
  return touched and errors.status.partly or errors.status.failed
end

local function move(app, args)
  check_arguments(args)
  local options = plan_options(app, args)
  local plan = errors.assert(bulk.plan_move(app:client(), numbers_of(app, args), options))
  refuse(plan)
  if args.dry_run then return show_plan(app, plan) end
  local found = stranded(app, plan)
  if args.yes then strands.tell(app, args, found) elseif #plan.moves > 0 then confirm(app, plan, found) end
  local summary, err = run(app, args, plan)
  if not summary then errors.assert(nil, err) end
  show(app, args, plan, summary)
  if err then app.out:fail(err) end
  return status_of(summary, err)
end

M.name, M.summary = "move", "Move numbers to another trunk. Shows where they are and asks first."
M.run = move
M.arguments = { { name = "NUMBER", args = "*", text = "Numbers, each as +919876543210." } }
M.options = {
  { name = "--to", value = "TRUNK", required = true, text = "The trunk that they go to." },
  { name = "--from", value = "TRUNK", many = true, text = "Take them only from this trunk; as often as needed." },
  { name = "--all", text = "All numbers of the trunks that --from names." },
  { name = "--file", value = "FILE", text = "A CSV file, as of number import; - is standard input." },
  sheet.options.columns, sheet.options.country, sheet.options.separator,
  { name = "--mode", value = "MODE", choices = { "pstn", "flow" }, text = "pstn or flow; else each keeps its own." },
  { name = "--missing", value = "WHAT", choices = { "map" }, text = "map: map numbers on no trunk." },
  { name = "--results", value = "FILE", text = "Where outcomes are written; else below ~/.local/state/exotel." },
  { name = "--dry-run", text = "Show what would be moved, and move nothing." },
  arguments.yes,
}
M.more = "A number is on one trunk only, so each is taken off its trunk and mapped to the other one at once: calls to "
  .. "it fail for the time of one request. What the other trunk refuses is put back. Run again after an interruption, "
  .. "it first maps what was left on no trunk. What ends on no trunk is named, with the command that repairs it.\n"
  .. "Exit status: 0 all are there, 1 none was moved, 3 some were."
M.examples = {
  "exotel number move +919876543210 +919876543211 --to new_trunk",
  "exotel number move --all --from old_trunk --to new_trunk",
  "exotel number move --file numbers.csv --to new_trunk --dry-run",
}

return M
