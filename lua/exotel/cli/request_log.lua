--- What the requests do while a command runs, on standard error.
local screen = require "exotel.cli.terminal.screen"

local M = {}

-- A wait shorter than that (seconds) is not worth a line.
local WORTH_TELLING = 2

-- A bar may stand in the line.
local function tell(format, ...)
  local clear = screen.can_redraw() and "\r\27[K" or ""
  io.stderr:write(clear, "exotel: ", screen.plain(format:format(...)), "\n")
end

local function every(event)
  if event.event == "wait" then
    return tell("waiting %.1f s before %s again: %s", event.seconds, event.operation, event.reason or "?")
  end
  tell("%s %s: %s %s, %.3f s%s", event.method, event.path, event.outcome, event.status or "", event.seconds,
    event.request_id and ", request " .. event.request_id or "")
end

local function long_waits(event)
  if event.event ~= "wait" or event.seconds < WORTH_TELLING then return end
  tell("waiting %.0f s before %s again: %s", event.seconds, event.operation, event.reason or "?")
end

--- A `log` function for the client, or nil: with --verbose every request, otherwise a person is told of long waits.
function M.new(args)
  if args.verbose then return every end
  if args.quiet or args.json or not screen.stderr_is_terminal() then return nil end
  return long_waits
end

return M
