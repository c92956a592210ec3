--- One move: takes numbers off their trunks and maps them to another, a pair of requests each. The second one is sent
-- as soon as the first is answered, and no pair begins before the rate limit has places for both. What is not known
-- after a lost reply is found out by exotel.bulk.move.reconcile.
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local estimate = require "exotel.calls.estimate"
local failures = require "exotel.bulk.failures"
local outage = require "exotel.bulk.outage"
local phone_number = require "exotel.resources.phone_number"
local pool = require "exotel.calls.pool"
local reconcile = require "exotel.bulk.move.reconcile"
local removal = require "exotel.calls.removal"
local request = require "exotel.calls.request"
local waiting = require "exotel.calls.waiting"

local M = {}

-- Requests of a pair.
local PAIR = 2
-- After this many numbers in a row that the other trunk refused no more are taken off theirs.
local REFUSALS_MAX = 3
-- How often a request is sent for a number while network or service fail, be it for that number only.
local SENDINGS_MAX = 16
-- The shortest wait for capacity, and the longest between two looks at `stop`, in seconds.
local SHORTEST, LONGEST = 0.01, 0.2

local Run = {}
Run.__index = Run

-- Outcomes ------------------------------------------------------------------------------------------------------------

local function report(self)
  if not self.progress then return end
  local counts = self.counts
  self.progress {
    done = self.completed, total = self.total, failed = counts.failed, unknown = counts.unknown,
    unmapped = counts.unmapped, seconds_left = self.estimate:seconds_left(self.total - self.completed),
  }
end

local function write(self, row, outcome, id, err)
  if self.disk_err then return nil end
  local good, disk_err = self.journal:write(row, outcome, id, err)
  if not good then self.disk_err, self.err = disk_err, self.err or disk_err end
  return good
end

--- Records what became of a number.
function Run:record(row, outcome, id, err)
  row.outcome, row.err, row.new_id = outcome, err, id
  if err then err.body = nil end -- thousands may be kept
  self.counts[outcome] = self.counts[outcome] + 1
  self.completed = self.completed + 1
  write(self, row, outcome, id, err)
  report(self)
end

local function conflict(row, cause, message)
  return errors.new {
    kind = "conflict", operation = "move", message = row.phone_number .. " " .. message, code = cause and cause.code,
    http_status = cause and cause.http_status, request_id = cause and cause.request_id,
  }
end

--- Records one that somebody else has done something with.
function Run:record_conflict(row, outcome, message, cause)
  self:record(row, outcome, nil, conflict(row, cause or row.err, message))
end

--- Records one that was found on the trunk, or answered to be on it, that it was last sent to.
function Run:record_mapped(row, item)
  if row.phase == "put_back" then
    row.reason.reason = "it is back on its trunk"
    return self:record(row, "failed", item.id, row.reason)
  end
  self.accepts = true
  local has, wanted = phone_number.fields(item).mode or "pstn", phone_number.fields(row).mode
  if item.mode == nil or has == wanted then return self:record(row, "done", item.id) end
  self:record_conflict(row, "failed", ("is on the trunk now, but with mode %s, not %s"):format(has, wanted))
end

-- When to stop --------------------------------------------------------------------------------------------------------

--- Whether no other number may be taken off its trunk; asks `stop`.
function Run:is_over()
  if not self.err and self.stop and self.stop() then
    self.err = errors.new { kind = "cancelled", operation = "move", message = "stopped as asked" }
  end
  if not self.err and engine.closed(self.client) then self.err = request.cancelled("move") end
  return self.err ~= nil
end

--- Whether nothing at all may be sent any more.
function Run:has_given_up() return self.gave_up or engine.closed(self.client) end

--- Counts the outcome of a request, an err or nil.
function Run:note(err)
  if err and failures.is_fatal(err) then self.err = self.err or err end
  self.outage:note(err)
end

-- Sending: the run is a pool's source ---------------------------------------------------------------------------------

-- Whether the rate limit has places for another pair, beside those of numbers whose second request is still to come: by
-- what this client has sent, and by what the service says, since others may use the same account.
local function has_capacity(self)
  local calls, _, left, limit, told = engine.capacity(self.client)
  if calls == 0 or (told and told - self.unmapping < PAIR) then return false end
  return not left or limit < PAIR or left - self.unmapping >= PAIR
