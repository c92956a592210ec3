--- The limit of 200 requests in 60 seconds that 24 processes share, 8 of each kind, in real time: for two minutes in a
-- file, then in Redis. Prints what the service counted. By hand, `make by-hand`; with fast clocks it is a proof.
local redis = require "spec.support.redis"
local shared_limit = require "spec.support.shared_limit"

local LIMIT, PROCESSES, SECONDS = 200, 24, tonumber(arg[1] or 120)

local function measure(store, place)
  local sums = shared_limit.run {
    store = store, place = place, limit = LIMIT, processes = PROCESSES, seconds = SECONDS, patience = SECONDS + 120,
  }
  print(("%-6s %d done, %d refused, %d failed; at most %d of %d in any 60 s"):format(store, sums.done, sums.refused,
    sums.failed, sums.most, LIMIT))
end

local path = os.tmpname()
os.remove(path)
measure("file", path)
os.remove(path)
local server = redis.start()
measure("redis", tostring(server.port))
server:stop()
