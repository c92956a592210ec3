--- Many processes of three kinds that share one limit in a store, and the service that counts what it gets.
local child = require "spec.support.child"

local shared_limit = {}

-- The service, in a process of its own, until it reads a line. Prints the most requests that any 60 seconds saw,
-- by its own count, which is looked at all the time.
local SERVICE = [[
  local core, process = require "exotel.core", require "spec.process"
  local sb = assert(require("exotel.sandbox").start { rate_limit = %d, keep_requests = false })
  print(sb.base_url)
  io.flush()
  local times, first, most = {}, 1, 0
  repeat
    local now = core.now()
    for _ = #times + 1, sb:handled() do times[#times + 1] = now end
    while times[first] and times[first] < now - 60 do first = first + 1 end
    most = math.max(most, #times - first + 1)
  until process.poll(0, 0.002)
  print(most)
]]

-- A client that calls without a pause. It prints how many calls were done, refused by the service, and failed otherwise.
local CLIENT = [[
  local core, process = require "exotel.core", require "spec.process"
  local store_kind, kind, place, base_url, seconds = %q, %q, %q, %q, %d
  local exotel = require "exotel"
  local store
  if store_kind == "file" then store = assert(exotel.store.file { path = place })
  else
    local redis = require "spec.support.redis"
    store = exotel.store.redis { connect = function() return redis.connect(tonumber(place), 60) end }
  end
  local options = {
    store = store, base_url = base_url, account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token",
    retries = 0, timeout = 60, connect_timeout = 60, deadline = 3000,
    log = function(event) if event.event == "store" then io.stderr:write(event.reason, "\n") end end,
  }
  if kind ~= "blocking" then options.sleep = function(time) process.poll(0, time) end end
  if kind == "watching" then options.wait = function(client) process.poll(client:pollfd(), 0.05) end end
  local client = assert(exotel.client(options))
  local done, refused, failed = 0, 0, 0
  local ends = core.now() + seconds
  while core.now() < ends do
    local requests = {}
    for i = 1, 3 do requests[i] = { "list_trunks", {} } end
    for _, result in ipairs(client:batch(requests)) do
      if result.data then done = done + 1
      elseif result.err.kind == "rate_limited" then refused = refused + 1
      else
        failed = failed + 1
        io.stderr:write(tostring(result.err), "\n")
      end
    end
  end
  client:close()
  print(done, refused, failed)
]]

local KINDS = { "blocking", "sleeping", "watching" }

local function start_service(self)
  self.out = os.tmpname()
  self.service = assert(io.popen(child.command(self:script(SERVICE:format(self.limit)), self.environment) .. " >" .. self.out, "w"))
  for _ = 1, 500 do
    local file = assert(io.open(self.out))
    local url = file:read("*l")
    file:close()
    if url then return url end
    os.execute("sleep 0.01")
  end
  error "the service does not start"
end

-- → the most that it saw
local function stop_service(self)
  self.service:write("\n")
  self.service:close()
  local file = assert(io.open(self.out))
  local most = file:read("*a"):match("\n(%d+)\n")
  file:close()
  return tonumber(most)
end

local function run_clients(self, base_url)
  local pipes, sums = {}, { 0, 0, 0 }
  for i = 1, self.processes do
    local code = CLIENT:format(self.store, KINDS[(i - 1) % 3 + 1], self.place, base_url, self.seconds)
    pipes[i] = child.start(child.command(self:script(code), self.environment), self.patience or 100)
  end
  for i = 1, self.processes do
    local text, status = child.finish(pipes[i])
    local done, refused, failed = text:match("^(%d+)\t(%d+)\t(%d+)\n$")
    assert(status == 0 and done, text)
    for k, value in ipairs { done, refused, failed } do sums[k] = sums[k] + tonumber(value) end
  end
  return sums
end

local Run = {}
Run.__index = Run

function Run:script(code)
  self.files[#self.files + 1] = child.write(code)
  return self.files[#self.files]
end

--- shared_limit.run(options) → { done, refused, failed, most }, of all processes; `most`: in any 60 seconds. Raises when
-- one of them says anything else. `options`: store ("file", "redis"), place (a path; a port), limit, processes, seconds,
-- environment (of all processes), patience (seconds, 100)
function shared_limit.run(options)
  local self = setmetatable(options, Run)
  self.files = {}
  local base_url = start_service(self)
  local good, sums = pcall(run_clients, self, base_url)
  local most = stop_service(self)
  self.files[#self.files + 1] = self.out
  for _, path in ipairs(self.files) do os.remove(path) end
  if not good then error(sums, 0) end
  return { done = sums[1], refused = sums[2], failed = sums[3], most = most }
end

return shared_limit
