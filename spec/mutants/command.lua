-- The command: lua/exotel/cli.
local cli = "lua/exotel/cli.lua"
local errors = "lua/exotel/cli/errors.lua"
local profile = "lua/exotel/cli/profile.lua"
local account = "lua/exotel/cli/account.lua"
local resolve = "lua/exotel/cli/resolve.lua"
local usage = "lua/exotel/cli/usage.lua"
local suggest = "lua/exotel/text/suggest.lua"
local output = "lua/exotel/cli/terminal/output.lua"
local prompt = "lua/exotel/cli/terminal/prompt.lua"
local screen = "lua/exotel/cli/terminal/screen.lua"
local signals = "lua/exotel/cli/terminal/signals.lua"
local progress = "lua/exotel/cli/terminal/progress.lua"
local apply = "lua/exotel/cli/commands/apply.lua"
local delete = "lua/exotel/cli/commands/trunk/delete.lua"
local check_command = "lua/exotel/cli/commands/check.lua"
local plan_command = "lua/exotel/cli/commands/plan.lua"
local plan_show = "lua/exotel/cli/commands/plan/show.lua"
local plan_output = "lua/exotel/cli/plan_output.lua"
local import = "lua/exotel/cli/commands/number/import.lua"
local import_columns = "lua/exotel/cli/commands/number/import_columns.lua"
local import_files = "lua/exotel/cli/commands/number/import_files.lua"
local import_preview = "lua/exotel/cli/commands/number/import_preview.lua"
local import_report = "lua/exotel/cli/commands/number/import_report.lua"
local waits = "lua/exotel/cli/waits.lua"
local sandbox = "lua/exotel/cli/commands/sandbox.lua"
local fmt = "lua/exotel/cli/commands/fmt.lua"
local provisioning = "lua/exotel/cli/provisioning.lua"
local completion = "lua/exotel/cli/commands/completion.lua"

local listing = "lua/exotel/cli/listing.lua"
local trunk_items = "lua/exotel/cli/trunk_items.lua"
local countdown = "lua/exotel/cli/terminal/countdown.lua"
local status = "lua/exotel/cli/commands/status.lua"
local tree = "lua/exotel/cli/commands/status/tree.lua"
local dot = "lua/exotel/cli/commands/status/dot.lua"
local markup = "lua/exotel/cli/commands/status/markup.lua"
local page = "lua/exotel/cli/commands/status/page.lua"
local page_script = "lua/exotel/cli/commands/status/script.lua"
local status_words = "lua/exotel/cli/commands/status/words.lua"

