-- The rules of phone numbers.
local raw_client = require "spec.support.raw_client"

local request, data_of, new_trunk = raw_client.request, raw_client.data_of, raw_client.new_trunk
local assert_refused, keys_in_order, null = raw_client.assert_refused, raw_client.keys_in_order, raw_client.null

describe("sandbox", function()
  local sb

  local function start(options) sb = raw_client.start(options) end

  before_each(function() start() end)

  after_each(raw_client.stop)

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
end)
