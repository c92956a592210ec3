-- The time that is left of a run: by the rate limit, and by how long calls took.
local estimate = require "exotel.calls.estimate"
local world = require "spec.support.world"

describe("the estimate of a run", function()
  local w, e

  before_each(function()
    w = world.new(nil, { rate_limit = 10 })
    e = estimate.new(w.client, 4)
  end)
  after_each(function() w:close() end)

  local function rows(count) return e:seconds_left(count) end

  it("is whole windows of the rate limit for what can't leave at once", function()
    assert.same({ 0, 0, 0, 60, 60, 120 }, { rows(0), rows(1), rows(10), rows(11), rows(20), rows(21) })
  end)

  it("counts what has left already", function()
    for _ = 1, 10 do assert(w.client:list_trunks {}) end
    local wait = rows(1)
    assert.is_true(wait > 55 and wait <= 60.1, tostring(wait))
    assert.is_true(math.abs(rows(10) - wait) < 1)
    assert.is_true(math.abs(rows(11) - wait - 60) < 1)
  end)

  it("is by what was measured where that takes longer, with so many calls under way at once", function()
    e:begin_row()
    e:count { attempts = 2, elapsed = 40 } -- a row takes two requests of 20 seconds
    assert.same({ 20, 40, 80 }, { rows(1), rows(4), rows(8) })
  end)

  it("is not known of a client that somebody has closed", function()
    w.client:close()
    assert.is_nil(rows(5))
  end)
end)
