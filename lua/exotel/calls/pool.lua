--- Many calls at once, with a limit on how many are under way. The calls come from a source:
--   source:ready()           whether a call may be started now; called often, so it must be cheap and not raise
--   source:next()            → a key, operation, arguments; or nil: none after all
--   source:take(key, result) takes the result of a call: { data=, info= } or { err= }
local engine = require("exotel.core").engine
local waiting = require "exotel.calls.waiting"

local M = {}

local Pool = {}
Pool.__index = Pool

local function result_of(call)
  local data, info = engine.take(call)
  if data == nil then return { err = info } end
  return { data = data, info = info }
end

local function may_start(self)
  return self.count < self.concurrency and not engine.closed(self.client) and self.source:ready()
end

local function fill(self)
  while may_start(self) do
    local key, operation, arguments = self.source:next()
    if key == nil then return end
    self.under_way[key] = self.client:start(operation, arguments)
    self.count = self.count + 1
  end
end

local function take_ended(self)
  local ended = self.ended
  self.ended = {}
  for key, call in pairs(ended) do self.source:take(key, result_of(call)) end
end

--- Whether there is something to do: a call has finished, or another one may be started. A pool can be waited for as a
-- call can.
function Pool:finished()
  for key, call in pairs(self.under_way) do
    if call:finished() then
      self.ended[key], self.under_way[key] = call, nil
      self.count = self.count - 1
    end
  end
  return next(self.ended) ~= nil or may_start(self)
end

--- Cancels the calls under way.
function Pool:cancel()
  for _, call in pairs(self.under_way) do call:cancel() end
end

--- Runs until no call is under way and the source has none that may be started. `after`, when given, is called after
-- every wait.
function Pool:run(after)
  fill(self)
  while self.count > 0 do
    waiting.until_finished(self.client, self)
    take_ended(self)
    fill(self)
    if after then after() end
  end
end

--- pool.new(client, source, concurrency) → a pool of at most `concurrency` calls under way.
function M.new(client, source, concurrency)
  return setmetatable({
    client = client, source = source, concurrency = concurrency, under_way = {}, ended = {}, count = 0,
  }, Pool)
end

return M
