-- Trunks as objects: each function and method of exotel.trunk.
local expect = require "spec.support.expect"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

local E164 = "+919876543210"

describe("exotel.trunk", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function fail(operation, status) w.sb:fault { on = operation, status = status or 403 } end

  it("creates a trunk that carries the service's fields, and no others", function()
    local t, info = trunk.create(w.client, { trunk_name = "outbound_trunk" })
    assert.equal(200, info.http_status)
    assert.equal("create_trunk", w:operations())
    local stored, seen = w.sb:state().trunks[1], {}
    for name, value in pairs(t) do
      seen[#seen + 1] = name
      -- The sandbox's state has the trunk's credentials themselves instead of their path.
      if name ~= "credentials" then assert.equal(stored[name], value) end
    end
    assert.equal(15, #seen)
    -- Paths of the service, which no method's name may hide.
    assert.equal("/v2/accounts/sandbox1/trunks/" .. t.trunk_sid .. "/phone-numbers", t.phone_numbers)
    assert.equal("/v2/accounts/sandbox1/trunks/" .. t.trunk_sid .. "/whitelisted-ips", t.whitelisted_ips)
    assert.equal("/v2/accounts/sandbox1/trunks/" .. t.trunk_sid .. "/destination-uris", t.destination_uris)
    assert.equal("/v2/accounts/sandbox1/trunks/" .. t.trunk_sid .. "/credentials", t.credentials)
    assert.equal("exotel.trunk: outbound_trunk (" .. t.trunk_sid .. ")", tostring(t))
  end)

  it("does not create one that is refused", function()
    assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }))
    expect.failure("conflict", trunk.create(w.client, { trunk_name = "outbound_trunk" }))
    expect.refused("trunk_name", trunk.create(w.client, { trunk_name = "out bound" }))
    expect.refused("trunkname", trunk.create(w.client, { trunk_name = "x", trunkname = "y" }))
    assert.equal(1, #w.sb:state().trunks)
  end)

  it("attaches to a trunk without any request", function()
    local t = trunk.attach(w.client, "trmum1")
    assert.equal("trmum1", t.trunk_sid)
    assert.same({}, w.sb:requests())
    assert.equal("exotel.trunk: ? (trmum1)", tostring(t))
    expect.raises("trunk_sid", trunk.attach, w.client, "")
    expect.raises("trunk_sid", trunk.attach, w.client)
    expect.failure("not_found", t:list_numbers())
  end)

  it("forgets a trunk that nobody has any more", function()
    local held = setmetatable({ trunk.attach(w.client, "trmum1") }, { __mode = "v" })
    collectgarbage()
    collectgarbage()
    assert.is_nil(held[1])
  end)

  it("gets a trunk by its sid", function()
    local sid = w:trunk()
    local t, info = trunk.get(w.client, sid)
    assert.equal("outbound_trunk", t.trunk_name)
    assert.equal(200, info.code)
    assert.equal("get_trunk", w:operations())
    assert(t:map_number(E164))
    expect.failure("not_found", trunk.get(w.client, "trmum1"))
  end)

  describe("with several pages of trunks", function()
    local sids

    before_each(function()
      w:close()
      w = world.new { page_size = 2 }
      sids = {}
      for i = 1, 5 do sids[i] = w:trunk("trunk_" .. i) end
    end)

    it("lists them all", function()
      local all = assert(trunk.list(w.client))
      local names = {}
      for i, t in ipairs(all) do names[i] = t.trunk_name end
      assert.same({ "trunk_5", "trunk_4", "trunk_3", "trunk_2", "trunk_1" }, names)
      assert.equal("list_trunks list_trunks list_trunks list_trunks", w:operations())
      assert(all[5]:map_number(E164))
      assert.equal(E164, w.sb:state().trunks[1].numbers[1].phone_number)
    end)

    it("finds one by name, and reads no further than to it", function()
      local t = assert(trunk.find(w.client, "trunk_3"))
      assert.equal(sids[3], t.trunk_sid)
      assert.equal("list_trunks list_trunks", w:operations())
      assert(t:map_number(E164))
      assert.equal(E164, w.sb:state().trunks[3].numbers[1].phone_number)
    end)

    it("finds none: nil, nil", function()
      local t, err = trunk.find(w.client, "trunk_")
      assert.is_nil(t)
      assert.is_nil(err)
      assert.equal("list_trunks list_trunks list_trunks list_trunks", w:operations())
      expect.raises("trunk_name", trunk.find, w.client)
    end)

    it("says so when the list ends before its total", function()
      w.sb:fault { on = "list_trunks", status = 200, body = '{"http_code":200,"metadata":{"total":3},"response":[]}' }
      expect.failure("protocol", trunk.find(w.client, "trunk_1"))
    end)

    it("says when it could not look, on whatever page", function()
      w.sb:fault { on = "list_trunks", status = 403, skip = 1 }
      expect.failure("permission", trunk.list(w.client))
      w.sb:fault { on = "list_trunks", status = 403, skip = 1 }
      expect.failure("permission", trunk.find(w.client, "trunk_1"))
    end)
  end)

  it("tells whether two destinations lead to the same place", function()
    local one = "44.248.146.11:5061;transport=tls"
    for _, same in ipairs { one, "sip:" .. one, "SIP:44.248.146.11;transport=TLS" } do assert.is_true(trunk.same_destination(one, same)) end
    for _, other in ipairs { "44.248.146.11:5061", "44.248.146.11:5060;transport=tls", "a.example:5061;transport=tls" } do
      assert.is_false(trunk.same_destination(one, other))
    end
    assert.is_false(trunk.same_destination("sips:a.example.com", "sips:b.example.com"))
  end)

  it("lists none", function()
    assert.same({}, trunk.list(w.client))
  end)

  describe("numbers", function()
    local t, number

    before_each(function()
      t = assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }))
      number = assert(t:map_number(E164, "flow"))
      w.sb:reset_requests()
    end)

    local function stored() return w.sb:state().trunks[1].numbers end

    it("are mapped, with a mode or without", function()
      assert.equal(E164, number.phone_number)
      assert.equal("flow", number.mode)
      assert.equal("flow", stored()[1].mode)
      local data, info = t:map_number("+918040264208")
      assert.is_nil(data.mode)
      assert.equal(200, info.http_status)
      assert.same({ phone_number = "+918040264208" }, world.decode(w:request().body))
      assert.equal("+918040264208", stored()[2].phone_number)
      expect.failure("conflict", t:map_number(E164))
      expect.refused("phone_number", t:map_number("919876543210"))
      expect.refused("phone_number", t:map_number())
      expect.refused("mode", t:map_number("+918040264209", "bot"))
    end)

    it("change their mode", function()
      local data, info = t:set_number_mode(number.id, E164, "pstn")
      assert.equal("pstn", data.mode)
      assert.equal(number.id, data.id)
      assert.equal(200, info.code)
      assert.equal("update_phone_number", w:operations())
      assert.equal("pstn", stored()[1].mode)
      expect.refused("id", t:set_number_mode(E164, E164, "pstn"))
    end)

    it("are unmapped", function()
      local data, info = t:unmap_number(number.id)
      assert.equal(E164, data.phone_number)
      assert.equal(200, info.code)
      assert.equal("unmap_phone_number", w:operations())
      assert.same({}, stored())
      expect.failure("not_found", t:unmap_number(number.id))
    end)

    it("are iterated, or listed whole", function()
      assert(t:map_number("+918040264208"))
      local seen = {}
      for n in t:numbers() do seen[#seen + 1] = n.phone_number end
      assert.same({ "+918040264208", E164 }, seen)
      local all = assert(t:list_numbers())
      assert.same({ "+918040264208", E164 }, { all[1].phone_number, all[2].phone_number })
    end)
  end)

  describe("IPs", function()
    local t, ip

    before_each(function()
      t = assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }))
      ip = assert(t:whitelist_ip("44.248.146.11"))
      w.sb:reset_requests()
    end)

    it("are whitelisted, with a mask or without", function()
      assert.equal("44.248.146.11", ip.ip)
      assert.equal(32, ip.mask)
      local data, info = t:whitelist_ip("203.0.113.0", 24)
      assert.equal(24, data.mask)
      assert.equal(200, info.code)
      assert.same({ ip = "203.0.113.0", mask = 24 }, world.decode(w:request().body))
      assert.equal(24, w.sb:state().trunks[1].ips[2].mask)
      expect.refused("ip", t:whitelist_ip("2001:db8::1"))
      expect.refused("mask", t:whitelist_ip("203.0.113.0", 8))
    end)

    it("are removed", function()
      assert.equal("44.248.146.11", t:remove_ip(ip.id).ip)
      assert.equal("remove_whitelisted_ip", w:operations())
      assert.same({}, w.sb:state().trunks[1].ips)
      expect.failure("not_found", t:remove_ip(ip.id))
    end)

    it("are iterated, or listed whole", function()
      assert(t:whitelist_ip("203.0.113.0", 24))
      local seen = {}
      for entry in t:ips() do seen[#seen + 1] = entry.ip end
      assert.same({ "203.0.113.0", "44.248.146.11" }, seen)
      local all = assert(t:list_ips())
      assert.same({ "203.0.113.0", "44.248.146.11" }, { all[1].ip, all[2].ip })
    end)
  end)

  describe("destinations", function()
    local t

    before_each(function()
      t = assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }))
      w.sb:reset_requests()
    end)

    local function stored()
      local seen = {}
      for i, entry in ipairs(w.sb:state().trunks[1].destinations) do seen[i] = entry.destination end
      return seen
    end

    it("are added one by one", function()
      local data, info = t:add_destination("sip.company.com:5061;transport=tls")
      assert.equal("sip:sip.company.com:5061;transport=tls", data.destination)
      assert.equal("2543", data.id)
      assert.same({ total = 1, success = 1, failed = 0 }, info.metadata)
      assert.same({ "sip:sip.company.com:5061;transport=tls" }, stored())
      expect.refused("destinations[1].destination", t:add_destination("sip.company.com"))
    end)

    it("are added together, as strings or tables", function()
      local data, info = t:add_destinations { "a.example.com:5061;transport=tls", { destination = "b.example.com:5060;transport=tcp" } }
      assert.equal("sip:a.example.com:5061;transport=tls", data[1].destination)
      assert.equal("sip:b.example.com:5060;transport=tcp", data[2].destination)
      assert.equal(2, info.metadata.success)
      assert.equal("add_destinations", w:operations())
      assert.same({ "sip:a.example.com:5061;transport=tls", "sip:b.example.com:5060;transport=tcp" }, stored())
      expect.refused("destinations", t:add_destinations {})
    end)

    it("that failed in part say which", function()
      local err = expect.failure("partial", t:add_destinations { "a.example.com:5061;transport=tls", "44.248.146.11:5061;transport=tls" })
      assert.equal(1, err.succeeded[1].index)
      assert.same({ destination = "44.248.146.11:5061;transport=tls" }, err.failed[1].sent)
      assert.same({ "sip:a.example.com:5061;transport=tls" }, stored())
    end)

    it("are removed", function()
      local added = assert(t:add_destination("sip.company.com:5061;transport=tls"))
      w.sb:reset_requests()
      assert.equal(added.id, t:remove_destination(added.id).id)
      assert.equal("remove_destination", w:operations())
      assert.same({}, stored())
    end)

    it("are iterated, or listed whole", function()
      assert(t:add_destinations { "a.example.com:5061;transport=tls", "b.example.com:5061;transport=tls" })
      local seen = {}
      for entry in t:destinations() do seen[#seen + 1] = entry.destination end
      assert.same({ "sip:b.example.com:5061;transport=tls", "sip:a.example.com:5061;transport=tls" }, seen)
      local all = assert(t:list_destinations())
      assert.same(seen, { all[1].destination, all[2].destination })
    end)
  end)

  describe("settings", function()
    local t

    before_each(function()
      t = assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }))
      w.sb:reset_requests()
    end)

    it("have an alias, the caller ID", function()
      local data, info = t:set_alias(E164)
      assert.equal("trunk_external_alias", data.name)
      assert.equal(E164, data.value)
      assert.same({ total = 1, success = 1 }, info.metadata)
      assert.same({ settings = { { name = "trunk_external_alias", value = E164 } } }, world.decode(w:request().body))
      assert.equal(E164, w.sb:state().trunks[1].settings[1].value)
      expect.refused("settings[1].value", t:set_alias("9876543210"))
    end)

    it("are set by name, sorted", function()
      local err = expect.failure("partial", t:set_settings { zone = "south", trunk_external_alias = E164, colour = "blue" })
      assert.same({
        settings = { { name = "colour", value = "blue" }, { name = "trunk_external_alias", value = E164 }, { name = "zone", value = "south" } },
      }, world.decode(w:request().body))
      assert.equal(2, err.succeeded[1].index)
      w.sb:reset_requests()
      local data = assert(t:set_settings { trunk_external_alias = "+918040264208" })
      assert.equal("+918040264208", data[1].value)
      expect.refused("settings", t:set_settings {})
    end)

    it("are listed", function()
      assert.same({}, t:list_settings())
      assert(t:set_alias(E164))
      local all = assert(t:list_settings())
      assert.equal(1, #all)
      assert.equal(E164, all[1].value)
    end)
  end)

  describe("credentials", function()
    local t

    before_each(function()
      t = assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }))
      w.sb:reset_requests()
    end)

    it("are created, listed without their password, and deleted", function()
      local fields = { user_name = "pbx", password = "secret_1", friendly_name = "desk" }
      local data, info = t:create_credential(fields)
      assert.same({ user_name = "pbx", password = "secret_1", friendly_name = "desk" }, fields)
      assert.equal("1234", data.id)
      assert.is_nil(data.password)
      assert.equal(200, info.code)
      assert.equal("secret_1", w.sb:state().trunks[1].credentials[1].password)
      local all = assert(t:list_credentials())
      assert.equal("pbx", all[1].user_name)
      assert.is_nil(all[1].password)
      assert.equal("pbx", t:delete_credential(data.id).user_name)
      assert.same({}, w.sb:state().trunks[1].credentials)
      assert.equal("create_credential list_credentials delete_credential", w:operations())
    end)
  end)

  describe("the trunk itself", function()
    local t

    before_each(function()
      t = assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }))
      w.sb:reset_requests()
    end)

    it("is updated, and carries the new fields", function()
      local fields = { trunk_name = "renamed", status = "inactive" }
      local same, info = t:update(fields)
      assert.equal(t, same)
      assert.equal(200, info.code)
      assert.same({ trunk_name = "renamed", status = "inactive" }, fields)
      assert.equal("renamed", t.trunk_name)
      assert.equal("inactive", t.status)
      assert.equal("renamed", w.sb:state().trunks[1].trunk_name)
      expect.refused(nil, t:update {})
      expect.refused("colour", t:update { colour = "blue" })
      assert.equal("renamed", t.trunk_name)
    end)

    it("keeps its fields when an update fails", function()
      fail("update_trunk", 500)
      expect.failure("server", t:update { trunk_name = "renamed" })
      assert.equal("outbound_trunk", t.trunk_name)
    end)

    it("is deleted", function()
      local data, info = t:delete()
      assert.equal("outbound_trunk", data.trunk_name)
      assert.equal(200, info.code)
      assert.equal("delete_trunk", w:operations())
      assert.same({}, w.sb:state().trunks)
      expect.failure("not_found", t:delete())
    end)
  end)

  describe("of a client that is closed", function()
    it("raises", function()
      local client = assert(w.sb:client())
      local t = trunk.attach(client, "trmum1")
      client:close()
      expect.raises("closed", t.list_numbers, t)
      expect.raises("closed", t.map_number, t, E164)
    end)
  end)

  describe("lists", function()
    local t

    before_each(function()
      w:close()
      w = world.new { page_size = 2 }
      t = trunk.attach(w.client, w:trunk())
      for i = 1, 5 do assert(t:map_number("+91804026420" .. i)) end
      for i = 1, 5 do assert(t:whitelist_ip("203.0.113." .. i)) end
      for i = 1, 5 do assert(t:add_destination("sip" .. i .. ".example.com:5061;transport=tls")) end
      for i = 1, 5 do assert(t:create_credential { user_name = "user_" .. i, password = "secret_" .. i }) end
      w.sb:reset_requests()
    end)

    it("are nil, err when a page can't be had", function()
      w.sb:fault { on = "list_phone_numbers", status = 403, skip = 2 }
      local err = expect.failure("permission", t:list_numbers())
      assert.equal("list_phone_numbers", err.operation)
    end)

    local kinds = {
      { "list_numbers", "list_phone_numbers", "numbers" }, { "list_ips", "list_whitelisted_ips", "ips" },
      { "list_destinations", "list_destinations", "destinations" }, { "list_credentials", "list_credentials" },
    }
    for _, kind in ipairs(kinds) do
      local method, operation, iterator = kind[1], kind[2], kind[3]

      it("has all pages in " .. method, function()
        assert.equal(5, #assert(t[method](t)))
        assert.equal((operation .. " "):rep(4):sub(1, -2), w:operations())
      end)

      if iterator then
        it("has all pages in " .. iterator .. ", which raises when one can't be had", function()
          local count = 0
          for item in t[iterator](t) do
            assert.is_string(item.id)
            count = count + 1
          end
          assert.equal(5, count)
          w.sb:fault { on = operation, status = 403, skip = 1 }
          count = 0
          local good, err = pcall(function() for _ in t[iterator](t) do count = count + 1 end end)
          assert.is_false(good)
          assert.equal("permission", err.kind)
          assert.equal(2, count)
        end)
      end
    end
  end)
end)
