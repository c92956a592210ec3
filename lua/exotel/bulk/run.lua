--- The run: sends what is open, writes down what came of each row, and knows when to stop. What a reply did not tell is
-- left to exotel.bulk.settling.
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local estimates = require "exotel.bulk.estimate"
local faults = require "exotel.bulk.faults"
local flow = require "exotel.calls.pool"
local settling = require "exotel.bulk.reconcile"
local wait = require "exotel.calls.waiting"

local M = {}

-- So many rows are settled by one reading of the trunk's numbers.
local POOL = 250
-- After so many failures of network or service in a row nothing is sent for a while, in seconds: longer each time,
-- and at the end the run stops.
local PATIENCE, PAUSES = 5, { 1, 2, 4, 8, 16, 32 }
-- What a wait for room lasts at least, and at most without asking whether to stop, in seconds.
local SHORTEST, LONGEST = 0.01, 0.2

local Run = {}
Run.__index = Run

-- Outcomes ------------------------------------------------------------------------------------------------------------

local function report(self)
  if not self.progress then return end
  self.progress {
    done = self.settled, total = #self.rows, failed = self.counts.failed, unknown = self.counts.unknown,
    seconds_left = self.estimate:seconds_left(#self.rows - self.settled),
  }
end

local function count(self, row)
  self.counts[row.outcome] = self.counts[row.outcome] + 1
  self.settled = self.settled + 1
end

--- Writes down what became of a row. When that can't be done nothing more is sent, and nothing more written.
function Run:record(row, outcome, id, err)
  row.outcome, row.err, row.problem = outcome, nil, nil
  count(self, row)
  if not self.disk_err then
    local good, disk_err = self.results:write(row, id, err)
    if not good then self.disk_err, self.err = disk_err, disk_err end
  end
  if self.disk_err then self.unwritten = self.unwritten + 1 end
  report(self)
end

-- When to stop --------------------------------------------------------------------------------------------------------

--- Whether nothing more may be sent; asks `stop`.
function Run:is_over()
  if not self.err and self.stop and self.stop() then
    self.err = errors.new { kind = "cancelled", operation = "map_numbers", message = "stopped as asked" }
  end
  return self.err ~= nil
end

--- Takes note of what a call says of network and service: that all is well when there is no err, or one that they are
-- not to blame for.
function Run:note(err)
  if err and faults.is_hopeless(err) then self.err = self.err or err end
  if err and faults.is_passing(err.kind) then
    self.outages, self.outage = self.outages + 1, err
  else
    self.outages, self.pauses = 0, 0
  end
end

--- Whether network or service seem to be away: nothing is to be sent then.
function Run:is_away() return self.outages >= PATIENCE end

--- Whether what failed with an err that has been noted is worth another try at once.
function Run:may_pass(err) return faults.is_passing(err.kind) and not self:is_away() end

-- Waits for network or service to come back; the next failure is one too many again.
local function wait_out(self)
  self.pauses = self.pauses + 1
  local left = PAUSES[self.pauses]
  if not left then
    self.err = self.outage
    return
  end
  self.outages = PATIENCE - 1
  while left > 0 and not self:is_over() do
    wait.pause(self.client, LONGEST)
    left = left - LONGEST
  end
end

--- Waits until a request may leave at once. → whether it may: false when the run is over
function Run:await_room()
  while not self:is_over() do
    local calls, seconds = engine.capacity(self.client)
    if calls > 0 then return true end
    wait.pause(self.client, math.max(SHORTEST, math.min(seconds, LONGEST)))
  end
  return false
end

-- Sending: the run is a flow's source ---------------------------------------------------------------------------------

local function is_open(row) return not row.outcome and (row.state == nil or row.state == "again") end

-- → the next row to be sent, or nil. Goes past those that have their outcome, or wait for it.
local function peek(self)
  local again, rows = self.again, self.rows
  while #again > 0 and not is_open(again[#again]) do table.remove(again) end
  if #again > 0 then return again[#again] end
  while rows[self.at] and not is_open(rows[self.at]) do self.at = self.at + 1 end
  return rows[self.at]
end

function Run:ready()
  local goes_on = not self.err and not self:is_away() and #self.pool < POOL
  return goes_on and peek(self) ~= nil and engine.capacity(self.client) > 0
end

function Run:next()
  if self:is_over() then return nil end
  local row = peek(self)
  row.state = "sent"
  if not row.sendings then self.estimate:begin_row() end
  row.sendings = (row.sendings or 0) + 1
  return row, "map_phone_number", {
    trunk_sid = row.trunk_sid, phone_number = row.phone_number, mode = row.mode,
  }
end

--- Has a row sent again, next.
function Run:send_again(row)
  row.state = "again"
  self.again[#self.again + 1] = row
end

-- Whether only reading tells what became of it.
local function needs_reading(err) return err.maybe_applied or err.kind == "conflict" end

local function put_aside(self, row)
  row.state = "pooled"
  self.pool[#self.pool + 1] = row
end

function Run:take(row, result)
  local err = result.err
  self.estimate:count(err or result.info)
  self:note(err)
  if not err then return self:record(row, "done", result.data.id) end
  err.body = nil -- many that are kept would be much
  if needs_reading(err) then
    row.err, row.lost = err, row.lost or err.maybe_applied
    put_aside(self, row)
  elseif faults.says_nothing(err) then
    self:send_again(row)
  else
    self:record(row, "failed", nil, err)
  end
end

--- Sends what a source has, as long as there is room.
function Run:flow(source)
  self.under_way = flow.new(self.client, source, self.width)
  self.under_way:run()
end

-- The whole -----------------------------------------------------------------------------------------------------------

-- What can't be sent has its outcome at once. What a run before left unknown is read first.
local function prepare(self)
  for _, row in ipairs(self.rows) do
    if row.outcome then count(self, row)
    elseif row.problem then
      if not self.err then self:record(row, "failed", nil, row.problem) end
    elseif row.lost then put_aside(self, row) end
  end
end

local function work(self)
  prepare(self)
  while not self.err and (peek(self) or #self.pool > 0) do
    if self:is_away() then wait_out(self)
    elseif #self.pool >= POOL or not peek(self) then settling.settle(self)
    elseif self:await_room() then self:flow(self) end
  end
  for _, row in ipairs(self.pool) do
    if not row.outcome then self:record(row, "unknown", nil, row.err) end
  end
end

local function summary_of(self)
  local counts = self.counts
  return {
    total = #self.rows, done = counts.done, present = counts.present, failed = counts.failed, unknown = counts.unknown,
    not_tried = #self.rows - self.settled,
  }
end

local function final_error(self)
  if not self.disk_err or self.unwritten < 2 then return self.disk_err or self.err end
  self.disk_err.message = string.format("%s (what became of %d rows is not written; the next run finds out)",
    self.disk_err.message, self.unwritten)
  return self.disk_err
end

--- run.all(client, rows, results, options) → a summary, or nil, err, summary. `options`: concurrency, progress, stop.
function M.all(client, rows, results, options)
  local self = setmetatable({
    client = client, rows = rows, results = results, width = options.concurrency,
    progress = options.progress, stop = options.stop, estimate = estimates.new(client, options.concurrency),
    counts = { done = 0, present = 0, failed = 0, unknown = 0 }, settled = 0, unwritten = 0,
    outages = 0, pauses = 0, at = 1, again = {}, pool = {},
  }, Run)
  wait.protect(client, function() work(self) end, function()
    if self.under_way then self.under_way:cancel() end
    results:close()
  end)
  results:close()
  local err = final_error(self)
  if err then return nil, err, summary_of(self) end
  return summary_of(self)
end

return M
