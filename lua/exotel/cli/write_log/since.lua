--- Times as people write them.
local errors = require "exotel.cli.errors"

local M = {}

local SECONDS = { s = 1, m = 60, h = 3600, d = 86400, w = 7 * 86400 }

-- → as the log writes times, or nil
local function from_age(text)
  local count, unit = text:match("^(%d+)%s*(%a)$")
  if not count or not SECONDS[unit] or #count > 9 then return nil end
  return os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() - tonumber(count) * SECONDS[unit])
end

local function is_date(year, month, day)
  local time = os.time { year = tonumber(year), month = tonumber(month), day = tonumber(day), hour = 12 }
  return time ~= nil and os.date("%Y-%m-%d", time) == ("%s-%s-%s"):format(year, month, day)
end

-- What is left out is zero.
local function from_time(text)
  local year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  if not year or not is_date(year, month, day) then return nil end
  if rest == "" then rest = "T00:00" end
  local hour, minute, seconds = rest:match("^[T ](%d%d):(%d%d)(.-)Z?$")
  local second = seconds == "" and "00" or (seconds or ""):match("^:(%d%d)$")
  if not second or tonumber(hour) > 23 or tonumber(minute) > 59 or tonumber(second) > 59 then return nil end
  return ("%s-%s-%sT%s:%s:%sZ"):format(year, month, day, hour, minute, second)
end

--- since.read(text) → the time that it means, in UTC, as the log writes times. Raises when it means none.
function M.read(text)
  return from_age(text) or from_time(text)
    or errors.usage("--since takes a time in UTC, as 2026-11-26 or 2026-11-26T09:30, or an age, as 12h, not %q", text)
end

return M
