--- Many numbers at once: maps those of a CSV file to trunks, or moves them from one trunk to another, records the
-- outcome of each, and continues when it is run again.
-- @module exotel.bulk
local checks = require "exotel.calls.options"
local errors = require "exotel.error"
local input = require "exotel.bulk.input"
local journal = require "exotel.bulk.move.journal"
local move_plan = require "exotel.bulk.move.plan"
local move_run = require "exotel.bulk.move.run"
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

-- Moving --------------------------------------------------------------------------------------------------------------

local move_options = {
  to = "string", from = "table", mode = "string", missing = "string", results = "string", concurrency = "number",
  progress = "function", stop = "function",
}
-- The others were given when the plan was made.
local options_with_plan = { concurrency = "number", progress = "function", stop = "function" }

-- The plans that were made here, with what they were made of.
local made = setmetatable({}, { __mode = "k" })

local function check_names(list, key)
  for i, name in pairs(list or {}) do
    if type(i) ~= "number" or type(name) ~= "string" then checks.refuse(key, "a list of strings expected", 4) end
  end
  if list and #list == 0 then checks.refuse(key, "at least one trunk expected", 4) end
end

local function check_move_options(numbers, options)
  if type(options) ~= "table" then error("a table of options expected", 3) end
  checks.check(options, move_options, 3)
  checks.check_count(options, "concurrency", 3)
  check_names(options.from, "from")
  for _, key in ipairs { "to", "results" } do
    if not options[key] then error(("the option '%s' is needed"):format(key), 3) end
  end
  if options.missing and options.missing ~= "map" then checks.refuse("missing", '"map" expected', 3) end
  if numbers == nil and options.from then return end
  if type(numbers) ~= "table" and type(numbers) ~= "string" then
    error("numbers: a list of them or the path of a CSV file expected; nil for all, with the option 'from'", 3)
  end
end

-- → what is to be moved, as the planner takes it; or nil, err
local function given_numbers(client, numbers)
  if type(numbers) ~= "string" then return numbers end
  return input.read(client, numbers)
end

-- → a plan, or nil, err
local function make_move_plan(client, numbers, entries, options)
  local given, err = given_numbers(client, numbers)
  if err then return nil, err end
  return move_plan.make(client, given, entries, options)
end

--- Options of a move.
-- @table MoveOptions
-- @tfield string to the trunk that the numbers go to, by name or sid
-- @tfield string results path of the results file
-- @tfield[opt] string[] from names or sids of the only trunks that numbers are taken from; any without it
-- @tfield[opt] "pstn"|"flow" mode of all numbers; each keeps its own without it
-- @tfield[opt] "map" missing numbers that are on no trunk are mapped; without it they are refused
-- @tfield[opt=8] integer concurrency numbers under way at a time; more than the client's max_connections has no effect
-- @tfield[opt] fun(progress:exotel.bulk.MoveProgress) progress is called after each number
-- @tfield[opt] fun():boolean stop is called before each number: when it returns true no other is taken off its trunk,
-- and those that are under way go where they belong

--- How far a move is.
-- @table MoveProgress
-- @tfield integer done numbers that have an outcome
-- @tfield integer total
-- @tfield integer failed
-- @tfield integer unknown
-- @tfield integer unmapped
-- @tfield[opt] number seconds_left estimated from measured durations and the rate limit; nil while nothing is known

--- One number of a move.
-- @table Move
-- @tfield string phone_number
-- @tfield[opt] string from_trunk_sid the trunk that it was on; nil where it was on none, or is on the other one already
-- @tfield[opt] string from_mode as it was there; nil where it was never set
-- @tfield string to_trunk_sid
-- @tfield[opt] string mode that it is to have
-- @tfield[opt] boolean taken_up an earlier run left it open
-- @tfield[opt] boolean on_no_trunk

--- Why a move can't be made.
-- @table MoveRefusal
-- @tfield string kind as of an error
-- @tfield[opt] string phone_number
-- @tfield string message

--- A trunk that numbers are taken from.
-- @table MoveSource
-- @tfield string trunk_sid
-- @tfield[opt] string trunk_name
-- @tfield integer count numbers that are taken from it

--- What a move would do.
-- @table MovePlan
-- @tfield exotel.bulk.Move[] moves
-- @tfield exotel.bulk.Move[] present those that are on the trunk already
-- @tfield exotel.bulk.MoveRefusal[] refused
-- @tfield exotel.provision.TrunkName to
-- @tfield exotel.bulk.MoveSource[] from

--- What became of a number.
-- @table Moved
-- @extends exotel.bulk.Move
-- @tfield "done"|"present"|"failed"|"unmapped"|"unknown"|"not_tried" outcome
-- @tfield[opt] string id of the new mapping
-- @tfield[opt] exotel.error.Error err

--- The number of numbers with each outcome, and all of them.
-- @table MoveSummary
-- @tfield integer total
-- @tfield integer done on the other trunk now
-- @tfield integer present there before
-- @tfield integer failed not moved, and on a trunk: `err` says why
-- @tfield integer unmapped on no trunk: taken off the one, and neither the other nor the first takes it
-- @tfield integer unknown a reply was lost, and reading back failed or showed nothing: it may be on either trunk or on
-- none
-- @tfield integer not_tried
-- @tfield exotel.bulk.Moved[] numbers in the order in which they were sent

