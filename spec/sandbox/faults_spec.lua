-- Requests that are made to fail.
local curl = require "spec.support.curl"
local raw_client = require "spec.support.raw_client"

local url, options_of, request = raw_client.url, raw_client.options_of, raw_client.request
local data_of, assert_refused = raw_client.data_of, raw_client.assert_refused

describe("sandbox", function()
  local sb

  local function start(options) sb = raw_client.start(options) end

  before_each(function() start() end)

  after_each(raw_client.stop)

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
        assert.truthy(message:find("faults_spec.lua", 1, true), message)
      end
      assert.has_error(function() sb:fault() end)
      assert.equal(200, request("GET", "/trunks").status)
    end)
  end)
end)
