-- What becomes of an apply when something goes wrong, or when it is stopped.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER, ALL, COMPLETE = provisioning.E164, provisioning.OTHER, provisioning.ALL, provisioning.COMPLETE
local full, lines, with_outcome = provisioning.full, provisioning.lines, provisioning.with_outcome

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end
  local function stored() return provisioning.stored(w) end
  local function nothing_changes(specs, options) provisioning.assert_nothing_to_do(w, specs, options) end

  describe("after a failure", function()
    it("of one thing goes on with the others, and says what became of each", function()
      w:close()
      w = world.new { numbers = { OTHER } }
      local spec = full()
      spec.destinations[1] = { destination = "198.51.100.1:5061;transport=tls", as_is = true } -- not whitelisted
      local report, err, partial = apply(spec)
      assert.is_nil(report)
      expect.failure("not_found", nil, err)
      assert.equal("map_phone_number", err.operation)
      assert.same({
        "create trunk outbound_trunk: done",
        "add whitelisted_ip 44.248.146.11/32: done",
        "add whitelisted_ip 203.0.113.0/24: done",
        "add phone_number +919876543210: failed",
        "add phone_number +918040264208: done",
        "add setting trunk_external_alias: done",
        "add destination 198.51.100.1:5061;transport=tls: failed",
        "add destination sip.company.com:5060;transport=tcp: done",
      }, lines(partial.changes))
      assert.equal(err, partial.changes[4].err)
      assert.equal("partial", partial.changes[7].err.kind)
      assert.is_nil(partial.changes[5].err)
      assert.equal(w.sb:state().trunks[1].trunk_sid, partial.trunk_sid)
      assert.same({ "+918040264208 flow" }, stored().numbers)
    end)

    it("of the trunk itself tries nothing else", function()
      w.sb:fault { before = "create_trunk", status = 409 }
      local _, err, report = apply(full())
      assert.equal("conflict", err.kind)
      assert.equal("failed", report.changes[1].outcome)
      for i = 2, 8 do assert.equal("not_tried", report.changes[i].outcome) end
      assert.equal("create_trunk", w:writes())
    end)

    it("to authenticate stops", function()
      w.sb:fault { before = "whitelist_ip", status = 401, skip = 1 }
      local _, err, report = apply(full())
      assert.equal("authentication", err.kind)
      assert.same({ "done", "done", "failed" }, { report.changes[1].outcome, report.changes[2].outcome, report.changes[3].outcome })
      for i = 4, 8 do assert.equal("not_tried", report.changes[i].outcome) end
      assert.equal("create_trunk whitelist_ip whitelist_ip", w:writes())
    end)

    it("to read changes nothing", function()
      local sid = w:trunk()
      for _, operation in ipairs { "list_trunks", "list_phone_numbers", "list_whitelisted_ips", "list_destinations", "list_settings" } do
        w.sb:fault { on = operation, status = 403 }
        expect.failure("permission", plan(full()))
        w.sb:fault { on = operation, status = 403 }
        local _, err, report = apply(full())
        assert.equal(operation, err.operation)
        assert.same({}, report.changes)
      end
      assert.equal("", w:writes())
      assert.equal(sid, w.sb:state().trunks[1].trunk_sid)
    end)

    local writes = {
      { "create_trunk", 1 }, { "whitelist_ip", 2 }, { "map_phone_number", 4 }, { "set_settings", 6 }, { "add_destinations", 7 },
    }
    for _, row in ipairs(writes) do
      local operation, index = row[1], row[2]

      it("that lost the reply of " .. operation .. " reads back and finds it done", function()
        w.sb:fault { after = operation, drop = true }
        local report = assert(apply(full()))
        assert.same(with_outcome(ALL, "done"), lines(report.changes))
        assert.same(COMPLETE, stored())
        assert.equal(1, #w.sb:state().trunks)
        nothing_changes(full())
      end)

      it("that kept " .. operation .. " from being done reads back and does it", function()
        w.sb:fault { before = operation, drop = true }
        local report = assert(apply(full()))
        assert.same(with_outcome(ALL, "done"), lines(report.changes))
        assert.same(COMPLETE, stored())
        nothing_changes(full())
      end)

      it("that lost the reply of " .. operation .. " and can't read back says so; applying again completes it", function()
        w.sb:fault { after = operation, drop = true }
        w.sb:fault { on = "list_trunks", skip = 1, status = 403 }
        local _, err, report = apply(full())
        expect.failure("network", nil, err)
        assert.is_true(err.maybe_applied)
        assert.equal(operation, err.operation)
        for i = 1, index - 1 do assert.equal("done", report.changes[i].outcome) end
        assert.equal("unknown", report.changes[index].outcome)
        assert.equal(err, report.changes[index].err)
        for i = index + 1, 8 do assert.equal("not_tried", report.changes[i].outcome) end
        local again = assert(apply(full()))
        assert.equal("present", again.changes[index].outcome)
        assert.same(COMPLETE, stored())
        assert.equal(1, #w.sb:state().trunks)
        nothing_changes(full())
      end)
    end

    it("of a server that stays away stops with the outcome unknown", function()
      w.sb:fault { before = "map_phone_number", status = 503, times = 10 }
      local _, err, report = apply(full())
      assert.equal("server", err.kind)
      assert.equal("unknown", report.changes[4].outcome)
      assert.equal("not_tried", report.changes[5].outcome)
    end)

    it("tells how far it is to the end", function()
      local seen = {}
      w.sb:fault { before = "create_trunk", status = 403 }
      apply(full(), { progress = function(done, total, change) seen[#seen + 1] = done .. "/" .. total .. " " .. change.outcome end })
      assert.equal(8, #seen)
      assert.equal("1/8 failed", seen[1])
      assert.equal("8/8 not_tried", seen[8])
    end)
  end)

  it("stops before a step when it is told to, and says what is left", function()
    local spec = { trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.1", "192.0.2.2" }, phone_numbers = { E164 } }
    for steps = 0, 4 do
      local asked, seen = 0, 0
      local report, err, partly = apply(spec, {
        stop = function()
          asked = asked + 1
          return asked > 1
        end,
        progress = function() seen = seen + 1 end,
      })
      assert.equal(4, seen)
      if steps >= 3 then
        assert(report, err)
      else
        expect.failure("cancelled", report, err)
        assert.equal("done", partly.changes[steps + 1].outcome)
        assert.equal("not_tried", partly.changes[steps + 2].outcome)
        assert.is_nil(partly.changes[steps + 2].err)
      end
    end
    nothing_changes(spec)
  end)

  it("says that it was stopped also when something had failed before", function()
    w.sb:fault { before = "whitelist_ip", status = 400 }
    local tried = 0
    local _, err, report = apply({ trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.1" }, phone_numbers = { E164 } }, {
      stop = function()
        tried = tried + 1
        return tried > 2
      end,
    })
    expect.failure("cancelled", nil, err)
    assert.equal("1 added, 0 changed, 0 removed, 1 failed, 1 not tried", report:summary())
  end)
end)
