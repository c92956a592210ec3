--- A progress bar on standard error for long work: how much is done, how much time is left. Only where lines can be
-- drawn over.
local clock = require "exotel.cli.terminal.clock"
local screen = require "exotel.cli.terminal.screen"

local M = {}

local Bar = {}
Bar.__index = Bar

-- Seconds: before the bar is drawn at all, and between two drawings.
local DELAY, INTERVAL = 1, 0.1

-- The bar that is drawn now, or will be.
local active

--- progress.new(title, wanted) → a bar; it draws only when `wanted`.
function M.new(title, wanted)
  local started = clock.now()
  local bar = setmetatable({
    title = title, started = started, drawn_at = started + DELAY - INTERVAL,
    draws = wanted and screen.can_redraw(),
  }, Bar)
  if bar.draws then active = bar end
  return bar
end

local function time_text(seconds)
  if seconds < 60 then return ("%d s left"):format(math.ceil(seconds)) end
  if seconds < 3600 then return ("%d min left"):format(math.ceil(seconds / 60)) end
  return ("%d h %d min left"):format(math.floor(seconds / 3600), math.ceil(seconds % 3600 / 60))
end

local function line(self, done, total, left, note)
  local text = ("%d of %d"):format(done, total)
  if left then text = text .. ", " .. time_text(left) end
  if note then text = text .. ", " .. note end
  local width = math.max(0, math.min(40, screen.width() - #text - #self.title - 6))
  local full = total > 0 and math.floor(width * done / total) or 0
  local bar = width >= 10 and "[" .. ("#"):rep(full) .. ("."):rep(width - full) .. "] " or ""
  return (self.title .. " " .. bar .. text):sub(1, screen.width() - 1)
end

--- Shows that `done` of `total` are done. `left`: the seconds left, estimated when nil; `note`: what else to say.
function Bar:update(done, total, left, note)
  local at = clock.now()
  self.state = { done, total, left, note }
  if not self.draws or at - self.drawn_at < INTERVAL then return end
  self.drawn_at = at
  if not left and done > 0 then left = (at - self.started) / done * (total - done) end
  screen.redraw(line(self, done, total, left, note or self.remark))
  self.visible = true
end

--- progress.remark(text): says something besides in the bar, until it says something else, or nothing (nil). → whether
-- there is one
function M.remark(text)
  if not active then return false end
  active.remark = text
  if active.state then active:update((table.unpack or unpack)(active.state, 1, 4)) end
  return true
end

--- Removes the bar, so that other lines can be written.
function Bar:clear()
  if self.visible then screen.redraw("") end
  self.visible = false
  if active == self then active = nil end
end

return M
