--- How long it will still take: by what was measured, and by what the rate limit lets through.
local engine = require("exotel.core").engine

local M = {}

local WINDOW = 60 -- seconds, the rate limit's

local Estimate = {}
Estimate.__index = Estimate

--- estimate.new(client, width) → an estimate for calls of which `width` are under way at a time.
function M.new(client, width)
  return setmetatable({ client = client, width = width, requests = 0, seconds = 0, rows = 0 }, Estimate)
end

--- Counts a call that has ended, by its info or its error.
function Estimate:count(effort)
  self.requests = self.requests + effort.attempts
  self.seconds = self.seconds + effort.elapsed
end

--- Counts a row that is sent for the first time.
function Estimate:begin_row() self.rows = self.rows + 1 end

-- Requests beyond those that may leave at once wait for whole windows.
local function by_limit(requests, wait, left, limit)
  if not limit or requests <= left then return 0 end
  if left > 0 then return math.ceil((requests - left) / limit) * WINDOW end
  return (wait < math.huge and wait or WINDOW) + math.floor((requests - 1) / limit) * WINDOW
end

--- Seconds for so many rows, each taking as many requests as one did until now; nil while nothing is known.
function Estimate:seconds_left(rows)
  local _, wait, left, limit = engine.capacity(self.client)
  if rows == 0 then return 0 end
  if self.requests == 0 and not limit then return nil end
  local requests = rows * math.max(1, self.requests / math.max(1, self.rows))
  local each = self.seconds / math.max(1, self.requests)
  return math.max(by_limit(requests, wait, left, limit), requests * each / math.min(self.width, requests))
end

return M
