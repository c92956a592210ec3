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

---Many numbers at once: maps those of a CSV file to trunks, records the outcome of each, and continues when it is run again.
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

return M
