--- The time that is left, from measured durations and from what the rate limit allows.
local engine = require("exotel.core").engine

local M = {}

local WINDOW = 60 -- seconds, the rate limit's

local Estimate = {}
Estimate.__index = Estimate

--- estimate.new(client, concurrency) → an estimate for rows (or whatever else takes some calls each) of which
-- `concurrency` are under way at a time.
function M.new(client, concurrency)
  return setmetatable({ client = client, concurrency = concurrency, requests = 0, seconds = 0, rows = 0 }, Estimate)
end

--- Counts a call that has ended, by its info or its error.
function Estimate:count(result)
  self.requests = self.requests + result.attempts
  self.seconds = self.seconds + result.elapsed
end

--- Counts a row that is sent for the first time.
function Estimate:begin_row() self.rows = self.rows + 1 end

-- Requests beyond those that may leave at once wait for whole windows.
local function by_limit(requests, wait, left, limit)
  if not limit or requests <= left then return 0 end
  if left > 0 then return math.ceil((requests - left) / limit) * WINDOW end
  return (wait < math.huge and wait or WINDOW) + math.floor((requests - 1) / limit) * WINDOW
end

--- The seconds that a number of rows will take, with as many requests each as the rows before; nil while nothing is
-- known, and once somebody has closed the client.
function Estimate:seconds_left(rows)
  if engine.closed(self.client) then return nil end
  local _, wait, left, limit = engine.capacity(self.client)
  if rows == 0 then return 0 end
  if self.requests == 0 and not limit then return nil end
  local requests = rows * math.max(1, self.requests / math.max(1, self.rows))
  local each = self.seconds / math.max(1, self.requests)
  return math.max(by_limit(requests, wait, left, limit), requests * each / math.min(self.concurrency, requests))
end

return M
