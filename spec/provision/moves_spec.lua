-- A number that goes from one trunk of a plan to another: one change, and never on no trunk without a word.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local lines, names = provisioning.lines, provisioning.names

describe("exotel.provision", function()
  local w, one, two

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  before_each(function()
    w = world.new()
    assert(apply { { trunk_name = "one", phone_numbers = { { phone_number = E164, mode = "flow" }, OTHER } }, { trunk_name = "two", phone_numbers = {} } })
    one, two = w.sb:state().trunks[1].trunk_sid, w.sb:state().trunks[2].trunk_sid
    w.sb:reset_requests()
  end)
  after_each(function() w:close() end)

  -- "one: +91…; two: +80… flow"
  local function held()
    local parts = {}
    for i, trunk in ipairs(w.sb:state().trunks) do
      local numbers = {}
      for j, number in ipairs(trunk.numbers) do numbers[j] = number.phone_number .. (number.mode and " " .. number.mode or "") end
      parts[i] = trunk.trunk_name .. ": " .. table.concat(numbers, ", ")
    end
    return table.concat(parts, "; ")
  end

  local specs = {
    { trunk_name = "one", phone_numbers = { OTHER } }, { trunk_name = "two", phone_numbers = { { phone_number = E164, mode = "flow" } } },
  }
  local BEFORE, AFTER = "one: +919876543210 flow, +918040264208; two: ", "one: +918040264208; two: +919876543210 flow"

  describe("a number's move between two trunks of a plan", function()
    it("is one change, without prune too, and takes no request more", function()
      local id = w.sb:state().trunks[1].numbers[1].id
      for _, options in ipairs { {}, { prune = true } } do
        w.sb:reset_requests()
        local p = assert(plan(specs, options))
        assert.equal("list_trunks list_phone_numbers list_phone_numbers", w:operations())
        assert.same({
          {
            action = "update", resource = "phone_number", key = E164, id = id, from = { phone_number = E164, mode = "flow" },
            to = { phone_number = E164, mode = "flow" }, trunk_name = "two", trunk_sid = two, moved_from = "one",
          },
        }, p.changes)
        assert.same({ {}, {} }, { p.extras, p.refused })
        assert.equal("0 to add, 1 to change, 0 to remove, 0 extra", p:summary())
        assert.equal(table.concat({
          "trunk one", "    phone_number +919876543210 goes to two",
          "trunk two", "  ~ phone_number +919876543210 (moved from one)", "0 to add, 1 to change, 0 to remove, 0 extra",
        }, "\n"), tostring(p))
        assert.is_false((provision.check(w.client, specs, options)))
      end
    end)

    it("is one step with one outcome: taken off just before it is added", function()
      local seen = {}
      local report = assert(apply(specs, { progress = function(done, total, change) seen[#seen + 1] = done .. "/" .. total .. " " .. change.outcome end }))
      assert.same({
        "create trunk one: present", "create trunk two: present", "add phone_number +918040264208: present", "update phone_number +919876543210: done",
      }, lines(report.changes))
      assert.equal("one", report.changes[4].moved_from)
      assert.same({ "1/4 present", "2/4 present", "3/4 present", "4/4 done" }, seen)
      assert.equal("unmap_phone_number map_phone_number", w:writes())
      assert.equal(AFTER, held())
      assert.truthy(tostring(report):find("  ~ phone_number +919876543210 (moved from one): done", 1, true), tostring(report))
      provisioning.assert_nothing_to_do(w, specs)
    end)

    it("goes on when it is seen that somebody else has taken it off", function()
      w.sb:fault { after = "whitelist_ip", drop = true, skip = 1 } -- so that the trunk is read again
      local wanted = { { trunk_name = "one", phone_numbers = { OTHER }, whitelisted_ips = { "192.0.2.1", "192.0.2.2" } }, specs[2] }
      assert(apply(wanted, { progress = function(_, _, change)
        if change.key ~= "192.0.2.1/32" then return end
        assert(w.client:unmap_phone_number { trunk_sid = one, id = w.sb:state().trunks[1].numbers[1].id })
      end }))
      assert.equal(AFTER, held())
    end)

    it("may change its mode, and says so", function()
      local wanted = { specs[1], { trunk_name = "two", phone_numbers = { E164 } } }
      assert.truthy(tostring(assert(plan(wanted))):find("  ~ phone_number +919876543210 (moved from one, mode: flow -> pstn)", 1, true))
      assert(apply(wanted))
      assert.equal("one: +918040264208; two: +919876543210", held())
    end)

    it("may be to a trunk that is yet to be made, and both ways at once", function()
      local wanted = { { trunk_name = "three", phone_numbers = { OTHER } }, { trunk_name = "one", phone_numbers = {} }, specs[2] }
      local p = assert(plan(wanted))
      assert.same({ "create trunk three", "update phone_number " .. OTHER, "update phone_number " .. E164 }, lines(p.changes))
      assert.is_nil(p.changes[2].trunk_sid)
      local report = assert(apply(wanted))
      assert.equal(report.changes[1].trunk_sid, report.changes[4].trunk_sid)
      assert.equal("one: ; two: +919876543210 flow; three: +918040264208", held())
      assert(apply { { trunk_name = "two", phone_numbers = { OTHER } }, { trunk_name = "three", phone_numbers = { { phone_number = E164, mode = "flow" } } } })
      assert.equal("one: ; two: +918040264208; three: +919876543210 flow", held())
    end)

    it("counts as no loss of the list that it leaves", function()
      local wanted = { { trunk_name = "one", phone_numbers = {} }, { trunk_name = "two", phone_numbers = { E164, OTHER } } }
      assert.same({}, assert(plan(wanted, { prune = true })).refused)
      assert(apply(wanted, { prune = true }))
      assert.same({}, w.sb:state().trunks[1].numbers)
    end)

    it("is applied from a plan that was kept, unless it has happened meanwhile", function()
      local p = assert(plan(specs))
      local restored = assert(provision.restore(assert(p:save())))
      assert.equal(tostring(p), tostring(restored))
      assert(apply(restored))
      assert.equal(AFTER, held())
      local err = expect.failure("conflict", apply(p))
      assert.truthy(err.message:find('no longer due is "~ phone_number +919876543210 (moved from one)" of two', 1, true), err.message)
    end)

    it("is not interrupted by stop", function()
      local asked = 0
      local _, err, report = apply(specs, { stop = function()
        asked = asked + 1
        return asked > 1
      end })
      assert.is_nil(err)
      assert.is_nil(report)
      assert.equal(AFTER, held())
    end)
  end)

  describe("a move that fails", function()
    local function outcome()
      local _, err, report = apply(specs)
      local change = report.changes[#report.changes]
      assert.equal("one", change.moved_from)
      assert.equal(err, change.err)
      return change.outcome, err
    end

    for name, fault in pairs {
      ["off"] = { after = "unmap_phone_number", drop = true }, ["off, before it happened"] = { before = "unmap_phone_number", drop = true },
      ["on"] = { after = "map_phone_number", drop = true }, ["on, before it happened"] = { before = "map_phone_number", drop = true },
    } do
      it("by a lost reply is settled by reading: " .. name, function()
        w.sb:fault(fault)
        local report = assert(apply(specs))
        assert.equal("done", report.changes[4].outcome)
        assert.equal(AFTER, held())
      end)
    end

    it("to take it off leaves it where it is", function()
      w.sb:fault { before = "unmap_phone_number", status = 400 }
      local result, err = outcome()
      assert.equal("failed", result)
      assert.truthy(err.message:find("+919876543210 is on one as before", 1, true), err.message)
      assert.equal("unmap_phone_number", w:writes())
      assert.equal(BEFORE, held())
    end)

    it("to put it on puts it back, mode and all", function()
      w.sb:fault { before = "map_phone_number", status = 400 }
      local result, err = outcome()
      assert.equal("failed", result)
      expect.failure("rejected", nil, err)
      assert.equal("map_phone_number", err.operation)
      assert.truthy(err.message:find("+919876543210 is on one again", 1, true), err.message)
      assert.equal("unmap_phone_number map_phone_number map_phone_number", w:writes())
      assert.equal("one: +918040264208, +919876543210 flow; two: ", held())
      assert(apply(specs))
      assert.equal(AFTER, held())
    end)

    it("to put it back, too, says that it is on no trunk", function()
      for _, status in ipairs { 400, 401, 403 } do
        w.sb:fault { before = "map_phone_number", status = status, times = 2 }
        local result, err = outcome()
        assert.equal("failed", result)
        assert.truthy(err.message:find("+919876543210 is on no trunk now", 1, true), err.message)
        assert.truthy(err.message:find("one", 1, true), err.message)
        assert.equal(status, err.http_status)
        assert.equal("one: +918040264208; two: ", held())
        assert(w.client:map_phone_number { trunk_sid = one, phone_number = E164, mode = "flow" })
      end
    end)

    it("for which it was taken off with a lost reply has failed all the same, since that is certain", function()
      w.sb:fault { after = "unmap_phone_number", drop = true }
      w.sb:fault { before = "map_phone_number", status = 400 }
      local result, err = outcome()
      assert.equal("failed", result)
      assert.is_false(err.maybe_applied)
    end)

    it("after a reply that was lost says what is not known", function()
      w.sb:fault { before = "map_phone_number", drop = true }
      w.sb:fault { before = "map_phone_number", status = 400 }
      local result, err = outcome()
      assert.equal("unknown", result)
      assert.truthy(err.message:find("+919876543210 was taken off one, and whether it is on two is not known", 1, true), err.message)
    end)

    it("and that somebody else has taken meanwhile is not said to be on no trunk", function()
      w.sb:fault { before = "map_phone_number", status = 400 }
      w.sb:fault { before = "map_phone_number", status = 409 }
      local _, err = outcome()
      assert.truthy(err.message:find("Duplicate resource", 1, true), err.message)
      assert.falsy(err.message:find("on no trunk", 1, true), err.message)
    end)

    it("and may have been put back says that this is not known", function()
      w.sb:fault { before = "map_phone_number", status = 400 }
      w.sb:fault { before = "map_phone_number", drop = true, times = 10 }
      local _, err = outcome()
      assert.truthy(err.message:find("whether +919876543210 is on one again is not known", 1, true), err.message)
      assert.is_true(err.maybe_applied)
    end)

    it("since somebody else took the number names their trunk", function()
      local three = w:trunk("three")
      local client = assert(w.sb:client())
      -- Between the two steps: the sandbox's answer to the first one is what somebody else waits for.
      local unmap = w.client.unmap_phone_number
      local methods = getmetatable(w.client).__index
      methods.unmap_phone_number = function(...)
        local data, info = unmap(...)
        assert(client:map_phone_number { trunk_sid = three, phone_number = E164 })
        return data, info
      end
      finally(function()
        methods.unmap_phone_number = unmap
        client:close()
      end)
      local result, err = outcome()
      assert.equal("failed", result)
      expect.failure("conflict", nil, err)
      assert.truthy(err.message:find("+919876543210 is mapped to another trunk, three (" .. three .. ")", 1, true), err.message)
      assert.falsy(err.message:find("no trunk", 1, true))
      assert.equal("one: +918040264208; two: ; three: +919876543210", held())
    end)

    it("and can't be settled says what is not known", function()
      w.sb:fault { before = "map_phone_number", drop = true }
      w.sb:fault { on = "list_trunks", skip = 1, status = 403 }
      local result, err = outcome()
      assert.equal("unknown", result)
      assert.truthy(err.message:find("+919876543210 was taken off one, and whether it is on two is not known", 1, true), err.message)
      assert.is_true(err.maybe_applied)
      assert(apply(specs))
      w.sb:fault { after = "unmap_phone_number", drop = true }
      w.sb:fault { on = "list_trunks", skip = 1, status = 403 }
      local _, again, report = apply { { trunk_name = "two", phone_numbers = {} }, { trunk_name = "one", phone_numbers = { OTHER, E164 } } }
      assert.equal("unknown", report.changes[#report.changes].outcome)
      assert.truthy(again.message:find("whether +919876543210 is on two still is not known, and it is not on one", 1, true), again.message)
    end)

    it("is not begun when its new trunk could not be made, or something else failed", function()
      w.sb:fault { before = "create_trunk", status = 400 }
      local _, _, report = apply { { trunk_name = "three", phone_numbers = { E164 } }, { trunk_name = "one", phone_numbers = { OTHER } } }
      assert.equal("create_trunk", w:writes())
      assert.equal("not_tried", report.changes[3].outcome)
      assert.equal(names(w.sb:state().trunks[1].numbers, "phone_number"), E164 .. " " .. OTHER)
    end)
  end)
end)
