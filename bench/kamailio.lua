--- Calls that the real Kamailio routes by a directory of 100,000 numbers, beside calls that it routes by a constant in
-- the script: what the processor does for each, INVITE to BYE. The service is stopped. Run by `make bench-kamailio`.
local kamailio = require "spec.support.kamailio"
local made = require "bench.made_directory"
local sandbox = require "exotel.sandbox"

-- As fast as it goes, with so many calls at a time: a processor that is idle in between has everything to fetch anew.
local ROUNDS, CALLS, PARALLEL = tonumber(arg[1] or 15), 2000, 20
local TREE = kamailio.sh("pwd"):gsub("\n", "")
local EXAMPLES = TREE .. "/examples/kamailio"

-- The same as examples/kamailio/directory.lua for a call that comes in, without looking anything up.
local CONSTANT = [[
  local kamailio = require "exotel.kamailio"
  kamailio.setup {}
  exotel_pump = kamailio.pump
  function exotel_route()
    READ
    KSR.pv.sets("$var(verdict)", "inbound")
    KSR.pv.sets("$avp(trunk)", "a_trunk")
    KSR.pv.sets("$var(destination)", os.getenv("BENCH_DESTINATION"))
    KSR.pv.sets("$avp(tried)", os.getenv("BENCH_DESTINATION"))
  end
]]

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function start(script, environment)
  return kamailio.start {
    environment = environment, seconds = 900,
    arguments = ("-f %s/directory.cfg -A LISTEN=udp:127.0.0.1:@PORT@ -A 'EXOTEL_LUA=\"%s\"'"):format(EXAMPLES, script),
  }
end

-- Seconds of CPU that a Kamailio has taken, all its processes together.
local function cpu_of(host)
  local main = kamailio.sh("ps -o pid= --ppid %d", host.pid):match("%d+")
  local nanoseconds = 0
  for pid in (main .. " " .. kamailio.sh("ps -o pid= --ppid %s", main)):gmatch("%d+") do
    local file = assert(io.open("/proc/" .. pid .. "/schedstat"))
    nanoseconds = nanoseconds + file:read("*n")
    file:close()
  end
  return nanoseconds / 1e9
end

-- A free port, on which destinations answer all calls, and the pid of what does.
local function start_destination(folder)
  local port = kamailio.free_port()
  local line = "cd %s && { timeout 600 sipp -sf %s/answer.xml -i 127.0.0.1 -p %d -nostdin >/dev/null 2>&1 </dev/null & "
    .. "echo $!; }"
  return port, kamailio.sh(line, folder, EXAMPLES, port):match("%d+")
end

-- The call of the examples, to one number of a list after the other.
local function write_calls(folder)
  local file = assert(io.open(EXAMPLES .. "/call.xml"))
  local scenario = file:read("*a"):gsub("%[service%]", "[field0]"):gsub("<pause.-/>", '<pause milliseconds="10"/>')
  write(folder .. "/call.xml", scenario)
  file:close()
  local lines = { "RANDOM" }
  for i = 1, made.TRUNKS * made.EACH do lines[#lines + 1] = made.number_text(i) .. ";" end
  write(folder .. "/numbers.csv", table.concat(lines, "\n") .. "\n")
end

-- → microseconds of CPU for a call
local function measure(host, folder)
  local before = cpu_of(host)
  local line = "cd %s && timeout 100 sipp -sf call.xml -inf numbers.csv -i 127.0.0.1 -m %d -r 10000 -l %d -nostdin "
    .. "127.0.0.1:%d </dev/null"
  local said = kamailio.sh(line, folder, CALLS, PARALLEL, host.port)
  local done = tonumber(said:match("Successful call%s+|%s+%d+%s+|%s+(%d+)"))
  assert(done and done > 0.99 * CALLS, said) -- on a busy machine an answer may be late
  return (cpu_of(host) - before) / CALLS * 1e6
end

local function median(list)
  table.sort(list)
  return list[math.ceil(#list / 2)]
end

local folder = kamailio.sh("mktemp -d"):gsub("\n", "")
local port, pid = start_destination(folder)
local destination = "sip:127.0.0.1:" .. port
made.write(folder .. "/directory", destination)
write_calls(folder)
write(folder .. "/constant.lua", (CONSTANT:gsub("READ", "")))
write(folder .. "/reading.lua", (CONSTANT:gsub("READ", 'local source, number = KSR.pv.get("$si"), KSR.pv.get("$rU")')))
local sb = assert(sandbox.start())
local environment = sb:environment()
for name, value in pairs { DIRECTORY = folder .. "/directory", EVERY = "3600", EDGES = "127.0.0.1" } do
  environment["EXOTEL_" .. name] = value
end
environment.BENCH_DESTINATION = destination
sb:stop()
local hosts = {
  constant = start(folder .. "/constant.lua", environment),
  reading = start(folder .. "/reading.lua", environment),
  directory = start(EXAMPLES .. "/directory.lua", environment),
}
local costs = { constant = {}, reading = {}, directory = {} }
for round = 0, ROUNDS do -- the first one warms up
  for _, name in ipairs { "constant", "reading", "directory" } do
    local cost = measure(hosts[name], folder)
    if round > 0 then table.insert(costs[name], cost) end
  end
end
for name, host in pairs(hosts) do
  local fine, complaints = host:stop()
  assert(fine, name .. ": " .. complaints)
end
os.execute("kill " .. pid)
os.execute("rm -rf " .. folder)
local constant = median(costs.constant)
local function say(what, name)
  local cost = median(costs[name])
  print(("%-62s %4.0f microseconds of CPU, %+.1f %%"):format(what, cost, (cost / constant - 1) * 100))
end
say("a call by a constant in the script", "constant")
say("by a constant, with the source and the number read", "reading")
say("by the directory, which needs those", "directory")
