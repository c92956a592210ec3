--- Many things at once: maps the numbers of a CSV file to trunks, or moves them from one trunk to another, records the
-- outcome of each, and continues when it is run again; adds several numbers, IPs or destinations to a trunk.
-- @module exotel.bulk
local add = require "exotel.bulk.add"
local checks = require "exotel.calls.options"
local check = require "exotel.calls.check"
local country = require "exotel.bulk.country"
local errors = require "exotel.error"
local failed_rows = require "exotel.bulk.failed_rows"
local header = require "exotel.bulk.header"
local input = require "exotel.bulk.input"
local journal = require "exotel.bulk.move.journal"
local move_plan = require "exotel.bulk.move.plan"
local move_run = require "exotel.bulk.move.run"
local pages = require "exotel.calls.pages"
local reasons = require "exotel.bulk.reasons"
local request = require "exotel.calls.request"
local results = require "exotel.bulk.results"
local run = require "exotel.bulk.run"
local separator = require "exotel.bulk.separator"
local waiting = require "exotel.calls.waiting"
require "exotel"

local M = {}

-- The default of a client's max_connections.
local CONCURRENCY = 8
-- Stands for a trunk and a number where only the mode is checked.
local ANY = { trunk_sid = "trunk", phone_number = "+919876543210" }

local reading_options = { columns = "table", country = "string", separator = "string", stop = "function" }
local mapping_options = {
  trunk_sid = "string", trunk_name = "string", results = "string", progress = "function", stop = "function",
  concurrency = "number", failed = "string", strict = "boolean", dry_run = "boolean", checked = "function",
  wait = "function", columns = "table", country = "string", separator = "string",
}

-- A file that is open, or one that was read already.
local Numbers = {}
Numbers.__index = Numbers

-- The rows behind Numbers.
local rows_of = setmetatable({}, { __mode = "k" })

local function is_numbers(subject) return getmetatable(subject) == Numbers end

-- Options -------------------------------------------------------------------------------------------------------------

local function is_field(name)
  for _, field in ipairs(header.COLUMNS) do
    if field == name then return true end
  end
end

local function check_columns(columns, level)
  for field in pairs(columns or {}) do
    if not is_field(field) then checks.refuse("columns." .. tostring(field), "unknown", level + 1) end
  end
end

local function check_reading(options, level)
  check_columns(options.columns, level + 1)
  if options.separator and not separator.known[options.separator] then
    checks.refuse("separator", "comma, semicolon or tab expected", level + 1)
  end
end

local function check_subject(name, subject, level)
  if type(subject) == "string" or io.type(subject) == "file" then return end
  error(name .. " takes the path of a CSV file, or a file that is open for reading", level + 1)
end

local function check_misuse(subject, options)
  if not is_numbers(subject) then check_subject("map_numbers", subject, 3) end
  if type(options) ~= "table" then error("map_numbers takes a table of options", 3) end
end

local function check_values(subject, options)
  if not options.results and not options.dry_run then error("map_numbers needs the option 'results', a path", 3) end
  if options.trunk_sid and options.trunk_name then error("trunk_sid and trunk_name exclude each other", 3) end
  checks.check_count(options, "concurrency", 3)
  check_reading(options, 3)
  if is_numbers(subject) and rows_of[subject].is_mapped then
    error("these numbers were mapped before: read the file again", 3)
  end
  if is_numbers(subject) and (options.columns or options.country or options.separator) then
    error("columns, country and separator are options of read_numbers where its numbers are mapped", 3)
  end
end

-- Reading -------------------------------------------------------------------------------------------------------------

-- → rows, or nil, err
local function read(subject, options)
  local code = options.country and country.code(options.country)
  if options.country and not code then
    return nil, errors.new {
      kind = "invalid_argument", operation = "map_numbers", field = "country",
      message = ("'%s' is no country code, as 91"):format(options.country),
    }
  end
  return input.read(subject, {
    columns = options.columns, separator = options.separator, stop = options.stop, country = code,
  })
end

local NUMBERS_FIELDS = {
  "total", "cleaned", "completed", "refused", "name", "columns", "others", "has_header", "encoding", "separator",
}

