--- Many numbers at once: maps those of a CSV file to trunks, writes down what became of each, and takes up what is left
-- when it is run again.
local errors = require "exotel.error"
local pages = require "exotel.pages"
local results = require "exotel.bulk.results"
local rows_of = require "exotel.bulk.rows"
local run = require "exotel.bulk.run"
local wait = require "exotel.wait"
require "exotel"

local M = {}

-- As many as a client has connections unless told otherwise.
local CONCURRENCY = 8

local known_options = {
  trunk_sid = "string", trunk_name = "string", results = "string", progress = "function", stop = "function",
  concurrency = "number",
}

local function check_types(options)
  for key, value in pairs(options) do
    local wanted = known_options[key]
    if not wanted then error("bad option '" .. tostring(key) .. "' (unknown)", 3) end
    if type(value) ~= wanted then error("bad option '" .. key .. "' (" .. wanted .. " expected)", 3) end
  end
end

local function check_misuse(csv_path, options)
  if type(csv_path) ~= "string" then error("map_numbers takes the path of a CSV file", 3) end
  if type(options) ~= "table" then error("map_numbers takes a table of options", 3) end
end

local function check_values(options)
  local concurrency = options.concurrency
  if not options.results then error("map_numbers needs the option 'results', a path", 3) end
  if options.trunk_sid and options.trunk_name then error("trunk_sid and trunk_name exclude each other", 3) end
  if concurrency and (concurrency < 1 or concurrency ~= math.floor(concurrency)) then
    error("bad option 'concurrency' (a whole number of at least 1 expected)", 3)
  end
end

-- Trunks --------------------------------------------------------------------------------------------------------------

-- A sid wins over another trunk's name.
local function note_trunk(sids, wanted, item)
  if wanted[item.trunk_name] and not sids[item.trunk_name] then sids[item.trunk_name] = item.trunk_sid end
  if wanted[item.trunk_sid] then sids[item.trunk_sid] = item.trunk_sid end
end

-- → the sids of those trunks of the account that are wanted, by what they are wanted as; or nil, err
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
  local default, wanted = options.trunk_sid or options.trunk_name, rows_of.trunks(rows)
  if default then wanted[default] = true end
  if next(wanted) == nil then return rows_of.assign(rows, {}) end
  local sids, err = find_trunks(client, wanted)
  if not sids then return err end
  if default and not sids[default] then
    return errors.new {
      kind = "not_found", operation = "map_numbers", message = "no trunk '" .. default .. "' in this account",
    }
  end
  rows_of.assign(rows, sids, sids[default])
end

-- Public --------------------------------------------------------------------------------------------------------------

local function nothing_tried(rows)
  local total = rows and #rows or 0
  return { total = total, done = 0, present = 0, failed = 0, unknown = 0, not_tried = total }
end

-- All that comes before the first number is sent. → rows, results, or nil, err, summary
local function begin(client, csv_path, options)
  local refusal = wait.refusal(client, "map_phone_number")
  if refusal then return nil, refusal, nothing_tried() end
  local rows, err = rows_of.read(client, csv_path)
  if not rows then return nil, err, nothing_tried() end
  err = assign_trunks(client, rows, options)
  if err then return nil, err, nothing_tried(rows) end
  local file
  file, err = results.open(options.results, rows)
  if not file then return nil, err, nothing_tried(rows) end
  return rows, file
end

--- bulk.map_numbers(client, csv_path, options) → a summary { total, done, present, failed, unknown, not_tried }, or
-- nil, err, summary when not all rows could be tried.
--
-- The CSV (RFC 4180) has a header that names its columns, in any case: `phone_number` (E.164), and `mode` ("pstn" or
-- "flow"; empty: as the service has it, pstn) and `trunk` (name or sid; empty: the option's) where wanted. Any other
-- column is refused with the whole file, as is a quote that is never closed. A row that can't be sent has failed, and
-- the others go on: a value against the rules, too many or too few columns, an unknown trunk, a number that stands in
-- an earlier line.
--
-- Options:
--   results          path of the results file, required
--   trunk_sid or trunk_name   of the rows that don't name one
--   concurrency      calls under way at a time (8); more than the client's max_connections is no use
--   progress         a function of { done = rows that have an outcome, total, failed, unknown, seconds_left }, called
--                    after each row; seconds_left is by what was measured and what the rate limit lets through, and
--                    nil while nothing is known
--   stop             a function asked before each sending: true, and nothing more is sent, what is under way is
--                    waited for and written down, and err is of kind "cancelled"
--
-- The results file is a CSV of line (of the source), phone_number, trunk_sid, mode, outcome, id (of the mapping),
-- kind and message (of an error), one line a row in the order in which they were settled. A row without a line was
-- not tried.
--   done     it was mapped, by this run or by a call whose reply was lost
--   present  it was so before
--   failed   it is not so, and `kind` and `message` say why: refused, mapped with another mode or to another trunk, ...
--   unknown  the reply was lost, and reading the trunk's numbers failed too, or was not possible any more
-- Rows that are done, present or failed are not sent again by a run with the same results file. A failed one is when
-- its row of the CSV has been changed since, or when network or service were to blame (network, timeout, server,
-- rate_limited, protocol: five sendings came to nothing). A line cut short by a kill or a power loss is dropped. A file
-- that tells of other rows, or of another trunk, is refused.
--
-- These stop the run: errors of kind authentication, permission, config and tls, HTTP 402 (payment required), a results
-- file that can't be written ("config"), and network or service that stay away: after 5 failures in a row (network,
-- timeout, server, rate_limited, protocol) nothing is sent for 1, 2, 4, 8, 16 and 32 seconds, and when it still fails
-- after that the run ends. What is under way is waited for. A row that came to nothing by one of these was not tried.
function M.map_numbers(client, csv_path, options)
  check_misuse(csv_path, options)
  check_types(options)
  check_values(options)
  local rows, file, summary = begin(client, csv_path, options)
  if not rows then return nil, file, summary end
  return run.all(client, rows, file, {
    concurrency = options.concurrency or CONCURRENCY, progress = options.progress, stop = options.stop,
  })
end

return M
