-- The command: lua/exotel/cli.
local cli = "lua/exotel/cli.lua"
local errors = "lua/exotel/cli/errors.lua"
local profile = "lua/exotel/cli/profile.lua"
local profile_file = "lua/exotel/cli/profile/file.lua"
local profile_text = "lua/exotel/cli/profile/text.lua"
local login = "lua/exotel/cli/commands/profile/login.lua"
local token_command = "lua/exotel/cli/profile/token_command.lua"
local consent = "lua/exotel/cli/consent.lua"
local log_file = "lua/exotel/cli/write_log/file.lua"
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
local complete = "lua/exotel/cli/complete.lua"
local complete_trunks = "lua/exotel/cli/complete/trunks.lua"
local shell_line = "lua/exotel/cli/complete/shell_line.lua"
local shell_scripts = "lua/exotel/cli/complete/scripts.lua"
local words = "lua/exotel/cli/words.lua"
local line = "lua/exotel/cli/line.lua"
local synopsis = "lua/exotel/cli/synopsis.lua"
local help_text = "lua/exotel/cli/help_text.lua"
local help = "lua/exotel/cli/commands/help.lua"
local wording = "lua/exotel/cli/wording.lua"
local doctor_trunk = "lua/exotel/cli/commands/doctor/trunk.lua"

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
  { file = "lua/exotel/cli/commands/profile/login.lua", as_is = "return #found.names == 0 and name", wrong = "return name", why = "a later profile is not taken for granted" },
  { file = signals, as_is = "  M.check()\n  return M.during_cleanup(", wrong = "  return M.during_cleanup(", why = "Ctrl-C between prompt and write is unseen" },
  { file = wording, as_is = 'text = text:gsub("[Tt]he option ([%l_]+)", as_option)', wrong = "", why = "options are called as the command has them" },
  { file = wording, as_is = 'told[i].message = M.command(reason.message)', wrong = "", why = "JSON speaks the command's words, too" },
  { file = doctor_trunk, as_is = ", options, sip_test.elsewhere)", wrong = ", options)", why = "doctor has no --ca-file" },
  { file = apply, as_is = "app.out:fail(is_told and in_short(err, report) or err)", wrong = "app.out:fail(err)", why = "one failure is said once" },
  { file = apply, as_is = "not (app.out.json or app.out.quiet) and has_error", wrong = "has_error", why = "where there is no report the reason is said" },
  { file = complete, as_is = 'return element.complete or element.choices', wrong = 'return element.choices', why = "what is known of a value" },
  { file = complete, as_is = 'how == "sid" or name == ""', wrong = 'name == ""', why = "sids where sid: was typed" },
  { file = complete, as_is = 'or how ~= "name" and count[name] > 1', wrong = '', why = "a name that two trunks have says nothing" },
  { file = complete, as_is = 'or name:find("^-") then', wrong = 'then', why = "a name that would be an option" },
  { file = complete, as_is = 'not found.is_rest and current:sub(1, 1) == "-"', wrong = 'current:sub(1, 1) == "-"', why = "after -- there are no options" },
  { file = complete, as_is = '(option.many or not found.given[option])', wrong = '(not found.given[option])', why = "an option that may be given again" },
  { file = complete_trunks, as_is = 'facts.st_mode % 64 ~= 0 or ', wrong = "", why = "a file that others can read or write" },
  { file = complete_trunks, as_is = "if age and age < FRESH then return read(path) end", wrong = "", why = "what is kept saves a request" },
  { file = complete_trunks, as_is = "if left <= 0 or poll.rpoll(pipe, left) ~= 1 then return nil end", wrong = "", why = "nobody waits for a service that says nothing" },
  { file = complete_trunks, as_is = "and (not asked or asked >= AGAIN) then", wrong = "then", why = "a service that says nothing is not asked each time" },
  { file = complete_trunks, as_is = 'if path then os.remove(path)', wrong = 'if path then', why = "a change makes what is kept untrue" },
  { file = complete_trunks, as_is = '("%s@%s"):format(chosen.sid or "", chosen.place or "")', wrong = '("%s@%s"):format("", "")', why = "each account for itself" },
  { file = complete_trunks, as_is = 'type(text) == "string" and plain(text) == text', wrong = 'type(text) == "string"', why = "names with control characters" },
  { file = shell_line, as_is = '(ESCAPES[word.quote] or unquoted)(text:sub(word.kept + 1))', wrong = 'text:sub(word.kept + 1)', why = "a name runs as a command" },
  { file = shell_line, as_is = 'if breaks:find(letter, 1, true) then word.kept = #word.text end', wrong = '', why = "bash keeps what stands before a colon" },
  { file = shell_line, as_is = 'word.kept = #word.text\nend', wrong = "end", why = "bash keeps what stands before a quote" },
  { file = shell_scripts, as_is = "files) compopt -o default", wrong = "files) : compopt -o default", why = "files in bash" },
  { file = shell_scripts, as_is = "complete -F _exotel exotel", wrong = "complete -o default -F _exotel exotel", why = "files where none is expected, in bash" },
  { file = shell_scripts, as_is = "files) compset -P '--*='; _files ;;", wrong = "files) ;;", why = "files in zsh" },
  { file = shell_scripts, as_is = "complete -c exotel -f -a", wrong = "complete -c exotel -a", why = "files where none is expected, in fish" },
  { file = words, as_is = "return count == 1 and alias or nil", wrong = "return nil", why = "ls and rm" },
  { file = words, as_is = "local other, nouns = known_noun(commands, word), M.nouns_with(commands, word)", wrong = "local other, nouns = nil, {}", why = "a verb of another noun" },
  { file = words, as_is = "return #nouns == 0 and meant_noun(commands, word) or nil, nil, nouns", wrong = "return nil, nil, nouns", why = "a noun in the plural" },
  { file = line, as_is = "    if line.asks then return line end\n", wrong = "", why = "--help ends the line" },
  { file = line, as_is = 'if word == "--" then line.is_rest = true', wrong = 'if word == "--" then line.is_rest = false', why = "after -- all are arguments" },
  { file = line, as_is = "line.wanted = option.value and not has_value and option or nil", wrong = "line.wanted = nil", why = "the value of an option is no argument" },
  { file = synopsis, as_is = 'if not option.required then text = "[" .. text .. "]" end', wrong = "", why = "what may be left out" },
  { file = help_text, as_is = "if told.more then blocks[#blocks + 1] = wrapped(told.more) end", wrong = "", why = "what help says of all" },
  { file = help, as_is = "  check_length(read)\n", wrong = "", why = "help for what is not there" },
  { file = help, as_is = "return #nouns == 1 and { nouns[1].name, asked[1] } or asked", wrong = "return asked", why = "help import" },
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
  { file = status, as_is = "  if args.html and args.html ~= \"-\" then file.check(args.html) end\n", wrong = "", why = "a page that can't be written is known before all is read" },
  { file = status, as_is = "for name in pairs(counts.unknown) do counts[name] = counts[name] and exotel.null end", wrong = "", why = "a count of which some could not be read" },
  { file = status_words, as_is = 'return count == 0 and "?" or "at least " .. text(count), noun', wrong = "return text(count), noun", why = "0 is not said where nothing is known" },
  { file = tree, as_is = 'return locale:lower():find("utf%-?8") and DRAWN or TYPED', wrong = "return DRAWN", why = "a locale without these characters" },
  { file = tree, as_is = "not full and screen.stdout_is_terminal()", wrong = "not full", why = "in a pipe nothing is left out" },
  { file = dot, as_is = ':gsub("&", "&amp;"):gsub(\'[\\\\"]\', "\\\\%0")', wrong = "", why = "a name that ends a label of Graphviz's" },
  { file = markup, as_is = '(screen.plain(value):gsub("[&<>\\"\']", ENTITIES))', wrong = "screen.plain(value)", why = "a name that is markup" },
  { file = page, as_is = "#account.trunks <= OPEN", wrong = "true", why = "200 trunks are folded" },
  { file = page_script, as_is = "var open = trunk.open; trunk.open = true; return open;", wrong = "return trunk.open;", why = "on paper all is unfolded" },
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
  { file = output, as_is = '  local good, text = pcall(json.encode, value, layout)', wrong = '  local good, text = true, json.encode(value, layout)', why = "a value that is no UTF-8" },
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
  { file = prompt, as_is = "  show()\n  io.stderr:write(\"\\n\")\n", wrong = "  io.stderr:write(\"\\n\")\n", why = "a terminal without echo is left behind" },
  { file = prompt, as_is = "    termio.tcsetattr(0, termio.TCSADRAIN, hidden)\n", wrong = "", why = "the password is echoed" },
  { file = prompt, as_is = "if first ~= second then errors.usage", wrong = "if false then errors.usage", why = "a password mistyped" },
  { file = prompt, as_is = 'if not first or first == "" then errors.usage', wrong = "if not first then errors.usage", why = "an empty password" },
  { file = prompt, as_is = 'answer:lower() == "y" or', wrong = 'answer:lower() ~= "n" or', why = "only yes is yes" },
  { file = prompt, as_is = "return trimmed(ask(format, ...)) == word end", wrong = "return trimmed(ask(format, ...)) ~= nil end", why = "the trunk's name is asked for" },
  { file = profile_file, as_is = "facts.st_mode % 64 ~= 0", wrong = "facts.st_mode % 8 ~= 0", why = "keys that the group can read" },
  { file = profile_file, as_is = "if descriptor or code == errno.ENOENT then return descriptor end", wrong = "if true then return descriptor end", why = "a file that can't be read is taken for none" },
  { file = profile_text, as_is = 'if not KNOWN[key] then self:complain', wrong = "if false then self:complain", why = "a key that is mistyped" },
  { file = profile_text, as_is = 'if found.profiles[name] then self:complain', wrong = "if false then self:complain", why = "a profile twice" },
  { file = account, as_is = "    if variables.has_ours() then", wrong = "    if false then", why = "two accounts at once" },
  { file = account, as_is = "  return named(name)\nend\n\n--- account.title", wrong = "  return from_environment() or named(name)\nend\n\n--- account.title", why = "--profile wins over the environment" },
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
  { file = waits, as_is = 'if is_new and self.verbose and wait.reason == "network" then tell(wait) end', wrong = "", why = "why an import waits, in a line" },
  { file = waits, as_is = "if self.waiting then parts[#parts + 1] = wait_text(self.waiting) end", wrong = "", why = "why an import waits, in the bar" },
  { file = "lua/exotel/cli/commands/number/sheet.lua", as_is = 'if given then errors.usage("--%s says how', wrong = 'if false then errors.usage("--%s says how', why = "an option without effect" },
  { file = "lua/exotel/cli/commands/number/import_files.lua", as_is = "  refuse_output(args)\n", wrong = "", why = "a file that is called -" },
  { file = import, as_is = "if args.trunk or numbers.columns.trunk then", wrong = "if true then", why = "an import to no trunk fails row by row" },
  { file = "lua/exotel/cli/commands/number/move.lua", as_is = "if move.original then return columns.with_original end", wrong = "", why = "what stood in the file is shown" },
  { file = profile_file, as_is = "+ fcntl.O_NONBLOCK + fcntl.O_CLOEXEC)\n  if descriptor or", wrong = "+ fcntl.O_CLOEXEC)\n  if descriptor or", why = "a pipe in the place of the file is waited for" },
  { file = profile_file, as_is = "if facts.st_uid ~= unistd.geteuid() and", wrong = "if false and", why = "a file of somebody else's" },
  { file = profile_file, as_is = "if facts.st_size > MOST then", wrong = "if false then", why = "a file that is no file of profiles" },
  { file = profile_file, as_is = "  os.remove(lock_path)\n", wrong = "", why = "the lock is left behind" },
  { file = profile_text, as_is = "  refuse_binary(text, path)\n", wrong = "", why = "a file that is no text" },
  { file = profile_text, as_is = "if self.section[key] then self:complain", wrong = "if false then self:complain", why = "which of two keys" },
  { file = profile_text, as_is = "    if value == nil then to[#to + 1] = lines[i]\n", wrong = "    if key and value == nil then to[#to + 1] = lines[i]\n", why = "comments of the file stay" },
  { file = profile_text, as_is = "and \"\\r\\n\" or \"\\n\" end", wrong = "and \"\\n\" or \"\\n\" end", why = "ends of lines as they are" },
  { file = profile, as_is = "  if fields.api_token and fields.api_token_command then\n", wrong = "  if false then\n", why = "two tokens" },
  { file = profile, as_is = "return found.chosen or found", wrong = "return found", why = "profile use has no effect" },
  { file = login, as_is = "  if not args.no_test then test(", wrong = "  if false then test(", why = "wrong credentials are written" },
  { file = login, as_is = "  if before then confirm_replacing(args, name, before) end\n", wrong = "", why = "a profile is replaced unasked" },
  { file = token_command, as_is = "if run.status ~= 0 then refuse", wrong = "if false then refuse", why = "a token of a command that failed" },
  { file = token_command, as_is = "    if ended and not is_readable then return end\n", wrong = "", why = "what the command left behind is waited for" },
  { file = "lua/exotel/cli/account_variables.lua", as_is = "  if #missing > 0 then\n", wrong = "  if false then\n", why = "half of the vendor's variables" },
  { file = "lua/exotel/cli/account_variables.lua", as_is = "  if address then\n", wrong = "  if false then\n", why = "two sets of variables are mixed" },
  { file = "lua/exotel/cli/app.lua", as_is = "  self:consent()\n", wrong = "", why = "a protected account is changed unasked" },
  { file = "lua/exotel/cli/password.lua", as_is = "function M.send(app, args, trunk, user_name, action)\n  app:consent()\n", wrong = "function M.send(app, args, trunk, user_name, action)\n", why = "a password is made before anybody agreed" },
  { file = consent, as_is = "if not chosen.is_protected or sid then return end", wrong = "if not chosen.is_protected or true then return end", why = "a protected account is changed unasked" },
  { file = consent, as_is = "if sid == nil or sid == chosen.account_sid then return end", wrong = "if true then return end", why = "--account names another account" },
  { file = resolve, as_is = "  if text == \"\" or word == \"\" and", wrong = "  if word == \"\" and", why = "an empty name" },
  { file = resolve, as_is = "if text == \"\" or text == \"id:\" then", wrong = "if text == \"\" then", why = "an empty id" },
  { file = signals, as_is = "  stops.before()\n", wrong = "", why = "Ctrl-Z leaves a terminal without echo" },
  { file = signals, as_is = "if went_on then stops.after() end", wrong = "", why = "after fg the password is shown" },
  { file = "lua/exotel/cli/additions.lua", as_is = "  check(app, what)\n", wrong = "", why = "all are checked before the first is sent" },
  { file = "lua/exotel/cli/additions.lua", as_is = "if item.err and item.data then touched = touched + 1 end", wrong = "", why = "what is half done is partly done" },
  { file = "lua/exotel/cli/write_log.lua", as_is = "return write.maybe_applied and \"maybe applied\" or \"failed\"", wrong = "return \"failed\"", why = "what may have had effect" },
  { file = "lua/exotel/cli.lua", as_is = "  one:finish()\n", wrong = "", why = "a write that was cut off is not logged" },
  { file = log_file, as_is = "(is_cut(descriptor, facts.st_size) and \"\\n\" or \"\") .. line", wrong = "line", why = "a line that was cut takes the next one with it" },
  { file = log_file, as_is = "  if stat.S_ISREG(facts.st_mode) ~= 0 then return descriptor, facts end\n", wrong = "  if true then return descriptor, facts end\n", why = "a pipe is no log" },
  { file = "lua/exotel/cli/commands/sandbox.lua", as_is = "  if facts and stat.S_ISREG(facts.st_mode) == 0 then", wrong = "  if false then", why = "a device is read without end" },
  { file = "lua/exotel/cli/commands/status.lua", as_is = "  if args.html == \"-\" then return", wrong = "  if false then return", why = "standard output is taken for a file" },
  { file = log_file, as_is = "  if stat.S_ISREG(facts_of(descriptor, path).st_mode) == 0 then return nil,", wrong = "  if false then return nil,", why = "what has no end is read, or an empty log is shown for what is none" },
  { file = "lua/exotel/cli/commands/profile/values.lua", as_is = '  if text:find("[\\r\\n]") then errors.usage(', wrong = "  if false then errors.usage(", why = "a command of two lines makes the file of profiles unreadable" },
  { file = "lua/exotel/cli/commands/log.lua", as_is = "  name_trunks(entries)\n", wrong = "", why = "lines that know the sid only" },
}
