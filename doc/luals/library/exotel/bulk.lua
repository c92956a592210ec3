---@meta exotel.bulk

---How a file is read.
---@class exotel.bulk.ReadOptions
---@field columns? exotel.bulk.Columns the columns that can't be found by their names
---@field country? string the country code, as `91`, of numbers that have none
---@field separator? string `comma`, `semicolon` or `tab`, where it can't be found out
---@field stop? fun():boolean is called while a long file is read: when it returns true that ends, with an error of kind `cancelled`

---Which columns hold what: a column's name or its number; false or `""` for none.
---@class exotel.bulk.Columns
---@field phone_number? string|integer|boolean
---@field mode? string|integer|boolean
---@field trunk? string|integer|boolean

---A row of a file.
---@class exotel.bulk.Row
---@field index integer from 1
---@field line integer in which it begins
---@field phone_number? string in E.164; what stands in the file where it can't be sent
---@field original? string what stands in the file, where that is something else
---@field change? string `cleaned` or `completed`, where it is something else
---@field mode? string
---@field trunk? string its name or sid, as in the file
---@field trunk_sid? string where it is known
---@field problem? exotel.error.Error why it can't be sent
---@field outcome? string as in a summary, once it is known
---@field reason? string why it failed

---What was read of a file.
---@class exotel.bulk.NumbersFields
---@field total integer rows
---@field cleaned integer rows from whose number something was taken off
---@field completed integer rows whose number has got its country code
---@field refused integer rows whose number can't be sent
---@field name string the path, or `standard input`
---@field columns table the name of the column of `phone_number`, `mode` and `trunk`, or its number
---@field others string[] the names of columns that are left alone
---@field has_header boolean
---@field encoding string `UTF-8` (also where some values are in Windows-1252), `UTF-16LE` or `UTF-16BE`
---@field separator? string `comma`, `semicolon`, `tab` or another character; nil where there is one column

---The options of a run. `columns`, `country` and `separator` are as for `read_numbers`.
---@class exotel.bulk.Options : exotel.bulk.ReadOptions
---@field results? string path of the results file; needed but for a dry run
---@field failed? string path of a CSV file of the rows that failed
---@field trunk_sid? string of the rows that don't name a trunk
---@field trunk_name? string instead of trunk_sid
---@field strict? boolean send nothing unless every row can be sent (false)
---@field dry_run? boolean read and check only: nothing is sent, and no file written (false)
---@field concurrency? integer calls under way at a time; more than the client's max_connections has no effect (8)
---@field checked? fun(numbers:exotel.bulk.Numbers,failed:string?) is called once the whole file is checked, before the first number is sent; with the path of the rows that can't be, where that was written
---@field progress? fun(progress:exotel.bulk.Progress) is called after each row
---@field wait? fun(wait:exotel.bulk.Wait) is called while nothing may be sent, up to five times a second and more
---@field stop? fun():boolean is called before each request: when it returns true nothing more is sent, and calls under way are waited for and recorded

---How far a run is.
---@class exotel.bulk.Progress
---@field done integer rows that have an outcome
---@field total integer
---@field failed integer
---@field unknown integer
---@field seconds_left? number estimated from measured durations and the rate limit; nil while nothing is known

---Why a run waits.
---@class exotel.bulk.Wait
---@field reason string `rate limit`, or `network`: calls failed because of network or service
---@field seconds number until the next attempt
---@field err? exotel.error.Error the last failure, of `network`

---A reason for which rows failed.
---@class exotel.bulk.Reason
---@field message string
---@field count integer

---How many rows an earlier run with the same results file has dealt with.
---@class exotel.bulk.Earlier
---@field done integer
---@field present integer
---@field failed integer

---The number of rows with each outcome.
---@class exotel.bulk.Summary
---@field total integer
---@field done integer mapped, by this run, an earlier one, or a call whose reply was lost
---@field present integer mapped before
---@field failed integer not mapped, and the results file says why: refused, mapped with another mode or to another trunk, …
---@field unknown integer the reply was lost, or the number exists already, and the trunk's numbers could not be read or don't show it yet
---@field not_tried integer
---@field sent integer rows that this run has sent
---@field earlier exotel.bulk.Earlier rows that were not sent again
---@field cleaned integer rows from whose number something was taken off
---@field completed integer rows whose number has got its country code
---@field reasons exotel.bulk.Reason[] of the rows that failed, the most frequent first
---@field failed_rows? string where the rows that failed were written

