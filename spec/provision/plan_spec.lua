-- Plans of everything a trunk has: what they say, what they refuse, and what becomes of one that is applied later.
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local world = require "spec.support.world"

local E164, OTHER = "+919876543210", "+918040264208"
local ALL = { "last_ip", "last_destination", "shrink" }

local function copy(spec, changes)
  local result = {}
  for name, value in pairs(spec) do result[name] = value end
  for name, value in pairs(changes) do result[name] = value end
  return result
end

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  local function text_of(specs, options) return tostring(assert(plan(specs, options))) end
  local function state(i) return w.sb:state().trunks[i or 1] end

  local function names(items, name)
    local list = {}
    for i, item in ipairs(items) do list[i] = item[name] end
    return table.concat(list, " ")
  end

  local function nothing_changes(specs, options)
    assert.same({}, assert(plan(specs, options)).changes)
    assert.is_true(assert(provision.check(w.client, specs, options)))
    w.sb:reset_requests()
    assert(apply(specs, options))
    assert.equal("", w:writes())
  end

  -- ---- fields ----

  describe("destinations", function()
    local function spec(priority, weight)
      return { trunk_name = "outbound_trunk", destinations = { { destination = "sip.example.com:5060", priority = priority, weight = weight } } }
    end

    it("get their priority and weight by an update after they are added", function()
      assert.equal("trunk outbound_trunk: 2 changes\n  + trunk outbound_trunk\n  + destination sip.example.com:5060;transport=udp (priority=1 weight=20)", text_of(spec(1, 20)))
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
      assert.equal("trunk outbound_trunk: 1 change\n  ~ destination sip.example.com:5060;transport=udp (weight: 20 -> 30)", text_of(spec(1, 30)))
      assert(apply(spec(1, 30)))
      assert.equal("update_destination", w:writes())
      assert.same({ 1, 30 }, { state().destinations[1].priority, state().destinations[1].weight })
    end)

    it("of which there are two keep the one that is as wanted", function()
      assert(apply(spec(1, 20)))
      assert(w.client:add_destinations { trunk_sid = state().trunk_sid, destinations = { { destination = "sip.example.com:5060" } } })
      nothing_changes(spec(1, 20))
      nothing_changes(spec(0, 1))
      w.sb:reset_requests()
      assert(apply(spec(1, 20), { prune = true }))
      assert.equal("remove_destination", w:writes())
      assert.same({ 1, 20 }, { state().destinations[1].priority, state().destinations[1].weight })
    end)

    it("whose update is refused are reported as failed, and are taken up the next time", function()
      w.sb:fault { before = "update_destination", status = 400 }
      local _, err, report = apply(spec(1, 20))
      assert.equal("update_destination", expect.failure("rejected", nil, err).operation)
      assert.equal("failed", report.changes[2].outcome)
      w.sb:reset_requests()
      assert(apply(spec(1, 20)))
      assert.equal("update_destination", w:writes())
    end)
  end)

  describe("a trunk's fields", function()
    local spec = { trunk_name = "outbound_trunk", status = "inactive", edge_preference = "mumbai" }

    it("that create_trunk doesn't take are set by an update after it", function()
      assert.equal("trunk outbound_trunk: 1 change\n  + trunk outbound_trunk (edge_preference=mumbai status=inactive)", text_of(spec))
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
      assert.equal("trunk outbound_trunk: 1 change\n  ~ trunk outbound_trunk (secure_trunking: disabled -> enabled, status: inactive -> active)", text_of(changed))
      assert(apply(changed))
      assert.equal("update_trunk", w:writes())
      local request = w.sb:requests()[#w.sb:requests()]
      assert.same({ status = "active", secure_trunking = "enabled" }, world.decode(request.body))
    end)

    it("hold its name, too, when its sid says which one it is", function()
      local sid = w:trunk("former")
      local renamed = { trunk_sid = sid, trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.1" } }
      assert.equal("trunk outbound_trunk: 2 changes\n  ~ trunk outbound_trunk (trunk_name: former -> outbound_trunk)\n  + whitelisted_ip 192.0.2.1/32",
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
      assert.equal("2 done, 2 failed, 2 not_tried", report:summary())
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

  -- ---- credentials ----

  describe("credentials", function()
    local function spec(credential) return { trunk_name = "outbound_trunk", credentials = { credential } } end
    local function password() return state().credentials[1].password end

    it("are made with their password, which nothing shows", function()
      local wanted = spec { user_name = "pbx", password = "secret_word", friendly_name = "front" }
      local p = assert(plan(wanted))
      assert.equal("trunk outbound_trunk: 2 changes\n  + trunk outbound_trunk\n  + credential pbx (friendly_name=front)", tostring(p))
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
      assert.equal("trunk outbound_trunk: 1 change\n  ~ credential pbx (password: (set) -> (new))", text_of(wanted, options))
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
      expect.failure("invalid_argument", apply(wanted, { allow = ALL }))
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

  -- ---- several trunks ----

  describe("several trunks", function()
    local specs = {
      { trunk_name = "one", whitelisted_ips = { "192.0.2.1" } },
      { trunk_name = "two", phone_numbers = { E164 }, destinations = { "a.example.com:5060" } },
    }

    it("are planned and applied together", function()
      local p = assert(plan(specs))
      assert.equal(table.concat({
        "trunk one: 2 changes", "  + trunk one", "  + whitelisted_ip 192.0.2.1/32", "trunk two: 3 changes", "  + trunk two",
        "  + phone_number +919876543210 (mode=pstn)", "  + destination a.example.com:5060;transport=udp",
      }, "\n"), tostring(p))
      assert.equal("5 changes", p:summary())
      assert.equal("list_trunks", w:operations())
      local report = assert(apply(specs))
      assert.equal("5 done", report:summary())
      assert.equal("create_trunk create_trunk whitelist_ip map_phone_number add_destinations", w:writes())
      assert.same({ { trunk_name = "one", trunk_sid = state(1).trunk_sid }, { trunk_name = "two", trunk_sid = state(2).trunk_sid } }, report.trunks)
      assert.is_nil(report.trunk_sid)
      for _, change in ipairs(report.changes) do assert.is_string(change.trunk_sid) end
      nothing_changes(specs)
      assert.equal("trunk one: nothing to change\ntrunk two: nothing to change", text_of(specs))
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
      assert.equal("not_tried", report.changes[#report.changes].outcome)
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

  -- ---- what prune refuses ----

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
      assert.equal("trunk outbound_trunk: 1 change\n  + whitelisted_ip 192.0.2.7/32\n    whitelisted_ip 192.0.2.1/32 stays: 192.0.2.1:5061;transport=tls needs it",
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

  -- ---- a plan that is applied later ----

  describe("a plan", function()
    local spec = {
      trunk_name = "outbound_trunk", phone_numbers = { E164, { phone_number = OTHER, mode = "flow" } }, whitelisted_ips = { "192.0.2.1" },
      destinations = { { destination = "192.0.2.1:5061;transport=tls", priority = 1 } }, alias = E164,
    }

    local function kept(p) return assert(provision.restore(assert(p:save()))) end

    for name, pass in pairs { ["as it is"] = function(p) return p end, ["saved and restored"] = kept } do
      describe(name, function()
        it("is applied as it was made", function()
          local p = assert(plan(spec))
          local text = tostring(p)
          local same = pass(p)
          assert.equal(text, tostring(same))
          assert.equal("outbound_trunk", same.trunk_name)
          local report = assert(apply(same))
          assert.equal("6 done", report:summary())
          nothing_changes(spec)
        end)

        it("of which nothing is left to do is one whose ground has changed", function()
          local same = pass(assert(plan(spec)))
          assert(apply(spec))
          w.sb:reset_requests()
          local err = expect.failure("conflict", apply(same))
          assert.truthy(err.message:find('no longer due is "+ trunk outbound_trunk" of outbound_trunk', 1, true), err.message)
          assert.equal("", w:writes())
        end)

        -- What may happen in between, and what it says when that concerns it.
        local between = {
          { "not in the plan is \"+ phone_number", function(sid) assert(w.client:unmap_phone_number { trunk_sid = sid, id = state().numbers[1].id }) end },
          { "no longer due", function(sid) assert(w.client:update_phone_number { trunk_sid = sid, id = state().numbers[2].id, phone_number = OTHER, mode = "flow" }) end },
          { "no longer due", function(sid) assert(w.client:delete_trunk { trunk_sid = sid }) end },
          { "no longer due", function(sid) assert(w.client:update_trunk { trunk_sid = sid, trunk_name = "renamed" }) end },
          { "no longer due", function(sid)
            assert(w.client:remove_whitelisted_ip { trunk_sid = sid, id = state().ips[1].id })
            assert(w.client:whitelist_ip { trunk_sid = sid, ip = "203.0.113.9" })
          end },
          { "not in the plan is \"- whitelisted_ip 203.0.113.10/32\"", function(sid) assert(w.client:whitelist_ip { trunk_sid = sid, ip = "203.0.113.10" }) end },
          { false, function(sid) assert(w.client:create_credential { trunk_sid = sid, user_name = "pbx", password = "x" }) end },
          { false, function(sid) assert(w.client:update_trunk { trunk_sid = sid, status = "inactive" }) end },
          { false, function() assert(w.client:create_trunk { trunk_name = "another" }) end },
        }

        for i, row in ipairs(between) do
          it((row[1] and "fails cleanly" or "goes on") .. " after what happened in between, " .. i, function()
            local sid = w:trunk()
            for _, number in ipairs { E164, OTHER } do assert(w.client:map_phone_number { trunk_sid = sid, phone_number = number }) end
            assert(w.client:whitelist_ip { trunk_sid = sid, ip = "203.0.113.9" })
            local same = pass(assert(plan(spec, { prune = true, allow = { "shrink" } })))
            assert.equal(5, #same.changes, tostring(same))
            row[2](sid)
            w.sb:reset_requests()
            local report, err, partly = apply(same)
            if row[1] then
              expect.failure("conflict", report, err)
              assert.truthy(err.message:find(row[1], 1, true), err.message)
              assert.truthy(err.message:find("has changed since the plan was made", 1, true), err.message)
              assert.same({}, partly.changes)
              assert.equal("", w:writes())
            else
              assert(report, err)
              nothing_changes(spec, { prune = true })
            end
          end)
        end

        it("refuses what its safeguards refuse, unless that is allowed", function()
          assert(apply(spec))
          local same = pass(assert(plan(copy(spec, { destinations = {} }), { prune = true })))
          assert.equal("last_destination", same.refused[1].rule)
          expect.failure("invalid_argument", apply(same))
          assert(apply(same, { allow = { "last_destination" } }))
          assert.equal(0, #state().destinations)
        end)

        it("is for the account it was made for", function()
          local same = pass(assert(plan(spec)))
          local other = world.new { account_sid = "another1" }
          local err = expect.failure("config", provision.apply(other.client, same))
          assert.truthy(err.message:find("sandbox1 at 127.0.0.1", 1, true), err.message)
          assert.equal("", other:operations())
          other:close()
        end)
      end)
    end

    it("doesn't follow what is done to its specification later", function()
      local mine = copy(spec, { phone_numbers = { E164 } })
      local p = assert(plan(mine))
      mine.phone_numbers[2] = OTHER
      p.changes[1].to.trunk_name = "changed"
      expect.failure("conflict", apply(p))
      p = assert(plan(copy(spec, { phone_numbers = { E164 } })))
      assert(apply(p))
      assert.equal(E164, names(state().numbers, "phone_number"))
    end)

    it("takes no other options than those that are left", function()
      local p = assert(plan(spec))
      for _, name in ipairs { "prune", "rotate" } do expect.raises("bad option '" .. name .. "' %(unknown%)", apply, p, { [name] = true }) end
    end)

    it("is saved without passwords", function()
      local secret = copy(spec, { credentials = { { user_name = "pbx", password = "secret_word" }, { user_name = "b", password_env = "B" } } })
      local text, err = assert(plan(secret)):save()
      expect.failure("config", text, err)
      assert.truthy(err.message:find("password of pbx", 1, true), err.message)
      assert.falsy(tostring(err):find("secret_word", 1, true))
      secret.credentials[1] = nil
      assert(apply(copy(spec, { credentials = { { user_name = "pbx", password = "x" } } })))
      secret.credentials = { { user_name = "pbx", password = "secret_word" } }
      text = assert(assert(plan(secret)):save())
      assert.falsy(text:find("secret_word", 1, true), text)
      assert(provision.restore(text))
    end)

    it("keeps prune, allow and rotate", function()
      assert(apply(copy(spec, { credentials = { { user_name = "pbx", password = "x" } } })))
      local getenv = os.getenv
      os.getenv = function(name) return name == "PBX" and "rotated" or getenv(name) end -- luacheck: ignore
      finally(function() os.getenv = getenv end) -- luacheck: ignore
      local changed = copy(spec, { phone_numbers = {}, credentials = { { user_name = "pbx", password_env = "PBX" } } })
      assert(apply(kept(assert(plan(changed, { prune = true, allow = { "shrink" }, rotate = { "pbx" } })))))
      assert.equal("rotated", state().credentials[1].password)
      assert.equal(0, #state().numbers)
    end)

    it("is refused when the text is none", function()
      local good = json.decode(assert(assert(plan(spec)):save()))
      local function with(changes) return json.encode(copy(good, changes)) end
      for _, text in ipairs {
        "", "x", "null", "1", "[]", "{}", with { exotel_plan = 2 }, with { exotel_plan = "1" }, with { account = 1 }, with { changes = "x" },
        with { changes = { {} } }, with { changes = { { action = "update", resource = "trunk", key = "a", trunk_name = "a" } } }, with { trunks = { 1 } },
        with { options = { allow = { 1 }, rotate = {} } }, with { options = 1 }, with { refused = { {} } }, with { kept = 1 }, with { specifications = 1 },
      } do
        expect.failure("config", provision.restore(text))
      end
      expect.raises("takes a string", provision.restore, nil)
      expect.failure("invalid_argument", apply(assert(provision.restore(with { specifications = { { trunk_name = "a b c", x = 1 } } }))))
      assert.equal("", w:writes())
    end)
  end)

  -- ---- stopping ----

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
    assert.equal("1 done, 1 failed, 1 not_tried", report:summary())
  end)

  it("shows what the service holds on one line, whatever it is", function()
    local sid = w:trunk()
    w:answer("list_settings", '{"request_id":"a","http_code":200,"response":[{"code":200,"status":"success","data":{"name":"x\\ny","value":"\\u001b[2J"}}],"metadata":{}}')
    local p = assert(plan({ trunk_name = "outbound_trunk", settings = {} }, { prune = true }))
    assert.equal(sid, p.trunk_sid)
    assert.equal("trunk outbound_trunk: 1 change\n  - setting x?y (value=?[2J)", tostring(p))
  end)
end)
