-- What a report says of changes that the service ignored, of those that somebody else made first, and of what follows
-- a change.
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local lines = provisioning.lines
local ITEM = '{"request_id":"r","http_code":200,"response":{"code":200,"status":"success","error_data":null,"data":%s}}'
local LIST = '{"request_id":"r","http_code":200,"response":[{"code":200,"status":"success","error_data":null,"data":%s}]}'

describe("exotel.provision", function()
  local w, other, sid

  before_each(function()
    w = world.new()
    other = assert(w.sb:client())
    sid = w:trunk()
  end)
  after_each(function()
    other:close()
    w:close()
  end)

  local function apply(spec, options) return provision.apply(w.client, spec, options) end
  local function held() return w.sb:state().trunks[1] end

  describe("reports as ignored what the service answered otherwise than it was sent:", function()
    -- → the report of an apply in which this operation is answered so
    local function ignored(spec, operation, body, message)
      w:answer(operation, body)
      local report, err, partly = apply(spec)
      assert.is_nil(report)
      assert.equal("protocol", err.kind)
      assert.equal(operation, err.operation)
      assert.equal(message, err.message)
      assert.is_false(err.maybe_applied)
      assert.is_false(err.retryable)
      for _, change in ipairs(partly.changes) do
        if change.err then
          assert.equal("ignored", change.outcome)
          assert.equal(err, change.err)
        end
      end
      assert.truthy(tostring(partly):find(": ignored - " .. operation .. ": protocol", 1, true), tostring(partly))
      assert.truthy(partly:summary():find("1 ignored", 1, true), partly:summary())
      return partly
    end

    it("a field of the trunk", function()
      local report = ignored({ trunk_name = "outbound_trunk", status = "banana", phone_numbers = { E164 } }, "update_trunk",
        ITEM:format(('{"trunk_sid":"%s","trunk_name":"outbound_trunk","status":"active"}'):format(sid)),
        'status: sent "banana", the service answered "active"')
      -- The others are none the worse.
      assert.same({ "update trunk outbound_trunk: ignored", "add phone_number +919876543210: done" }, lines(report.changes))
    end)

    it("a field that is set after a trunk was made", function()
      local report = ignored({ trunk_name = "second", status = "banana", phone_numbers = { E164 } }, "update_trunk",
        ITEM:format '{"trunk_sid":"x","trunk_name":"second","status":"active"}', 'status: sent "banana", the service answered "active"')
      assert.same({
        "create trunk second: done", "update trunk second: ignored", "add phone_number +919876543210: done",
      }, lines(report.changes))
    end)

    it("a number's mode", function()
      ignored({ trunk_name = "outbound_trunk", phone_numbers = { { phone_number = E164, mode = "flow" } } }, "map_phone_number",
        ITEM:format(('{"id":"1","phone_number":"%s","mode":null}'):format(E164)), 'mode: sent "flow", the service answered "pstn"')
      assert(other:map_phone_number { trunk_sid = sid, phone_number = OTHER })
      ignored({ trunk_name = "outbound_trunk", phone_numbers = { { phone_number = OTHER, mode = "flow" } } }, "update_phone_number",
        ITEM:format(('{"id":"1","phone_number":"%s","mode":"pstn"}'):format(OTHER)), 'mode: sent "flow", the service answered "pstn"')
    end)

    it("an IP's mask", function()
      ignored({ trunk_name = "outbound_trunk", whitelisted_ips = { { ip = "192.0.2.0", mask = 24 } } }, "whitelist_ip",
        ITEM:format '{"id":"1","ip":"192.0.2.0","mask":32}', 'mask: sent "24", the service answered "32"')
    end)

    it("a setting", function()
      ignored({ trunk_name = "outbound_trunk", alias = E164 }, "set_settings",
        LIST:format(('{"name":"trunk_external_alias","value":"%s"}'):format(OTHER)),
        ('value: sent "%s", the service answered "%s"'):format(E164, OTHER))
    end)

    it("a credential's friendly name, and never its password", function()
      ignored({ trunk_name = "outbound_trunk", credentials = { { user_name = "a", password = "x", friendly_name = "b" } } },
        "create_credential", ITEM:format '{"id":"1","user_name":"a","friendly_name":"c","password":"***"}',
        'friendly_name: sent "b", the service answered "c"')
    end)

    it("a destination's transport, and its weight", function()
      ignored({ trunk_name = "outbound_trunk", destinations = { "a.example.com:5061;transport=tls" } }, "add_destinations",
        LIST:format '{"id":"1","destination":"sip:a.example.com:5061;transport=tcp"}',
        'destination: sent "a.example.com:5061;transport=tls", the service answered "a.example.com:5061;transport=tcp"')
      local report = ignored({ trunk_name = "outbound_trunk", destinations = { { destination = "b.example.com:5060", weight = 5 } } },
        "update_destination", ITEM:format '{"id":"1","weight":1}', 'weight: sent "5", the service answered "1"')
      assert.same({
        "create trunk outbound_trunk: present", "add destination b.example.com:5060;transport=udp: done",
        "update destination b.example.com:5060;transport=udp: ignored",
      }, lines(report.changes))
    end)

    it("and not what is only written in another way, or not shown", function()
      w:answer("whitelist_ip", ITEM:format '{"id":"1","ip":"192.0.2.0","mask":"24"}')
      w:answer("update_trunk", ITEM:format '{"trunk_sid":"x","secure_trunking":null}')
      w:answer("update_destination", ITEM:format '{"id":"1","priority":"3"}')
      local report = assert(apply {
        trunk_name = "outbound_trunk", secure_trunking = "enabled", whitelisted_ips = { { ip = "192.0.2.0", mask = 24 } },
        destinations = { { destination = "A.example.com:5060", priority = 3 } },
      })
      for _, change in ipairs(report.changes) do assert.equal("done", change.outcome) end
    end)

    it("and removes nothing then", function()
      assert(other:map_phone_number { trunk_sid = sid, phone_number = OTHER })
      w:answer("update_trunk", ITEM:format '{"trunk_sid":"x","status":"active"}')
      local _, _, report = apply({ trunk_name = "outbound_trunk", status = "banana", phone_numbers = { E164 } }, { prune = true })
      assert.equal("1 added, 0 changed, 0 removed, 1 ignored, 1 not tried", report:summary())
      assert.equal(2, #held().numbers)
    end)
  end)

  describe("reports each step for itself:", function()
    it("a trunk whose update is refused is made, and the rest is done", function()
      w.sb:fault { before = "update_trunk", status = 400 }
      local _, err, report = apply { trunk_name = "second", edge_preference = "mumbai", phone_numbers = { E164 } }
      assert.equal("update_trunk", err.operation)
      assert.same({ "create trunk second: done", "update trunk second: failed", "add phone_number +919876543210: done" }, lines(report.changes))
      assert.same({ { edge_preference = "auto" }, { edge_preference = "mumbai" } }, { report.changes[2].from, report.changes[2].to })
      assert.equal(w.sb:state().trunks[2].trunk_sid, report.changes[2].trunk_sid)
      assert.equal("2 added, 0 changed, 0 removed, 1 failed", report:summary())
    end)

    it("a destination whose update is lost and refused is added, and its update is unknown", function()
      w.sb:fault { before = "update_destination", drop = true }
      w.sb:fault { before = "update_destination", status = 400 }
      local _, err, report = apply { trunk_name = "outbound_trunk", destinations = { { destination = "a.example.com:5060", priority = 3 } } }
      assert.is_true(err.maybe_applied)
      assert.same({
        "create trunk outbound_trunk: present", "add destination a.example.com:5060;transport=udp: done",
        "update destination a.example.com:5060;transport=udp: unknown",
      }, lines(report.changes))
    end)

    it("an update that was done is told with what it completes", function()
      local report = assert(apply { trunk_name = "second", edge_preference = "mumbai", destinations = { { destination = "a.example.com:5060", priority = 3 } } })
      assert.same({ "create trunk second: done", "add destination a.example.com:5060;transport=udp: done" }, lines(report.changes))
    end)
  end)

  -- The other operator is faster by one request: between the reading and the write.
  describe("who comes second", function()
    local spec = {
      trunk_name = "outbound_trunk", phone_numbers = { { phone_number = E164, mode = "flow" } }, whitelisted_ips = { "192.0.2.1" },
      credentials = { { user_name = "pbx", password = "x", friendly_name = "front" } },
    }
    local firsts = {
      { "map_phone_number", 4, { phone_number = E164, mode = "flow" }, { phone_number = E164, mode = "pstn" }, "mode pstn, not flow" },
      { "whitelist_ip", 2, { ip = "192.0.2.1" } },
      { "create_credential", 3, { user_name = "pbx", password = "x", friendly_name = "front" },
        { user_name = "pbx", password = "x", friendly_name = "back" }, "friendly_name back, not front" },
    }

    -- Lets the other one act just before the client sends its first write.
    local function apply_second(act)
      local report, err, partly
      local began = false
      report, err, partly = apply(spec, { stop = function()
        if not began then act() end
        began = true
      end })
      return report, err, partly
    end

    for _, first in ipairs(firsts) do
      local operation, index, same, different, message = first[1], first[2], first[3], first[4], first[5]
      local function act(arguments)
        arguments.trunk_sid = sid
        return function() assert(other[operation](other, arguments)) end
      end

      it("finds it present as desired: " .. operation, function()
        local report = assert(apply_second(act(same)))
        assert.equal("present", report.changes[index].outcome)
        for i, change in ipairs(report.changes) do
          if i > 1 and i ~= index then assert.equal("done", change.outcome) end
        end
        provisioning.assert_nothing_to_do(w, spec)
      end)

      it("is told how it differs: " .. operation .. (different and "" or " never does"), function()
        if not different then return end
        local _, err, report = apply_second(act(different))
        assert.equal("conflict", err.kind)
        assert.equal(operation, err.operation)
        assert.equal(1008, err.code)
        assert.truthy(err.message:find("exists with " .. message, 1, true), err.message)
        assert.equal("failed", report.changes[index].outcome)
      end)
    end

    it("finds the trunk present", function()
      local second = { trunk_name = "second", phone_numbers = { E164 }, edge_preference = "mumbai" }
      local made
      local report = assert(apply(second, { stop = function()
        made = made or assert(other:create_trunk { trunk_name = "second" })
      end }))
      assert.same({ "create trunk second: present", "update trunk second: done", "add phone_number +919876543210: done" }, lines(report.changes))
      assert.equal(made.trunk_sid, report.trunk_sid)
      provisioning.assert_nothing_to_do(w, second)
    end)

    it("is told how the trunk differs", function()
      local _, err, report = apply({ trunk_name = "second", domain_name = "a.pstn.exotel.com", phone_numbers = { E164 } }, { stop = function()
        other:create_trunk { trunk_name = "second", domain_name = "b.pstn.exotel.com" }
      end })
      assert.equal("conflict", err.kind)
      assert.equal("second exists with domain_name b.pstn.exotel.com, not a.pstn.exotel.com", err.message)
      assert.same({ "failed", "not_tried" }, { report.changes[1].outcome, report.changes[2].outcome })
    end)

    it("is told which trunk has the number", function()
      local second = assert(other:create_trunk { trunk_name = "second" })
      local _, err = apply_second(function() assert(other:map_phone_number { trunk_sid = second.trunk_sid, phone_number = E164 }) end)
      assert.equal("conflict", err.kind)
      assert.truthy(err.message:find(second.trunk_sid, 1, true), err.message)
    end)

    it("sends nothing that it has seen to be present", function()
      local asked = 0
      w.sb:fault { after = "whitelist_ip", drop = true }
      local report = assert(apply(spec, { stop = function()
        asked = asked + 1
        if asked == 1 then assert(other:map_phone_number { trunk_sid = sid, phone_number = E164, mode = "flow" }) end
      end }))
      assert.equal("present", report.changes[4].outcome)
      assert.equal("map_phone_number whitelist_ip create_credential", w:writes())
    end)
  end)
end)
