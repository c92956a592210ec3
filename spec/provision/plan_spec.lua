-- Plans that are kept and applied later.
local expect = require "spec.support.expect"
local json = require "exotel.json"
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
          assert.equal("6 added, 0 changed, 0 removed", report:summary())
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

    it("is forgotten when nobody has it any more", function()
      local held = setmetatable({ assert(plan(spec)) }, { __mode = "v" })
      collectgarbage()
      collectgarbage()
      assert.is_nil(held[1])
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
      local function with(changes) return provisioning.sealed(copy(good, changes)) end
      local function with_contents(contents)
        return with { changes = { { action = "remove", resource = "trunk", key = "a", trunk_name = "a", from = {}, contents = contents } } }
      end
      for _, text in ipairs {
        "", "x", "null", "1", "[]", "{}", with { exotel_plan = 3 }, with { exotel_plan = "1" }, with { account = 1 }, with { made_at = 1 }, with { left_out = {} } .. "x", with { left_out = { 1 } }, with { changes = "x" },
        with { changes = { {} } }, with { changes = { { action = "update", resource = "trunk", key = "a", trunk_name = "a" } } }, with { trunks = { 1 } }, with_contents(1), with_contents { 1 }, with_contents { phone_number = { 1 } },
        with { options = { allow = { 1 }, rotate = {} } }, with { options = 1 }, with { options = { allow = {}, rotate = {}, only = 1 } }, with { refused = { {} } }, with { kept = 1 }, with { specifications = 1 },
      } do
        expect.failure("config", provision.restore(text))
      end
      expect.raises("takes a string", provision.restore, nil)
      expect.failure("invalid_argument", apply(assert(provision.restore(with { specifications = { { trunk_name = "a b c", x = 1 } } }))))
      assert.equal("", w:writes())
    end)
  end)
end)
