--- What became of a removal, in the words of a report.
local errors = require "exotel.error"

local M = {}

--- outcome.of_removal(removed, more) → outcome, err. Takes what exotel.calls.removal returns.
function M.of_removal(removed, more)
  if removed then return more and "present" or "done" end
  return more.maybe_applied and "unknown" or "failed", more
end

--- outcome.stopped(operation) → the err of a job that its `stop` ended.
function M.stopped(operation)
  return errors.new { kind = "cancelled", operation = operation, message = "stopped as asked" }
end

return M
