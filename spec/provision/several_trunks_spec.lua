-- Several trunks in one plan.
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
  local function text_of(specs, options) return tostring(assert(plan(specs, options))) end
  local function state(i) return w.sb:state().trunks[i or 1] end
  local function nothing_changes(specs, options) provisioning.assert_nothing_to_do(w, specs, options) end

  describe("several trunks", function()
    local specs = {
      { trunk_name = "one", whitelisted_ips = { "192.0.2.1" } },
      { trunk_name = "two", phone_numbers = { E164 }, destinations = { "a.example.com:5060" } },
    }

    it("are planned and applied together", function()
      local p = assert(plan(specs))
      assert.equal(table.concat({
        "trunk one", "  + trunk one", "  + whitelisted_ip 192.0.2.1/32", "trunk two", "  + trunk two",
        "  + phone_number +919876543210 (mode=pstn)", "  + destination a.example.com:5060;transport=udp", "5 to add, 0 to change, 0 to remove, 0 extra",
      }, "\n"), tostring(p))
      assert.equal("5 to add, 0 to change, 0 to remove, 0 extra", p:summary())
      assert.equal("list_trunks find_trunk_map", w:operations())
      local report = assert(apply(specs))
      assert.equal("5 added, 0 changed, 0 removed", report:summary())
      assert.equal("create_trunk create_trunk whitelist_ip map_phone_number add_destinations", w:writes())
      assert.same({ { trunk_name = "one", trunk_sid = state(1).trunk_sid }, { trunk_name = "two", trunk_sid = state(2).trunk_sid } }, report.trunks)
      assert.is_nil(report.trunk_sid)
      for _, change in ipairs(report.changes) do assert.is_string(change.trunk_sid) end
      nothing_changes(specs)
      assert.equal("0 to add, 0 to change, 0 to remove, 0 extra", text_of(specs))
    end)

    it("add all before they remove anything", function()
      assert(apply(specs))
      w.sb:reset_requests()
      local changed = { copy(specs[1], { whitelisted_ips = { "192.0.2.2" } }), copy(specs[2], { phone_numbers = { OTHER } }) }
      assert(apply(changed, { prune = true }))
      assert.equal("whitelist_ip map_phone_number remove_whitelisted_ip unmap_phone_number", w:writes())
    end)

    it("hand a number over: it is taken off the one just before it goes to the other", function()
      local before = { { trunk_name = "one", phone_numbers = { E164, OTHER } }, { trunk_name = "two", phone_numbers = {}, whitelisted_ips = {} } }
      assert(apply(before))
      w.sb:reset_requests()
      local after = { { trunk_name = "one", phone_numbers = { OTHER } }, { trunk_name = "two", phone_numbers = { E164 }, whitelisted_ips = { "192.0.2.9" } } }
      assert(apply(after, { prune = true }))
      assert.equal("whitelist_ip unmap_phone_number map_phone_number", w:writes())
      assert.equal(OTHER, names(state(1).numbers, "phone_number"))
      assert.equal(E164, names(state(2).numbers, "phone_number"))
    end)

    it("leave a number where it is when it can't be taken off", function()
      assert(apply { { trunk_name = "one", phone_numbers = { E164, OTHER } }, { trunk_name = "two" } })
      w.sb:reset_requests()
      w.sb:fault { before = "unmap_phone_number", status = 400 }
      local _, err, report = apply({ { trunk_name = "one", phone_numbers = { OTHER } }, { trunk_name = "two", phone_numbers = { E164 } } }, { prune = true })
      expect.failure("rejected", nil, err)
      assert.equal("unmap_phone_number", w:writes())
      assert.equal("failed", report.changes[#report.changes].outcome)
      assert.equal("one", report.changes[#report.changes].moved_from)
      assert.equal(2, #state(1).numbers)
    end)

    it("leave it also when the other trunk was read again in between", function()
      assert(apply { { trunk_name = "one", phone_numbers = { E164, OTHER } }, { trunk_name = "two" } })
      w.sb:reset_requests()
      w.sb:fault { after = "whitelist_ip", drop = true }
      w.sb:fault { before = "unmap_phone_number", status = 400 }
      local after = { { trunk_name = "one", phone_numbers = { OTHER } }, { trunk_name = "two", phone_numbers = { E164 }, whitelisted_ips = { "192.0.2.9" } } }
      expect.failure("rejected", apply(after, { prune = true }))
      assert.equal("whitelist_ip unmap_phone_number", w:writes())
    end)

    it("are refused when two are one, and named by their places", function()
      assert.equal("specifications[2].trunk_name", expect.failure("invalid_argument", plan { specs[1], specs[1] }).field)
      local same = { { trunk_sid = "x", trunk_name = "a" }, { trunk_sid = "x", trunk_name = "b" } }
      assert.equal("specifications[2].trunk_sid", expect.failure("invalid_argument", plan(same)).field)
      assert.equal("specifications[2].phone_numbers[1]", expect.failure("invalid_argument", plan { specs[1], { trunk_name = "b", phone_numbers = { "1" } } }).field)
      assert.equal("specifications[2]", expect.failure("invalid_argument", plan { specs[1], "b" }).field)
    end)
  end)
end)
