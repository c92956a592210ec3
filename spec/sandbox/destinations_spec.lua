-- The rules of whitelisted IPs, and of the destinations that need them.
local raw_client = require "spec.support.raw_client"

local request, data_of, new_trunk = raw_client.request, raw_client.data_of, raw_client.new_trunk
local assert_refused, keys_in_order, null = raw_client.assert_refused, raw_client.keys_in_order, raw_client.null

describe("sandbox", function()
  local sb

  local function start(options) sb = raw_client.start(options) end

  before_each(function() start() end)

  after_each(raw_client.stop)

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
      data_of(request("PUT", path .. "/" .. second, '{"ip":"1.2.3.4"}')) -- with its own mask it is another one
      data_of(request("PUT", path .. "/" .. second, '{"ip":"1.2.3.4","mask":24}'))
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
end)
