-- 100,000 calls in one process: what they take they give back.
local child = require "spec.support.child"

-- Heaps breathe by up to 200 kB from run to run. The smallest block that a call could leave behind takes 32 bytes: 3,000 kB.
local CALLS, EARLY, MOST_KB = 100000, 1000, 512
local SECONDS = 120 -- they take about ten

-- In a process of its own, so that only the client is measured. Ends with its standard input.
local SANDBOX = [[
local sb = assert(require("exotel.sandbox").start { keep_requests = false })
sb:fault { on = "list_settings", status = 503, times = true }
sb:fault { on = "list_destinations", drop = true, times = true }
sb:fault { on = "list_whitelisted_ips", status = 200, body = "<html>no JSON</html>", times = true }
local client = assert(sb:client())
local trunk = assert(client:create_trunk { trunk_name = "outbound_trunk" })
for i = 1, 20 do assert(client:map_phone_number { trunk_sid = trunk.trunk_sid, phone_number = "+9198765432" .. (10 + i) }) end
client:close()
print(sb.base_url, trunk.trunk_sid)
io.stdout:flush()
io.read("*a")
sb:stop()
]]

local CALLER = [[
local exotel = require "exotel"
local calls, early, url, sid = tonumber(os.getenv "CALLS"), tonumber(os.getenv "EARLY"), os.getenv "URL", os.getenv "SID"
local logged = 0
local client = assert(exotel.client {
  account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", base_url = url, rate_limit = false,
  retries = 1, backoff = 0, log = function() logged = logged + 1 end,
})

local function expect(kind, data, err)
  local got = data and "success" or err.kind
  if got ~= kind then error(kind .. " expected, got " .. tostring(err or "success")) end
  if err and not data then assert(#tostring(err) > 10) end
end

local mix = {
  function() expect("success", client:list_phone_numbers { trunk_sid = sid }) end,
  function() expect("success", client:get_trunk { trunk_sid = sid }) end,
  function() expect("conflict", client:create_trunk { trunk_name = "outbound_trunk" }) end,
  function() expect("not_found", client:get_trunk { trunk_sid = "nowhere" }) end,
  function() expect("invalid_argument", client:create_trunk { trunk_name = "not good" }) end,
  function() expect("server", client:list_settings { trunk_sid = sid }) end,
  function() expect("protocol", client:list_whitelisted_ips { trunk_sid = sid }) end,
  function() expect("success", client:update_trunk { trunk_sid = sid, trunk_name = "outbound_trunk" }) end,
  function() client:start("list_trunks", {}):cancel() end,
  function()
    local call = client:start("list_trunks", {})
    client:poll(0)
    call = nil
  end,
}

local made = 0
local function make(count)
  while made < count do
    made = made + 1
    if made % 100 == 0 then expect("network", client:list_destinations { trunk_sid = sid })
    else mix[made % #mix + 1]() end
  end
end

-- In kB, after a collection.
local function resident()
  collectgarbage()
  collectgarbage()
  for line in io.lines("/proc/self/status") do
    local kb = line:match("^VmRSS:%s+(%d+) kB")
    if kb then return tonumber(kb) end
  end
end

make(early)
local before = resident()
make(calls)
local after = resident()
assert(logged > calls / 2)
client:close()
print(string.format("%d kB after %d calls, %d kB after %d", before, early, after, calls))
]]

describe("100,000 calls", function()
  -- → its address and a trunk, and a function that ends it
  local function start_sandbox()
    local script, told = child.write(SANDBOX), os.tmpname()
    os.remove(told)
    assert(os.execute("mkfifo " .. told))
    local pipe = assert(io.popen("exec timeout " .. SECONDS .. " " .. child.command(script) .. " >" .. told, "w"))
    local file = assert(io.open(told))
    local line = file:read("*l")
    return line:match("^(%S+)"), line:match("(%S+)$"), function()
      pipe:close()
      file:close()
      os.remove(script)
      os.remove(told)
    end
  end

  it("leave memory as the first thousand did #plain", function()
    local url, sid, stop = start_sandbox()
    finally(stop)
    local output, status = child.run(CALLER, { CALLS = tostring(CALLS), EARLY = tostring(EARLY), URL = url, SID = sid }, SECONDS)
    assert.equal(0, status, output)
    local before, after = output:match("^(%d+) kB after %d+ calls, (%d+) kB")
    assert.is_true(after - before < MOST_KB, output)
  end)
end)