--- Says what a move would do, for somebody to agree to. Reads only.
-- @tparam exotel.client.Client client
-- @tparam[opt] string[]|string numbers as `move` takes them
-- @tparam exotel.bulk.MoveOptions options
-- @treturn exotel.bulk.MovePlan plan which `move` takes
-- @fails
-- @raise on misuse
function M.plan_move(client, numbers, options)
  check_move_options(numbers, options)
  local before, err = journal.read(options.results)
  if not before then return nil, err end
  local entries = before:open_entries()
  local plan, plan_err = make_move_plan(client, numbers, entries, options)
  if not plan then return nil, plan_err end
  made[plan] = { entries = entries, options = options }
  return plan
end

-- Whether an earlier run has left open what it had left open when the plan was made.
local function is_same(entries, others)
  if #entries ~= #others then return false end
  for i, entry in ipairs(entries) do
    for name, value in pairs(entry) do
      if others[i][name] ~= value then return false end
    end
  end
  return true
end

-- → the plan of a move, with the results file open; or nil, err
local function prepare_move(client, subject, file, options)
  local entries, origin, err = file:open_entries(), made[subject], nil
  if origin and not is_same(entries, origin.entries) then
    return nil, errors.new {
      kind = "conflict", operation = "move", message = "another move has written to the results file since: plan anew",
    }
  end
  local plan = subject
  if not origin then plan, err = make_move_plan(client, subject, entries, options) end
  if not plan then return nil, err end
  err = move_plan.refusal(plan)
  if err then return nil, err end
  return plan
end

--- Moves numbers to another trunk. The service has a number on one trunk only, so each is taken off its trunk and
-- mapped to the other one at once: the second request is sent as soon as the first is answered, and none is taken off
-- before the rate limit has a place for both. All are looked up first, and where one can't be moved nothing is: its
-- value breaks a rule, it is on no trunk, or on one that numbers are not to be taken from.
--
-- When the other trunk refuses a number it is put back where it was, with its mode. After a lost reply both trunks are
-- read, and what is found there decides. What somebody else has moved meanwhile is left where it is.
--
-- The results file is a CSV of phone_number, from_trunk_sid, from_mode, to_trunk_sid, mode, outcome (as in a summary,
-- or `moving`), id (of the new mapping), kind and message (of an error). A line `moving` is written before a number is
-- taken off its trunk, and another one once it is known what became of it. A later run with the same results file
-- begins with the numbers that the last one left between the two, `unmapped` or `unknown`, whether it is asked for them
-- or not; all others are looked up again. A results file that another move is writing to is refused.
--
-- These end the run: what ends one of map_numbers, and a trunk that is gone or refuses three numbers in a row. Numbers
-- that are on no trunk then are mapped as long as the service answers.
-- @tparam exotel.client.Client client
-- @tparam[opt] string[]|string|exotel.bulk.MovePlan numbers in E.164; or the path of a CSV file, as of map_numbers,
-- without a column `trunk`; or nil for all numbers of the trunks of `from`; or a plan
-- @tparam[opt] exotel.bulk.MoveOptions options with a plan only `concurrency`, `progress` and `stop`
-- @treturn exotel.bulk.MoveSummary summary
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `cancelled` when `stop` ended it; `refused` are the reasons where nothing was
-- done since some number can't be moved
-- @treturn[2] exotel.bulk.MoveSummary summary or nil when nothing was tried
-- @raise on misuse
function M.move(client, numbers, options)
  local origin = made[numbers]
  options = options or origin and {} or options
  if origin then checks.check(options, options_with_plan, 2) else check_move_options(numbers, options) end
  local refusal = waiting.refusal(client, "map_phone_number")
  if refusal then return nil, refusal end
  local file, err = journal.open((origin and origin.options or options).results)
  if not file then return nil, err end
  local plan
  plan, err = prepare_move(client, numbers, file, options)
  if not plan then
    file:close()
    return nil, err
  end
  return move_run.all(client, plan, file, {
    concurrency = options.concurrency or CONCURRENCY, progress = options.progress, stop = options.stop,
  })
end

--- A number that a move has left open.
-- @table OpenMove
-- @tfield string phone_number
-- @tfield[opt] string from_trunk_sid
-- @tfield[opt] string from_mode
-- @tfield string to_trunk_sid
-- @tfield[opt] string mode
-- @tfield "moving"|"unmapped"|"unknown" outcome

--- Tells which numbers a move has left open, by its results file: they may be on no trunk. Reads only that file, also
-- while a move is writing to it.
-- @tparam string path of the results file
-- @treturn exotel.bulk.OpenMove[] numbers none where there is no such file
-- @fails kind `config`
function M.open_moves(path)
  if type(path) ~= "string" then error("open_moves takes the path of a results file", 2) end
  local file, err = journal.read(path)
  if not file then return nil, err end
  return file:open_entries()
end

return M