---Options of `add`.
---@class exotel.bulk.AddOptions
---@field progress? fun(done:integer,total:integer) is called after each item
---@field stop? fun():boolean is called before each item: when it returns true no other is tried

---What became of an item.
---@class exotel.bulk.Added
---@field index integer in the list that was given
---@field fields table as it was given, in its long form
---@field outcome "done"|"present"|"failed"|"unknown"|"not_tried" `unknown`: a reply was lost, and reading back failed
---@field data? table as the service has it; also of a destination that was added, and whose priority or weight could not be set
---@field info? exotel.client.Info
---@field err? exotel.error.Error

---The number of items with each outcome, and all of them.
---@class exotel.bulk.AddSummary
---@field total integer
---@field done integer
---@field present integer so already
---@field failed integer
---@field unknown integer
---@field not_tried integer
---@field items exotel.bulk.Added[] in the order given

---What is wrong with an item.
---@class exotel.bulk.AddProblem
---@field index integer in the list that was given
---@field field string
---@field rule string `twice`, or as of `provision.validate`
---@field text string what is wrong, without the item
---@field message string

---Options of a move.
---@class exotel.bulk.MoveOptions
---@field to string the trunk that the numbers go to, by name or sid
---@field results string path of the results file
---@field from? string[] names or sids of the only trunks that numbers are taken from; any without it
---@field mode? "pstn"|"flow" of all numbers; each keeps its own without it
---@field missing? "map" numbers that are on no trunk are mapped; without it they are refused
---@field concurrency? integer numbers under way at a time; more than the client's max_connections has no effect (8)
---@field progress? fun(progress:exotel.bulk.MoveProgress) is called after each number
---@field stop? fun():boolean is called before each number: when it returns true no other is taken off its trunk, and those that are under way go where they belong

---How far a move is.
---@class exotel.bulk.MoveProgress
---@field done integer numbers that have an outcome
---@field total integer
---@field failed integer
---@field unknown integer
---@field unmapped integer
---@field seconds_left? number estimated from measured durations and the rate limit; nil while nothing is known

---One number of a move.
---@class exotel.bulk.Move
---@field phone_number string
---@field from_trunk_sid? string the trunk that it was on; nil where it was on none, or is on the other one already
---@field from_mode? string as it was there; nil where it was never set
---@field to_trunk_sid string
---@field mode? string that it is to have
---@field taken_up? boolean an earlier run left it open
---@field on_no_trunk? boolean
---@field original? string what stands in the file, where the number was cleaned or completed

---Why a move can't be made.
---@class exotel.bulk.MoveRefusal
---@field kind string as of an error
---@field phone_number? string
---@field message string

---A trunk that numbers are taken from.
---@class exotel.bulk.MoveSource
---@field trunk_sid string
---@field trunk_name? string
---@field count integer numbers that are taken from it

---What a move would do.
---@class exotel.bulk.MovePlan
---@field moves exotel.bulk.Move[]
---@field present exotel.bulk.Move[] those that are on the trunk already
---@field refused exotel.bulk.MoveRefusal[]
---@field to exotel.provision.TrunkName
---@field from exotel.bulk.MoveSource[]

---What became of a number.
---@class exotel.bulk.Moved : exotel.bulk.Move
---@field outcome "done"|"present"|"failed"|"unmapped"|"unknown"|"not_tried"
---@field id? string of the new mapping
---@field err? exotel.error.Error

---The number of numbers with each outcome, and all of them.
---@class exotel.bulk.MoveSummary
---@field total integer
---@field done integer on the other trunk now
---@field present integer there before
---@field failed integer not moved, and on a trunk: `err` says why
---@field unmapped integer on no trunk: taken off the one, and neither the other nor the first takes it
---@field unknown integer a reply was lost, and reading back failed or showed nothing: it may be on either trunk or on none
---@field not_tried integer
---@field numbers exotel.bulk.Moved[] in the order in which they were sent

---A number that a move has left open.
---@class exotel.bulk.OpenMove
---@field phone_number string
---@field from_trunk_sid? string
---@field from_mode? string
---@field to_trunk_sid string
---@field mode? string
---@field outcome "moving"|"unmapped"|"unknown"

