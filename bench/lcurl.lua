--- The bench's calls by Lua-cURLv3 (lcurl), or by Debian's older binding (curl), with lua-cjson: one handle for all
-- calls, as in bench/plain.c.
--
--     lua bench/lcurl.lua map|list URL CA CALLS
local cjson = require "cjson"
local read_answer = require "bench.answer"
local has_lcurl, lcurl = pcall(require, "lcurl")
local curl = has_lcurl and lcurl or require "curl"

local mode, base, ca, calls = arg[1], arg[2], arg[3], tonumber(arg[4])

local function open()
  local easy = has_lcurl and curl.easy() or curl.easy_init()
  easy:setopt(curl.OPT_USERPWD, "key:token")
  easy:setopt(curl.OPT_USERAGENT, "bench")
  easy:setopt(curl.OPT_HTTPHEADER, { "Accept: application/json", "Content-Type: application/json" })
  easy:setopt(curl.OPT_FAILONERROR, has_lcurl or 1)
  if ca ~= "-" then easy:setopt(curl.OPT_CAINFO, ca) end
  return easy
end

-- The older binding wants the length back, the newer one takes it.
local function performer(easy)
  local parts
  local function on_body(text)
    parts[#parts + 1] = text
    return #text
  end
  easy:setopt(curl.OPT_WRITEFUNCTION, on_body)
  return function()
    parts = {}
    assert(easy:perform())
    return table.concat(parts)
  end
end

local easy = open()
local perform = performer(easy)
for _ = 1, calls do
  easy:setopt(curl.OPT_URL, base .. "/v2/accounts/bench/trunks/tr" .. mode .. "/phone-numbers")
  if mode == "map" then
    easy:setopt(curl.OPT_POSTFIELDS, cjson.encode { phone_number = "+919876543210", mode = "pstn" })
  end
  read_answer(perform())
end