local function numbers_of(rows)
  local numbers = setmetatable({}, Numbers)
  rows_of[numbers] = rows
  for _, field in ipairs(NUMBERS_FIELDS) do numbers[field] = rows[field] end
  return numbers
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
  local default, wanted = options.trunk_sid or options.trunk_name, rows:trunk_names()
  if default then wanted[default] = true end
  if next(wanted) == nil then return rows:assign_trunks({}) end
  local sids, err = find_trunks(client, wanted)
  if not sids then return err end
  if default and not sids[default] then
    return errors.new {
      kind = "not_found", operation = "map_numbers", message = "no trunk '" .. default .. "' in this account",
    }
  end
  rows:assign_trunks(sids, sids[default])
end

-- Before the first write ----------------------------------------------------------------------------------------------

local function check_modes(client, rows)
  rows:check_modes(function(mode)
    local err = check(client, "map_phone_number", {
      trunk_sid = ANY.trunk_sid, phone_number = ANY.phone_number, mode = mode,
    })
    return err and err.message
  end)
end

-- → nil, or an err: some rows can't be sent, and all or none were asked for
local function strict_refusal(rows, options)
  if not options.strict or rows.refused == 0 then return nil end
  return errors.new {
    kind = "config", operation = "map_numbers", field = "csv_path",
    message = ("nothing was sent: %d of %d rows can't be"):format(rows.refused, rows.total),
  }
end

-- Writes the rows that can't be sent, or have failed before, and tells the caller that all is checked. → the path that
-- was written, false where none was; or nil, err
local function tell_checked(rows, options)
  local failed = false
  if options.failed and not options.dry_run then
    local err
    failed, err = failed_rows.write(rows, options.failed, function(i)
      return rows.problems[i] ~= nil or rows.outcomes[i] == "failed"
    end)
    if failed == nil then return nil, err end
  end
  if options.checked then options.checked(numbers_of(rows), failed or nil) end
  return failed
end

-- The summary of a run that ends before its first write.
local function untried(rows)
  local total = rows and rows.total or 0
  return {
    total = total, done = 0, present = 0, failed = 0, unknown = 0, not_tried = total, sent = 0,
    earlier = { done = 0, present = 0, failed = 0 }, cleaned = rows and rows.cleaned or 0,
    completed = rows and rows.completed or 0, reasons = {},
  }
end

-- The same of one that has seen what an earlier run did.
local function planned(rows)
  local summary = untried(rows)
  for _, outcome in pairs(rows.outcomes) do
    summary[outcome], summary.earlier[outcome] = summary[outcome] + 1, summary.earlier[outcome] + 1
    summary.not_tried = summary.not_tried - 1
  end
  return summary
end

-- Everything before the first number is sent. → rows, results (nil for a dry run); or nil, err, summary
local function begin(client, subject, options)
  local refusal = waiting.refusal(client, "map_phone_number")
  if refusal then return nil, refusal, untried() end
  local rows, err = rows_of[subject], nil
  if not rows then rows, err = read(subject, options) end
  if not rows then return nil, err, untried() end
  err = assign_trunks(client, rows, options) or request.refusal(client, "map_phone_number")
  if err then return nil, err, untried(rows) end
  check_modes(client, rows)
  return rows
end

-- → results, or nil, err. Rows that have an outcome in the results file get it.
local function open_results(rows, options)
  if not options.dry_run then return results.open(options.results, rows) end
  if not options.results then return true end
  return results.read(options.results, rows)
end

local function write_failed(rows, options, summary)
  if not options.failed then return true end
  local path, err = failed_rows.write(rows, options.failed, function(i) return rows.outcomes[i] == "failed" end)
  summary.failed_rows = path or nil
  return path ~= nil, err
end

-- Rows that can't be sent count as failed: nothing is to be found out about them.
local function dry_summary(rows)
  local summary, count = planned(rows), rows:conclude_problems()
  summary.failed, summary.not_tried = summary.failed + count, summary.not_tried - count
  summary.reasons = reasons.count(rows)
  return summary
end

