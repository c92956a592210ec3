-- Destinations, credentials and the trunk itself: fields that can be changed.
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local ALLOWED = { "last_ip", "last_destination", "shrink" }
local copy = provisioning.copy

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end
  local function text_of(specs, options) return tostring(assert(plan(specs, options))) end
  local function state(i) return w.sb:state().trunks[i or 1] end
  local function nothing_changes(specs, options) provisioning.assert_nothing_to_do(w, specs, options) end

  describe("destinations", function()
    local function spec(priority, weight)
      return { trunk_name = "outbound_trunk", destinations = { { destination = "sip.example.com:5060", priority = priority, weight = weight } } }
    end

    it("get their priority and weight by an update after they are added", function()
      assert.equal("trunk outbound_trunk\n  + trunk outbound_trunk\n  + destination sip.example.com:5060;transport=udp (priority=1 weight=20)\n2 to add, 0 to change, 0 to remove, 0 extra", text_of(spec(1, 20)))
      local report = assert(apply(spec(1, 20)))
      assert.equal("create_trunk add_destinations update_destination", w:writes())
      assert.equal("done", report.changes[2].outcome)
      assert.same({ 1, 20 }, { state().destinations[1].priority, state().destinations[1].weight })
      nothing_changes(spec(1, 20))
    end)

    it("need no update when they are added as they should be", function()
      assert(apply(spec(0, 1)))
      assert.equal("create_trunk add_destinations", w:writes())
    end)

    it("are changed where they differ, and left alone where the specification says nothing", function()
      assert(apply(spec(1, 20)))
      nothing_changes(spec())
      nothing_changes(spec(1))
      w.sb:reset_requests()
      assert.equal("trunk outbound_trunk\n  ~ destination sip.example.com:5060;transport=udp (weight: 20 -> 30)\n0 to add, 1 to change, 0 to remove, 0 extra", text_of(spec(1, 30)))
      assert(apply(spec(1, 30)))
      assert.equal("update_destination", w:writes())
      assert.same({ 1, 30 }, { state().destinations[1].priority, state().destinations[1].weight })
    end)

    it("of which there are two keep the first, and as wanted", function()
      assert(apply(spec(1, 20)))
      local id = state().destinations[1].id
      for i, wanted in ipairs { spec(1, 20), spec(0, 1) } do
        assert(w.client:add_destinations { trunk_sid = state().trunk_sid, destinations = { { destination = "sip.example.com:5060" } } })
        w.sb:reset_requests()
        assert(apply(wanted))
        assert.equal(i == 1 and "remove_destination" or "update_destination remove_destination", w:writes())
        assert.equal(id, state().destinations[1].id)
        nothing_changes(wanted)
      end
      assert.same({ 0, 1 }, { state().destinations[1].priority, state().destinations[1].weight })
    end)

    it("are done when their update is refused, which is reported for itself, and taken up the next time", function()
      w.sb:fault { before = "update_destination", status = 400 }
      local _, err, report = apply(spec(1, 20))
      assert.equal("update_destination", expect.failure("rejected", nil, err).operation)
      assert.same({ "add done", "update failed" }, {
        report.changes[2].action .. " " .. report.changes[2].outcome, report.changes[3].action .. " " .. report.changes[3].outcome,
      })
      w.sb:reset_requests()
      assert(apply(spec(1, 20)))
      assert.equal("update_destination", w:writes())
    end)
  end)

  describe("a trunk's fields", function()
    local spec = { trunk_name = "outbound_trunk", status = "inactive", edge_preference = "mumbai" }

    it("that create_trunk doesn't take are set by an update after it", function()
      assert.equal("trunk outbound_trunk\n  + trunk outbound_trunk (edge_preference=mumbai status=inactive)\n1 to add, 0 to change, 0 to remove, 0 extra", text_of(spec))
      local report = assert(apply(spec))
      assert.equal("create_trunk update_trunk", w:writes())
      assert.equal(1, #report.changes)
      assert.same({ "inactive", "mumbai" }, { state().status, state().edge_preference })
      nothing_changes(spec)
    end)

    it("need no update when the trunk is made with them", function()
      assert(apply { trunk_name = "outbound_trunk", status = "active", auth_type = "IP-WHITELIST" })
      assert.equal("create_trunk", w:writes())
    end)

    it("are changed by one update that holds what differs", function()
      assert(apply(spec))
      w.sb:reset_requests()
      local changed = copy(spec, { status = "active", secure_trunking = "enabled" })
      assert.equal("trunk outbound_trunk\n  ~ trunk outbound_trunk (secure_trunking: disabled -> enabled, status: inactive -> active)\n0 to add, 1 to change, 0 to remove, 0 extra", text_of(changed))
      assert(apply(changed))
      assert.equal("update_trunk", w:writes())
      local request = w.sb:requests()[#w.sb:requests()]
      assert.same({ status = "active", secure_trunking = "enabled" }, world.decode(request.body))
    end)

    it("hold its name, too, when its sid says which one it is", function()
      local sid = w:trunk("former")
      local renamed = { trunk_sid = sid, trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.1" } }
      assert.equal("trunk outbound_trunk\n  ~ trunk outbound_trunk (trunk_name: former -> outbound_trunk)\n  + whitelisted_ip 192.0.2.1/32\n1 to add, 1 to change, 0 to remove, 0 extra",
        text_of(renamed))
      local report = assert(apply(renamed))
      assert.equal(sid, report.trunk_sid)
      assert.equal("update_trunk whitelist_ip", w:writes())
      assert.equal("outbound_trunk", state().trunk_name)
      nothing_changes(renamed)
    end)

    it("are no reason to make a trunk whose sid is not there", function()
      local gone = { trunk_sid = "trmum1nothere", trunk_name = "outbound_trunk" }
      local err = expect.failure("not_found", plan(gone))
      assert.equal("trunk_sid", err.field)
      expect.failure("not_found", apply(gone))
      assert.equal("", w:writes())
    end)

    it("that are refused leave other trunks as they are", function()
      local one, two = w:trunk("one"), w:trunk("two")
      local _, err, report = apply {
        { trunk_sid = one, trunk_name = "two", whitelisted_ips = { "192.0.2.1" } }, { trunk_name = "one", whitelisted_ips = { "192.0.2.2" } },
        { trunk_name = "three", whitelisted_ips = { "192.0.2.3" } },
      }
      assert.equal("update_trunk", expect.failure("conflict", nil, err).operation)
      assert.equal("2 added, 0 changed, 0 removed, 2 failed, 2 not tried", report:summary())
      assert.same({ "one", "two", "three" }, { state(1).trunk_name, state(2).trunk_name, state(3).trunk_name })
      assert.equal(two, state(2).trunk_sid)
      assert.same({ 0, 0, 1 }, { #state(1).ips, #state(2).ips, #state(3).ips })
    end)

    it("may be exchanged between two trunks when one name becomes free", function()
      local sid = w:trunk("one")
      assert(apply { { trunk_name = "one" }, { trunk_sid = sid, trunk_name = "two" } })
      assert.equal("update_trunk create_trunk", w:writes())
      assert.same({ "two", "one" }, { state(1).trunk_name, state(2).trunk_name })
    end)
  end)

  describe("credentials", function()
    local function spec(credential) return { trunk_name = "outbound_trunk", credentials = { credential } } end
    local function password() return state().credentials[1].password end

    it("are made with their password, which nothing shows", function()
      local wanted = spec { user_name = "pbx", password = "secret_word", friendly_name = "front" }
      local p = assert(plan(wanted))
      assert.equal("trunk outbound_trunk\n  + trunk outbound_trunk\n  + credential pbx (friendly_name=front)\n2 to add, 0 to change, 0 to remove, 0 extra", tostring(p))
      local report = assert(apply(wanted))
      assert.equal("secret_word", password())
      for _, text in ipairs { tostring(p), tostring(report), json.encode(p.changes), json.encode(report.changes) } do
        assert.falsy(text:find("secret_word", 1, true), text)
      end
      nothing_changes(wanted)
      nothing_changes(spec { user_name = "pbx" })
    end)

    it("keep the password they have, and get another name by an update", function()
      assert(apply(spec { user_name = "pbx", password = "first", friendly_name = "front" }))
      nothing_changes(spec { user_name = "pbx", password = "second" })
      w.sb:reset_requests()
      assert(apply(spec { user_name = "pbx", password = "second", friendly_name = "back" }))
      assert.equal("update_credential", w:writes())
      assert.same({ "first", "back" }, { password(), state().credentials[1].friendly_name })
    end)

    it("get a new password when they are to be rotated", function()
      assert(apply(spec { user_name = "pbx", password = "first" }))
      w.sb:reset_requests()
      local wanted, options = spec { user_name = "pbx", password = "second" }, { rotate = { "pbx" } }
      assert.equal("trunk outbound_trunk\n  ~ credential pbx (password: (set) -> (new))\n0 to add, 1 to change, 0 to remove, 0 extra", text_of(wanted, options))
      local report = assert(apply(wanted, options))
      assert.equal("update_credential", w:writes())
      assert.equal("second", password())
      assert.falsy(tostring(report):find("second", 1, true))
    end)

    it("are rotated again when the reply was lost", function()
      assert(apply(spec { user_name = "pbx", password = "first" }))
      for _, place in ipairs { "before", "after" } do
        w.sb:fault { [place] = "update_credential", drop = true }
        local report = assert(apply(spec { user_name = "pbx", password = place }, { rotate = { "pbx" } }))
        assert.equal("done", report.changes[2].outcome)
        assert.equal(place, password())
      end
    end)

    it("are refused before anything is written when one must be made without a password", function()
      local wanted = spec { user_name = "pbx" }
      local p = assert(plan(wanted))
      assert.equal("password", p.refused[1].rule)
      assert.truthy(tostring(p):find("  ! pbx of outbound_trunk needs a password", 1, true), tostring(p))
      local _, err, report = apply(wanted)
      assert.equal("credentials[1].password", expect.failure("invalid_argument", nil, err).field)
      assert.equal("not_tried", report.changes[1].outcome)
      assert.equal("", w:writes())
      expect.failure("invalid_argument", apply(wanted, { allow = ALLOWED }))
    end)

    it("are refused when the name to be rotated is none of them", function()
      local err = expect.failure("invalid_argument", apply(spec { user_name = "pbx", password = "x" }, { rotate = { "other" } }))
      assert.equal("rotate", err.field)
      assert.equal("", w:operations())
    end)

    describe("with a password from the environment", function()
      local getenv = os.getenv
      local function environment(variables)
        os.getenv = function(name) return variables[name] end -- luacheck: ignore
      end

      after_each(function() os.getenv = getenv end) -- luacheck: ignore

      it("read it when it is needed", function()
        environment {}
        local wanted = spec { user_name = "pbx", password_env = "PBX_PASSWORD" }
        assert.equal(2, #assert(plan(wanted)).changes)
        environment { PBX_PASSWORD = "from_outside" }
        assert(apply(wanted))
        assert.equal("from_outside", password())
        environment {}
        nothing_changes(wanted)
      end)

      it("are not made anew without it, where somebody deletes them meanwhile", function()
        environment {}
        w.sb:put { trunk_name = "outbound_trunk", credentials = { { user_name = "pbx", password = "x", friendly_name = "desk" } } }
        w.sb:fault { before = "update_credential", drop = true }
        w.sb:fault { on = "list_credentials", status = 200, body = '{"http_code":200,"response":[]}', skip = 1 }
        local _, err, report = apply(spec { user_name = "pbx", password_env = "PBX_PASSWORD", friendly_name = "hall" })
        expect.failure("config", nil, err)
        assert.truthy(err.message:find("the environment variable PBX_PASSWORD, the password of pbx, is not set", 1, true), err.message)
        assert.equal("unknown", report.changes[2].outcome)
        assert.equal("update_credential", w:writes())
      end)

      -- value → what the message says
      for value, message in pairs { [""] = "is not set", ["no spaces!"] = "letters, digits" } do
        it("are refused before anything is written when it " .. message, function()
          environment { PBX_PASSWORD = value }
          local err = expect.failure("config", apply(spec { user_name = "pbx", password_env = "PBX_PASSWORD" }))
          assert.truthy(err.message:find("PBX_PASSWORD", 1, true) and err.message:find(message, 1, true), err.message)
          assert.falsy(tostring(err):find("no spaces", 1, true))
          assert.equal("", w:writes())
        end)
      end
    end)
  end)
end)
