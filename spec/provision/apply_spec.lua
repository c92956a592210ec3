-- Desired state in, changes out: what is added, changed and removed.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER, ALL, COMPLETE = provisioning.E164, provisioning.OTHER, provisioning.ALL, provisioning.COMPLETE
local full, lines, with_outcome = provisioning.full, provisioning.lines, provisioning.with_outcome

local function sorted(list)
  table.sort(list)
  return list
end

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end
  local function stored() return provisioning.stored(w) end
  local function nothing_changes(specs, options) provisioning.assert_nothing_to_do(w, specs, options) end

  describe("a new trunk", function()
    it("is planned whole, and only read", function()
      local p = assert(plan(full()))
      assert.same(ALL, lines(p.changes))
      assert.equal("list_trunks find_trunk_map find_trunk_map", w:operations()) -- is one of its numbers on another trunk?
      assert.is_nil(p.trunk_sid)
      assert.equal("outbound_trunk", p.trunk_name)
      assert.same({
        action = "create", resource = "trunk", key = "outbound_trunk", to = { trunk_name = "outbound_trunk" }, trunk_name = "outbound_trunk",
      }, p.changes[1])
      assert.same({ ip = "203.0.113.0", mask = 24 }, p.changes[3].to)
      assert.same({ phone_number = E164, mode = "pstn" }, p.changes[4].to)
      assert.same({ phone_number = OTHER, mode = "flow" }, p.changes[5].to)
      assert.same({ name = "trunk_external_alias", value = E164 }, p.changes[6].to)
      assert.is_nil(p.changes[6].from)
    end)

    it("is made, in an order that works", function()
      local report = assert(apply(full()))
      assert.same(with_outcome(ALL, "done"), lines(report.changes))
      assert.equal(w.sb:state().trunks[1].trunk_sid, report.trunk_sid)
      assert.same(COMPLETE, stored())
      assert.equal("create_trunk whitelist_ip whitelist_ip map_phone_number map_phone_number set_settings add_destinations add_destinations",
        w:writes())
    end)

    it("is not made again: the second time nothing is written", function()
      assert(apply(full()))
      nothing_changes(full())
      assert.same(COMPLETE, stored())
    end)

    it("may be no more than a name, or have its own nso_code and domain_name", function()
      local report = assert(apply { trunk_name = "bare" })
      assert.same({ "create trunk bare: done" }, lines(report.changes))
      assert(apply { trunk_name = "other", nso_code = "ANY-ANY", domain_name = "other1.pstn.exotel.com" })
      assert.equal("other1.pstn.exotel.com", w.sb:state().trunks[2].domain_name)
    end)

    it("may have settings by name", function()
      assert(apply { trunk_name = "outbound_trunk", settings = { trunk_external_alias = E164 } })
      assert.same({ "trunk_external_alias=+919876543210" }, stored().settings)
      nothing_changes { trunk_name = "outbound_trunk", alias = E164, settings = { trunk_external_alias = E164 } }
    end)

    it("leaves the specification as it was", function()
      local spec = full()
      spec.destinations[1] = { destination = "sip:44.248.146.11:5061;transport=tls" }
      local before = full()
      before.destinations[1] = { destination = "sip:44.248.146.11:5061;transport=tls" }
      assert(apply(spec, { prune = true }))
      assert.same(before, spec)
    end)

    it("tells how far it is", function()
      local seen = {}
      assert(apply(full(), { progress = function(done, total, change)
        seen[#seen + 1] = ("%d/%d %s %s"):format(done, total, change.resource, change.outcome)
      end }))
      assert.equal(8, #seen)
      assert.equal("1/8 trunk done", seen[1])
      assert.equal("8/8 destination done", seen[8])
    end)
  end)

  describe("a trunk of that name", function()
    local sid

    before_each(function()
      w:trunk("another")
      sid = w:trunk()
    end)

    -- stored() looks at the first trunk.
    before_each(function() assert(w.client:delete_trunk { trunk_sid = w.sb:state().trunks[1].trunk_sid }) end)

    it("is adopted, and only what is missing is added", function()
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" })
      assert(w.client:map_phone_number { trunk_sid = sid, phone_number = OTHER, mode = "flow" })
      w.sb:reset_requests()
      local report = assert(apply(full()))
      assert.equal(sid, report.trunk_sid)
      assert.same({
        "create trunk outbound_trunk: present",
        "add whitelisted_ip 44.248.146.11/32: present",
        "add whitelisted_ip 203.0.113.0/24: done",
        "add phone_number +919876543210: done",
        "add phone_number +918040264208: present",
        "add setting trunk_external_alias: done",
        "add destination 44.248.146.11:5061;transport=tls: done",
        "add destination sip.company.com:5060;transport=tcp: done",
      }, lines(report.changes))
      assert.equal("whitelist_ip map_phone_number set_settings add_destinations add_destinations", w:writes())
      assert.equal(1, #w.sb:state().trunks)
    end)

    it("plans what is missing, with its sid", function()
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" })
      w.sb:reset_requests()
      local p = assert(plan { trunk_name = "outbound_trunk", whitelisted_ips = { "44.248.146.11", "44.248.146.12" } })
      assert.equal(sid, p.trunk_sid)
      assert.same({ "add whitelisted_ip 44.248.146.12/32" }, lines(p.changes))
      assert.equal("", w:writes())
    end)

    it("is found behind the first page, and read to the last", function()
      w:close()
      w = world.new { page_size = 2 }
      sid = w:trunk()
      for i = 1, 3 do w:trunk("trunk_" .. i) end
      for i = 1, 5 do assert(w.client:whitelist_ip { trunk_sid = sid, ip = "44.248.146." .. i }) end
      local spec = { trunk_name = "outbound_trunk", whitelisted_ips = {} }
      for i = 1, 5 do spec.whitelisted_ips[i] = "44.248.146." .. i end
      nothing_changes(spec)
      assert.equal(4, #w.sb:state().trunks)
    end)

    it("is of several of its name the one that the service lists first", function()
      local newest = w.sb:put { trunk_name = "outbound_trunk", nso_code = "IN-ANY" }
      local p = assert(plan { trunk_name = "outbound_trunk", nso_code = "IN-ANY" })
      assert.equal(newest.trunk_sid, p.trunk_sid)
      assert.same({}, p.changes)
    end)

    it("is changed where its fields differ, by one update", function()
      local spec = { trunk_name = "outbound_trunk", domain_name = "other1.pstn.exotel.com" }
      local p = assert(plan(spec))
      assert.same({
        {
          action = "update", resource = "trunk", key = "outbound_trunk", from = { domain_name = "sandbox1.pstn.exotel.com" },
          to = { domain_name = "other1.pstn.exotel.com" }, trunk_name = "outbound_trunk", trunk_sid = sid,
        },
      }, p.changes)
      w.sb:reset_requests()
      assert(apply(spec))
      assert.equal("update_trunk", w:writes())
      assert.equal("other1.pstn.exotel.com", w.sb:state().trunks[1].domain_name)
      nothing_changes(spec)
    end)

    it("compares by what is meant, not by how it is written", function()
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "203.0.113.7", mask = 32 })
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" })
      assert(w.client:map_phone_number { trunk_sid = sid, phone_number = E164 })
      assert(w.client:map_phone_number { trunk_sid = sid, phone_number = OTHER, mode = "pstn" })
      assert(w.client:add_destinations { trunk_sid = sid, destinations = {
        { destination = "sip.company.com:5060" }, { destination = "44.248.146.11:5061;transport=tls" },
      } })
      nothing_changes({
        trunk_name = "outbound_trunk",
        whitelisted_ips = { "44.248.146.11", "203.0.113.7" },
        phone_numbers = { OTHER, { phone_number = E164, mode = "pstn" } },
        destinations = { "sip:44.248.146.11:5061;transport=tls", { destination = "SIP.Company.com:5060;transport=udp" } },
      }, { prune = true })
    end)

    it("changes a number's mode by PUT, not by unmapping it", function()
      assert(w.client:map_phone_number { trunk_sid = sid, phone_number = E164 })
      local id = w.sb:state().trunks[1].numbers[1].id
      w.sb:reset_requests()
      local spec = { trunk_name = "outbound_trunk", phone_numbers = { { phone_number = E164, mode = "flow" } } }
      assert.same({
        {
          action = "update", resource = "phone_number", key = E164, from = { phone_number = E164, mode = "pstn" },
          to = { phone_number = E164, mode = "flow" }, trunk_name = "outbound_trunk", trunk_sid = sid, id = id,
        },
      }, assert(plan(spec)).changes)
      local report = assert(apply(spec))
      assert.equal("done", report.changes[2].outcome)
      assert.equal("update_phone_number", w:writes())
      assert.equal("flow", w.sb:state().trunks[1].numbers[1].mode)
      assert.equal(id, w.sb:state().trunks[1].numbers[1].id)
      nothing_changes(spec)
    end)

    it("changes the alias", function()
      assert(apply { trunk_name = "outbound_trunk", alias = E164 })
      w.sb:reset_requests()
      local report = assert(apply { trunk_name = "outbound_trunk", alias = OTHER })
      assert.same({ name = "trunk_external_alias", value = E164 }, report.changes[2].from)
      assert.equal("update", report.changes[2].action)
      assert.equal("set_settings", w:writes())
      assert.same({ "trunk_external_alias=" .. OTHER }, stored().settings)
    end)
  end)

  describe("pruning", function()
    before_each(function()
      assert(apply(full()))
      w.sb:reset_requests()
    end)

    local function fewer()
      return {
        trunk_name = "outbound_trunk", phone_numbers = { E164 }, whitelisted_ips = { { ip = "203.0.113.0", mask = 24 } },
        destinations = { "sip.company.com:5060;transport=tcp" }, settings = {},
      }
    end

    it("is done only when it is asked for", function()
      assert.same({}, assert(plan(fewer())).changes)
      assert.same({}, assert(plan(fewer(), { prune = false })).changes)
      assert(apply(fewer()))
      assert.equal("", w:writes())
      assert.same(COMPLETE, stored())
    end)

    it("removes destinations before the IPs they need", function()
      local removals = {
        "remove destination 44.248.146.11:5061;transport=tls",
        "remove setting trunk_external_alias",
        "remove phone_number +918040264208",
        "remove whitelisted_ip 44.248.146.11/32",
      }
      local p = assert(plan(fewer(), { prune = true }))
      assert.same(removals, lines(p.changes))
      assert.same({ destination = "44.248.146.11:5061;transport=tls", priority = 0, weight = 1 }, p.changes[1].from)
      assert.is_nil(p.changes[1].to)
      w.sb:reset_requests()
      assert(apply(fewer(), { prune = true }))
      assert.equal("remove_destination remove_setting unmap_phone_number remove_whitelisted_ip", w:writes())
      assert.same({
        numbers = { "+919876543210 nil" }, ips = { "203.0.113.0/24" }, destinations = { "sip:sip.company.com:5060;transport=tcp" }, settings = {},
      }, stored())
      nothing_changes(fewer(), { prune = true })
    end)

    it("leaves alone what the specification doesn't mention", function()
      assert(apply({ trunk_name = "outbound_trunk" }, { prune = true }))
      assert.equal("", w:writes())
      assert(apply({ trunk_name = "outbound_trunk", phone_numbers = {} }, { prune = true, allow = { "shrink" } }))
      assert.equal("unmap_phone_number unmap_phone_number", w:writes())
      assert.same({ COMPLETE.ips, COMPLETE.destinations, COMPLETE.settings }, { stored().ips, stored().destinations, stored().settings })
    end)

    it("leaves the settings alone when only the alias is given", function()
      assert(apply({ trunk_name = "outbound_trunk", alias = OTHER }, { prune = true }))
      assert.equal("set_settings", w:writes())
    end)

    it("removes a second destination of the same kind, asked to or not", function()
      local sid = w.sb:state().trunks[1].trunk_sid
      assert(w.client:add_destinations { trunk_sid = sid, destinations = { { destination = "sip.company.com:5060;transport=tcp" } } })
      for _, options in ipairs { { prune = true }, {} } do
        local report = assert(apply(full(), options))
        assert.same({ "remove destination sip.company.com:5060;transport=tcp: done" }, { lines(report.changes)[#report.changes] })
        assert.same(sorted { COMPLETE.destinations[1], COMPLETE.destinations[2] }, sorted(stored().destinations))
        assert(w.client:add_destinations { trunk_sid = sid, destinations = { { destination = "sip.company.com:5060;transport=tcp" } } })
      end
    end)

    -- A failure after which other additions go on, and one after which nothing does.
    for status, kind in pairs { [404] = "not_found", [403] = "permission" } do
      it("adds before it removes, and removes nothing when an addition failed: " .. kind, function()
        local spec = fewer()
        spec.phone_numbers = { "+918040264209" }
        w.sb:fault { before = "map_phone_number", status = status }
        local _, err, report = apply(spec, { prune = true })
        assert.equal(kind, err.kind)
        assert.equal("map_phone_number", w:writes())
        local removals = 0
        for _, change in ipairs(report.changes) do
          if change.action == "remove" then
            removals = removals + 1
            assert.equal("not_tried", change.outcome)
          end
        end
        assert.equal(5, removals)
        w.sb:reset_requests()
        assert(apply(spec, { prune = true }))
        assert.equal("map_phone_number remove_destination remove_setting unmap_phone_number unmap_phone_number remove_whitelisted_ip",
          w:writes())
      end)
    end
  end)

  it("raises for an option that is unknown or ill-typed", function()
    expect.raises("bad option 'purge' %(unknown%)", plan, full(), { purge = true })
    expect.raises("bad option 'prune' %(boolean expected%)", plan, full(), { prune = "yes" })
    expect.raises("bad option 'progress' %(unknown%)", plan, full(), { progress = print })
    expect.raises("bad option 'prune'", apply, full(), { prune = 1 })
    expect.raises("bad option 'progress' %(function expected%)", apply, full(), { progress = true })
    assert.same({}, w.sb:requests())
  end)
end)
