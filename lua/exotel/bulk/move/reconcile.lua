--- Numbers of a move of which it is not known where they are: a reply was lost, or somebody else has done something
-- with them. Their two trunks are read, and what is found there decides.
local failures = require "exotel.bulk.failures"
local settle_wait = require "exotel.calls.settle_wait"
local trunks = require "exotel.bulk.move.trunks"

local M = {}

-- How often a request that proved to have had no effect is sent again, and how often the trunks are read in vain.
local REPEATS, READS_MAX = 4, 8

-- By what was sent last: what became of it. Each takes the run, the row, its mapping on the trunk that it came from (or
-- nil), and whether nothing is waited for any more. → whether that decides
local deciders = {}

-- The one that was to be removed is still there.
local function is_same(row, on_source) return on_source and tostring(on_source.id) == tostring(row.id) end

-- → the trunk that the service's map names, as text; or nil. Counts a failure.
local function elsewhere(run, row)
  local sid, err = trunks.of_number(run.client, row.phone_number)
  if err then run:note(err) end
  return sid
end

local function unmap_once_more(run, row)
  if row.sendings > REPEATS then run:record(row, row.lost and "unknown" or "failed", nil, row.err)
  else run:unmap_again(row) end
  return true
end

-- Taken off by somebody else, who may be about to map it to a trunk of theirs.
local function record_taken(run, row)
  local sid = elsewhere(run, row)
  if sid then run:record_conflict(row, "failed", "was taken off its trunk by somebody else, and is on " .. sid)
  else run:record_conflict(row, "unmapped", "was taken off its trunk by somebody else") end
  return true
end

function deciders.unmap(run, row, on_source, last)
  if is_same(row, on_source) then return (row.lost or last) and unmap_once_more(run, row) end
  if on_source then
    run:record_conflict(row, "failed", "was unmapped and mapped again by somebody else, and is on its trunk")
    return true
  end
  if not row.lost then return last and record_taken(run, row) end
  row.lost = false
  run:map_next(row, "map")
  return true
end

-- It exists, and is not where it was sent to.
local function record_existing(run, row)
  local sid = elsewhere(run, row)
  local target = row.phase == "put_back" and row.from_trunk_sid or row.to_trunk_sid
  if sid and sid ~= target then run:record_conflict(row, "failed", "is on another trunk by now, " .. sid)
  else run:record(row, "unknown", nil, row.err) end
  return true
end

function deciders.map(run, row, _, last)
  if row.err.kind == "conflict" then return last and record_existing(run, row) end
  if row.mappings > REPEATS then
    if last then run:record(row, "unknown", nil, row.err) end
    return last
  end
  run:map_next(row, row.phase)
  return true
end

deciders.put_back = deciders.map

-- → whether it is decided
local function decide(run, row, lists, last)
  local on_target = lists[row.to_trunk_sid][row.phone_number]
  local on_source = row.from_trunk_sid and lists[row.from_trunk_sid][row.phone_number]
  local found = on_target or (row.phase == "put_back" and on_source)
  if not found then return deciders[row.phase](run, row, on_source, last) end
  if on_target then row.phase = "map" end
  run:record_mapped(row, found)
  return true
end

-- → the mappings of all trunks that the rows are about, by trunk and number; or nil, err
local function read(run)
  local lists = {}
  for _, row in ipairs(run.doubtful) do
    for _, sid in ipairs { row.to_trunk_sid, row.from_trunk_sid } do
      if not lists[sid] then
        local items, err = trunks.numbers(run.client, sid)
        run:note(err)
        if not items then return nil, err end
        lists[sid] = items
      end
    end
  end
  return lists
end

-- Where reading fails for another reason than an outage, or again and again, what is not known stays so.
local function record_unread(run, err)
  run.unread = (run.unread or 0) + 1
  if failures.is_transient(err.kind) and run.unread < READS_MAX then return end
  local rows = run.doubtful
  run.doubtful = {}
  for _, row in ipairs(rows) do run:record(row, "unknown", nil, row.err) end
end

-- → whether they could be read
local function round(run, last)
  local lists, err = read(run)
  if not lists then
    record_unread(run, err)
    return false
  end
  run.unread = 0
  local rows = run.doubtful
  run.doubtful = {}
  for _, row in ipairs(rows) do
    if not decide(run, row, lists, last) then table.insert(run.doubtful, row) end
  end
  return true
end

--- reconcile.doubtful(run): decides what becomes of the run's doubtful rows. Reads may lag behind, and a request may
-- take effect late: what is not decided at once is read again, as long as the client's `settle_wait` allows; but
-- numbers that are known to be on no trunk don't wait for that.
function M.doubtful(run)
  run.settling = run.settling or settle_wait.new(run.client)
  local could_read = round(run, false)
  if not could_read or #run.doubtful == 0 or #run.urgent > 0 or run:has_given_up() then
    if could_read and #run.doubtful == 0 then run.settling = nil end
    return
  end
  if run.settling:pause() then return end
  round(run, true)
  run.settling = nil
end

return M
