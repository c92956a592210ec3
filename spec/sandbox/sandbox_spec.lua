local curl = require "spec.support.curl"
local sandbox = require "exotel.sandbox"

local null = curl.null
local JSON = "Content-Type: application/json"

describe("sandbox", function()
  local sb

  local function start(options)
    if sb then sb:stop() end
    sb = assert(sandbox.start(options))
  end

  before_each(function() start() end)

  after_each(function()
    sb:stop()
    sb = nil
  end)

  local function url(path)
    if path:find("^/v2") then return sb.base_url .. path end
    return sb.base_url .. "/v2/accounts/" .. sb.account_sid .. path
  end

  local function options_of(method, body)
    return {
      method = method, body = body, ca_file = sb.ca_file, user = sb.api_key .. ":" .. sb.api_token,
      headers = body and { JSON } or nil,
    }
  end

  local function request(method, path, body)
    return curl.request(url(path), options_of(method, body))
  end

  local function data_of(reply)
    assert.equal(200, reply.status, reply.body)
    assert.equal("success", reply.json.response.status, reply.body)
    return reply.json.response.data
  end

  local function create_trunk(name)
    local body = '{"trunk_name":"%s","nso_code":"ANY-ANY","domain_name":"sandbox1.pstn.exotel.com"}'
    return data_of(request("POST", "/trunks", body:format(name or "trunk_1")))
  end

  -- → the path of a new trunk, and its sid
  local function new_trunk(name)
    local sid = create_trunk(name).trunk_sid
    return "/trunks/" .. sid, sid
  end

  local function assert_refused(reply, status, code, words)
    assert.equal(status, reply.status, reply.body)
    assert.equal(status, reply.json.http_code)
    local item = reply.json.response
    assert.equal(code == 1008 and 409 or status, item.code)
    assert.equal("failure", item.status)
    assert.equal(null, item.data)
    assert.equal(code, item.error_data.code)
    assert.is_string(item.error_data.message)
    if words then assert.truthy(item.error_data.description:find(words, 1, true), item.error_data.description) end
  end

  local function assert_date(text) assert.truthy(text:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"), text) end

  local function keys_in_order(body, keys)
    local position = 1
    for _, key in ipairs(keys) do
      position = body:find('"' .. key .. '":', position, true)
      assert.truthy(position, key .. " is missing or out of order in " .. body)
    end
  end

  describe("the envelope", function()
    it("has the keys and their order of the reference", function()
      local path = new_trunk()
      local reply = request("GET", path)
      keys_in_order(reply.body, {
        "request_id", "method", "http_code", "response", "code", "error_data", "status", "data",
      })
      assert.equal("GET", reply.json.method)
      assert.equal(200, reply.json.http_code)
      assert.equal(null, reply.json.response.error_data)
      assert.truthy(reply.json.request_id:find("^%x+$"))
      assert.equal(32, #reply.json.request_id)
      assert.equal("application/json", reply.headers["content-type"])
    end)

    it("gives every request an id of its own", function()
      local first, second = request("GET", "/trunks").json.request_id, request("GET", "/trunks").json.request_id
      assert.not_equal(first, second)
    end)
  end)

  describe("access", function()
    it("needs the right key and token", function()
      for _, user in ipairs({ "sandbox_key:wrong", "wrong:sandbox_token", "sandbox_key:", ":" }) do
        assert_refused(curl.request(url("/trunks"), { user = user }), 401, 1010)
      end
      assert_refused(curl.request(url("/trunks")), 401, 1010)
      assert_refused(curl.request(url("/trunks"), { headers = { "Authorization: Bearer c2FuZGJveA==" } }), 401, 1010,
        "Authorization failed")
      assert.equal(200, request("GET", "/trunks").status)
    end)

    it("takes whatever key and token it was started with", function()
      start({ api_key = "k", api_token = "t:oken é", account_sid = "acme_1" })
      assert.equal(200, request("GET", "/trunks").status)
    end)

    it("forbids another account", function()
      assert_refused(request("GET", "/v2/accounts/other/trunks"), 403, 1003)
    end)

    it("knows no other paths or methods", function()
      assert_refused(request("GET", "/nothing"), 404, 1000)
      assert_refused(request("GET", "/v2/accounts"), 404, 1000)
      assert.equal(405, request("PATCH", "/trunks").status)
      assert.equal(405, request("POST", "/trunk-maps", "{}").status)
    end)

    it("takes .json at the end of any path, and escaped paths", function()
      local path = new_trunk()
      assert.equal(200, request("GET", path .. ".json").status)
      assert.equal(200, request("GET", path .. "/phone-numbers.json?offset=0").status)
      assert.equal(200, request("GET", (path:gsub("trmum", "%%74rmum"))).status)
      assert.equal(200, request("GET", "/trunks.json").status)
    end)

    it("refuses a body that isn't declared as JSON", function()
      local options = options_of("POST", "{}")
      for _, header in ipairs({ "Content-Type: text/plain", "Content-Type:", "Content-Type: application/jsonx" }) do
        options.headers = { header }
        assert_refused(curl.request(url("/trunks"), options), 415, 1011)
      end
      options.headers = { "Content-Type: Application/JSON; charset=utf-8" }
      assert_refused(curl.request(url("/trunks"), options), 400, 1001)
    end)

    it("refuses a body that isn't a JSON object", function()
      for _, body in ipairs({
        '{"trunk_name":"a"', "", "null", "[]", '"x"', "{'a':1}", '{"a":01}', '{"a":1,}', '{"a":pstn}', '{"a":"\\x"}',
        "{} {}", '{"a":1.}', '{"a":+1}', '{"a":"\n"}', ("["):rep(300),
      }) do
        assert_refused(request("POST", "/trunks", body), 400, 1007)
      end
    end)
  end)

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

  describe("phone numbers", function()
    local path, sid

    before_each(function() path, sid = new_trunk() end)

    local function map(body) return request("POST", path .. "/phone-numbers", body) end

    it("are mapped as in the reference, with a mode of null when none is given", function()
      local reply = map('{"phone_number":"+919876543210"}')
      local data = data_of(reply)
      keys_in_order(reply.body, { "data", "id", "phone_number", "trunk_sid", "date_created", "date_updated", "mode" })
      assert.equal("41512", data.id)
      assert.equal("+919876543210", data.phone_number)
      assert.equal(sid, data.trunk_sid)
      assert.equal(null, data.mode)
      assert.equal(null, data_of(map('{"phone_number":"+919876543211","mode":null}')).mode)
      assert.equal("flow", data_of(map('{"phone_number":"+919876543212","mode":"flow"}')).mode)
      assert.equal("pstn", data_of(map('{"phone_number":"+919876543213","mode":"pstn"}')).mode)
    end)

    it("can be answered with the bare word of the reference's example", function()
      start({ bare_mode = true })
      path = new_trunk()
      local reply = map('{"phone_number":"+919876543210","mode":"pstn"}')
      assert.is_nil(reply.json)
      assert.truthy(reply.body:find('"mode": pstn}', 1, true))
      assert.equal("pstn", sb:state().trunks[1].numbers[1].mode)
      assert.equal("pstn", request("GET", path .. "/phone-numbers").json.response[1].data.mode)
      assert.equal("flow", data_of(map('{"phone_number":"+919876543211","mode":"flow"}')).mode)
    end)

    it("are E.164", function()
      for _, number in ipairs({ "919876543210", "+0919876543", "+123456", "+1234567890123456", "+91 98765", "" }) do
        assert_refused(map('{"phone_number":"' .. number .. '"}'), 400, 1002, "PhoneNumber")
      end
      assert_refused(map("{}"), 400, 1001, "PhoneNumber")
      assert_refused(map('{"phone_number":919876543210}'), 400, 1007, "PhoneNumber")
      assert_refused(map('{"phone_number":"+919876543210","mode":"PSTN"}'), 400, 1002, "Mode")
      data_of(map('{"phone_number":"+1234567"}'))
      data_of(map('{"phone_number":"+123456789012345"}'))
    end)

    it("are mapped once in the account", function()
      data_of(map('{"phone_number":"+919876543210"}'))
      assert_refused(map('{"phone_number":"+919876543210","mode":"flow"}'), 200, 1008)
      path = new_trunk("other")
      assert_refused(map('{"phone_number":"+919876543210"}'), 200, 1008)
    end)

    it("must be the account's where its numbers are named", function()
      start({ numbers = { "+919876543210" } })
      path = new_trunk()
      data_of(map('{"phone_number":"+919876543210"}'))
      assert_refused(map('{"phone_number":"+919876543211"}'), 404, 1000)
    end)

    it("change their mode by id and number", function()
      local id = data_of(map('{"phone_number":"+918040264208"}')).id
      sb:advance(60)
      local function update(which, body) return request("PUT", path .. "/phone-numbers/" .. which, body) end
      local data = data_of(update(id, '{"phone_number":"+918040264208","mode":"flow"}'))
      assert.equal("flow", data.mode)
      assert.equal(id, data.id)
      assert.not_equal(data.date_created, data.date_updated)
      assert_refused(update(id, '{"phone_number":"+918040264209","mode":"flow"}'), 400, 1002, "PhoneNumber")
      assert_refused(update(id, '{"phone_number":"+918040264208"}'), 400, 1001, "Mode")
      assert_refused(update("%2B918040264208", '{"phone_number":"+918040264208","mode":"flow"}'), 404, 1000)
      path = new_trunk("other")
      assert_refused(update(id, '{"phone_number":"+918040264208","mode":"flow"}'), 404, 1000)
    end)

    it("are unmapped by id, once", function()
      local id = data_of(map('{"phone_number":"+918040264208"}')).id
      assert.equal("+918040264208", data_of(request("DELETE", path .. "/phone-numbers?id=" .. id)).phone_number)
      assert_refused(request("DELETE", path .. "/phone-numbers?id=" .. id), 404, 1000)
      assert_refused(request("DELETE", path .. "/phone-numbers"), 400, 1001, "Id")
      data_of(map('{"phone_number":"+918040264208"}'))
    end)

    it("lead to their trunk", function()
      data_of(map('{"phone_number":"+918040264208"}'))
      local found = request("GET", "/trunk-maps?exophone=%2B918040264208").json
      assert.equal(1, #found.response)
      assert.equal("+918040264208", found.response[1].data.exophone)
      assert.equal(sid, found.response[1].data.trunk_sid)
      assert.is_table(found.metadata)
      assert.equal(1, #request("GET", "/trunk-maps?exophone=%2B918040264208&trunk_sid=" .. sid).json.response)
      assert.equal(0, #request("GET", "/trunk-maps?exophone=%2B918040264208&trunk_sid=nix").json.response)
      assert.equal(0, #request("GET", "/trunk-maps?exophone=%2B918040264209").json.response)
      assert_refused(request("GET", "/trunk-maps"), 400, 1001)
      assert_refused(request("GET", "/trunk-maps?exophone=+918040264208"), 400, 1002)
    end)
  end)

  describe("whitelisted IPs", function()
    local path

    before_each(function() path = new_trunk() .. "/whitelisted-ips" end)

    local function whitelist(body) return request("POST", path, body) end

    it("are added as in the reference, with a mask of 32 when none is given", function()
      local reply = whitelist('{"ip":"44.248.146.11"}')
      local data = data_of(reply)
      keys_in_order(reply.body, {
        "data", "id", "mask", "trunk_sid", "ip", "friendly_name", "date_created", "date_updated",
      })
      assert.equal("1153", data.id)
      assert.equal(32, data.mask)
      assert.equal(null, data.friendly_name)
      assert.truthy(reply.body:find('"mask":32,', 1, true))
    end)

    it("are IPv4 with a mask from 16 to 32", function()
      for _, ip in ipairs({ "1.2.3", "1.2.3.256", "1.2.3.4.5", "::1", "a.b.c.d", "1.2.3.04", " 1.2.3.4", "" }) do
        assert_refused(whitelist('{"ip":"' .. ip .. '"}'), 400, 1002, "Ip")
      end
      for _, mask in ipairs({ "15", "33", "-1", "0" }) do
        assert_refused(whitelist('{"ip":"1.2.3.4","mask":' .. mask .. "}"), 400, 1002, "Mask")
      end
      for _, mask in ipairs({ '"24"', "24.5", "true", "[24]" }) do
        assert_refused(whitelist('{"ip":"1.2.3.4","mask":' .. mask .. "}"), 400, 1007, "Mask")
      end
      assert_refused(whitelist('{"mask":24}'), 400, 1001, "Ip")
      data_of(whitelist('{"ip":"1.2.3.4","mask":16}'))
      data_of(whitelist('{"ip":"1.2.3.4","mask":32}'))
    end)

    it("stand once with the same mask on a trunk", function()
      data_of(whitelist('{"ip":"1.2.3.4","mask":24}'))
      assert_refused(whitelist('{"ip":"1.2.3.4","mask":24}'), 200, 1008)
      data_of(whitelist('{"ip":"1.2.3.4"}'))
      assert_refused(whitelist('{"ip":"1.2.3.4","mask":32}'), 200, 1008)
      path = new_trunk("other") .. "/whitelisted-ips"
      data_of(whitelist('{"ip":"1.2.3.4","mask":24}'))
    end)

    it("are listed newest first, updated and removed", function()
      local first = data_of(whitelist('{"ip":"1.2.3.4"}')).id
      local second = data_of(whitelist('{"ip":"1.2.3.5","mask":24}')).id
      local list = request("GET", path).json.response
      assert.equal(second, list[1].data.id)
      assert.equal(first, list[2].data.id)
      local updated = data_of(request("PUT", path .. "/" .. second, '{"ip":"1.2.3.6"}'))
      assert.equal("1.2.3.6", updated.ip)
      assert.equal(24, updated.mask)
      assert_refused(request("PUT", path .. "/" .. second, '{"ip":"1.2.3.4","mask":32}'), 200, 1008)
      assert_refused(request("PUT", path .. "/999", '{"ip":"1.2.3.4"}'), 404, 1000)
      assert.equal("1.2.3.4", data_of(request("DELETE", path .. "?id=" .. first)).ip)
      assert_refused(request("DELETE", path .. "?id=" .. first), 404, 1000)
    end)
  end)

  describe("destinations", function()
    local trunk, path

    before_each(function()
      trunk = new_trunk()
      path = trunk .. "/destination-uris"
    end)

    local function add(...)
      local items = {}
      for i, destination in ipairs({ ... }) do items[i] = '{"destination":"' .. destination .. '"}' end
      return request("POST", path, '{"destinations":[' .. table.concat(items, ",") .. "]}")
    end

    it("are added as in the reference, with sip: before them", function()
      data_of(request("POST", trunk .. "/whitelisted-ips", '{"ip":"44.248.146.11"}'))
      local reply = add("44.248.146.11:5061;transport=tls")
      assert.equal(200, reply.status)
      keys_in_order(reply.body, {
        "request_id", "method", "http_code", "metadata", "total", "success", "failed", "response", "code", "error_data",
        "status", "data", "id", "destination", "date_created", "date_updated", "type", "priority", "weight",
        "trunk_sid",
      })
      assert.same({ total = 1, success = 1, failed = 0 }, reply.json.metadata)
      local data = reply.json.response[1].data
      assert.equal("2543", data.id)
      assert.equal("sip:44.248.146.11:5061;transport=tls", data.destination)
      assert.equal("public", data.type)
      assert.equal(0, data.priority)
      assert.equal(1, data.weight)
    end)

    it("take an IP only within what is whitelisted on the same trunk, and any FQDN", function()
      data_of(request("POST", new_trunk("other") .. "/whitelisted-ips", '{"ip":"203.0.113.7"}'))
      data_of(request("POST", trunk .. "/whitelisted-ips", '{"ip":"198.51.100.9","mask":24}'))
      local reply = add("203.0.113.7:5061;transport=tls", "198.51.100.200:5060;transport=tcp",
        "198.51.101.1:5060;transport=tcp", "sip.company.com:5061;transport=tls")
      assert.equal(207, reply.status)
      assert.equal(207, reply.json.http_code)
      assert.same({ total = 4, success = 2, failed = 2 }, reply.json.metadata)
      local codes = {}
      for i, item in ipairs(reply.json.response) do codes[i] = item.code end
      assert.same({ 400, 200, 400, 200 }, codes)
      local failed = reply.json.response[1]
      assert.equal("failure", failed.status)
      assert.equal(null, failed.data)
      assert.equal(1002, failed.error_data.code)
      assert.truthy(failed.error_data.description:find("whitelisted", 1, true))
    end)

    it("answer 207 when all of them failed", function()
      local reply = add("203.0.113.7:5061;transport=tls")
      assert.equal(207, reply.status)
      assert.same({ total = 1, success = 0, failed = 1 }, reply.json.metadata)
    end)

    it("are host, port and one of the transports", function()
      for _, bad in ipairs({
        "sip.company.com", "sip.company.com:0", "sip.company.com:65536", "sip.company.com:5061;transport=ws", "",
        "company:5060", "1.2.3.999:5060", "-a.com:5060", "a..com:5060", "sip:a.com:5060", "a.com:5060;transport=TLS",
        "a.com:5060;x", ":5060",
      }) do
        local reply = add(bad)
        assert.equal(207, reply.status, bad)
        assert.equal(1002, reply.json.response[1].error_data.code, bad)
      end
      assert.equal(200, add("a.com:5060", "a.com:5060;transport=udp", "a.com:65535;transport=tcp").status)
    end)

    it("are refused as a whole where the body has a wrong type or no items", function()
      for body, code in pairs({
        ['{"destinations":"a.com:5060"}'] = 1007, ['{"destinations":["a.com:5060"]}'] = 1007, ["{}"] = 1001,
        ['{"destinations":[{"destination":"a.com:5060"},{"destination":5}]}'] = 1007, ['{"destinations":[]}'] = 1001,
      }) do
        assert_refused(request("POST", path, body), 400, code)
      end
      assert.equal(0, #sb:state().trunks[1].destinations)
      local reply = request("POST", path, '{"destinations":[{}]}')
      assert.equal(207, reply.status)
      assert.equal(1001, reply.json.response[1].error_data.code)
    end)

    it("are appended by a repeat, and listed newest first", function()
      add("a.com:5060", "b.com:5060")
      add("a.com:5060")
      local seen = {}
      for i, item in ipairs(request("GET", path).json.response) do seen[i] = item.data.destination end
      assert.same({ "sip:a.com:5060", "sip:b.com:5060", "sip:a.com:5060" }, seen)
    end)

    it("change priority and weight, and are removed by id", function()
      local id = add("a.com:5060").json.response[1].data.id
      local data = data_of(request("PUT", path .. "/" .. id, '{"priority":65535,"weight":0}'))
      assert.equal(65535, data.priority)
      assert.equal(0, data.weight)
      assert.equal(7, data_of(request("PUT", path .. "/" .. id, '{"weight":7}')).weight)
      assert_refused(request("PUT", path .. "/" .. id, '{"weight":65536}'), 400, 1002, "Weight")
      assert_refused(request("PUT", path .. "/" .. id, "{}"), 400, 1001)
      assert_refused(request("PUT", path .. "/1", '{"weight":1}'), 404, 1000)
      assert.equal("sip:a.com:5060", data_of(request("DELETE", path .. "?id=" .. id)).destination)
      assert_refused(request("DELETE", path .. "?id=" .. id), 404, 1000)
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
      assert_refused(request("PUT", path .. "/" .. second, '{"user_name":"u"}'), 200, 1008)
      assert.equal("w", data_of(request("DELETE", path .. "?id=" .. second)).user_name)
      assert_refused(request("DELETE", path .. "?id=" .. second), 404, 1000)
    end)
  end)

  describe("lists", function()
    local path

    before_each(function()
      path = new_trunk() .. "/phone-numbers"
      for i = 1, 5 do data_of(request("POST", path, ('{"phone_number":"+9198765432%02d"}'):format(i))) end
    end)

    local function ids(reply)
      local found = {}
      for i, item in ipairs(reply.json.response) do found[i] = item.data.id end
      return table.concat(found, " ")
    end

    it("come in one page of 50 unless told otherwise", function()
      local reply = request("GET", path)
      keys_in_order(reply.body, {
        "request_id", "method", "http_code", "metadata", "page_size", "first_page_uri", "prev_page_uri",
        "next_page_uri", "response",
      })
      assert.equal(50, reply.json.metadata.page_size)
      assert.equal("/v2/accounts/sandbox1" .. path .. "?offset=0&page_size=50", reply.json.metadata.first_page_uri)
      assert.equal(null, reply.json.metadata.prev_page_uri)
      assert.equal(null, reply.json.metadata.next_page_uri)
      assert.equal("41516 41515 41514 41513 41512", ids(reply))
    end)

    it("lead from page to page and back", function()
      local pages, uri = {}, "/v2/accounts/sandbox1" .. path .. "?page_size=2"
      local reply
      while uri ~= null do
        reply = request("GET", uri)
        pages[#pages + 1] = ids(reply)
        uri = reply.json.metadata.next_page_uri
      end
      assert.same({ "41516 41515", "41514 41513", "41512" }, pages)
      reply = request("GET", reply.json.metadata.prev_page_uri)
      assert.equal("41514 41513", ids(reply))
    end)

    it("are empty beyond the end, and end exactly there", function()
      assert.equal("", ids(request("GET", path .. "?offset=5")))
      assert.equal(null, request("GET", path .. "?offset=3&page_size=2").json.metadata.next_page_uri)
      assert.equal("41516", ids(request("GET", path .. "?offset=0&page_size=1")))
    end)

    it("refuse a page that isn't one", function()
      for _, query in ipairs({ "offset=-1", "offset=x", "page_size=0", "page_size=1.5", "offset=" }) do
        assert_refused(request("GET", path .. "?" .. query), 400, 1002)
      end
    end)

    it("have the size that the sandbox was started with", function()
      start({ page_size = 1 })
      create_trunk("one")
      create_trunk("two")
      local reply = request("GET", "/trunks")
      assert.equal(1, #reply.json.response)
      assert.equal("/v2/accounts/sandbox1/trunks?offset=1&page_size=1", reply.json.metadata.next_page_uri)
    end)
  end)

  describe("the rate limit", function()
    it("is off", function()
      assert.is_nil(request("GET", "/trunks").headers["x-ratelimit-limit"])
    end)

    it("lets so many requests through in 60 seconds of the service's clock", function()
      start({ rate_limit = 2 })
      local first = request("GET", "/trunks")
      assert.equal("2", first.headers["x-ratelimit-limit"])
      assert.equal("1", first.headers["x-ratelimit-remaining"])
      assert.equal("0", request("GET", "/trunks").headers["x-ratelimit-remaining"])
      local refused = request("GET", "/trunks")
      assert.equal(429, refused.status)
      local exception = { Status = 429, Message = "Too many requests", Code = "RATE_LIMIT_EXCEEDED" }
      assert.same(exception, refused.json.RestException)
      assert.truthy(tonumber(refused.headers["retry-after"]) <= 60)
      assert.truthy(tonumber(refused.headers["x-ratelimit-reset"]) > 1.6e9)
      sb:advance(61)
      assert.equal(200, request("GET", "/trunks").status)
    end)
  end)

  describe("faults", function()
    local BODY = '{"trunk_name":"t","nso_code":"ANY-ANY","domain_name":"sandbox1.pstn.exotel.com"}'

    local function create() return request("POST", "/trunks", BODY) end

    local function count() return #sb:state().trunks end

    it("come before the operation, which isn't done, or after it", function()
      sb:fault({ before = "create_trunk", status = 503 })
      assert.equal(503, create().status)
      assert.equal(0, count())
      sb:fault({ after = "create_trunk", status = 502 })
      assert.equal(502, create().status)
      assert.equal(1, count())
      assert.equal(200, request("GET", "/trunks").status)
    end)

    it("close the connection", function()
      sb:fault({ after = "create_trunk", drop = true })
      local reply = create()
      assert.equal(52, reply.exit)
      assert.equal(1, count())
      assert.is_nil(sb:requests()[1].status)
      sb:fault({ before = "*", drop = true })
      assert.equal(52, request("GET", "/trunks").exit)
    end)

    it("reset the connection", function()
      sb:fault({ after = "create_trunk", reset = true })
      assert.equal(56, create().exit)
      assert.equal(1, count())
    end)

    it("cut the body short of its Content-Length", function()
      for _, bytes in ipairs({ 0, 1, 20 }) do
        sb:fault({ on = "list_trunks", cut = bytes })
        local reply = request("GET", "/trunks")
        assert.equal(18, reply.exit)
        assert.equal(200, reply.status)
        assert.equal(bytes, #reply.body)
        assert.truthy(tonumber(reply.headers["content-length"]) > 100)
      end
    end)

    it("delay and drip an answer that is otherwise whole", function()
      sb:fault({ on = "create_trunk", delay = 0.01, drip = 0.0001 })
      local reply = create()
      assert.equal(0, reply.exit)
      assert.equal("t", data_of(reply).trunk_name)
    end)

    it("drip an answer that is cut", function()
      sb:fault({ on = "*", drip = 0.0001, cut = 5 })
      local reply = request("GET", "/trunks")
      assert.equal(18, reply.exit)
      assert.equal(5, #reply.body)
    end)

    it("answer never, while others are served, until the sandbox stops", function()
      for _, fault in ipairs({
        { before = "create_trunk", hang = true }, { after = "create_trunk", delay = 1e6 },
        { after = "create_trunk", drip = 1e6 },
      }) do
        start()
        sb:fault(fault)
        local finish = curl.start(url("/trunks"), options_of("POST", BODY))
        repeat local seen = sb:requests() until seen[1]
        assert.equal(200, request("GET", "/trunks").status)
        assert.equal(fault.before and 0 or 1, count())
        sb:stop()
        assert.not_equal(0, finish().exit)
      end
    end)

    it("answer with any status, body and headers", function()
      local headers = { ["content-type"] = "text/html", ["Retry-After"] = 7 }
      sb:fault({ before = "*", status = 502, body = "<html>\0", headers = headers })
      local reply = request("GET", "/trunks")
      assert.equal(502, reply.status)
      assert.equal("<html>\0", reply.body)
      assert.equal("text/html", reply.headers["content-type"])
      assert.equal("7", reply.headers["retry-after"])
      sb:fault({ before = "*", body = "" })
      assert.equal(200, request("GET", "/trunks").status)
      sb:fault({ on = "*", headers = { ["X-Test"] = "1" } })
      reply = request("GET", "/trunks")
      assert.equal("1", reply.headers["x-test"])
      assert.same({}, reply.json.response)
    end)

    it("answer a status alone with the envelope that goes with it", function()
      local codes = { [400] = 1002, [401] = 1010, [403] = 1003, [404] = 1000, [415] = 1011, [500] = 500, [503] = 503 }
      for status, code in pairs(codes) do
        sb:fault({ before = "*", status = status })
        assert_refused(request("GET", "/trunks"), status, code)
      end
      sb:fault({ before = "*", status = 429, headers = { ["Retry-After"] = "1" } })
      assert.equal("RATE_LIMIT_EXCEEDED", request("GET", "/trunks").json.RestException.Code)
      sb:fault({ before = "*", status = 204 })
      local empty = request("GET", "/trunks")
      assert.equal(204, empty.status)
      assert.equal("", empty.body)
    end)

    it("happen so often, after so many, in the order given", function()
      sb:fault({ before = "list_trunks", status = 500, skip = 1, times = 2 })
      sb:fault({ before = "*", status = 503, times = true })
      local seen = {}
      for i = 1, 4 do seen[i] = request("GET", "/trunks").status end
      assert.same({ 503, 500, 500, 503 }, seen)
      sb:clear_faults()
      assert.equal(200, request("GET", "/trunks").status)
      sb:fault({ before = "*", status = 503, times = math.huge })
      for _ = 1, 3 do assert.equal(503, request("GET", "/nothing").status) end
    end)

    it("are refused by the name of what is wrong with them", function()
      for _, case in ipairs({
        { {}, "before" },
        { { before = "create_trunk" }, "nothing to do" },
        { { before = "create_trunks", drop = true }, "create_trunks" },
        { { before = "*", after = "*", drop = true }, "only one" },
        { { before = "*", delay = 1 }, "before" },
        { { on = "*", dorp = true }, "dorp" },
        { { on = "*", drop = true, [1] = true }, "1" },
        { { on = "*", drop = "yes" }, "drop" },
        { { on = "*", drop = false }, "drop" },
        { { on = "*", cut = -1 }, "cut" },
        { { on = "*", cut = 1.5 }, "cut" },
        { { on = "*", delay = "1" }, "delay" },
        { { on = "*", delay = 0 }, "delay" },
        { { on = "*", status = 100 }, "status" },
        { { on = "*", body = 5 }, "body" },
        { { on = "*", headers = "x" }, "headers" },
        { { on = "*", headers = { ["a b"] = "x" } }, "headers" },
        { { on = "*", headers = { A = "x\r\ny" } }, "headers" },
        { { on = "*", headers = { ["Content-Length"] = "1" } }, "Content-Length" },
        { { on = "*", drop = true, times = 0 }, "times" },
        { { on = "*", drop = true, skip = -1 }, "skip" },
        { { on = "*", drop = true, reset = true }, "exclude" },
        { { on = "*", drop = true, status = 500 }, "status" },
        { { on = "*", hang = true, delay = 1 }, "delay" },
      }) do
        local fine, message = pcall(function() sb:fault(case[1]) end)
        assert.is_false(fine)
        assert.truthy(message:find(case[2], 1, true), message)
        assert.truthy(message:find("sandbox_spec.lua", 1, true), message)
      end
      assert.has_error(function() sb:fault() end)
      assert.equal(200, request("GET", "/trunks").status)
    end)
  end)

  describe("the record", function()
    it("shows requests as they came", function()
      request("GET", "/trunks.json?offset=0&page_size=%35")
      local options = options_of("POST", '{"trunk_name":"é\\u0000"}')
      options.user = "a:b"
      options.headers = { JSON, "X-One: 1", "X-One: 2" }
      curl.request(url("/tr%75nks"), options)
      request("GET", "/nothing")
      local seen = sb:requests()
      assert.equal(3, #seen)
      local first, second, third = seen[1], seen[2], seen[3]
      assert.equal("GET", first.method)
      assert.equal("/v2/accounts/sandbox1/trunks.json", first.path)
      assert.equal("offset=0&page_size=%35", first.query)
      assert.equal("/v2/accounts/sandbox1/trunks.json?offset=0&page_size=%35", first.target)
      assert.equal("", first.body)
      assert.equal("list_trunks", first.operation)
      assert.equal(200, first.status)
      assert.is_true(first.authorized)
      assert.equal("Basic c2FuZGJveF9rZXk6c2FuZGJveF90b2tlbg==", first.headers.authorization)
      assert.equal("/v2/accounts/sandbox1/tr%75nks", second.path)
      assert.is_nil(second.query)
      assert.equal('{"trunk_name":"é\\u0000"}', second.body)
      assert.equal("create_trunk", second.operation)
      assert.equal(401, second.status)
      assert.is_false(second.authorized)
      assert.equal("1, 2", second.headers["x-one"])
      assert.is_nil(third.operation)
      assert.equal(404, third.status)
      sb:reset_requests()
      assert.same({}, sb:requests())
    end)

    it("takes a large body, with zero bytes, whole", function()
      local body = ("\1\255"):rep(300000)
      local path = os.tmpname()
      local file = assert(io.open(path, "wb"))
      file:write(body, "\0\0end")
      file:close()
      local options = options_of("POST", "@" .. path)
      curl.request(url("/trunks"), options)
      os.remove(path)
      assert.is_true(sb:requests()[1].body == body .. "\0\0end")
    end)

    it("can be left off", function()
      start({ keep_requests = false })
      request("GET", "/trunks")
      assert.same({}, sb:requests())
    end)

    it("of the state is a copy, oldest first", function()
      local path = new_trunk("one")
      create_trunk("two")
      data_of(request("POST", path .. "/phone-numbers", '{"phone_number":"+919876543210"}'))
      data_of(request("POST", path .. "/whitelisted-ips", '{"ip":"1.2.3.4"}'))
      local state = sb:state()
      assert.equal("one", state.trunks[1].trunk_name)
      assert.equal("two", state.trunks[2].trunk_name)
      assert.equal("+919876543210", state.trunks[1].numbers[1].phone_number)
      assert.is_nil(state.trunks[1].numbers[1].mode)
      assert.equal("1.2.3.4", state.trunks[1].ips[1].ip)
      for _, name in ipairs({ "destinations", "settings", "credentials" }) do assert.same({}, state.trunks[1][name]) end
      state.trunks[1] = nil
      assert.equal(2, #sb:state().trunks)
    end)
  end)

  describe("over TLS", function()
    it("is trusted by its own certificate only", function()
      start({ tls = true })
      assert.truthy(sb.base_url:find("^https://127%.0%.0%.1:%d+$"))
      assert.equal("tls", create_trunk("tls").trunk_name)
      assert.equal(60, curl.request(url("/trunks"), { user = "a:b" }).exit)
      local options = options_of("GET")
      assert.equal(200, curl.request((url("/trunks"):gsub("127%.0%.0%.1", "localhost")), options).status)
      local path = sb.ca_file
      sb:stop()
      assert.is_nil(io.open(path))
    end)

    it("can be expired", function()
      start({ tls = { expired = true } })
      assert.equal(60, request("GET", "/trunks").exit)
    end)

    it("can be for another name", function()
      start({ tls = { name = "wrong.example" } })
      assert.equal(60, request("GET", "/trunks").exit)
      local options = options_of("GET")
      options.resolve = "wrong.example:" .. sb.port .. ":127.0.0.1"
      assert.equal(200, curl.request((url("/trunks"):gsub("127%.0%.0%.1", "wrong.example")), options).status)
    end)

    it("has the same faults", function()
      start({ tls = true })
      sb:fault({ on = "*", drop = true })
      sb:fault({ on = "*", reset = true })
      sb:fault({ on = "*", cut = 7 })
      sb:fault({ on = "*", drip = 0.0001, delay = 0.01 })
      assert.not_equal(0, request("GET", "/trunks").exit)
      assert.not_equal(0, request("GET", "/trunks").exit)
      assert.equal(7, #request("GET", "/trunks").body)
      assert.equal(0, request("GET", "/trunks").exit)
    end)
  end)

  describe("starting and stopping", function()
    it("refuses options that it doesn't know", function()
      for _, case in ipairs({
        { { prot = 1 }, "prot" },
        { { port = "1" }, "port" },
        { { port = 70000 }, "port" },
        { { tls = 1 }, "tls" },
        { { tls = { expird = true } }, "tls.expird" },
        { { tls = { name = 1 } }, "tls.name" },
        { { page_size = 0 }, "page_size" },
        { { numbers = "+91" }, "numbers" },
        { { account_sid = "a/b" }, "account_sid" },
        { { api_key = "a:b" }, "api_key" },
        { { rate_limit = 0 }, "rate_limit" },
        { { bare_mode = 1 }, "bare_mode" },
        { { seed = -1 }, "seed" },
      }) do
        local fine, message = pcall(sandbox.start, case[1])
        assert.is_false(fine)
        assert.truthy(message:find(case[2], 1, true), message)
      end
      assert.has_error(function() sandbox.start("x") end)
    end)

    it("says when the port is taken", function()
      local other, message = sandbox.start({ port = sb.port })
      assert.is_nil(other)
      assert.truthy(message:lower():find("in use", 1, true), message)
    end)

    it("can be had again on a port that was just given up", function()
      local port = sb.port
      request("GET", "/trunks")
      start({ port = port })
      assert.equal(port, sb.port)
      assert.equal(200, request("GET", "/trunks").status)
    end)

    it("stops twice, and raises when it is used stopped", function()
      local text = tostring(sb)
      assert.truthy(text:find(sb.base_url, 1, true))
      assert.is_nil(text:find(sb.api_key, 1, true))
      assert.is_nil(text:find(sb.api_token, 1, true))
      sb:stop()
      sb:stop()
      for _, method in ipairs({
        "requests", "reset_requests", "state", "fault", "clear_faults", "client", "environment", "advance",
      }) do
        local fine, message = pcall(sb[method], sb, {})
        assert.is_false(fine)
        assert.truthy(message:find("stopped", 1, true), message)
      end
      assert.truthy(tostring(sb):find("stopped", 1, true))
      assert.not_equal(0, curl.request(url("/trunks")).exit)
    end)

    it("ends with its object", function()
      local other = assert(sandbox.start())
      local address = other.base_url .. "/v2/accounts/sandbox1/trunks"
      assert.equal(401, curl.request(address).status)
      other = nil -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      assert.equal(7, curl.request(address).exit)
    end)

    it("survives a call with what can't be copied to its thread", function()
      local loop = {}
      loop.loop = loop
      for _, value in ipairs({ print, { a = { print } }, loop }) do
        assert.has_error(function() sb.server:call("advance", 1, value) end)
      end
      assert.has_error(function() sb.server:call("nothing") end)
      assert.has_error(function() sb.server:call("advance", "x") end)
      assert.equal(200, request("GET", "/trunks").status)
      assert.equal(1, #sb:requests())
    end)

    it("tells a client where it is", function()
      assert.same({
        EXOTEL_ACCOUNT_SID = "sandbox1", EXOTEL_API_KEY = "sandbox_key", EXOTEL_API_TOKEN = "sandbox_token",
        EXOTEL_BASE_URL = sb.base_url,
      }, sb:environment())
    end)

    it("hands the client its address, which options may override", function()
      local given
      local real = package.loaded.exotel
      package.loaded.exotel = { client = function(options) given = options return "client" end }
      local client = sb:client({ api_token = "other", retries = 0 })
      package.loaded.exotel = real
      assert.equal("client", client)
      assert.same({
        account_sid = "sandbox1", api_key = "sandbox_key", api_token = "other", base_url = sb.base_url, retries = 0,
      }, given)
    end)

    it("gives the same ids for the same seed", function()
      local sids = {}
      for i = 1, 3 do
        start({ seed = i == 3 and 8 or 7 })
        sids[i] = create_trunk().trunk_sid
      end
      assert.equal(sids[1], sids[2])
      assert.not_equal(sids[1], sids[3])
    end)
  end)
end)
