--- The bench's calls by this library: what bench/plain.c does in C.
--
--     lua bench/calls.lua map|many|list|... URL CA CALLS
local exotel = require "exotel"

local WIDTH = 32

local mode, url, ca, calls = arg[1], arg[2], arg[3], tonumber(arg[4])
local client = assert(exotel.client {
  account_sid = "bench", api_key = "key", api_token = "token", base_url = url, ca_file = ca ~= "-" and ca or nil,
  max_connections = WIDTH, rate_limit = false, retries = 0, connect_timeout = 60, timeout = 60,
})

-- The number that the server answers: any other would be a warning, too.
local function mapping() return { trunk_sid = "trmap", phone_number = "+919876543210", mode = "pstn" } end

local modes = {}

function modes.map()
  for _ = 1, calls do
    local data, err = client:map_phone_number(mapping())
    if not data then error(err) end
    assert(data.phone_number:find("+", 1, true) == 1 and data.id and data.trunk_sid)
  end
end

local function check(item) assert(item.phone_number:find("+", 1, true) == 1 and item.id and item.trunk_sid) end

local function list(trunk_sid)
  for _ = 1, calls do
    local items, err = client:list_phone_numbers { trunk_sid = trunk_sid }
    if not items then error(err) end
    for _, item in ipairs(items) do check(item) end
  end
end

-- A list of 10,000, page by page.
function modes.paged()
  for _ = 1, calls do
    for item in client:each("list_phone_numbers", { trunk_sid = "trpaged" }) do check(item) end
  end
end

function modes.many()
  local requests = {}
  for i = 1, calls do requests[i] = { "map_phone_number", mapping() } end
  for _, result in ipairs(client:batch(requests, { concurrency = WIDTH })) do assert(result.data, result.err) end
end

if modes[mode] then modes[mode]() else list("tr" .. mode) end
client:close()
