-- How a store shares a limit of 200 requests a minute, simulated: many processes, of which each wants a request as soon
-- as its last one has ended. Prints how often the store is asked for each request, how even the shares are, and the
-- most requests that any 60 seconds saw. Run: make bench-store
local window = require("exotel.store.window").functions

local LIMIT, MINUTES, DURATION = 200, 5, 200 -- DURATION: milliseconds of a request
local HOLD, COME_AGAIN, WINDOW = 5000, 5000, 60000

local state, now, events, seed = nil, 0, {}, 1

local function random(n)
  seed = (seed * 16807) % 2147483647
  return seed % n
end

-- A heap of { at, process }.
local function push(at, process)
  local i = #events + 1
  events[i] = { at = at, process = process }
  while i > 1 do
    local parent = math.floor(i / 2)
    if events[parent].at <= events[i].at then return end
    events[parent], events[i], i = events[i], events[parent], parent
  end
end

local function pop()
  local first, last = events[1], table.remove(events)
  if #events == 0 then return first end
  events[1] = last
  local i = 1
  while true do
    local least = i
    for _, child in ipairs { 2 * i, 2 * i + 1 } do
      if events[child] and events[child].at < events[least].at then least = child end
    end
    if least == i then return first end
    events[least], events[i], i = events[i], events[least], least
  end
end

-- One exchange with the store: tells what the process has used, and asks for one request.
local function ask(process, totals)
  totals.asked = totals.asked + 1
  local granted, wait, more = window.lease(state, {
    limit = LIMIT, wanted = 1, who = process.name, life = HOLD + 31000 + WINDOW, reports = process.reports,
  })
  process.reports = {}
  if granted == 0 then return push(now + math.min(math.max(wait, 1), math.max(COME_AGAIN, wait / 2)), process) end
  process.lease = more.lease
  push(now + DURATION, process)
end

local function finish(process, totals)
  totals.ends[#totals.ends + 1] = now
  process.done = process.done + 1
  process.reports = { { lease = process.lease, count = 1, used = true, age = 0 } }
  process.lease = nil
  ask(process, totals)
end

local function most_in_a_window(ends)
  local most, first = 0, 1
  for last = 1, #ends do
    while ends[last] - ends[first] >= WINDOW do first = first + 1 end
    most = math.max(most, last - first + 1)
  end
  return most
end

local function simulate(count)
  local totals, processes = { asked = 0, ends = {} }, {}
  state, now, events = window.new(0), 0, {}
  for i = 1, count do
    processes[i] = { name = "p" .. i, done = 0, reports = {} }
    push(random(1000), processes[i])
  end
  while events[1].at < MINUTES * WINDOW do
    local event = pop()
    now = event.at
    window.turn(state, now, false)
    local act = event.process.lease and finish or ask
    act(event.process, totals)
  end
  local least, most = math.huge, 0
  for _, process in ipairs(processes) do
    least, most = math.min(least, process.done), math.max(most, process.done)
  end
  return totals, least, most
end

print(("%9s %9s %22s %18s %16s"):format("processes", "requests", "questions a request", "least, most each",
  "most in 60 s"))
for _, count in ipairs { 1, 8, 50, 200, 1000 } do
  local totals, least, most = simulate(count)
  print(("%9d %9d %22.2f %11d, %5d %16d"):format(count, #totals.ends, totals.asked / #totals.ends, least, most,
    most_in_a_window(totals.ends)))
end
