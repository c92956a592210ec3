-- The rate limit: how many requests leave, and what becomes of a call that would be one too many. That requests are
-- counted over exactly 60 seconds is shown by the simulation in spec/c, on a clock of its own.
local core = require "exotel.core"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local raw_server = require "spec.support.raw_server"
local sandbox = require "exotel.sandbox"
local world = require "spec.support.world"

local NO_CAPACITY = "the rate limit leaves no room before the deadline"

describe("the rate limit", function()
  local sb, client

  before_each(function() sb = assert(sandbox.start()) end)
  after_each(function()
    if client then client:close() end
    client = nil
    sb:stop()
  end)

  local function connect(options)
    options.deadline, options.backoff = options.deadline or 5, 0
    client = assert(sb:client(options))
  end

  local function list(options) return client:list_trunks({}, options) end

  local function assert_no_capacity(...)
    local err = expect.failure("timeout", ...)
    assert.equal(NO_CAPACITY, err.message)
    assert.equal(0, err.attempts)
    assert.is_false(err.maybe_applied)
    assert.is_true(err.retryable)
    assert.is_nil(err.http_status)
  end

  it("lets so many calls go, and the next one fails at once when its deadline comes before its turn", function()
    connect { rate_limit = 4 }
    for _ = 1, 4 do assert(list()) end
    local call = client:start("create_trunk", { trunk_name = "outbound_trunk" })
    assert.equal(0, client:poll(0))
    assert_no_capacity(call:result())
    assert_no_capacity(list())
    assert.equal(4, #sb:requests())
  end)

  it("is 200 unless told otherwise", function()
    connect {}
    for _ = 1, 200 do assert(list()) end
    assert_no_capacity(list())
    assert.equal(200, #sb:requests())
  end)

  it("is none when it is false", function()
    connect { rate_limit = false }
    for _ = 1, 210 do assert(list()) end
    assert.equal(210, #sb:requests())
  end)

  it("tells how much capacity it leaves", function()
    connect { rate_limit = 5, max_connections = 3 }
    assert.same({ 3, 0, 5, 5 }, { core.engine.capacity(client) })
    local call = client:start("list_trunks", {})
    assert.same({ 2, 0, 4, 5 }, { core.engine.capacity(client) })
    while not call:finished() do client:poll(1) end
    for _ = 1, 4 do assert(list()) end
    local calls, wait, left, limit = core.engine.capacity(client)
    assert.same({ 0, 0, 5 }, { calls, left, limit })
    assert.is_true(wait > 55 and wait < 60.1, wait)
  end)

  it("tells of capacity by the connections alone when it is none", function()
    connect { rate_limit = false, max_connections = 2 }
    assert.same({ 2, 0 }, { core.engine.capacity(client) })
    local call = client:start("list_trunks", {})
    assert.same({ 1, 0 }, { core.engine.capacity(client) })
    call:cancel()
    assert.same({ 2, 0 }, { core.engine.capacity(client) })
  end)

  it("leaves no capacity while the service says that none is left", function()
    connect { rate_limit = false }
    sb:fault { on = "list_trunks", headers = { ["X-RateLimit-Remaining"] = "0", ["X-RateLimit-Reset"] = tostring(os.time() + 100) } }
    assert(list())
    local calls, wait = core.engine.capacity(client)
    assert.equal(0, calls)
    assert.is_true(wait > 90 and wait <= 100, wait)
  end)

  it("is each client's own", function()
    connect { rate_limit = 1 }
    local other = assert(sb:client { rate_limit = 1, deadline = 5 })
    assert(list())
    assert(other:list_trunks {})
    assert_no_capacity(list())
    assert_no_capacity(other:list_trunks {})
    other:close()
  end)

  it("counts repetitions", function()
    connect { rate_limit = 3, retries = 50 }
    sb:fault { on = "list_trunks", status = 503, times = true }
    local err = expect.failure("server", list())
    assert.equal(3, err.attempts)
    assert.equal(NO_CAPACITY, err.reason)
    assert.equal(503, err.http_status)
    assert.equal(3, #sb:requests())
  end)

  it("counts what failed, whatever way", function()
    connect { rate_limit = 4, retries = 0 }
    for _, how in ipairs { { cut = 3 }, { status = 404 }, { hang = true }, { drop = true } } do
      how.on = "create_trunk"
      sb:fault(how)
      assert.is_nil((client:create_trunk({ trunk_name = "outbound_trunk" }, { timeout = 0.05 })))
    end
    assert_no_capacity(list())
    assert.equal(4, #sb:requests())
  end)

  it("doesn't count what never left", function()
    connect { rate_limit = 1, retries = 0 }
    expect.refused("trunk_name", client:create_trunk { trunk_name = "not a name" })
    client:start("list_trunks", {}):cancel()
    assert(list())
    assert_no_capacity(list())
    local server = raw_server.start { { "hang" } }
    server:stop()
    local nobody = assert(exotel.client {
      account_sid = "a", api_key = "k", api_token = "token", base_url = server.base_url, rate_limit = 1, retries = 0, deadline = 5,
    })
    for _ = 1, 3 do expect.failure("network", nobody:list_trunks {}) end
    nobody:close()
  end)

  it("holds for calls at the same time: first come, first served", function()
    connect { rate_limit = 3 }
    local requests = {}
    for i = 1, 6 do requests[i] = { "create_trunk", { trunk_name = "trunk_" .. i } } end
    local results = client:batch(requests)
    for i = 1, 3 do assert.equal("trunk_" .. i, results[i].data.trunk_name) end
    for i = 4, 6 do assert_no_capacity(nil, results[i].err) end
    assert.equal(3, #sb:requests())
  end)

  it("makes a call wait that has the time, without holding up its caller, and such a call can be cancelled", function()
    connect { rate_limit = 1, deadline = 100 }
    assert(list())
    local call = client:start("create_trunk", { trunk_name = "outbound_trunk" })
    for _ = 1, 5 do assert.equal(1, client:poll(0)) end
    assert.is_false(call:finished())
    call:cancel()
    local err = expect.failure("cancelled", call:result())
    assert.equal(0, err.attempts)
    assert.is_false(err.maybe_applied)
    assert.equal(1, #sb:requests())
  end)

  it("lets a call with less time fail while another waits", function()
    connect { rate_limit = 1, deadline = 100 }
    assert(list())
    local patient, hasty = client:start("list_trunks", {}), client:start("list_trunks", {}, { deadline = 5 })
    client:poll(0)
    assert.is_false(patient:finished())
    assert_no_capacity(hasty:result())
    patient:cancel()
  end)
end)

describe("when the service says that no requests are left", function()
  local w

  before_each(function() w = world.new(nil, { rate_limit = false, deadline = 5, backoff = 0 }) end)
  after_each(function() w:close() end)

  local function list(options) return w.client:list_trunks({}, options) end

  local function say(remaining, reset, more)
    local fault = { on = "list_trunks", headers = { ["X-RateLimit-Remaining"] = remaining, ["X-RateLimit-Reset"] = reset } }
    for key, value in pairs(more or {}) do fault[key] = value end
    w.sb:fault(fault)
  end

  local function assert_no_capacity(...)
    local err = expect.failure("timeout", ...)
    assert.equal(NO_CAPACITY, err.message)
    assert.equal(0, err.attempts)
  end

  it("a call whose deadline comes first is refused", function()
    say("0", tostring(os.time() + 30))
    assert(list())
    assert_no_capacity(list())
    assert_no_capacity(w.client:create_trunk { trunk_name = "outbound_trunk" })
    assert.equal(1, #w.sb:requests())
  end)

  it("a call with the time waits until it may", function()
    say("0", tostring(os.time() + 1))
    assert(list())
    local data, info = assert(list())
    assert.same({}, data)
    assert.equal(1, info.attempts)
    assert.equal(2, #w.sb:requests())
  end)

  it("a repetition is not made either", function()
    say("0", tostring(os.time() + 30), { status = 503 })
    local err = expect.failure("server", list { retries = 5 })
    assert.equal(1, err.attempts)
    assert.equal(NO_CAPACITY, err.reason)
    assert.is_true(err.retryable)
  end)

  it("that time is of the service's own clock, which the answer's Date tells", function()
    for _, wrong in ipairs { -1800, 1800 } do
      local there = os.time() + wrong
      w.sb:fault { on = "list_trunks", headers = {
        Date = os.date("!%a, %d %b %Y %H:%M:%S GMT", there), ["X-RateLimit-Remaining"] = "0", ["X-RateLimit-Reset"] = tostring(there + 30),
      } }
      local client = assert(w.sb:client { rate_limit = false })
      assert(client:list_trunks {})
      local calls, wait = core.engine.capacity(client)
      assert.equal(0, calls)
      assert.is_true(wait > 25 and wait <= 30, wait)
      client:close()
    end
  end)

  it("the later of two times holds", function()
    say("0", tostring(os.time() + 60))
    local first, second = w.client:start("list_trunks", {}), w.client:start("list_trunks", {})
    say("0", tostring(os.time() + 2))
    local unfinished
    repeat unfinished = w.client:poll(1) until unfinished == 0
    assert(first:result())
    assert(second:result())
    assert_no_capacity(list())
  end)

  local nothing = {
    ["a time that is past"] = { "0", function() return os.time() - 5 end },
    ["a time in more than an hour"] = { "0", function() return os.time() + 4000 end },
    ["some are left"] = { "1", function() return os.time() + 30 end },
    ["no number left"] = { "none", function() return os.time() + 30 end },
    ["a negative number left"] = { "-1", function() return os.time() + 30 end },
    ["no time"] = { "0", function() return "soon" end },
    ["a negative time"] = { "0", function() return -1 end },
    ["a time beyond all numbers"] = { "0", function() return ("9"):rep(30) end },
  }
  for name, said in pairs(nothing) do
    it("nothing follows from what makes no sense or no difference: " .. name, function()
      say(said[1], tostring(said[2]()))
      assert(list())
      assert(list())
    end)
  end

  it("nothing follows from either header alone", function()
    w.sb:fault { on = "list_trunks", headers = { ["X-RateLimit-Remaining"] = "0" } }
    w.sb:fault { on = "list_trunks", headers = { ["X-RateLimit-Reset"] = tostring(os.time() + 30) } }
    for _ = 1, 3 do assert(list()) end
  end)

  it("the names of the headers may be written in any way", function()
    w.sb:fault { on = "list_trunks", headers = { ["x-ratelimit-remaining"] = "0", ["X-RATELIMIT-RESET"] = tostring(os.time() + 30) } }
    assert(list())
    assert_no_capacity(list())
  end)

  it("a service that counts is never asked once too often", function()
    local sb = assert(sandbox.start { rate_limit = 3 })
    local client = assert(sb:client { rate_limit = false, deadline = 5 })
    for _ = 1, 3 do assert(client:list_trunks {}) end
    assert_no_capacity(client:list_trunks {})
    assert.equal(3, #sb:requests())
    client:close()
    sb:stop()
  end)
end)

describe("when all connections are in use", function()
  it("a call whose deadline passes meanwhile says so, and was not sent", function()
    local w = world.new(nil, { max_connections = 1 })
    finally(function() w:close() end)
    w.sb:fault { on = "list_trunks", hang = true }
    local first = w.client:start("list_trunks", {}, { timeout = 0.1 })
    local second = w.client:start("create_trunk", { trunk_name = "outbound_trunk" }, { deadline = 0.02 })
    while not second:finished() do w.client:poll(1) end
    local err = expect.failure("timeout", second:result())
    assert.equal("the deadline passed before the request could be sent", err.message)
    assert.equal(0, err.attempts)
    assert.is_false(err.maybe_applied)
    while not first:finished() do w.client:poll(1) end
    assert.equal("list_trunks", w:operations())
  end)
end)
