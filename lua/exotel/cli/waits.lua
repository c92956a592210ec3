--- How far long work is, and why it waits: in a bar on a terminal, in lines with --verbose.
local clock = require "exotel.cli.terminal.clock"
local progress = require "exotel.cli.terminal.progress"
local screen = require "exotel.cli.terminal.screen"

local M = {}

-- Seconds; a shorter wait is not worth a word.
local LONG = 2

local function counts_note(state)
  local parts = {}
  if (state.failed or 0) > 0 then parts[#parts + 1] = state.failed .. " failed" end
  if (state.unknown or 0) > 0 then parts[#parts + 1] = state.unknown .. " unknown" end
  return parts
end

local function wait_text(wait)
  if wait.reason == "rate limit" then
    return wait.seconds < math.huge and ("rate limit: %d s"):format(math.ceil(wait.seconds)) or "rate limit"
  end
  return ("%s: next try in %d s"):format(wait.err and wait.err.kind or wait.reason, math.ceil(wait.seconds))
end

local Shown = {}

local function note(self)
  local parts = counts_note(self.state)
  if self.waiting then parts[#parts + 1] = wait_text(self.waiting) end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

-- What was estimated goes down while nothing is done.
local function seconds_left(self)
  local estimated = self.state.seconds_left
  return estimated and math.max(0, estimated - (clock.now() - self.told_at))
end

function Shown:draw()
  self.bar:update(self.state.done, self.state.total, seconds_left(self), note(self))
end

-- The wait for the rate limit is told by the log of the requests.
local function tell(wait)
  screen.redraw(screen.format("exotel: waiting %d s before the next request: %s\n", math.ceil(wait.seconds),
    tostring(wait.err)))
end

function Shown:wait(wait)
  local is_new = not self.waiting or wait.seconds > self.waiting.seconds
  self.waiting = wait.seconds >= LONG and wait or self.waiting and wait
  if is_new and self.verbose and wait.reason == "network" then tell(wait) end
  if self.waiting then self:draw() end
end

--- waits.new(app, title) → { progress, wait = for the library's options of these names; clear = removes what is
-- drawn }. `title`: what is being done, in the bar.
function M.new(app, title)
  local self = setmetatable({
    bar = progress.new(title, app:has_bar()), verbose = app.args.verbose and not app.out.json,
    state = { done = 0, total = 0 },
  }, { __index = Shown })
  return {
    progress = function(state)
      self.state, self.waiting, self.told_at = state, nil, clock.now()
      self:draw()
    end,
    wait = function(wait) self:wait(wait) end,
    clear = function() self.bar:clear() end,
  }
end

return M
