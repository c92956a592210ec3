-- A name server that does not answer: nothing waits for it but the call, and that no longer than connect_timeout. What is
-- blocked here is blocked for ever, so that it shows without a clock.
local child = require "spec.support.child"

local CODE = [[
local exotel = require "exotel"
local function connect()
  return assert(exotel.client {
    account_sid = "a", api_key = "key", api_token = "token", base_url = "http://api.slow.example", allow_http = true,
    connect_timeout = 0.2, retries = 0,
  })
end

local client = connect()
local call = client:start("list_trunks", {})
while client:poll(0) > 0 do end
local _, err = call:result()
print(err.kind, err.maybe_applied)

print(select(2, client:map_phone_number { trunk_sid = "t", phone_number = "+919876543210" }).kind)

call = client:start("list_trunks", {})
client:poll(0)
call:cancel()
print(select(2, call:result()).kind)

call = client:start("list_trunks", {})
client:poll(0)
client:close()
print "closed"

client = connect()
client:start("list_trunks", {})
client:poll(0)
client = nil
call = nil
collectgarbage()
print "collected"
]]

-- A sanitizer's library has to stay the first.
local function preloaded()
  return { LD_PRELOAD = (os.getenv("LD_PRELOAD") or "") .. " " .. child.module_path("spec.slow_dns") }
end

describe("a name server that does not answer #recent #once", function()
  it("keeps no poll, cancel, close or collection waiting", function()
    local text, status = child.run(CODE, preloaded())
    assert.equal("timeout\tfalse\ntimeout\ncancelled\nclosed\ncollected\n", text)
    assert.equal(0, status)
  end)
end)
