-- `ensure`: what exists already is a success, also when it was made by a call whose reply was lost, and nothing is ever
-- made twice.
local expect = require "spec.support.expect"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

local E164 = "+919876543210"
local IP = "192.0.2.1"
local DESTINATION = "sip.example.com:5061;transport=tls"

local function merge(...)
  local all = {}
  for _, part in ipairs { ... } do
    for key, value in pairs(part) do all[key] = value end
  end
  return all
end

local w, t

before_each(function()
  w = world.new(nil, { retries = 0, backoff = 0, rate_limit = false })
  w:trunk("first")
  t = assert(trunk.find(w.client, "first"))
  w.sb:reset_requests()
end)
after_each(function() w:close() end)

local function held() return w.sb:state().trunks[1] end

-- Each of the four: what makes it, what reads it back, how many exist, and what names it.
local writes = {
  create_trunk = {
    list = "list_trunks", name = "trunk_name", value = "second",
    act = function(options) return trunk.create(w.client, { trunk_name = "second" }, options) end,
    count = function() return #w.sb:state().trunks - 1 end,
  },
  map_phone_number = {
    list = "list_phone_numbers", name = "phone_number", value = E164,
    act = function(options) return t:map_number(E164, "flow", options) end,
    count = function() return #held().numbers end,
  },
  whitelist_ip = {
    list = "list_whitelisted_ips", name = "ip", value = IP,
    act = function(options) return t:whitelist_ip(IP, 32, options) end,
    count = function() return #held().ips end,
  },
  add_destinations = {
    list = "list_destinations", name = "destination", value = "sip:" .. DESTINATION,
    act = function(options) return t:add_destination(DESTINATION, options) end,
    count = function() return #held().destinations end,
  },
}

-- How a reply can be lost or spoiled so that nobody knows what became of the write.
local spoilers = {
  ["the connection is closed"] = { drop = true }, ["the connection is reset"] = { reset = true }, ["HTTP 500"] = { status = 500 },
  ["HTTP 502 in HTML"] = { status = 502, body = "<html>bad gateway</html>" }, ["HTTP 503"] = { status = 503 }, ["HTTP 504"] = { status = 504, body = "" },
  ["HTTP 501"] = { status = 501 }, ["HTML for an answer"] = { status = 200, body = "<html>log in first</html>" },
  ["an empty answer"] = { status = 200, body = "" }, ["no answer in time"] = { hang = true },
  ["a redirection"] = { status = 302, headers = { Location = "/" } },
}
local cuts = { ["an answer cut at once"] = { cut = 0 }, ["an answer cut short"] = { cut = 60 } }

