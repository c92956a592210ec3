--- A client whose calls wait for a connection: what a poll takes that has nothing to do.
--
--     lua bench/waiting.lua WAITING URL POLLS
--
-- Prints the microseconds of CPU of one poll.
local exotel = require "exotel"

local BUSY = 2

local waiting, url, polls = tonumber(arg[1]), arg[2], tonumber(arg[3])
local client = assert(exotel.client {
  account_sid = "bench", api_key = "key", api_token = "token", base_url = url, rate_limit = false, retries = 0,
  max_connections = BUSY, timeout = 600, connect_timeout = 600, deadline = 600,
})
-- One that is collected would be cancelled.
local kept = {}
for i = 1, waiting + BUSY do kept[i] = client:start("list_phone_numbers", { trunk_sid = "trslow" }) end
for _ = 1, 3 do assert(client:poll(0.1) == waiting + BUSY) end
local began = os.clock()
for _ = 1, polls do client:poll(0) end
print(("%.3f"):format((os.clock() - began) / math.max(polls, 1) * 1e6))
client:close()
assert(#kept == waiting + BUSY)
