--- One run: sends the rows that are open, records the outcome of each, and decides when to stop. Rows whose outcome no
-- reply told are left to exotel.bulk.reconcile.
local capacity = require "exotel.calls.capacity"
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local estimate = require "exotel.calls.estimate"
local failures = require "exotel.bulk.failures"
local outage = require "exotel.bulk.outage"
local pool = require "exotel.calls.pool"
local reconcile = require "exotel.bulk.reconcile"
local reasons = require "exotel.bulk.reasons"
local request = require "exotel.calls.request"
local waiting = require "exotel.calls.waiting"

local M = {}

-- With this many unresolved rows the trunk's numbers are read.
local UNRESOLVED_MAX = 250

local Run = {}
Run.__index = Run

-- Outcomes ------------------------------------------------------------------------------------------------------------

local function report(self)
  if not self.progress then return end
  self.progress {
    done = self.completed, total = self.rows.total, failed = self.counts.failed, unknown = self.counts.unknown,
    seconds_left = self.estimate:seconds_left(self.rows.total - self.completed),
  }
end

local function count(self, outcome)
  self.counts[outcome] = self.counts[outcome] + 1
  self.completed = self.completed + 1
end

--- Records the outcome of a row. When the results file can't be written nothing more is sent, and nothing more written.
function Run:record(row, outcome, id, err)
  row.outcome, row.err, row.problem = outcome, nil, nil
  self.rows:conclude(row.index, outcome, outcome ~= "done" and err and reasons.of(err) or nil)
  count(self, outcome)
  if not self.disk_err then
    local good, disk_err = self.results:write(row, id, err)
    if not good then self.disk_err, self.err = disk_err, disk_err end
  end
  if self.disk_err then self.unwritten = self.unwritten + 1 end
  report(self)
end

--- Records a row that failed. Once a reply to it was lost it is unknown, whatever a repetition is answered: the first
-- one may still take effect.
function Run:record_failure(row, err)
  err.maybe_applied = err.maybe_applied or row.lost or false
  self:record(row, row.lost and "unknown" or "failed", nil, err)
end

-- When to stop --------------------------------------------------------------------------------------------------------

--- Whether nothing more may be sent, also since somebody has closed the client; asks `stop`.
function Run:is_over()
  if not self.err and self.stop and self.stop() then
    self.err = errors.new { kind = "cancelled", operation = "map_numbers", message = "stopped as asked" }
  end
  if not self.err and engine.closed(self.client) then self.err = request.cancelled("map_phone_number") end
  return self.err ~= nil
end

--- Counts the outcome of a call, an err or nil.
function Run:note(err)
  if err and failures.is_fatal(err) then self.err = self.err or err end
  self.outage:note(err)
end

--- Whether network or service seem to be away: nothing may be sent then.
function Run:is_away() return self.outage:is_on() end

--- Whether what failed with an err that was noted may be tried again at once.
function Run:may_retry(err) return failures.is_transient(err.kind) and not self:is_away() end

-- Tells why nothing may be sent. `reason`: "rate limit" or "network"; `left`: seconds; `err`: the failure.
local function tell_wait(self, reason, left, err)
  if self.wait then self.wait { reason = reason, seconds = left, err = err } end
end

-- Waits for network or service to come back.
local function back_off(self)
  if not self.outage:wait(function() return self:is_over() end) then self.err = self.outage.last end
end

--- Waits until a request may leave at once. → true; or false: the run is over
function Run:await_capacity()
  return capacity.await(self.client, function() return self:is_over() end, function(seconds)
    tell_wait(self, "rate limit", seconds)
  end)
end

-- Sending: the run is a pool's source ---------------------------------------------------------------------------------

local function is_open(row) return not row.outcome and (row.state == nil or row.state == "again") end

-- The same of a row that need not be a table.
local function is_open_at(rows, i) return not rows.outcomes[i] and (not rows.active[i] or is_open(rows.active[i])) end

-- → the next row to send, or nil. Skips those that have an outcome or wait for one.
local function peek(self)
  local again, rows = self.again, self.rows
  while #again > 0 and not is_open(again[#again]) do table.remove(again) end
  if #again > 0 then return again[#again] end
  while self.at <= rows.total and not is_open_at(rows, self.at) do self.at = self.at + 1 end
  return self.at <= rows.total and rows:row(self.at) or nil
