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

---Many numbers at once: maps those of a CSV file to trunks, records the outcome of each, and continues when it is run again.
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

return M
