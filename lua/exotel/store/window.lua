--- The window of 60 seconds that a store keeps of an account, and its locks, as text in Lua 5.1: Redis runs it as a
-- script, the file store runs it here, so that both count alike. Times are whole milliseconds of the store's clock.
--
-- What was granted counts until its `lease`, which is the time when it is forgotten if nothing is heard of it. Its
-- holder tells when it was used: then it counts until 60 seconds after that. So no window of 60 seconds holds more than
-- the limit, whatever becomes of the holder, and whenever in between the service counts a request.
local M = {}

--- The text: a chunk that returns the functions.
M.source = [==[
local WINDOW, MARGIN = 60000, 1
-- Times of forgetting are rounded up to these, so that there are few.
local STEP = 100
-- Who waits comes again when he was told, or earlier; some time after that he is taken for gone.
local PATIENCE = 5000

local function round_up(time) return math.ceil(time / STEP) * STEP end

-- The state --------------------------------------------------------------------------------------------------------
--
-- now: the last time that was seen · born: when it was made, by which it is known · paused: until when the service
-- says that nothing is left
-- · learning: until when too little is known of what was sent · counts: how many requests count, by when they are
-- forgotten · waiting: by who waits { since, gone (when he is taken for gone), wanted }

local function new(now)
  return { now = now, born = now, paused = 0, learning = 0, counts = {}, waiting = {} }
end

local FORM = "window1"

local function encode(state)
  local words = { FORM }
  local function add(number) words[#words + 1] = ("%.0f"):format(number) end
  add(state.now) add(state.born) add(state.paused) add(state.learning)
  for time, count in pairs(state.counts) do
    words[#words + 1] = "c"
    add(time) add(count)
  end
  for who, wait in pairs(state.waiting) do
    words[#words + 1], words[#words + 2] = "w", who
    add(wait.since) add(wait.gone) add(wait.wanted)
  end
  return table.concat(words, " ")
end

-- nil for what is no state.
local function decode(text)
  local words = text:gmatch("%S+")
  if words() ~= FORM then return nil end
  local function number() return tonumber(words() or "?") end
  local state = { now = number(), born = number(), paused = number(), learning = number(), counts = {}, waiting = {} }
  if not state.learning then return nil end
  for word in words do
    if word == "c" then
      local time, count = number(), number()
      if not count then return nil end
      state.counts[time] = count
    else
      local who = words()
      state.waiting[who or ""] = { since = number(), gone = number(), wanted = number() }
      if word ~= "w" or not who or not state.waiting[who].wanted then return nil end
    end
  end
  return state
end

-- The clock --------------------------------------------------------------------------------------------------------

-- Where the clock was set back, or another clock is read from now on, no time has passed since the state was kept as
-- far as anybody knows: then all counts for longer than it had to, and never for less.
local function turn(state, now, is_other_clock)
  local ahead = now - state.now
  state.now = now
  if ahead >= 0 and not is_other_clock then return end
  local counts = {}
  for time, count in pairs(state.counts) do counts[time + ahead] = count end
  state.counts = counts
  state.paused, state.learning = state.paused + ahead, state.learning + ahead
  for _, wait in pairs(state.waiting) do wait.since, wait.gone = wait.since + ahead, wait.gone + ahead end
end

local function forget_old(state)
  local counts, waiting = {}, {}
  for time, count in pairs(state.counts) do
    if time > state.now then counts[time] = count end
  end
  for who, wait in pairs(state.waiting) do
    if wait.gone > state.now then waiting[who] = wait end
  end
  state.counts, state.waiting = counts, waiting
end

-- What counts ------------------------------------------------------------------------------------------------------

local function count_until(state, time, count)
  if time > state.now then state.counts[time] = (state.counts[time] or 0) + count end
end

-- `report`: lease (0: it was sent without the store), count, used, age (milliseconds since the last of them ended)
local function take_report(state, report)
  local known = state.counts[report.lease]
  if known then
    local left = known - report.count
    state.counts[report.lease] = left > 0 and left or nil
  end
  if report.used then count_until(state, round_up(state.now - report.age + WINDOW + MARGIN), report.count) end
end

local function total_of(state)
  local total = 0
  for _, count in pairs(state.counts) do total = total + count end
  return total
end

-- How long it takes until so many are forgotten.
local function time_until_free(state, needed)
  if needed <= 0 then return 0 end
  local times, sum = {}, 0
  for time in pairs(state.counts) do times[#times + 1] = time end
  table.sort(times)
  for _, time in ipairs(times) do
    sum = sum + state.counts[time]
    if sum >= needed then return time - state.now end
  end
  return WINDOW
end

-- Who is first -----------------------------------------------------------------------------------------------------

local function is_before(wait, who, own_since, own)
  return who ~= own and (wait.since < own_since or (wait.since == own_since and who < (own or "")))
end

-- How many those before `own` want.
local function count_ahead(state, own)
  local since, ahead = own and state.waiting[own] and state.waiting[own].since or state.now, 0
  for who, wait in pairs(state.waiting) do
    if is_before(wait, who, since, own) then ahead = ahead + wait.wanted end
  end
  return ahead
end

local function stand_in_line(state, own, wanted, wait)
  local since = state.waiting[own] and state.waiting[own].since or state.now
  state.waiting[own] = { since = since, gone = state.now + math.max(wait, PATIENCE) + PATIENCE, wanted = wanted }
end

-- Leasing ----------------------------------------------------------------------------------------------------------

-- `request`: limit, wanted, who (nil: it isn't remembered that he waits), life (milliseconds that what is granted
-- counts
-- if nothing is heard of it), reports, paused (milliseconds that the service says nothing is left), has_lost (the
-- holder knows of requests that the state does not) → granted, wait (milliseconds), what else is to be known
local function lease(state, request)
  forget_old(state)
  for _, report in ipairs(request.reports or {}) do take_report(state, report) end
  if request.paused then state.paused = math.max(state.paused, state.now + request.paused) end
  if request.has_lost then state.learning = math.max(state.learning, state.now + WINDOW + MARGIN) end
  local limit, wanted, who = request.limit, request.wanted, request.who
  local free, ahead = limit - total_of(state), count_ahead(state, request.who)
  local granted = math.max(0, math.min(wanted, free - ahead))
  local closed = math.max(state.paused, state.learning) - state.now
  if closed > 0 then granted = 0 end
  local until_free = granted < wanted and time_until_free(state, granted + ahead + 1 - free) or 0
  local wait = granted < wanted and math.max(until_free, closed) or 0
  if who and granted == 0 and wanted > 0 then stand_in_line(state, who, wanted, wait) end
  if who and (granted > 0 or wanted == 0) then state.waiting[who] = nil end
  local time = granted > 0 and round_up(state.now + request.life + MARGIN) or 0
  if granted > 0 then count_until(state, time, granted) end
  return granted, wait, {
    lease = time, left = math.max(0, free - granted), born = state.born,
    learning = math.max(0, state.learning - state.now), paused = math.max(0, state.paused - state.now),
  }
end

-- When nothing in it matters any more, in milliseconds from now.
local function life_of(state)
  local last = math.max(state.paused, state.learning, state.now)
  for time in pairs(state.counts) do last = math.max(last, time) end
  for _, wait in pairs(state.waiting) do last = math.max(last, wait.gone) end
  return last - state.now
end

-- Locks ------------------------------------------------------------------------------------------------------------
--
-- A lock: { token, gone (when it is free again), owner (text) }. Tokens grow, also where a lock was forgotten
-- meanwhile: they are times.

-- `wall`: milliseconds since 1970; `request`: life (milliseconds), owner, token (the last one that was given, if it is
-- known), is_gone (who holds it runs no more) → the new lock; or nil, the one that is held
local function take_lock(held, now, wall, request)
  if held and held.gone > now and not request.is_gone then return nil, held end
  local last = math.max(held and held.token or 0, request.token or 0)
  return { token = math.max(wall, last + 1), gone = now + request.life, owner = request.owner }
end

local function is_own(held, now, token) return held ~= nil and held.gone > now and held.token == token end

local window = {
  new = new, encode = encode, decode = decode, turn = turn, lease = lease, life_of = life_of,
  take_lock = take_lock, is_own = is_own,
}
]==]

local load_text = loadstring or load -- luacheck: ignore

--- The functions.
M.functions = assert(load_text(M.source .. "return window", "=exotel.store.window"))()

return M