---Numbers of a file, with the fields of `exotel.bulk.NumbersFields`.
---@class exotel.bulk.Numbers : exotel.bulk.NumbersFields
local Numbers = {}

---Iterates over the rows.
---@return fun():exotel.bulk.Row next
function Numbers:each() end

---The first rows that can't be sent, without those of which an earlier run has said so.
---@param most integer how many
---@return exotel.bulk.Row[] rows
---@return integer total how many there are
function Numbers:problems(most) end

---Closes the file. A file that was open before stays open. Without it the file is closed with the garbage.
function Numbers:close() end

---Many things at once: maps the numbers of a CSV file to trunks, or moves them from one trunk to another, records the outcome of each, and continues when it is run again; adds several numbers, IPs or destinations to a trunk.
---@class exotel.bulk
local M = {}

---Reads the phone numbers of a CSV file, as spreadsheets write it, and checks them all. Nothing is sent. Separator (comma, semicolon, tab; a first line `sep=;`), encoding (UTF-8, UTF-16, with or without mark, Windows-1252) and ends of lines are found out. The column of the numbers is the one with a name such as `phone_number`, `Mobile`, `DID` or `Telefon`; where several columns may be it, the file is refused, and `columns` says which it is. Other columns are left alone. A file without a header is read where it has one column, or one with numbers that begin with `+`. Spaces, hyphens, dots and brackets between the digits, characters that can't be seen, an apostrophe before the number and `="…"` around it are taken off. National numbers are completed where `country` is given and its numbers can't be read in another way. A row is refused where a spreadsheet has altered the number (`9.19877E+11`, decimals, more than 15 digits), where it has two readings (`0091…`, `+91 (0)…`), or when the number stands in an earlier line.
---Raises on misuse.
---@param subject any a path, or a file that is open for reading. What can be read only once (a pipe) is kept in a temporary file
---@param options? exotel.bulk.ReadOptions
---@return exotel.bulk.Numbers? numbers
---@return exotel.error.Error? err kind `config`: no such file, or none that can be read, with `line`; `invalid_argument`: no such country code
function M.read_numbers(subject, options) end

---Maps the numbers of a CSV file, which is read as by `read_numbers`. Besides `phone_number` a row may have `mode` (`pstn` or `flow`; empty: the service's default, pstn) and `trunk` (name or sid; empty: the option's). The whole file is read and checked before anything is sent. A file that can't be read so is refused as a whole. A row that can't be sent has failed, and the others go on, unless `strict` is set: a number that is refused, another value that breaks a rule, too many or too few columns, an unknown trunk, a number that stands in an earlier line. The results file is a CSV of line (of the source), phone_number, trunk_sid, mode, outcome (as in a summary), id (of the mapping), kind and message (of an error), original (what stands in the source, where the number was cleaned or completed): one line a row, in the order in which the outcomes became known. A row without a line was not tried. A later run with the same results file does not send rows again that are done, present or failed, except failed ones whose row of the CSV has been changed, or that failed because of network or service (network, timeout, server, rate_limited, protocol: sent five times without success). A line cut short by a kill or a power loss is dropped. A results file of other rows, or of another trunk, is refused, and so is one that another import is writing to. Where its path is a link, what that leads to is written; but a link of somebody else's in a folder that others can write to is refused. The file `failed` has the rows that failed, with all columns of the source and one more, the reason. Corrected, it can be imported like the source: the reason is ignored then. It is written before the first number is sent, with the rows that can't be, and at the end; where nothing failed it is removed. One that somebody has altered is left as it is, and another is made, with a number in its name. These end the run: errors of kind authentication, permission, config and tls, HTTP 402 (payment required), a results file that can't be written (`config`), and a network or service that stays away: after 5 failures in a row (network, timeout, server, rate_limited, protocol) nothing is sent for 1, 2, 4, 8, 16 and 32 seconds, and when calls still fail after that the run ends. Calls under way are waited for. A row whose call failed for one of these reasons counts as not tried.
---Raises on misuse.
---@param client exotel.client.Client
---@param subject any a path, a file that is open for reading, or what `read_numbers` has read; that can be mapped once
---@param options exotel.bulk.Options
---@return exotel.bulk.Summary? summary
---@return exotel.error.Error? err kind `cancelled` when `stop` ended it, `config` when `strict` did
---@return exotel.bulk.Summary? summary not all rows could be tried
function M.map_numbers(client, subject, options) end

