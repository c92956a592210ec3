--- One run: the requests, how many there may be, and what comes of each fact.
--  A probe asks the service something; facts judge what it answered. A probe is asked once, when the first fact wants
-- it, however many facts there are.
local answer = require "exotel.cli.conformance.answer"
local facts = require "exotel.cli.conformance.facts"
local names = require "exotel.cli.conformance.names"
local probes = require "exotel.cli.conformance.probes"
local scratch = require "exotel.cli.conformance.scratch"

local M = {}

--- The most requests that a run makes, unless the service does not answer when the trunk is deleted.
M.REQUESTS = 60

-- Those that are kept for the end: deleting, asking whether it is gone, and once more.
local RESERVE = 4

-- Seconds that are waited for a read to show a write: where it is not known how far reads are behind, all of them.
local WAITS = { 1, 2, 4 }

-- Answers in a row that did not come, after which nothing more is asked.
local UNREACHED = 2

local Run = {}
Run.__index = Run

-- Ends of a probe and of the run -------------------------------------------------------------------------------------

local unfit = {}

--- Ends the probe: its facts are not tried, for this reason.
function Run.skip(_, format, ...) error(setmetatable({ reason = format:format(...) }, unfit), 0) end

-- Ends the run: this fact and those that follow are not tried, for this reason.
local function stop(self, reason, ...)
  self.ended = self.ended or reason:format(...)
  self:skip("%s", self.ended)
end

local function reason_of(raised) return getmetatable(raised) == unfit and raised.reason or nil end

-- Runs a function that may end a probe. → what it returns, or nil and the reason. Raises anything else
local function attempt(action, ...)
  local good, result = pcall(action, ...)
  if good then return result end
  if not reason_of(result) then error(result, 0) end
  return nil, reason_of(result)
end

-- Requests -----------------------------------------------------------------------------------------------------------

