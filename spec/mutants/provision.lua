-- Specifications, plans, applying: lua/exotel/provision.
local folder = "lua/exotel/provision/"
local lua_file = folder .. "source/lua_file.lua"
local read_file = folder .. "spec/files.lua"
local reader = folder .. "spec/reader.lua"
local writer = folder .. "spec/writer.lua"
local absent = folder .. "spec/absent.lua"
local export = folder .. "spec/export.lua"
local diff = folder .. "plan/diff.lua"
local kept = folder .. "plan/kept.lua"
local safety = folder .. "plan/safety.lua"
local refusals = folder .. "plan/refusals.lua"
local elsewhere = folder .. "plan/elsewhere.lua"
local current = folder .. "plan/current.lua"
local planner = folder .. "plan/planner.lua"
local plan = folder .. "plan/plan.lua"
local plan_file = folder .. "plan/plan_file.lua"
local changes = folder .. "plan/changes.lua"
local passwords = folder .. "plan/passwords.lua"
local existing = folder .. "apply/existing.lua"
local execution = folder .. "apply/execution.lua"
local read_back = folder .. "apply/read_back.lua"
local report = folder .. "apply/report.lua"
local request = folder .. "apply/request.lua"
local run = folder .. "apply/run.lua"
local send = folder .. "apply/send.lua"
local step = folder .. "apply/step.lua"
local where = folder .. "apply/whereabouts.lua"
local render = folder .. "plan/render.lua"
local line = folder .. "plan/line.lua"
local drift_line = folder .. "plan/drift_line.lua"
local sections = folder .. "plan/sections.lua"
local markdown = folder .. "plan/markdown.lua"
local subset = folder .. "plan/subset.lua"
local count = folder .. "plan/count.lua"
local deletion = folder .. "apply/deletion.lua"
local source_text = folder .. "source/text.lua"
local tokens = folder .. "source/lua_tokens.lua"
local lua_source = folder .. "source/lua_source.lua"
local tree = folder .. "source/tree.lua"
local origin = folder .. "source/origin.lua"
local layout = folder .. "source/layout.lua"
local problems = folder .. "spec/problems.lua"
local advice = folder .. "spec/advice.lua"
local check = folder .. "spec/check.lua"