---Adds phone numbers, IPs or destinations to a trunk, one after the other, each as with `ensure`: what is there already is a success, and what a lost reply leaves open is read back. All are checked before the first is sent: by the rules of the operations, and that none is given twice. One that fails doesn't keep the others from being tried, unless all would fail the same way (errors of kind authentication, permission, config and tls, HTTP 402), or two in a row have failed because of network or service. Items are as in a specification: `"+919876543210"` or `{ phone_number =, mode = }`; `"203.0.113.0/24"` or `{ ip =, mask = }`; `"sip.example.com:5061;transport=tls"` or `{ destination =, priority =, weight = }`. Priority and weight are set by an update (V) of what was added; a destination that is there with others is a `conflict`.
---Raises on misuse.
---@param client exotel.client.Client
---@param trunk_sid string
---@param resource "phone_number"|"whitelisted_ip"|"destination"
---@param items (string|table)[]
---@param options? exotel.bulk.AddOptions
---@return exotel.bulk.AddSummary? summary
---@return exotel.error.Error? err kind `invalid_argument`, with `problems`, an array of `AddProblem`: nothing was sent; `cancelled` when `stop` ended it; else why not all were tried
---@return exotel.bulk.AddSummary? summary nil when nothing was sent
function M.add(client, trunk_sid, resource, items, options) end

---Checks items as `add` does, and sends nothing.
---Raises on misuse.
---@param client exotel.client.Client
---@param resource "phone_number"|"whitelisted_ip"|"destination"
---@param items (string|table)[]
---@return boolean? true
---@return exotel.error.Error? err as of `add`
function M.check_items(client, resource, items) end

---Says what a move would do, for somebody to agree to. Reads only.
---Raises on misuse.
---@param client exotel.client.Client
---@param numbers? string[]|string|exotel.bulk.Numbers as `move` takes them
---@param options exotel.bulk.MoveOptions
---@return exotel.bulk.MovePlan? plan which `move` takes
---@return exotel.error.Error? err
function M.plan_move(client, numbers, options) end

---Moves numbers to another trunk. The service has a number on one trunk only, so each is taken off its trunk and mapped to the other one at once: the second request is sent as soon as the first is answered, and none is taken off before the rate limit has a place for both. All are looked up first, and where one can't be moved nothing is: its value breaks a rule, it is on no trunk, or on one that numbers are not to be taken from. When the other trunk refuses a number it is put back where it was, with its mode. After a lost reply both trunks are read, and what is found there decides. What somebody else has moved meanwhile is left where it is. The results file is a CSV of phone_number, from_trunk_sid, from_mode, to_trunk_sid, mode, outcome (as in a summary, or `moving`), id (of the new mapping), kind and message (of an error). A line `moving` is written before a number is taken off its trunk, and another one once it is known what became of it. A later run with the same results file begins with the numbers that the last one left between the two, `unmapped` or `unknown`, whether it is asked for them or not; all others are looked up again. A results file that another move is writing to is refused. These end the run: what ends one of map_numbers, and a trunk that is gone or refuses three numbers in a row. Numbers that are on no trunk then are mapped as long as the service answers.
---Raises on misuse.
---@param client exotel.client.Client
---@param numbers? string[]|string|exotel.bulk.Numbers|exotel.bulk.MovePlan in E.164; or the path of a CSV file, as of map_numbers, or what `read_numbers` has read, without a column `trunk`; or nil for all numbers of the trunks of `from`; or a plan
---@param options? exotel.bulk.MoveOptions with a plan only `concurrency`, `progress` and `stop`
---@return exotel.bulk.MoveSummary? summary
---@return exotel.error.Error? err kind `cancelled` when `stop` ended it; `refused` are the reasons where nothing was done since some number can't be moved
---@return exotel.bulk.MoveSummary? summary or nil when nothing was tried
function M.move(client, numbers, options) end

---Tells which numbers a move has left open, by its results file: they may be on no trunk. Reads only that file, also while a move is writing to it.
---@param path string of the results file
---@return exotel.bulk.OpenMove[]? numbers none where there is no such file
---@return exotel.error.Error? err kind `config`
function M.open_moves(path) end

return M
