--- Time that never goes back, for what is drawn while the command works.
local posix_time = require "posix.time"

local M = {}

--- clock.now() → seconds
function M.now()
  local time = posix_time.clock_gettime(posix_time.CLOCK_MONOTONIC)
  return time.tv_sec + time.tv_nsec / 1e9
end

return M
