--- The service's clock, in seconds since 1970: the machine's or one that stands still, and how far a test has moved it.

local clock = {}

-- Where a clock that stands still begins: 2026-01-01T00:00:00Z.
local BEGINNING = 1767225600

-- Seconds since 1970 are exact to a quarter of a microsecond: sums of fractions need this much room.
local TOLERANCE = 1e-6

--- `machine`: a function → seconds; `is_manual`: it stands still until it is advanced
function clock.new(machine, is_manual)
  return { machine = not is_manual and machine, ahead = 0, is_moved = is_manual or false }
end

--- → seconds since 1970
function clock.now(timepiece)
  return (timepiece.machine and timepiece.machine() or BEGINNING) + timepiece.ahead
end

--- Moves it forward. `is_moved` says from then on that it isn't the machine's.
function clock.advance(timepiece, seconds)
  timepiece.ahead, timepiece.is_moved = timepiece.ahead + seconds, true
end

--- Whether `time` has come at the time `now`.
function clock.has_come(time, now)
  return time <= now + TOLERANCE
end

return clock
