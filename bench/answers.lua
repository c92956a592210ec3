--- How long one poll that must not wait takes at most, in milliseconds of this process's time, for answers of 16 MiB.
--
--     make bench-answers
local exotel = require "exotel"
local hostile = require "spec.support.hostile"

local SIZE = 16 * 1024 * 1024
local KINDS = {
  "letters", "percent", "backslash", "spaces", "string", "numbers", "objects", "arrays", "words", "ids", "names",
  "half", "most", "refused", "nodes", "failed",
}

-- → the longest poll, and how many there were
local function measure(kind)
  local server = hostile.start("body", SIZE, kind)
  local client = assert(exotel.client {
    account_sid = "a", api_key = "key", api_token = "api_token", base_url = server.base_url, retries = 0,
  })
  local call
  if kind == "failed" then call = client:start("list_trunks", {})
  else call = client:start("map_phone_number", { trunk_sid = "t", phone_number = "+919876543210" }) end
  local longest, polls = 0, 0
  repeat
    local began = os.clock()
    local unfinished = client:poll(0)
    longest, polls = math.max(longest, os.clock() - began), polls + 1
  until unfinished == 0
  local _, err = call:result()
  client:close()
  server.stop()
  return longest, polls, err.kind or "success"
end

for _, kind in ipairs(KINDS) do
  local longest, polls, outcome = measure(kind)
  print(("%-10s %5.1f ms, the longest of %6d polls (%s)"):format(kind, longest * 1000, polls, outcome))
end
