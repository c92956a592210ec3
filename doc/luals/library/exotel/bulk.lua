---@meta exotel.bulk

---The options of a run.
---@class exotel.bulk.Options
---@field results string path of the results file
---@field trunk_sid? string of the rows that don't name a trunk
---@field trunk_name? string instead of trunk_sid
---@field concurrency? integer calls under way at a time; more than the client's max_connections has no effect (8)
---@field progress? fun(progress:exotel.bulk.Progress) is called after each row
---@field stop? fun():boolean is called before each request: when it returns true nothing more is sent, and calls under way are waited for and recorded

---How far a run is.
---@class exotel.bulk.Progress
---@field done integer rows that have an outcome
---@field total integer
---@field failed integer
---@field unknown integer
---@field seconds_left? number estimated from measured durations and the rate limit; nil while nothing is known

---The number of rows with each outcome.
---@class exotel.bulk.Summary
---@field total integer
---@field done integer mapped, by this run or by a call whose reply was lost
---@field present integer mapped before
---@field failed integer not mapped, and the results file says why: refused, mapped with another mode or to another trunk, …
---@field unknown integer the reply was lost, or the number exists already, and the trunk's numbers could not be read or don't show it yet
---@field not_tried integer

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

---Many numbers at once: maps those of a CSV file to trunks, or moves them from one trunk to another, records the outcome of each, and continues when it is run again.
---@class exotel.bulk
local M = {}

---Maps the numbers of a CSV file. Its header (RFC 4180, in any case) names the columns: `phone_number` (E.164), and optionally `mode` (`pstn` or `flow`; empty: the service's default, pstn) and `trunk` (name or sid; empty: the option's). A file with any other column, or with a quote that is never closed, is refused as a whole. A row that can't be sent has failed, and the others go on: a value that breaks a rule, too many or too few columns, an unknown trunk, a number that stands in an earlier line. The results file is a CSV of line (of the source), phone_number, trunk_sid, mode, outcome (as in a summary), id (of the mapping), kind and message (of an error): one line a row, in the order in which the outcomes became known. A row without a line was not tried. A later run with the same results file does not send rows again that are done, present or failed, except failed ones whose row of the CSV has been changed, or that failed because of network or service (network, timeout, server, rate_limited, protocol: sent five times without success). A line cut short by a kill or a power loss is dropped. A results file of other rows, or of another trunk, is refused, and so is one that another import is writing to. Where its path is a link, what that leads to is written; but a link of somebody else's in a folder that others can write to is refused. These end the run: errors of kind authentication, permission, config and tls, HTTP 402 (payment required), a results file that can't be written (`config`), and a network or service that stays away: after 5 failures in a row (network, timeout, server, rate_limited, protocol) nothing is sent for 1, 2, 4, 8, 16 and 32 seconds, and when calls still fail after that the run ends. Calls under way are waited for. A row whose call failed for one of these reasons counts as not tried.
---Raises on misuse.
---@param client exotel.client.Client
---@param csv_path string
---@param options exotel.bulk.Options
---@return exotel.bulk.Summary? summary
---@return exotel.error.Error? err kind `cancelled` when `stop` ended it
---@return exotel.bulk.Summary? summary not all rows could be tried
function M.map_numbers(client, csv_path, options) end

---Says what a move would do, for somebody to agree to. Reads only.
---Raises on misuse.
---@param client exotel.client.Client
---@param numbers? string[]|string as `move` takes them
---@param options exotel.bulk.MoveOptions
---@return exotel.bulk.MovePlan? plan which `move` takes
---@return exotel.error.Error? err
function M.plan_move(client, numbers, options) end

---Moves numbers to another trunk. The service has a number on one trunk only, so each is taken off its trunk and mapped to the other one at once: the second request is sent as soon as the first is answered, and none is taken off before the rate limit has a place for both. All are looked up first, and where one can't be moved nothing is: its value breaks a rule, it is on no trunk, or on one that numbers are not to be taken from. When the other trunk refuses a number it is put back where it was, with its mode. After a lost reply both trunks are read, and what is found there decides. What somebody else has moved meanwhile is left where it is. The results file is a CSV of phone_number, from_trunk_sid, from_mode, to_trunk_sid, mode, outcome (as in a summary, or `moving`), id (of the new mapping), kind and message (of an error). A line `moving` is written before a number is taken off its trunk, and another one once it is known what became of it. A later run with the same results file begins with the numbers that the last one left between the two, `unmapped` or `unknown`, whether it is asked for them or not; all others are looked up again. A results file that another move is writing to is refused. These end the run: what ends one of map_numbers, and a trunk that is gone or refuses three numbers in a row. Numbers that are on no trunk then are mapped as long as the service answers.
---Raises on misuse.
---@param client exotel.client.Client
---@param numbers? string[]|string|exotel.bulk.MovePlan in E.164; or the path of a CSV file, as of map_numbers, without a column `trunk`; or nil for all numbers of the trunks of `from`; or a plan
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
