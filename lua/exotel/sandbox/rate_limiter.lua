--- The limit of requests in any 60 seconds, by the service's clock. The headers are documented (V); how exactly the
-- service counts is not.

local WINDOW = 60

local rate_limiter = {}

--- `limit`: requests in 60 seconds, or nil for no limit
function rate_limiter.new(limit)
  return { limit = limit, times = {}, first = 1, last = 0 }
end

local function forget_old(limiter, now)
  while limiter.first <= limiter.last and limiter.times[limiter.first] <= now - WINDOW do
    limiter.times[limiter.first] = nil
    limiter.first = limiter.first + 1
  end
end

local function headers_of(limiter, now)
  local oldest = limiter.times[limiter.first] or now
  return {
    { "X-RateLimit-Limit", ("%d"):format(limiter.limit) },
    { "X-RateLimit-Remaining", ("%d"):format(limiter.limit - (limiter.last - limiter.first + 1)) },
    { "X-RateLimit-Reset", ("%d"):format(math.ceil(oldest + WINDOW)) },
  }
end

--- Counts a request at the time `now`, in seconds. One that is refused doesn't count.
-- → whether it may pass, and the headers of its answer (none without a limit)
function rate_limiter.admit(limiter, now)
  if not limiter.limit then return true, {} end
  forget_old(limiter, now)
  if limiter.last - limiter.first + 1 < limiter.limit then
    limiter.last = limiter.last + 1
    limiter.times[limiter.last] = now
    return true, headers_of(limiter, now)
  end
  local headers = headers_of(limiter, now)
  local wait = math.max(1, math.ceil((limiter.times[limiter.first] or now) + WINDOW - now))
  headers[#headers + 1] = { "Retry-After", ("%d"):format(wait) }
  return false, headers
end

return rate_limiter
