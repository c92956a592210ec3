--- Calls to servers that mean harm, made in a process of their own, so that what they cost can be seen.
local child = require "spec.support.child"

local hostile = {}

-- Makes a call that should fail, then one that should do, and tells of both and of the memory it took in all.
local CALLER = [[
local exotel = require "exotel"
local client = assert(exotel.client {
  account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", retries = 0, rate_limit = false,
  base_url = os.getenv "URL", ca_file = os.getenv "CA", timeout = tonumber(os.getenv "TIMEOUT" or 15),
})
local function call()
  local data, err = client:map_phone_number { trunk_sid = "t", phone_number = "+919876543210" }
  if data then return "success", "", tostring(data.id) end
  assert(tostring(err) ~= "")
  return err.kind, tostring(err.maybe_applied), (err.message:gsub("%%c", " "))
end
local function tell(...) io.write(table.concat({ ... }, "\t"), "\n") end
tell(call())
if os.getenv "AGAIN" then tell(call()) else tell("", "", "") end
client:close()
for line in io.lines("/proc/self/status") do
  local peak = line:match("^VmHWM:%%s+(%%d+) kB")
  if peak then tell(peak) end
end
]]

local function line_of(text)
  local kind, maybe_applied, message = text:match("^([^\t]*)\t([^\t]*)\t(.*)$")
  return { kind = kind, maybe_applied = maybe_applied == "true", message = message }
end

--- Makes the calls. `environment`: URL, and where wanted CA, TIMEOUT (seconds), AGAIN (for a second call).
-- → the first outcome and the second, each { kind, maybe_applied, message }, and the peak of memory in MB
function hostile.call(environment)
  local output, status = child.run((CALLER:gsub("%%%%", "%%")), environment)
  local first, second, peak = output:match("^([^\n]+)\n([^\n]*)\n(%d+)\n$")
  if status ~= 0 or not first then error(("the caller ended with %s: %s"):format(status, output:sub(1, 2000)), 2) end
  return line_of(first), line_of(second), tonumber(peak) / 1024
end

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end
hostile.hex = hex

--- Starts a server; what it can do is told in hostile_server.pl. → { base_url, stop = function() → how many connections there were }
function hostile.start(...)
  local pipe = assert(io.popen("exec env -u LD_PRELOAD perl spec/support/hostile_server.pl " .. table.concat({ ... }, " ")))
  local port, pid = pipe:read("*l"):match("^listening (%d+) (%d+)$")
  local function stop()
    os.execute("kill " .. pid)
    local opened = 0
    for _ in pipe:lines() do opened = opened + 1 end
    pipe:close()
    return opened
  end
  return { base_url = "http://127.0.0.1:" .. port, stop = stop }
end

return hostile
