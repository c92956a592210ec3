-- How plans and reports look to people.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local full = provisioning.full

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  describe("for people", function()
    it("shows a plan", function()
      assert(w.client:map_phone_number { trunk_sid = w:trunk(), phone_number = OTHER })
      local spec = full()
      assert.equal(table.concat({
        "trunk outbound_trunk",
        "  + whitelisted_ip 44.248.146.11/32",
        "  + whitelisted_ip 203.0.113.0/24",
        "  + phone_number +919876543210 (mode=pstn)",
        "  ~ phone_number +918040264208 (mode: pstn -> flow)",
        "  + setting trunk_external_alias (value=+919876543210)",
        "  + destination 44.248.146.11:5061;transport=tls",
        "  + destination sip.company.com:5060;transport=tcp",
        "6 to add, 1 to change, 0 to remove, 0 extra",
      }, "\n"), tostring(assert(plan(spec))))
      assert(apply(spec))
      assert.equal("0 to add, 0 to change, 0 to remove, 0 extra", tostring(assert(plan(spec))))
      assert.equal("trunk outbound_trunk\n  - phone_number +918040264208 (mode=flow)\n0 to add, 0 to change, 1 to remove, 0 extra",
        tostring(assert(plan({ trunk_name = "outbound_trunk", phone_numbers = { E164 } }, { prune = true }))))
    end)

    it("shows a report", function()
      w.sb:fault { after = "map_phone_number", drop = true }
      w.sb:fault { on = "list_trunks", skip = 1, status = 403 }
      assert(w.client:whitelist_ip { trunk_sid = w:trunk(), ip = "44.248.146.11" })
      local _, err, report = apply { trunk_name = "outbound_trunk", whitelisted_ips = { "44.248.146.11" }, phone_numbers = { E164 }, alias = E164 }
      assert.equal(table.concat({
        "trunk outbound_trunk",
        "  + phone_number +919876543210 (mode=pstn): unknown - " .. tostring(err),
        "  + setting trunk_external_alias (value=+919876543210): not_tried",
        "0 added, 0 changed, 0 removed, 1 unknown, 1 not tried",
      }, "\n"), tostring(report))
      expect.no_secret(tostring(report))
    end)
  end)

  it("shows what the service holds on one line, whatever it is", function()
    local sid = w:trunk()
    w:answer("list_settings", '{"request_id":"a","http_code":200,"response":[{"code":200,"status":"success","data":{"name":"x\\ny","value":"\\u001b[2J"}}],"metadata":{}}')
    local p = assert(plan({ trunk_name = "outbound_trunk", settings = {} }, { prune = true }))
    assert.equal(sid, p.trunk_sid)
    assert.equal("trunk outbound_trunk\n  - setting x?y (value=?[2J)\n0 to add, 0 to change, 1 to remove, 0 extra", tostring(p))
  end)
end)