return {
  { file = lua_file, as_is = 'if text:find("^\\27") then', wrong = "if false then", why = "compiled Lua can crash the process" },
  { file = read_file, as_is = 'type(value) ~= "table" or next(value) == nil', wrong = 'type(value) ~= "table"', why = "an empty file holds no specification" },
  { file = reader, as_is = "  validation.take_unknown(reading, spec, known, settings)\n", wrong = "", why = "a name that is mistyped" },
  { file = reader, as_is = "  check_distinct(reading, desired_trunks, #specs, \"trunk_name\", function(trunk) return trunk.fields.trunk_name end)\n", wrong = "", why = "one trunk in two specifications" },
  { file = reader, as_is = "  check_distinct(reading, desired_trunks, #specs, \"trunk_sid\", function(trunk) return trunk.trunk_sid end)\n", wrong = "", why = "one trunk in two specifications" },
  { file = reader, as_is = "if trunk.as_is[name] or not fault then return end", wrong = "if not fault then return end", why = "as_is leaves a field to the service" },
  { file = writer, as_is = "and not keywords[name] then return name end", wrong = "then return name end", why = "a name that is a word of Lua" },
  { file = writer, as_is = '("\\\\%03d")', wrong = '("\\\\%d")', why = "a digit after an escape" },
  { file = writer, as_is = "copy[name] = empty and json.array {} or value", wrong = "copy[name] = value", why = "an empty list is written as an object" },
  { file = export, as_is = "if count > 1 then warn(info,", wrong = "if count > 2 then warn(info,", why = "a copy is not told of" },
  { file = export, as_is = "      kind:mark_as_is(spec, desired[kind.name], i)\n", wrong = "", why = "what is exported can't be applied" },

  { file = diff, as_is = "if trunk[field] ~= value then", wrong = "if trunk[field] == nil then", why = "a field that differs" },
  { file = diff, as_is = "if not is_desired or index[key] ~= one then", wrong = "if not is_desired then", why = "copies are not removed" },
  { file = diff, as_is = 'is_desired and kind.appends and "duplicate" or nil', wrong = "nil", why = "a second copy is a change without prune, too" },
  { file = diff, as_is = "if not items.managed then return {}, {}, {} end", wrong = "", why = "a list that is not in the specification is pruned" },
  { file = diff, as_is = "if not prune then return second_copies, {}, others end", wrong = "", why = "nothing is removed without prune" },
  { file = diff, as_is = "table.insert(removed, 1, removals)", wrong = "table.insert(removed, removals)", why = "destinations go before their IPs" },
  { file = kept, as_is = "and not is_met(needs, need, items, kept) then return key end", wrong = "then return key end", why = "an IP that another one covers is kept" },
  { file = kept, as_is = "needs.is_met_by(removal.from, need) and", wrong = "", why = "an IP that no destination needs is kept" },
  { file = kept, as_is = "if needed_by then kept[#kept + 1]", wrong = "if false then kept[#kept + 1]", why = "an IP that a staying destination needs is pruned" },
  { file = kept, as_is = "    if needs.is_met_by(one.step.from, need) then return true end\n", wrong = "", why = "both of two ranges are kept" },
  { file = kept, as_is = "  if items.managed then return keys end\n", wrong = "", why = "destinations that go need no IP" },
  { file = safety, as_is = "if after * 2 < before then", wrong = "if after * 2 <= before then", why = "half of a list may go" },
  { file = safety, as_is = "if after * 2 < before then", wrong = "if after * 3 < before then", why = "more than half of a list" },
  { file = safety, as_is = "if after == 0 and safety.last then", wrong = "if false then", why = "the last IP of a trunk" },
  { file = safety, as_is = "if not rule or allow[rule] then return nil end", wrong = "if not rule or next(allow) then return nil end", why = "what is allowed is named" },
  { file = safety, as_is = "if not seen[key] then seen[key], count = true, count + 1 end", wrong = "seen[key], count = true, count + 1", why = "copies count once" },
  { file = safety, as_is = "#items + count_kept(target, kind) + count_moving(target, kind)", wrong = "#items + count_kept(target, kind)", why = "numbers that move are not lost" },
  { file = refusals, as_is = "if item.as_is or not needs.unmet(kind, item, target.desired) then return nil end", wrong = "if not needs.unmet(kind, item, target.desired) then return nil end", why = "as_is leaves it to the service" },
  { file = refusals, as_is = "if not needs.unmet(kind, item, target.desired, existing) then return nil end", wrong = "", why = "an IP that the service has is enough" },
  { file = refusals, as_is = "if is_new and not twice[step.key] then", wrong = "if is_new then", why = "a number is refused twice" },
  { file = refusals, as_is = "if options.prune then safety.add_cuts", wrong = "if not options.prune then safety.add_cuts", why = "pruning is what is dangerous" },
  { file = elsewhere, as_is = "local LOOKUPS = 20", wrong = "local LOOKUPS = 2", why = "twenty numbers are looked up" },
  { file = elsewhere, as_is = "if not created[names[one.trunk_sid]] then", wrong = "if true then", why = "a trunk of that name that the list doesn't show yet" },
  { file = elsewhere, as_is = "if #requests == 0 or engine.closed(client) then return answers end", wrong = "if #requests == 0 then return answers end", why = "somebody closes the client meanwhile" },
  { file = current, as_is = "return by_sid[data.trunk_sid] or by_name[data.trunk_name]", wrong = "return by_name[data.trunk_name] or by_sid[data.trunk_sid]", why = "the sid wins" },
  { file = current, as_is = "if found[i] == false then found[i], left = data, left - 1 end", wrong = "if found[i] ~= nil then found[i], left = data, left - 1 end", why = "the first of two trunks of one name" },
  { file = current, as_is = "if has_to_be and found[i] == false then return nil, missing(desired.trunk) end", wrong = "", why = "a sid that isn't there is made as another trunk" },
  { file = current, as_is = "return kind.needs and prune and desired[kind.needs.kind.name].managed", wrong = "return false", why = "destinations that are not in the specification need their IPs" },
  { file = planner, as_is = "  moves[identity(step)] = nil\n", wrong = "", why = "one number is moved twice" },
  { file = planner, as_is = "function(step) return not step.moves_to end", wrong = "function() return true end", why = "a number that moves is removed again" },
  { file = planner, as_is = "for _, fits in ipairs { is_rename, is_other_trunk } do", wrong = "for _, fits in ipairs { is_other_trunk, is_rename } do", why = "a name has to be free before it is taken" },
  { file = planner, as_is = "  err = first_invalid(changeset.steps)\n  if err then return nil, err end\n", wrong = "  local _ = first_invalid\n", why = "values that break a rule are sent" },
  { file = plan, as_is = "if content.account ~= here then", wrong = "if false then", why = "a plan for another account" },
  { file = plan, as_is = "if content.in_clear then", wrong = "if false then", why = "a saved plan holds no secret" },
  { file = plan, as_is = 'if gone then return conflict(', wrong = 'if gone and false then return conflict(', why = "the service has changed since the plan was made" },
  { file = plan, as_is = 'if new_one then return conflict(', wrong = 'if new_one and false then return conflict(', why = "more would be changed than the plan says" },
  { file = plan_file, as_is = "if format ~= FORMAT then", wrong = "if false then", why = "a plan of another version" },
  { file = plan_file, as_is = "if not is_document(read) then", wrong = "if false then", why = "a file that is damaged raises" },
  { file = plan_file, as_is = "prune = given.prune == true,", wrong = "prune = true,", why = "nothing is removed without prune" },
  { file = changes, as_is = 'return type(value) .. " " .. tostring(value) end', wrong = "return tostring(value) end", why = "the text 1 and the number 1" },
  { file = changes, as_is = "  table.sort(parts)\n", wrong = "", why = "the same change has the same fingerprint" },
  { file = changes, as_is = "if not step.moves_to then list[#list + 1] = extra_of(step, target) end", wrong = "list[#list + 1] = extra_of(step, target)", why = "a number that moves is no extra" },
  { file = passwords, as_is = "has_one and not step.present and", wrong = "has_one and", why = "a credential that is there needs no password" },

  { file = existing, as_is = 'execution.step.action ~= "update" and fresh.action == "update" and not (kind and kind.add == kind.update)', wrong = "false", why = "what exists differently is a conflict" },
  { file = existing, as_is = "if not (execution.lost or completes(fresh)) then", wrong = "if not completes(fresh) then", why = "one's own write that came late" },
  { file = existing, as_is = "if engine.closed(run.client) then return nil, calls.cancelled(\"list_trunks\") end", wrong = "", why = "somebody closes the client meanwhile" },
  { file = existing, as_is = "elseif execution:has_failed() and is_there(execution, by_name) then execution:found() end", wrong = "end", why = "what came true after all" },
  { file = execution, as_is = 'function Execution:found() set(self, self.lost and "done" or "present") end', wrong = 'function Execution:found() set(self, "present") end', why = "what this run did is done" },
  { file = execution, as_is = "self.lost = self.lost or err.maybe_applied", wrong = "self.lost = err.maybe_applied", why = "the first write may still take effect" },
  { file = execution, as_is = "  err.maybe_applied = self.lost\n", wrong = "", why = "the error says that it may have taken effect" },
  { file = read_back, as_is = "    steps.complete(run, execution:remove_copy(step))\n", wrong = "    execution:remove_copy(step)\n", why = "copies stay" },
  { file = read_back, as_is = 'fits = outcome == "done" or (outcome == "unknown" and not only_done)', wrong = 'fits = outcome == "done"', why = "what is unknown is read" },
  { file = read_back, as_is = "execution:stays(execution.lost or id_of(execution) == stays.id)", wrong = "execution:stays(true)", why = "somebody else's is present, not done" },
  { file = report, as_is = 'step.present and "present" or "not_tried"', wrong = '"not_tried"', why = "what was there from the beginning" },
  { file = report, as_is = "    for _, change in ipairs(execution.copies) do list[#list + 1] = change end\n", wrong = "", why = "a report without the copies that were removed" },
  { file = request, as_is = "is_as_is(step) and { validate = false } or nil", wrong = "nil", why = "as_is leaves it to the service" },
  { file = request, as_is = "if created[name] then arguments[name] = value end", wrong = "arguments[name] = value", why = "a creation takes three fields" },
  { file = run, as_is = 'step.target.failed or (step.action == "remove" and any_error(run))', wrong = "step.target.failed", why = "nothing is removed after a failure" },
  { file = run, as_is = 'step.target.failed or (step.action == "remove" and any_error(run))', wrong = 'step.action == "remove" and any_error(run)', why = "without a trunk nothing else can be made" },
  { file = run, as_is = "execution:is_open() and options.stop ~= nil and options.stop()", wrong = "false", why = "stop ends a run" },
  { file = run, as_is = "run.cancelled or first_error(report.changes) or stopped", wrong = "run.cancelled or stopped", why = "an error of a change is a failure, also of a clean-up of copies" },
  { file = run, as_is = "if execution.sendings > 1 then list", wrong = "if execution.sendings > 2 then list", why = "what was sent twice is read once more" },
  { file = send, as_is = "if already then execution:found() else execution:done() end", wrong = "execution:done()", why = "somebody else removed it" },
  { file = send, as_is = "if not removed then return already end", wrong = "if not removed then return nil end", why = "the error of a removal is ignored" },
  { file = send, as_is = "if err then return execution:ignored(err) end", wrong = "", why = "the service said success and kept another value" },
  { file = send, as_is = "  execution:follow(rest_of(step, data))\n", wrong = "", why = "a trunk is created with three fields, and updated with the others" },
  { file = send, as_is = "  if err then return err end\n  local operation", wrong = "  local operation", why = "a password that can't be had is not sent without" },
  { file = step, as_is = "local REPEATS = 2", wrong = "local REPEATS = 20", why = "a write is sent without end" },
  { file = step, as_is = 'err.maybe_applied or (err.kind == "conflict" and step.action ~= "remove")', wrong = "err.maybe_applied", why = "a conflict may be what is desired" },
  { file = step, as_is = "local only_this = { rejected = true,", wrong = "local only_this = {", why = "one that is refused doesn't stop the others" },
  { file = step, as_is = "if addition and not execution.change.err then", wrong = "if addition then", why = "a number that could not be taken off is mapped elsewhere" },
  { file = where, as_is = 'if err.kind == "cancelled" or err.operation == "lock" or engine.closed(client) then', wrong = "if false then", why = "after a stop nothing more is sent" },
  { file = where, as_is = "return with_place(err, put_back(client, removal))", wrong = "return with_place(err, nowhere(removal))", why = "a number on the way is put back" },
  { file = read_file, as_is = 'if size > SIZE_MAX then return nil, "too large for a file of specifications" end', wrong = "", why = "a file without end fills the memory" },
  { file = lua_file, as_is = '(text:gsub("^#[^\\n]*", ""))', wrong = "text", why = "a first line that begins with #" },
  { file = lua_file, as_is = "local text = message:sub(1, LONGEST)", wrong = "local text = message", why = "a message that quotes the whole file" },
  { file = line, as_is = 'local function printable(value) return plain(value, "?") end', wrong = "local function printable(value) return tostring(value) end", why = "what the service has controls no terminal" },
  { file = line, as_is = "local more = detail(change)", wrong = 'local more = ""', why = "what differs is shown" },
  { file = reader, as_is = "if has_value(spec, name) then return true end", wrong = "if true then return true end", why = "as_is that names nothing" },
  { file = plan, as_is = 'local contents = setmetatable({}, { __mode = "k" })', wrong = "local contents = {}", why = "plans are never collected" },
  { file = current, as_is = "return compare.readable(kind, found)", wrong = "return found", why = "what can't be understood is left alone" },
  { file = elsewhere, as_is = "if not known[sid] and not names[sid] then", wrong = "if not known[sid] then", why = "each trunk is asked for once" },
  { file = existing, as_is = "execution.step.moved_from, fresh\n", wrong = "nil, fresh\n", why = "an error of a move says where the number is" },
  { file = existing, as_is = "if fresh.trunk_sid and not fresh.deletion then reports.take_sid(run.report, current.step.target, fresh.trunk_sid) end", wrong = "", why = "the sid of a trunk whose creation was lost" },
  { file = existing, as_is = "if known and execution.step.moves_to then execution:begin(execution.step.moves_to) end", wrong = "", why = "what is off its trunk already goes on to the other" },
  { file = execution, as_is = "self.step, self.sendings, self.lost = step, 0, false", wrong = "self.step, self.sendings = step, 0", why = "a doubt about the removal is none about the addition" },
  { file = read_back, as_is = "if not is_known or (execution.follow_up and execution.follow_up.change.err) then return end", wrong = "if not is_known then return end", why = "an update that failed is not tried again" },
  { file = read_back, as_is = "existing and #compare.readable(step.kind, { existing }) > 0", wrong = "existing", why = "an answer that doesn't say what was added" },
  { file = execution, as_is = "if warnings[#warnings] ~= text then warnings", wrong = "if true then warnings", why = "one warning twice" },
  { file = run, as_is = "return stopped ~= nil and stopped ~= run.cancelled end", wrong = "return stopped ~= nil end", why = "what was added before a stop is read back and updated" },
  { file = run, as_is = "return kind ~= nil and kind.appends and execution.sendings > 0", wrong = "return false", why = "the copy that stays is updated" },
  { file = step, as_is = "waits[target] = waits[target] or settle_wait.new(run.client)", wrong = "waits[target] = settle_wait.new(run.client)", why = "what exists is waited for once in a run" },
  { file = step, as_is = "if lost then return settle_wait.new(run.client) end", wrong = "", why = "each lost reply is waited for" },
  { file = step, as_is = 'if execution.step.action ~= "add" and execution.step.action ~= "create" then return nil end', wrong = "", why = "a repetition that changes nothing is not waited for" },
  { file = step, as_is = 'if lost or step.action ~= "add"', wrong = 'if step.action ~= "add"', why = "a lost reply is no refusal because of another trunk" },
  { file = send, as_is = "  if step.action == \"create\" then return nil end\n  if step.resource", wrong = "  if step.resource", why = "what create_trunk ignored is left for the update" },
  { file = where, as_is = 'if err.kind == "conflict" then return err.message end', wrong = "", why = "somebody else took the number: where it is" },
  { file = where, as_is = "if step.moves_to then return still_there(step, err) end", wrong = "", why = "a number that was not taken off: where it is" },
  { file = report, as_is = "item.trunk_name == target.trunk_name then", wrong = "true then", why = "the sid of one trunk of several" },
  { file = report, as_is = 'not (follow_up.change.outcome == "done" and change.outcome == "done")', wrong = "true", why = "an update that was done is told with what it completes" },
  { file = "lua/exotel/provision.lua", as_is = "if #changeset.refused > 0 then return nil, refusals.error(changeset.refused), report end", wrong = "", why = "what is refused is not applied" },
  { file = "lua/exotel/provision.lua", as_is = 'if options.extras == "ignore" then plan.extras = {} end', wrong = "", why = "extras that are ignored" },
  { file = "lua/exotel/provision.lua", as_is = "return #plan.changes == 0 and #plan.extras == 0, plan", wrong = "return #plan.changes == 0, plan", why = "extras are drift" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "  if err then return nil, err, report end\n  local state", wrong = "  local state", why = "nothing goes before all that is new is there" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "if not existing or compare.difference(kinds.destination, existing, fields) then", wrong = "if false then", why = "what is new is read back" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "    if err then return err end\n    local removed", wrong = "    local removed", why = "an IP that something needs by then" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "if entry and #others == 0 then", wrong = "if entry then", why = "a destination of a form that is not understood" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "priority = fields.priority, weight = fields.weight,", wrong = "", why = "priority and weight stay" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "  if #on > 0 and (old.mask < 32 or new.mask < 32) then", wrong = "  if false then", why = "a range that destinations are on" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "if options.keep_old then list, kept = {}, {} end", wrong = "", why = "an overlap" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "if options.stop and options.stop() then return outcomes.stopped(\"replace_ip\") end", wrong = "", why = "stop ends it" },

  { file = "lua/exotel/provision/apply/send.lua", as_is = "  if run.stopped then return run.stopped end\n", wrong = "", why = "writes without its lock" },
  { file = "lua/exotel/provision/apply/step.lua", as_is = "if err == run.stopped then return stop(execution, err) end", wrong = "", why = "what was not sent is told as failed" },
  { file = "lua/exotel/provision/apply/lock.lua", as_is = 'elseif err.kind == "conflict" or core.now()', wrong = "elseif core.now()", why = "a lost lock is held for lost only later" },
  { file = "lua/exotel/provision/apply/lock.lua", as_is = "  self.lock:release()\n", wrong = "", why = "the lock is held until its time runs out" },
  { file = "lua/exotel/provision/apply/lock.lua", as_is = 'if err.kind ~= "conflict" then return nil, no_store(err) end', wrong = "", why = "waits for a store that can't be had" },
  { file = line, as_is = 'if change.contents then return "with " .. contents_text(change.contents) end', wrong = "", why = "what goes with a trunk is shown" },
  { file = render, as_is = "if #left_out == 0 then return nil end", wrong = "if true then return nil end", why = "a plan of some trunks says so" },
  { file = drift_line, as_is = "if not safety.rules[refused.rule] then return", wrong = "if true then return", why = "a report names no option that check doesn't have" },
  { file = sections, as_is = 'if change.action ~= "add" or change.err or change.warnings then return nil end', wrong = "", why = "neither changes nor removals are folded" },
  { file = sections, as_is = 'if change.outcome and change.outcome ~= "not_tried" then return nil end', wrong = "", why = "what was done is not folded with what was not tried" },
  { file = sections, as_is = "if #lines > 0 then sections", wrong = "if true then sections", why = "a trunk that stays as it is takes no line" },
  { file = sections, as_is = "style.lines.fold(change, count - SHOWN, style.wording)", wrong = "style.lines.fold(change, count, style.wording)", why = "how many are folded" },
  { file = count, as_is = 'update = "change", remove = "remove"', wrong = 'update = "change", remove = "change"', why = "removals are counted as such" },
  { file = markdown, as_is = 'local escaped = text:gsub("[^%w \\128-\\255]"', wrong = 'local escaped = text:gsub("[<>&]"', why = "a name makes no markup" },
  { file = markdown, as_is = "math.max(3, longest_run_of_backticks(text) + 1)", wrong = "3", why = "a name can't end the block" },
  { file = report, as_is = "change.due or is_planned(change)", wrong = "change.due", why = "what somebody else did meanwhile is told" },
  { file = report, as_is = "return not (was_plain(change) and is_planned(change))", wrong = "return not was_plain(change)", why = "what was done and not planned is told" },
  { file = plan_file, as_is = "if read.digest ~= digest_of(read) then", wrong = "if false then", why = "a plan that was edited" },
  { file = plan_file, as_is = "      only = options.only and json.array(options.only),\n", wrong = "", why = "a saved plan of some trunks is about no other" },
  { file = subset, as_is = "if not has_name(desired_trunks, name) then return nil, unknown(desired_trunks, name) end", wrong = "", why = "a name that is mistyped leaves out what was meant" },
  { file = subset, as_is = "or names[desired.trunk.trunk_sid or false] or false", wrong = "or false", why = "only takes a sid" },
  { file = planner, as_is = "local err = unknown_user(chosen, options.rotate)", wrong = "local err = unknown_user(desired_trunks, options.rotate)", why = "a password that would not be set" },
  { file = planner, as_is = "target.removals, target.extras, target.going or {}", wrong = "target.removals, target.extras", why = "numbers move from a trunk before it goes" },
  { file = planner, as_is = "    if not removal.moves_to then\n", wrong = "    if true then\n", why = "what moves doesn't go with the trunk" },
  { file = refusals, as_is = "      add_half_moves(refused, changeset, kind)\n", wrong = "", why = "half of a move" },
  { file = refusals, as_is = "for _, list in ipairs { target.removals, target.going or {} } do", wrong = "for _, list in ipairs { target.removals } do", why = "a number goes with a trunk although another one is to have it" },
  { file = refusals, as_is = "step.wanted_by = wanted_by[step.key]", wrong = "step.wanted_by = nil", why = "where a number goes" },
  { file = refusals, as_is = "    safety.add_deletion(refused, target, options.allow)\n", wrong = "", why = "a trunk with numbers is removed" },
  { file = refusals, as_is = "    add_misnamed(refused, target)\n", wrong = "", why = "name and sid of two trunks" },
  { file = safety, as_is = "if not numbers or allow.delete_trunk then return end", wrong = "if not numbers or next(allow) then return end", why = "what is allowed is named" },
  { file = elsewhere, as_is = "if not target.trunk_sid and not target.deletion then names", wrong = "if not target.trunk_sid then names", why = "a trunk that is gone is none to be made" },
  { file = diff, as_is = "existing = trunk, present = not trunk", wrong = "existing = trunk", why = "a trunk that is gone already" },
  { file = current, as_is = "desired.trunk.trunk_sid and not desired.trunk.absent", wrong = "desired.trunk.trunk_sid", why = "a sid that is to be absent may be gone" },
  { file = absent, as_is = '  if value == "" then raise(path, "is empty") end\n', wrong = "", why = "a trunk without a name is none that was meant" },
  { file = absent, as_is = [[if not BESIDE[key] then raise(prefix .. tostring(key), "can't stand beside absent, which removes the trunk") end]], wrong = "", why = "what is removed has nothing else" },
  { file = writer, as_is = ", absent = trunk.absent }", wrong = " }", why = "a saved plan removes what it says" },
  { file = existing, as_is = "if trunk and trunk.trunk_sid == execution.step.existing.trunk_sid then return false end", wrong = "if trunk then return false end", why = "another trunk of that name" },
  { file = existing, as_is = "if fresh.trunk_sid and not fresh.deletion then", wrong = "if fresh.trunk_sid then", why = "another trunk of that name is reported as removed" },
  { file = deletion, as_is = "if not known[kind.key(kind.fields(one)) or false] then return conflict(step.target, kind, one) end", wrong = "", why = "a number that came meanwhile goes with its trunk" },
  { file = deletion, as_is = "return not removal.is_gone_with_trunk(client, trunk_sid, err) and err or nil", wrong = "return err", why = "a trunk that somebody else has removed" },
  { file = deletion, as_is = "return not removal.is_gone_with_trunk(client, trunk_sid, err) and err or nil", wrong = "return nil", why = "a trunk is removed unseen" },
  { file = deletion, as_is = "not removal.is_gone_with_trunk(client, trunk_sid, err) and", wrong = "not removal.may_be_gone(err) and", why = "a trunk of which the numbers may not be read is removed unseen" },
  { file = source_text, as_is = "if bytes:sub(1, 1) ~= \"\\27\" and bytes:sub(1, 4):find(\"\\0\", 1, true) then return UTF16 end", wrong = "", why = "UTF-16 without a mark" },
  { file = source_text, as_is = "local text = bytes:gsub(\"^\\239\\187\\191\", \"\")", wrong = "local text = bytes", why = "a byte order mark" },
  { file = source_text, as_is = "from = at + ((pair == \"\\r\\n\" or pair == \"\\n\\r\") and 2 or 1)", wrong = "from = at + (pair == \"\\r\\n\" and 2 or 1)", why = "Lua counts \\n\\r as one line" },
  { file = tokens, as_is = "return long_end(text, at + 2) or", wrong = "return", why = "a long comment" },
  { file = tokens, as_is = "if c == \"[\" and long_end(text, at) then", wrong = "if false then", why = "a long string" },
  { file = tokens, as_is = "    from = stop + 2\n", wrong = "    from = stop + 1\n", why = "a quotation mark behind a backslash" },
  { file = lua_source, as_is = "if text == \"return\" and functions == 0 then return #blocks == 0, first end", wrong = "if text == \"return\" then return #blocks == 0, first end", why = "a function before what the file returns" },
  { file = lua_source, as_is = "then return #blocks == 0, first end", wrong = "then return true, first end", why = "a return that may not run" },
  { file = lua_source, as_is = "if node and (is_end_of_entry(parser) or parser.token.type == \"end\") then return node end", wrong = "if node then return node end", why = "a literal that is a part of an expression" },
  { file = lua_source, as_is = "if parser.token.type ~= \"end\" then source.root", wrong = "if false then source.root", why = "a file that returns two values" },
  { file = lua_source, as_is = "append(entry.before, take_inner(parser))", wrong = "take_inner(parser)", why = "a comment within an entry is lost" },
  { file = lua_source, as_is = "  append(entry.before, parser:take_comments())\n", wrong = "  parser:take_comments()\n", why = "a comment before a comma is lost" },
  { file = lua_source, as_is = "append(entry.after, parser:take_trailing())", wrong = "parser:take_trailing()", why = "a comment behind a comma is lost" },
  { file = lua_source, as_is = "node.tail, node.last_line = parser:take_comments(), parser.token.last_line", wrong = "node.last_line = parser.token.last_line", why = "a comment before the end of a table is lost" },
  { file = lua_source, as_is = "local is_name = type(key) == \"string\" and key:find(\"^[%a_][%w_]*$\") and not keywords[key]", wrong = "local is_name = type(key) == \"string\" and key:find(\"^[%a_][%w_]*$\")", why = "a name that is a word of Lua" },
  { file = lua_source, as_is = "return text:find(\"^%[\") and \"[ \" .. text .. \" ]\" or", wrong = "return", why = "a long string as a name" },
  { file = tree, as_is = "  node.fields[entry.key] = first or entry\n  if not first then return end\n", wrong = "  node.fields[entry.key] = first or entry\n  if true then return end\n", why = "a name twice in one table" },
  { file = tree, as_is = "or node.is_twice[key] or node.has_computed_keys then", wrong = "or node.is_twice[key] then", why = "a computed name may be any" },
  { file = tree, as_is = "or node.is_twice[key] or node.has_computed_keys then", wrong = "or node.has_computed_keys then", why = "which of two lines it is" },
  { file = origin, as_is = "    if not is_same(file, node, value) then return nil end\n", wrong = "", why = "a line of what was changed since" },
  { file = origin, as_is = "if not is_unchanged(file, node, value) then return nil end", wrong = "", why = "a line of what is missing from a table that was changed since" },
  { file = origin, as_is = "if value == core.null then return node.text == \"null\" end", wrong = "", why = "a null in a list" },
  { file = layout, as_is = "local line = source and (source.statement or find_computed(source.root))", wrong = "local line = source and find_computed(source.root)", why = "statements before the table are lost" },
  { file = layout, as_is = "if #node.tail > 0 or node.is_broken then return false end", wrong = "if node.is_broken then return false end", why = "a comment behind the last entry" },
  { file = layout, as_is = "  if source.script then table.remove(head, 1) end\n", wrong = "", why = "the first line twice" },
  { file = read_file, as_is = "if after and is_equal(before, after) then return laid_out end", wrong = "if after then return laid_out end", why = "what is laid out says the same", equivalent = "a second look: no file is known that it refuses" },
  { file = read_file, as_is = "if count ~= #list then return \"the list of specifications has holes\" end", wrong = "", why = "a specification behind a hole is lost" },
  { file = read_file, as_is = "if type(key) ~= \"number\" then return (\"the list", wrong = "if false then return (\"the list", why = "a name beside a list of specifications is lost" },
  { file = problems, as_is = "local own, others = text:match('^([^\"]*)(.*)$')", wrong = "local own, others = text, \"\"", why = "a value that says \"a table\"" },
  { file = advice, as_is = "if desired[kind.needs.kind.name].managed then", wrong = "if true then", why = "a list that is not mentioned is left alone" },
  { file = advice, as_is = "if item.as_is or item.invalid or not needs", wrong = "if item.invalid or not needs", why = "as_is leaves a destination to the service" },
  { file = advice, as_is = "  if not is_readable(reading, i, kind.needs.kind.spec_key) then return end\n", wrong = "", why = "an IP that can't be read may be the one" },
  { file = advice, as_is = "if name == name_of(all[i]) then return end", wrong = "", why = "the same trunk twice is one mistake" },
  { file = advice, as_is = "local digits = item.key:gsub(\"%D\", \"\"):gsub(\"^0+\", \"\")", wrong = "local digits = item.key", why = "a number in another spelling" },
  { file = check, as_is = "found[#found + 1] = problems.of_file(err, name) end", wrong = "error(err, 0) end", why = "a file that can't be read keeps others from being checked" },
  { file = reader, as_is = "getmetatable(value) == core.array_metatable", wrong = "false", why = "an object where JSON needs a list" },
  { file = read_file, as_is = "if type(value) == \"table\" and value.exotel_plan ~= nil then", wrong = "if false then", why = "a saved plan that is applied as a file" },
  { file = check, as_is = "    append(specs, loaded)\n", wrong = "    if not wrong[1] then append(specs, loaded) end\n", why = "one entry that is no table hides what is wrong with the others" },
  { file = "csrc/lua/lua_file.c", as_is = "if (lua_gettop(S) > 1) {", wrong = "if (false) {", why = "the second specification that a file returns is lost" },
  { file = "lua/exotel/provision/jobs/replace_ip.lua", as_is = "if range then return \"invalid_argument\"", wrong = "if false then return \"invalid_argument\"", why = "an address with host bits opens a range" },
  { file = "lua/exotel/resources/setting.lua", as_is = "if type(given) ~= \"table\" or given[1] ~= nil then", wrong = "if type(given) ~= \"table\" then", why = "a list of settings" },
}
