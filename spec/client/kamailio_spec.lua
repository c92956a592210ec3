-- exotel.kamailio without a server: jobs as text, and the rules of its queue and its pump.
local core = require "exotel.core"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local fake = require "spec.support.fake_kamailio"
local wire = require "exotel.kamailio.wire"
local world = require "spec.support.world"

describe("a job as text", function()
  local function nested(depth)
    local value = { "core" }
    for _ = 2, depth do value = { value } end
    return value
  end

  local values = {
    ["booleans"] = { yes = true, no = false },
    ["null, which is not nil"] = { exotel.null, 1 },
    ["whole numbers as far as a double holds them"] = { 0, -1, 999999999999999, 9007199254740991, -9007199254740991 },
    ["fractions to the last digit"] = { 0.1, 1 / 3, 1e300, 2 ^ -1074, 1764143400.123456 },
    ["any bytes, also those of its own"] = { "", "s3:abc", "}{;tfz", "a\0b\n\255", ("x"):rep(100000) },
    ["tables in tables"] = { a = { b = { c = {} } }, [1] = "one", [2.5] = "two and a half" },
    ["tables eight deep"] = nested(8),
  }
  for what, value in pairs(values) do
    it("keeps " .. what, function() assert.same(value, assert(wire.decode(wire.encode(value)))) end)
  end

  it("is no deeper, and holds nothing else", function()
    expect.raises("nested too deep", wire.encode, nested(9))
    local circle = {}
    circle[1] = circle
    expect.raises("nested too deep", wire.encode, circle)
    expect.raises("can't hold a function", wire.encode, { print })
    expect.raises("can't hold a userdata", wire.encode, { io.stdout })
  end)

  it("is refused when it is cut, wherever that is, or when more follows", function()
    local text = wire.encode { "abc", true, 1.5, { exotel.null } }
    for length = 0, #text - 1 do
      local value, message = wire.decode(text:sub(1, length))
      assert.is_nil(value)
      assert.truthy(message:find("^not a job"), message)
    end
    assert.is_nil((wire.decode(text .. "t")))
    for _, bad in ipairs { "x", "{x}", "dabc;", "d;", "sx:", "s5:abc", "{t" } do assert.is_nil((wire.decode(bad)), bad) end
  end)
end)

