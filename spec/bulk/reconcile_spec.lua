-- Rows whose outcome no reply told: the trunk's numbers decide.
local bulk_run = require "spec.support.bulk_run"
local files = require "spec.support.bulk"
local pauses = require "spec.support.pauses"

local assert_summary = bulk_run.assert_summary

describe("bulk.map_numbers", function()
  local t

  before_each(function() t = bulk_run.new() end)
  after_each(function() bulk_run.close(t) end)

  describe("reconciles by reading the trunk once", function()
    local function place(number, trunk_sid, mode)
      local data = assert(t.w.client:map_phone_number { trunk_sid = trunk_sid, phone_number = number, mode = mode })
      t.w.sb:reset_requests()
      return data.id
    end

    it("what exists already: as wanted, in another mode, on another trunk", function()
      t.csv("phone_number,mode,trunk", "+919800000001,,", "+919800000002,pstn,", "+919800000003,flow,", "+919800000004,,",
        "+919800000005,,other")
      local id = place("+919800000001", t.sid, "pstn")
      place("+919800000002", t.sid)
      place("+919800000003", t.sid)
      place("+919800000004", t.other)
      place("+919800000005", t.sid)
      assert_summary({ present = 2, failed = 3 }, assert(t.map { concurrency = 5 }))
      local results = t.outcomes()
      assert.equal(id, results[2].id)
      assert.equal("conflict", results[4].kind)
      assert.truthy(results[4].message:find("+919800000003 is mapped with mode pstn, not flow", 1, true))
      assert.equal("conflict", results[5].kind)
      assert.truthy(results[5].message:find("+919800000004 is mapped to another trunk, other (" .. t.other .. ")", 1, true))
      assert.truthy(results[6].message:find("+919800000005 is mapped to another trunk, main (" .. t.sid .. ")", 1, true))
      -- One list for each trunk, one lookup for each number that is not on its own, and one for all names.
      assert.equal("list_trunks" .. (" map_phone_number"):rep(5) .. " list_phone_numbers find_trunk_map list_trunks list_phone_numbers find_trunk_map",
        t.w:operations())
    end)

    it("replies that were lost, and sends again what is not there", function()
      t.numbers(20)
      t.w.sb:fault { after = "map_phone_number", drop = true, times = 4 }
      t.w.sb:fault { after = "map_phone_number", status = 500, times = 4, skip = 2 }
      t.w.sb:fault { before = "map_phone_number", drop = true, times = 4, skip = 3 }
      assert_summary({ done = 20 }, assert(t.map { concurrency = 1 }))
      t.outcomes()
      assert.equal(24, #t.sent())
      assert.is_truthy(t.w:operations():find("^list_trunks " .. ("map_phone_number "):rep(20) .. "list_phone_numbers map"))
    end)

    it("all rows that it sees there, also those not sent yet", function()
      t.numbers(400)
      for i = 1, 400 do place(files.number(i), t.sid) end
      assert_summary({ present = 400 }, assert(t.map()))
      -- Beside the 250 that start a reading, those under way then.
      assert.is_true(#t.sent() >= 250 and #t.sent() < 258, #t.sent() .. " sent")
      t.outcomes()
    end)

    it("page by page, each of which may take several tries", function()
      t.start(nil, { page_size = 3 })
      t.numbers(20)
      t.w.sb:fault { after = "map_phone_number", drop = true, times = 4 }
      t.w.sb:fault { on = "list_phone_numbers", status = 200, body = "<html>", skip = 3, times = 3 }
      assert_summary({ done = 20 }, assert(t.map { concurrency = 1 }))
      t.outcomes()
      assert.equal(10 + 3, select(2, t.w:operations():gsub("list_phone_numbers", "")))
    end)

    it("and again when the list ended before its total", function()
      t.numbers(1)
      t.w.sb:fault { after = "map_phone_number", drop = true }
      t.w.sb:fault { on = "list_phone_numbers", status = 200, body = '{"http_code":200,"metadata":{"total":1},"response":[]}' }
      assert_summary({ done = 1 }, assert(t.map { concurrency = 1 }))
      assert.equal(1, #t.sent())
      t.outcomes()
    end)

    describe("and again when reads lag behind:", function()
      local EMPTY = '{"http_code":200,"response":[]}'
      local slept

      -- Reads show nothing so often; in the pauses nothing takes time.
      local function lag(reads)
        slept = pauses.new()
        t.start { backoff = 0, rate_limit = false, settle_wait = 15, sleep = slept.sleep }
        t.numbers(1)
        for _, list in ipairs { "list_phone_numbers", "find_trunk_map" } do
          t.w.sb:fault { on = list, status = 200, body = EMPTY, times = reads }
        end
      end

      it("a row whose reply was lost, and that exists then", function()
        lag(3)
        t.w.sb:fault { after = "map_phone_number", drop = true }
        assert_summary({ done = 1 }, assert(t.map { concurrency = 1 }))
        t.outcomes()
      end)

      it("a row that somebody else has just mapped", function()
        lag(3)
        place(files.number(1), t.sid)
        assert_summary({ present = 1 }, assert(t.map { concurrency = 1 }))
        t.outcomes()
      end)

      it("which is waited for once in a run; then a lost reply is unknown, and what was there before failed", function()
        lag(true)
        t.numbers(2)
        place(files.number(2), t.sid)
        t.w.sb:fault { after = "map_phone_number", drop = true }
        assert_summary({ unknown = 1, failed = 1 }, assert(t.map { concurrency = 1 }))
        assert.equal("unknown", files.results(t.paths.results)[2].outcome)
        assert.same({ 1, 2, 4, 8 }, slept.list)
      end)

      it("where the service knows that the trunk has it", function()
        lag(true)
        t.w.sb:clear_faults()
        t.w.sb:fault { on = "list_phone_numbers", status = 200, body = EMPTY, times = true }
        place(files.number(1), t.sid)
        assert_summary({ unknown = 1 }, assert(t.map { concurrency = 1 }))
        -- The next run asks the service again, and takes nothing that was there before for its own.
        t.w.sb:clear_faults()
        t.w.sb:reset_requests()
        assert_summary({ present = 1 }, assert(t.map { concurrency = 1 }))
        assert.same({ files.number(1) }, t.sent())
      end)
    end)

    it("no further than it has to", function()
      t.start(nil, { page_size = 2 })
      t.numbers(20)
      t.w.sb:fault { after = "map_phone_number", drop = true, skip = 19 }
      assert_summary({ done = 20 }, assert(t.map { concurrency = 1 }))
      assert.equal(1, select(2, t.w:operations():gsub("list_phone_numbers", "")))
    end)

    it("a row that comes to nothing again and again as failed, and sends it again in the next run", function()
      t.numbers(3)
      t.w.sb:fault { before = "map_phone_number", status = 500, times = 10, skip = 2 }
      assert_summary({ done = 2, failed = 1 }, assert(t.map { concurrency = 1 }))
      assert.equal(2 + 5, #t.sent())
      assert.equal("server", t.outcomes()[4].kind)
      t.w.sb:clear_faults()
      t.w.sb:reset_requests()
      assert_summary({ done = 3 }, assert(t.map { concurrency = 1 }))
      assert.same({ files.number(3) }, t.sent())
      t.outcomes()
    end)

    it("a row that is refused after a reply was lost as unknown, and reads it in the next run", function()
      t.numbers(1)
      t.w.sb:fault { before = "map_phone_number", drop = true }
      t.w.sb:fault { before = "map_phone_number", status = 400 }
      assert_summary({ unknown = 1 }, assert(t.map { concurrency = 1 }))
      assert.equal("rejected", t.outcomes()[2].kind)
      place(files.number(1), t.sid) -- the first one lands
      assert_summary({ done = 1 }, assert(t.map { concurrency = 1 }))
      assert.same({}, t.sent())
    end)

    it("what stays unknown when reading fails, in the next run", function()
      t.numbers(3)
      t.w.sb:fault { after = "map_phone_number", drop = true }
      t.w.sb:fault { before = "map_phone_number", drop = true }
      t.w.sb:fault { on = "list_phone_numbers", status = 400, times = true }
      assert_summary({ done = 1, unknown = 2 }, assert(t.map { concurrency = 1 }))
      assert.equal("network", t.outcomes()[2].kind)
      t.w.sb:clear_faults()
      t.w.sb:reset_requests()
      assert_summary({ done = 3 }, assert(t.map { concurrency = 1 }))
      assert.equal("list_trunks list_phone_numbers map_phone_number", t.w:operations())
      assert.same({ "+919800000002" }, t.sent())
      assert.equal("done", t.outcomes()[2].outcome)
    end)
  end)
end)
