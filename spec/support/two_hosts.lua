--- Two hosts that share one Redis, and from which one of them is cut off for a while: network namespaces with a link to
-- Redis and a link to the service each, or, wherever none can be made, processes that reach Redis by a forwarder each.
local child = require "spec.support.child"
local forwarder = require "spec.support.forwarder"
local redis = require "spec.support.redis"

local two_hosts = {}

local LIMIT, FALLBACK = 20, 5

-- Seconds that a host waits for Redis.
local PATIENCE = 0.3

-- Hosts ---------------------------------------------------------------------------------------------------------------

-- It does what the lines say that it reads, and answers each with a line.
local HOST = [[
  local exotel = require "exotel"
  local redis = require "spec.support.redis"
  local address, port, base_url, limit, fallback, patience = %q, %d, %q, %d, %d, %f
  local said, lock = {}, nil
  local store = exotel.store.redis { connect = function() return redis.connect(port, patience, address) end }
  local client = assert(exotel.client {
    account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", base_url = base_url, allow_http = true,
    retries = 0, rate_limit = limit, store = store, store_fallback = fallback,
    log = function(event) if event.event == "store" then said[#said + 1] = event.reason end end,
  })
  local commands = {}
  function commands.call(count)
    local done = 0
    while done < tonumber(count) and client:list_trunks({}, { deadline = 0.9 }) do done = done + 1 end
    return done
  end
  function commands.come_back()
    repeat client:list_trunks({}, { deadline = 0.1 }) until #said > 0
    return "back"
  end
  local function outcome(good, err) return good and "good" or err.kind end
  function commands.lock(seconds)
    local err
    repeat lock, err = store:lock("apply", tonumber(seconds)) until lock or err.kind ~= "conflict"
    return lock and lock.token or err.kind
  end
  function commands.renew() return outcome(lock:renew()) end
  for line in io.lines() do
    local name, argument = line:match("^(%%S+) ?(.*)$")
    local result = commands[name](argument)
    print(result .. " " .. table.concat(said, "; "))
    io.flush()
    said = {}
  end
]]

local Host = {}
Host.__index = Host

-- `prefix`: the words that the program is run by
local function start_host(network, prefix, address, port, base_url)
  local script = child.write(HOST:format(address, port, base_url, LIMIT, FALLBACK, PATIENCE))
  local pipe = child.output("mktemp -u")
  assert(os.execute("mkfifo " .. pipe))
  local self = setmetatable({ files = { script, pipe } }, Host)
  self.input = assert(io.popen(("%s timeout 60 %s >%s"):format(prefix, child.command(script), pipe), "w"))
  self.output = assert(io.open(pipe))
  network.hosts[#network.hosts + 1] = self
  return self
end

--- Has it do something. → the result, and what its log was told, in one line
function Host:run(command)
  self.input:write(command, "\n")
  self.input:flush()
  return assert(self.output:read("*l"), "the host has ended"):match("^(%S+) ?(.*)$")
end

local function stop_hosts(network)
  for _, host in ipairs(network.hosts) do
    host.input:close()
    host.output:close()
    for _, path in ipairs(host.files) do os.remove(path) end
  end
end

-- Namespaces ----------------------------------------------------------------------------------------------------------

-- Redis's address and the service's, the same for both hosts.
local REDIS, SERVICE = "10.77.0.1", "10.77.0.2"

-- One host: its namespace lives as long as a process in it. $1 is its number. Prints the pid.
local MAKE = [[
  set -e
  unshare -n sleep 60 >&- 2>&- & pid=$!
  for _ in $(seq 200); do [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/$$/ns/net)" ] && break; sleep 0.01; done
  nsenter -t $pid -n ip link set lo up
  link() { # number address
    ip link add host$1_$2 type veth peer name to_$2 netns $pid
    ip address add 10.77.$1$2.1/30 dev host$1_$2
    ip link set host$1_$2 up
    nsenter -t $pid -n ip address add 10.77.$1$2.2/30 dev to_$2
    nsenter -t $pid -n ip link set to_$2 up
    nsenter -t $pid -n ip route add $3 dev to_$2
  }
  link $1 1 $2
  link $1 2 $3
  echo $pid
]]

local Namespaces = {}
Namespaces.__index = Namespaces

local function new_namespaces(server, sb)
  assert(os.execute(("ip link set lo up && ip address add %s/32 dev lo && ip address add %s/32 dev lo"):format(REDIS, SERVICE)))
  local self = setmetatable({ hosts = {}, pids = {}, port = server.port }, Namespaces)
  self.relay = forwarder.start(tonumber(sb.base_url:match("%d+$")), SERVICE)
  self.base_url = ("http://%s:%d"):format(SERVICE, self.relay.port)
  return self
end

function Namespaces:host()
  local number = #self.hosts + 1
  local pid = child.output(("sh -c %s sh %d %s %s"):format(child.quote(MAKE), number, REDIS, SERVICE))
  assert(pid:find("^%d+$"), "no namespace: " .. pid)
  self.pids[number] = pid
  return start_host(self, "nsenter -t " .. pid .. " -n", REDIS, self.port, self.base_url)
end

function Namespaces.cut(_, number) assert(os.execute(("ip link set host%d_1 down"):format(number))) end
function Namespaces.mend(_, number) assert(os.execute(("ip link set host%d_1 up"):format(number))) end

function Namespaces:stop()
  stop_hosts(self)
  for _, pid in ipairs(self.pids) do os.execute("kill " .. pid) end
  self.relay:stop()
end

-- Forwarders ----------------------------------------------------------------------------------------------------------

local Forwarders = {}
Forwarders.__index = Forwarders

local function new_forwarders(server, sb)
  return setmetatable({ hosts = {}, relays = {}, server = server, base_url = sb.base_url }, Forwarders)
end

function Forwarders:host()
  local relay = forwarder.start(self.server.port)
  self.relays[#self.relays + 1] = relay
  return start_host(self, "", "127.0.0.1", relay.port, self.base_url)
end

function Forwarders:cut(number) self.relays[number]:cut() end
function Forwarders:mend(number) self.relays[number]:mend() end

function Forwarders:stop()
  stop_hosts(self)
  for _, relay in ipairs(self.relays) do relay:stop() end
end

-- The test ------------------------------------------------------------------------------------------------------------

local function expect(what, expected, ...)
  for i, value in ipairs(expected) do
    local got = (select(i, ...))
    if tostring(got) ~= tostring(value) then
      error(("%s: %s expected, got %s"):format(what, tostring(value), tostring(got)), 2)
    end
  end
end

local GOES_ALONE = "the shared rate limit can't be had, up to 5 requests a minute go without it: Redis: timeout"
local SHARED = "the rate limit is shared again"

local function act(network, server, sb)
  local one, other = network:host(), network:host()
  expect("both share", { 3, "" }, one:run "call 3")
  expect("both share", { 3, "" }, other:run "call 3")
  local token = tonumber((other:run "lock 1"))
  network:cut(2)
  -- Of its fallback of 5 it has used 3.
  expect("the host that is cut off", { 2, GOES_ALONE }, other:run "call 9")
  expect("its lock", { "network" }, other:run "renew")
  expect("the other host", { LIMIT - 6, "" }, one:run("call " .. LIMIT - 6))
  assert(tonumber((one:run "lock 30")) > token, "tokens grow")
  network:mend(2)
  expect("after the cut", { "back", SHARED }, other:run "come_back")
  expect("its lock", { "conflict" }, other:run "renew")
  expect("what the service saw", { LIMIT + 2 }, #sb:requests())
  local store = require("exotel").store.redis { connect = function() return server:connect() end }
  local _, _, more = store:lease("sandbox1@" .. network.base_url:match("//(.*)"), 100, 0)
  expect("what Redis knows of", { 100 - LIMIT - 2 }, more.left)
end

--- The words that make a network for "namespaces"; nil where none can be made.
function two_hosts.isolated()
  for _, words in ipairs { "unshare -n", "unshare -Urn" } do
    local try = words .. " sh -c 'ip link add try1 type veth peer name try2 && unshare -n true' >/dev/null 2>&1; echo $?"
    if child.output(try) == "0" then return words end
  end
end

--- Runs the test; `kind`: "namespaces", in a network that two_hosts.isolated has made, or "forwarders". Raises what goes
-- otherwise than it should.
function two_hosts.run(kind)
  local make = kind == "namespaces" and new_namespaces or new_forwarders
  if kind == "namespaces" then assert(os.execute("ip link set lo up")) end
  local sb = assert(require("exotel.sandbox").start())
  local server = redis.start { address = kind == "namespaces" and "0.0.0.0" or nil }
  local network = make(server, sb)
  local good, reason = pcall(act, network, server, sb)
  network:stop()
  server:stop()
  sb:stop()
  if not good then error(reason, 0) end
end

return two_hosts
