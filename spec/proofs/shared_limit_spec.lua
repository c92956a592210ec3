-- Eight processes of three kinds share one limit in a store, while all their clocks go twenty times as fast: the service,
-- which keeps the limit by its own count, refuses nothing, and hardly any of the limit is wasted.
local child = require "spec.support.child"
local redis = require "spec.support.redis"

local SPEED, LIMIT, PROCESSES = 20, 200, 8
-- Of the fast clock.
local SECONDS = 240

-- The service, in a process of its own. It ends when its standard input does, and tells how many requests it had.
local SERVICE = ([[
  local sb = assert(require("exotel.sandbox").start { rate_limit = %d, keep_requests = false })
  print(sb.base_url)
  io.flush()
  io.read("*l")
]]):format(LIMIT)

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

describe("a limit that eight processes share #plain", function()
  local environment, files, service

  before_each(function()
    environment = { LD_PRELOAD = child.module_path("spec.fast_clock"), EXOTEL_CLOCK_SPEED = tostring(SPEED) }
    files = {}
  end)
  after_each(function()
    for _, path in ipairs(files) do os.remove(path) end
  end)

  local function script(code)
    files[#files + 1] = child.write(code)
    return files[#files]
  end

  local function start_service()
    local out = os.tmpname()
    files[#files + 1] = out
    service = assert(io.popen(child.command(script(SERVICE), environment) .. " >" .. out, "w"))
    for _ = 1, 500 do
      local file = assert(io.open(out))
      local url = file:read("*l")
      file:close()
      if url then return url end
      os.execute("sleep 0.01")
    end
    error "the service does not start"
  end

  local function run_clients(store_kind, place, base_url)
    local pipes, sums = {}, { 0, 0, 0 }
    for i = 1, PROCESSES do
      local code = CLIENT:format(store_kind, KINDS[(i - 1) % 3 + 1], place, base_url, SECONDS)
      pipes[i] = child.start(child.command(script(code), environment), 100)
    end
    for i = 1, PROCESSES do
      local text, status = child.finish(pipes[i])
      assert.equal(0, status, text)
      local done, refused, failed = text:match("^(%d+)\t(%d+)\t(%d+)\n$")
      assert(done, text)
      for k, value in ipairs { done, refused, failed } do sums[k] = sums[k] + tonumber(value) end
    end
    return sums
  end

  local function check(store_kind, place)
    local base_url = start_service()
    local sums = run_clients(store_kind, place, base_url)
    service:write("\n")
    service:close()
    assert.equal(0, sums[2], "the service refused " .. sums[2])
    assert.equal(0, sums[3], "failed " .. sums[3])
    -- Four windows at the least; two thirds of what the service would have let through.
    assert.is_true(sums[1] >= LIMIT * SECONDS / 60 * 2 / 3, tostring(sums[1]))
    return sums[1]
  end

  it("in a file is never exceeded", function()
    local path = os.tmpname()
    os.remove(path)
    files[#files + 1] = path
    check("file", path)
  end)

  it("in Redis is never exceeded", function()
    local server = redis.start {
      environment = ("LD_PRELOAD=%s EXOTEL_CLOCK_SPEED=%d"):format(environment.LD_PRELOAD, SPEED),
    }
    finally(function() server:stop() end)
    check("redis", tostring(server.port))
  end)
end)