end

function Run:ready()
  local goes_on = not self.err and not self:is_away() and #self.unresolved < UNRESOLVED_MAX
  return goes_on and peek(self) ~= nil and capacity.has_room(self.client)
end

function Run:next()
  if self:is_over() then return nil end
  local row = peek(self)
  row.state = "sent"
  if not row.sendings then
    self.estimate:begin_row()
    self.sent = self.sent + 1
  end
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

-- Whether only the trunk's numbers tell what became of it.
local function is_unresolved(err) return err.maybe_applied or err.kind == "conflict" end

local function add_unresolved(self, row)
  row.state = "unresolved"
  self.unresolved[#self.unresolved + 1] = row
end

function Run:take(row, result)
  local err = result.err
  self.estimate:count(err or result.info)
  self:note(err)
  if not err then return self:record(row, "done", result.data.id) end
  err.body = nil -- hundreds of errors are kept
  if is_unresolved(err) then
    row.err, row.lost = err, row.lost or err.maybe_applied
    add_unresolved(self, row)
  elseif failures.is_of_row(err) then
    self:record_failure(row, err)
  else
    self:send_again(row)
  end
end

--- Makes the calls of a source, until it has none that may be started.
function Run:make_calls(source)
  self.under_way = pool.new(self.client, source, self.concurrency)
  self.under_way:run()
end

-- The whole -----------------------------------------------------------------------------------------------------------

-- Rows that can't be sent get their outcome at once. Those that an earlier run left unknown are reconciled first.
local function prepare(self)
  local rows = self.rows
  for i = 1, rows.total do
    local active = rows.active[i]
    if rows.outcomes[i] then
      count(self, rows.outcomes[i])
      self.earlier[rows.outcomes[i]] = self.earlier[rows.outcomes[i]] + 1
    elseif rows.problems[i] then
      local row = rows:row(i)
      if not self.err then self:record(row, "failed", nil, row.problem) end
    elseif active and active.lost then add_unresolved(self, active) end
  end
end

local function work(self)
  prepare(self)
  while not self.err and (peek(self) or #self.unresolved > 0) do
    if self:is_away() then back_off(self)
    elseif #self.unresolved >= UNRESOLVED_MAX or not peek(self) then reconcile.unresolved(self)
    elseif self:await_capacity() then self:make_calls(self) end
  end
  for _, row in ipairs(self.unresolved) do
    if not row.outcome then self:record(row, "unknown", nil, row.err) end
  end
end

local function summary_of(self)
  local counts = self.counts
  return {
    total = self.rows.total, done = counts.done, present = counts.present, failed = counts.failed,
    unknown = counts.unknown, not_tried = self.rows.total - self.completed, sent = self.sent, earlier = self.earlier,
    cleaned = self.rows.cleaned, completed = self.rows.completed, reasons = reasons.count(self.rows),
  }
end

local function final_error(self)
  if not self.disk_err or self.unwritten < 2 then return self.disk_err or self.err end
  self.disk_err.message = string.format("%s (what became of %d rows is not written; the next run finds out)",
    self.disk_err.message, self.unwritten)
  return self.disk_err
end

--- run.all(client, rows, results, options) → a summary, or nil, err, summary. `options`: concurrency, progress, stop,
-- wait.
function M.all(client, rows, results, options)
  local self = setmetatable({
    client = client, rows = rows, results = results, concurrency = options.concurrency,
    progress = options.progress, stop = options.stop, wait = options.wait,
    estimate = estimate.new(client, options.concurrency),
    counts = { done = 0, present = 0, failed = 0, unknown = 0 }, completed = 0, unwritten = 0, sent = 0,
    earlier = { done = 0, present = 0, failed = 0 },
    at = 1, again = {}, unresolved = {},
  }, Run)
  self.outage = outage.new(client, function(left, err) tell_wait(self, "network", left, err) end)
  waiting.protect(client, function() work(self) end, function()
    if self.under_way then self.under_way:cancel() end
    results:close()
  end)
  local _, close_err = results:close()
  local err = final_error(self) or close_err
  if err then return nil, err, summary_of(self) end
  return summary_of(self)
end

return M
