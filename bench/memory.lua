--- What reading a list needs at its peak, in C and Lua together, beside the Lua tables that come out: by one call, or,
-- of the list "paged", page by page.
--
--     lua bench/memory.lua LIST URL CA
local exotel = require "exotel"
local trunk = require "exotel.trunk"

local list, url, ca = arg[1], arg[2], arg[3]

local function status(name)
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^" .. name .. ":%s*(%d+) kB")
    if kilobytes then return tonumber(kilobytes) * 1024 end
  end
end

-- The peak counts from now on.
local function reset_peak()
  local file = assert(io.open("/proc/self/clear_refs", "w"))
  file:write("5")
  file:close()
end

local client = assert(exotel.client {
  account_sid = "bench", api_key = "key", api_token = "token", base_url = url, ca_file = ca ~= "-" and ca or nil,
  rate_limit = false, retries = 0, connect_timeout = 60, timeout = 60,
})
assert(client:list_phone_numbers { trunk_sid = "trlist" })
collectgarbage()
collectgarbage()
local lua_before = collectgarbage("count")
reset_peak()
local before = status("VmRSS")
local items
if list == "paged" then items = assert(trunk.attach(client, "trpaged"):list_numbers())
else items = assert(client:list_phone_numbers { trunk_sid = "tr" .. list }) end
local peak = status("VmHWM")
collectgarbage()
collectgarbage()
local tables = (collectgarbage("count") - lua_before) * 1024
print(("%d %d %d"):format(#items, peak - before, tables))
client:close()