local function send(client, rows, file, options)
  local summary, err, partly = run.all(client, rows, file, {
    concurrency = options.concurrency or CONCURRENCY, progress = options.progress, stop = options.stop,
    wait = options.wait,
  })
  local good, failed_err = write_failed(rows, options, summary or partly)
  if not good then return nil, err or failed_err, summary or partly end
  return summary, err, partly
end

-- What is left when the file is checked. `file`: the results, true where none are written.
local function map(client, rows, file, options, refusal)
  local failed, err
  local function close() if file ~= true then file:close() end end
  waiting.protect(client, function() failed, err = tell_checked(rows, options) end, close)
  if failed ~= nil and not refusal and not options.dry_run then return send(client, rows, file, options) end
  close()
  if refusal and failed then refusal.message = refusal.message .. "; they are in " .. failed end
  if failed == nil or refusal then return nil, err or refusal, planned(rows) end
  return dry_summary(rows)
end

-- Public --------------------------------------------------------------------------------------------------------------

--- How a file is read.
-- @table ReadOptions
-- @tfield[opt] exotel.bulk.Columns columns the columns that can't be found by their names
-- @tfield[opt] string country the country code, as `91`, of numbers that have none
-- @tfield[opt] string separator `comma`, `semicolon` or `tab`, where it can't be found out
-- @tfield[opt] fun():boolean stop is called while a long file is read: when it returns true that ends, with an error of
-- kind `cancelled`

--- Which columns hold what: a column's name or its number; false or `""` for none.
-- @table Columns
-- @tfield[opt] string|integer|boolean phone_number
-- @tfield[opt] string|integer|boolean mode
-- @tfield[opt] string|integer|boolean trunk

--- A row of a file.
-- @table Row
-- @tfield integer index from 1
-- @tfield integer line in which it begins
-- @tfield[opt] string phone_number in E.164; what stands in the file where it can't be sent
-- @tfield[opt] string original what stands in the file, where that is something else
-- @tfield[opt] string change `cleaned` or `completed`, where it is something else
-- @tfield[opt] string mode
-- @tfield[opt] string trunk its name or sid, as in the file
-- @tfield[opt] string trunk_sid where it is known
-- @tfield[opt] exotel.error.Error problem why it can't be sent
-- @tfield[opt] string outcome as in a summary, once it is known
-- @tfield[opt] string reason why it failed

--- What was read of a file.
-- @table NumbersFields
-- @tfield integer total rows
-- @tfield integer cleaned rows from whose number something was taken off
-- @tfield integer completed rows whose number has got its country code
-- @tfield integer refused rows whose number can't be sent
-- @tfield string name the path, or `standard input`
-- @tfield table columns the name of the column of `phone_number`, `mode` and `trunk`, or its number
-- @tfield string[] others the names of columns that are left alone
-- @tfield boolean has_header
-- @tfield string encoding `UTF-8` (also where some values are in Windows-1252), `UTF-16LE` or `UTF-16BE`
-- @tfield[opt] string separator `comma`, `semicolon`, `tab` or another character; nil where there is one column

--- Reads the phone numbers of a CSV file, as spreadsheets write it, and checks them all. Nothing is sent.
--
-- Separator (comma, semicolon, tab; a first line `sep=;`), encoding (UTF-8, UTF-16, with or without mark, Windows-1252)
-- and ends of lines are found out. The column of the numbers is the one with a name such as `phone_number`, `Mobile`,
-- `DID` or `Telefon`; where several columns may be it, the file is refused, and `columns` says which it is. Other
-- columns are left alone. A file without a header is read where it has one column, or one with numbers that begin with
-- `+`.
--
-- Spaces, hyphens, dots and brackets between the digits, characters that can't be seen, an apostrophe before the number
-- and `="…"` around it are taken off. National numbers are completed where `country` is given and its numbers can't be
-- read in another way. A row is refused where a spreadsheet has altered the number (`9.19877E+11`, decimals, more than
-- 15 digits), where it has two readings (`0091…`, `+91 (0)…`), or when the number stands in an earlier line.
-- @tparam any subject a path, or a file that is open for reading. What can be read only once (a pipe) is kept
-- in a temporary file
-- @tparam[opt] exotel.bulk.ReadOptions options
-- @treturn exotel.bulk.Numbers numbers
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `config`: no such file, or none that can be read, with `line`;
-- `invalid_argument`: no such country code
-- @raise on misuse
function M.read_numbers(subject, options)
  check_subject("read_numbers", subject, 2)
  options = options or {}
  if type(options) ~= "table" then error("read_numbers takes a table of options", 2) end
  checks.check(options, reading_options, 2)
  check_reading(options, 2)
  local rows, err = read(subject, options)
  if not rows then return nil, err end
  return numbers_of(rows)