for operation, write in pairs(writes) do
  describe("ensured " .. operation, function()
    local function ensure(more) return write.act(merge({ ensure = true, timeout = 0.4 }, more or {})) end

    local function assert_there(data, info)
      assert(data, info)
      assert.equal(write.value, data[write.name])
      assert.equal(1, write.count())
      return info
    end

    it("does what is not so yet", function()
      local info = assert_there(ensure())
      assert.is_nil(info.adopted)
      assert.equal(1, info.attempts)
      assert.equal(200, info.http_status)
      assert.equal(operation, w:writes())
    end)

    it("adopts what is so, again and again, and answers it whole", function()
      local made = assert(write.act())
      w.sb:reset_requests()
      for _ = 1, 3 do
        local data, info = ensure()
        assert_there(data, info)
        assert.is_true(info.adopted)
        assert.same({}, info.warnings)
        assert.is_number(info.attempts)
        assert.is_number(info.elapsed)
        assert.same(made, data)
      end
      if operation == "add_destinations" then assert.equal("", w:writes()) end
    end)

    for how, fault in pairs(spoilers) do
      it("comes to be once, however the reply goes wrong: before the effect, " .. how, function()
        w.sb:fault(merge({ before = operation }, fault))
        local info = assert_there(ensure())
        assert.is_nil(info.adopted)
        assert.equal(operation .. " " .. operation, w:writes())
      end)

      it("comes to be once, however the reply goes wrong: after the effect, " .. how, function()
        w.sb:fault(merge({ after = operation }, fault))
        local info = assert_there(ensure())
        assert.is_true(info.adopted)
        assert.equal(operation, w:writes())
      end)
    end

    for how, fault in pairs(cuts) do
      it("comes to be once, however the reply goes wrong: " .. how, function()
        w.sb:fault(merge({ on = operation }, fault))
        assert.is_true(assert_there(ensure()).adopted)
        assert.equal(operation, w:writes())
      end)
    end

    it("comes to be once when it goes wrong twice", function()
      w.sb:fault { before = operation, drop = true }
      w.sb:fault { after = operation, status = 503 }
      assert.is_true(assert_there(ensure()).adopted)
      assert.equal(operation .. " " .. operation, w:writes())
    end)

    it("gives up when nothing comes of it", function()
      w.sb:fault { before = operation, drop = true, times = true }
      local err = expect.failure("network", ensure())
      assert.equal(operation, err.operation)
      assert.is_true(err.maybe_applied)
      assert.equal(0, write.count())
      w.sb:clear_faults()
      assert.is_nil(assert_there(ensure()).adopted)
    end)

    it("says that it may have taken effect when reading back fails as well", function()
      -- A destination is looked for before it is sent.
      w.sb:fault { on = write.list, status = 500, times = true, skip = operation == "add_destinations" and 1 or 0 }
      w.sb:fault { after = operation, drop = true }
      local err = expect.failure("network", ensure())
      assert.equal(operation, err.operation)
      assert.is_true(err.maybe_applied)
      assert.equal(1, write.count())
      w.sb:clear_faults()
      assert.is_true(assert_there(ensure()).adopted)
    end)

    it("passes a refusal on as it is", function()
      w.sb:fault { before = operation, status = 403 }
      local err = expect.failure("permission", ensure())
      assert.equal(operation, err.operation)
      assert.is_false(err.maybe_applied)
      assert.equal(0, write.count())
    end)

    it("uses the other options", function()
      w.sb:fault { before = operation, status = 429, times = 2 }
      assert.equal(3, assert_there(ensure { retries = 2 }).attempts)
      assert.equal(1, expect.failure("rate_limited", (function()
        w.sb:fault { before = "list_settings", status = 429 }
        return w.client:list_settings { trunk_sid = t.trunk_sid }
      end)()).attempts)
    end)

    it("is no default: without it a lost reply is an error, and so it is with false", function()
      for _, options in ipairs { {}, { ensure = false } } do
        w.sb:fault { before = operation, drop = true }
        assert.is_true(expect.failure("network", write.act(options)).maybe_applied)
      end
      assert.equal(0, write.count())
    end)

    it("raises for bad options, and names them", function()
      for _, there in ipairs { false, true } do
        if there then assert(write.act()) end
        w.sb:reset_requests()
        expect.raises("'ensure'", write.act, { ensure = "yes" })
        expect.raises("'ensure'", write.act, { ensure = 1 })
        expect.raises("'ensured'", write.act, { ensured = true })
        expect.raises("'retry'", write.act, { ensure = true, retry = 3 })
        expect.raises("'retries'", write.act, { ensure = true, retries = "3" })
        expect.raises("table", write.act, "ensure")
        assert.same({}, w.sb:requests())
      end
    end)

    it("leaves the options to their owner", function()
      local options = { ensure = true, retries = 1 }
      assert(write.act(options))
      assert(write.act(options))
      assert.same({ ensure = true, retries = 1 }, options)
    end)
  end)
end

