-- What the kinds of resources decide by themselves: ranges, ids, values, order.
local changes = require "exotel.provision.plan.changes"
local copies = require "exotel.resources.copies"
local exotel = require "exotel"
local ipv4 = require "exotel.resources.ipv4"
local kinds = require("exotel.resources.kinds").by_name
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local values = require "exotel.resources.values"
local world = require "spec.support.world"

describe("a range of addresses", function()
  -- start, mask → the first and the last address in it, and those beside it
  local ranges = {
    { "192.0.2.0", 24, "192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0" },
    { "192.0.2.128", 25, "192.0.2.128", "192.0.2.255", "192.0.2.127", "192.0.3.0" },
    { "192.0.2.77", 32, "192.0.2.77", "192.0.2.77", "192.0.2.76", "192.0.2.78" },
    { "10.1.0.0", 16, "10.1.0.0", "10.1.255.255", "10.0.255.255", "10.2.0.0" },
    { "203.0.113.77", 30, "203.0.113.76", "203.0.113.79", "203.0.113.75", "203.0.113.80" },
  }
  for _, row in ipairs(ranges) do
    it(("%s/%d ends where it ends"):format(row[1], row[2]), function()
      local function covers(text) return kinds.whitelisted_ip.covers({ ip = row[1], mask = row[2] }, ipv4.address(text)) end
      assert.is_true(covers(row[3]))
      assert.is_true(covers(row[4]))
      assert.is_false(covers(row[5]))
      assert.is_false(covers(row[6]))
    end)
  end

  it("is of addresses that are numbers", function()
    assert.equal(0, ipv4.address("0.0.0.0"))
    assert.equal(2 ^ 32 - 1, ipv4.address("255.255.255.255"))
    assert.equal(16909060, ipv4.address("1.2.3.4"))
    assert.is_nil(ipv4.address("a.example.com"))
  end)
end)

describe("of several copies", function()
  it("the one with the lowest id stays, whatever its form", function()
    for _, row in ipairs { { "9", "10" }, { "007", "8" }, { 9, "10" }, { "99999999999999999999", "100000000000000000000" }, { "5", "x" },
      { "5", "#" }, { "a", "b" } } do
      assert.is_true(copies.is_before({ id = row[1] }, { id = row[2] }), row[1] .. " " .. row[2])
      assert.is_false(copies.is_before({ id = row[2] }, { id = row[1] }), row[2] .. " " .. row[1])
    end
  end)
end)

describe("a value", function()
  it("is a number as far as it is one", function()
    assert.equal("7", tostring(values.number("7")))
    assert.equal("7", tostring(values.number(7.0)))
    assert.equal(0.5, values.number("0.5"))
    assert.equal(1e300, values.number("1e300"))
    assert.is_nil(values.number("x"))
  end)

  it("of another type is another value, where plans are compared", function()
    assert.not_equal(changes.fingerprint { to = { weight = 1 } }, changes.fingerprint { to = { weight = "1" } })
    assert.equal(changes.fingerprint { a = 1, b = 2, c = 3 }, changes.fingerprint { c = 3, b = 2, a = 1 })
  end)
end)

describe("exotel.provision", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  it("plans settings in the order of their names", function()
    local settings = {}
    for c in ("qwertzuiopasdfg"):gmatch(".") do settings["name_" .. c] = "x" end
    local keys = {}
    for _, change in ipairs(assert(provision.plan(w.client, { trunk_name = "a", settings = settings })).changes) do
      if change.resource == "setting" then keys[#keys + 1] = change.key end
    end
    local sorted = {}
    for i, key in ipairs(keys) do sorted[i] = key end
    table.sort(sorted)
    assert.equal(15, #keys)
    assert.same(sorted, keys)
  end)

  it("takes null for what is not given", function()
    local spec = { trunk_name = "a", alias = exotel.null, nso_code = exotel.null, phone_numbers = exotel.null }
    local plan = assert(provision.plan(w.client, spec))
    assert.equal(1, #plan.changes)
    assert.same({ trunk_name = "a" }, plan.changes[1].to)
  end)

  describe("pruning IPs", function()
    local destination = "192.0.2.200:5061;transport=tls"

    local function kept_of(ips, changed)
      assert(provision.apply(w.client, { trunk_name = "a", whitelisted_ips = ips, destinations = { destination } }))
      local plan = assert(provision.plan(w.client, { trunk_name = "a", whitelisted_ips = changed }, { prune = true, allow = { "shrink" } }))
      local keys = {}
      for i, one in ipairs(plan.kept) do keys[i] = one.key end
      return keys, provisioning.lines(plan.changes)
    end

    it("keeps a range for a destination at its end", function()
      local keys = kept_of({ { ip = "192.0.2.0", mask = 24 } }, { "198.51.100.1" })
      assert.same({ "192.0.2.0/24" }, keys)
    end)

    it("keeps none that no destination needs", function()
      local keys = kept_of({ "192.0.2.200", "198.51.100.9" }, { "198.51.100.1" })
      assert.same({ "192.0.2.200/32" }, keys)
    end)

    it("keeps one of two that a destination could have", function()
      local keys = kept_of({ "192.0.2.200", { ip = "192.0.2.0", mask = 24 } }, { "198.51.100.1" })
      assert.equal(1, #keys)
    end)
  end)
end)
