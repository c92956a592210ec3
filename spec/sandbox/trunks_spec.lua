-- The rules of trunks, and of the settings and credentials on them.
local raw_client = require "spec.support.raw_client"

local request, data_of, create_trunk = raw_client.request, raw_client.data_of, raw_client.create_trunk
local new_trunk, assert_refused = raw_client.new_trunk, raw_client.assert_refused
local keys_in_order, null = raw_client.keys_in_order, raw_client.null

describe("sandbox", function()
  local sb

  local function start(options) sb = raw_client.start(options) end

  before_each(function() start() end)

  after_each(raw_client.stop)

  local function assert_date(text) assert.truthy(text:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"), text) end

  describe("trunks", function()
    it("are created as in the reference", function()
      local reply = request("POST", "/trunks",
        '{"trunk_name":"outbound_trunk","nso_code":"ANY-ANY","domain_name":"ameyo5m.pstn.exotel.com"}')
      local data = data_of(reply)
      keys_in_order(reply.body, {
        "data", "trunk_name", "date_created", "date_updated", "trunk_sid", "status", "domain_name", "auth_type",
        "registration_enabled", "edge_preference", "nso_code", "secure_trunking", "destination_uris", "whitelisted_ips",
        "credentials", "phone_numbers",
      })
      assert.truthy(data.trunk_sid:find("^trmum1%x+1a1n$"))
      assert.equal(#"trmum1f708622631150902801a1n", #data.trunk_sid)
      assert_date(data.date_created)
      local base = "/v2/accounts/sandbox1/trunks/" .. data.trunk_sid
      for key, value in pairs({
        trunk_name = "outbound_trunk", status = "active", domain_name = "ameyo5m.pstn.exotel.com",
        auth_type = "IP-WHITELIST", registration_enabled = "disabled", edge_preference = "auto", nso_code = "ANY-ANY",
        secure_trunking = "disabled", destination_uris = base .. "/destination-uris",
        whitelisted_ips = base .. "/whitelisted-ips", credentials = base .. "/credentials",
        phone_numbers = base .. "/phone-numbers",
      }) do
        assert.equal(value, data[key], key)
      end
    end)

    it("have a name of 1 to 16 letters, digits and _, the one nso_code, and a domain of the service", function()
      local function try(name, nso, domain)
        local body = '{"trunk_name":%s,"nso_code":%s,"domain_name":%s}'
        return request("POST", "/trunks", body:format(name, nso, domain))
      end
      local NSO, DOMAIN = '"ANY-ANY"', '"a.pstn.exotel.com"'
      assert_refused(try('"seventeen_letters"', NSO, DOMAIN), 400, 1002, "TrunkName")
      assert_refused(try('"a-b"', NSO, DOMAIN), 400, 1002, "TrunkName")
      assert_refused(try('""', NSO, DOMAIN), 400, 1002, "TrunkName")
      assert_refused(try("null", NSO, DOMAIN), 400, 1001, "TrunkName")
      assert_refused(try("7", NSO, DOMAIN), 400, 1007, "TrunkName")
      assert_refused(try('"a"', '"any any"', DOMAIN), 400, 1002, "NsoCode")
      assert_refused(try('"a"', NSO, '"a.example.com"'), 400, 1002, "DomainName")
      assert_refused(try('"a"', NSO, '".pstn.exotel.com"'), 400, 1002, "DomainName")
      local no_code = '{"trunk_name":"a","domain_name":"a.pstn.exotel.com"}'
      assert_refused(request("POST", "/trunks", no_code), 400, 1001, "NsoCode")
      assert.equal(200, try('"sixteen_letters_"', NSO, DOMAIN).status)
      assert.equal(1, #sb:state().trunks)
    end)

    it("answer a duplicate name with a failure inside a success, and make nothing", function()
      create_trunk("twice")
      local reply = request("POST", "/trunks",
        '{"trunk_name":"twice","nso_code":"ANY-ANY","domain_name":"sandbox1.pstn.exotel.com"}')
      assert_refused(reply, 200, 1008, "twice")
      assert.equal("Duplicate resource", reply.json.response.error_data.message)
      assert.equal(1, #sb:state().trunks)
    end)

    it("are listed, found by sid and read", function()
      local _, sid = new_trunk("one")
      create_trunk("two")
      local list = request("GET", "/trunks").json.response
      assert.equal("two", list[1].data.trunk_name)
      assert.equal("one", list[2].data.trunk_name)
      local filtered = request("GET", "/trunks?trunk_sid=" .. sid).json
      assert.equal(1, #filtered.response)
      assert.equal("one", filtered.response[1].data.trunk_name)
      assert.equal(0, #request("GET", "/trunks?trunk_sid=nix").json.response)
      assert.equal("one", data_of(request("GET", "/trunks/" .. sid)).trunk_name)
      assert_refused(request("GET", "/trunks/nix"), 404, 1000)
    end)

    it("are updated in any of their fields", function()
      local path = new_trunk("one")
      create_trunk("two")
      sb:advance(60)
      local data = data_of(request("PUT", path, '{"trunk_name":"three","status":"inactive"}'))
      assert.equal("three", data.trunk_name)
      assert.equal("inactive", data.status)
      assert.not_equal(data.date_created, data.date_updated)
      assert_refused(request("PUT", path, '{"trunk_name":"two"}'), 200, 1008)
      assert.equal("three", data_of(request("PUT", path, '{"trunk_name":"three"}')).trunk_name)
      assert_refused(request("PUT", path, "{}"), 400, 1001)
      assert_refused(request("PUT", path, '{"auth_type":"NONE"}'), 400, 1002)
    end)

    it("keep the fields that an update is told to forget", function()
      start({ ignored_fields = { "status", "auth_type" } })
      local path = new_trunk("one")
      local before = data_of(request("GET", path))
      for _, body in ipairs({ '{"status":"inactive"}', '{"status":"banana","auth_type":5}', '{"status":null}' }) do
        local data = data_of(request("PUT", path, body))
        assert.equal("active", data.status)
        assert.equal("IP-WHITELIST", data.auth_type)
      end
      local data = data_of(request("PUT", path, '{"trunk_name":"two","status":"inactive"}'))
      assert.equal("two", data.trunk_name)
      assert.equal(before.status, data_of(request("GET", path)).status)
      assert_refused(request("PUT", path, '{"status":"inactive","trunk_name":""}'), 400, 1002)
      assert_refused(request("PUT", path, '{"edge_preference":null}'), 400, 1001)
      assert_refused(request("PUT", path, "{}"), 400, 1001)
    end)

    it("are unknown by the status that is asked for", function()
      for status, code in pairs({ [404] = 1000, [403] = 1003 }) do
        start({ unknown_trunk = status })
        local path, sid = new_trunk("gone")
        data_of(request("DELETE", "/trunks?trunk_sid=" .. sid))
        for _, unknown in ipairs({ path, "/trunks/nix" }) do
          assert_refused(request("GET", unknown), status, code)
          assert_refused(request("PUT", unknown, '{"status":"active"}'), status, code)
          assert_refused(request("GET", unknown .. "/phone-numbers"), status, code)
          assert_refused(request("POST", unknown .. "/credentials", '{"user_name":"a"}'), status, code)
        end
        assert_refused(request("DELETE", "/trunks?trunk_sid=" .. sid), status, code)
        assert.same({}, request("GET", "/trunks?trunk_sid=" .. sid).json.response)
        assert_refused(request("DELETE", new_trunk() .. "/phone-numbers?id=1"), 404, 1000)
      end
    end)

    it("take with them what stands on them, and can be deleted once", function()
      local path, sid = new_trunk("gone")
      data_of(request("POST", path .. "/phone-numbers", '{"phone_number":"+919876543210"}'))
      local deleted = data_of(request("DELETE", "/trunks?trunk_sid=" .. sid))
      assert.equal("gone", deleted.trunk_name)
      assert_refused(request("DELETE", "/trunks?trunk_sid=" .. sid), 404, 1000)
      assert_refused(request("GET", path .. "/phone-numbers"), 404, 1000)
      assert_refused(request("DELETE", "/trunks"), 400, 1001)
      local again = new_trunk("gone")
      assert.equal(0, #request("GET", again .. "/phone-numbers").json.response)
      data_of(request("POST", again .. "/phone-numbers", '{"phone_number":"+919876543210"}'))
    end)
  end)

  describe("settings", function()
    local path

    before_each(function() path = new_trunk() .. "/settings" end)

    local function set(value, name)
      local body = '{"settings":[{"name":"%s","value":"%s"}]}'
      return request("POST", path, body:format(name or "trunk_external_alias", value))
    end

    it("are set as in the reference, whose metadata has no failed", function()
      local reply = set("+919876543210")
      assert.equal(200, reply.status)
      assert.same({ total = 1, success = 1 }, reply.json.metadata)
      keys_in_order(reply.body, { "data", "name", "value", "trunk_sid", "date_created", "date_updated" })
      assert.equal("+919876543210", reply.json.response[1].data.value)
    end)

    it("stay one when set again", function()
      set("+919876543210")
      sb:advance(60)
      local data = set("+919876543211").json.response[1].data
      assert.not_equal(data.date_created, data.date_updated)
      local list = request("GET", path).json.response
      assert.equal(1, #list)
      assert.equal("+919876543211", list[1].data.value)
    end)

    it("fail each by itself", function()
      local reply = request("POST", path, '{"settings":[{"name":"trunk_external_alias","value":"+919876543210"},'
        .. '{"name":"trunk_external_alias","value":"none"},{"name":"no_such","value":"+919876543210"},'
        .. '{"name":"trunk_external_alias"}]}')
      assert.equal(207, reply.status)
      assert.same({ total = 4, success = 1 }, reply.json.metadata)
      local codes = {}
      for i, item in ipairs(reply.json.response) do
        codes[i] = item.error_data ~= null and item.error_data.code or 0
      end
      assert.same({ 0, 1002, 1002, 1001 }, codes)
      assert_refused(request("POST", path, '{"settings":{}}'), 400, 1007)
      assert_refused(request("POST", path, "{}"), 400, 1001)
    end)

    it("are removed by name, once", function()
      set("+919876543210")
      assert.equal("+919876543210", data_of(request("DELETE", path .. "?name=trunk_external_alias")).value)
      assert_refused(request("DELETE", path .. "?name=trunk_external_alias"), 404, 1000)
      assert_refused(request("DELETE", path), 400, 1001)
    end)
  end)

  describe("credentials", function()
    local path

    before_each(function() path = new_trunk() .. "/credentials" end)

    local function create(user, password, friendly)
      local body = '{"user_name":"%s","password":"%s","friendly_name":%s}'
      return request("POST", path, body:format(user, password, friendly or "null"))
    end

    it("are created, and never show the password", function()
      local reply = create("voice_ai", "Secret_1", '"livekit"')
      local data = data_of(reply)
      keys_in_order(reply.body, {
        "data", "id", "trunk_sid", "user_name", "friendly_name", "date_created", "date_updated",
      })
      assert.equal("livekit", data.friendly_name)
      assert.is_nil(reply.body:find("Secret_1", 1, true))
      assert.is_nil(request("GET", path).body:find("Secret_1", 1, true))
      assert.equal("Secret_1", sb:state().trunks[1].credentials[1].password)
    end)

    it("have a password and a friendly name of letters, digits and _", function()
      assert_refused(create("u", "a-b"), 400, 1002, "Password")
      assert_refused(create("u", "p", '"elevenlabs-prod"'), 400, 1002, "FriendlyName")
      assert_refused(create("u", "p", '"' .. ("x"):rep(33) .. '"'), 400, 1002, "FriendlyName")
      assert_refused(request("POST", path, '{"user_name":"u"}'), 400, 1001, "Password")
      data_of(create("u", "p", '"' .. ("x"):rep(32) .. '"'))
    end)

    it("have a user name of their own on the trunk", function()
      data_of(create("u", "p"))
      assert_refused(create("u", "q"), 200, 1008)
      path = new_trunk("other") .. "/credentials"
      data_of(create("u", "p"))
    end)

    it("are listed, found by id, updated and deleted", function()
      local first, second = data_of(create("u", "p")).id, data_of(create("v", "p")).id
      assert.equal(2, #request("GET", path).json.response)
      local found = request("GET", path .. "?id=" .. first).json.response
      assert.equal(1, #found)
      assert.equal("u", found[1].data.user_name)
      assert.equal("w", data_of(request("PUT", path .. "/" .. second, '{"user_name":"w","password":"new"}')).user_name)
      assert.equal("new", sb:state().trunks[1].credentials[2].password)
      data_of(request("PUT", path .. "/" .. second, '{"user_name":"w","friendly_name":"desk"}'))
      assert_refused(request("PUT", path .. "/" .. second, '{"user_name":"u"}'), 200, 1008)
      assert.equal("w", data_of(request("DELETE", path .. "?id=" .. second)).user_name)
      assert_refused(request("DELETE", path .. "?id=" .. second), 404, 1000)
    end)
  end)
end)
