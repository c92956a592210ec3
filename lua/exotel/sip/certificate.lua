--- A server's certificate, from the lines that libcurl makes of it, which differ from one TLS library to the next.
local M = {}

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

local DAY = 86400

-- Days from 1970-01-01 to a date of the Gregorian calendar. The year is counted from March, so that a leap day is its
-- last one.
local function days_since_1970(year, month, day)
  local shifted = (month + 9) % 12
  local y = month <= 2 and year - 1 or year
  local of_year = math.floor((153 * shifted + 2) / 5) + day - 1
  return y * 365 + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) + of_year - 719468
end

local function parts_of(text)
  local month, day, hour, minute, second, year = text:match("^(%a%a%a) +(%d+) (%d+):(%d+):(%d+) (%d+)")
  if MONTHS[month] then return year, MONTHS[month], day, hour, minute, second end
  return text:match("^(%d+)%-(%d+)%-(%d+) (%d+):(%d+):(%d+)")
end

-- "Nov 26 13:24:48 2026 GMT" (OpenSSL) or "2026-11-26 13:24:48 GMT" (GnuTLS) → seconds since 1970, or nil
local function time_of(text)
  local year, month, day, hour, minute, second = parts_of(text or "")
  if not year then return nil end
  return days_since_1970(tonumber(year), tonumber(month), tonumber(day)) * DAY + hour * 3600 + minute * 60 + second
end

-- The common name, or else the organization, or all there is.
local function name_of(subject)
  if not subject then return nil end
  return subject:match("CN ?= ?([^,;/]+)") or subject:match("O ?= ?([^,;/]+)") or subject
end

local function names_of(text)
  local names = {}
  for name in (text or ""):gmatch("[^:,]+:([^,]+)") do names[#names + 1] = (name:gsub("%s+$", "")) end
  return names
end

--- certificate.read(raw, now) → what exotel.sip.Certificate documents, or nil. `raw`: of stream:certificate; `now`:
-- seconds since 1970.
function M.read(raw, now)
  if not raw then return nil end
  local ends = time_of(raw.to)
  return {
    name = name_of(raw.subject), names = names_of(raw.names), issuer = name_of(raw.issuer),
    not_before = time_of(raw.from), not_after = ends, days_left = ends and math.floor((ends - now) / DAY),
  }
end

return M
