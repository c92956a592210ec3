--- Why the command waits, and how long still: in its bar where it has one, else in a line of its own that counts down.
-- Where lines can't be drawn over it is said once.
local clock = require "exotel.cli.terminal.clock"
local progress = require "exotel.cli.terminal.progress"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"

local M = {}

-- Seconds between two drawings.
local INTERVAL = 0.2

-- The wait that is shown: { reason, before, ends }, or nil.
local current

local function sentence(wait, seconds)
  return screen.format("%s: %d s before %s", wait.reason, seconds, wait.before)
end

-- Once a second: the seconds that are left are shown as long as they are.
local function draw()
  local left = math.ceil(current.ends - clock.now())
  if left == current.shown then return end
  if left <= 0 then return M.finish() end
  current.shown = left
  local text = sentence(current, left)
  if not progress.remark(text) then screen.redraw(("exotel: " .. text):sub(1, screen.width() - 1)) end
end

--- countdown.begin(reason, seconds, before): a wait begins. `before`: what follows it, for the sentence.
function M.begin(reason, seconds, before)
  local wait = { reason = reason, before = before, ends = clock.now() + seconds }
  if not screen.can_redraw() then
    io.stderr:write("exotel: ", sentence(wait, math.ceil(seconds)), "\n")
    return
  end
  current = wait
  draw()
end

--- It is over.
function M.finish()
  if not current then return end
  current = nil
  if not progress.remark(nil) then screen.settle() end
end

--- Sleeps; raises an interruption if the command is to end now. For the client's `sleep` option.
function M.sleep(seconds)
  repeat
    signals.sleep(math.min(seconds, current and INTERVAL or seconds))
    seconds = current and seconds - INTERVAL or 0
    if current then draw() end
  until seconds <= 0
end

return M
