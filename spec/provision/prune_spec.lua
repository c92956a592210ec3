-- What prune refuses unless it is allowed, and what it leaves.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local copy, names = provisioning.copy, provisioning.names

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end
  local function state(i) return w.sb:state().trunks[i or 1] end
  local function nothing_changes(specs, options) provisioning.assert_nothing_to_do(w, specs, options) end

  describe("pruning", function()
    local full = {
      trunk_name = "outbound_trunk", phone_numbers = { E164, OTHER, "+918040264209" }, whitelisted_ips = { "192.0.2.1" },
      destinations = { "192.0.2.1:5061;transport=tls", "a.example.com:5060" }, settings = { trunk_external_alias = E164 },
      credentials = { { user_name = "a", password = "x" }, { user_name = "b", password = "x" }, { user_name = "c", password = "x" } },
    }

    before_each(function()
      assert(apply(full))
      w.sb:reset_requests()
    end)

    -- what the specification holds then → the rule it breaks, and what the message says
    local rows = {
      { { whitelisted_ips = {}, destinations = { "a.example.com:5060" } }, "last_ip", "the last whitelisted IP of outbound_trunk" },
      { { destinations = {} }, "last_destination", "the last destination of outbound_trunk" },
      { { phone_numbers = { E164 } }, "shrink", "leave 1 of 3 phone numbers of outbound_trunk" },
      { { phone_numbers = {} }, "shrink", "leave 0 of 3 phone numbers" },
      { { credentials = { { user_name = "a" } } }, "shrink", "leave 1 of 3 credentials" },
    }

    for _, row in ipairs(rows) do
      it("is refused before anything is written: " .. row[3], function()
        local spec = copy(full, row[1])
        local p = assert(plan(spec, { prune = true }))
        assert.equal(1, #p.refused)
        assert.equal(row[2], p.refused[1].rule)
        assert.equal("outbound_trunk", p.refused[1].trunk_name)
        assert.truthy(tostring(p):find("  ! " .. p.refused[1].message, 1, true), tostring(p))
        local _, err, report = apply(spec, { prune = true })
        expect.failure("invalid_argument", nil, err)
        assert.equal("allow", err.field)
        assert.truthy(err.message:find(row[3], 1, true), err.message)
        assert.truthy(err.message:find('allow = { "' .. row[2] .. '" }', 1, true), err.message)
        for _, change in ipairs(report.changes) do assert.truthy(change.outcome == "present" or change.outcome == "not_tried") end
        assert.equal("", w:writes())
        assert.same({}, assert(plan(spec, { prune = true, allow = { row[2] } })).refused)
        assert(apply(spec, { prune = true, allow = { row[2] } }))
        nothing_changes(spec, { prune = true })
      end)
    end

    it("names every rule that is broken", function()
      local err = expect.failure("invalid_argument", apply(copy(full, { destinations = {}, phone_numbers = {} }), { prune = true, allow = { "last_ip" } }))
      assert.truthy(err.message:find("last_destination", 1, true) and err.message:find("shrink", 1, true), err.message)
    end)

    it("may exchange all of a list, and remove half of it", function()
      local changed = copy(full, { phone_numbers = { "+918040264201", "+918040264202" }, destinations = { "b.example.com:5060" }, settings = {} })
      assert(apply(changed, { prune = true }))
      nothing_changes(changed, { prune = true })
    end)

    it("leaves an IP that a destination needs which stays", function()
      local spec = copy(full, { whitelisted_ips = { "192.0.2.7" } })
      spec.destinations = nil
      local p = assert(plan(spec, { prune = true }))
      assert.equal("trunk outbound_trunk\n  + whitelisted_ip 192.0.2.7/32\n    whitelisted_ip 192.0.2.1/32 stays: 192.0.2.1:5061;transport=tls needs it\n1 to add, 0 to change, 0 to remove, 0 extra",
        tostring(p))
      assert.equal("192.0.2.1/32", p.kept[1].key)
      assert(apply(spec, { prune = true }))
      assert.equal("192.0.2.1 192.0.2.7", names(state().ips, "ip"))
      nothing_changes(spec, { prune = true })
      -- A wider one does as well.
      spec.whitelisted_ips = { { ip = "192.0.2.0", mask = 24 } }
      assert(apply(spec, { prune = true }))
      assert.equal("192.0.2.0", names(state().ips, "ip"))
    end)

    it("leaves it also for one that the specification has", function()
      local spec = copy(full, { whitelisted_ips = {} })
      assert.same({}, assert(plan(spec, { prune = true })).refused)
      nothing_changes(spec, { prune = true })
    end)

    it("goes on when what seemed to have failed proves to be done", function()
      w.sb:fault { after = "map_phone_number", status = 400 }
      w.sb:fault { after = "add_destinations", drop = true }
      local spec = copy(full, { phone_numbers = { E164, OTHER, "+918040264201" }, destinations = { "a.example.com:5060", "b.example.com:5060" } })
      local report = assert(apply(spec, { prune = true }))
      for _, change in ipairs(report.changes) do assert.truthy(change.outcome == "done" or change.outcome == "present", tostring(report)) end
      nothing_changes(spec, { prune = true })
    end)

    it("knows its rules", function()
      expect.raises("unknown rule 'last_number'", plan, full, { allow = { "last_number" } })
      expect.raises("bad option 'allow' %(table expected%)", plan, full, { allow = "last_ip" })
      expect.raises("bad option 'rotate' %(a list of strings expected%)", apply, full, { rotate = { pbx = true } })
    end)
  end)
end)
