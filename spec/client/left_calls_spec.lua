-- Calls that nobody waits for any more: the waiter was ended by an error, or the client was closed under it.
local expect = require "spec.support.expect"
local world = require "spec.support.world"

describe("with the option sleep, a call that nobody waits for any more", function()
  local w, client, sleep

  before_each(function()
    w = world.new()
    sleep = coroutine.yield
    client = assert(w.sb:client { retries = 0, max_connections = 1, sleep = function(...) return sleep(...) end })
  end)
  after_each(function()
    client:close()
    w:close()
  end)

  -- So that every call is waited for, however slow this process is.
  local function delay_answers() w.sb:fault { on = "*", delay = 0.05, times = true } end

  -- Runs to its end, however often it sleeps. → what it returned
  local function run(action)
    local results
    local thread = coroutine.create(function() results = { action() } end)
    while coroutine.status(thread) ~= "dead" do assert(coroutine.resume(thread)) end
    return (table.unpack or unpack)(results, 1, 3)
  end

  -- Runs until it raises. → what it raised
  local function fail(action)
    local thread = coroutine.create(action)
    while true do
      local good, reason = coroutine.resume(thread)
      if not good then return reason end
      assert.equal("suspended", coroutine.status(thread))
    end
  end

  local function requests(n)
    local list = {}
    for i = 1, n do list[i] = { "create_trunk", { trunk_name = "trunk_" .. i } } end
    return list
  end

  it("is not sent by somebody else's poll: its sleep raised", function()
    delay_answers()
    local naps = 0
    sleep = function()
      naps = naps + 1
      if naps == 1 then error("the scheduler ends", 0) end
      coroutine.yield()
    end
    assert.equal("the scheduler ends", fail(function() return client:batch(requests(20)) end))
    assert(run(function() return client:list_trunks {} end))
    assert.truthy(#w.sb:state().trunks <= 1)
    assert.equal(0, client:poll(0))
  end)

  it("is not sent by somebody else's poll: a progress function raised", function()
    delay_answers()
    local failure = { "progress" }
    local reason = fail(function()
      return client:batch(requests(20), { progress = function() error(failure, 0) end })
    end)
    assert.equal(failure, reason)
    assert(run(function() return client:list_trunks {} end))
    assert.truthy(#w.sb:state().trunks <= 2)
    assert.equal(0, client:poll(0))
  end)

  -- In Lua 5.1 nothing can yield in a pcall, so that already the first sleep raises there.
  for _, what in ipairs { "sleep", "progress function" } do
    it("is not sent by the coroutine that has caught what its " .. what .. " raised", function()
      delay_answers()
      local function raise() error("no time", 0) end
      local options = {}
      if what == "sleep" then sleep = raise else options.progress, sleep = raise, function() end end
      run(function()
        local good, reason = pcall(client.batch, client, requests(20), options)
        assert.is_false(good)
        assert.equal("no time", reason)
        sleep = coroutine.yield
        assert(client:list_trunks {})
      end)
      assert.truthy(#w.sb:state().trunks <= 2)
      assert.equal(0, client:poll(0))
    end)
  end

  it("is cancelled, and the batch that it was made within goes on", function()
    sleep = function() end
    local results = run(function()
      return client:batch(requests(3), { progress = function()
        sleep = function() error("no time", 0) end
        pcall(client.create_trunk, client, { trunk_name = "within" })
        sleep = function() end
      end })
    end)
    for i = 1, 3 do assert(results[i].data, results[i].err) end
    assert.truthy(#w.sb:state().trunks <= 3 + 3)
    assert.equal(0, client:poll(0))
  end)

  it("is not sent when it was one call in line behind another one", function()
    w.sb:fault { on = "list_trunks", hang = true }
    local first = coroutine.create(function() return client:list_trunks {} end)
    assert(coroutine.resume(first))
    while #w.sb:requests() == 0 do client:poll(0.01) end
    sleep = function() error("no time", 0) end
    assert.equal("no time", fail(function() return client:create_trunk { trunk_name = "late" } end))
    sleep = coroutine.yield
    assert.equal(1, client:poll(0))
    assert.equal("list_trunks", w:operations())
  end)

  -- → the results of a coroutine that waits while `act` is done to its client
  local function wait_while(action, act)
    local results
    local thread = coroutine.create(function() results = { action() } end)
    assert(coroutine.resume(thread))
    act()
    assert(coroutine.resume(thread))
    assert.equal("dead", coroutine.status(thread))
    return results[1], results[2]
  end

  it("is told that it was cancelled when its client was closed by another coroutine", function()
    w.sb:fault { on = "create_trunk", hang = true }
    local data, err = wait_while(function() return client:create_trunk { trunk_name = "a" } end, function()
      while #w.sb:requests() == 0 do client:poll(0.01) end
      client:close()
    end)
    expect.failure("cancelled", data, err)
    assert.is_true(err.maybe_applied)
  end)

  it("is given its result when that had come before the client was closed", function()
    delay_answers()
    local data, info = wait_while(function() return client:create_trunk { trunk_name = "a" } end, function()
      while client:poll(1) > 0 do end
      client:close()
    end)
    assert(data, info)
    assert.equal(w.sb:state().trunks[1].trunk_sid, data.trunk_sid)
  end)

  it("is told so when that happened between two calls of one method", function()
    local t = require("exotel.trunk").attach(client, w:trunk())
    delay_answers()
    local data, err = wait_while(function() return t:add_destination("a.example.com:5060", { ensure = true }) end, function()
      while client:poll(1) > 0 do end -- what it reads before it adds
      client:close()
    end)
    expect.failure("cancelled", data, err)
    assert.is_false(err.maybe_applied)
    assert.equal("list_destinations", w:operations())
  end)

  it("is told for each request of a batch, sent or not", function()
    w.sb:fault { on = "create_trunk", hang = true }
    local results = wait_while(function() return client:batch(requests(60)) end, function()
      while #w.sb:requests() == 0 do client:poll(0.01) end
      client:close()
    end)
    assert.equal(60, #results)
    for i, result in ipairs(results) do
      expect.failure("cancelled", nil, result.err)
      assert.equal(i == 1, result.err.maybe_applied, i)
    end
  end)

  it("is told within a list of several pages, as an error object", function()
    w:close()
    w = world.new { page_size = 2 }
    for i = 1, 5 do w:trunk("trunk_" .. i) end
    client = assert(w.sb:client { sleep = coroutine.yield })
    local seen, reason = 0, nil
    local thread = coroutine.create(function()
      local next_trunk = client:each("list_trunks", {}) -- Lua 5.1 cannot yield in a for loop's iterator
      while next_trunk() do
        seen = seen + 1
        if seen == 2 then client:close() end
      end
    end)
    repeat
      local good, raised = coroutine.resume(thread)
      if not good then reason = raised end
    until coroutine.status(thread) == "dead"
    assert.equal(2, seen)
    expect.failure("cancelled", nil, reason)
  end)
end)