describe("ensured with arguments that are wrong", function()
  local SAFELY = { ensure = true }

  local cases = {
    { "trunk_name", function() return trunk.create(w.client, { trunk_name = "no name" }, SAFELY) end },
    { "trunk_name", function() return trunk.create(w.client, {}, SAFELY) end },
    { "nso_code", function() return trunk.create(w.client, { trunk_name = "a", nso_code = "any any" }, SAFELY) end },
    { "phone_number", function() return t:map_number("919876543210", SAFELY) end },
    { "phone_number", function() return t:map_number(nil, nil, SAFELY) end },
    { "phone_number", function() return t:map_number(919876543210, "flow", SAFELY) end },
    { "mode", function() return t:map_number(E164, "sip", SAFELY) end },
    { "mode", function() return t:map_number(E164, 1, SAFELY) end },
    { "ip", function() return t:whitelist_ip("::1", SAFELY) end },
    { "ip", function() return t:whitelist_ip(nil, nil, SAFELY) end },
    { "mask", function() return t:whitelist_ip(IP, 8, SAFELY) end },
    { "mask", function() return t:whitelist_ip(IP, "24", SAFELY) end },
    { "destinations[1].destination", function() return t:add_destination("nowhere", SAFELY) end },
    { "destinations[1].destination", function() return t:add_destination("sip:a.example:5060", SAFELY) end },
    { "destinations[1].destination", function() return t:add_destination(5060, SAFELY) end },
    { "destinations[1].destination", function() return t:add_destination(nil, SAFELY) end },
  }
  for i, case in ipairs(cases) do
    it(("sends nothing: %s (%d)"):format(case[1], i), function()
      expect.refused(case[1], case[2]())
      assert.same({}, w.sb:requests())
    end)
  end

  it("raises without a table of a trunk's fields", function()
    expect.raises("table", trunk.create, w.client, "second", SAFELY)
    assert.same({}, w.sb:requests())
  end)
end)