end

local function has_next(self) return #self.again > 0 or self.rows[self.at] ~= nil end

-- One number at a time until the other trunk takes one: a trunk that refuses all makes no more than one wait.
local function is_crowded(self) return not self.accepts and self.under_way.count > 0 end

local function may_begin(self)
  return not self.err and #self.doubtful == 0 and has_next(self) and not is_crowded(self) and has_capacity(self)
end

-- What is on no trunk goes first, whatever else there is.
function Run:ready()
  if self.outage:is_on() or self:has_given_up() then return false end
  return #self.urgent > 0 or may_begin(self)
end

local function next_row(self)
  if #self.again > 0 then return table.remove(self.again) end
  self.at = self.at + 1
  return self.rows[self.at - 1]
end

-- Where this can't be written down it isn't begun.
local function begin(self)
  if self:is_over() then return nil end
  local row = next_row(self)
  if not write(self, row, "moving", row.id) then
    self.again[#self.again + 1] = row
    return nil
  end
  if not row.sendings then self.estimate:begin_row() end
  row.sendings = (row.sendings or 0) + 1
  self.unmapping = self.unmapping + 1
  return row, "unmap_phone_number", { trunk_sid = row.from_trunk_sid, id = row.id }
end

local function map(row)
  local back = row.phase == "put_back"
  local mode = row.mode
  if back then mode = row.from_mode end
  row.mappings = (row.mappings or 0) + 1
  return row, "map_phone_number", {
    trunk_sid = back and row.from_trunk_sid or row.to_trunk_sid, phone_number = row.phone_number, mode = mode,
  }
end

function Run:next()
  if #self.urgent > 0 then return map(table.remove(self.urgent, 1)) end
  return begin(self)
end

--- Has a number mapped next that is on no trunk.
function Run:map_next(row, phase)
  row.phase, row.mappings = phase, row.phase == phase and row.mappings or 0
  table.insert(self.urgent, row)
end

--- Has a number taken off its trunk once more.
function Run:unmap_again(row) table.insert(self.again, row) end

local function doubt(self, row, err)
  row.err, row.lost = err, row.lost or err.maybe_applied
  table.insert(self.doubtful, row)
end

local function after_unmapping(self, row, err)
  self.unmapping = self.unmapping - 1
  if not err then
    row.lost = false
    self:map_next(row, "map")
  elseif err.maybe_applied or removal.may_be_gone(err) then doubt(self, row, err)
  elseif failures.is_transient(err.kind) and row.sendings < SENDINGS_MAX then
    row.err = err
    self:unmap_again(row)
  else self:record(row, row.lost and "unknown" or "failed", nil, err) end
end

-- A trunk that is gone, or that refuses one number after the other, refuses the next one too.
local function note_refusal(self, row, err)
  if row.phase ~= "map" then return end
  self.accepts = false
  self.refusals = self.refusals + 1
  if err.kind == "not_found" or self.refusals >= REFUSALS_MAX then self.err = self.err or err end
end

-- Put back where it was; what was on no trunk to begin with stays so.
local function after_refusal(self, row, err)
  note_refusal(self, row, err)
  if row.phase == "put_back" then
    row.reason.reason = "it could not be put back: " .. tostring(err)
    return self:record(row, row.lost and "unknown" or "unmapped", nil, row.reason)
  end
  row.reason = err
  if row.from_trunk_sid then return self:map_next(row, "put_back") end
  self:record(row, row.lost and "unknown" or "unmapped", nil, err)
end

local function after_mapping(self, row, err, data)
  if not err then
    if row.phase == "map" then self.refusals = 0 end
    return self:record_mapped(row, data)
  end
  if err.maybe_applied or err.kind == "conflict" then doubt(self, row, err)
  elseif failures.is_transient(err.kind) and row.mappings < SENDINGS_MAX then
    row.err = err
    self:map_next(row, row.phase)
  else after_refusal(self, row, err) end
end

function Run:take(row, result)
  local err = result.err
  self.estimate:count(err or result.info)
  self:note(err)
  if row.phase == "unmap" then return after_unmapping(self, row, err) end
  after_mapping(self, row, err, result.data)
end

-- The whole -----------------------------------------------------------------------------------------------------------

local function make_calls(self)
  self.under_way = pool.new(self.client, self, self.concurrency)
  self.under_way:run()
end

-- Until a pair may begin, or nothing may any more.
local function await_capacity(self)
  while not self:is_over() and not has_capacity(self) do
    local calls, seconds = engine.capacity(self.client)
    if calls > 0 then seconds = LONGEST end -- one more request could leave, but not a pair
    waiting.pause(self.client, math.max(SHORTEST, math.min(seconds, LONGEST)))
  end
end

local function wait_for_service(self)
  if self.outage:wait(function() return self:has_given_up() end) then return end
  self.err, self.gave_up = self.err or self.outage.last, true
end

-- Whether it is over is always asked: a client that was closed ends it, too.
local function goes_on(self)
  local begins_more = not self:is_over() and has_next(self)
  if self:has_given_up() then return false end
  return #self.urgent > 0 or #self.doubtful > 0 or begins_more
end

local function work(self)
  while goes_on(self) do
    if self.outage:is_on() then wait_for_service(self)
    elseif #self.urgent > 0 then make_calls(self)
    elseif #self.doubtful > 0 then reconcile.doubtful(self)
    else
      await_capacity(self)
      make_calls(self)
    end
  end
end

-- What is still open when nothing more can be sent. A number whose mapping was lost may be on its trunk yet.
local function record_rest(self)
  for _, row in ipairs(self.urgent) do
    self:record(row, row.lost and "unknown" or "unmapped", nil, row.err or self.err)
  end
  for _, row in ipairs(self.doubtful) do self:record(row, "unknown", nil, row.err) end
  for _, row in ipairs(self.again) do
    if row.err then self:record(row, row.lost and "unknown" or "failed", nil, row.err) end
  end
end

-- What was so before, and what an earlier run left on no trunk, which goes first.
local function prepare(self, plan)
  for _, row in ipairs(plan.closed) do write(self, row, "failed", row.id, row.err) end
  for _, row in ipairs(plan.present) do self:record(row, row.outcome, row.id, row.err) end
  for _, row in ipairs(plan.moves) do
    if row.phase == "unmap" then self.rows[#self.rows + 1] = row
    else
      write(self, row, "moving")
      table.insert(self.urgent, row)
    end
  end
end

local function summary_of(self, plan)
  local summary = { total = self.total, not_tried = self.total - self.completed, numbers = {} }
  for outcome, count in pairs(self.counts) do summary[outcome] = count end
  for _, list in ipairs { plan.present, plan.moves } do
    for _, row in ipairs(list) do
      summary.numbers[#summary.numbers + 1] = {
        phone_number = row.phone_number, from_trunk_sid = row.from_trunk_sid, from_mode = row.from_mode,
        to_trunk_sid = row.to_trunk_sid, mode = row.mode, outcome = row.outcome or "not_tried", id = row.new_id,
        err = row.err,
      }
    end
  end
  return summary
end

--- run.all(client, plan, journal, options) → a summary, or nil, err, summary. `options`: concurrency, progress, stop.
function M.all(client, plan, journal, options)
  local self = setmetatable({
    client = client, journal = journal, concurrency = options.concurrency, progress = options.progress,
    stop = options.stop, estimate = estimate.new(client, options.concurrency), outage = outage.new(client),
    counts = { done = 0, present = 0, failed = 0, unmapped = 0, unknown = 0 }, completed = 0, refusals = 0,
    total = #plan.present + #plan.moves, rows = {}, at = 1, again = {}, urgent = {}, doubtful = {}, unmapping = 0,
  }, Run)
  waiting.protect(client, function()
    prepare(self, plan)
    work(self)
    record_rest(self)
  end, function()
    if self.under_way then self.under_way:cancel() end
    journal:close()
  end)
  local _, close_err = journal:close(true)
  local err = self.disk_err or self.err or close_err
  if err then return nil, err, summary_of(self, plan) end
  return summary_of(self, plan)
end

return M
