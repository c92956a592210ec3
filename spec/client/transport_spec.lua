-- Connections: reuse, failures, and what must never be done.
local exotel = require "exotel"
local expect = require "spec.support.expect"
local raw_server = require "spec.support.raw_server"
local world = require "spec.support.world"

local E164 = "+919876543210"
local SID = "trmum1f708622631150902801a1n"
local GOOD = raw_server.answer(raw_server.success '{"id":"41512","trunk_sid":"t"}')

-- One call of each method.
local calls = {
  GET = function(client) return client:get_trunk { trunk_sid = SID } end,
  POST = function(client) return client:map_phone_number { trunk_sid = SID, phone_number = E164 } end,
  PUT = function(client) return client:update_phone_number { trunk_sid = SID, id = "1", phone_number = E164, mode = "flow" } end,
  DELETE = function(client) return client:unmap_phone_number { trunk_sid = SID, id = "1" } end,
}
local METHODS = { "GET", "POST", "PUT", "DELETE" }

describe("against the stand-in server #once", function()
  local w, sid

  before_each(function()
    w = world.new()
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local function map(options) return w.client:map_phone_number({ trunk_sid = sid, phone_number = E164 }, options) end
  local function get(options) return w.client:get_trunk({ trunk_sid = sid }, options) end
  local function numbers() return #w.sb:state().trunks[1].numbers end

  describe("a reply that never comes", function()
    for _, how in ipairs { "drop", "reset" } do
      it("leaves a write in doubt: " .. how .. " after the effect", function()
        w.sb:fault { after = "map_phone_number", [how] = true }
        local err = expect.failure("network", map())
        assert.is_true(err.maybe_applied)
        assert.is_false(err.retryable)
        assert.is_nil(err.http_status)
        assert.is_nil(err.body)
        assert.equal(1, err.attempts)
        assert.equal(1, numbers())
        assert.equal("map_phone_number", w:operations())
      end)

      it("leaves a write in doubt: " .. how .. " before the effect", function()
        w.sb:fault { before = "map_phone_number", [how] = true }
        assert.is_true(expect.failure("network", map()).maybe_applied)
        assert.equal(0, numbers())
        assert.equal("map_phone_number", w:operations())
      end)

      it("leaves nothing of a read in doubt: " .. how, function()
        -- On a connection of its own: libcurl repeats a read by itself when a reused one dies.
        local client = assert(w.sb:client { retries = 0 })
        w.sb:fault { on = "get_trunk", [how] = true }
        local err = expect.failure("network", client:get_trunk { trunk_sid = sid })
        assert.is_false(err.maybe_applied)
        assert.is_true(err.retryable)
        client:close()
      end)

      it("leaves the client able to go on: " .. how, function()
        w.sb:fault { on = "map_phone_number", [how] = true }
        expect.failure("network", map())
        assert(get())
        assert(map())
      end)
    end

    it("is a timeout when time runs out", function()
      w.sb:fault { after = "map_phone_number", delay = 1 }
      local err = expect.failure("timeout", map { timeout = 0.05 })
      assert.is_true(err.maybe_applied)
      assert.truthy(err.message:find("no answer in time"), err.message)
      assert.equal(1, numbers())
      w.sb:fault { on = "get_trunk", delay = 1 }
      err = expect.failure("timeout", get { timeout = 0.05 })
      assert.is_false(err.maybe_applied)
      assert.is_true(err.retryable)
    end)

    it("is a timeout when the whole call's time runs out", function()
      w.sb:fault { on = "map_phone_number", delay = 1 }
      local err = expect.failure("timeout", map { timeout = 20, deadline = 0.05 })
      assert.is_true(err.maybe_applied)
      assert.equal(1, err.attempts)
    end)

    it("is a timeout for a client of that timeout", function()
      local client = assert(w.sb:client { timeout = 0.05, retries = 0 })
      w.sb:fault { on = "get_trunk", delay = 1 }
      expect.failure("timeout", client:get_trunk { trunk_sid = sid })
      client:close()
    end)

    it("is no timeout when it comes in time", function()
      w.sb:fault { on = "get_trunk", delay = 0.02 }
      assert.equal(sid, get({ timeout = 20 }).trunk_sid)
    end)

    it("is a timeout, too, where nothing would ever come", function()
      w.sb:fault { on = "get_trunk", hang = true }
      expect.failure("timeout", get { timeout = 0.05 })
      assert(get())
    end)
  end)

  describe("a reply that comes in part", function()
    it("is a network failure: cut", function()
      w.sb:fault { after = "map_phone_number", cut = 40 }
      local err = expect.failure("network", map())
      assert.is_true(err.maybe_applied)
      assert.equal(200, err.http_status)
      assert.equal(40, #err.body)
      assert.equal(1, numbers())
      assert.truthy(err.message:find("cut short"), err.message)
      w.sb:fault { on = "get_trunk", cut = 0 }
      assert.is_false(expect.failure("network", get()).maybe_applied)
    end)

    it("is a timeout: a drip that takes too long", function()
      w.sb:fault { on = "get_trunk", drip = 10 }
      local err = expect.failure("timeout", get { timeout = 0.05 })
      assert.equal(200, err.http_status)
      assert.equal(1, #err.body)
    end)

    it("is a success: a drip that ends in time", function()
      w.sb:fault { on = "get_trunk", drip = 0.0001 }
      assert.equal(sid, get().trunk_sid)
    end)
  end)

  describe("a redirection", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      it("is not followed, and nothing is sent to where it leads: " .. status, function()
        local other = world.new()
        for _, method in ipairs(METHODS) do
          w.sb:fault { on = "*", status = status, headers = { Location = other.sb.base_url .. "/v2/accounts/sandbox1/trunks" } }
          local err = expect.failure("protocol", calls[method](w.client))
          assert.equal(status, err.http_status)
          assert.truthy(err.message:find("redirected"), err.message)
          assert.equal(method ~= "GET", err.maybe_applied)
        end
        assert.equal(0, #other.sb:requests())
        assert.equal(4, #w.sb:requests())
        other:close()
      end)
    end
  end)

  it("takes an answer of 16 MiB and no more", function()
    local body = raw_server.success '{"id":"1"}'
    local limit = 16 * 1024 * 1024
    w:answer("get_trunk", body .. (" "):rep(limit - #body))
    assert.equal("1", get().id)
    w:answer("get_trunk", body .. (" "):rep(limit + 1 - #body))
    local err = expect.failure("protocol", get())
    assert.truthy(err.message:find("too large"), err.message)
    assert.is_false(err.maybe_applied)
    assert.equal(64 * 1024, #err.body)
    w:answer("map_phone_number", (" "):rep(limit + 1))
    assert.is_true(expect.failure("protocol", map()).maybe_applied)
  end)
end)

describe("a connection #once", function()
  local server, client

  local function serve(script, options)
    server = raw_server.start(script)
    local given = { account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", base_url = server.base_url, retries = 0 }
    for name, value in pairs(options or {}) do given[name] = value end
    client = assert(exotel.client(given))
  end

  after_each(function()
    if client then client:close() end
    if server then server:stop() end
    client, server = nil, nil
  end)

  it("is kept and used again, whatever the method and the outcome #recent", function()
    local refusal = raw_server.answer("<html>", "404 Not Found")
    serve { { "reply", GOOD }, { "reply", refusal }, { "reply", GOOD } }
    for i = 1, 3 do
      for _, method in ipairs(METHODS) do
        if i == 1 and method == "POST" then expect.failure("not_found", calls[method](client))
        else assert(calls[method](client)) end
      end
    end
    server:stop()
    assert.equal(12, #server:requests())
    assert.equal(1, server:connections())
  end)

  it("is another for another client", function()
    serve { { "reply", GOOD } }
    local second = assert(exotel.client { account_sid = "b", api_key = "k", api_token = "t", base_url = server.base_url })
    assert(calls.GET(client))
    assert(calls.GET(second))
    second:close()
    server:stop()
    assert.equal(2, server:connections())
  end)

  it("carries the request as HTTP/1.1 has it, without Expect and without credentials in a URL", function()
    serve { { "reply", GOOD } }
    assert(client:create_credential { trunk_sid = SID, user_name = ("x"):rep(3000), password = "secret_1" })
    assert(calls.GET(client))
    server:stop()
    local post, get = server:requests()[1], server:requests()[2]
    assert.equal("POST /v2/accounts/sandbox1/trunks/" .. SID .. "/credentials HTTP/1.1", post:match("^[^\r]*"))
    assert.equal("GET /v2/accounts/sandbox1/trunks/" .. SID .. " HTTP/1.1", get:match("^[^\r]*"))
    for _, request in ipairs { post, get } do
      local head = request:match("^(.-\r\n)\r\n"):lower()
      assert.is_nil(head:find("expect:", 1, true))
      assert.is_nil(head:find("sandbox_token", 1, true))
      assert.truthy(head:find("\r\nauthorization: basic ", 1, true))
      assert.is_nil(head:find("accept-encoding:", 1, true))
      assert.is_nil(head:find("transfer-encoding:", 1, true))
    end
    assert.equal(0, #get:match("\r\n\r\n(.*)$"))
  end)

  for _, method in ipairs { "POST", "PUT", "DELETE" } do
    it("that dies under a " .. method .. " doesn't make it two", function()
      serve { { "reply", GOOD }, { "close" }, { "reply", GOOD } }
      assert(calls.GET(client))
      local err = expect.failure("network", calls[method](client))
      assert.is_true(err.maybe_applied)
      assert.equal(1, err.attempts)
      assert.equal(method ~= "POST", err.retryable)
      server:stop()
      assert.equal(2, #server:requests())
    end)
  end

  it("that dies under a GET may make it two, which does no harm", function()
    serve { { "reply", GOOD }, { "close" }, { "reply", GOOD } }
    assert(calls.GET(client))
    assert(calls.GET(client))
    server:stop()
    assert.equal(3, #server:requests())
    assert.equal(2, server:connections())
  end)

  for _, method in ipairs(METHODS) do
    it("that was closed while idle is replaced for a " .. method, function()
      serve { { "reply-close", GOOD }, { "reply", GOOD } }
      assert(calls.GET(client))
      server:wait("closed", 1)
      assert(calls[method](client))
      server:stop()
      assert.equal(2, #server:requests())
      assert.equal(2, server:connections())
    end)

    it("that is closed without an answer is a network failure for a " .. method, function()
      serve { { "close" } }
      local err = expect.failure("network", calls[method](client))
      assert.equal(method ~= "GET", err.maybe_applied)
      assert.truthy(err.message:find("closed without an answer") or err.message:find("connection broke"), err.message)
    end)
  end

  it("asks for the path as base_url has it", function()
    serve { { "reply", GOOD } }
    local other = assert(exotel.client { account_sid = "a", api_key = "k", api_token = "t", base_url = server.base_url .. "/x/../y" })
    assert(calls.GET(other))
    other:close()
    server:stop()
    assert.truthy(server:requests()[1]:find("^GET /x/%.%./y/v2/accounts/a/"), server:requests()[1])
  end)

  it("is one of max_connections at most, and calls wait their turn", function()
    serve({ { "hold", 3, GOOD } }, { max_connections = 3 })
    local batch = {}
    for i = 1, 9 do batch[i] = { "get_trunk", { trunk_sid = "t" .. i } } end
    local results = client:batch(batch)
    for i = 1, 9 do assert.is_table(results[i].data) end
    server:stop()
    assert.equal(9, #server:requests())
    assert.equal(3, server:most_open())
    assert.equal(3, server:connections())
  end)

  -- Left to itself libcurl keeps four for each call under way.
  it("stays open while one call after another uses a few", function()
    local script, batch = {}, {}
    for i = 1, 12 do
      script[i] = { "hold", 12, GOOD }
      batch[i] = { "get_trunk", { trunk_sid = "t" .. i } }
    end
    script[13], script[14] = { "reply", GOOD }, { "hold", 12, GOOD }
    serve(script, { max_connections = 12 })
    client:batch(batch)
    assert(client:get_trunk { trunk_sid = "t" })
    for _, result in ipairs(client:batch(batch)) do assert.is_table(result.data) end
    server:stop()
    assert.equal(12, server:connections())
  end)

  describe("that speaks no HTTP", function()
    local garbage = {
      ["no status line"] = "garbage that is no HTTP\r\n\r\n", ["HTTP/0.9"] = "<html>hello</html>", ["bad status line"] = "HTTP/1.1 banana\r\n\r\n",
      ["another protocol"] = "SSH-2.0-OpenSSH_9.2\r\n", ["a TLS alert"] = "\21\3\1\0\2\2\70",
    }
    for name, text in pairs(garbage) do
      it("can't be understood: " .. name, function()
        serve { { "reply-close", text } }
        assert.is_true(expect.failure("protocol", calls.POST(client)).maybe_applied)
        assert.is_false(expect.failure("protocol", calls.GET(client)).maybe_applied)
      end)
    end

    it("is too large, and the next failure is what it is", function()
      serve({ { "endless", "HTTP/1.1 200 OK\r\n", ("X-Filler: %s\r\n"):format(("x"):rep(1000)) }, { "close" } }, { max_connections = 1 })
      local err = expect.failure("protocol", calls.POST(client))
      assert.truthy(err.message:find("too large"), err.message)
      expect.failure("network", calls.POST(client))
    end)

    it("can't be understood: headers without end", function()
      serve { { "endless", "HTTP/1.1 200 OK\r\n", ("X-Filler: %s\r\n"):format(("x"):rep(1000)) } }
      local err = expect.failure("protocol", calls.POST(client))
      assert.truthy(err.message:find("too large"), err.message)
      assert.is_true(err.maybe_applied)
    end)

    it("can't be understood: one header without end", function()
      serve { { "endless", "HTTP/1.1 200 OK\r\nX-Filler: ", ("x"):rep(1000) } }
      local err = expect.failure("protocol", calls.POST(client))
      assert.truthy(err.message:find("too large"), err.message)
      assert.is_true(err.maybe_applied)
    end)

    it("can't be understood: a body without end", function()
      serve { { "endless", "HTTP/1.1 200 OK\r\n\r\n", (" "):rep(65536) } }
      local err = expect.failure("protocol", calls.POST(client))
      assert.truthy(err.message:find("too large"), err.message)
    end)

    it("is no HTTP for a body shorter than it says", function()
      serve { { "reply-close", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}" } }
      local err = expect.failure("network", calls.POST(client))
      assert.is_true(err.maybe_applied)
      assert.equal("{}", err.body)
    end)
  end)

  it("takes interim answers, chunks and a body that ends with the connection #recent", function()
    local body = raw_server.success '{"id":"41512"}'
    local chunked = ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"):format(#body, body)
    serve {
      { "reply", "HTTP/1.1 100 Continue\r\n\r\n" .. GOOD }, { "reply", chunked }, { "reply-close", "HTTP/1.0 200 OK\r\n\r\n" .. body },
    }
    for _ = 1, 3 do assert.equal("41512", calls.POST(client).id) end
    server:stop()
    assert.equal(1, server:connections())
  end)

  it("that is refused had no effect", function()
    serve { { "reply", GOOD } }
    server:stop()
    local err = expect.failure("network", calls.POST(client))
    assert.is_false(err.maybe_applied)
    assert.is_true(err.retryable)
    assert.is_nil(err.http_status)
    assert.equal(1, err.attempts)
    assert.truthy(err.message:find("no connection"), err.message)
  end)

  it("to a host whose name can't be resolved had no effect", function()
    -- A label of 64 letters is refused by the resolver itself, with or without a network.
    serve({ { "reply", GOOD } }, { base_url = "http://" .. ("x"):rep(64) .. ".example", allow_http = true })
    local err = expect.failure("network", calls.POST(client))
    assert.is_false(err.maybe_applied)
    assert.is_true(err.retryable)
    assert.truthy(err.message:find("name could not be resolved"), err.message)
  end)

  it("that doesn't stand in time had no effect", function()
    -- The server accepts the connection and never begins TLS.
    serve({ { "hang" } }, {})
    client:close()
    client = assert(exotel.client {
      account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", base_url = (server.base_url:gsub("^http", "https")),
      connect_timeout = 0.05, retries = 0,
    })
    local err = expect.failure("timeout", calls.POST(client))
    assert.is_false(err.maybe_applied)
    assert.is_true(err.retryable)
    assert.truthy(err.message:find("no connection in time"), err.message)
  end)

  -- But for the pair of sockets with which libcurl wakes itself up.
  it("leaves no connection and no epoll descriptor to a program that the host starts", function()
    serve { { "hang" } }
    local call = client:start("get_trunk", { trunk_sid = SID })
    client:poll(0)
    server:wait("open", 1)
    local pipe = assert(io.popen("cat /proc/self/net/tcp; ls -l /proc/self/fd"))
    local connections, list = pipe:read("*a"):match("^(.*)\n(total.*)$")
    pipe:close()
    call:cancel()
    for inode in list:gmatch("socket:%[(%d+)%]") do assert.is_nil(connections:find(" " .. inode .. " ", 1, true), list) end
    assert.is_nil(list:find("eventpoll", 1, true), list)
  end)

  describe("through a proxy", function()
    it("leaves plain http to it, path and all", function()
      serve({ { "reply", GOOD } }, { base_url = "http://service.example:8080", allow_http = true })
      client:close()
      client = assert(exotel.client {
        account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", base_url = "http://service.example:8080",
        allow_http = true, proxy = server.base_url, retries = 0,
      })
      assert(calls.GET(client))
      server:stop()
      local request = server:requests()[1]
      assert.equal("GET http://service.example:8080/v2/accounts/sandbox1/trunks/" .. SID .. " HTTP/1.1", request:match("^[^\r]*"))
      assert.truthy(request:find("\r\nHost: service.example:8080\r\n", 1, true))
    end)

    it("tells it no more of https than the host", function()
      serve { { "reply", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" } }
      client:close()
      client = assert(exotel.client {
        account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", region = "mumbai", proxy = server.base_url, retries = 0,
      })
      local err = expect.failure("network", calls.POST(client))
      assert.is_false(err.maybe_applied)
      server:stop()
      local request = server:requests()[1]
      assert.equal("CONNECT api.in.exotel.com:443 HTTP/1.1", request:match("^[^\r]*"))
      assert.is_nil(request:lower():find("authorization:", 1, true))
      assert.is_nil(request:find("sandbox1", 1, true))
    end)
  end)
end)

-- libcurl asks so before it sends more than 1 MiB, and waits a second where nobody answers.
describe("a large request #once", function()
  it("is sent without asking whether the service takes it", function()
    local w = world.new()
    local destinations = {}
    for i = 1, 25000 do destinations[i] = { destination = ("203.0.113.7:%d;transport=tls"):format(i) } end
    w.client:add_destinations { trunk_sid = "t", destinations = destinations }
    local request = w.sb:requests()[1]
    w:close()
    assert.is_true(tonumber(request.headers["content-length"]) > 1024 * 1024)
    assert.is_nil(request.headers.expect)
  end)
end)