describe("exotel.kamailio", function()
  local w, k, host, sid, done

  local function set_up(more)
    local environment = w.sb:environment()
    local client = {
      account_sid = environment.EXOTEL_ACCOUNT_SID, api_key = environment.EXOTEL_API_KEY, api_token = environment.EXOTEL_API_TOKEN,
      base_url = environment.EXOTEL_BASE_URL, retries = 0,
    }
    for name, value in pairs(more) do client[name] = value end
    k.setup { client = client, queue_size = 3 }
  end

  before_each(function()
    w = world.new()
    sid = w:trunk()
    host, k, done = fake.start(), fake.load(), {}
    rawset(_G, "ksr_request_route", function() end)
    rawset(_G, "on_done", function(arguments, data, info) done[#done + 1] = { arguments = arguments, data = data, info = info } end)
    set_up {}
  end)
  after_each(function()
    rawset(_G, "ksr_request_route", nil)
    rawset(_G, "on_done", nil)
    fake.stop()
    w:close()
  end)

  local function post(options) return k.post("get_trunk", { trunk_sid = sid }, "on_done", options) end

  it("gives the result to the callback, and whoever asks in it", function()
    local seen
    rawset(_G, "on_done", function() seen = { k.result() } end)
    assert.is_true(post())
    assert.equal(1, k.pump())
    assert.equal(sid, seen[1].trunk_sid)
    assert.equal(200, seen[2].http_status)
  end)

  it("addresses the id that it was given, all its digits", function()
    for _, id in ipairs { 9007199254740991, 123456789012345 } do
      assert.is_true(k.post("remove_destination", { trunk_sid = sid, id = id }, "on_done"))
      k.pump()
      assert.truthy(w.sb:requests()[#w.sb:requests()].target:find(("id=%d"):format(id), 1, true))
    end
  end)

  it("goes on with the transaction, and forgets the result after it", function()
    rawset(_G, "go_on", function() end)
    assert.is_true(k.suspend("get_trunk", { trunk_sid = sid }, "go_on"))
    k.pump()
    rawset(_G, "go_on", nil)
    assert.same({ { 7, 8, "go_on" } }, host.continued)
    expect.raises("there is no result here", k.result)
  end)

  it("forgets an earlier result when it is called again", function()
    rawset(_G, "go_on", function() end)
    assert.is_true(post())
    k.pump()
    host.transaction = 0
    assert.is_true(k.suspend("get_trunk", { trunk_sid = sid }, "go_on"))
    rawset(_G, "go_on", nil)
    expect.raises("there is no result here", k.result)
  end)

  it("suspends nothing for a job that can't be written", function()
    rawset(_G, "go_on", function() end)
    expect.raises("can't hold a function", k.suspend, "get_trunk", { trunk_sid = print }, "go_on")
    rawset(_G, "go_on", nil)
    assert.equal(0, host.suspended)
  end)

  it("leaves a retransmission alone", function()
    rawset(_G, "go_on", function() end)
    host.transaction = 0
    assert.is_true(k.suspend("get_trunk", { trunk_sid = sid }, "go_on"))
    rawset(_G, "go_on", nil)
    assert.equal(0, host.suspended)
    assert.same({}, host.queue)
  end)

  it("answers a transaction that it suspended and could not queue", function()
    rawset(_G, "go_on", function() end)
    host.full = true
    assert.is_true(k.suspend("get_trunk", { trunk_sid = sid }, "go_on"))
    rawset(_G, "go_on", nil)
    assert.equal(1, host.suspended)
    assert.equal(503, host.replied)
  end)

  describe("queues nothing", function()
    local function assert_unavailable(message)
      local good, err = post()
      expect.failure("unavailable", good, err)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.is_true(err.retryable)
      assert.equal(err, select(2, k.result()))
    end

    it("beyond the queue's size", function()
      for _ = 1, 3 do assert.is_true(post()) end
      assert_unavailable("the queue is full, 3 jobs wait")
      assert.equal(3, #host.queue)
    end)

    it("where there is no memory left", function()
      host.full = true
      assert_unavailable("no shared memory")
    end)

    it("for a pump that has not moved for more than five seconds", function()
      host.variables["$shv(exotel_pump)"] = core.now() - 5.5
      assert_unavailable("the pump has not moved for 5 seconds")
      host.variables["$shv(exotel_pump)"] = core.now() - 4
      assert.is_true(post())
    end)

    it("for one that has never run", function()
      host.variables["$shv(exotel_pump)"] = 0
      assert_unavailable("no pump has run yet")
    end)
  end)

  describe("the pump", function()
    it("sends nothing from before a restart", function()
      assert.is_true(post())
      host.boot = 2
      k.pump()
      expect.failure("unavailable", done[1].data, done[1].info)
      assert.same({}, w.sb:requests())
    end)

    it("sends nothing whose time ran out in the queue", function()
      assert.is_true(post { timeout = 0.0001 })
      k.pump()
      local err = expect.failure("timeout", done[1].data, done[1].info)
      assert.truthy(err.message:find("its time ran out in the queue", 1, true))
      assert.is_false(err.maybe_applied)
      assert.same({}, w.sb:requests())
    end)

    it("ends a call with its job's time", function()
      w.sb:fault { on = "get_trunk", hang = true }
      assert.is_true(post { timeout = 0.2 })
      k.pump()
      local err = expect.failure("timeout", done[1].data, done[1].info)
      assert.is_true(err.elapsed < 1, tostring(err.elapsed))
    end)

    it("answers a job that can't be started", function()
      assert.is_true(k.post("get_trunk", { trunk_sid = sid }, "on_done"))
      host.queue[1] = host.queue[1]:gsub("get_trunk", "got_trunk")
      k.pump()
      expect.failure("invalid_argument", done[1].data, done[1].info)
    end)

    it("goes on after a callback that raises, and after what is no job", function()
      rawset(_G, "on_done", function() error("oh dear", 0) end)
      assert.is_true(post())
      host.queue[2] = "hello"
      assert.is_true(post())
      k.pump()
      assert.equal(2, #w.sb:requests())
      local errors = table.concat(host.errors)
      assert.equal(2, select(2, errors:gsub("on_done: oh dear", "")), errors)
      assert.truthy(errors:find("held something else than a job", 1, true), errors)
    end)

    it("leaves jobs in the queue beyond its size, and has room again for those", function()
      local waiting = {}
      rawset(_G, "on_done", function() waiting[#waiting + 1] = #host.queue end)
      for _ = 1, 3 do assert.is_true(post()) end
      for i = 1, 3 do host.queue[3 + i] = host.queue[1] end
      k.pump()
      assert.equal(6, #waiting)
      assert.is_true(waiting[1] > 0, table.concat(waiting, " "))
      assert.equal(0, waiting[6])
      assert.equal(6, #w.sb:requests())
    end)

    it("takes what comes while a call is under way", function()
      w.sb:fault { on = "get_trunk", hang = true }
      assert.is_true(post { timeout = 0.5 })
      function host.on_empty()
        host.on_empty = nil
        assert.is_true(k.post("list_phone_numbers", { trunk_sid = sid }, "on_done"))
      end
      k.pump()
      assert.same({}, done[1].data)
      expect.failure("timeout", done[2].data, done[2].info)
    end)

    it("shows that it is alive, once a second", function()
      host.set, host.variables["$shv(exotel_pump)"] = {}, 0
      for _ = 1, 5 do k.pump() end
      assert.is_true(#host.set >= 1 and #host.set <= 2, #host.set .. " times")
      assert.is_true(core.now() - host.variables["$shv(exotel_pump)"] < 2)
    end)

    it("logs once that every call fails, and once that they succeed again", function()
      w.sb:fault { on = "get_trunk", status = 401, times = 3 }
      for _ = 1, 5 do
        assert.is_true(post())
        k.pump()
      end
      assert.equal(1, #host.errors, table.concat(host.errors))
      assert.truthy(host.errors[1]:find("^exotel: get_trunk: authentication"))
      assert.same({ "exotel: the service answers again\n" }, host.infos)
    end)

    describe("with a store", function()
      local asked, events

      -- `lease`: as of a store, called in the coroutine in which it is asked
      local function with_store(lease)
        asked, events = 0, {}
        set_up { store_fallback = 3, log = function(event) events[#events + 1] = event.event end, store = {
          lock = function() end,
          lease = function(_, _, _, wanted)
            asked = asked + 1
            return lease(wanted)
          end,
        } }
      end

      it("makes its calls while a client of Redis that yields waits", function()
        local answer, looks, polls = nil, 0, 0
        local real = core.engine.asks
        core.engine.asks = function(client)
          polls = polls + 1
          return real(client)
        end
        finally(function() core.engine.asks = real end)
        with_store(function(wanted)
          if asked == 1 then return 1, 0, { lease = 1, left = 100, born = 1 } end
          repeat
            coroutine.yield(0.05)
            looks = looks + 1
          until answer
          return wanted, 0, { lease = 2, left = 100, born = 1 }
        end)
        w.sb:fault { on = "get_trunk", delay = 0.2 }
        assert.is_true(post())
        assert.is_true(k.post("list_trunks", {}, "on_done"))
        rawset(_G, "on_done", function(arguments, data)
          answer = true -- the first call's, while the store is asked for the second
          done[#done + 1] = { arguments = arguments, data = data }
        end)
        k.pump()
        assert.equal(sid, done[1].data.trunk_sid)
        assert.same({}, done[2].arguments)
        assert.equal(sid, done[2].data[1].trunk_sid)
        assert.is_true(looks > 2 and looks < 20, tostring(looks))
        assert.is_true(polls < 2000, tostring(polls)) -- it doesn't poll without end meanwhile
        assert.same({}, host.warnings)
      end)

      it("goes without one that raises, and says so once", function()
        with_store(function() error("Redis: closed", 0) end)
        for _ = 1, 3 do assert.is_true(post()) end
        k.pump()
        for i = 1, 3 do assert.equal(sid, done[i].data.trunk_sid) end
        assert.equal(1, asked)
        assert.same({ "exotel: the shared rate limit can't be had, up to 3 requests a minute go without it: Redis: closed\n" },
          host.warnings)
        assert.equal("store", events[1])
      end)
    end)

    describe("by a clock that the test moves", function()
      local real, now

      before_each(function()
        real, now = core.now, core.now()
        core.now = function() return now end
      end)
      after_each(function() core.now = real end)

      it("goes on to show that it is alive", function()
        k.pump()
        now = now + 1
        k.pump()
        assert.equal(math.floor(now), host.variables["$shv(exotel_pump)"])
      end)

      it("gives control back after a second, though a call is under way", function()
        w.sb:fault { on = "get_trunk", hang = true }
        assert.is_true(post())
        core.now = function()
          now = now + 0.3
          return now
        end
        assert.equal(1, k.pump())
        assert.same({}, done)
      end)
    end)

    it("answers the jobs of a client that can't be made", function()
      local ca_file = os.tmpname()
      k.setup { client = { account_sid = "a", api_key = "k", api_token = "t", base_url = "https://127.0.0.1:9", ca_file = ca_file } }
      os.remove(ca_file)
      assert.is_true(post())
      k.pump()
      expect.failure("config", done[1].data, done[1].info)
    end)

    it("ends a native route's loop before Kamailio does, after 100 rounds", function()
      k.setup { client = { account_sid = "a", api_key = "k", api_token = "t", base_url = w.sb.base_url }, native = true }
      for _ = 1, 120 do assert.is_true(k.suspend("get_trunk", { trunk_sid = sid }, "GO_ON")) end
      local rounds = 0
      repeat
        k.pump()
        rounds = rounds + 1
      until host.variables["$var(exotel_route)"] == "" or rounds > 100
      assert.equal(50, rounds)
      k.pump()
      assert.equal("GO_ON", host.variables["$var(exotel_route)"])
    end)

    it("takes the settings of a script that was loaded again", function()
      k.pump()
      assert.is_true(post()) -- into the queue of the old settings
      host.queue = {}
      k.setup { client = { account_sid = "sandbox1", api_key = "k", api_token = "t", base_url = w.sb.base_url }, queue = "other" }
      assert.is_true(post())
      k.pump()
      assert.equal(1, #done)
    end)
  end)

  it("raises for options that are wrong", function()
    expect.raises("bad option 'timeout' %(seconds expected%)", post, { timeout = 0 })
    expect.raises("bad option 'deadline' %(unknown%)", post, { deadline = 1 })
    expect.raises("there is no function nobody", k.post, "get_trunk", {}, "nobody")
  end)
end)
