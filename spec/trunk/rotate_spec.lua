-- Passwords of credentials: made, and set anew.
local expect = require "spec.support.expect"
local trunks = require "exotel.trunk"
local world = require "spec.support.world"

describe("trunk.generate_password", function()
  it("makes letters and digits, each as likely as any other", function()
    local counts, total = {}, 0
    for _ = 1, 400 do
      local password = assert(trunks.generate_password())
      assert.truthy(password:find("^%w+$") and #password == 24, password)
      for letter in password:gmatch(".") do counts[letter], total = (counts[letter] or 0) + 1, total + 1 end
    end
    local kinds = 0
    for letter, count in pairs(counts) do
      kinds = kinds + 1
      assert.is_true(count > total / 62 / 2 and count < total / 62 * 2, letter .. " " .. count)
    end
    assert.equal(62, kinds)
    assert.not_equal(trunks.generate_password(), trunks.generate_password())
  end)

  it("of the length that is asked for, and not a short one", function()
    assert.equal(12, #trunks.generate_password(12))
    assert.equal(256, #trunks.generate_password(256))
    for _, length in ipairs { 11, 257, 12.5, "24" } do assert.is_false(pcall(trunks.generate_password, length)) end
  end)
end)

describe("Trunk:rotate_credential", function()
  local w, trunk

  before_each(function()
    w = world.new(nil, { backoff = 0 })
    trunk = trunks.attach(w.client, w.sb:put({
      trunk_name = "out", credentials = { { user_name = "pbx", password = "first_1", friendly_name = "desk" } },
    }).trunk_sid)
  end)
  after_each(function() w:close() end)

  local function held()
    local list = {}
    for i, one in ipairs(w.sb:state().trunks[1].credentials) do
      list[i] = ("%s=%s (%s)"):format(one.user_name, one.password, one.friendly_name or "")
    end
    return table.concat(list, " ")
  end

  it("changes a password", function()
    assert.equal("pbx", assert(trunk:rotate_credential("pbx", "second_2")).user_name)
    assert.equal("pbx=second_2 (desk)", held())
  end)

  it("makes a second credential beside the first one", function()
    assert.equal("pbx_b", assert(trunk:rotate_credential("pbx", "second_2", "pbx_b")).user_name)
    assert.equal("pbx=first_1 (desk) pbx_b=second_2 (desk)", held())
    local made, err = trunk:rotate_credential("pbx", "third_3", "pbx_b")
    expect.failure("conflict", made, err)
    assert.equal("pbx=first_1 (desk) pbx_b=second_2 (desk)", held())
  end)

  it("settles what a lost reply left", function()
    w.sb:fault { after = "create_credential", drop = true }
    assert.equal("pbx_b", assert(trunk:rotate_credential("pbx", "second_2", "pbx_b")).user_name)
    assert.equal("pbx=first_1 (desk) pbx_b=second_2 (desk)", held())
    w.sb:fault { before = "create_credential", drop = true }
    local made, err = trunk:rotate_credential("pbx", "second_2", "pbx_c")
    expect.failure("network", made, err)
    assert.is_true(err.maybe_applied)
    w.sb:fault { after = "update_credential", drop = true }
    made, err = trunk:rotate_credential("pbx", "third_3")
    expect.failure("network", made, err)
    assert.is_true(err.maybe_applied)
  end)

  it("says that there is none of that name", function()
    local made, err = trunk:rotate_credential("pxb", "second_2")
    expect.failure("not_found", made, err)
    assert.equal("no credential of this trunk is called pxb", err.message)
    assert.is_false(pcall(trunk.rotate_credential, trunk, "pbx"))
    w.sb:fault { on = "list_credentials", status = 403 }
    made, err = trunk:rotate_credential("pbx", "second_2")
    expect.failure("permission", made, err)
  end)
end)

describe("Trunk:destinations_needing_ip", function()
  it("names those that nothing else whitelists", function()
    local w = world.new()
    local put = w.sb:put {
      trunk_name = "out", ips = { { ip = "44.248.146.11" }, { ip = "203.0.113.0", mask = 24 }, { ip = "203.0.113.9" } },
      destinations = { "44.248.146.11:5061;transport=tls", "203.0.113.9:5061;transport=tls", "192.0.2.1:5061;transport=tls", "a.example:5061;transport=tls" },
    }
    local trunk = trunks.attach(w.client, put.trunk_sid)
    local function needing(i, other)
      local names = {}
      for n, one in ipairs(assert(trunk:destinations_needing_ip(put.ips[i].id, other))) do names[n] = one.destination end
      return table.concat(names, " ")
    end
    assert.equal("sip:44.248.146.11:5061;transport=tls", needing(1))
    assert.equal("", needing(2))
    assert.equal("", needing(3))
    assert.equal("", needing(1, { ip = "44.248.146.0", mask = 24 }))
    assert.equal("sip:44.248.146.11:5061;transport=tls", needing(1, { ip = "44.248.147.0", mask = 24 }))
    w.sb:fault { on = "list_whitelisted_ips", status = 403 }
    expect.failure("permission", trunk:destinations_needing_ip(put.ips[1].id))
    w:close()
  end)
end)
