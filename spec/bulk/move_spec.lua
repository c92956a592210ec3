-- Moving numbers from one trunk to another.
local bulk = require "exotel.bulk"
local expect = require "spec.support.expect"
local files = require "spec.support.bulk"
local moves = require "spec.support.moves"

local function counts(summary)
  local parts = {}
  for _, name in ipairs { "done", "present", "failed", "unmapped", "unknown", "not_tried" } do
    if summary[name] > 0 then parts[#parts + 1] = name .. " " .. summary[name] end
  end
  return table.concat(parts, ", ")
end

local HEADER = "phone_number,from_trunk_sid,from_mode,to_trunk_sid,mode,outcome,id,kind,message\n"

describe("bulk.move", function()
  local t

  local function begin(...)
    if t then t:close() end
    t = moves.new(...)
    return t
  end
  after_each(function()
    t:close()
    t = nil
  end)

  -- What was sent, without what only reads.
  local function writes() return (t.w:writes():gsub("unmap_phone_number", "-"):gsub("map_phone_number", "+")) end

  describe("takes each number to the other trunk", function()
    it("with its mode, and writes down what became of it", function()
      begin(7)
      local summary = assert(t:run())
      assert.equal("done 7", counts(summary))
      assert.equal(7, summary.total)
      t:assert_all_moved()
      t:assert_true(summary)
      local moved = summary.numbers[1]
      assert.same({ t.numbers[1], t.old, "flow", t.new, "flow", "done", t:held()[t.numbers[1]].id },
        { moved.phone_number, moved.from_trunk_sid, moved.from_mode, moved.to_trunk_sid, moved.mode, moved.outcome, moved.id })
      local text = files.read(t.paths.results)
      assert.equal(HEADER, text:sub(1, #HEADER))
      local _, lines = text:gsub("\n", "")
      assert.equal(8, lines)
    end)

    it("with another mode, if wanted", function()
      begin(3)
      assert(t:run { mode = "flow" })
      for _, number in pairs(t:held()) do assert.same({ t.new, "flow" }, { number.trunk_sid, number.mode }) end
    end)

    it("each pair back to back", function()
      begin(4)
      assert(t:run { concurrency = 1 })
      assert.equal("- + - + - + - +", writes())
      begin(6)
      assert(t:run { concurrency = 2 })
      local on_no_trunk = 0
      for sign in writes():gmatch("%S") do
        on_no_trunk = on_no_trunk + (sign == "-" and 1 or -1)
        assert.is_true(on_no_trunk <= 2)
      end
    end)

    it("from several trunks, and from those only that are named", function()
      begin(2)
      t:map(t.third, files.number(3))
      table.insert(t.numbers, files.number(3))
      t.w.sb:reset_requests()
      local plan = assert(bulk.plan_move(t.w.client, t.numbers, { to = "new", results = t.paths.results }))
      assert.same({ { trunk_sid = t.old, trunk_name = "old", count = 2 }, { trunk_sid = t.third, trunk_name = "third", count = 1 } }, plan.from)
      local summary, err = t:run { from = { "old" } }
      expect.failure("conflict", summary, err)
      assert.equal(("%s is on third (%s), which it is not to be taken from"):format(files.number(3), t.third), err.message)
      assert.equal("", writes())
      assert(t:run { from = { "old", "third" } })
      t:assert_all_moved()
    end)

    it("or all that a trunk has", function()
      begin(5)
      t:map(t.third, files.number(99))
      local summary = assert(bulk.move(t.w.client, nil, { to = "new", from = { "old" }, results = t.paths.results }))
      assert.equal("done 5", counts(summary))
      assert.equal(t.third, t:held()[files.number(99)].trunk_sid)
    end)

    it("of a file", function()
      begin(2)
      files.write(t.paths.csv, ("phone_number\n%s\n%s\n"):format(t.numbers[1], t.numbers[2]))
      assert.equal("done 2", counts(assert(bulk.move(t.w.client, t.paths.csv, { to = "new", results = t.paths.results }))))
    end)

    it("of a file as a spreadsheet writes it, with modes and a number twice", function()
      begin(2)
      files.write(t.paths.csv, ("\239\187\191Phone Number;mode\r\n%s;pstn\r\n'%s;\r\n%s;pstn\r\n"):format(t.numbers[1], t.numbers[2], t.numbers[1]))
      assert.equal("done 2", counts(assert(bulk.move(t.w.client, t.paths.csv, { to = "new", results = t.paths.results }))))
      assert.same({ "pstn", "pstn" }, { t:held()[t.numbers[1]].mode, t:held()[t.numbers[2]].mode })
      assert.equal(t.new, t:held()[t.numbers[1]].trunk_sid)
    end)

    it("of which many are looked for in the lists, a few one by one", function()
      begin(60)
      assert(t:run())
      t:assert_all_moved()
      assert.is_nil(t.w:operations():find("find_trunk_map", 1, true))
      begin(2)
      assert(t:run())
      assert.truthy(t.w:operations():find("find_trunk_map", 1, true))
    end)

    it("and leaves alone what is there already", function()
      begin(2)
      assert(t:run())
      t.w.sb:reset_requests()
      local again = assert(t:run())
      assert.equal("present 2", counts(again))
      assert.equal("", writes())
      local other = assert(t:run { mode = "pstn" })
      assert.equal("present 1, failed 1", counts(other))
      assert.equal(t.numbers[1] .. " is on this trunk already, with mode flow, not pstn", t:outcomes(other)[t.numbers[1]].err.message)
      assert.equal("", writes())
    end)

    it("once, where it is named twice", function()
      begin(1)
      assert.equal("done 1", counts(assert(t:run({}, { t.numbers[1], t.numbers[1] }))))
    end)
  end)

  describe("moves nothing", function()
    local function refused(kind, message, options, numbers)
      t.w.sb:reset_requests()
      local summary, err = t:run(options, numbers)
      expect.failure(kind, summary, err)
      assert.equal(message, err.message)
      assert.equal("", writes())
      return err
    end

    it("when a number is on no trunk", function()
      begin(2)
      local err = refused("not_found", "+919899999999 is on no trunk of this account", {}, { t.numbers[1], "+919899999999" })
      assert.same({ { kind = "not_found", phone_number = "+919899999999", message = err.message } }, err.refused)
      local summary = assert(t:run({ missing = "map" }, { t.numbers[1], "+919899999999" }))
      assert.equal("done 2", counts(summary))
      assert.equal(t.new, t:held()["+919899999999"].trunk_sid)
    end)

    it("when a number is none, and says all that is wrong", function()
      begin(1)
      local err = refused("invalid_argument", 'phone_number must be E.164 and start with "+" and the country code, as in +919876543210 (got "98765"); '
        .. 'phone_number must be E.164 and start with "+" and the country code, as in +919876543210 (got "98766"); '
        .. 'phone_number must be E.164 and start with "+" and the country code, as in +919876543210 (got "98767"); 1 more', {},
        { "98765", "98766", "98767", "98768", t.numbers[1] })
      assert.equal(4, #err.refused)
    end)

    it("when a file could be meant otherwise", function()
      begin(1)
      files.write(t.paths.csv, ("phone_number,trunk\n%s,old\n"):format(t.numbers[1]))
      refused("invalid_argument", "line 2: a column 'trunk' could mean where it is or where it goes: leave the column out", {}, t.paths.csv)
    end)

    it("when there is no such trunk", function()
      begin(1)
      refused("not_found", "no trunk 'nwe' in this account", { to = "nwe" })
      refused("not_found", "no trunk 'odl' in this account", { from = { "odl" } })
    end)

    it("when the results file is another one, or another move has it", function()
      begin(1)
      files.write(t.paths.results, "line,phone_number\n")
      refused("config", t.paths.results .. ": line 1: it is not a results file of numbers moved")
      os.remove(t.paths.results)
      local asked
      assert(t:run { progress = function()
        asked = { t:run() }
      end })
      expect.failure("config", asked[1], asked[2])
      assert.truthy(asked[2].message:find("another move is writing to it", 1, true))
    end)

    it("when the results file can't be written", function()
      begin(1)
      local summary, err = t:run { results = t.paths.folder .. "/none/here.csv" }
      expect.failure("config", summary, err)
      assert.equal("", writes())
    end)

    it("on misuse", function()
      begin(1)
      local function raises(message, ...)
        local good, reason = pcall(bulk.move, t.w.client, ...)
        assert.is_false(good)
        assert.truthy(tostring(reason):find(message, 1, true), tostring(reason))
      end
      raises("a table of options expected", t.numbers)
      raises("the option 'to' is needed", t.numbers, { results = "x" })
      raises("the option 'results' is needed", t.numbers, { to = "x" })
      raises("bad option 'form' (unknown)", t.numbers, { to = "x", results = "x", form = {} })
      raises("bad option 'from' (a list of strings expected)", t.numbers, { to = "x", results = "x", from = { 1 } })
      raises("bad option 'from' (at least one trunk expected)", t.numbers, { to = "x", results = "x", from = {} })
      raises("bad option 'missing' (\"map\" expected)", t.numbers, { to = "x", results = "x", missing = "skip" })
      raises("numbers: a list of them", nil, { to = "x", results = "x" })
      raises("bad option 'to' (unknown)", assert(bulk.plan_move(t.w.client, t.numbers, { to = "new", results = t.paths.results })), { to = "x" })
      assert.equal("", writes())
    end)
  end)

  describe("when the other trunk refuses a number", function()
    it("puts it back with its mode, and says so", function()
      begin(3)
      t.w.sb:fault { before = "map_phone_number", status = 400 }
      local summary = assert(t:run { concurrency = 1 })
      assert.equal("done 2, failed 1", counts(summary))
      t:assert_true(summary)
      local err = summary.numbers[1].err
      assert.same({ "rejected", "it is back on its trunk" }, { err.kind, err.reason })
      assert.same({ t.old, "flow" }, { t:held()[t.numbers[1]].trunk_sid, t:held()[t.numbers[1]].mode })
    end)

    it("puts it back with the mode that it had, whatever it was to have", function()
      begin(3)
      t.w.sb:fault { before = "map_phone_number", status = 400 }
      local summary = assert(t:run({ mode = "pstn", concurrency = 1 }, { t.numbers[1] }))
      assert.equal("failed 1", counts(summary))
      assert.same({ t.old, "flow" }, { t:held()[t.numbers[1]].trunk_sid, t:held()[t.numbers[1]].mode })
    end)

    it("names it when it can't be put back", function()
      begin(3)
      t.w.sb:fault { before = "map_phone_number", status = 400, times = 2 }
      local summary = assert(t:run { concurrency = 1 })
      assert.equal("done 2, unmapped 1", counts(summary))
      t:assert_true(summary)
      assert.truthy(summary.numbers[1].err.reason:find("it could not be put back: map_phone_number: rejected", 1, true))
      assert.same({ { phone_number = t.numbers[1], from_trunk_sid = t.old, from_mode = "flow", to_trunk_sid = t.new, mode = "flow",
        outcome = "unmapped", kind = "rejected", message = tostring(summary.numbers[1].err) } }, bulk.open_moves(t.paths.results))
      assert.equal("done 1, present 2", counts(assert(t:run())))
      t:assert_all_moved()
      assert.same({}, bulk.open_moves(t.paths.results))
    end)

    it("knows that it put it back when the reply to that was lost", function()
      begin(1)
      t.w.sb:fault { before = "map_phone_number", status = 400 }
      t.w.sb:fault { after = "map_phone_number", drop = true }
      local summary = assert(t:run())
      assert.equal("failed 1", counts(summary))
      assert.equal("it is back on its trunk", summary.numbers[1].err.reason)
      t:assert_true(summary)
    end)

    it("goes on when it takes the next one", function()
      begin(6)
      for _, skip in ipairs { 0, 2, 4 } do t.w.sb:fault { before = "map_phone_number", status = 400, skip = skip } end
      local summary = assert(t:run { concurrency = 1 })
      assert.equal("done 3, failed 3", counts(summary))
      t:assert_true(summary)
    end)

    it("takes no further ones off theirs", function()
      begin(9)
      for _, w in ipairs { { status = 400 }, { status = 404 } } do
        t.w.sb:fault { before = "map_phone_number", status = w.status, times = true }
        t.w.sb:reset_requests()
        local _, err, summary = t:run { concurrency = 1 }
        assert.equal(w.status == 404 and "not_found" or "rejected", err.kind)
        t:assert_true(summary)
        local taken = select(2, writes():gsub("%-", ""))
        assert.equal(w.status == 404 and 1 or 3, taken)
        t.w.sb:clear_faults()
        t:run()
        t:assert_all_moved()
        if w.status == 400 then begin(9) end
      end
    end)
  end)

  describe("with many at once", function()
    local function order() return (writes():gsub(" ", "")) end

    it("begins with one, and goes on with many when the other trunk has taken it", function()
      begin(20)
      assert.equal("done 20", counts(assert(t:run { concurrency = 8 })))
      assert.truthy(order():find("^%-%+.*%-%-"))
    end)

    it("takes off one at a time while the other trunk refuses", function()
      begin(9)
      t.w.sb:fault { before = "map_phone_number", status = 400, times = true }
      local _, _, summary = t:run { concurrency = 8 }
      t:assert_true(summary)
      assert.equal("-++-++-++", order())
    end)
  end)

  describe("when the service stays away", function()
    it("names what it left on no trunk", function()
      begin(5, { sleep = function() end })
      t.w.sb:fault { before = "map_phone_number", status = 429, times = true, headers = { ["Retry-After"] = "1000" } }
      local summary, err, partly = t:run { concurrency = 1 }
      expect.failure("rate_limited", summary, err)
      assert.equal("unmapped 1, not_tried 4", counts(partly))
      t:assert_true(partly)
      t.w.sb:clear_faults()
      assert(t:run())
      t:assert_all_moved()
    end)
  end)

  describe("when somebody else acts", function()
    -- Does something after the plan was made.
    local function meanwhile(action)
      local plan = assert(bulk.plan_move(t.w.client, t.numbers, { to = "new", results = t.paths.results }))
      action()
      return bulk.move(t.w.client, plan, { concurrency = 1 })
    end

    it("leaves what was moved meanwhile where it is", function()
      begin(3)
      local summary = assert(meanwhile(function()
        local held = t:held()[t.numbers[2]]
        assert(t.w.client:unmap_phone_number { trunk_sid = t.old, id = held.id })
        t:map(t.third, t.numbers[2])
      end))
      assert.equal("done 2, failed 1", counts(summary))
      t:assert_true(summary)
      assert.equal(t.third, t:held()[t.numbers[2]].trunk_sid)
      assert.equal(("%s was taken off its trunk by somebody else, and is on %s"):format(t.numbers[2], t.third),
        t:outcomes(summary)[t.numbers[2]].err.message)
    end)

    it("leaves what somebody has mapped between the two requests", function()
      begin(1)
      -- It is on two trunks, as if it were mapped to the third one at the moment when it is taken off the first.
      t.w.sb:put { trunk_sid = t.third, trunk_name = "third", numbers = { { phone_number = t.numbers[1] } } }
      local summary = assert(t:run { from = { "old" } })
      assert.equal("failed 1", counts(summary))
      assert.equal(("%s is on another trunk by now, %s"):format(t.numbers[1], t.third), summary.numbers[1].err.message)
    end)

    it("names what was unmapped meanwhile, and maps it not", function()
      begin(2)
      local summary = assert(meanwhile(function()
        assert(t.w.client:unmap_phone_number { trunk_sid = t.old, id = t:held()[t.numbers[2]].id })
      end))
      assert.equal("done 1, unmapped 1", counts(summary))
      t:assert_true(summary)
    end)

    it("takes what is there by now for done", function()
      begin(2)
      local summary = assert(meanwhile(function()
        assert(t.w.client:unmap_phone_number { trunk_sid = t.old, id = t:held()[t.numbers[2]].id })
        t:map(t.new, t.numbers[2], "pstn")
      end))
      assert.equal("done 2", counts(summary))
      t:assert_all_moved()
    end)

    it("and leaves one alone that has another mapping by now", function()
      begin(2)
      local summary = assert(meanwhile(function()
        assert(t.w.client:unmap_phone_number { trunk_sid = t.old, id = t:held()[t.numbers[2]].id })
        t:map(t.old, t.numbers[2], "pstn")
      end))
      assert.equal("done 1, failed 1", counts(summary))
      t:assert_true(summary)
    end)

    it("refuses a plan when another move has left something since", function()
      begin(2)
      local plan = assert(bulk.plan_move(t.w.client, t.numbers, { to = "new", results = t.paths.results }))
      files.write(t.paths.results, HEADER .. ("+919811111111,%s,,%s,,moving,1,,\n"):format(t.old, t.new))
      local summary, err = bulk.move(t.w.client, plan)
      expect.failure("conflict", summary, err)
      assert.equal("", writes())
    end)
  end)

  describe("takes up what an earlier run left", function()
    -- A results file as a killed run leaves it.
    local function left(number, mode, target)
      files.write(t.paths.results, HEADER .. ("%s,%s,%s,%s,%s,moving,1,,\n"):format(number, t.old, mode or "", target or t.new, mode or ""))
    end

    local function unmap(number) assert(t.w.client:unmap_phone_number { trunk_sid = t.old, id = t:held()[number].id }) end

    it("on no trunk, before anything else, asked for or not", function()
      begin(3)
      unmap(t.numbers[1])
      left(t.numbers[1], "flow")
      t.w.sb:reset_requests()
      local plan = assert(bulk.plan_move(t.w.client, { t.numbers[2] }, { to = "new", results = t.paths.results }))
      assert.same({ true, true }, { plan.moves[1].taken_up, plan.moves[1].on_no_trunk })
      assert(bulk.move(t.w.client, plan, { concurrency = 1 }))
      assert.equal("+ - +", writes())
      assert.equal("flow", t:held()[t.numbers[1]].mode)
      assert.equal(t.old, t:held()[t.numbers[3]].trunk_sid)
      assert.same({}, bulk.open_moves(t.paths.results))
    end)

    it("but leaves one that is on its trunk and not asked for", function()
      begin(2)
      left(t.numbers[1], "flow")
      assert.equal("done 1", counts(assert(t:run({}, { t.numbers[2] }))))
      assert.equal(t.old, t:held()[t.numbers[1]].trunk_sid)
      assert.same({}, bulk.open_moves(t.paths.results))
    end)

    it("when the line before it was cut short", function()
      begin(2)
      unmap(t.numbers[1])
      left(t.numbers[1], "flow")
      files.write(t.paths.results, files.read(t.paths.results) .. t.numbers[2] .. ",half")
      assert.equal("done 2", counts(assert(t:run())))
      t:assert_all_moved()
      files.write(t.paths.results, files.read(t.paths.results) .. "\0\0\0\0")
      assert.equal("present 2", counts(assert(t:run())))
    end)

    it("and not on the way to another trunk", function()
      begin(2)
      unmap(t.numbers[1])
      left(t.numbers[1], "flow", t.third)
      local summary, err = t:run()
      expect.failure("config", summary, err)
      assert.equal(("an earlier run left %s between %s and %s: move it to third (%s) first, with the same results file, or take another one")
        :format(t.numbers[1], t.old, t.third, t.third), err.message)
      assert(bulk.move(t.w.client, { t.numbers[1] }, { to = "third", results = t.paths.results }))
      assert.same({ t.third, "flow" }, { t:held()[t.numbers[1]].trunk_sid, t:held()[t.numbers[1]].mode })
    end)
  end)

  -- It is what a trunk that is gone gets, too.
  it("doesn't take a list that may not be read for an empty one", function()
    begin(2)
    t.w.sb:fault { before = "list_phone_numbers", status = 403, times = true }
    expect.failure("permission",
      bulk.plan_move(t.w.client, nil, { to = "new", from = { "old" }, results = t.paths.results }))
    assert.equal("", writes())
  end)

  describe("keeps within the rate limit #once", function()
    -- Others use the same account. The last answer before the first number says how many requests are left.
    for left, pairs_begun in pairs { [1] = 0, [2] = 1, [5] = 2 } do
      it(("when the service says that it leaves %d requests"):format(left), function()
        begin(6, { rate_limit = 200 })
        t.w.sb:fault { on = "list_phone_numbers", times = true, headers = {
          ["X-RateLimit-Remaining"] = tostring(left), ["X-RateLimit-Reset"] = tostring(os.time() + 1000),
        } }
        local plan = assert(bulk.plan_move(t.w.client, nil, { to = "new", from = { "old" }, results = t.paths.results }))
        local asked = 0
        local _, err, summary = bulk.move(t.w.client, plan, { concurrency = 4, stop = function()
          asked = asked + 1
          return asked > 12
        end })
        assert.equal("cancelled", err.kind)
        assert.equal(pairs_begun, summary.done)
        t:assert_true(summary)
      end)
    end

    it("and begins no pair that it would tear", function()
      begin(9, { rate_limit = 31 })
      -- 15 are taken by the numbers and trunks; what is left is an odd number.
      local asked = 0
      local _, err, summary = t:run { concurrency = 4, stop = function()
        asked = asked + 1
        return asked > 25
      end }
      assert.equal("cancelled", err.kind)
      t:assert_true(summary)
      assert.equal(0, summary.unmapped + summary.unknown)
      assert.is_true(summary.done > 0 and summary.not_tried > 0, counts(summary))
      assert.equal(summary.done, t:count(t.new))
    end)
  end)

  describe("stops", function()
    it("when told to, with every number on a trunk", function()
      begin(20)
      local _, err, summary = t:run { concurrency = 3, stop = function() return #t.w.sb:requests() > 12 end }
      assert.equal("cancelled", err.kind)
      assert.equal(0, summary.unmapped + summary.unknown)
      assert.is_true(summary.not_tried > 0)
      t:assert_true(summary)
      assert(t:run())
      t:assert_all_moved()
    end)

    it("when somebody closes the client, and names what it left", function()
      for last = 1, 8 do
        begin(8)
        local done = 0
        local summary, err, partly = t:run { concurrency = 1, progress = function()
          done = done + 1
          if done == last then t.w.client:close() end
        end }
        if last < 8 then expect.failure("cancelled", summary, err) end
        t:assert_true(summary or partly)
      end
    end)

    it("when nothing can be written any more, and takes no further number off its trunk", function()
      begin(3)
      local summary, err = t:run { results = "/dev/full" }
      expect.failure("config", summary, err)
      assert.equal("", writes())
    end)
  end)
end)
