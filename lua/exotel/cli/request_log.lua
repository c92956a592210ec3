--- Tells on standard error what requests are made while a command runs.
local countdown = require "exotel.cli.terminal.countdown"
local screen = require "exotel.cli.terminal.screen"

local M = {}

-- Seconds; a shorter wait is not worth a line.
local LONG_WAIT = 2

-- There may be a progress bar in the line.
function M.tell(format, ...) screen.redraw("exotel: " .. screen.format(format, ...) .. "\n") end
local tell = M.tell

-- What is to be done after a wait: a wait for the rate limit may come before the first attempt, and before any call.
local function what_follows(event)
  if not event.operation then return "the next request" end
  return event.operation .. (event.attempt > 0 and " again" or "")
end

-- → whether it is about the store: whoever doesn't ask for quiet is told
local function tell_of_store(event)
  if event.event == "store" then tell("%s", event.reason) end
  if event.event == "lock" then tell("waiting up to %.0f s: %s", event.seconds, event.reason) end
  return event.event == "store" or event.event == "lock"
end

local function every_event(event)
  if tell_of_store(event) then return end
  if event.event == "wait" then
    return tell("waiting %.1f s before %s: %s", event.seconds, what_follows(event), event.reason or "?")
  end
  tell("%s %s: %s %s, %.3f s%s", event.method, event.path, event.outcome, event.status or "", event.seconds,
    event.request_id and ", request " .. event.request_id or "")
end

-- The client's reasons in a few words; others are told as they are.
local BRIEF = {
  ["the rate limit is used up"] = "rate limit", ["the service says that no requests are left"] = "rate limit",
}

local function long_waits(event)
  if tell_of_store(event) then return end
  if event.event == "attempt" then return countdown.finish() end
  if event.seconds < LONG_WAIT then return end
  countdown.begin(BRIEF[event.reason] or event.reason or "?", event.seconds, what_follows(event))
end

--- request_log.new(args) → a `log` function for the client, or nil. With --verbose it tells of every request, otherwise
-- it tells a person of long waits, and all but who wants it quiet of what is wrong with the store.
function M.new(args)
  if args.verbose then return every_event end
  if args.quiet then return nil end
  if args.json or not screen.stderr_is_terminal() then return tell_of_store end
  return long_waits
end

return M
