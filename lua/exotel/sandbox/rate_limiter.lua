--- So many requests in any 60 seconds, by the service's clock. The headers are documented (V); how exactly the service
-- counts is not.

local WINDOW = 60

local rate_limit = {}

--- `limit`: requests in 60 seconds, or nil for no limit
function rate_limit.new(limit)
  return { limit = limit, times = {}, first = 1, last = 0 }
end

local function forget(gate, now)
  while gate.first <= gate.last and gate.times[gate.first] <= now - WINDOW do
    gate.times[gate.first] = nil
    gate.first = gate.first + 1
  end
end

local function headers_of(gate, now)
  local oldest = gate.times[gate.first] or now
  return {
    { "X-RateLimit-Limit", ("%d"):format(gate.limit) },
    { "X-RateLimit-Remaining", ("%d"):format(gate.limit - (gate.last - gate.first + 1)) },
    { "X-RateLimit-Reset", ("%d"):format(math.ceil(oldest + WINDOW)) },
  }
end

--- Counts a request at the time `now`, in seconds. One that is refused doesn't count.
-- → whether it may pass, and the headers of its answer (none without a limit)
function rate_limit.admit(gate, now)
  if not gate.limit then return true, {} end
  forget(gate, now)
  local room = gate.last - gate.first + 1 < gate.limit
  if room then
    gate.last = gate.last + 1
    gate.times[gate.last] = now
    return true, headers_of(gate, now)
  end
  local headers = headers_of(gate, now)
  local wait = math.max(1, math.ceil((gate.times[gate.first] or now) + WINDOW - now))
  headers[#headers + 1] = { "Retry-After", ("%d"):format(wait) }
  return false, headers
end

return rate_limit
