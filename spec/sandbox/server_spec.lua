-- The server itself: what it records, TLS, starting and stopping.
local curl = require "spec.support.curl"
local raw_client = require "spec.support.raw_client"
local sandbox = require "exotel.sandbox"

local url, options_of, request = raw_client.url, raw_client.options_of, raw_client.request
local data_of, create_trunk, new_trunk = raw_client.data_of, raw_client.create_trunk, raw_client.new_trunk
local JSON = raw_client.JSON

describe("sandbox", function()
  local sb

  local function start(options) sb = raw_client.start(options) end

  before_each(function() start() end)

  after_each(raw_client.stop)

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
        { { clock = "wall" }, "clock" },
        { { lag = -1 }, "lag" },
        { { lag = "1" }, "lag" },
        { { lag = 0 / 0 }, "lag" },
        { { unknown_trunk = 410 }, "unknown_trunk" },
        { { unknown_trunk = "403" }, "unknown_trunk" },
        { { ignored_fields = "status" }, "ignored_fields" },
        { { ignored_fields = { "state" } }, "ignored_fields" },
        { { ignored_fields = { status = true } }, "ignored_fields" },
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
        "handled", "put",
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
