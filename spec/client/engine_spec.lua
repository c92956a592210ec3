-- start, poll, finished, result, cancel: calls without waiting; and waits that yield.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local E164 = "+919876543210"

describe("a call", function()
  local w, sid

  before_each(function()
    w = world.new()
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local function get() return w.client:start("get_trunk", { trunk_sid = sid }) end
  local function map(options) return w.client:start("map_phone_number", { trunk_sid = sid, phone_number = E164 }, options) end

  local function finish(call, client)
    for _ = 1, 30 do
      if call:finished() then break end
      (client or w.client):poll(1)
    end
    return call:result()
  end

  -- Polls without waiting until the server has the request: from then on the call is under way.
  local function until_received(count, client)
    for _ = 1, 1000 do
      if #w.sb:requests() >= count then return end
      (client or w.client):poll(0.01)
    end
    error("the server never got its request")
  end

  it("is started, polled and read", function()
    local call = get()
    assert.is_false(call:finished())
    assert.equal(0, #w.sb:requests())
    assert.equal("exotel.call: get_trunk (under way)", tostring(call))
    local data, info = finish(call)
    assert.is_true(call:finished())
    assert.equal(sid, data.trunk_sid)
    assert.equal(200, info.http_status)
    assert.equal("exotel.call: get_trunk (finished)", tostring(call))
    assert.same(data, (call:result()))
  end)

  it("sends nothing until it is polled", function()
    w.sb:fault { on = "get_trunk", status = 403 }
    local call = get()
    assert.same({}, w.sb:requests())
    local err = expect.failure("permission", finish(call))
    assert.equal(1, err.attempts)
  end)

  it("raises when it is read before it is finished", function()
    local call = get()
    expect.raises("not finished", call.result, call)
    finish(call)
  end)

  it("that is refused is finished at once", function()
    local call = w.client:start("map_phone_number", { trunk_sid = sid, phone_number = "9876543210" })
    assert.is_true(call:finished())
    expect.refused("phone_number", call:result())
    assert.equal(0, w.client:poll(0))
    assert.same({}, w.sb:requests())
  end)

  it("raises when it is misused", function()
    expect.raises("unknown operation 'get_trunks'", w.client.start, w.client, "get_trunks", {})
    expect.raises("takes a table of arguments, got string", w.client.start, w.client, "get_trunk", sid)
    expect.raises("bad option 'tiemout'", w.client.start, w.client, "get_trunk", { trunk_sid = sid }, { tiemout = 1 })
    expect.raises("", w.client.start, w.client)
    local call = get()
    assert.is_false((pcall(call.result, {})))
    assert.is_false((pcall(call.result)))
    assert.equal(sid, finish(call).trunk_sid)
  end)

  it("is counted by poll, which doesn't wait when it is told not to", function()
    assert.equal(0, w.client:poll(0))
    assert.equal(0, w.client:poll())
    assert.equal(0, w.client:poll(5))
    w.sb:fault { on = "get_trunk", hang = true, times = 2 }
    local calls = { get() }
    assert.equal(1, w.client:poll(0))
    calls[2] = get()
    assert.equal(2, w.client:poll(0))
    -- Neither of the two will ever be answered; only a poll that waits would make this slow.
    for _ = 1, 1000 do assert.equal(2, w.client:poll(0)) end
    assert.is_false(calls[1]:finished() or calls[2]:finished())
    expect.raises("negative", w.client.poll, w.client, -1)
  end)

  it("is one of many at once, each with its own result", function()
    local calls = {}
    for i = 1, 30 do
      calls[i] = w.client:start("map_phone_number", { trunk_sid = sid, phone_number = ("+9180402640%02d"):format(i) })
    end
    for _ = 1, 100 do w.client:poll(1) end
    for i, call in ipairs(calls) do
      assert.is_true(call:finished())
      assert.equal(("+9180402640%02d"):format(i), call:result().phone_number)
    end
    assert.equal(30, #w.sb:requests())
  end)

  it("doesn't hold up those that come after it", function()
    w.sb:fault { on = "get_trunk", hang = true }
    local slow = get()
    until_received(1)
    assert(w.client:list_trunks {})
    assert.is_false(slow:finished())
    slow:cancel()
  end)

  it("sees its own options", function()
    w.sb:fault { on = "map_phone_number", delay = 1 }
    local err = expect.failure("timeout", finish(map { timeout = 0.05, deadline = 20 }))
    assert.is_true(err.maybe_applied)
    w.sb:fault { on = "map_phone_number", delay = 1 }
    expect.failure("timeout", finish(map { timeout = 20, deadline = 0.05 }))
  end)

  describe("that is cancelled", function()
    it("before it was sent had no effect", function()
      local call = map()
      call:cancel()
      assert.is_true(call:finished())
      local err = expect.failure("cancelled", call:result())
      assert.is_false(err.maybe_applied)
      assert.equal(0, err.attempts)
      assert.equal("map_phone_number", err.operation)
      assert.equal(0, w.client:poll(0))
      assert.same({}, w.sb:requests())
    end)

    it("on its way may have had an effect, if it writes", function()
      w.sb:fault { after = "map_phone_number", hang = true }
      local call = map()
      until_received(1)
      call:cancel()
      local err = expect.failure("cancelled", call:result())
      assert.is_true(err.maybe_applied)
      assert.equal(1, err.attempts)
      assert.equal(0, w.client:poll(0))
      assert.equal(1, #w.sb:state().trunks[1].numbers)
      w.sb:reset_requests()
      w.sb:fault { on = "get_trunk", hang = true }
      call = get()
      until_received(1)
      call:cancel()
      assert.is_false(expect.failure("cancelled", call:result()).maybe_applied)
    end)

    it("twice, or after its end, stays as it was", function()
      local call = get()
      finish(call)
      call:cancel()
      assert.equal(sid, call:result().trunk_sid)
      call = get()
      call:cancel()
      call:cancel()
      expect.failure("cancelled", call:result())
    end)

    it("leaves room for others", function()
      w:close()
      w = world.new(nil, { max_connections = 1 })
      sid = w:trunk()
      w.sb:fault { on = "get_trunk", hang = true }
      local call = get()
      until_received(1)
      local next_one = w.client:start("list_trunks", {})
      w.client:poll(0)
      assert.equal(1, #w.sb:requests())
      call:cancel()
      assert.equal(1, #finish(next_one))
    end)
  end)

  describe("whose client is closed", function()
    it("is cancelled, and stays readable", function()
      w.sb:fault { on = "map_phone_number", hang = true }
      local client = assert(w.sb:client { retries = 0 })
      local done = client:start("get_trunk", { trunk_sid = sid })
      finish(done, client)
      w.sb:reset_requests()
      local sent = client:start("map_phone_number", { trunk_sid = sid, phone_number = E164 })
      until_received(1, client)
      local queued = client:start("list_trunks", {})
      client:close()
      assert.is_true(sent:finished() and queued:finished())
      assert.is_true(expect.failure("cancelled", sent:result()).maybe_applied)
      assert.is_false(expect.failure("cancelled", queued:result()).maybe_applied)
      assert.equal(sid, done:result().trunk_sid)
      sent:cancel()
    end)

    it("by the collector is no crash", function()
      w.sb:fault { on = "get_trunk", hang = true }
      local client = assert(w.sb:client())
      local call = client:start("get_trunk", { trunk_sid = sid })
      client:poll(0)
      assert.is_false(call:finished())
      client, call = nil, nil -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      assert(w.client:list_trunks {})
    end)
  end)

  -- Calls `action` when it is collected.
  local function with_finalizer(action)
    if not newproxy then return setmetatable({}, { __gc = action }) end
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = action
    return proxy
  end

  it("that was collected and is used by another finalizer raises", function()
    local rescued
    local function drop_call()
      local holder = {}
      holder.finalizer = with_finalizer(function() rescued = holder.call end)
      holder.call = w.client:start("get_trunk", { trunk_sid = sid })
    end
    drop_call()
    collectgarbage()
    collectgarbage()
    for _, use in ipairs { "finished", "result", "cancel" } do
      expect.raises("this call was collected", rescued[use], rescued)
    end
  end)

  it("shows nobody its finalizer", function()
    assert.is_false(getmetatable(w.client:start("get_trunk", { trunk_sid = sid })))
  end)

  it("keeps its client", function()
    local client = assert(w.sb:client())
    local call = client:start("get_trunk", { trunk_sid = sid })
    local kept = setmetatable({ client }, { __mode = "v" })
    client = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_userdata(kept[1])
    assert.equal(sid, finish(call, kept[1]).trunk_sid)
  end)

  it("that is collected is cancelled", function()
    w.sb:fault { on = "get_trunk", hang = true }
    get()
    assert.equal(1, w.client:poll(0))
    collectgarbage()
    collectgarbage()
    assert.equal(0, w.client:poll(0))
    assert(w.client:list_trunks {})
  end)

  it("has its arguments copied when it is started", function()
    local arguments = { trunk_sid = sid, destinations = { { destination = "a.example.com:5061;transport=tls" } } }
    local call = w.client:start("add_destinations", arguments)
    arguments.destinations[1].destination, arguments.trunk_sid = "b.example.com:5061;transport=tls", "other"
    assert.equal("sip:a.example.com:5061;transport=tls", finish(call)[1].destination)
  end)
end)

describe("waits that yield", function()
  local w, sid

  before_each(function()
    w = world.new(nil, { sleep = coroutine.yield })
    sid = assert(w.sb:client()):create_trunk({ trunk_name = "outbound_trunk" }).trunk_sid
    w.sb:reset_requests()
  end)
  after_each(function() w:close() end)

  -- Resumes all in turn until they are done. → their results by index, and how often each was resumed
  local function run(threads)
    local results, turns, left = {}, {}, #threads
    for _ = 1, 1000000 do
      if left == 0 then break end
      for i, thread in ipairs(threads) do
        if coroutine.status(thread) ~= "dead" then
          turns[i] = (turns[i] or 0) + 1
          local good, result = coroutine.resume(thread)
          assert.is_true(good, result)
          if coroutine.status(thread) == "dead" then
            results[i] = result
            left = left - 1
          end
        end
      end
    end
    return results, turns
  end

  it("let 20 coroutines run interleaved", function()
    w:close()
    w = world.new(nil, { sleep = coroutine.yield, max_connections = 20 })
    w.sb:fault { on = "*", delay = 0.02, times = 20 }
    local threads, log = {}, {}
    for i = 1, 20 do
      threads[i] = coroutine.create(function()
        log[#log + 1] = "begin"
        local data, err = w.client:create_trunk { trunk_name = "trunk_" .. i }
        log[#log + 1] = "end"
        return data or err
      end)
    end
    local results, turns = run(threads)
    for i = 1, 20 do
      assert.equal("trunk_" .. i, results[i].trunk_name)
      assert.is_true(turns[i] > 1)
    end
    -- All had begun before any was done.
    for i = 1, 20 do assert.equal("begin", log[i]) end
    assert.equal(20, #w.sb:state().trunks)
  end)

  it("sleep for a time, a short one first", function()
    w.sb:fault { on = "get_trunk", delay = 0.02 }
    local naps = {}
    local thread = coroutine.wrap(function() return { w.client:get_trunk { trunk_sid = sid } } end)
    local nap = thread()
    while type(nap) == "number" do
      naps[#naps + 1] = nap
      nap = thread()
    end
    assert.equal(sid, nap[1].trunk_sid)
    assert.is_true(#naps > 0 and naps[1] > 0 and naps[1] <= 0.001)
    for i = 2, #naps do assert.is_true(naps[i] > 0 and naps[i] <= 0.01) end
  end)

  it("go for iterators, batch, trunk objects and provisioning too", function()
    local thread = coroutine.create(function()
      -- Not `for … in`: Lua 5.1 calls its iterator from C, where nothing can yield.
      local count, next_trunk = 0, w.client:each("list_trunks", {})
      while next_trunk() do count = count + 1 end
      local results = w.client:batch { { "get_trunk", { trunk_sid = sid } }, { "list_settings", { trunk_sid = sid } } }
      local found = require("exotel.trunk").find(w.client, "outbound_trunk")
      local number = assert(found:map_number(E164, "flow", { ensure = true }))
      local report = assert(require("exotel.provision").apply(w.client, { trunk_name = "outbound_trunk", phone_numbers = { E164 } }))
      return { count, results[1].data.trunk_sid, #results[2].data, found.trunk_sid, number.mode, #report.changes }
    end)
    local results = run { thread }
    assert.same({ 1, sid, 0, sid, "flow", 2 }, results[1])
  end)

  describe("in Lua 5.1 reach no further than a call of C, in others do:", function()
    local function in_a_loop()
      local last
      for trunk in w.client:each("list_trunks", {}) do last = trunk.trunk_sid end
      return last
    end

    local function in_a_pcall()
      local good, data = pcall(w.client.get_trunk, w.client, { trunk_sid = sid })
      if not good then error(data, 0) end
      return data.trunk_sid
    end

    for how, action in pairs { ["the iterator of a loop"] = in_a_loop, ["a pcall"] = in_a_pcall } do
      it(how, function()
        w.sb:fault { on = "*", delay = 0.05, times = true } -- so that it is waited for
        local thread = coroutine.create(action)
        if not child.is_plain_5_1 then return assert.same({ sid }, (run { thread })) end
        local good, message = coroutine.resume(thread)
        assert.is_false(good)
        assert.equal("attempt to yield across metamethod/C-call boundary", message)
      end)
    end
  end)

  it("may be a plain function, called outside any coroutine", function()
    local naps = 0
    local client = assert(w.sb:client { sleep = function() naps = naps + 1 end })
    w.sb:fault { on = "get_trunk", delay = 0.01 }
    assert.equal(sid, client:get_trunk({ trunk_sid = sid }).trunk_sid)
    assert.is_true(naps > 0)
    client:close()
  end)

  it("pass on what the sleep raises", function()
    local client = assert(w.sb:client { sleep = function() error("no sleep here", 0) end })
    w.sb:fault { on = "get_trunk", delay = 1 }
    local good, message = pcall(client.get_trunk, client, { trunk_sid = sid })
    assert.is_false(good)
    assert.equal("no sleep here", message)
    client:close()
  end)
end)
