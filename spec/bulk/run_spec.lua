-- A run: what stops it, how much is under way, and how it waits.
local bulk_run = require "spec.support.bulk_run"
local expect = require "spec.support.expect"
local files = require "spec.support.bulk"

local assert_summary = bulk_run.assert_summary

describe("bulk.map_numbers", function()
  local t

  before_each(function() t = bulk_run.new() end)
  after_each(function() bulk_run.close(t) end)

  describe("stops, and sends nothing more,", function()
    local function assert_stops(kind, fault, sendings)
      t.numbers(30)
      t.w.sb:fault(fault)
      local summary, err, partly = t.map { concurrency = 2 }
      expect.failure(kind, summary, err)
      assert.is_true(#t.sent() <= sendings, #t.sent() .. " sent")
      local _, count = files.results(t.paths.results)
      assert.equal(30, partly.done + partly.unknown + partly.not_tried)
      assert.equal(count, partly.done + partly.unknown)
      t.outcomes()
      t.w.sb:clear_faults()
      assert_summary({ done = 30 }, assert(t.map()))
      t.outcomes()
      return partly
    end

    for status, kind in pairs { [401] = "authentication", [402] = "rejected", [403] = "permission" } do
      it("when the service answers " .. status, function()
        local partly = assert_stops(kind, { before = "map_phone_number", status = status, times = true, skip = 5 }, 8)
        assert.equal(5, partly.done)
      end)
    end

    it("when it is told to, and what is under way is waited for", function()
      t.numbers(30)
      t.w.sb:fault { on = "map_phone_number", delay = 0.05, times = true }
      local asked = 0
      local summary, err, partly = t.map { concurrency = 3, stop = function()
        asked = asked + 1
        return #t.w.sb:requests() > 8
      end }
      expect.failure("cancelled", summary, err)
      local count = #t.sent()
      assert.is_true(count >= 8 and count <= 11, count .. " sent")
      assert.is_true(asked > count)
      assert_summary({ done = count, not_tried = 30 - count }, partly)
      t.outcomes()
      t.w.sb:clear_faults()
      t.w.sb:reset_requests()
      assert_summary({ done = 30 }, assert(t.map()))
      assert.equal(30 - count, #t.sent())
    end)

    it("when it is told to before anything was sent", function()
      t.numbers(3)
      local summary, err, partly = t.map { stop = function() return true end }
      expect.failure("cancelled", summary, err)
      assert_summary({ not_tried = 3 }, partly)
      assert.equal("", t.w:writes())
    end)

    it("and reads nothing: what is lost then is unknown, and reconciled by the next run", function()
      t.numbers(2)
      t.w.sb:fault { after = "map_phone_number", drop = true }
      local over = false
      t.w.sb:fault { on = "map_phone_number", status = 401 }
      local summary, err, partly = t.map { concurrency = 1, stop = function() return over end }
      expect.failure("authentication", summary, err)
      assert_summary({ unknown = 1, not_tried = 1 }, partly)
      assert.equal("list_trunks map_phone_number map_phone_number", t.w:operations())
      over = true
      summary, err, partly = t.map { stop = function() return over end }
      expect.failure("cancelled", summary, err)
      assert_summary({ unknown = 1, not_tried = 1 }, partly)
      assert.equal("network", t.outcomes()[2].kind)
      over = false
      assert_summary({ done = 2 }, assert(t.map { stop = function() return over end }))
      assert.equal("done", t.outcomes()[2].outcome)
    end)

    -- The waits are long: the client's sleep only counts.
    local function patient()
      local slept = { seconds = 0 }
      t.start { sleep = function(seconds) slept.seconds = slept.seconds + seconds end, backoff = 0, rate_limit = false }
      return slept
    end

    for name, fault in pairs {
      ["that answers nothing but errors"] = { on = "*", status = 503, times = true, skip = 1 },
      ["that is too busy"] = { before = "*", status = 429, times = true, skip = 1 },
      ["that can't be reached"] = { on = "*", reset = true, times = true, skip = 1 },
    } do
      it("when it has waited long enough for a service " .. name, function()
        local slept = patient()
        assert_stops(fault.status == 429 and "rate_limited" or fault.status and "server" or "network", fault, 30)
        assert.is_true(slept.seconds > 60, slept.seconds .. " seconds")
      end)
    end

    it("but goes on when the service comes back", function()
      local slept = patient()
      t.numbers(30)
      -- Four times, with more waits in all than one outage may have.
      for i = 1, 4 do t.w.sb:fault { on = "*", status = 503, times = 12, skip = 6 * i } end
      assert_summary({ done = 30 }, assert(t.map { concurrency = 2 }))
      assert.is_true(slept.seconds >= 8, slept.seconds .. " seconds")
      t.outcomes()
    end)

    it("and reads then what a lost reply has left open", function()
      patient()
      t.numbers(1)
      t.w.sb:fault { after = "map_phone_number", drop = true }
      t.w.sb:fault { on = "list_phone_numbers", status = 503, times = 30 } -- five calls of six attempts
      assert_summary({ done = 1 }, assert(t.map { concurrency = 1 }))
      assert.equal(1, #t.sent())
      t.outcomes()
    end)

    for name, start in pairs {
      ["the service"] = function(sleep)
        t.start { sleep = sleep, backoff = 0, rate_limit = false }
        t.w.sb:fault { on = "map_phone_number", status = 503, times = true }
      end,
      ["the rate limit"] = function(sleep) t.start { sleep = sleep, rate_limit = 5 } end,
    } do
      it("and asks stop five times a second while it waits for " .. name, function()
        local longest, waits = 0, 0
        start(function(seconds)
          longest = math.max(longest, seconds)
          if seconds >= 0.1 then waits = waits + 1 end
        end)
        t.numbers(10)
        local summary, err = t.map { stop = function() return waits > 3 end }
        expect.failure("cancelled", summary, err)
        assert.equal(0.2, longest)
      end)
    end
  end)

  for _, where in ipairs { "progress", "stop" } do
    it("ends with an error when somebody closes its client: in " .. where, function()
      t.start { rate_limit = 8, retries = 0 }
      t.numbers(20)
      local closed = 0
      local function close()
        closed = closed + 1
        if closed == 3 then t.w.client:close() end
      end
      local summary, err, partly = t.map { concurrency = 1, [where] = close }
      assert.is_nil(summary)
      assert.equal("cancelled", err.kind)
      assert.equal(20, partly.done + partly.not_tried)
      assert.is_true(partly.not_tried > 10)
      t.outcomes()
    end)
  end

  it("ends with an error when its client is closed just after the trunks were found", function()
    local begun = false
    t.start { sleep = function()
      if not begun then return end
      while t.w.client:poll(1) > 0 do end
      t.w.client:close()
    end }
    t.csv("phone_number,mode", files.number(1) .. ",flow", files.number(2) .. ",pstn", files.number(3) .. ",")
    t.w.sb:fault { on = "list_trunks", delay = 0.05 } -- so that it is waited for
    begun = true
    local summary, err, partly = t.map()
    expect.failure("cancelled", summary, err)
    assert.equal(3, partly.not_tried)
    assert.same({}, t.sent())
  end)

  it("ends with an error when its client is closed while the rate limit holds it back", function()
    local napped = 0
    t.start { rate_limit = 8, sleep = function(seconds)
      if seconds >= 0.1 then napped = napped + 1 end
      if napped == 2 then t.w.client:close() end
    end }
    t.numbers(20)
    local summary, err, partly = t.map()
    assert.is_nil(summary)
    assert.equal("cancelled", err.kind)
    assert.is_true(partly.done > 0)
    assert.equal(20, partly.done + partly.not_tried)
    t.outcomes()
  end)

  describe("keeps to its limits:", function()
    it("no more calls are under way than its concurrency", function()
      t.numbers(12)
      t.w.sb:fault { on = "map_phone_number", delay = 0.02, times = true }
      local most, done = 0, 0
      assert(t.map { concurrency = 3, progress = function()
        done = done + 1
        most = math.max(most, #t.sent() - done)
      end })
      -- Calls that finish together are reported one after the other.
      assert.is_true(most >= 1 and most <= 3 + 2, most .. " under way")
    end)

    it("eight calls are under way where it is told nothing, though more connections are allowed", function()
      t.start { max_connections = 50 }
      t.numbers(40)
      t.w.sb:fault { on = "map_phone_number", delay = 0.05, times = true }
      local most, done = 0, 0
      assert(t.map { progress = function()
        done = done + 1
        most = math.max(most, #t.sent() - done)
      end })
      assert.is_true(most <= 2 * 8, most .. " under way")
    end)

    it("what the rate limit holds back waits, and stop is asked meanwhile", function()
      t.start { rate_limit = 5 }
      t.numbers(30)
      local asked = 0
      local summary, err, partly = t.map { stop = function()
        if #t.sent() == 2 then asked = asked + 1 end
        return asked > 3
      end }
      expect.failure("cancelled", summary, err)
      assert_summary({ done = 2, not_tried = 28 }, partly) -- two trunks and their list came before
      assert.equal(3, #t.w.sb:requests())
    end)

    it("the time that is left is by the rate limit", function()
      t.start { rate_limit = 7 }
      t.numbers(30)
      local seen = {}
      t.map { concurrency = 1, stop = function() return #seen == 4 end, progress = function(progress)
        seen[#seen + 1] = progress.seconds_left
      end }
      -- Three of seven requests were made before; after one more, of 29 rows three go at once and 26 in four windows.
      assert.equal(240, seen[1])
      assert.equal(240, seen[3])
      assert.is_true(seen[4] > 230 and seen[4] <= 241, seen[4])
    end)

    it("the time that is left is by what was measured", function()
      t.start { rate_limit = false }
      t.numbers(10)
      t.w.sb:fault { on = "map_phone_number", delay = 0.02, times = true }
      local seen = {}
      assert(t.map { concurrency = 2, progress = function(progress) seen[#seen + 1] = progress.seconds_left end })
      assert.is_true(seen[1] >= 9 * 0.02 / 2, seen[1])
      assert.is_true(seen[9] >= 0.02 and seen[9] < seen[1], seen[9])
      assert.equal(0, seen[10])
    end)
  end)

  it("yields by the client's sleep in a coroutine, also while it waits", function()
    local turns, scheduled = 0, false
    t.start { rate_limit = false, sleep = function(seconds)
      if scheduled then coroutine.yield(seconds) end
    end }
    t.numbers(30)
    t.w.sb:fault { after = "map_phone_number", drop = true, times = 6 }
    t.w.sb:fault { on = "map_phone_number", delay = 0.1, skip = 10 } -- so long that there is something to wait for
    local summary
    local thread = coroutine.create(function() summary = t.map { concurrency = 4 } end)
    scheduled = true
    while coroutine.status(thread) ~= "dead" do
      assert(coroutine.resume(thread))
      turns = turns + 1
    end
    assert_summary({ done = 30 }, summary)
    assert.is_true(turns > 1, turns .. " turns")
    t.outcomes()
  end)

  -- Of what is read back at the end, hundreds may be kept until then.
  it("keeps no answers of rows that are in doubt", function()
    local before, most, looks = nil, 0, 0
    t.numbers(200)
    t.w.sb:fault { on = "map_phone_number", status = 409, body = ("x"):rep(60000), times = true }
    -- To collect all garbage takes long where many specs are loaded.
    local function look()
      looks = looks + 1
      if looks % 20 ~= 1 then return end
      collectgarbage()
      before = before or collectgarbage("count")
      most = math.max(most, collectgarbage("count") - before)
    end
    t.map { stop = look }
    assert.is_true(most < 200 * 60000 / 1024 / 4, most .. " KiB")
  end)
end)
