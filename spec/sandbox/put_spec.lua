-- Trunks that a test puts there, and the state that it reads.
local raw_client = require "spec.support.raw_client"

local request, data_of, assert_refused = raw_client.request, raw_client.data_of, raw_client.assert_refused

describe("sandbox", function()
  local sb

  local function start(options) sb = raw_client.start(options) end

  before_each(function() start({ clock = "manual", seed = 1 }) end)

  after_each(raw_client.stop)

  local function values(path, name)
    local found = {}
    for i, item in ipairs(request("GET", path).json.response) do found[i] = item.data[name] end
    return found
  end

  describe("a trunk that is put there", function()
    it("is answered with all it has", function()
      local put = sb:put {
        trunk_name = "office", status = "inactive",
        numbers = { { phone_number = "+919876543210", mode = "flow" } },
        ips = { { ip = "44.248.146.11", mask = 24 } },
        destinations = { { destination = "sip:44.248.146.11:5061;transport=tls", priority = 3 } },
        settings = { { name = "trunk_external_alias", value = "+919876543210" } },
        credentials = { { user_name = "pbx", password = "secret", friendly_name = "desk" } },
      }
      assert.same(put, sb:state().trunks[1])
      local path = "/trunks/" .. put.trunk_sid
      local trunk = data_of(request("GET", path))
      assert.equal("office", trunk.trunk_name)
      assert.equal("inactive", trunk.status)
      assert.equal("IP-WHITELIST", trunk.auth_type)
      assert.equal("sandbox1.pstn.exotel.com", trunk.domain_name)
      assert.equal("ANY-ANY", trunk.nso_code)
      assert.equal("/v2/accounts/sandbox1" .. path .. "/phone-numbers", trunk.phone_numbers)
      assert.equal("2026-01-01T00:00:00Z", trunk.date_created)
      assert.same({ "flow" }, values(path .. "/phone-numbers", "mode"))
      assert.same({ 24 }, values(path .. "/whitelisted-ips", "mask"))
      assert.same({ 3 }, values(path .. "/destination-uris", "priority"))
      assert.same({ 1 }, values(path .. "/destination-uris", "weight"))
      assert.same({ "+919876543210" }, values(path .. "/settings", "value"))
      assert.same({ "desk" }, values(path .. "/credentials", "friendly_name"))
      assert.equal("secret", put.credentials[1].password)
      assert.same({ put.trunk_sid }, values("/trunk-maps?exophone=%2B919876543210", "trunk_sid"))
    end)

    it("can be written as a specification is", function()
      local put = sb:put {
        trunk_name = "office", phone_numbers = { "+919876543210", { phone_number = "+918040264208", mode = "flow" } },
        whitelisted_ips = { "44.248.146.11", { ip = "203.0.113.0", mask = 24 }, "198.51.100.0/28" },
        destinations = { "44.248.146.11:5061;transport=tls", "sip:a.example:5060", { destination = "b.example" } },
        settings = { unheard_of = "y", heard_of = "x" }, alias = "+919876543210",
        credentials = { { user_name = "pbx", password = "secret" } },
      }
      assert.equal("+919876543210", put.numbers[1].phone_number)
      assert.equal("flow", put.numbers[2].mode)
      assert.equal(32, put.ips[1].mask)
      assert.equal(24, put.ips[2].mask)
      assert.same({ "198.51.100.0", 28 }, { put.ips[3].ip, put.ips[3].mask })
      local found = {}
      for i, destination in ipairs(put.destinations) do found[i] = destination.destination end
      assert.same({ "sip:44.248.146.11:5061;transport=tls", "sip:a.example:5060", "b.example" }, found)
      local settings = "/trunks/" .. put.trunk_sid .. "/settings"
      assert.same({ "trunk_external_alias", "unheard_of", "heard_of" }, values(settings, "name"))
      assert.same({ "+919876543210", "y", "x" }, values(settings, "value"))
      assert.equal("+918040264208", sb:put({ alias = "+918040264208" }).settings[1].value)
    end)

    it("may break every rule", function()
      local nameless = sb:put {}
      sb:put { trunk_name = "" }
      local first = sb:put { trunk_name = "twice the same", numbers = { "+919876543210" } }
      local second = sb:put {
        trunk_name = "twice the same", nso_code = "any any", numbers = { "+919876543210", "no number" },
        ips = { "nowhere", "1.2.3.4", "1.2.3.4" },
        destinations = { "user@host:5060", "a.example:5061", "a.example:5061", "9.9.9.9:1", "" },
        settings = { { name = "unheard_of", value = "x" } }, credentials = { { user_name = "a b" } },
      }
      assert.same({ "twice the same", "twice the same", "", raw_client.null }, values("/trunks", "trunk_name"))
      assert.equal(raw_client.null, data_of(request("GET", "/trunks/" .. nameless.trunk_sid)).trunk_name)
      local path = "/trunks/" .. second.trunk_sid
      assert.same({ "sip:", "sip:9.9.9.9:1", "sip:a.example:5061", "sip:a.example:5061", "sip:user@host:5060" },
        values(path .. "/destination-uris", "destination"))
      local map = "/trunk-maps?exophone=%2B919876543210"
      assert.same({ second.trunk_sid, first.trunk_sid }, values(map, "trunk_sid"))
      data_of(request("DELETE", path .. "/phone-numbers?id=" .. second.numbers[1].id))
      assert.same({ first.trunk_sid }, values(map, "trunk_sid"))
      assert_refused(request("POST", path .. "/phone-numbers", '{"phone_number":"+919876543210"}'), 200, 1008)
      data_of(request("DELETE", "/trunks?trunk_sid=" .. first.trunk_sid))
      data_of(request("POST", path .. "/phone-numbers", '{"phone_number":"+919876543210"}'))
      -- The rules still hold for what is sent.
      local add = '{"destinations":[{"destination":"%s:5061;transport=tls"}]}'
      assert.equal(200, request("POST", path .. "/destination-uris", add:format("1.2.3.4")).status)
      assert.equal(207, request("POST", path .. "/destination-uris", add:format("5.6.7.8")).status)
      assert.equal(200, request("PUT", path .. "/whitelisted-ips/" .. second.ips[1].id, '{"ip":"5.6.7.8"}').status)
    end)

    it("has the ids given, which are never given again", function()
      local put = sb:put {
        trunk_sid = "mine", date_created = "2020-01-01T00:00:00Z",
        destinations = {
          { id = "9000", destination = "sip:a.example:1" }, { id = 7, destination = "sip:a.example:1" },
          { id = "odd", destination = "sip:a.example:1", date_created = "2021-01-01T00:00:00Z" }, "a.example:1",
        },
      }
      assert.equal("mine", put.trunk_sid)
      assert.same({ "9001", "odd", "7", "9000" }, values("/trunks/mine/destination-uris", "id"))
      assert.equal("2020-01-01T00:00:00Z", data_of(request("GET", "/trunks/mine")).date_created)
      assert.equal("2021-01-01T00:00:00Z", values("/trunks/mine/destination-uris", "date_created")[2])
      data_of(request("DELETE", "/trunks/mine/destination-uris?id=7"))
      assert.same({ "9001", "odd", "9000" }, values("/trunks/mine/destination-uris", "id"))
    end)

    it("takes the place of the one with its trunk_sid", function()
      sb:put { trunk_sid = "one", trunk_name = "one", numbers = { "+919876543210", "+918040264208" } }
      sb:put { trunk_sid = "two", trunk_name = "two" }
      local one = sb:state().trunks[1]
      table.remove(one.numbers, 1)
      one.destinations[1] = { destination = "sip:evil.example:5060" }
      local again = sb:put(one)
      assert.equal(one.numbers[1].id, again.numbers[1].id)
      local state = sb:state()
      assert.equal(2, #state.trunks)
      assert.same(again, state.trunks[1])
      assert.same({}, values("/trunk-maps?exophone=%2B919876543210", "trunk_sid"))
      assert.same({ "one" }, values("/trunk-maps?exophone=%2B918040264208", "trunk_sid"))
    end)

    it("is a copy of another service's", function()
      sb:put { trunk_name = "one", numbers = { "+919876543210" }, credentials = { { user_name = "a", password = "b" } } }
      sb:put(data_of(request("GET", "/trunks/" .. sb:put({ trunk_name = "two" }).trunk_sid)))
      local before = sb:state()
      start({ clock = "manual" })
      for _, trunk in ipairs(before.trunks) do sb:put(trunk) end
      assert.same(before, sb:state())
    end)

    it("lags behind as all else does", function()
      start({ clock = "manual", lag = 1 })
      sb:put { trunk_name = "one" }
      assert.same({}, values("/trunks", "trunk_name"))
      sb:advance(1)
      assert.same({ "one" }, values("/trunks", "trunk_name"))
    end)

    it("is refused by the name of what is wrong with it", function()
      for _, case in ipairs({
        { { trunk_nam = "x" }, "trunk_nam" },
        { { trunk_name = 1 }, "trunk_name" },
        { { [1] = "x" }, "1" },
        { { numbers = "+919876543210" }, "numbers" },
        { { phone_numbers = 1 }, "phone_numbers" },
        { { numbers = {}, phone_numbers = {} }, "two names" },
        { { numbers = { a = "x" } }, "numbers" },
        { { phone_numbers = { 5 } }, "phone_numbers[1]" },
        { { ips = { { ip = "1.2.3.4", mask = "32" } } }, "ips[1].mask" },
        { { ips = { { ip = "1.2.3.4", mask = 1.5 } } }, "ips[1].mask" },
        { { destinations = { "a", { destination = 1 } } }, "destinations[2].destination" },
        { { destinations = { { id = "1" } } }, "destinations[1].destination" },
        { { destinations = { { destination = "a", id = 1.5 } } }, "destinations[1].id" },
        { { destinations = { { destination = "a", wieght = 1 } } }, "destinations[1].wieght" },
        { { settings = { trunk_external_alias = 5 } }, "settings[1].value" },
        { { settings = { [true] = "x" } }, "settings[1].name" },
        { { settings = "x" }, "settings" },
        { { alias = {} }, "alias" },
        { { credentials = { { user_name = "a", pass = "b" } } }, "credentials[1].pass" },
      }) do
        local fine, message = pcall(function() sb:put(case[1]) end)
        assert.is_false(fine)
        assert.truthy(message:find(case[2], 1, true), message)
        assert.truthy(message:find("put_spec.lua", 1, true), message)
      end
      assert.has_error(function() sb:put() end)
      assert.same({}, sb:state().trunks)
    end)
  end)

  describe("the state", function()
    it("is a copy of all there is, down to the credentials of deleted trunks", function()
      local sid = sb:put({ trunk_name = "gone", credentials = { { user_name = "old", password = "p" } } }).trunk_sid
      sb:put { trunk_name = "stays", numbers = { "+919876543210" } }
      data_of(request("DELETE", "/trunks?trunk_sid=" .. sid))
      local state = sb:state()
      assert.equal(1, #state.trunks)
      assert.equal("old", state.orphaned_credentials[1].user_name)
      assert.equal(sid, state.orphaned_credentials[1].trunk_sid)
      state.trunks[1].numbers[1].phone_number, state.orphaned_credentials[1] = "changed", nil
      local again = sb:state()
      assert.equal("+919876543210", again.trunks[1].numbers[1].phone_number)
      assert.equal(1, #again.orphaned_credentials)
    end)
  end)
end)
