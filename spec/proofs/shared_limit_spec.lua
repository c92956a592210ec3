-- Eight processes of three kinds share one limit in a store, while all their clocks go twenty times as fast: the service,
-- which keeps the limit by its own count, refuses nothing, and hardly any of the limit is wasted. In real time:
-- spec/by_hand/shared_limit.lua.
local child = require "spec.support.child"
local redis = require "spec.support.redis"
local shared_limit = require "spec.support.shared_limit"

local SPEED, LIMIT, PROCESSES = 20, 200, 8
-- Of the fast clock.
local SECONDS = 240

describe("a limit that eight processes share #plain", function()
  local environment

  before_each(function()
    environment = { LD_PRELOAD = child.module_path("spec.fast_clock"), EXOTEL_CLOCK_SPEED = tostring(SPEED) }
  end)

  local function check(store, place)
    local sums = shared_limit.run {
      store = store, place = place, limit = LIMIT, processes = PROCESSES, seconds = SECONDS, environment = environment,
    }
    assert.equal(0, sums.refused, "the service refused " .. sums.refused)
    assert.equal(0, sums.failed, "failed " .. sums.failed)
    assert.is_true(sums.most > LIMIT / 2 and sums.most <= LIMIT, tostring(sums.most))
    -- Four windows at the least; two thirds of what the service would have let through.
    assert.is_true(sums.done >= LIMIT * SECONDS / 60 * 2 / 3, tostring(sums.done))
  end

  it("in a file is never exceeded", function()
    local path = os.tmpname()
    os.remove(path)
    check("file", path)
    os.remove(path)
  end)

  it("in Redis is never exceeded", function()
    local server = redis.start {
      environment = ("LD_PRELOAD=%s EXOTEL_CLOCK_SPEED=%d"):format(environment.LD_PRELOAD, SPEED),
    }
    finally(function() server:stop() end)
    check("redis", tostring(server.port))
  end)
end)
