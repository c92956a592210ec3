--- Ids and dates in the service's formats. All ids follow from the seed, so that a run can be repeated.

local ids = {}

-- The multiplier and modulus of a minimal standard generator; the products stay below 2^53, exact in any Lua's numbers.
local MULTIPLIER, MODULUS = 48271, 2147483647

-- By their value.
local DIGITS = {}

for value = 0, 15 do DIGITS[value] = ("%x"):format(value) end

--- Whether ids.resumed takes it.
function ids.is_position(value)
  return type(value) == "number" and value == math.floor(value) and value > 0 and value < MODULUS
end

--- → a function that returns as many random hexadecimal digits, in lower case, as it is told, going on from `position`;
-- and one that returns where it is
function ids.resumed(position)
  local function digit()
    position = position * MULTIPLIER % MODULUS
    return DIGITS[math.floor(position / 128) % 16]
  end
  local function digits(count)
    local list = {}
    for i = 1, count do list[i] = digit() end
    return table.concat(list)
  end
  return digits, function() return position end
end

--- The same, from a seed.
function ids.generator(seed) return ids.resumed(seed % (MODULUS - 1) + 1) end

--- → a trunk_sid shaped like the vendor's
function ids.trunk_sid(hex)
  return "trmum1" .. hex(18) .. "1a1n"
end

--- The counters of the numeric ids, which start where the vendor's examples do.
function ids.counters()
  return { phone_number = 41511, whitelisted_ip = 1152, destination = 2542, credential = 1233 }
end

--- → the next id of a kind, a string of digits
function ids.next(counters, kind)
  counters[kind] = counters[kind] + 1
  return ("%d"):format(counters[kind])
end

--- Takes an id that is given, or the next one of the kind, which is never one that was given. → the id
function ids.take(counters, kind, given)
  if not given then return ids.next(counters, kind) end
  local number = given:find("^%d+$") and #given <= 15 and tonumber(given) or 0
  counters[kind] = math.max(counters[kind], number)
  return given
end

--- → a time of the service's clock, in seconds since 1970, as ISO 8601 in UTC
function ids.date(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(seconds))
end

local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

--- → the same as a header has it (RFC 9110), whatever the process's locale
function ids.http_date(seconds)
  local date = os.date("!*t", math.floor(seconds))
  return ("%s, %02d %s %d %02d:%02d:%02d GMT"):format(DAYS[date.wday], date.day, MONTHS[date.month], date.year,
    date.hour, date.min, date.sec)
end

return ids