local function room(self)
  return M.REQUESTS - self.requests - (self.is_closing and 0 or RESERVE + math.max(0, #self.made - 1))
end

--- Ends the probe where no request may be made any more.
function Run:check_room()
  if self.stopped() then stop(self, "interrupted") end
  if room(self) < 1 then self:skip("the %d requests of a run are used up", M.REQUESTS) end
end

local function call(self, client, operation, arguments, options)
  options.keep_answer, options.validate = true, false
  local data, info = client[operation](client, arguments, options)
  self.requests = self.requests + info.attempts
  -- The client itself refuses it: the run would ask something else than it means to.
  if data == nil and info.attempts == 0 and info.kind == "invalid_argument" then error(info, 0) end
  return answer.read(operation, info)
end

local function with_retries(options, retries)
  local all = { retries = retries }
  for name, value in pairs(options) do all[name] = value end
  return all
end

-- After a 429 the client waits for as long as the service says, and asks again.
local function call_patiently(self, client, operation, arguments, options)
  local seen = call(self, client, operation, arguments, with_retries(options, 0))
  if seen.status ~= 429 then return seen end
  self.limited = self.limited or seen
  if room(self) < 2 then return seen end
  return call(self, client, operation, arguments, with_retries(options, 1))
end

--- Takes what was answered, which may be the end of the run. → seen
function Run:note(seen)
  self.unanswered = seen.status and 0 or self.unanswered + 1
  if seen.status == 429 then stop(self, "the account's requests are used up: wait a minute and run it again") end
  if self.unanswered >= UNREACHED then stop(self, "the service can't be reached (%s)", seen.failure) end
  if seen.status == 401 and self.sid then stop(self, "the service refuses the key from here on") end
  return seen
end

--- Asks the service, also where it may not be asked any more. → what was seen, as answer.read has it
function Run:send(operation, arguments, options, client)
  local seen = call_patiently(self, client or self.client, operation, arguments, options or {})
  if self.asked then self.asked[#self.asked + 1] = seen end
  return seen
end

--- Asks the service. `options`: of the call. `client`: another than the run's, whose failures end nothing.
-- → what was seen
function Run:ask(operation, arguments, options, client)
  self:check_room()
  local seen = self:send(operation, arguments, options, client)
  return client and seen or self:note(seen)
end

--- The same about the scratch trunk.
function Run:ask_trunk(operation, arguments, options)
  local all = { trunk_sid = self.sid }
  for name, value in pairs(arguments or {}) do all[name] = value end
  local seen = self:ask(operation, all, options)
  seen.is_of_trunk = true
  return seen
end

local function tries(self)
  if not self.knows_lag then return #WAITS end
  return self.lag > 0 and 2 or 1
end

--- Ends the probe where reads are too far behind to show anything.
function Run:need_reads()
  if self.is_blind then self:skip("reads are behind by more than %d s", self.lag) end
end

--- Reads of the scratch trunk, again where the answer does not fit yet, since reads may be behind. → what was seen, and
-- the seconds that were waited
function Run:read(operation, arguments, fits)
  self:need_reads()
  local waited = self.lag
  if waited > 0 then self.sleep(waited) end
  local seen = self:ask_trunk(operation, arguments)
  for i = 1, tries(self) do
    if fits(seen) or not answer.tells(seen) then break end
    self.sleep(WAITS[i])
    waited = waited + WAITS[i]
    seen = self:ask_trunk(operation, arguments)
  end
  return seen, waited
end

--- Says by how many seconds reads are behind. `is_seen`: whether the write was seen at last.
function Run:found_lag(seconds, is_seen) self.knows_lag, self.lag, self.is_blind = true, seconds, not is_seen end

--- A name for a trunk.
function Run:new_name()
  local name = names.new()
  self.private[#self.private + 1] = name
  return name
end

-- Facts --------------------------------------------------------------------------------------------------------------

-- → { value or nil, reason, answers }
local function probe(self, name)
  local outer, asked = self.asked, {}
  self.asked = asked
  local value, reason = attempt(probes[name], self)
  self.asked = outer
  return { value = value, reason = reason, answers = asked }
end

local function seen_by(self, name)
  self.seen[name] = self.seen[name] or probe(self, name)
  return self.seen[name]
end

local function has(list, wanted)
  for _, one in ipairs(list) do
    if one == wanted then return true end
  end
  return false
end

--- Counts as this probe's what another one was answered.
function Run:take_over(seen)
  if self.asked and not has(self.asked, seen) then self.asked[#self.asked + 1] = seen end
  return seen
end

--- What a probe saw. Ends the caller's probe where that one was ended; what it was answered is the caller's, too.
function Run:see(name)
  local known = seen_by(self, name)
  for _, seen in ipairs(known.answers) do self:take_over(seen) end
  if known.reason then self:skip("%s", known.reason) end
  return known.value
end

--- What was answered, in words that identify nothing.
function Run:describe(seen) return answer.describe(seen, self.private) end

local function not_tried(fact, reason) return { fact = fact, verdict = "not tried", reason = reason, answers = {} } end

-- Ends the probe where an answer would not be due to the fact.
local function check_needs(self, fact)
  if not fact.needs then return end
  local seen = self:see(fact.needs[1])
  if not seen.ok then self:skip("%s: %s", fact.needs[2], self:describe(seen)) end
end

local function judge(self, fact)
  check_needs(self, fact)
  local seen = self:see(fact.probe)
  if not fact.takes_any and not answer.tells(seen) then
    return not_tried(fact, "the service answered " .. self:describe(seen))
  end
  local good, text = fact.judge(seen, self)
  text = text or (good == nil and "the service answered " or "") .. self:describe(seen)
  if good == nil then return not_tried(fact, text) end
  local answers = seen_by(self, fact.probe).answers
  return { fact = fact, verdict = good and "holds" or "differs", seen = text, answers = answers }
end

local function try(self, fact)
  local ended = self.ended or (not fact.is_of_account and self.lacks_trunk)
  if ended and not (fact.is_of_run and self.is_begun) then return not_tried(fact, ended) end
  local result, reason = attempt(judge, self, fact)
  return result or not_tried(fact, reason)
end

-- A trunk that is gone in the middle ---------------------------------------------------------------------------------

local DELETED = "somebody else deleted the scratch trunk"

local function is_absence(seen) return seen.status == 403 or seen.status == 404 end

-- Whether an answer may be due to the trunk's not being there.
local function may_be_of_absence(result)
  for _, seen in ipairs(result.answers) do
    if seen.is_of_trunk and is_absence(seen) then return true end
  end
  return false
end

-- When it turns out at the end that the trunk was gone before, nobody knows since when.
local function take_back(self)
  for id, result in pairs(self.results) do
    if may_be_of_absence(result) then self.results[id] = not_tried(result.fact, DELETED) end
  end
end

-- From the beginning to the end --------------------------------------------------------------------------------------

local function try_all(self, is_last)
  for _, fact in ipairs(facts) do
    if (fact.is_last or false) == is_last then
      self.results[fact.id] = try(self, fact)
      self.done = self.done + 1
      self.progress(self.done, #facts)
    end
  end
end

-- Without the account nothing is tried; without a trunk only what is of the account.
local function begin(self)
  local account = seen_by(self, "account")
  self.is_begun = account.value ~= nil and account.value.ok == true
  if not self.is_begun then
    self.refusal = account.value
    self.ended = account.reason or self:describe(account.value)
    return
  end
  local created = seen_by(self, "created")
  if self.sid then return end
  self.lacks_trunk = created.reason or "there is no scratch trunk: " .. self:describe(created.value)
end

local function go_on(self)
  begin(self)
  try_all(self, false)
end

-- The service may have said that it deleted what is still there.
local function keep_if_there(self)
  local got = self.seen.got_deleted
  if not (got and got.value and got.value.ok) then return end
  self.left = { { name = self.scratch.name, other_name = self.scratch.other_name, sid = self.sid } }
  self.journal:write(self.left)
end

local function finish(self)
  self.is_closing = true
  local first_was_gone
  self.left, first_was_gone = scratch.delete_all(self)
  if #self.made == 0 or #self.left > 0 then return end
  if first_was_gone then
    take_back(self)
    self.ended = self.ended or DELETED
  end
  try_all(self, true)
  keep_if_there(self)
end

local function list_results(self)
  local list = {}
  for i, fact in ipairs(facts) do
    list[i] = self.results[fact.id] or not_tried(fact, self.ended or self.lacks_trunk or "the trunk was not deleted")
  end
  return list
end

local function new_run(client, options)
  local private = {}
  for i, text in ipairs(options.private) do private[i] = text end
  return setmetatable({
    client = client, other_clients = options.other_clients, journal = options.journal, sleep = options.sleep,
    stopped = options.stopped, progress = options.progress, number = options.number,
    private = private, requests = 0, unanswered = 0, lag = 0, done = 0, made = {}, seen = {}, results = {},
  }, Run)
end

--- Tries all facts. `options`: `private` (what identifies the account, as redact has it), `journal` (its method `write`
-- takes an array of the trunks that are there, each { name, other_name, sid }, and raises where it can't be kept),
-- `sleep` (of seconds), `stopped` (whether to end), `progress` (of how many are done, and of how many), `other_clients`
-- (`wrong_token`, `other_region`: clients that should be refused; each may be nil), `number` (to be used, or nil).
-- → { results (an array of { fact, verdict, seen or reason, answers }), requests, ended (why it ended early, or nil),
-- is_begun (whether the account answered; else refusal is what came instead), left (trunks that could not be deleted,
-- each { name, sid, err }), private }. What a mistake or an interruption raises is raised after what was made has been
-- deleted.
function M.run(client, options)
  local self = new_run(client, options)
  local good, raised = pcall(go_on, self)
  local finished, raised_later = pcall(finish, self)
  if not good then error(raised, 0) end
  if not finished then error(raised_later, 0) end
  return {
    results = list_results(self), requests = self.requests, ended = self.ended or self.lacks_trunk, left = self.left,
    is_begun = self.is_begun, refusal = self.refusal, private = self.private,
  }
end

return M
