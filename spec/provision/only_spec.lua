-- Plans of some of the trunks of a specification: never half of a number's move.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164, OTHER = provisioning.E164, provisioning.OTHER
local copy, lines = provisioning.copy, provisioning.lines

describe("exotel.provision with only", function()
  local w

  local function plan(specs, options) return provision.plan(w.client, specs, options) end
  local function apply(specs, options) return provision.apply(w.client, specs, options) end

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local specs = {
    { trunk_name = "one", phone_numbers = { E164 } }, { trunk_name = "two", whitelisted_ips = { "192.0.2.1" } },
    { trunk_name = "three", whitelisted_ips = { "192.0.2.3" } },
  }

  it("is about those trunks, and says so", function()
    local p = assert(plan(specs, { only = { "two" } }))
    assert.same({ "create trunk two", "add whitelisted_ip 192.0.2.1/32" }, lines(p.changes))
    assert.same({ { trunk_name = "two" } }, p.trunks)
    assert.same({ { trunk_name = "one" }, { trunk_name = "three" } }, p.left_out)
    assert.equal(table.concat({
      "partial: only two; 2 other trunks of the file are left out", "trunk two", "  + trunk two", "  + whitelisted_ip 192.0.2.1/32",
      "2 to add, 0 to change, 0 to remove, 0 extra",
    }, "\n"), tostring(p))
    assert.equal("partial: only one, two; 1 other trunk of the file is left out", tostring(assert(plan(specs, { only = { "two", "one" } }))):match("^[^\n]+"))
    assert(apply(specs, { only = { "two" } }))
    assert.equal(1, #w.sb:state().trunks)
    assert.is_true((provision.check(w.client, specs, { only = { "two" } })))
    assert.is_false((provision.check(w.client, specs, { only = { "one" } })))
    assert.same({}, assert(plan(specs)).left_out)
  end)

  it("takes a sid, too, and reads nothing of the others", function()
    local sid = w:trunk("four")
    w.sb:reset_requests()
    local p = assert(plan({ specs[1], { trunk_name = "five", trunk_sid = sid } }, { only = { sid } }))
    assert.same({ "update trunk five" }, lines(p.changes))
    assert.equal("list_trunks", w:operations())
  end)

  it("is refused when it names no trunk of the specification, or none at all", function()
    for _, call in ipairs { plan, apply, function(...) return provision.check(w.client, ...) end } do
      local err = expect.failure("invalid_argument", call(specs, { only = { "two", "tow" } }))
      assert.equal("only", err.field)
      assert.equal("only names tow, which is no trunk of the specification: that has one, two, three", err.message)
    end
    expect.raises("bad option 'only' %(at least one trunk expected%)", plan, specs, { only = {} })
    expect.raises("bad option 'only' %(a list of strings expected%)", plan, specs, { only = { 1 } })
    expect.raises("bad option 'only' %(table expected%)", plan, specs, { only = "two" })
    assert.equal("", w:writes())
  end)

  it("checks the specifications of all", function()
    expect.failure("invalid_argument", plan({ specs[1], { trunk_name = "two", bogus = 1 } }, { only = { "one" } }))
    expect.failure("invalid_argument", plan({ specs[1], specs[1] }, { only = { "one" } }))
  end)

  it("doesn't take the trunk that a specification which is left out means by its sid", function()
    local sid = w:trunk("old")
    local renamed = { { trunk_sid = sid, trunk_name = "new" }, { trunk_name = "old", whitelisted_ips = { "192.0.2.1" } } }
    assert.same({ "create trunk old", "add whitelisted_ip 192.0.2.1/32" }, lines(assert(plan(renamed, { only = { "old" } })).changes))
  end)

  it("sets no password of a trunk that is left out", function()
    local given = { specs[1], { trunk_name = "two", credentials = { { user_name = "pbx", password = "x" } } } }
    expect.failure("invalid_argument", plan(given, { only = { "one" }, rotate = { "pbx" } }))
  end)

  it("is what a saved plan keeps to", function()
    local p = assert(plan(specs, { only = { "two" } }))
    local restored = assert(provision.restore(assert(p:save())))
    assert.equal(tostring(p), tostring(restored))
    assert.same(p.left_out, restored.left_out)
    assert(apply(restored))
    assert.equal(1, #w.sb:state().trunks)
  end)

  describe("and a number that moves", function()
    local moved = { { trunk_name = "one", phone_numbers = {} }, { trunk_name = "two", phone_numbers = { E164 } } }

    before_each(function()
      assert(apply { { trunk_name = "one", phone_numbers = { E164 } }, { trunk_name = "two" } })
      w.sb:reset_requests()
    end)

    local function refused_as(message, specifications, options)
      local p = assert(plan(specifications, options))
      assert.equal(1, #p.refused, tostring(p))
      assert.equal("number_elsewhere", p.refused[1].rule)
      assert.truthy(p.refused[1].message:find(message, 1, true), p.refused[1].message)
      expect.failure("invalid_argument", apply(specifications, options))
      assert.equal("", w:writes())
    end

    it("refuses to give it without taking it off the other", function()
      local sid = w.sb:state().trunks[1].trunk_sid
      refused_as(("%s is mapped to the trunk one (%s), which is left out of the plan: a number moves with both its trunks"):format(E164, sid), moved, { only = { "two" } })
    end)

    it("refuses to take it without giving it to the other", function()
      refused_as(E164 .. " goes from one to two, which is left out of the plan: a number moves with both its trunks", moved,
        { only = { "one" }, prune = true, allow = { "shrink" } })
    end)

    it("leaves it where it is without prune, and says where it goes", function()
      local p = assert(plan(moved, { only = { "one" } }))
      assert.same({ {}, {} }, { p.changes, p.refused })
      assert.equal("two", p.extras[1].wanted_by)
      assert.truthy(tostring(p):find("\n  * phone_number +919876543210: goes to two, which is left out (kept)\n", 1, true), tostring(p))
      assert.truthy(p:text { words = "drift" }:find("\n  phone_number +919876543210 should be on two\n", 1, true))
      assert(apply(moved, { only = { "one" } }))
      assert.equal(1, #w.sb:state().trunks[1].numbers)
    end)

    it("moves it with both", function()
      assert(apply(moved, { only = { "one", "two" } }))
      assert.same({ 0, 1 }, { #w.sb:state().trunks[1].numbers, #w.sb:state().trunks[2].numbers })
    end)

    it("refuses one that stands on two trunks, be one left out", function()
      local both = { { trunk_name = "one" }, { trunk_name = "two", phone_numbers = { OTHER } }, { trunk_name = "three", phone_numbers = { OTHER } } }
      local p = assert(plan(both, { only = { "two" } }))
      assert.equal("number_twice", p.refused[1].rule)
    end)

    it("refuses to remove a trunk whose number goes to one that is left out", function()
      local leaving = { { trunk_name = "one", absent = true }, moved[2] }
      refused_as(E164 .. " goes from one to two, which is left out of the plan", leaving, { only = { "one" }, allow = { "delete_trunk" } })
      assert(apply(leaving))
      assert.equal(1, #w.sb:state().trunks)
      assert.equal(E164, w.sb:state().trunks[1].numbers[1].phone_number)
    end)
  end)

  it("says of nothing else that it is partial", function()
    assert.is_nil(tostring(assert(plan(copy(specs[2], {}), { only = { "two" } }))):find("partial", 1, true))
  end)
end)
