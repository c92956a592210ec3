--- Many numbers at once: maps those of a CSV file to trunks, records the outcome of each, and continues when it is run
-- again.
-- @module exotel.bulk
local checks = require "exotel.calls.options"
local errors = require "exotel.error"
local input = require "exotel.bulk.input"
local pages = require "exotel.calls.pages"
local results = require "exotel.bulk.results"
local run = require "exotel.bulk.run"
local waiting = require "exotel.calls.waiting"
require "exotel"

local M = {}

-- The default of a client's max_connections.
local CONCURRENCY = 8

local known_options = {
  trunk_sid = "string", trunk_name = "string", results = "string", progress = "function", stop = "function",
  concurrency = "number",
}

local function check_misuse(csv_path, options)
  if type(csv_path) ~= "string" then error("map_numbers takes the path of a CSV file", 3) end
  if type(options) ~= "table" then error("map_numbers takes a table of options", 3) end
end

local function check_values(options)
  if not options.results then error("map_numbers needs the option 'results', a path", 3) end
  if options.trunk_sid and options.trunk_name then error("trunk_sid and trunk_name exclude each other", 3) end
  checks.check_count(options, "concurrency", 3)
end

-- Trunks --------------------------------------------------------------------------------------------------------------

-- A sid wins over another trunk's name.
local function note_trunk(sids, wanted, item)
  if wanted[item.trunk_name] and not sids[item.trunk_name] then sids[item.trunk_name] = item.trunk_sid end
  if wanted[item.trunk_sid] then sids[item.trunk_sid] = item.trunk_sid end
end

-- → the sids of the wanted trunks, by the name or sid they are wanted by; without those that the account has not; or
-- nil, err
local function find_trunks(client, wanted)
  local sids, next_page = {}, pages.new(client, "list_trunks", {})
  while true do
    local items, err = next_page()
    if err then return nil, err end
    if not items then return sids end
    for _, item in ipairs(items) do note_trunk(sids, wanted, item) end
  end
end

local function assign_trunks(client, rows, options)
  local default, wanted = options.trunk_sid or options.trunk_name, input.trunks(rows)
  if default then wanted[default] = true end
  if next(wanted) == nil then return input.assign_trunks(rows, {}) end
  local sids, err = find_trunks(client, wanted)
  if not sids then return err end
  if default and not sids[default] then
    return errors.new {
      kind = "not_found", operation = "map_numbers", message = "no trunk '" .. default .. "' in this account",
    }
  end
  input.assign_trunks(rows, sids, sids[default])
end

-- Public --------------------------------------------------------------------------------------------------------------

local function nothing_tried(rows)
  local total = rows and #rows or 0
  return { total = total, done = 0, present = 0, failed = 0, unknown = 0, not_tried = total }
end

-- Everything before the first number is sent. → rows, results, or nil, err, summary
local function begin(client, csv_path, options)
  local refusal = waiting.refusal(client, "map_phone_number")
  if refusal then return nil, refusal, nothing_tried() end
  local rows, err = input.read(client, csv_path)
  if not rows then return nil, err, nothing_tried() end
  err = assign_trunks(client, rows, options)
  if err then return nil, err, nothing_tried(rows) end
  local file
  file, err = results.open(options.results, rows)
  if not file then return nil, err, nothing_tried(rows) end
  return rows, file
end

--- The options of a run.
-- @table Options
-- @tfield string results path of the results file
-- @tfield[opt] string trunk_sid of the rows that don't name a trunk
-- @tfield[opt] string trunk_name instead of trunk_sid
-- @tfield[opt=8] integer concurrency calls under way at a time; more than the client's max_connections has no effect
-- @tfield[opt] fun(progress:exotel.bulk.Progress) progress is called after each row
-- @tfield[opt] fun():boolean stop is called before each request: when it returns true nothing more is sent, and calls
-- under way are waited for and recorded

--- How far a run is.
-- @table Progress
-- @tfield integer done rows that have an outcome
-- @tfield integer total
-- @tfield integer failed
-- @tfield integer unknown
-- @tfield[opt] number seconds_left estimated from measured durations and the rate limit; nil while nothing is known

--- The number of rows with each outcome.
-- @table Summary
-- @tfield integer total
-- @tfield integer done mapped, by this run or by a call whose reply was lost
-- @tfield integer present mapped before
-- @tfield integer failed not mapped, and the results file says why: refused, mapped with another mode or to another
-- trunk, …
-- @tfield integer unknown the reply was lost, or the number exists already, and the trunk's numbers could not be read
-- or don't show it yet
-- @tfield integer not_tried

--- Maps the numbers of a CSV file. Its header (RFC 4180, in any case) names the columns: `phone_number` (E.164), and
-- optionally `mode` (`pstn` or `flow`; empty: the service's default, pstn) and `trunk` (name or sid; empty: the
-- option's). A file with any other column, or with a quote that is never closed, is refused as a whole. A row that
-- can't be sent has failed, and the others go on: a value that breaks a rule, too many or too few columns, an unknown
-- trunk, a number that stands in an earlier line.
--
-- The results file is a CSV of line (of the source), phone_number, trunk_sid, mode, outcome (as in a summary), id (of
-- the mapping), kind and message (of an error): one line a row, in the order in which the outcomes became known. A row
-- without a line was not tried. A later run with the same results file does not send rows again that are done, present
-- or failed, except failed ones whose row of the CSV has been changed, or that failed because of network or service
-- (network, timeout, server, rate_limited, protocol: sent five times without success). A line cut short by a kill or a
-- power loss is dropped. A results file of other rows, or of another trunk, is refused, and so is one that another
-- import is writing to. Where its path is a link, what that leads to is written; but a link of somebody else's in a
-- folder that others can write to is refused.
--
-- These end the run: errors of kind authentication, permission, config and tls, HTTP 402 (payment required), a results
-- file that can't be written (`config`), and a network or service that stays away: after 5 failures in a row (network,
-- timeout, server, rate_limited, protocol) nothing is sent for 1, 2, 4, 8, 16 and 32 seconds, and when calls still fail
-- after that the run ends. Calls under way are waited for. A row whose call failed for one of these reasons counts as
-- not tried.
-- @tparam exotel.client.Client client
-- @tparam string csv_path
-- @tparam exotel.bulk.Options options
-- @treturn exotel.bulk.Summary summary
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `cancelled` when `stop` ended it
-- @treturn[2] exotel.bulk.Summary summary not all rows could be tried
-- @raise on misuse
function M.map_numbers(client, csv_path, options)
  check_misuse(csv_path, options)
  checks.check(options, known_options, 2)
  check_values(options)
  local rows, file, summary = begin(client, csv_path, options)
  if not rows then return nil, file, summary end
  return run.all(client, rows, file, {
    concurrency = options.concurrency or CONCURRENCY, progress = options.progress, stop = options.stop,
  })
end

return M
