-- The Lua layer of calls: lua/exotel/client.lua, error.lua, json.lua and lua/exotel/calls.
local pages = "lua/exotel/calls/pages.lua"
local removal = "lua/exotel/calls/removal.lua"
local settle = "lua/exotel/calls/settle_wait.lua"
local waiting = "lua/exotel/calls/waiting.lua"
local pool = "lua/exotel/calls/pool.lua"
local left = "lua/exotel/calls/left_behind.lua"
local cooperative = "lua/exotel/calls/cooperative.lua"
local client = "lua/exotel/client.lua"
local errors = "lua/exotel/error.lua"
local json = "lua/exotel/json.lua"
local budget = "lua/exotel/calls/budget.lua"
local window = "lua/exotel/store/window.lua"
local file_store = "lua/exotel/store/file.lua"
local redis_store = "lua/exotel/store/redis.lua"
local later = "lua/exotel/calls/later.lua"
local init = "lua/exotel/init.lua"

return {
  { file = pages, as_is = "local REREADS = 3", wrong = "local REREADS = 30", why = "a list that changes is read without end" },
  { file = pages, as_is = "if #items > 0 and are_same(keys, self.last) and not self:only_overlaps(items) then return SAME_PAGE end", wrong = "", why = "pages that repeat never end" },
  { file = pages, as_is = "if info.next and info.next.offset <= least then return NOT_LATER end", wrong = "if info.next and info.next.offset < least then return NOT_LATER end", why = "a next page that is the same one" },
  { file = pages, as_is = "if self.overlap and #items > 1 then least = least + 1 end", wrong = "", why = "a next page that is the same one" },
  { file = pages, as_is = "self.overlap and next_page.offset - 1 or next_page.offset", wrong = "next_page.offset", why = "no overlap: an entry is left out" },
  { file = pages, as_is = "math.max(size or 2, 2) or size", wrong = "size or size", why = "a page of one entry is nothing but overlap" },
  { file = pages, as_is = "self:id(items[1]) ~= overlap) then return self:read_again(items) end", wrong = "false) then return self:read_again(items) end", why = "a list that moved is not noticed" },
  { file = pages, as_is = "self.idle = self.fresh and 0 or self.idle + 1", wrong = "self.idle = self.idle + 1", why = "a long list that changes all the time" },
  { file = pages, as_is = "self.read = self.read + #items - first + 1", wrong = "self.read = self.read + #items", why = "the overlap counts as an entry: a short list seems whole" },
  { file = pages, as_is = "if id then known[id] = reading end", wrong = "", why = "an entry is given twice" },
  { file = pages, as_is = "self.whole and seen ~= reading", wrong = "self.whole", why = "an entry that stands twice in a reading is given twice" },
  { file = pages, as_is = "(self.whole and seen ~= reading)", wrong = "false", why = "a list that was read again lacks what was seen before" },
  { file = pages, as_is = "if keys[i] ~= others[i] then return false end", wrong = "", why = "pages of one length are taken for the same" },
  { file = pages, as_is = 'if state == "again" then all = {} end', wrong = "", why = "entries that are gone stay in the array" },
  { file = pages, as_is = "if all and reason then return nil, incomplete(name, reason) end", wrong = "", why = "a decision on a list that is not complete" },
  { file = pages, as_is = "and not self.arguments.offset then", wrong = "then", why = "a list that begins later is told as short" },
  { file = pages, as_is = "if engine.closed(client) then return nil, request.cancelled(name) end", wrong = "", why = "a workflow raises when somebody closes its client" },
  { file = pages, as_is = 'local identifying = { list_trunks = "trunk_sid",', wrong = "local identifying = {", why = "trunks have no id: moved lists are not noticed" },
  { file = pages, as_is = "    reader:rewind()\n    return nil, err", wrong = "    return nil, err", why = "after an incomplete list the next try gives nothing" },

  { file = removal, as_is = "local NOT_FOUND, FOREIGN_TRUNK = 1000, 1003", wrong = "local NOT_FOUND, FOREIGN_TRUNK = 1000, 1010", why = "another account's trunk may be one that is gone" },
  { file = removal, as_is = 'return err.kind == "not_found" and tonumber(err.code) == NOT_FOUND end', wrong = 'return err.kind == "not_found" end', why = "a proxy's 404 is taken for the service's word" },
  { file = removal, as_is = "tostring(one[field]) == tostring(arguments[field])", wrong = "one[field] == arguments[field]", why = "an id given as a number is not found" },
  { file = removal, as_is = "return removals[operation] ~= nil and err.maybe_applied and M.may_be_gone(err)", wrong = "return removals[operation] ~= nil and M.may_be_gone(err)", why = "a removal of what was never there is a success" },
  { file = removal, as_is = "if err.maybe_applied or not M.may_be_gone(err) then return nil, err end", wrong = "if not M.may_be_gone(err) then return nil, err end", why = "what is in doubt is told as gone" },
  { file = removal, as_is = "if says_not_found(err) or M.reconcile", wrong = "if M.reconcile", why = "reads for what the service has said" },
  { file = removal, as_is = "return is_word_of_absence(err) and is_trunk_gone(client, arguments.trunk_sid, options)", wrong = "return is_word_of_absence(err)", why = "what another account's trunk has is told as gone" },
  { file = removal, as_is = "until not wait:pause()", wrong = "until true", why = "reads that lag behind are not waited for" },

  { file = settle, as_is = "local SHARES = { 1 / 15, 2 / 15, 4 / 15, 8 / 15 }", wrong = "local SHARES = { 1 / 15, 2 / 15, 4 / 15 }", why = "settle_wait is not waited for to its end" },
  { file = settle, as_is = "if left == 0 or left >= seconds_left(self) then return false end", wrong = "if left == 0 then return false end", why = "never past the deadline" },
  { file = settle, as_is = "options.deadline = math.max(seconds_left(self), SHORTEST)", wrong = "options.deadline = seconds_left(self)", why = "a deadline that has passed raises" },
  { file = settle, as_is = "deadline = deadline - (elapsed or 0),", wrong = "deadline = deadline,", why = "what has passed already counts" },
  { file = settle, as_is = "while left > 0 and not core.engine.closed(self.client) do", wrong = "while left > 0 do", why = "a pause goes on although the client was closed" },
  { file = settle, as_is = "math.max(core.now() - self.began, self.waited)", wrong = "(core.now() - self.began)", why = "pauses that a scheduler makes are not counted" },
  { file = settle, as_is = "function Wait:restart() self.pauses = 0 end", wrong = "function Wait:restart() self.pauses, self.waited = 0, 0 end", why = "the deadline stays" },

  { file = waiting, as_is = 'require "exotel.calls.cooperative",\n  require "exotel.calls.nginx",', wrong = 'require "exotel.calls.nginx",\n  require "exotel.calls.cooperative",', why = "the option sleep wins in nginx" },
  { file = waiting, as_is = "check(client, operation.name, arguments, options) or refusal", wrong = "refusal", why = "bad arguments are told first" },
  { file = waiting, as_is = "  cleanup()\n  error(reason, 0)", wrong = "  error(reason, 0)", why = "Ctrl-C leaves the call going on" },
  { file = waiting, as_is = "  left_behind.forget(state, thread, action)\n", wrong = "", why = "waits that are over are kept" },
  { file = waiting, as_is = "  tell_log(client, state.log)\n", wrong = "", why = "the log learns of a pause after it" },
  { file = pool, as_is = "return self.count < self.concurrency and", wrong = "return self.count <= self.concurrency and", why = "one call more than concurrency" },
  { file = pool, as_is = "and not engine.closed(self.client) and self.source:ready()", wrong = "and self.source:ready()", why = "a client that was closed meanwhile" },
  { file = pool, as_is = "      self.count = self.count - 1\n", wrong = "", why = "after some calls nothing is started any more" },
  { file = pool, as_is = "    fill(self)\n    if after", wrong = "    if after", why = "the rest is not started" },
  { file = left, as_is = 'return coroutine.status(thread) == "dead" or', wrong = "return", why = "the calls of a dead coroutine go on" },
  { file = left, as_is = "for _, wait in ipairs(left) do wait.cleanup() end", wrong = "", why = "calls that nobody waits for are sent" },
  { file = cooperative, as_is = "interval = poll_interval.after(interval, activity ~= before)", wrong = "interval = poll_interval.after(interval, false)", why = "slow while something happens" },
  { file = "lua/exotel/calls/poll_interval.lua", as_is = "return math.min(interval * GROWTH, LONGEST)", wrong = "return interval * GROWTH", why = "waits grow without end" },
  { file = "lua/exotel/calls/poll.lua", as_is = "  left_behind.cancel(client)\n", wrong = "", why = "what was left behind is sent" },
  { file = "lua/exotel/calls/tell.lua", as_is = "local good, reason = pcall(f, event)", wrong = "local good, reason = true, f(event)", why = "what a log raises is ignored" },
  { file = "lua/exotel/calls/blocking.lua", as_is = "local SLICE = 0.2", wrong = "local SLICE = 5", why = "Ctrl-C is seen late" },
  { file = "lua/exotel/calls/blocking.lua", as_is = "core.engine.wait(client, math.min(seconds, SLICE))", wrong = "core.engine.wait(client, seconds)", why = "Ctrl-C is seen late" },
  { file = "lua/exotel/calls/options.lua", as_is = "(count >= 1 and count == math.floor(count))", wrong = "(count >= 0 and count == math.floor(count))", why = "a concurrency of 0 never ends" },
  { file = "lua/exotel/calls/options.lua", as_is = "if not types[key]:find(type(value), 1, true) then", wrong = "if type(value) == \"nil\" then", why = "an option of a wrong type" },
  { file = "lua/exotel/calls/request.lua", as_is = "if engine.closed(client) then return M.cancelled(operation) end", wrong = "", why = "a workflow raises when somebody closes its client" },
  { file = client, as_is = "removal.reconcile(client, operation, arguments, nil, result.err)", wrong = "nil, result.err", why = "a removal in a batch whose reply was lost" },
  { file = client, as_is = "if data ~= nil or not removal.is_in_doubt(operation.name, info) then return data, info end", wrong = "if true then return data, info end", why = "a removal whose reply was lost" },
  { file = client, as_is = "function() calls:cancel() end)", wrong = "function() end)", why = "an error in progress leaves calls going on" },
  { file = client, as_is = "local CONCURRENCY = 50", wrong = "local CONCURRENCY = 500", why = "more calls than connections" },
  { file = client, as_is = "for i = batch.started + 1, #requests do batch.results[i] = { err = request.cancelled(requests[i][1]) } end", wrong = "", why = "holes in the results when somebody closes the client" },
  { file = client, as_is = "if waiting.refusal(self) then return refuse_all(self, requests) end", wrong = "", why = "a batch where no call can wait" },
  { file = errors, as_is = "if (err.attempts or 0) > 1 then", wrong = "if (err.attempts or 0) > 2 then", why = "two attempts are told" },
  { file = errors, as_is = "  fields.maybe_applied = fields.maybe_applied or false\n", wrong = "", why = "maybe_applied is a boolean" },
  { file = errors, as_is = 'return type(value) == "table" and getmetatable(value) == metatable', wrong = 'return type(value) == "table"', why = "any table is an error" },
  { file = json, as_is = "local DEPTH_MAX = 64", wrong = "local DEPTH_MAX = 65", why = "what is written can be read" },
  { file = json, as_is = 'gsub(\'[%c"\\\\]\', escape)', wrong = 'gsub(\'["\\\\]\', escape)', why = "control characters are escaped" },
  { file = json, as_is = 'if not core.valid_utf8(text) then refuse(place_of(state, depth), "is not valid UTF-8") end', wrong = "", why = "what is written can be read" },
  { file = json, as_is = "short or (\"%.17g\"):format(number)", wrong = "short or short", why = "a number is rounded" },
  { file = json, as_is = ':gsub(",", "."))', wrong = ':gsub(",", ","))', why = "a comma is some locales' point" },
  { file = json, as_is = "  table.sort(names)\n", wrong = "", why = "names are sorted" },
  { file = json, as_is = "value > 16 or", wrong = "value > 17 or", why = "an indent of at most 16" },
  { file = json, as_is = 'if not sequence then refuse(place_of(state, depth), "is an array with holes or names") end', wrong = "", why = "values are left out" },
  { file = later, as_is = "local at_once = in_host()", wrong = "local at_once = true", why = "a script loads all at require" },
  { file = later, as_is = 'rawget(_G, "arg") == nil or ', wrong = "", why = "a host reads files after it has forked" },
  { file = later, as_is = ' or rawget(_G, "ngx") ~= nil', wrong = "", why = "nginx reads files in a request" },
  { file = later, as_is = ' or rawget(_G, "KSR") ~= nil', wrong = "", why = "Kamailio reads files in a worker" },
  { file = later, as_is = "for _, load in ipairs(loaders) do load() end", wrong = "", why = "a call reads a file, after chroot in vain" },
  { file = later, as_is = "local function load() metatable.__index = require(name) end\n  function metatable.__index(_, field)\n    load()\n    return metatable.__index[field]", wrong = "local function load() require(name) end\n  function metatable.__index(_, field)\n    return require(name)[field]", why = "a call finds a module only while nobody takes it out of package.loaded" },
  { file = later, as_is = "loaders, at_once = {}, true", wrong = "loaders = {}", why = "what is required after the first client is loaded by a call" },
  { file = init, as_is = "  later.load()\n", wrong = "", why = "calls read files" },

  { file = cooperative, as_is = "if self.wait then return watch_until_finished(self, client, task) end", wrong = "", why = "polls by the clock although the scheduler can watch" },

  { file = window, as_is = "local WINDOW, MARGIN = 60000, 1", wrong = "local WINDOW, MARGIN = 50000, 1", why = "counts for too short a time" },
  { file = window, as_is = "math.ceil(time / STEP)", wrong = "math.floor(time / STEP)", why = "counts for too short a time" },
  { file = window, as_is = "local limit, wanted, who = request.limit, request.wanted, request.who", wrong = "local limit, wanted, who = request.limit + 1, request.wanted, request.who", why = "one more than the limit" },
  { file = window, as_is = "  if closed > 0 then granted = 0 end\n", wrong = "", why = "grants while the service says that nothing is left" },
  { file = window, as_is = "if request.has_lost then state.learning", wrong = "if false then state.learning", why = "grants although nobody knows what was sent" },
  { file = window, as_is = "for time, count in pairs(state.counts) do counts[time + ahead] = count end", wrong = "counts = {}", why = "a clock that is set back lets all through" },
  { file = window, as_is = "if ahead >= 0 and not is_other_clock then return end", wrong = "if ahead >= 0 then return end", why = "another clock lets all through" },
  { file = window, as_is = "if report.used then count_until", wrong = "if false then count_until", why = "what was used counts no more" },
  { file = window, as_is = "    local left = known - report.count\n", wrong = "    local left = known\n", why = "what was given back counts" },
  { file = window, as_is = "local free, ahead = limit - total_of(state), count_ahead(state, request.who)", wrong = "local free, ahead = limit - total_of(state), 0", why = "who came last is served first" },
  { file = window, as_is = "if held and held.gone > now and not request.is_gone then return nil, held end", wrong = "if held and held.gone > now then return nil, held end", why = "the lock of a process that has ended is waited for" },
  { file = window, as_is = "return { token = math.max(wall, last + 1)", wrong = "return { token = wall", why = "two holders have one token" },
  { file = window, as_is = "held ~= nil and held.gone > now and held.token == token", wrong = "held ~= nil and held.gone > now", why = "renews the lock of somebody else" },
  { file = file_store, as_is = "if self.has_written then return shared_by_machines(self) end", wrong = "", why = "two machines count by their own clocks" },
  { file = file_store, as_is = "  local problem = not content and damaged(self) or", wrong = "  local problem =", why = "a damaged store raises" },
  { file = redis_store, as_is = "if answer or not says_no_script(reason) then", wrong = "if true then", why = "a Redis that was restarted has no script" },
  { file = redis_store, as_is = "if answer or is_reply(reason) then put_back(self, client) else close(self, client) end", wrong = "put_back(self, client)", why = "a connection that broke is used for ever" },
  { file = redis_store, as_is = "  self.client = nil\n  try(client.set_keepalive", wrong = "  try(client.set_keepalive", why = "a socket of another request is used" },
  { file = budget, as_is = "if past then return tell_again(client, state, past) end", wrong = "", why = "a store that was emptied grants what was sent already" },
  { file = budget, as_is = "if report.lease == 0 then kept[#kept + 1] = report end", wrong = "", why = "what was sent alone is never told" },
  { file = budget, as_is = "  if not state.is_alone then\n    log(state, (\"the shared rate limit can't", wrong = "  if true then\n    log(state, (\"the shared rate limit can't", why = "says it again and again" },
  { file = budget, as_is = "if not is_awaited and (state.store", wrong = "if (state.store", why = "a bulk import never gets what it asked for" },
  { file = budget, as_is = "  engine.defer(client, PATIENCE)\n", wrong = "", why = "polls without end while the store is asked" },
}
