--- A rate limit that a store shares between clients: asks the store for what the engine lacks, and tells it what became
-- of what it gave. Called between two polls by whoever polls or waits; the strategy's `beside(f)`, where it has one,
-- runs that without holding up the others.
--
-- What was granted is to be used within HOLD seconds. In the store it counts until it is told of its use, or until a
-- request that began at the end of that time would be over, and the window of 60 seconds after it.
local core = require "exotel.core"
local engine = core.engine
local errors = require "exotel.error"
local tell = require "exotel.calls.tell"

local M = {}

-- Seconds.
local WINDOW = 60
local HOLD = 5
-- What a request may take longer than its timeout.
local SLACK = 1
-- A store that can't be had is asked again after so long, each time twice as long, up to the longest.
local FIRST_PAUSE, LONGEST_PAUSE = 1, 15
-- Who waits asks again after that time, or half of a long wait, at the latest: others may have given something back.
local COME_AGAIN = 5
-- One who has not come back from the store for so long is not waited for: his coroutine may be gone.
local PATIENCE = 3
-- A store that is not near is told of less than that many requests only when it is asked for something.
local WORTH_TELLING = 16

local function log(state, reason)
  tell(state.log, { event = "store", attempt = 0, seconds = 0, reason = reason })
end

-- What there is to tell -----------------------------------------------------------------------------------------------