end

--- The options of a run. `columns`, `country` and `separator` are as for `read_numbers`.
-- @table Options
-- @extends exotel.bulk.ReadOptions
-- @tfield[opt] string results path of the results file; needed but for a dry run
-- @tfield[opt] string failed path of a CSV file of the rows that failed
-- @tfield[opt] string trunk_sid of the rows that don't name a trunk
-- @tfield[opt] string trunk_name instead of trunk_sid
-- @tfield[opt=false] boolean strict send nothing unless every row can be sent
-- @tfield[opt=false] boolean dry_run read and check only: nothing is sent, and no file written
-- @tfield[opt=8] integer concurrency calls under way at a time; more than the client's max_connections has no effect
-- @tfield[opt] fun(numbers:exotel.bulk.Numbers,failed:string?) checked is called once the whole file is checked, before
-- the first number is sent; with the path of the rows that can't be, where that was written
-- @tfield[opt] fun(progress:exotel.bulk.Progress) progress is called after each row
-- @tfield[opt] fun(wait:exotel.bulk.Wait) wait is called while nothing may be sent, up to five times a second and more
-- @tfield[opt] fun():boolean stop is called before each request: when it returns true nothing more is sent, and calls
-- under way are waited for and recorded

--- How far a run is.
-- @table Progress
-- @tfield integer done rows that have an outcome
-- @tfield integer total
-- @tfield integer failed
-- @tfield integer unknown
-- @tfield[opt] number seconds_left estimated from measured durations and the rate limit; nil while nothing is known

--- Why a run waits.
-- @table Wait
-- @tfield string reason `rate limit`, or `network`: calls failed because of network or service
-- @tfield number seconds until the next attempt
-- @tfield[opt] exotel.error.Error err the last failure, of `network`

--- A reason for which rows failed.
-- @table Reason
-- @tfield string message
-- @tfield integer count

--- How many rows an earlier run with the same results file has dealt with.
-- @table Earlier
-- @tfield integer done
-- @tfield integer present
-- @tfield integer failed

--- The number of rows with each outcome.
-- @table Summary
-- @tfield integer total
-- @tfield integer done mapped, by this run, an earlier one, or a call whose reply was lost
-- @tfield integer present mapped before
-- @tfield integer failed not mapped, and the results file says why: refused, mapped with another mode or to another
-- trunk, …
-- @tfield integer unknown the reply was lost, or the number exists already, and the trunk's numbers could not be read
-- or don't show it yet
-- @tfield integer not_tried
-- @tfield integer sent rows that this run has sent
-- @tfield exotel.bulk.Earlier earlier rows that were not sent again
-- @tfield integer cleaned rows from whose number something was taken off
-- @tfield integer completed rows whose number has got its country code
-- @tfield exotel.bulk.Reason[] reasons of the rows that failed, the most frequent first
-- @tfield[opt] string failed_rows where the rows that failed were written

