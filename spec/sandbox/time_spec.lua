-- The service's clock, and what depends on it: reads that are behind, requests that take effect late.
local curl = require "spec.support.curl"
local raw_client = require "spec.support.raw_client"

local request, data_of, assert_refused = raw_client.request, raw_client.data_of, raw_client.assert_refused
local create_trunk, new_trunk = raw_client.create_trunk, raw_client.new_trunk

local NUMBER = '{"phone_number":"+919876543210"}'
local DESTINATION = '{"destinations":[{"destination":"a.example:5061;transport=tls"}]}'

describe("sandbox", function()
  local sb

  local function start(options) sb = raw_client.start(options) end

  after_each(raw_client.stop)

  -- What a list answers: its items' data.
  local function list(path)
    local items = {}
    for i, item in ipairs(request("GET", path).json.response) do items[i] = item.data end
    return items
  end

  local function names()
    local found = {}
    for i, trunk in ipairs(list("/trunks")) do found[i] = trunk.trunk_name end
    return found
  end

  describe("the clock", function()
    it("is the machine's unless told otherwise, and can be moved forward", function()
      for _, options in ipairs({ {}, { clock = "real" } }) do
        start(options)
        local today = os.date("!%Y-%m-%d", os.time() + 10 * 86400)
        sb:advance(10 * 86400)
        assert.truthy(create_trunk().date_created >= today)
      end
    end)

    it("of a test stands still until it is moved", function()
      start({ clock = "manual" })
      local path = new_trunk("one")
      local data = data_of(request("GET", path))
      assert.equal("2026-01-01T00:00:00Z", data.date_created)
      sb:advance(86399.5)
      assert.equal("2026-01-01T23:59:59Z", data_of(request("PUT", path, '{"trunk_name":"two"}')).date_updated)
      sb:advance(0.5)
      assert.equal("2026-01-02T00:00:00Z", data_of(request("PUT", path, '{"trunk_name":"three"}')).date_updated)
    end)

    it("counts the rate limit's window", function()
      start({ clock = "manual", rate_limit = 1 })
      local beginning = 1767225600
      assert.equal(200, request("GET", "/trunks").status)
      sb:advance(59)
      local refused = request("GET", "/trunks")
      assert.equal(429, refused.status)
      assert.equal("1", refused.headers["retry-after"])
      assert.equal(("%d"):format(beginning + 60), refused.headers["x-ratelimit-reset"])
      sb:advance(1)
      assert.equal(200, request("GET", "/trunks").status)
    end)

    it("dates the answers once it isn't the machine's", function()
      start()
      assert.equal(os.date("!%Y"), request("GET", "/trunks").headers.date:match("%d%d%d%d"))
      start({ clock = "manual" })
      assert.equal("Thu, 01 Jan 2026 00:00:00 GMT", request("GET", "/trunks").headers.date)
      sb:advance(40 * 86400 + 3661)
      assert.equal("Tue, 10 Feb 2026 01:01:01 GMT", request("GET", "/trunks").headers.date)
      sb:fault({ on = "*", headers = { date = "Thu, 01 Jan 1970 00:00:00 GMT" } })
      assert.equal("Thu, 01 Jan 1970 00:00:00 GMT", request("GET", "/trunks").headers.date)
    end)

    it("is moved by a number from 0", function()
      start()
      for _, value in ipairs({ "1", -1, 0 / 0, math.huge, true }) do
        local fine, message = pcall(sb.advance, sb, value)
        assert.is_false(fine)
        assert.truthy(message:find("seconds", 1, true), message)
      end
      assert.has_error(function() sb:advance() end)
      sb:advance(0)
    end)
  end)

  describe("reads that lag", function()
    before_each(function() start({ clock = "manual", lag = 5 }) end)

    it("show a trunk's fields as they were", function()
      local path = new_trunk()
      sb:advance(5)
      data_of(request("PUT", path, '{"status":"inactive"}'))
      assert.equal("active", data_of(request("GET", path)).status)
      sb:advance(5)
      assert.equal("inactive", data_of(request("GET", path)).status)
    end)

    it("see a thing when it has been there for so long", function()
      local path, sid = new_trunk("one")
      assert.same({}, names())
      assert_refused(request("GET", path), 404, 1000)
      assert.same({}, list("/trunks?trunk_sid=" .. sid))
      sb:advance(4)
      create_trunk("two")
      assert.same({}, names())
      sb:advance(1)
      assert.same({ "one" }, names())
      assert.equal("one", data_of(request("GET", path)).trunk_name)
      assert.same({ sid }, { list("/trunks?trunk_sid=" .. sid)[1].trunk_sid })
      sb:advance(4)
      assert.same({ "two", "one" }, names())
    end)

    it("see each kind of object as it was", function()
      local path = new_trunk()
      local post = {
        ["/phone-numbers"] = NUMBER, ["/whitelisted-ips"] = '{"ip":"1.2.3.4"}', ["/destination-uris"] = DESTINATION,
        ["/settings"] = '{"settings":[{"name":"trunk_external_alias","value":"+919876543210"}]}',
        ["/credentials"] = '{"user_name":"u","password":"p"}',
      }
      sb:advance(5)
      for kind, body in pairs(post) do assert.equal(200, request("POST", path .. kind, body).status) end
      local map = "/trunk-maps?exophone=%2B919876543210"
      for kind in pairs(post) do assert.same({}, list(path .. kind)) end
      assert.same({}, list(map))
      sb:advance(5)
      local id = list(path .. "/phone-numbers")[1].id
      data_of(request("PUT", path .. "/phone-numbers/" .. id, '{"phone_number":"+919876543210","mode":"flow"}'))
      for kind in pairs(post) do assert.equal(1, #list(path .. kind)) end
      assert.equal(raw_client.null, list(map)[1].mode)
      data_of(request("DELETE", path .. "/phone-numbers?id=" .. id))
      assert.equal(raw_client.null, list(path .. "/phone-numbers")[1].mode)
      sb:advance(5)
      assert.same({}, list(path .. "/phone-numbers"))
      assert.same({}, list(map))
    end)

    it("see what was deleted until then", function()
      local path, sid = new_trunk()
      sb:advance(5)
      data_of(request("DELETE", "/trunks?trunk_sid=" .. sid))
      assert.equal(200, request("GET", path).status)
      sb:advance(5)
      assert_refused(request("GET", path), 404, 1000)
    end)

    it("are no matter for writes, for state, or for who may read", function()
      local path = new_trunk("one")
      data_of(request("POST", path .. "/phone-numbers", NUMBER))
      assert_refused(request("POST", path .. "/phone-numbers", NUMBER), 200, 1008)
      assert.equal(1, #sb:state().trunks[1].numbers)
      assert.equal(401, curl.request(raw_client.url("/trunks"), { user = "a:b" }).status)
    end)

    it("come on the machine's clock, too", function()
      start({ lag = 1000 })
      create_trunk("one")
      assert.same({}, names())
      sb:advance(1000)
      assert.same({ "one" }, names())
      start({ lag = 0.01 })
      create_trunk("one")
      repeat until #names() == 1
      start({ lag = 0 })
      create_trunk("one")
      assert.same({ "one" }, names())
    end)

    it("have no rounding of fractions in their way", function()
      start({ clock = "manual", lag = 0.3 })
      for i = 1, 20 do
        create_trunk("t" .. i)
        for _ = 1, 3 do sb:advance(0.1) end
        assert.equal(i, #names())
      end
    end)
  end)

  describe("a late request", function()
    before_each(function() start({ clock = "manual" }) end)

    local function count() return #sb:state().trunks end

    local function create(name)
      local body = '{"trunk_name":"%s","nso_code":"ANY-ANY","domain_name":"sandbox1.pstn.exotel.com"}'
      return request("POST", "/trunks", body:format(name or "late"))
    end

    it("has its connection closed at once, and its effect afterwards", function()
      for i, target in ipairs({ "on", "before", "after" }) do
        sb:fault({ [target] = "create_trunk", late = 1.2 })
        assert.equal(52, create("late" .. i).exit)
        assert.is_nil(sb:requests()[i].status)
        assert.equal(i - 1, count())
        sb:advance(1.1)
        assert.equal(i - 1, count())
        sb:advance(0.1)
        assert.equal(i, count())
      end
    end)

    it("has its effect before the next request is judged", function()
      sb:fault({ on = "create_trunk", late = 2 })
      create()
      assert.same({}, names())
      sb:advance(2)
      assert_refused(create(), 200, 1008)
      assert.same({ "late" }, names())
      assert.equal("2026-01-01T00:00:02Z", sb:state().trunks[1].date_created)
    end)

    it("is dated when it takes effect, and judged by what is there then", function()
      local path, sid = new_trunk()
      sb:fault({ on = "add_destinations", late = 3, times = 2 })
      request("POST", path .. "/destination-uris", DESTINATION)
      sb:advance(1)
      request("POST", path .. "/destination-uris", DESTINATION)
      sb:advance(10)
      local found = sb:state().trunks[1].destinations
      assert.equal("2026-01-01T00:00:03Z", found[1].date_created)
      assert.equal("2026-01-01T00:00:04Z", found[2].date_created)
      sb:fault({ on = "map_phone_number", late = 1 })
      request("POST", path .. "/phone-numbers", NUMBER)
      data_of(request("DELETE", "/trunks?trunk_sid=" .. sid))
      sb:advance(1)
      assert.equal(0, count())
      assert.same({}, list("/trunk-maps?exophone=%2B919876543210"))
    end)

    it("may overtake another", function()
      sb:fault({ on = "create_trunk", late = 9 })
      sb:fault({ on = "create_trunk", late = 3, times = 2 })
      for _, name in ipairs({ "slow", "fast", "same" }) do create(name) end
      sb:advance(9)
      local order = {}
      for i, trunk in ipairs(sb:state().trunks) do order[i] = trunk.trunk_name end
      assert.same({ "fast", "same", "slow" }, order)
    end)

    it("may be reset instead, or hang", function()
      sb:fault({ on = "create_trunk", late = 1, reset = true })
      assert.equal(56, create("reset").exit)
      sb:fault({ on = "create_trunk", late = 1, hang = true })
      local finish = curl.start(raw_client.url("/trunks"), raw_client.options_of("POST",
        '{"trunk_name":"hang","nso_code":"ANY-ANY","domain_name":"sandbox1.pstn.exotel.com"}'))
      repeat until sb:handled() == 2
      sb:fault({ on = "create_trunk", late = 1, drop = true })
      assert.equal(52, create("drop").exit)
      assert.equal(0, count())
      sb:advance(1)
      assert.equal(3, count())
      sb:stop()
      assert.not_equal(0, finish().exit)
    end)

    it("comes by itself on the machine's clock", function()
      start()
      sb:fault({ on = "create_trunk", late = 0.05 })
      create()
      repeat until count() == 1
      sb:fault({ on = "delete_trunk", late = 1000 })
      request("DELETE", "/trunks?trunk_sid=" .. sb:state().trunks[1].trunk_sid)
      assert.equal(1, count())
      sb:advance(1000)
      assert.equal(0, count())
    end)

    it("is seen later still by reads that lag", function()
      start({ clock = "manual", lag = 2 })
      sb:fault({ on = "create_trunk", late = 3 })
      create()
      sb:advance(4)
      assert.same({}, names())
      assert.equal(1, count())
      sb:advance(1)
      assert.same({ "late" }, names())
    end)

    it("has no reply for the other faults to spoil", function()
      for key, value in pairs({ status = 500, body = "", cut = 1, drip = 1, headers = {}, delay = 1 }) do
        local fine, message = pcall(function() sb:fault({ on = "*", late = 1, [key] = value }) end)
        assert.is_false(fine)
        assert.truthy(message:find(key, 1, true) and message:find("late", 1, true), message)
        assert.truthy(message:find("time_spec.lua", 1, true), message)
      end
      for _, value in ipairs({ 0, -1, "1", true }) do
        local fine, message = pcall(function() sb:fault({ on = "*", late = value }) end)
        assert.is_false(fine)
        assert.truthy(message:find("late should be", 1, true), message)
      end
    end)
  end)

  describe("the count of requests", function()
    it("goes up with each, whatever becomes of it", function()
      start({ keep_requests = false })
      assert.equal(0, sb:handled())
      request("GET", "/trunks")
      request("GET", "/nothing")
      curl.request(raw_client.url("/trunks"), { user = "a:b" })
      assert.equal(3, sb:handled())
      sb:fault({ before = "*", drop = true })
      request("GET", "/trunks")
      sb:fault({ on = "*", late = 10 })
      request("GET", "/trunks")
      assert.equal(5, sb:handled())
      sb:advance(10)
      sb:reset_requests()
      assert.equal(0, #sb:state().trunks)
      assert.equal(5, sb:handled())
    end)
  end)
end)
