--- What a reply did not tell, or told as "it exists already": the trunk's numbers are read once for many rows, and
-- what is there decides.
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local pages = require "exotel.calls.pages"
local phone_number = require "exotel.resources.phone_number"

local M = {}

-- How often a number that proved not to be there is sent again.
local REPEATS = 4
-- There may be hundreds of pages.
local READING = { retries = 5 }

local function conflict(row, message)
  local err = row.err or {}
  return errors.new {
    kind = "conflict", operation = "map_phone_number", message = message, code = err.code,
    http_status = err.http_status, request_id = err.request_id, attempts = err.attempts, elapsed = err.elapsed,
  }
end

-- What stands on the trunk --------------------------------------------------------------------------------------------

-- A row whose number has been seen on its trunk.
local function see(run, row, item)
  local have, want = phone_number.fields(item).mode, phone_number.fields(row).mode
  if have == want then return run:record(row, row.lost and "done" or "present", item.id) end
  local message = string.format("%s is mapped with mode %s, not %s", row.phone_number, have, want)
  run:record(row, "failed", item.id, conflict(row, message))
end

-- → how many of the pool's rows the page has
local function see_page(run, trunk_sid, items)
  local found = 0
  for _, item in ipairs(items) do
    local row = run.rows.by_number[item.phone_number]
    if row and row.trunk_sid == trunk_sid and not row.outcome then
      if row.state == "pooled" then found = found + 1 end
      see(run, row, item)
    end
  end
  return found
end

-- Reads the numbers of a trunk until all of `missing` rows are found, or to the end. → true, or nil, err; the err
-- is nil when the run is over
local function read(run, trunk_sid, missing)
  local next_page = pages.new(run.client, "list_phone_numbers", { trunk_sid = trunk_sid }, READING)
  while missing > 0 do
    if not run:await_room() then return nil end
    local items, err = next_page()
    run:note(err)
    if err and not run:may_pass(err) then return nil, err end
    if not items and not err then return true end
    missing = missing - see_page(run, trunk_sid, items or {})
  end
  return true
end

-- On another trunk ----------------------------------------------------------------------------------------------------

local function judge_maps(run, row, maps)
  local elsewhere
  for _, map in ipairs(maps or {}) do
    if map.trunk_sid == row.trunk_sid then return run:record(row, "unknown", nil, row.err) end
    elsewhere = elsewhere or map.trunk_sid
  end
  local where = elsewhere and "to another trunk, " .. elsewhere or "already, and not to this trunk"
  run:record(row, "failed", nil, conflict(row, row.phone_number .. " is mapped " .. where))
end

-- Asks where the numbers are that exist without being on their trunk, as a flow's source.
local Search = {}
Search.__index = Search

function Search:ready()
  return not self.run.err and not self.run:is_away() and self.at < #self.rows and engine.capacity(self.run.client) > 0
end

function Search:next()
  if self.run:is_over() then return nil end
  self.at = self.at + 1
  return self.rows[self.at], "find_trunk_map", { exophone = self.rows[self.at].phone_number }
end

function Search:take(row, result)
  self.run.estimate:count(result.err or result.info)
  self.run:note(result.err)
  judge_maps(self.run, row, result.data)
end

-- What can't be asked any more is told without the trunk it is mapped to.
local function search(run, rows)
  local source = setmetatable({ run = run, rows = rows, at = 0 }, Search)
  while source.at < #rows and not run:is_away() and run:await_room() do run:flow(source) end
  for i = source.at + 1, #rows do judge_maps(run, rows[i]) end
end

-- The pool ------------------------------------------------------------------------------------------------------------

local function by_trunk(rows)
  local groups, index = {}, {}
  for _, row in ipairs(rows) do
    local group = index[row.trunk_sid]
    if not group then
      group = { trunk_sid = row.trunk_sid }
      index[row.trunk_sid], groups[#groups + 1] = group, group
    end
    group[#group + 1] = row
  end
  return groups
end

-- When network or service are to blame the rows stay in the pool, to be read when these are back.
local function take_failure(run, rows)
  if run:is_away() then return end
  for _, row in ipairs(rows) do
    if not row.outcome then run:record(row, "unknown", nil, row.err) end
  end
end

-- Rows whose number the trunk has not.
local function settle_absent(run, rows)
  local elsewhere = {}
  for _, row in ipairs(rows) do
    if row.outcome then row.state = nil
    elseif row.err.kind == "conflict" then elsewhere[#elsewhere + 1] = row
    elseif (row.sendings or 0) > REPEATS then run:record(row, "failed", nil, row.err)
    else run:send_again(row) end
  end
  search(run, elsewhere)
end

--- settling.settle(run): settles the rows of the run's pool. Those whose number proves not to be there are sent
-- again, or have failed when they were sent often enough. What it can't do because the run is over stays in the pool.
function M.settle(run)
  for _, group in ipairs(by_trunk(run.pool)) do
    if run:is_away() then break end
    local good, err = read(run, group.trunk_sid, #group)
    if good then settle_absent(run, group)
    elseif err then take_failure(run, group) end
  end
  local left = {}
  for _, row in ipairs(run.pool) do
    if not row.outcome and row.state == "pooled" then left[#left + 1] = row end
  end
  run.pool = left
end

return M