--- Maps the numbers of a CSV file, which is read as by `read_numbers`. Besides `phone_number` a row may have `mode`
-- (`pstn` or `flow`; empty: the service's default, pstn) and `trunk` (name or sid; empty: the option's). The whole file
-- is read and checked before anything is sent. A file that can't be read so is refused as a whole. A row that can't be
-- sent has failed, and the others go on, unless `strict` is set: a number that is refused, another value that breaks a
-- rule, too many or too few columns, an unknown trunk, a number that stands in an earlier line.
--
-- The results file is a CSV of line (of the source), phone_number, trunk_sid, mode, outcome (as in a summary), id (of
-- the mapping), kind and message (of an error), original (what stands in the source, where the number was cleaned or
-- completed): one line a row, in the order in which the outcomes became known. A row
-- without a line was not tried. A later run with the same results file does not send rows again that are done, present
-- or failed, except failed ones whose row of the CSV has been changed, or that failed because of network or service
-- (network, timeout, server, rate_limited, protocol: sent five times without success). A line cut short by a kill or a
-- power loss is dropped. A results file of other rows, or of another trunk, is refused, and so is one that another
-- import is writing to. Where its path is a link, what that leads to is written; but a link of somebody else's in a
-- folder that others can write to is refused.
--
-- The file `failed` has the rows that failed, with all columns of the source and one more, the reason. Corrected, it
-- can be imported like the source: the reason is ignored then. It is written before the first number is sent, with the
-- rows that can't be, and at the end; where nothing failed it is removed. One that somebody has altered is left as it
-- is, and another is made, with a number in its name.
--
-- These end the run: errors of kind authentication, permission, config and tls, HTTP 402 (payment required), a results
-- file that can't be written (`config`), and a network or service that stays away: after 5 failures in a row (network,
-- timeout, server, rate_limited, protocol) nothing is sent for 1, 2, 4, 8, 16 and 32 seconds, and when calls still fail
-- after that the run ends. Calls under way are waited for. A row whose call failed for one of these reasons counts as
-- not tried.
-- @tparam exotel.client.Client client
-- @tparam any subject a path, a file that is open for reading, or what `read_numbers` has
-- read; that can be mapped once
-- @tparam exotel.bulk.Options options
-- @treturn exotel.bulk.Summary summary
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `cancelled` when `stop` ended it, `config` when `strict` did
-- @treturn[2] exotel.bulk.Summary summary not all rows could be tried
-- @raise on misuse
function M.map_numbers(client, subject, options)
  check_misuse(subject, options)
  checks.check(options, mapping_options, 2)
  check_values(subject, options)
  local rows, err, summary = begin(client, subject, options)
  if not rows then return nil, err, summary end
  rows.is_mapped = true
  local refusal = strict_refusal(rows, options)
  local file = true
  if not refusal then file, err = open_results(rows, options) end
  if not file then return nil, err, untried(rows) end
  return map(client, rows, file, options, refusal)
end

-- Adding --------------------------------------------------------------------------------------------------------------

local adding_options = { progress = "function", stop = "function" }

local function check_addition(trunk_sid, resource, items, options)
  if type(trunk_sid) ~= "string" or trunk_sid == "" then error("add takes a trunk_sid", 3) end
  if not add.kinds[resource] then error('add takes "phone_number", "whitelisted_ip" or "destination"', 3) end
  if type(items) ~= "table" then error("add takes a list of items", 3) end
  if type(options) ~= "table" then error("add takes a table of options", 3) end
  checks.check(options, adding_options, 3)
end

--- Options of `add`.
-- @table AddOptions
-- @tfield[opt] fun(done:integer,total:integer) progress is called after each item
-- @tfield[opt] fun():boolean stop is called before each item: when it returns true no other is tried

--- What became of an item.
-- @table Added
-- @tfield integer index in the list that was given
-- @tfield table fields as it was given, in its long form
-- @tfield "done"|"present"|"failed"|"unknown"|"not_tried" outcome `unknown`: a reply was lost, and reading back failed
-- @tfield[opt] table data as the service has it; also of a destination that was added, and whose priority or weight
-- could not be set
-- @tfield[opt] exotel.client.Info info
-- @tfield[opt] exotel.error.Error err

--- The number of items with each outcome, and all of them.
-- @table AddSummary
-- @tfield integer total
-- @tfield integer done
-- @tfield integer present so already
-- @tfield integer failed
-- @tfield integer unknown
-- @tfield integer not_tried
-- @tfield exotel.bulk.Added[] items in the order given

--- What is wrong with an item.
-- @table AddProblem
-- @tfield integer index in the list that was given
-- @tfield string field
-- @tfield string rule `twice`, or as of `provision.validate`
-- @tfield string text what is wrong, without the item
-- @tfield string message

