--- Whether a call's error is about its row, or about the network, the service or the account.
local M = {}

-- After these every further call would fail the same way.
local fatal = { authentication = true, permission = true, config = true, tls = true, cancelled = true }
-- The same call may succeed later.
local transient = { network = true, timeout = true, rate_limited = true, server = true, protocol = true }

local PAYMENT_REQUIRED = 402

--- Whether every further call would fail the same way.
function M.is_fatal(err) return fatal[err.kind] == true or err.http_status == PAYMENT_REQUIRED end

--- Whether errors of a kind come from network or service, and the same call may succeed later.
function M.is_transient(kind) return transient[kind] == true end

--- Whether it is about the row.
function M.is_of_row(err) return not M.is_fatal(err) and not M.is_transient(err.kind) end

return M
