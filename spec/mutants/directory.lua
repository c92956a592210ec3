-- Directories: csrc/exotel/directory, csrc/lua/directory*.c, lua/exotel/directory.
local digest = "csrc/exotel/directory/digest.c"
local directory = "csrc/exotel/directory/directory.c"
local builder = "csrc/exotel/directory/builder.c"
local merge = "csrc/exotel/directory/merge.c"
local changes = "csrc/exotel/directory/changes.c"
local reader = "csrc/exotel/directory/reader.c"
local moment = "csrc/exotel/base/moment.c"
local public = "lua/exotel/directory.lua"
local account = "lua/exotel/directory/account.lua"
local choice = "lua/exotel/directory/choice.lua"
local chosen = "csrc/exotel/directory/choice.c"
local file = "lua/exotel/directory/file.lua"
local look_up = "lua/exotel/directory/look_up.lua"
local pace = "lua/exotel/directory/pace.lua"
local refresh = "lua/exotel/directory/refresh.lua"

return {
  { file = digest, as_is = "for (int i = 0; i < 4; i++) digest->lanes[i]", wrong = "for (int i = 0; i < 3; i++) digest->lanes[i]", why = "a part of the file that the checksum doesn't cover" },
  { file = directory, as_is = "if (header->version > EXO_DIRECTORY_VERSION) return", wrong = "if (false) return", why = "a newer version's file is taken for a damaged one, and overwritten" },
  { file = directory, as_is = "|| size_of(header) != size) return", wrong = ") return", why = "counts that lead outside" },
  { file = directory, as_is = "end - at - sizeof length < length) return", wrong = "false) return", why = "a text that ends outside" },
  { file = directory, as_is = "uint32_t end = bucket[1] < header->numbers ? bucket[1] : header->numbers;", wrong = "uint32_t end = bucket[1];", why = "a bucket that ends outside" },
  { file = directory, as_is = "if (is_sid(directory, trunk, name)) return trunk;", wrong = "", why = "a trunk that is called what another's SID is" },
  { file = directory, as_is = "return trunk != NULL && is_sid(directory, trunk, sid) ? trunk : NULL;", wrong = "return trunk;", why = "a name passes for a SID" },
  { file = directory, as_is = "(digits == 1 || text->bytes[0] != '0')", wrong = "true", why = "an octal address" },
  { file = directory, as_is = "walk->index != 0 ? walk->index : first_ip", wrong = "first_ip", why = "the walk never ends, or stays at the first" },
  { file = builder, as_is = "int order = compare(other->mask, one->mask);", wrong = "int order = compare(one->mask, other->mask);", why = "the longest mask first" },
  { file = builder, as_is = "if (age_of(builder, number) < age_of(builder, end)) *end = *number;", wrong = "", why = "a number that was moved stays where it was" },
  { file = builder, as_is = "if (text.length > EXO_DIRECTORY_TEXT_MAX) builder->too_long = true;", wrong = "", why = "a text that no look-up has room for" },
  { file = merge, as_is = "bool is_a = list_age(a, now) <= list_age(b, now);", wrong = "bool is_a = true;", why = "a trunk that another refresh saw deleted comes back" },
  { file = merge, as_is = "bool is_other = other != NULL && other_age < age;", wrong = "bool is_other = false;", why = "what could not be read is forgotten" },
  { file = merge, as_is = "exo_builder_trunk(builder, fields, read, read > list_age(newer->directory, now))", wrong = "exo_builder_trunk(builder, fields, read, false)", why = "a trunk that was not read passes for one that was" },
  { file = changes, as_is = "if (i != EXO_TRUNK_DATE_UPDATED && ", wrong = "if (", why = "a date is no news" },
  { file = reader, as_is = "if (!is_same(&found, &reader->identity) || is_another(reader, descriptor)) {", wrong = "if (!is_same(&found, &reader->identity)) {", why = "a file that looks like the one before" },
  { file = reader, as_is = "if (S_ISREG(facts->st_mode)) begin(reader);", wrong = "if (true) begin(reader);", why = "a folder, a pipe" },
  { file = reader, as_is = "    reader->look_at = now + EVERY;\n  }\n  if", wrong = "  }\n  if", why = "the file is looked at for each call" },
  { file = reader, as_is = "return PIECE + (size_t)more / PIECE * PIECE;", wrong = "return PIECE;", why = "a worker that is asked seldom answers from an old file" },
  { file = reader, as_is = "header->digest != exo_digest_end(&loading->digest)", wrong = "false", why = "a damaged file" },
  { file = reader, as_is = "O_NOCTTY | O_NONBLOCK", wrong = "O_NOCTTY", why = "a pipe is waited for" },
  { file = moment, as_is = "return age >= 0 ? age : INFINITY;", wrong = "return age;", why = "a clock that was turned back" },
  { file = public, as_is = "directory, message = core.directory(options.path)\n  end", wrong = "end", why = "an empty one is made, and not opened" },
  { file = account, as_is = "if lists then add_lists(made, index, lists) end", wrong = "", why = "trunks without what is on them" },
  { file = account, as_is = 'item.mode or "pstn"', wrong = "item.mode", why = "a mode that was never set" },
  { file = chosen, as_is = "all->list[all->end].priority == all->list[all->first].priority", wrong = "true", why = "a higher priority is chosen from" },
  { file = chosen, as_is = "while (!is_up(all, i) || left > 0) {", wrong = "while (left > 0) {", why = "what is down is chosen where there are no weights" },
  { file = chosen, as_is = "if (!is_up(all, i)) return;\n", wrong = "", why = "the weights of what is down count" },
  { file = directory, as_is = "if (is_packed || is_text(directory, own->text, number)) return own;", wrong = "return own;", why = "of texts with the same hash one is taken for the other" },
  { file = choice, as_is = "set[same(text)] = true", wrong = "set[text] = true", why = "what is down is written otherwise" },
  { file = chosen, as_is = "all->least == 0 ? 0 : 1", wrong = "0", why = "the lowest weight is favoured" },
  { file = file, as_is = 'if fault == "refused" then return nil, M.error(path, message) end', wrong = "", why = "somebody else's file is overwritten" },
  { file = look_up, as_is = "if not self.pace:take() then return nil end", wrong = "", why = "strangers use up the rate limit" },
  { file = look_up, as_is = 'if err.kind == "not_found" then return {}, REMEMBERED end', wrong = "", why = "a miss is no failure" },
  { file = look_up, as_is = "recall(self, number) or await_other(self, client, number) or", wrong = "recall(self, number) or", why = "all who call a new number at a time ask for it" },
  { file = look_up, as_is = "(self.asking[number] or 0) > core.now()", wrong = "self.asking[number]", why = "one who was killed while he asked is waited for" },
  { file = pace, as_is = "return nth_last and nth_last + WINDOW - self.now or 0", wrong = "return 0", why = "the share of the rate limit" },
  { file = refresh, as_is = "if #run.unread < #trunks then find_moved(run, before) end", wrong = "", why = "a number that is moved meanwhile is lost" },
  { file = refresh, as_is = "if not own or (own == other and host == other_host) then return true end", wrong = "if true then return true end", why = "two accounts in one file" },
  { file = refresh, as_is = "if HOPELESS[err.kind] or run.failures >= FAILURES then", wrong = "if run.failures >= FAILURES then", why = "wrong credentials are tried for each trunk" },
  { file = directory, as_is = "if (header->version < EXO_DIRECTORY_VERSION)", wrong = "if (false)", why = "an older version's file is called damaged, or taken" },
}
