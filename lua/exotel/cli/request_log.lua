--- Tells on standard error what requests are made while a command runs.
local screen = require "exotel.cli.terminal.screen"

local M = {}

-- Seconds; a shorter wait is not worth a line.
local LONG_WAIT = 2

-- There may be a progress bar in the line.
local function tell(format, ...) screen.redraw("exotel: " .. screen.format(format, ...) .. "\n") end

-- What is to be done after a wait: a wait for the rate limit may come before the first attempt, and before any call.
local function what_follows(event)
  if not event.operation then return "the next request" end
  return event.operation .. (event.attempt > 0 and " again" or "")
end

local function every_event(event)
  if event.event == "wait" then
    return tell("waiting %.1f s before %s: %s", event.seconds, what_follows(event), event.reason or "?")
  end
  tell("%s %s: %s %s, %.3f s%s", event.method, event.path, event.outcome, event.status or "", event.seconds,
    event.request_id and ", request " .. event.request_id or "")
end

local function long_waits(event)
  if event.event ~= "wait" or event.seconds < LONG_WAIT then return end
  tell("waiting %.0f s before %s: %s", event.seconds, what_follows(event), event.reason or "?")
end

--- request_log.new(args) → a `log` function for the client, or nil. With --verbose it tells of every request, otherwise
-- it tells a person of long waits.
function M.new(args)
  if args.verbose then return every_event end
  if args.quiet or args.json or not screen.stderr_is_terminal() then return nil end
  return long_waits
end

return M
