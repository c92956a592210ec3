---@meta exotel.bulk

---What a run takes into account.
---@class exotel.bulk.Options
---@field results string path of the results file
---@field trunk_sid? string of the rows that don't name a trunk
---@field trunk_name? string instead of trunk_sid
---@field concurrency? integer calls under way at a time; more than the client's max_connections is no use (8)
---@field progress? fun(progress:exotel.bulk.Progress) is called after each row
---@field stop? fun():boolean is asked before each sending: true, and nothing more is sent, what is under way is waited for and written down

---How far a run is.
---@class exotel.bulk.Progress
---@field done integer rows that have an outcome
---@field total integer
---@field failed integer
---@field unknown integer
---@field seconds_left? number by what was measured and what the rate limit lets through; nil while nothing is known

---What became of all rows.
---@class exotel.bulk.Summary
---@field total integer
---@field done integer mapped, by this run or by a call whose reply was lost
---@field present integer it was so before
---@field failed integer it is not so, and the results file says why: refused, mapped with another mode or to another trunk, …
---@field unknown integer the reply was lost, and reading the trunk's numbers failed too, or was not possible any more
---@field not_tried integer

---Many numbers at once: maps those of a CSV file to trunks, writes down what became of each, and takes up what is left when it is run again.
---@class exotel.bulk
local M = {}

---Maps the numbers of a CSV file. Its header (RFC 4180, in any case) names the columns: `phone_number` (E.164), and `mode` (`pstn` or `flow`; empty: as the service has it, pstn) and `trunk` (name or sid; empty: the option's) where wanted. Any other column is refused with the whole file, as is a quote that is never closed. A row that can't be sent has failed, and the others go on: a value against the rules, too many or too few columns, an unknown trunk, a number that stands in an earlier line. The results file is a CSV of line (of the source), phone_number, trunk_sid, mode, outcome (as a summary counts them), id (of the mapping), kind and message (of an error), one line a row in the order in which they were settled. A row without a line was not tried. Rows that are done, present or failed are not sent again by a run with the same results file. A failed one is when its row of the CSV has been changed since, or when network or service were to blame (network, timeout, server, rate_limited, protocol: five sendings came to nothing). A line cut short by a kill or a power loss is dropped. A file that tells of other rows, or of another trunk, is refused. These stop the run: errors of kind authentication, permission, config and tls, HTTP 402 (payment required), a results file that can't be written (`config`), and network or service that stay away: after 5 failures in a row (network, timeout, server, rate_limited, protocol) nothing is sent for 1, 2, 4, 8, 16 and 32 seconds, and when it still fails after that the run ends. What is under way is waited for. A row that came to nothing by one of these was not tried.
---Raises on misuse.
---@param client exotel.client.Client
---@param csv_path string
---@param options exotel.bulk.Options
---@return exotel.bulk.Summary? summary
---@return exotel.error.Error? err kind `cancelled` when `stop` ended it
---@return exotel.bulk.Summary? summary not all rows could be tried
function M.map_numbers(client, csv_path, options) end

return M