describe("ensured although it exists differently", function()
  local SAFELY = { ensure = true }

  local function assert_conflict(words, ...)
    local err = expect.failure("conflict", ...)
    for _, word in ipairs(words) do assert.truthy(err.message:find(word, 1, true), err.message) end
    assert.is_false(err.maybe_applied)
    return err
  end

  it("is a conflict: a number with another mode", function()
    assert(t:map_number(E164, "pstn"))
    local err = assert_conflict({ E164, "mode", "pstn", "flow" }, t:map_number(E164, "flow", SAFELY))
    assert.equal("map_phone_number", err.operation)
    assert.equal(1008, err.code)
    assert.equal(200, err.http_status)
    assert.is_string(err.request_id)
    assert.equal("pstn", held().numbers[1].mode)
  end)

  it("is a conflict: a number with a mode where none is wanted, and none is pstn", function()
    assert(t:map_number(E164, "flow"))
    assert_conflict({ E164, "mode", "flow", "pstn" }, t:map_number(E164, SAFELY))
    assert(t:map_number("+919876543211"))
    assert.is_true(select(2, assert(t:map_number("+919876543211", "pstn", SAFELY))).adopted)
    assert.is_true(select(2, assert(t:map_number("+919876543211", SAFELY))).adopted)
    assert.is_true(select(2, assert(t:map_number("+919876543211", nil, SAFELY))).adopted)
  end)

  it("is a conflict: a number on another trunk", function()
    local other = assert(trunk.create(w.client, { trunk_name = "second" }))
    assert(other:map_number(E164, "flow"))
    local err = assert_conflict({ E164, other.trunk_sid }, t:map_number(E164, "flow", SAFELY))
    assert.equal(1008, err.code)
    assert.equal(0, #held().numbers)
  end)

  it("is a conflict as the service put it when it can't be learnt where the number is", function()
    local other = assert(trunk.create(w.client, { trunk_name = "second" }))
    assert(other:map_number(E164, "flow"))
    w.sb:fault { on = "find_trunk_map", status = 500 }
    local err = assert_conflict({ "Duplicate resource" }, t:map_number(E164, "flow", SAFELY))
    assert.equal("map_phone_number", err.operation)
  end)

  it("is a conflict as the service put it when reading back fails", function()
    assert(t:map_number(E164, "flow"))
    w.sb:fault { on = "list_phone_numbers", status = 500 }
    assert_conflict({ "Duplicate resource" }, t:map_number(E164, "flow", SAFELY))
  end)

  it("is a conflict: a trunk with another nso_code or domain_name", function()
    assert(trunk.create(w.client, { trunk_name = "second", nso_code = "ANY-ANY" }))
    w:answer("list_trunks", '{"request_id":"r","http_code":200,"metadata":{},"response":[{"code":200,"status":"success","error_data":null,"data":' ..
      '{"trunk_sid":"t","trunk_name":"second","nso_code":"IN-ANY"}}]}')
    assert_conflict({ "second", "nso_code", "ANY-ANY", "IN-ANY" }, trunk.create(w.client, { trunk_name = "second", nso_code = "ANY-ANY" }, SAFELY))
    assert_conflict({ "second", "domain_name", "sandbox1.pstn.exotel.com", "b.pstn.exotel.com" },
      trunk.create(w.client, { trunk_name = "second", domain_name = "b.pstn.exotel.com" }, SAFELY))
    local adopted, info = assert(trunk.create(w.client, { trunk_name = "second", nso_code = "ANY-ANY", domain_name = "sandbox1.pstn.exotel.com" }, SAFELY))
    assert.is_true(info.adopted)
    assert(adopted:map_number(E164))
  end)

  it("finds a trunk, a number, an IP and a destination beyond the first page", function()
    w:close()
    w = world.new({ page_size = 2 }, { retries = 0 })
    for i = 1, 7 do assert(w.client:create_trunk { trunk_name = "trunk_" .. i }) end
    local first = assert(trunk.find(w.client, "trunk_1"))
    for i = 1, 7 do
      assert(first:map_number(E164 .. i))
      assert(first:whitelist_ip("192.0.2." .. i))
      assert(first:add_destination(("sip%d.example.com:5060"):format(i)))
    end
    assert.is_true(select(2, assert(trunk.create(w.client, { trunk_name = "trunk_1" }, SAFELY))).adopted)
    assert.is_true(select(2, assert(first:map_number(E164 .. 1, SAFELY))).adopted)
    assert.is_true(select(2, assert(first:whitelist_ip("192.0.2.1", SAFELY))).adopted)
    assert.is_true(select(2, assert(first:add_destination("sip1.example.com:5060", SAFELY))).adopted)
    assert.equal(7, #w.sb:state().trunks[1].destinations)
  end)
end)

describe("ensured although it is written differently", function()
  local SAFELY = { ensure = true }

  it("is the same: a destination that leads to the same place in the same way", function()
    assert(t:add_destination("sip.example.com:5060"))
    for _, same in ipairs { "sip.example.com:5060", "SIP.Example.com:5060", "sip.example.com:5060;transport=udp" } do
      assert.is_true(select(2, assert(t:add_destination(same, SAFELY))).adopted)
    end
    for i, other in ipairs { "sip.example.com:5061", "sip.example.com:5060;transport=tcp", "sip2.example.com:5060" } do
      assert.is_nil(select(2, assert(t:add_destination(other, SAFELY))).adopted)
      assert.equal(i + 1, #held().destinations)
    end
  end)

  it("is the same: an IP without a mask and with 32; with another it is another", function()
    assert(t:whitelist_ip(IP))
    assert.is_true(select(2, assert(t:whitelist_ip(IP, 32, SAFELY))).adopted)
    assert.is_true(select(2, assert(t:whitelist_ip(IP, SAFELY))).adopted)
    assert.is_true(select(2, assert(t:whitelist_ip(IP, nil, SAFELY))).adopted)
    assert.is_nil(select(2, assert(t:whitelist_ip(IP, 24, SAFELY))).adopted)
    assert.equal(2, #held().ips)
  end)

  it("doubles that were there before are not its to remove", function()
    assert(t:add_destination(DESTINATION))
    assert(t:add_destination(DESTINATION))
    assert.is_true(select(2, assert(t:add_destination(DESTINATION, SAFELY))).adopted)
    assert.equal(2, #held().destinations)
  end)
end)

it("an ensured destination that the service refuses is partial, as ever", function()
  local err = expect.failure("partial", t:add_destination("192.0.2.77:5060", { ensure = true }))
  assert.equal(1, #err.failed)
  assert.same({ destination = "192.0.2.77:5060" }, err.failed[1].sent)
  assert.equal("add_destinations", w:writes())
end)
