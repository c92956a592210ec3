-- Ranges of IPs as people write them: trunks, specifications and the command read them alike.
local expect = require "spec.support.expect"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

describe("Trunk:whitelist_ip", function()
  local w, t

  before_each(function()
    w = world.new()
    t = trunk.attach(w.client, w:trunk())
    w.sb:reset_requests()
  end)
  after_each(function() w:close() end)

  it("takes a range", function()
    for i, arguments in ipairs { { "203.0.113.0/24" }, { "198.51.100.0/25", 25 }, { "192.0.2.0/26", { ensure = true } }, { "192.0.2.64/26", nil, { ensure = true } } } do
      local entry = assert(t:whitelist_ip(arguments[1], arguments[2], arguments[3]))
      assert.equal(23 + math.min(i, 3), tonumber(entry.mask))
      assert.equal(arguments[1]:match("^[%d.]+"), entry.ip)
    end
    assert.is_true(select(2, assert(t:whitelist_ip("203.0.113.0/24", { ensure = true }))).adopted)
  end)

  it("refuses what is none before anything is sent, and says what is", function()
    for _, options in ipairs { {}, { ensure = true } } do
      local err = expect.refused("ip", t:whitelist_ip("203.0.113.5/24", nil, options))
      assert.equal("ip 203.0.113.5/24 has host bits: 203.0.113.0/24 is the range", err.message)
      for _, text in ipairs { "203.0.113.0/", "/24", "203.0.113.0/x", "203.0.113.0/24/24", "/" } do
        expect.refused("ip", t:whitelist_ip(text, nil, options))
      end
      expect.refused("ip", t:whitelist_ip("203.0.113.0/24", 25, options))
      expect.refused("mask", t:whitelist_ip("203.0.0.0/8", nil, options))
      expect.refused("ip", t:whitelist_ip(12, nil, options))
    end
    assert.same({}, w.sb:requests())
  end)
end)

describe("trunk.read_ip", function()
  it("gives the address and the mask", function()
    assert.same({ "203.0.113.0", 24 }, { trunk.read_ip "203.0.113.0/24" })
    assert.same({ "44.248.146.11" }, { trunk.read_ip "44.248.146.11" })
    assert.same({ "44.248.146.11", 32 }, { trunk.read_ip "44.248.146.11/32" })
    expect.refused("ip", trunk.read_ip "203.0.113.1/31")
    expect.raises("takes a string, got nil", trunk.read_ip)
  end)
end)