--- Adds phone numbers, IPs or destinations to a trunk, one after the other, each as with `ensure`: what is there
-- already is a success, and what a lost reply leaves open is read back. All are checked before the first is sent: by
-- the rules of the operations, and that none is given twice. One that fails doesn't keep the others from being tried,
-- unless all would fail the same way (errors of kind authentication, permission, config and tls, HTTP 402), or two in a
-- row have failed because of network or service.
--
-- Items are as in a specification: `"+919876543210"` or `{ phone_number =, mode = }`; `"203.0.113.0/24"` or `{ ip =,
-- mask = }`; `"sip.example.com:5061;transport=tls"` or `{ destination =, priority =, weight = }`. Priority and weight
-- are set by an update (V) of what was added; a destination that is there with others is a `conflict`.
-- @tparam exotel.client.Client client
-- @tparam string trunk_sid
-- @tparam "phone_number"|"whitelisted_ip"|"destination" resource
-- @tparam (string|table)[] items
-- @tparam[opt] exotel.bulk.AddOptions options
-- @treturn exotel.bulk.AddSummary summary
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `invalid_argument`, with `problems`, an array of `AddProblem`: nothing was
-- sent; `cancelled` when `stop` ended it; else why not all were tried
-- @treturn[2] exotel.bulk.AddSummary summary nil when nothing was sent
-- @raise on misuse
function M.add(client, trunk_sid, resource, items, options)
  options = options or {}
  check_addition(trunk_sid, resource, items, options)
  local kind = add.kinds[resource]
  local refusal = waiting.refusal(client, kind.add)
  if refusal then return nil, refusal end
  local list, err = add.read(client, kind, items)
  if not list then return nil, err end
  return add.all(client, kind, trunk_sid, list, options)
end

--- Checks items as `add` does, and sends nothing.
-- @tparam exotel.client.Client client
-- @tparam "phone_number"|"whitelisted_ip"|"destination" resource
-- @tparam (string|table)[] items
-- @treturn boolean true
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err as of `add`
-- @raise on misuse
function M.check_items(client, resource, items)
  check_addition("any", resource, items, {})
  local list, err = add.read(client, add.kinds[resource], items)
  if not list then return nil, err end
  return true
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
    error("numbers: a list of them, the path of a CSV file or what read_numbers has read expected; nil for all, with "
      .. "the option 'from'", 3)
  end
end

-- → what is to be moved, as the planner takes it; or nil, err
local function given_numbers(client, numbers)
  local rows, err = rows_of[numbers or false], nil
  if not rows and type(numbers) ~= "string" then return numbers end
  if not rows then rows, err = input.read(numbers, {}) end
  if not rows then return nil, err end
  rows.layout.source:close()
  check_modes(client, rows)
  local list = {}
  for row in rows:each() do
    local is_repeated = type(rows.problems[row.index]) == "number" -- moved once
    if not is_repeated then list[#list + 1] = row end
  end
  return list
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
-- @tfield[opt] string original what stands in the file, where the number was cleaned or completed

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
-- @tparam[opt] string[]|string|exotel.bulk.Numbers numbers as `move` takes them
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
-- @tparam[opt] string[]|string|exotel.bulk.Numbers|exotel.bulk.MovePlan numbers in E.164; or the path of a CSV file, as
-- of map_numbers, or what `read_numbers` has read, without a column `trunk`; or nil
-- for all numbers of the trunks of `from`; or a plan
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
--- Numbers of a file, with the fields of `exotel.bulk.NumbersFields`.
-- @type Numbers
-- @extends exotel.bulk.NumbersFields

--- Iterates over the rows.
-- @function Numbers:each
-- @treturn fun():exotel.bulk.Row next
function Numbers:each() return rows_of[self]:each() end

--- The first rows that can't be sent, without those of which an earlier run has said so.
-- @function Numbers:problems
-- @tparam integer most how many
-- @treturn exotel.bulk.Row[] rows
-- @treturn integer total how many there are
function Numbers:problems(most) return rows_of[self]:first_problems(most) end

--- Closes the file. A file that was open before stays open. Without it the file is closed with the garbage.
-- @function Numbers:close
function Numbers:close() rows_of[self].layout.source:close() end

return M
