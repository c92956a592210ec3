-- What is on a trunk beside its specification: extras, which stay, and second copies of a destination, which go.
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local copy, lines, names = provisioning.copy, provisioning.lines, provisioning.names

describe("exotel.provision", function()
  local w, sid

  before_each(function()
    w = world.new()
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end
  local function check(specs, options) return provision.check(w.client, specs, options) end
  local function state() return w.sb:state().trunks[1] end
  local function nothing_changes(specs, options) provisioning.assert_nothing_to_do(w, specs, options) end

  local function destination(uri, levels)
    local added = assert(w.client:add_destinations { trunk_sid = sid, destinations = { { destination = uri } } })[1]
    if levels then
      assert(w.client:update_destination { trunk_sid = sid, id = added.id, priority = levels[1], weight = levels[2] })
    end
    return added.id
  end

  describe("an extra", function()
    local spec = {
      trunk_name = "outbound_trunk", phone_numbers = { E164 }, whitelisted_ips = { "192.0.2.1" }, destinations = { "192.0.2.1:5061;transport=tls" },
      settings = {}, credentials = { { user_name = "pbx", password = "x" } },
    }

    local ids

    -- The toll-fraud case: somebody lets a host of their own call.
    before_each(function()
      assert(apply(spec))
      ids = {
        number = assert(w.client:map_phone_number { trunk_sid = sid, phone_number = OTHER, mode = "flow" }).id,
        ip = assert(w.client:whitelist_ip { trunk_sid = sid, ip = "203.0.113.66" }).id,
        destination = destination("a.example.com:5060"),
        credential = assert(w.client:create_credential { trunk_sid = sid, user_name = "intruder", password = "x" }).id,
      }
      assert(w.client:set_settings { trunk_sid = sid, settings = { { name = "trunk_external_alias", value = E164 } } })
      w.sb:reset_requests()
    end)

    local function extra(resource, key, id)
      return { trunk_name = "outbound_trunk", trunk_sid = sid, resource = resource, key = key, id = id }
    end

    it("is named by a plan, for code and for people, without one request more", function()
      local p = assert(plan(spec))
      assert.equal("list_trunks list_whitelisted_ips list_credentials list_phone_numbers list_settings list_destinations", w:operations())
      assert.same({}, p.changes)
      assert.same({
        extra("whitelisted_ip", "203.0.113.66/32", ids.ip), extra("credential", "intruder", ids.credential),
        extra("phone_number", OTHER, ids.number), extra("setting", "trunk_external_alias"),
        extra("destination", "a.example.com:5060;transport=udp", ids.destination),
      }, p.extras)
      assert.equal(table.concat({
        "trunk outbound_trunk",
        "  * whitelisted_ip 203.0.113.66/32: not in the file (kept; prune = true removes)",
        "  * credential intruder: not in the file (kept; prune = true removes)",
        "  * phone_number +918040264208: not in the file (kept; prune = true removes)",
        "  * setting trunk_external_alias: not in the file (kept; prune = true removes)",
        "  * destination a.example.com:5060;transport=udp: not in the file (kept; prune = true removes)",
        "0 to add, 0 to change, 0 to remove, 5 extra",
      }, "\n"), tostring(p))
      assert.equal("0 to add, 0 to change, 0 to remove, 5 extra", p:summary())
    end)

    it("stays, whatever else is applied", function()
      local changed = copy(spec, { whitelisted_ips = { "192.0.2.1", "192.0.2.2" } })
      assert.equal("1 to add, 0 to change, 0 to remove, 5 extra", assert(plan(changed)):summary())
      assert(apply(changed))
      assert.equal("whitelist_ip", w:writes())
      assert.equal(3, #state().ips)
    end)

    it("is drift, unless that is to be ignored", function()
      local fine, p = check(spec)
      assert.is_false(fine)
      assert.equal(5, #p.extras)
      assert.is_true((check(spec, { extras = "ignore" })))
      fine, p = check(copy(spec, { whitelisted_ips = { "192.0.2.2" } }), { extras = "ignore" })
      assert.is_false(fine)
      assert.same({ "add whitelisted_ip 192.0.2.2/32" }, lines(p.changes))
      assert.same({}, p.extras)
      assert.equal("1 to add, 0 to change, 0 to remove, 0 extra", p:summary())
      assert.equal("", w:writes())
    end)

    it("is only what stands beside a list of the specification", function()
      local p = assert(plan { trunk_name = "outbound_trunk", phone_numbers = { E164 }, alias = E164 })
      assert.same({ extra("phone_number", OTHER, ids.number) }, p.extras)
      assert.is_true((check { trunk_name = "outbound_trunk", alias = E164 }))
      assert.equal(2, #select(2, check { trunk_name = "outbound_trunk", credentials = {} }).extras)
    end)

    it("is a removal with prune, and no extra then; what a destination needs is kept, and none either", function()
      local p = assert(plan(spec, { prune = true }))
      assert.equal(5, #p.changes)
      assert.same({}, p.extras)
      destination("203.0.113.66:5060")
      local without = copy(spec, {})
      without.destinations = nil
      p = assert(plan(without, { prune = true }))
      assert.equal("203.0.113.66/32", p.kept[1].key)
      assert.same({}, p.extras)
    end)

    it("is in a saved plan, and keeps none from being applied", function()
      local p = assert(plan(copy(spec, { phone_numbers = { E164, "+918040264209" } })))
      local restored = assert(provision.restore(assert(p:save())))
      assert.same(p.extras, restored.extras)
      assert.equal(tostring(p), tostring(restored))
      assert(w.client:remove_whitelisted_ip { trunk_sid = sid, id = ids.ip })
      assert(apply(restored))
    end)

    it("shows on one line, whatever it is called", function()
      w:answer("list_settings", '{"request_id":"a","http_code":200,"response":[{"code":200,"status":"success","data":{"name":"x\\ny","value":"1"}}],"metadata":{}}')
      assert.equal("trunk outbound_trunk\n  * setting x?y: not in the file (kept; prune = true removes)\n0 to add, 0 to change, 0 to remove, 1 extra", tostring(assert(plan { trunk_name = "outbound_trunk", settings = {} })))
    end)

    it("is none when it can't be understood, and is left alone", function()
      w.sb:fault { on = "list_phone_numbers", status = 200, body = '{"http_code":200,"response":[{"code":200,"data":{"id":"1"}}]}', times = 2 }
      for _, prune in ipairs { false, true } do
        local p = assert(plan({ trunk_name = "outbound_trunk", phone_numbers = {} }, { prune = prune }))
        assert.same({ {}, {} }, { p.changes, p.extras })
      end
    end)

    it("may be ignored by check only, by that word", function()
      for _, call in ipairs { plan, apply } do expect.raises("bad option 'extras' %(unknown%)", call, spec, { extras = "ignore" }) end
      expect.raises("bad option 'extras' %(\"ignore\" expected%)", check, spec, { extras = "ignored" })
      expect.raises("bad option 'extras' %(string expected%)", check, spec, { extras = true })
    end)
  end)

  describe("a second copy of a wanted destination", function()
    local A, B = "a.example.com:5060;transport=udp", "b.example.com:5060;transport=udp"
    local spec = { trunk_name = "outbound_trunk", destinations = { { destination = A, priority = 1, weight = 20 } } }

    local function removal(id)
      return {
        action = "remove", resource = "destination", key = A, id = id, reason = "duplicate", trunk_name = "outbound_trunk", trunk_sid = sid,
        from = { destination = A, priority = 1, weight = 20 },
      }
    end

    it("is a change of every plan, and drift", function()
      destination(A, { 1, 20 })
      local second, third = destination("sip.a.example.com:5060"), destination("A.example.com:5060", { 1, 20 })
      w.sb:reset_requests()
      local p = assert(plan(spec))
      assert.equal("list_trunks list_destinations", w:operations())
      assert.same({ removal(third) }, p.changes)
      assert.equal(second, p.extras[1].id)
      assert.equal(("trunk outbound_trunk\n  - destination %s (second copy, id %s)\n  * destination sip.a.example.com:5060;transport=udp: not in the file (kept; prune = true removes)\n0 to add, 0 to change, 1 to remove, 1 extra")
        :format(A, third), tostring(p))
      for _, options in ipairs { {}, { extras = "ignore" }, { prune = true } } do
        local fine, drift = check(spec, options)
        assert.is_false(fine)
        assert.same(removal(third), drift.changes[1])
      end
    end)

    it("is removed by every apply; the one with the lowest id stays, and becomes as wanted", function()
      local first = destination(A)
      destination(A, { 1, 20 })
      destination(A, { 1, 20 })
      w.sb:reset_requests()
      local report = assert(apply(spec))
      assert.same({
        "create trunk outbound_trunk: present", "update destination " .. A .. ": done", "remove destination " .. A .. ": done",
        "remove destination " .. A .. ": done",
      }, lines(report.changes))
      assert.equal("update_destination remove_destination remove_destination", w:writes())
      assert.equal(first, names(state().destinations, "id"))
      assert.same({ 1, 20 }, { state().destinations[1].priority, state().destinations[1].weight })
      nothing_changes(spec)
    end)

    it("is counted by ids as numbers, in whatever order they are listed", function()
      local entries = {}
      for i, id in ipairs { "10", "9", 11, "0009007199254740993", "9007199254740992" } do
        entries[i] = { code = 200, status = "success", data = { id = id, destination = "sip:" .. A, priority = 1, weight = 20 } }
      end
      w.sb:fault { on = "list_destinations", status = 200, times = true, body = json.encode {
        request_id = "a", http_code = 200, response = entries, metadata = { page_size = 50 },
      } }
      assert.equal("10 11 0009007199254740993 9007199254740992", names(assert(plan(spec)).changes, "id"))
    end)

    it("is an extra of its own when the specification has none of them", function()
      destination(A, { 1, 20 })
      local first, second = destination(B), destination(B)
      local p = assert(plan(spec))
      assert.same({}, p.changes)
      assert.equal(second .. " " .. first, names(p.extras, "id")) -- as listed: the newest first
      p = assert(plan(spec, { prune = true, allow = { "shrink" } }))
      assert.same({ "remove destination " .. B, "remove destination " .. B }, lines(p.changes))
      assert.is_nil(p.changes[1].reason)
      assert(apply(spec, { prune = true, allow = { "shrink" } }))
      assert.equal("sip:" .. A, names(state().destinations, "destination"))
    end)

    it("counts as nothing for what prune must not remove", function()
      local wanted = { trunk_name = "outbound_trunk", destinations = { A, B } }
      for _ = 1, 5 do destination(A) end
      destination(B)
      assert.same({}, assert(plan(wanted, { prune = true })).refused)
      for _ = 1, 3 do destination("c.example.com:5060") end
      assert.same({}, assert(plan(wanted, { prune = true })).refused)
      assert(apply(wanted, { prune = true }))
      assert.equal(2, #state().destinations)
    end)

    it("that came or went since makes a plan that was kept another one", function()
      destination(A, { 1, 20 })
      local p = assert(plan(copy(spec, { whitelisted_ips = { "192.0.2.1" } })))
      local id = destination(A, { 1, 20 })
      local err = expect.failure("conflict", apply(p))
      assert.truthy(err.message:find(("not in the plan is \"- destination %s (second copy, id %s)\""):format(A, id), 1, true), err.message)
      local restored = assert(provision.restore(assert(assert(plan(spec)):save())))
      assert.same({ removal(id) }, restored.changes)
      assert.truthy(tostring(restored):find("second copy", 1, true))
      assert(apply(restored))
      expect.failure("conflict", apply(restored))
    end)

    it("is left when something else failed", function()
      destination(A, { 1, 20 })
      destination(A, { 1, 20 })
      w.sb:fault { before = "whitelist_ip", status = 400 }
      local _, err, report = apply(copy(spec, { whitelisted_ips = { "192.0.2.1" } }))
      expect.failure("rejected", nil, err)
      assert.equal("not_tried", report.changes[#report.changes].outcome)
      assert.equal(2, #state().destinations)
    end)
  end)
end)
