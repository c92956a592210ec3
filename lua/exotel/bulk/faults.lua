--- What an error says of the row it came to: which are those of the network, the service or the account.
local M = {}

-- After these every further call would fail the same way.
local hopeless = { authentication = true, permission = true, config = true, tls = true, cancelled = true }
-- These may pass.
local passing = { network = true, timeout = true, rate_limited = true, server = true, protocol = true }

local PAYMENT_REQUIRED = 402

--- Whether every further call would fail the same way.
function M.is_hopeless(err) return hopeless[err.kind] == true or err.http_status == PAYMENT_REQUIRED end

--- Whether errors of a kind come from network or service, and may pass.
function M.is_passing(kind) return passing[kind] == true end

--- Whether it says nothing of the row.
function M.says_nothing(err) return M.is_hopeless(err) or M.is_passing(err.kind) end

return M
