-- What the service held and this library's rules forbid: exported as it is, marked, and left to the service to judge.
local exotel = require "exotel"
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164 = provisioning.E164
local copy, lines = provisioning.copy, provisioning.lines

describe("exotel.provision", function()
  local w, sid

  before_each(function()
    w = world.new()
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  -- The service holds these, however they came there.
  local function holds(operation, items)
    local entries = {}
    for i, item in ipairs(items) do entries[i] = { code = 200, status = "success", data = item } end
    w.sb:fault { on = operation, status = 200, times = true, body = json.encode {
      request_id = "a", http_code = 200, response = entries, metadata = { page_size = 50 },
    } }
  end

  local function is_gone()
    w.sb:clear_faults()
    assert(w.client:delete_trunk { trunk_sid = sid })
    w.sb:reset_requests()
  end

  local function export()
    local spec, info = provision.export(w.client, sid)
    return assert(spec, info), info
  end

  local function through_a_file(spec, form)
    local path = os.tmpname() .. "." .. form
    local file = assert(io.open(path, "wb"))
    file:write(provision.format(spec, form))
    file:close()
    local specs = assert(provision.load(path))
    os.remove(path)
    return specs[1]
  end

  describe("an export", function()
    local ODD = {
      { id = "1", destination = "sip:user@host:5060", priority = 0, weight = 1 }, { id = "2", destination = "sip:sip.example.com" },
      { id = "3", destination = "sip:sip.example.com:5061;transport=tls", priority = 0, weight = 1 },
    }

    it("says no more than it has to, and not what is no value", function()
      holds("list_whitelisted_ips", { { id = "1", ip = "192.0.2.1", mask = 32 }, { id = "2", ip = "203.0.113.0", mask = 24 } })
      holds("list_settings", { { name = "trunk_external_alias", value = "+919876543210" }, { name = "zone" } })
      local spec, info = export()
      assert.same({ "192.0.2.1", { ip = "203.0.113.0", mask = 24 } }, spec.whitelisted_ips)
      assert.same({ trunk_external_alias = "+919876543210" }, spec.settings)
      assert.equal(1, #info.warnings)
      assert.truthy(info.warnings[1]:find("setting", 1, true), info.warnings[1])
    end)

    it("marks what breaks a rule, and warns of it", function()
      holds("list_destinations", ODD)
      local spec, info = export()
      assert.same({
        { destination = "sip.example.com", as_is = true },
        { destination = "sip.example.com:5061;transport=tls", priority = 0, weight = 1 },
        { destination = "user@host:5060", priority = 0, weight = 1, as_is = true },
      }, spec.destinations)
      assert.equal(2, #info.warnings)
      for i, part in ipairs { "destinations[1]", "destinations[3].destination" } do
        assert.truthy(info.warnings[i]:find(part, 1, true) and info.warnings[i]:find("left to the service", 1, true), info.warnings[i])
      end
    end)

    it("warns of nothing else", function()
      assert(apply(provisioning.full()))
      local spec, info = export()
      assert.same({}, info.warnings)
      assert.is_nil(json.encode(spec):find("as_is", 1, true))
    end)

    it("can be applied when the trunk is gone: what is odd is sent as it is, for the service to judge", function()
      holds("list_destinations", ODD)
      local exported = export()
      local specs = { through_a_file(exported, "lua"), through_a_file(exported, "json") }
      for _, spec in ipairs(specs) do
        assert.same(exported, spec)
        assert.same({}, assert(plan(spec, { prune = true })).changes)
      end
      for _, spec in ipairs(specs) do
        is_gone()
        local p = assert(plan(spec))
        assert.same({}, p.refused)
        for _, subject in ipairs { p, assert(provision.restore(assert(p:save()))), spec } do
          local _, err, report = apply(subject)
          expect.failure("partial", nil, err)
          assert.same({
            "create trunk outbound_trunk: done", "add destination sip.example.com:5060;transport=udp: failed",
            "add destination sip.example.com:5061;transport=tls: done", "add destination user@host:5060;transport=udp: failed",
          }, lines(report.changes))
          assert.equal(1002, report.changes[2].err.failed[1].code)
          local requests = w.sb:requests() -- the last one reads back what was added
          assert.truthy(requests[#requests - 1].body:find('"user@host:5060"', 1, true))
          assert(w.client:delete_trunk { trunk_sid = report.trunk_sid })
        end
        sid = w:trunk()
      end
    end)

    it("marks numbers, IPs and credentials alike", function()
      holds("list_phone_numbers", { { id = "1", phone_number = "09876543210", mode = "sip" }, { id = "2", phone_number = E164 } })
      holds("list_whitelisted_ips", { { id = "1", ip = "10.0.0.0", mask = 8 } })
      holds("list_credentials", { { id = "1", user_name = "pbx", friendly_name = "Front desk" } })
      local spec, info = export()
      assert.same({ { phone_number = E164 }, { phone_number = "09876543210", mode = "sip", as_is = true } }, { { phone_number = spec.phone_numbers[1] }, spec.phone_numbers[2] })
      assert.same({ { ip = "10.0.0.0", mask = 8, as_is = true } }, spec.whitelisted_ips)
      assert.same({ { user_name = "pbx", friendly_name = "Front desk", as_is = true } }, spec.credentials)
      assert.equal(3, #info.warnings)
      is_gone()
      spec.credentials[1].password = "x"
      local _, err, report = apply(spec)
      expect.failure("rejected", nil, err)
      assert.equal("2 added, 0 changed, 0 removed, 3 failed", report:summary())
    end)

    it("marks settings, and the trunk's own fields, by their names", function()
      holds("list_settings", { { name = "trunk_external_alias", value = "09876543210" } })
      w.sb:fault { on = "get_trunk", status = 200, body = json.encode { request_id = "a", http_code = 200, response = {
        code = 200, status = "success", data = { trunk_sid = sid, trunk_name = "outbound_trunk", status = "blocked", nso_code = "any any" },
      } } }
      local spec, info = export()
      assert.same({
        trunk_name = "outbound_trunk", status = "blocked", nso_code = "any any", settings = { trunk_external_alias = "09876543210" },
        as_is = { "nso_code", "settings.trunk_external_alias" }, phone_numbers = {}, whitelisted_ips = {}, destinations = {}, credentials = {},
      }, spec)
      assert.equal(2, #info.warnings)
      is_gone()
      local p = assert(plan(spec))
      local restored = assert(provision.restore(assert(p:save())))
      local _, _, report = apply(restored)
      assert.same({ "create trunk outbound_trunk: failed", "add setting trunk_external_alias: not_tried" }, lines(report.changes))
      assert.equal("create_trunk", report.changes[1].err.operation)
      assert.equal(1002, report.changes[1].err.code)
      _, _, report = apply(copy(spec, { nso_code = "ANY-ANY", status = "active", as_is = { "settings.trunk_external_alias" } }))
      assert.equal("failed", report.changes[2].outcome)
      assert.equal("set_settings", report.changes[2].err.operation)
    end)

    it("marks a destination on an IP that the trunk doesn't whitelist any more", function()
      holds("list_destinations", { { id = "1", destination = "sip:192.0.2.1:5060;transport=tcp" }, { id = "2", destination = "sip:192.0.2.99:5060;transport=tcp" } })
      holds("list_whitelisted_ips", { { id = "1", ip = "192.0.2.1", mask = 32 } })
      local spec, info = export()
      assert.same({ "192.0.2.1:5060;transport=tcp", { destination = "192.0.2.99:5060;transport=tcp", as_is = true } }, spec.destinations)
      assert.truthy(info.warnings[1]:find("192.0.2.99", 1, true) and #info.warnings == 1, info.warnings[1])
      is_gone()
      assert.same({}, assert(plan(spec)).refused)
      expect.failure("partial", apply(spec))
    end)

    it("warns of what it can't say", function()
      holds("list_destinations", {
        { id = "1", destination = "sip:a.example.com:5060" }, { id = "2", destination = "sip:a.example.com:5060" }, { id = "3", destination = exotel.null },
      })
      holds("list_whitelisted_ips", { { id = "1", ip = "any", mask = "all" } })
      local spec, info = export()
      assert.same({}, spec.whitelisted_ips)
      assert.same({ "a.example.com:5060" }, spec.destinations)
      assert.same({
        "1 whitelisted IP can't be understood, and is left out",
        "1 destination can't be understood, and is left out",
        "a.example.com:5060;transport=udp is there 2 times, and stands in the specification once",
      }, info.warnings)
    end)
  end)

  describe("a specification", function()
    it("is checked but for what it marks", function()
      for _, wrong in ipairs { "user@hots:5060", "sip.example.com" } do
        local spec = { trunk_name = "outbound_trunk", destinations = { { destination = "user@host:5060", as_is = true }, wrong } }
        expect.refused("destinations[2]", plan(spec))
        expect.refused("destinations[2]", apply(spec))
      end
      assert.equal("", w:operations():gsub("list_%l+ ?", ""))
      assert.equal("", w:writes())
    end)

    -- field named → what is wrong, what the message says
    local wrong = {
      ["destinations[1].as_is"] = { { destinations = { { destination = "user@host", as_is = "yes" } } }, "true" },
      ["phone_numbers[1].as_is"] = { { phone_numbers = { { phone_number = "1", as_is = 1 } } }, "true" },
      ["destinations[1].prioriy"] = { { destinations = { { destination = "user@host", as_is = true, prioriy = 1 } } }, "unknown" },
      ["destinations[1].destination"] = { { destinations = { { as_is = true } } }, "missing" },
      ["as_is"] = { { as_is = true }, "list" },
      ["as_is[1]"] = { { as_is = { "status" } }, "names nothing" },
      ["as_is[2]"] = { { nso_code = "any any", as_is = { "nso_code", "settings.x" } }, "names nothing" },
      ["as_is[3]"] = { { alias = "1", settings = { x = "1" }, as_is = { "alias", "settings.x", 1 } }, "names nothing" },
      ["nso_code"] = { { nso_code = "any any", alias = "1", as_is = { "alias" } }, "ANY-ANY" },
      ["alias"] = { { nso_code = "any any", alias = "1", as_is = { "nso_code" } }, "E.164" },
    }
    for field, row in pairs(wrong) do
      it("is refused for what is wrong with a mark: " .. field, function()
        local err = expect.refused(field, plan(copy({ trunk_name = "outbound_trunk" }, row[1])))
        assert.truthy(err.message:find(row[2], 1, true), err.message)
      end)
    end

    it("may mark what breaks no rule", function()
      local spec = {
        trunk_name = "outbound_trunk", alias = E164, phone_numbers = { { phone_number = E164, as_is = true } }, as_is = { "alias", "trunk_name" },
        destinations = { { destination = "a.example.com:5060", priority = 1, weight = 2, as_is = true } },
      }
      assert(apply(spec))
      provisioning.assert_nothing_to_do(w, spec)
    end)

    it("is written with its marks", function()
      local text = provision.format({ trunk_name = "a", status = "blocked", destinations = { { destination = "user@host", as_is = true } }, as_is = { "status" } }, "lua")
      assert.equal([[
return {
  trunk_name = "a",
  status = "blocked",
  destinations = {
    { destination = "user@host", as_is = true },
  },
  as_is = { "status" },
}
]], text)
    end)
  end)
end)
