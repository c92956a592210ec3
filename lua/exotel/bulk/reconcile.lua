--- Reconciles rows whose reply was lost, or was "it exists already": their trunk's numbers are read once for many rows,
-- and what is found there decides.
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local pages = require "exotel.calls.pages"
local phone_number = require "exotel.resources.phone_number"
local settle_wait = require "exotel.calls.settle_wait"
local values = require "exotel.resources.values"

local M = {}

-- How often a number that proved not to be there is sent again.
local REPEATS = 4
-- A trunk's numbers may fill hundreds of pages.
local LIST_OPTIONS = { retries = 5 }

local function conflict(row, message)
  local err = row.err or {}
  return errors.new {
    kind = "conflict", operation = "map_phone_number", message = message, code = err.code,
    http_status = err.http_status, request_id = err.request_id, attempts = err.attempts, elapsed = err.elapsed,
  }
end

-- On the trunk --------------------------------------------------------------------------------------------------------

-- Records a row whose number was found on its trunk.
local function record_existing(run, row, item)
  local existing, desired = phone_number.fields(item).mode, phone_number.fields(row).mode
  if existing == desired then return run:record(row, row.lost and "done" or "present", item.id) end
  local message = string.format("%s is mapped with mode %s, not %s", row.phone_number, existing, desired)
  run:record(row, "failed", item.id, conflict(row, message))
end

-- → how many unresolved rows the page has
local function record_page(run, trunk_sid, items)
  local found = 0
  for _, item in ipairs(items) do
    local row = run.rows:of_number(item.phone_number)
    if row and row.trunk_sid == trunk_sid and not row.outcome then
      if row.state == "unresolved" then found = found + 1 end
      record_existing(run, row, item)
    end
  end
  return found
end

-- Reads the numbers of a trunk until all of `missing` rows are found, or to the end. → true, or nil, err; the err
-- is nil when the run is over
local function read_trunk(run, trunk_sid, missing)
  local next_page = pages.new(run.client, "list_phone_numbers", { trunk_sid = trunk_sid }, LIST_OPTIONS)
  while missing > 0 do
    if not run:await_capacity() then return nil end
    local items, err = next_page()
    run:note(err)
    if err and not run:may_retry(err) then return nil, err end
    if not items and not err then return true end
    missing = missing - record_page(run, trunk_sid, items or {})
  end
  return true
end

-- On another trunk ----------------------------------------------------------------------------------------------------

local function record_elsewhere(run, row, where)
  run:record(row, "failed", nil, conflict(row, row.phone_number .. " is mapped " .. where))
end

-- Notes on which other trunk a row's number is.
local function note_maps(row, maps)
  local elsewhere
  for _, map in ipairs(maps or {}) do
    row.is_here = row.is_here or map.trunk_sid == row.trunk_sid
    elsewhere = elsewhere or map.trunk_sid
  end
  row.elsewhere = not row.is_here and elsewhere or nil
end

-- The names of the account's trunks by their sids, read once; none when they can't be read.
local function trunk_names(run)
  if run.trunk_names then return run.trunk_names end
  run.trunk_names = {}
  local all = run:await_capacity() and pages.complete(run.client, "list_trunks", {})
  for _, trunk in ipairs(all or {}) do run.trunk_names[trunk.trunk_sid] = trunk.trunk_name end
  return run.trunk_names
end

-- Records the rows whose numbers are on other trunks. The others stay unresolved.
local function record_found(run, rows)
  for _, row in ipairs(rows) do
    if row.elsewhere and not row.outcome then
      local title = values.trunk_title(trunk_names(run)[row.elsewhere], row.elsewhere)
      record_elsewhere(run, row, "to another trunk, " .. title)
    end
  end
end

-- Asks where numbers are mapped that exist, but not on their trunk: a pool's source.
local Search = {}
Search.__index = Search

function Search:ready()
  local run = self.run
  return not run.err and not run:is_away() and self.at < #self.rows and engine.capacity(run.client) > 0
end

function Search:next()
  if self.run:is_over() then return nil end
  self.at = self.at + 1
  return self.rows[self.at], "find_trunk_map", { exophone = self.rows[self.at].phone_number }
end

function Search:take(row, result)
  self.run.estimate:count(result.err or result.info)
  self.run:note(result.err)
  note_maps(row, result.data)
end

local function search(run, rows)
  local source = setmetatable({ run = run, rows = rows, at = 0 }, Search)
  while source.at < #rows and not run:is_away() and run:await_capacity() do run:make_calls(source) end
  record_found(run, rows)
end

-- Nowhere ------------------------------------------------------------------------------------------------------------

-- → the rows that have no outcome
local function open_rows(rows)
  local list = {}
  for _, row in ipairs(rows) do
    if not row.outcome then list[#list + 1] = row end
  end
  return list
end

-- Numbers that exist, and are in no list: reads may lag behind, for which a run waits once. What is in none even then
-- is another account's, unless this trunk is said to have it, or may have it since a reply was lost.
local function reconcile_nowhere(run, trunk_sid, rows)
  run.settle_wait = run.settle_wait or settle_wait.new(run.client)
  rows = open_rows(rows)
  while #rows > 0 and not run:is_away() and not run:is_over() and run.settle_wait:pause() do
    if not read_trunk(run, trunk_sid, #rows) then break end
    rows = open_rows(rows)
  end
  for _, row in ipairs(rows) do
    if row.lost or row.is_here then run:record(row, "unknown", nil, row.err)
    else record_elsewhere(run, row, "already, and not to this trunk") end
  end
end

-- All of them ---------------------------------------------------------------------------------------------------------

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

-- When network or service are to blame the rows stay unresolved, to be read once these are back.
local function record_failure(run, rows)
  if run:is_away() then return end
  for _, row in ipairs(rows) do
    if not row.outcome then run:record(row, "unknown", nil, row.err) end
  end
end

-- Rows whose number is not on the trunk.
local function reconcile_absent(run, rows)
  local existing = {}
  for _, row in ipairs(rows) do
    if row.outcome then row.state = nil
    elseif row.err.kind == "conflict" then existing[#existing + 1] = row
    elseif (row.sendings or 0) > REPEATS then run:record(row, "failed", nil, row.err)
    else run:send_again(row) end
  end
  search(run, existing)
  reconcile_nowhere(run, rows.trunk_sid, existing)
end

--- reconcile.unresolved(run): gives the run's unresolved rows their outcomes. Those whose number is not there are sent
-- again, or have failed when they were sent often enough. Rows that it can't reach because the run is over stay
-- unresolved.
function M.unresolved(run)
  for _, group in ipairs(by_trunk(run.unresolved)) do
    if run:is_away() then break end
    local good, err = read_trunk(run, group.trunk_sid, #group)
    if good then reconcile_absent(run, group)
    elseif err then record_failure(run, group) end
  end
  local left = {}
  for _, row in ipairs(run.unresolved) do
    if not row.outcome and row.state == "unresolved" then left[#left + 1] = row end
  end
  run.unresolved = left
end

return M