return {
  { file = listing, as_is = "  if args.csv and args.json then errors.usage(\"--csv and --json exclude each other\") end\n", wrong = "", why = "two forms at once" },
  { file = listing, as_is = "value == nil and exotel.null or value", wrong = "value", why = "a field that was asked for is there, if only as null" },
  { file = listing, as_is = "by_name[word:lower()] or unknown(word, names)", wrong = "by_name[word:lower()] or { field = word }", why = "a column that there is not" },
  { file = trunk_items, as_is = "return complete and errors.status.done or errors.status.partly", wrong = "return errors.status.done", why = "a trunk that could not be read is told by the status, too" },
  { file = trunk_items, as_is = 'item.trunk = type(name) == "string" and name ~= "" and name or trunk.trunk_sid', wrong = "item.trunk = trunk.trunk_sid", why = "people know trunks by their names" },
  { file = output, as_is = 'return is_formula and "\'" .. text or text', wrong = "return text", why = "a spreadsheet runs what a name holds" },
  { file = output, as_is = 'not text:find("^[+-]?[%d.]+$")', wrong = "true", why = "numbers are written as they are" },
  { file = output, as_is = "    if total > screen.width() then return math.max(1, i - 1) end\n", wrong = "", why = "a table that is wider than the terminal" },
  { file = screen, as_is = "  if is_drawn then M.redraw(\"\") end\n", wrong = "", why = "a failure is not written behind a countdown" },
  { file = countdown, as_is = "  if left == current.shown then return end\n", wrong = "  if current.shown then return end\n", why = "the seconds that are left go down" },
  { file = countdown, as_is = "  if not screen.can_redraw() then\n", wrong = "  if false then\n", why = "terminals that can't draw over lines" },
  { file = progress, as_is = "screen.width() - #text - #self.title - 6", wrong = "80 - #text - #self.title - 6", why = "a bar as wide as the terminal" },
  { file = status, as_is = "if account.complete then return errors.status.done end", wrong = "if true then return errors.status.done end", why = "what could not be read is told by the status, too" },
  { file = status, as_is = "trunk[name] and json.array(trunk[name]) or exotel.null", wrong = "json.array(trunk[name] or {})", why = "a list that could not be read is not empty" },
  { file = status, as_is = "  if args.html then file.check(args.html) end\n", wrong = "", why = "a page that can't be written is known before all is read" },
  { file = status, as_is = "for name in pairs(counts.unknown) do counts[name] = counts[name] and exotel.null end", wrong = "", why = "a count of which some could not be read" },
  { file = status_words, as_is = 'return count == 0 and "?" or "at least " .. text(count), noun', wrong = "return text(count), noun", why = "0 is not said where nothing is known" },
  { file = tree, as_is = 'return locale:lower():find("utf%-?8") and DRAWN or TYPED', wrong = "return DRAWN", why = "a locale without these characters" },
  { file = tree, as_is = "not full and screen.stdout_is_terminal()", wrong = "not full", why = "in a pipe nothing is left out" },
  { file = dot, as_is = ':gsub("&", "&amp;"):gsub(\'[\\\\"]\', "\\\\%0")', wrong = "", why = "a name that ends a label of Graphviz's" },
  { file = markup, as_is = '(screen.plain(value):gsub("[&<>\\"\']", ENTITIES))', wrong = "screen.plain(value)", why = "a name that is markup" },
  { file = page, as_is = "#account.trunks <= OPEN", wrong = "true", why = "200 trunks are folded" },
  { file = page_script, as_is = "var open = trunk.open; trunk.open = true; return open;", wrong = "return trunk.open;", why = "on paper all is unfolded" },
  { file = completion, as_is = 'fish = "get_fish_complete"', wrong = 'fish = "get_zsh_complete"', why = "each shell gets its own script" },
  { file = signals, as_is = "  M.check()\n  writing = unknown", wrong = "  writing = unknown", why = "Ctrl-C between prompt and write is unseen" },
  { file = signals, as_is = "if not writing or caught.count > 1 then raise() end", wrong = "if not writing then raise() end", why = "a second Ctrl-C ends at once" },
  { file = signals, as_is = "  writing = nil\n", wrong = "", why = "after a write Ctrl-C says that it is not known" },
  { file = signals, as_is = "if before == posix_signal.SIG_IGN then posix_signal.signal(number, before) end", wrong = "", why = "nohup" },
  { file = signals, as_is = 'local ENDING = { "SIGINT", "SIGTERM", "SIGHUP" }', wrong = 'local ENDING = { "SIGINT", "SIGTERM" }', why = "a terminal that is closed" },
  { file = signals, as_is = "  posix_signal.signal(posix_signal.SIGPIPE, posix_signal.SIG_IGN)\n", wrong = "", why = "a write to a pipe that nobody reads ends the command" },
  { file = signals, as_is = "  told = true\n", wrong = "", why = "it is said once" },
  { file = errors, as_is = "raise(M.status.failed, \"not_found\", format, ...)", wrong = "raise(M.status.usage, \"not_found\", format, ...)", why = "status 1 for what is not known" },
  { file = errors, as_is = "raise(M.status.usage, \"ambiguous\", format, ...)", wrong = "raise(M.status.failed, \"ambiguous\", format, ...)", why = "status 64 for a call that is wrong" },
  { file = errors, as_is = "drift = 2, partly = 3, usage = 64", wrong = "drift = 1, partly = 3, usage = 64", why = "status 2 for drift" },
  { file = errors, as_is = "drift = 2, partly = 3, usage = 64", wrong = "drift = 2, partly = 1, usage = 64", why = "status 3 for partly" },
  { file = errors, as_is = "drift = 2, partly = 3, usage = 64", wrong = "drift = 2, partly = 3, usage = 2", why = "status 64 for a wrong call" },
  { file = output, as_is = "screen.plain(sentence(err))", wrong = "sentence(err)", why = "messages of configuration raw on the terminal" },
  { file = output, as_is = "  return screen.plain(value)\n", wrong = "  return tostring(value)\n", why = "what the service has reaches the terminal raw" },
  { file = output, as_is = "if code == EPIPE then signals.die_of_pipe() end", wrong = "", why = "a pipe that is closed" },
  { file = output, as_is = "  check_written(io.stdout:flush())\n", wrong = "", why = "a disk that is full" },
  { file = output, as_is = '  local good, text = pcall(json.encode, value, { indent = 2 })', wrong = '  local good, text = true, json.encode(value, { indent = 2 })', why = "a value that is no UTF-8" },
  { file = output, as_is = "if self.quiet or self.json then return end", wrong = "if self.quiet then return end", why = "with --json standard error holds one object" },
  { file = output, as_is = "if self.quiet then return end\n  self:text", wrong = "self:text", why = "--quiet" },
  { file = output, as_is = "  if self.quiet then return end\n  screen.settle()\n  io.stderr:write(\"exotel: warning: \"", wrong = "  screen.settle()\n  io.stderr:write(\"exotel: warning: \"", why = "--quiet" },
  { file = output, as_is = "#info.warnings > 0 and info.warnings or nil }\nend\n\n", wrong = "nil }\nend\n\n", why = "warnings in JSON" },
  { file = screen, as_is = "if type(arguments[i]) ~= \"number\" then arguments[i] = M.plain(arguments[i]) end", wrong = "", why = "escape sequences reach the terminal" },
  { file = screen, as_is = "return is_terminal(0) and is_terminal(2) end", wrong = "return is_terminal(0) end", why = "a question that nobody sees" },
  { file = screen, as_is = 'and not environment.get("NO_COLOR")', wrong = "", why = "NO_COLOR" },
  { file = screen, as_is = 'os.getenv("TERM") ~= "dumb"', wrong = "true", why = "a dumb terminal" },
  { file = screen, as_is = 'if not fcntl.fcntl(descriptor, fcntl.F_GETFD) then fcntl.open("/dev/null", modes[descriptor]) end', wrong = "", why = "a connection on descriptor 2 gets messages" },
  { file = prompt, as_is = "  signals.check()\n  local byte", wrong = "  local byte", why = "Ctrl-C at a prompt, and an answer after it" },
  { file = prompt, as_is = "  termio.tcsetattr(0, termio.TCSADRAIN, before)\n", wrong = "", why = "a terminal without echo is left behind" },
  { file = prompt, as_is = "  termio.tcsetattr(0, termio.TCSADRAIN, during)\n", wrong = "", why = "the password is echoed" },
  { file = prompt, as_is = "if first ~= second then errors.usage", wrong = "if false then errors.usage", why = "a password mistyped" },
  { file = prompt, as_is = 'if not first or first == "" then errors.usage', wrong = "if not first then errors.usage", why = "an empty password" },
  { file = prompt, as_is = 'answer:lower() == "y" or', wrong = 'answer:lower() ~= "n" or', why = "only yes is yes" },
  { file = prompt, as_is = "return trimmed(ask(format, ...)) == word end", wrong = "return trimmed(ask(format, ...)) ~= nil end", why = "the trunk's name is asked for" },
  { file = profile, as_is = "facts.st_mode % 64 ~= 0", wrong = "facts.st_mode % 8 ~= 0", why = "keys that the group can read" },
  { file = profile, as_is = "if not file and code == 2 then return nil end", wrong = "if not file then return nil end", why = "a file that can't be read is taken for none" },
  { file = profile, as_is = 'if not KNOWN[key] then complain', wrong = "if false then complain", why = "a key that is mistyped" },
  { file = profile, as_is = 'if profiles[name] then complain', wrong = "if false then complain", why = "a profile twice" },
  { file = account, as_is = "if variable and chosen then", wrong = "if false then", why = "two accounts at once" },
  { file = account, as_is = "if name then return named(name) end", wrong = "", why = "--profile wins over the environment" },
  { file = resolve, as_is = "if #found == 1 then return found[1] end\n  errors.ambiguous(\"%q is", wrong = "if #found >= 1 then return found[1] end\n  errors.ambiguous(\"%q is", why = "a word that is two trunks" },
  { file = resolve, as_is = "if #found == 1 then return found[1] end\n  local name", wrong = "if #found >= 1 then return found[1] end\n  local name", why = "a word that is two items: one is removed" },
  { file = resolve, as_is = "local LONGEST_NAME = 16", wrong = "local LONGEST_NAME = 15", why = "a name of 16 characters is no sid" },
  { file = usage, as_is = 'if argument == "--" then return end', wrong = "", why = "the command after -- has options of its own" },
  { file = usage, as_is = "name and SECRETS[name:gsub(\"_\", \"-\")]", wrong = "name and SECRETS[name]", why = "--api_token on the command line" },
  { file = suggest, as_is = "if d < best_distance then", wrong = "if d > best_distance then", why = "the nearest word" },
  { file = progress, as_is = "local DELAY, INTERVAL = 1, 0.1", wrong = "local DELAY, INTERVAL = 0, 0.1", why = "what takes no time has no bar" },
  { file = apply, as_is = "  refuse(plan, args)\n", wrong = "", why = "a plan that is refused" },
  { file = apply, as_is = "if args.yes and specifications then return removals.only_kept(plan, specifications, options), options end", wrong = "if specifications then return removals.only_kept(plan, specifications, options), options end", why = "after a question only what was shown is applied" },
  { file = apply, as_is = "  if not args.yes then return confirm(app, args, plan, options) end\n", wrong = "", why = "it asks" },
  { file = "lua/exotel/cli/commands/apply.lua", as_is = "  removals.confirm(app, args, plan)\n", wrong = "", why = "a trunk's name is asked for" },
  { file = apply, as_is = "plan_output.show(app, report, { plan = plan }, { backup = kept })", wrong = "plan_output.show(app, report)", why = "after apply only what went otherwise is listed again" },
  { file = plan_output, as_is = "all.fold = terminal and not app.args.full", wrong = "all.fold = not app.args.full", why = "nothing is folded in a pipe" },
  { file = plan_output, as_is = "all.fold = terminal and not app.args.full", wrong = "all.fold = terminal", why = "--full lists all" },
  { file = plan_output, as_is = "terminal and screen.wrap(line, HANGING) or { line }", wrong = "screen.wrap(line, HANGING)", why = "nothing is wrapped in a pipe" },
  { file = provisioning, as_is = "    if not is_name[name] then\n", wrong = "    if false then\n", why = "a trunk that --only names is there" },
  { file = plan_command, as_is = "args.exit_code and #made.changes > 0", wrong = "#made.changes > 0", why = "a plan ends with 0" },
  { file = plan_command, as_is = 'if #made.refused > 0 then provisioning.refuse("apply would refuse this plan", made.refused) end', wrong = "", why = "a plan that would be refused fails" },
  { file = plan_show, as_is = "  if given then errors.usage(", wrong = "  if false then errors.usage(", why = "an option that would be without effect" },
  { file = check_command, as_is = '  app.out.in_vain = "whether it is as the files say could not be found out"\n', wrong = "", why = "status 1 of check says what it means" },
  { file = screen, as_is = 'for _, known in ipairs { tonumber(os.getenv("COLUMNS")) or 0, columns(1), columns(2) } do', wrong = 'for _, known in ipairs { tonumber(os.getenv("COLUMNS")) or 0 } do', why = "as wide as the terminal" },
  { file = apply, as_is = "options.progress, options.stop = on_progress, signals.stopped", wrong = "options.progress = on_progress", why = "Ctrl-C finishes what is under way, and no more" },
  { file = apply, as_is = 'change.outcome == "done" or change.outcome == "unknown" or', wrong = 'change.outcome == "done" or', why = "status 3 where something may have changed" },
  { file = apply, as_is = "if not args.yes then prompt.need_terminal(\"exotel apply\") end", wrong = "", why = "without a terminal it asks nobody" },
  { file = delete, as_is = "if args.yes then return spec, warnings end", wrong = "if true then return spec, warnings end", why = "it asks before it deletes" },
  { file = import, as_is = "    stop = signals.stopped, progress", wrong = "    progress", why = "Ctrl-C finishes what is under way, and no more" },
  { file = sandbox, as_is = [[text:gsub("'", "'\\''")]], wrong = [[text:gsub("'", "'")]], why = "a value with a quote runs as a command" },
  { file = cli, as_is = "  if signals.stopped() then end_interrupted(out) end\n", wrong = "", why = "a shell that runs a loop learns of Ctrl-C" },
  { file = cli, as_is = 'reason.kind == "invalid_argument" and reason.operation ~= "provision"', wrong = 'reason.kind == "invalid_argument"', why = "a file that is wrong is status 1" },
  { file = "lua/exotel/cli/strands.lua", as_is = "if found.blocks and not args.force then", wrong = "if false then", why = "an IP that a destination needs" },
  { file = "lua/exotel/cli/strands.lua", as_is = "  found.blocks = nil\n  if app.out.json", wrong = "  if app.out.json", why = "warnings in JSON" },
  { file = "lua/exotel/cli/strands.lua", as_is = "return not (ips and credentials) or #ips + #credentials > 1", wrong = "return true", why = "the last that lets calls out" },
  { file = "lua/exotel/cli/password.lua", as_is = "  local flags = fcntl.O_WRONLY + fcntl.O_CREAT + fcntl.O_EXCL", wrong = "  local flags = fcntl.O_WRONLY + fcntl.O_CREAT", why = "a file that is there already" },
  { file = "lua/exotel/cli/password.lua", as_is = "return file and os.remove(file) end", wrong = "return nil end", why = "a password that is good for nothing" },
  { file = "lua/exotel/cli/password.lua", as_is = "reason.operation and not reason.maybe_applied end", wrong = "reason.operation end", why = "a password that may be good" },
  { file = "lua/exotel/cli/password.lua", as_is = "local OWNER_ONLY = tonumber(\"600\", 8)", wrong = "local OWNER_ONLY = tonumber(\"644\", 8)", why = "a password that others could read" },
  { file = "lua/exotel/cli/password.lua", as_is = "args.generate_password and not args.password_file and not screen.stdout_is_terminal()", wrong = "false", why = "in a pipe the password is all there is" },
  { file = "lua/exotel/cli/commands/trunk/delete.lua", as_is = "  if not same(spec, now) then", wrong = "  if false then", why = "a trunk that changed while the question stood" },
  { file = "lua/exotel/cli/commands/trunk/delete.lua", as_is = "  if args.no_backup then return nil end\n", wrong = "  if true then return nil end\n", why = "a specification is kept" },
  { file = "lua/exotel/cli/backup.lua", as_is = "    credential.password_env = variable_of(credential.user_name, taken)\n", wrong = "", why = "a variable for each password" },
  { file = "lua/exotel/cli/backup.lua", as_is = "fcntl.O_WRONLY + fcntl.O_CREAT + fcntl.O_EXCL", wrong = "fcntl.O_WRONLY + fcntl.O_CREAT", why = "a file that is there already" },
  { file = "lua/exotel/cli/commands/apply/removals.lua", as_is = "or args.no_backup then return nil end", wrong = "or true then return nil end", why = "a specification is kept of what apply removes" },
  { file = "lua/exotel/cli/commands/apply/removals.lua", as_is = "    if moved[number] then", wrong = "    if false then", why = "what goes to another trunk is not asked for again" },
  { file = "lua/exotel/cli/commands/apply/removals.lua", as_is = "trunk_sid = trunk.trunk_sid, absent = true", wrong = "trunk_sid = spec.trunk_sid, absent = true", why = "no other trunk of that name is removed" },
  { file = "lua/exotel/cli/commands/apply/removals.lua", as_is = "spec.absent and not is_left_out(plan, spec) then", wrong = "false then", why = "no trunk is removed that was not there" },
  { file = "lua/exotel/cli/backup.lua", as_is = "  taken = taken or {}\n", wrong = "  taken = {}\n", why = "a variable for each password of a file" },
  { file = "lua/exotel/cli/commands/number/import_preview.lua", as_is = "return (fits(line) and line or below(cells)) .. ", wrong = "return line .. ", why = "a row that is wider than the terminal" },
  { file = "lua/exotel/cli/terminal/screen.lua", as_is = "lines[#lines] = last .. gap .. word", wrong = "lines[#lines] = last .. \" \" .. word", why = "what is wrapped keeps its spaces" },
  { file = "lua/exotel/cli/terminal/prompt.lua", as_is = "io.stderr:write(wrapped(screen.format(format, ...)))", wrong = "io.stderr:write(screen.format(format, ...))", why = "a question at a narrow terminal" },
  { file = "lua/exotel/cli/commands/number/move.lua", as_is = "  local touched = summary.done + summary.unmapped + summary.unknown > 0", wrong = "  local touched = summary.done > 0", why = "status 3 for a number that is on no trunk" },
  { file = "lua/exotel/cli/commands/number/move.lua", as_is = "  if moved.from_trunk_sid then mode = moved.from_mode end\n", wrong = "  mode = nil\n", why = "the command that repairs it has the mode" },
  { file = "lua/exotel/cli/commands/number/move.lua", as_is = "  refuse(plan)\n", wrong = "", why = "what can't be moved" },
  { file = "lua/exotel/cli/commands/credential/rotate.lua", as_is = "    if not new then errors.fail(", wrong = "    if false then errors.fail(", why = "the old one goes only when the new one is there" },
  { file = "lua/exotel/cli/commands/ip/replace.lua", as_is = "  if not args.yes then confirm(app, args, plan) end\n", wrong = "", why = "it asks" },
  { file = fmt, as_is = "if bytes ~= before then", wrong = "if false then", why = "somebody saves the file meanwhile" },
  { file = fmt, as_is = "local FAILED = { refused = true, would_change = true }", wrong = "local FAILED = { refused = true }", why = "--check tells by its status" },
  { file = provisioning, as_is = "problem.level == \"error\" and problem.rule ~= \"ip_missing\" end", wrong = "problem.level == \"error\" end", why = "an IP that the service has" },
  { file = output, as_is = "  copy.level = nil\n", wrong = "", why = "a failure says error twice" },
  { file = "lua/exotel/cli/commands/number/sheet.lua", as_is = "  signals.check() -- what reads", wrong = "  -- what reads", why = "Ctrl-C while numbers are read from a pipe" },
  { file = import, as_is = "if args.dry_run then return dry_run", wrong = "if false then return dry_run", why = "a dry run sends nothing" },
  { file = import, as_is = "strict = args.strict or false", wrong = "strict = false", why = "all or nothing" },
  { file = import_columns, as_is = 'if columns[field] then errors.usage', wrong = "if false then errors.usage", why = "two columns for one field" },
  { file = import_files, as_is = "if path and (path == args.file or path == results) then", wrong = "if false then", why = "the numbers are overwritten" },
  { file = import_files, as_is = "  if is_special(args.file) then\n", wrong = "  if false then\n", why = "results beside standard input" },
  { file = import_preview, as_is = 'return row.problem and "refused" or row.outcome or "map" end', wrong = 'return row.problem and "refused" or "map" end', why = "what an earlier run did would not be sent" },
  { file = import_report, as_is = 'earlier == count and " (all in an earlier run)" or', wrong = "", why = "all in an earlier run" },
  { file = import_report, as_is = 'local nothing = summary.sent == 0 and earlier > 0 and', wrong = 'local nothing = earlier > 0 and', why = "something was sent" },
  { file = import_report, as_is = 'return (text:gsub("[Tt]he option (%l+)", "--%1")) end', wrong = "return text end", why = "options as the command calls them" },
  { file = waits, as_is = 'if is_new and self.verbose and wait.reason == "network" then tell(wait) end', wrong = "", why = "why an import waits, in a line" },
  { file = waits, as_is = "if self.waiting then parts[#parts + 1] = wait_text(self.waiting) end", wrong = "", why = "why an import waits, in the bar" },
  { file = "lua/exotel/cli/commands/number/sheet.lua", as_is = 'if given then errors.usage("--%s says how', wrong = 'if false then errors.usage("--%s says how', why = "an option without effect" },
  { file = "lua/exotel/cli/commands/number/import_files.lua", as_is = "  refuse_output(args)\n", wrong = "", why = "a file that is called -" },
  { file = import, as_is = "if args.trunk or numbers.columns.trunk then", wrong = "if true then", why = "an import to no trunk fails row by row" },
  { file = "lua/exotel/cli/commands/number/move.lua", as_is = "if move.original then return columns.with_original end", wrong = "", why = "what stood in the file is shown" },
}
