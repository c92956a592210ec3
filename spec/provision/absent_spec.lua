-- Trunks that must not be: removed with what they have, and only what somebody has agreed to.
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local lines = provisioning.lines
local ALLOWED = { allow = { "delete_trunk" } }

describe("exotel.provision: a trunk that is to be absent", function()
  local w, sid

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  before_each(function()
    w = world.new()
    sid = w:trunk("old")
    w.sb:reset_requests()
  end)
  after_each(function() w:close() end)

  local absent = { trunk_name = "old", absent = true }

  local function furnish()
    assert(apply {
      trunk_name = "old", phone_numbers = { E164, OTHER }, whitelisted_ips = { "192.0.2.1" }, alias = E164,
      destinations = { "192.0.2.1:5061;transport=tls" }, credentials = { { user_name = "pbx", password = "x" } },
    })
    w.sb:reset_requests()
  end

  it("is removed, and then there is nothing to do", function()
    local p = assert(plan(absent))
    assert.same({
      { action = "remove", resource = "trunk", key = "old", trunk_name = "old", trunk_sid = sid, from = { trunk_name = "old" } },
    }, p.changes)
    assert.equal("trunk old\n  - trunk old\n0 to add, 0 to change, 1 to remove, 0 extra", tostring(p))
    local report = assert(apply(absent))
    assert.equal("0 added, 0 changed, 1 removed", report:summary())
    assert.equal("delete_trunk", w:writes())
    assert.same({}, w.sb:state().trunks)
    for _, given in ipairs { absent, { trunk_sid = sid, absent = true }, { trunk_sid = sid, trunk_name = "old", absent = true } } do
      provisioning.assert_nothing_to_do(w, given)
      assert.equal("0 to add, 0 to change, 0 to remove, 0 extra", tostring(assert(plan(given))))
    end
  end)

  it("is found by its sid, its name or both, and not removed when they are of two", function()
    for _, given in ipairs { { trunk_sid = sid, absent = true }, { trunk_sid = sid, trunk_name = "old", absent = true } } do
      assert.same({ "remove trunk old" }, lines(assert(plan(given)).changes))
    end
    local p = assert(plan { trunk_sid = sid, trunk_name = "older", absent = true })
    assert.equal("other_name", p.refused[1].rule)
    assert.equal(("the trunk %s is called old, not older: absent removes only what both name"):format(sid), p.refused[1].message)
    expect.failure("invalid_argument", apply { trunk_sid = sid, trunk_name = "older", absent = true })
    assert.equal("", w:writes())
  end)

  it("shows all that goes with it, and needs to be allowed when numbers do", function()
    furnish()
    local p = assert(plan(absent))
    assert.same({
      phone_number = { OTHER, E164 }, whitelisted_ip = { "192.0.2.1/32" }, destination = { "192.0.2.1:5061;transport=tls" },
      setting = { "trunk_external_alias" }, credential = { "pbx" },
    }, p.changes[1].contents)
    assert.equal(table.concat({
      "trunk old",
      "  - trunk old (with 2 phone numbers, 1 whitelisted IP, 1 destination, 1 setting, 1 credential)",
      "    phone_number +918040264208 is unmapped with it",
      "    phone_number +919876543210 is unmapped with it",
      '  ! absent would delete the trunk old with 2 phone numbers (allow = { "delete_trunk" } permits it)',
      "0 to add, 0 to change, 1 to remove, 0 extra",
    }, "\n"), tostring(p))
    assert.truthy(p:text { command = true }:find("(--allow delete_trunk permits it)", 1, true))
    assert.equal("trunk old\n  trunk old is there, should be absent\n    phone_number +918040264208 is unmapped with it\n"
      .. "    phone_number +919876543210 is unmapped with it\n0 to add, 0 to change, 1 to remove, 0 extra", p:text { words = "drift" })
    expect.failure("invalid_argument", apply(absent))
    expect.failure("invalid_argument", apply(absent, { prune = true, allow = { "shrink", "last_ip", "last_destination" } }))
    assert.equal("", w:writes())
    assert(apply(absent, ALLOWED))
    assert.equal("delete_trunk", w:writes())
    assert.same({}, w.sb:state().trunks)
  end)

  it("goes last, when its numbers are on their new trunk", function()
    furnish()
    local specs = { absent, { trunk_name = "new", phone_numbers = { E164, OTHER } } }
    local p = assert(plan(specs))
    assert.same({ "create trunk new", "update phone_number " .. E164, "update phone_number " .. OTHER, "remove trunk old" }, lines(p.changes))
    assert.is_nil(p.changes[4].contents.phone_number)
    assert.same({}, p.refused)
    assert(apply(specs))
    assert.equal("create_trunk unmap_phone_number map_phone_number unmap_phone_number map_phone_number delete_trunk", w:writes())
    assert.equal(1, #w.sb:state().trunks)
    provisioning.assert_nothing_to_do(w, specs)
  end)

  it("is not taken for another one of that name, which has a number", function()
    furnish()
    local specs = { { trunk_sid = "trmum1gone", trunk_name = "old", absent = true }, { trunk_name = "new", phone_numbers = { E164 } } }
    local p = assert(plan(specs))
    assert.same({ "create trunk new", "add phone_number " .. E164 }, lines(p.changes))
    assert.equal(("%s is mapped to the trunk old (%s), which is not part of the plan"):format(E164, sid), p.refused[1].message)
  end)

  it("stays when one of its numbers could not be moved", function()
    furnish()
    w.sb:fault { before = "map_phone_number", status = 400 }
    local _, err, report = apply { absent, { trunk_name = "new", phone_numbers = { E164, OTHER } } }
    assert.truthy(err)
    assert.equal("not_tried", report.changes[#report.changes].outcome)
    assert.equal(2, #w.sb:state().trunks)
    assert.equal(2, #w.sb:state().trunks[1].numbers) -- the one that failed is back, the other was not begun
  end)

  it("stays when it has got a number since the plan was made", function()
    local p = assert(plan(absent))
    assert(w.client:map_phone_number { trunk_sid = sid, phone_number = E164 })
    expect.failure("conflict", apply(p))
    expect.failure("conflict", apply(p, ALLOWED))
    expect.failure("conflict", apply(assert(provision.restore(assert(p:save()))), ALLOWED))
    assert.equal("map_phone_number", w:writes())
  end)

  it("stays when it gets a number while the rest is done", function()
    local specs = { absent, { trunk_name = "new" } }
    local _, err = apply(specs, { progress = function(_, _, change)
      if change.key == "new" then assert(w.client:map_phone_number { trunk_sid = sid, phone_number = E164 }) end
    end })
    assert.equal("the trunk old was not removed: it has got +919876543210 since it was looked at", expect.failure("conflict", nil, err).message)
    assert.equal(E164, w.sb:state().trunks[1].numbers[1].phone_number)
  end)

  it("stays when it has a number that nobody can be shown", function()
    w.sb:fault { on = "list_phone_numbers", status = 200, times = true, body = '{"http_code":200,"metadata":{"page_size":50},"response":'
      .. '[{"code":200,"status":"success","data":{"id":"17"}}]}' }
    local _, err = apply(absent)
    assert.equal("the trunk old was not removed: it has a phone number that can't be understood (id 17)", expect.failure("conflict", nil, err).message)
    assert.equal("", w:writes())
  end)

  it("stays when it can't be read what it has", function()
    -- 403 is what a trunk that is gone gets, too.
    for status, kind in pairs { [400] = "rejected", [403] = "permission" } do
      w.sb:fault { on = "list_phone_numbers", status = status, skip = 1 }
      local _, err = apply(absent)
      expect.failure(kind, nil, err)
      assert.equal("", w:writes())
    end
  end)

  it("is gone also when the reply is lost, or somebody else was faster", function()
    w.sb:fault { after = "delete_trunk", drop = true }
    assert.equal("0 added, 0 changed, 1 removed", assert(apply(absent)):summary())
    for _, status in ipairs { 404, 403 } do
      w:close()
      w = world.new { unknown_trunk = status }
      sid = w:trunk("old")
      local p = assert(plan(absent))
      local report = assert(apply(p, { stop = function() return not w.client:delete_trunk { trunk_sid = sid } end }))
      assert.equal("0 added, 0 changed, 0 removed, 1 present", report:summary())
    end
  end)

  it("is unknown when the reply is lost and nothing can be read", function()
    w.sb:fault { after = "delete_trunk", drop = true, times = true }
    w.sb:fault { on = "list_trunks", status = 500, skip = 1, times = true }
    local _, err, report = apply(absent)
    assert.is_true(err.maybe_applied)
    assert.equal("0 added, 0 changed, 0 removed, 1 unknown", report:summary())
  end)

  it("is not the one that somebody else has made of that name since", function()
    for _, broken in ipairs { false, true } do
      if broken then w.sb:fault { on = "delete_trunk", status = 500, skip = 1, times = 3 } end
      local again
      local report = assert(apply({ trunk_name = "old", absent = true }, { stop = function()
        if again then return false end
        assert(w.client:delete_trunk { trunk_sid = w.sb:state().trunks[1].trunk_sid })
        again = w:trunk("old")
        return false
      end }))
      assert.equal(broken and "done" or "present", report.changes[1].outcome)
      assert.equal(again, w.sb:state().trunks[1].trunk_sid)
      assert.not_equal(again, report.changes[1].trunk_sid)
    end
  end)

  it("is in files, saved plans and JSON", function()
    for _, form in ipairs { "lua", "json" } do
      local path = os.tmpname()
      os.remove(path)
      path = path .. "." .. form
      local file = assert(io.open(path, "w"))
      file:write(provision.format(absent, form))
      file:close()
      assert.same({ absent }, assert(provision.load(path)))
      os.remove(path)
    end
    assert.equal('return {\n  trunk_name = "old",\n  absent = true,\n}\n', provision.format(absent, "lua"))
    furnish()
    local p = assert(plan({ absent, { trunk_sid = "trmum1gone", absent = true } }, ALLOWED))
    local restored = assert(provision.restore(assert(p:save())))
    assert.equal(tostring(p), tostring(restored))
    assert.equal(json.encode(p.changes), json.encode(restored.changes))
    assert(apply(restored))
    assert.same({}, w.sb:state().trunks)
  end)

  it("has nothing else beside it", function()
    for _, row in ipairs {
      { { trunk_name = "old", absent = true, whitelisted_ips = {} }, "whitelisted_ips", "whitelisted_ips can't stand beside absent, which removes the trunk" },
      { { trunk_name = "old", absent = true, status = "active" }, "status" }, { { trunk_name = "old", absent = true, as_is = {} }, "as_is" },
      { { trunk_name = "old", absent = false }, "absent", "absent must be true, or left out" }, { { trunk_name = "old", absent = "yes" }, "absent" },
      { { absent = true }, "absent", "absent needs a trunk_name or a trunk_sid beside it" },
      { { trunk_name = "", absent = true }, "trunk_name", "trunk_name is empty" }, { { trunk_sid = "", absent = true }, "trunk_sid" },
      { { trunk_name = 5, absent = true }, "trunk_name" }, { { trunk_name = "old", absent = true, bogus = 1 }, "bogus" },
    } do
      local err = expect.failure("invalid_argument", plan(row[1]))
      assert.equal(row[2], err.field)
      if row[3] then assert.equal(row[3], err.message) end
    end
    expect.failure("invalid_argument", plan { absent, { trunk_name = "old" } })
    assert.equal("", w:operations())
  end)
end)
