-- The pauses between the reads that look for what is not there yet.
local pauses = require "spec.support.pauses"
local settle_wait = require "exotel.calls.settle_wait"
local world = require "spec.support.world"

describe("a wait for what the service doesn't show yet", function()
  local w, slept

  local function new_wait(client_options, options, elapsed)
    slept = pauses.new()
    local all = { sleep = slept.sleep }
    for name, value in pairs(client_options) do all[name] = value end
    w = world.new(nil, all)
    return settle_wait.new(w.client, options, elapsed)
  end

  after_each(function() w:close() end)

  local function pause_to_the_end(wait)
    local count = 0
    while wait:pause() do count = count + 1 end
    assert.is_false(wait:pause())
    return count
  end

  it("is as long as settle_wait, in few pauses that grow", function()
    assert.equal(4, pause_to_the_end(new_wait { settle_wait = 15 }))
    assert.same({ 1, 2, 4, 8 }, slept.list)
  end)

  it("is none when settle_wait is 0", function()
    assert.equal(0, pause_to_the_end(new_wait { settle_wait = 0 }))
    assert.same({}, slept.list)
  end)

  it("begins anew for another write, and its deadline doesn't", function()
    local wait = new_wait { settle_wait = 15, deadline = 25 }
    pause_to_the_end(wait)
    wait:restart()
    assert.equal(3, pause_to_the_end(wait))
    assert.equal(22, slept:total())
  end)

  it("never passes the deadline, of the client or of the call", function()
    assert.equal(2, pause_to_the_end(new_wait { settle_wait = 15, deadline = 5 }))
    w:close()
    assert.equal(2, pause_to_the_end(new_wait({ settle_wait = 15 }, { deadline = 5 })))
    w:close()
    assert.equal(1, pause_to_the_end(new_wait({ settle_wait = 15 }, { deadline = 5 }, 2.5)))
    assert.is_true(slept:total() < 5)
  end)

  it("leaves the rest of the deadline to the calls in it, and their other options as they are", function()
    local given = { deadline = 10, retries = 3 }
    local wait = new_wait({ settle_wait = 15 }, given)
    assert.is_true(wait:pause())
    local options = wait:options()
    assert.equal(3, options.retries)
    assert.is_true(options.deadline > 8.5 and options.deadline <= 9, options.deadline)
    assert.same({ deadline = 10, retries = 3 }, given)
    assert.is_true(wait:has_time())
    assert.is_false(new_wait({}, { deadline = 1 }, 1):has_time())
  end)

  it("leaves a deadline that a call may have, when it has passed", function()
    local options = new_wait({}, { deadline = 1 }, 2):options()
    local call = w.client:start("list_trunks", {}, options)
    assert.is_false(call:finished())
  end)

  it("is over when somebody closes the client, and leaves it to the next read to say so", function()
    w = world.new(nil, { settle_wait = 1000, deadline = 2000, log = function() w.client:close() end })
    local wait = settle_wait.new(w.client)
    local call = w.client:start("list_trunks", {})
    for _ = 1, 4 do assert.is_true(wait:pause()) end
    assert.is_false(wait:pause())
    assert.is_true(call:finished())
  end)

  it("blocks where the client has no scheduler", function()
    w = world.new(nil, { settle_wait = 0.3 })
    local now = require("exotel.core").now
    local began = now()
    assert.equal(4, pause_to_the_end(settle_wait.new(w.client)))
    local elapsed = now() - began
    assert.is_true(elapsed >= 0.29, elapsed)
  end)
end)