local function add(reports, lease, count, used, ended)
  reports[#reports + 1] = { lease = lease, count = count, used = used, ended = ended }
end

-- What was sent without the store, and could not be told, is told once it can be had, as long as it matters.
local function take_reports(client, state, now)
  local reports, spent = {}, engine.spent(client)
  for _, report in ipairs(state.unregistered or {}) do
    if now - report.ended < WINDOW then reports[#reports + 1] = report end
  end
  for i = 1, #spent, 4 do add(reports, spent[i], spent[i + 1], spent[i + 2] == 1, spent[i + 3]) end
  state.unregistered = nil
  return reports
end

local function with_ages(reports, now)
  for _, report in ipairs(reports) do report.age = math.max(0, now - report.ended) end
  return reports
end

-- What is known under a lease is forgotten by the store in time, and may have been told; the rest is kept.
local function keep_unregistered(state, reports)
  local kept = {}
  for _, report in ipairs(reports) do
    if report.lease == 0 then kept[#kept + 1] = report end
  end
  state.unregistered = kept
end

-- All requests of the last 60 seconds, without the second in which the store may have forgotten them already.
local function history(client, now)
  local reports = {}
  for _, age in ipairs(engine.history(client)) do
    if age < WINDOW - 1 then add(reports, 0, 1, true, now - age) end
  end
  return reports
end

-- How much to ask for -------------------------------------------------------------------------------------------------

-- One request that is wanted at a time is asked for alone, a series in blocks: each twice the one before, up to a
-- sixteenth of the limit, while there is plenty.
local function block_of(state, demand, now)
  local is_series = state.asked_at and now - state.asked_at < 1
  local most = math.max(1, math.floor(state.rate_limit / 16))
  if state.store.is_near or not is_series or state.is_scarce then state.block = 1
  else state.block = math.min((state.block or 1) * 2, most) end
  state.asked_at = now
  return math.max(demand, state.block)
end

-- What the store says -------------------------------------------------------------------------------------------------

local function go_alone(client, state, seconds)
  local fallback = state.store_fallback > 0 and state.store_fallback or math.max(1, math.floor(state.rate_limit / 4))
  engine.go_alone(client, math.min(fallback, state.rate_limit), seconds)
end

local function fail(client, state, reports, err)
  keep_unregistered(state, reports)
  if not state.is_alone then
    log(state, ("the shared rate limit can't be had, up to %d requests a minute go without it: %s"):format(
      state.store_fallback > 0 and state.store_fallback or math.max(1, math.floor(state.rate_limit / 4)),
      errors.is(err) and err.message or tostring(err)))
  end
  state.is_alone = true
  state.pause_after = math.min((state.pause_after or FIRST_PAUSE / 2) * 2, LONGEST_PAUSE)
  go_alone(client, state, state.pause_after)
end

local function come_back(client, state)
  if not state.is_alone then return end
  state.is_alone, state.pause_after = false, nil
  engine.go_alone(client, 0, 0)
  log(state, "the rate limit is shared again")
end

-- Whether the store has forgotten requests of this client: it was restarted, or its content removed.
-- → those; or nil
local function lost(client, state, more)
  if not state.born or more.born == state.born then return nil end
  local past = history(client, core.now())
  return #past > 0 and past or nil
end

local function take(client, state, granted, wait, more, asked)
  state.born = more.born
  state.is_scarce = granted < asked.wanted or (more.left or 0) < state.rate_limit / 4
  come_back(client, state)
  local again = granted > 0 and 0 or math.min(math.max(wait, 0.001), math.max(COME_AGAIN, wait / 2))
  engine.grant(client, granted, more.lease or -1, HOLD - (core.now() - asked.at), asked.longest + SLACK,
    asked.wanted > 0 and again or 0, (more.paused or 0) > 0)
end

-- The others don't know either what was sent: until a minute has passed each keeps to its fallback.
local function learn(client, state, more)
  state.born = more.born
  if not state.is_alone then
    log(state, ("the store has forgotten what was sent: for %.0f s requests go without it"):format(more.learning))
  end
  state.is_alone = true
  go_alone(client, state, math.min(more.learning, COME_AGAIN))
end

-- Asking --------------------------------------------------------------------------------------------------------------

-- A name that no other client has, in this process: it may have been forked off.
local function name_of(state)
  local process = core.process_id()
  if state.process ~= process then
    state.process = process
    state.who = ("%s/%.0f/%s"):format(core.process(), process, tostring(state):match("0x(%x+)") or "?")
    state.who = state.who:gsub("[^%w./:-]", "_")
  end
  return state.who
end

local function account_of(client)
  local account, host = engine.account(client)
  return account .. "@" .. host
end

-- That the service wants a pause is told until it was heard.
local function lease(client, state, asked, reports, more)
  local paused = engine.paused(client) or state.paused
  state.paused = paused
  local granted, wait, known = state.store:lease(account_of(client), state.rate_limit, asked.wanted, {
    who = name_of(state), life = HOLD + asked.longest + SLACK + WINDOW, reports = with_ages(reports, core.now()),
    paused = paused and math.max(0, paused - core.now()) or nil, has_lost = more and more.has_lost,
  })
  if granted and state.paused == paused then state.paused = nil end
  return granted, wait, known
end

-- A store that could not be had is first asked whether it can, and nothing else: what it is told or would grant may
-- count there although its answer comes too late.
local function can_be_had(client, state)
  if not state.is_alone then return true end
  local granted, err = state.store:lease(account_of(client), state.rate_limit, 0)
  return type(granted) == "number", err
end

-- Tells a store that has forgotten this client's requests of all of them.
local function tell_again(client, state, past)
  local granted, wait, more = lease(client, state, { wanted = 0, longest = 0 }, past, { has_lost = true })
  if engine.closed(client) then return end
  if not granted then return fail(client, state, past, wait) end
  learn(client, state, more or { learning = WINDOW })
end

local function exchange(client, state, reports, demand, longest)
  local now = core.now()
  local is_there, err = can_be_had(client, state)
  if engine.closed(client) then return end
  if not is_there then return fail(client, state, reports, err) end
  local asked = { wanted = demand > 0 and block_of(state, demand, now) or 0, longest = longest, at = now }
  local granted, wait, more = lease(client, state, asked, reports)
  if engine.closed(client) then return end
  if type(granted) ~= "number" then return fail(client, state, reports, wait) end
  more = more or {}
  local past = lost(client, state, more)
  if past then return tell_again(client, state, past) end
  if (more.learning or 0) > 0 then return learn(client, state, more) end
  take(client, state, granted, wait or 0, more, asked)
end

local function is_being_asked(state) return state.asking and core.now() - state.asking < PATIENCE end

-- An answer that comes after somebody else was let through is not taken: what it grants counts in vain.
local function ask(client, state, demand, longest)
  if is_being_asked(state) then return end
  local own = core.now()
  state.asking = own
  engine.defer(client, PATIENCE)
  local reports
  local function finish() if state.asking == own then state.asking = nil end end
  local function act()
    reports = take_reports(client, state, own)
    exchange(client, state, reports, demand, longest)
    finish()
  end
  local function failed(reason)
    if not engine.closed(client) then fail(client, state, reports, reason) end
    finish()
  end
  if state.beside then return state.beside(act, failed) end
  act()
end

--- Asks the store when the engine lacks something. `state`: the strategy's, with a store.
function M.ask(client, state)
  local demand, longest = engine.asks(client)
  if demand then ask(client, state, demand, longest) end
end

local function tell_all(client, state)
  engine.give_back(client)
  if engine.untold(client) > 0 then ask(client, state, 0, 0) end
end

--- Tells what was used, and gives back the rest, when nothing is under way: at once where the store is near, else when
-- it is about many, and not in the middle of a series.
function M.settle(client, state)
  if state.is_alone or engine.closed(client) then return end
  local untold, is_awaited = engine.untold(client)
  if not is_awaited and (state.store.is_near or untold >= WORTH_TELLING) then tell_all(client, state) end
end

--- The same before the client is closed, whatever it is about.
function M.leave(client, state)
  if not state.is_alone and not engine.closed(client) then tell_all(client, state) end
end

--- Has a new client ask its store from now on; `state` as of a strategy.
function M.begin(client, state)
  state.is_shared = state.rate_limit > 0
  if state.is_shared then engine.share(client) end
end

return M
