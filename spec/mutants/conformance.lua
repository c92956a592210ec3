-- exotel conformance: lua/exotel/cli/conformance. A verdict that is not true is worse than none.
local folder = "lua/exotel/cli/conformance/"
local answer = folder .. "answer.lua"
local facts = folder .. "facts.lua"
local journal = folder .. "journal.lua"
local judge = folder .. "judge.lua"
local names = folder .. "names.lua"
local redact = folder .. "redact.lua"
local report = folder .. "report.lua"
local run = folder .. "run.lua"
local scratch = folder .. "scratch.lua"
local common = folder .. "probes/common.lua"
local ips = folder .. "probes/ips.lua"
local destinations = folder .. "probes/destinations.lua"
local credentials = folder .. "probes/credentials.lua"
local numbers = folder .. "probes/numbers.lua"
local account = folder .. "probes/account.lua"
local command = "lua/exotel/cli/commands/conformance.lua"

return {
  { file = judge, as_is = "return seen.status == want.status and", wrong = "return", why = "a duplicate with HTTP 409" },
  { file = judge, as_is = "(want.code == nil or seen.code == want.code)", wrong = "true", why = "the item's own code", equivalent = "a code that goes with another status comes with another error as well" },
  { file = judge, as_is = "(want.error == nil or seen.error == want.error)", wrong = "true", why = "refused for another reason" },
  { file = judge, as_is = "if good and seen.data ~= nil then", wrong = "if false then", why = "a duplicate that has data" },
  { file = judge, as_is = 'if not seen.has_it then return false, "accepted, but a read does not show it" end', wrong = "", why = "accepted and ignored is not done" },
  { file = judge, as_is = 'if not seen.has_it then return false, "accepted, but it is still there" end', wrong = "", why = "a removal that removes nothing" },
  { file = judge, as_is = "      if seen.status < 400 then return false end\n      return nil", wrong = "      return true", why = "an item of a batch that was refused whole" },
  { file = judge, as_is = "function(item) return item.error == error end", wrong = "function(item) return not item.ok end", why = "an item refused for another reason" },
  { file = answer, as_is = 'ok = object.code == 200 and object.status == "success"', wrong = "ok = object.code == 200", why = "a failure with the code 200", equivalent = "no answer of the service says so; it is read strictly all the same" },
  { file = answer, as_is = "or seen.status >= 300 or", wrong = "or", why = "an HTTP failure around a success" },
  { file = answer, as_is = "seen.status < 500 and", wrong = "", why = "a fault of the service tells nothing" },
  { file = answer, as_is = "and seen.status ~= 402", wrong = "", why = "an account that may not" },
  { file = answer, as_is = 'if is_table(decoded.RestException) then return "RestException" end', wrong = "", why = "another shape of refusals" },
  { file = facts, as_is = 'if good and #run:see("account").items == 0 then', wrong = "if false then", why = "a filter where there is nothing to be filtered" },
  { file = facts, as_is = 'if #seen.items == 0 and not run:see("got").ok then', wrong = "if false then", why = "an empty list of a trunk that is gone" },
  { file = facts, as_is = 'return limit == "200",', wrong = "return limit ~= nil,", why = "another limit" },
  { file = facts, as_is = "math.abs(number - server_time) <= 120", wrong = "true", why = "seconds left are no time" },
  { file = facts, as_is = 'return mask == 16, ("done', wrong = 'return true, ("done', why = "a mask that becomes another one" },
  { file = facts, as_is = 'if good and not seen.items[1].ok then return nil, "the other destination was refused, too" end', wrong = "", why = "refused for something else" },
  { file = facts, as_is = 'if good and not kept then return false, "accepted, with another transport" end', wrong = "", why = "udp that becomes tls" },
  { file = facts, as_is = "return numbers == 0, numbers == 0", wrong = "return texts > 0, numbers == 0", why = "ids that are numbers" },
  { file = facts, as_is = "return #parts == 0, #parts == 0", wrong = "return true, #parts == 0", why = "other shapes of refusals" },
  { file = facts, as_is = ', needs = { "mask_16", "a mask of 16 is refused, too" }', wrong = "", why = "refused whatever the mask" },
  { file = facts, as_is = "    local good = list.equal == 2\n", wrong = "    local good = true\n", why = "equal destinations that are one" },
  { file = facts, as_is = 'return seen.is_list == true, seen.is_list and "a list with the trunk"', wrong = 'return true, seen.is_list and "a list with the trunk"', why = "one object is no list" },
  { file = run, as_is = "if not fact.takes_any and not answer.tells(seen) then", wrong = "if false then", why = "no answer is no verdict" },
  { file = run, as_is = 'if room(self) < 1 then self:skip("the %d requests of a run are used up", M.REQUESTS) end', wrong = "", why = "60 requests" },
  { file = run, as_is = '  if self.stopped() then stop(self, "interrupted") end\n', wrong = "", why = "Ctrl-C" },
  { file = run, as_is = "  local finished, raised_later = pcall(finish, self)\n  if not good", wrong = "  local finished, raised_later = good and pcall(finish, self), raised\n  if not good", why = "a mistake leaves no trunk" },
  { file = run, as_is = "    if fits(seen) or not answer.tells(seen) then break end\n", wrong = "    break\n", why = "reads that are behind" },
  { file = run, as_is = 'if self.is_blind then self:skip("reads are behind by more than %d s", self.lag) end', wrong = "", why = "reads that show nothing" },
  { file = run, as_is = "  self.limited = self.limited or seen\n", wrong = "", why = "a 429 tells of Retry-After" },
  { file = run, as_is = "  if first_was_gone then\n    take_back(self)\n", wrong = "  if first_was_gone then\n", why = "what a trunk that is gone answers" },
  { file = scratch, as_is = "is_refused_as_gone(err) and select(2, look_for_sid(run, made.sid)) == true", wrong = "is_refused_as_gone(err)", why = "what is only said not to be there" },
  { file = scratch, as_is = "    if not info.next then return nil, true end\n", wrong = "    if true then return nil, true end\n", why = "the second page of trunks" },
  { file = scratch, as_is = "  settle(run, made, seen)\n  run.journal", wrong = "  run:note(seen)\n  settle(run, made, seen)\n  run.journal", why = "a trunk that the rate limit refused is none" },
  { file = run, as_is = "  keep_if_there(self)\n", wrong = "", why = "a trunk that is said to be deleted" },
  { file = run, as_is = "  return client and seen or self:note(seen)\n", wrong = "  return self:note(seen)\n", why = "another region that is away ends nothing" },
  { file = run, as_is = "  if #self.made == 0 or #self.left > 0 then return end\n", wrong = "", why = "what is not deleted is not asked for as gone" },
  { file = run, as_is = '  if not seen.ok then self:skip("%s: %s", fact.needs[2], self:describe(seen)) end', wrong = "", why = "an operation that is not there refuses everything" },
  { file = scratch, as_is = "  run.journal:write(run.made)\n  local seen = run:send", wrong = "  local seen = run:send", why = "the name is on disk before the trunk is asked for" },
  { file = scratch, as_is = "  made.other_name = name\n  run.journal:write(run.made)\n", wrong = "  made.other_name = name\n", why = "the new name is on disk before the trunk has it", equivalent = "its sid is on disk already; the name alone keeps it from being deleted later" },
  { file = scratch, as_is = " and not is_known(run, trunk.trunk_sid)\n", wrong = "\n", why = "the second trunk of a name", equivalent = "the sandbox lists the newest first, and the first one is gone when it is looked for" },
  { file = scratch, as_is = "  made.sid = made.sid or (look_for_name(run, made) or {}).trunk_sid\n", wrong = "", why = "a trunk whose creation was not answered" },
  { file = scratch, as_is = "if not made.sid and seen.status then made.sid = (look_for_name(run, made) or {}).trunk_sid end", wrong = "", why = "an answer without a sid" },
  { file = scratch, as_is = 'if not (names.fits(trunk.trunk_name) and has_name(made, trunk.trunk_name)) then return "renamed" end', wrong = "", why = "somebody else's trunk is left alone" },
  { file = scratch, as_is = "if not (names.fits(trunk.trunk_name) and has_name", wrong = "if not (has_name", why = "only a name of the form is deleted" },
  { file = scratch, as_is = "  run.journal:write(left)\n", wrong = "  run.journal:write {}\n", why = "what is left stays in the journal" },
  { file = names, as_is = '("%l"):rep(LETTERS) .. "$") ~= nil', wrong = '("%l"):rep(LETTERS)) ~= nil', why = "eight letters, not more", equivalent = "a longer name is in no journal of a run" },
  { file = journal, as_is = "  local is_ours = line ~= nil and line.account == account\n", wrong = "  local is_ours = line ~= nil\n", why = "another account's trunk" },
  { file = journal, as_is = "  if is_ours and lock(descriptor) then", wrong = "  if is_ours then", why = "the trunk of a run that lives" },
  { file = journal, as_is = "  if is_clean then os.remove(self.path) end\n", wrong = "  os.remove(self.path)\n", why = "what is left is found again" },
  { file = redact, as_is = "  for i, word in ipairs(words) do\n    local alone", wrong = "  for i in ipairs(words) do\n    fine[i] = true\n  end\n  for i, word in ipairs {} do\n    local alone", why = "words that may identify" },
  { file = redact, as_is = "fine[i] = is_word(word) or (is_number(word) and alone)", wrong = "fine[i] = is_word(word) or is_number(word)", why = "a number in groups" },
  { file = redact, as_is = '  for _, one in ipairs(private) do\n    if one ~= ""', wrong = '  for _, one in ipairs {} do\n    if one ~= ""', why = "a name of plain letters" },
  { file = redact, as_is = "    state.key = key_name(without_private(text, state.private))\n", wrong = "    state.key = text\n", why = "names of members" },
  { file = redact, as_is = 'if LITERALS[word] or (NUMBERS[key] and word:find("^%d%d?%d?%d?%d?$")) then return word end', wrong = "if LITERALS[word] or NUMBERS[key] then return word end", why = "a telephone number as a code" },
  { file = redact, as_is = "  if MESSAGES[key] then return M.text(text, private) end\n", wrong = "  if MESSAGES[key] then return text end\n", why = "messages that echo" },
  { file = redact, as_is = 'if not body:find("^%s*[{%[]") then', wrong = "if false then", why = "a body that is no JSON" },
  { file = report, as_is = 'answers = result.verdict ~= "holds" and answers_of(result, private) or nil', wrong = "answers = nil", why = "what was answered otherwise" },
  { file = report, as_is = "body = seen.body and redact.body(seen.body, private) or nil", wrong = "body = seen.body", why = "bodies as they came" },
  { file = common, as_is = "return not seen.ok and (seen.status == 404", wrong = "return (true or seen.status == 404", why = "a removal that removes nothing" },
  { file = ips, as_is = "  if answer.tells(seen) then run:found_lag(waited, fits(seen)) end\n", wrong = "", why = "how far reads are behind" },
  { file = destinations, as_is = "seen.counts_entries = #common.items(seen) == 2 and first ==", wrong = "seen.counts_entries = first ~=", why = "an offset that counts pages" },
  { file = credentials, as_is = "seen.has_it = common.item(seen, id) ~= nil and #seen.items == 1", wrong = "seen.has_it = common.item(seen, id) ~= nil", why = "a list that is not filtered" },
  { file = numbers, as_is = "  if seen.ok then run:skip(TAKEN) end\n", wrong = "", why = "a number that is on a trunk" },
  { file = numbers, as_is = "    if common.data(one).phone_number == run.number then run:skip(TAKEN) end\n", wrong = "", why = "a number that is on a trunk, where the list only tells" },
  { file = numbers, as_is = "or not seen.is_list or has_more then", wrong = "or not seen.is_list then", why = "more trunks than are looked at" },
  { file = account, as_is = "  seen.is_of_trunk = nil -- its", wrong = "  -- its", why = "a trunk that is gone at the end", equivalent = "nothing asks for it any more then" },
  { file = command, as_is = '  if not prompt.confirm("Go on?") then errors.fail("nothing was sent") end\n', wrong = '  prompt.confirm("Go on?")\n', why = "no is no" },
  { file = command, as_is = "  if not args.yes then prompt.need_terminal(\"exotel conformance\") end\n", wrong = "", why = "it asks first" },
  { file = command, as_is = "  if #found.left > 0 then return errors.status.failed end\n", wrong = "", why = "a trunk that is left is a failure" },
  { file = command, as_is = "journal:close(good and #found.left == 0)", wrong = "journal:close(true)", why = "what is left is found again" },
  { file = command, as_is = "pcall(signals.during_cleanup, unknown,", wrong = "pcall(signals.during_write, unknown,", why = "a signal that came before", equivalent = "it raises where nothing was made yet" },
  { file = scratch, as_is = "code >= 400 and code < 500 end", wrong = "code >= 400 end", why = "a trunk that the service made and answered with a fault is looked for" },
}
