-- How a client waits: a strategy, chosen when it is made. Where it refuses to wait, no call is started.
local core = require "exotel.core"
local errors = require "exotel.error"
local expect = require "spec.support.expect"
local fake_nginx = require "spec.support.fake_nginx"
local waiting = require "exotel.calls.waiting"
local world = require "spec.support.world"

describe("a client's strategy", function()
  local w
  after_each(function() w:close() end)

  local function strategy() return getmetatable(core.engine.state(w.client)) end

  it("is to block", function()
    w = world.new()
    assert.equal(require "exotel.calls.blocking", strategy())
  end)

  it("is the option sleep where it is given", function()
    w = world.new(nil, { sleep = function() end })
    assert.equal(require "exotel.calls.cooperative", strategy())
  end)

  it("is nginx's own there, where the option sleep is not given", function()
    w = world.new(nil, { sleep = function() end })
    fake_nginx.start()
    local there, nginx = fake_nginx.waiting()
    fake_nginx.stop()
    there.choose(w.client)
    assert.equal(require "exotel.calls.cooperative", strategy())
    core.engine.state(w.client).sleep = nil
    there.choose(w.client)
    assert.equal(nginx, strategy())
  end)
end)

describe("a pause that blocks", function()
  local wait = core.engine.wait
  after_each(function() core.engine.wait = wait end)

  it("is made of short ones, between which Ctrl-C is seen", function()
    local w = world.new()
    local asked = {}
    core.engine.wait = function(_, seconds) asked[#asked + 1] = seconds end
    waiting.pause(w.client, 1000)
    waiting.pause(w.client, 0.125)
    assert.same({ 0.2, 0.125 }, asked)
    w:close()
  end)
end)

describe("a wait that sleeps", function()
  local activity = core.engine.activity
  after_each(function() core.engine.activity = activity end)

  it("polls soon after something has happened, and less often while nothing does", function()
    local slept, counts, polls = {}, { 7, 7, 7, 8, 8 }, 0
    local w = world.new(nil, { sleep = function(seconds) slept[#slept + 1] = seconds end })
    core.engine.activity = function()
      polls = polls + 1
      return counts[polls]
    end
    waiting.until_finished(w.client, { finished = function() return #slept == #counts end })
    assert.same({ 0.001, 0.00125, 0.0015625, 0.001, 0.00125 }, slept)
    w:close()
  end)
end)

describe("what was waited for", function()
  local w
  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  -- As where nothing can yield across a pcall.
  local function protect(action, cleanup)
    setmetatable(core.engine.state(w.client), { __index = { pcall_safe = false } })
    local thread = coroutine.create(function() waiting.protect(w.client, action, cleanup) end)
    return coroutine.resume(thread)
  end

  it("is left alone once it has come to its end", function()
    local cleaned = 0
    assert(protect(function() end, function() cleaned = cleaned + 1 end))
    w.client:poll(0)
    assert.equal(0, cleaned)
  end)

  it("is cleaned up before the next poll when it raised", function()
    local cleaned = 0
    assert.is_false(protect(function() error("no time", 0) end, function() cleaned = cleaned + 1 end))
    assert.equal(0, cleaned)
    w.client:poll(0)
    assert.equal(1, cleaned)
  end)
end)

describe("a call that only its wait has", function()
  local take = core.engine.take
  local taken
  before_each(function()
    taken = {}
    core.engine.take = function(call)
      taken[#taken + 1] = call
      return take(call)
    end
  end)
  after_each(function() core.engine.take = take end)

  -- The collector doesn't know how much memory a call has, and would leave it for long.
  it("is freed as soon as its result is there", function()
    local w = world.new()
    assert(w.client:list_trunks {})
    assert(w.client:batch({ { "list_trunks", {} }, { "list_trunks", {} } })[2].data)
    assert.equal(3, #taken)
    for _, call in ipairs(taken) do
      assert.error_matches(function() call:finished() end, "this call was collected", 1, true)
    end
    w:close()
  end)
end)

describe("a client that its log closes", function()
  local w
  after_each(function() w:close() end)

  -- Later than the end of a slice in which a wait blocks.
  local NEXT_ATTEMPT = { ["Retry-After"] = "1" }

  for name, sleep in pairs { ["blocks"] = false, ["sleeps"] = function() end } do
    it("ends the call as cancelled, where it " .. name .. " until the next attempt", function()
      local client
      w = world.new()
      w.sb:fault { on = "list_trunks", status = 503, headers = NEXT_ATTEMPT }
      client = assert(w.sb:client { log = function() client:close() end, sleep = sleep or nil })
      expect.failure("cancelled", client:list_trunks {})
    end)
  end
end)

describe("where no call can wait", function()
  local w, sid, started

  -- The strategy of a host in which no call can wait.
  local Refusing = {}
  Refusing.__index = Refusing
  function Refusing.refusal(_, operation)
    return errors.new { kind = "config", operation = operation, message = "not here" }
  end

  local starts = {}
  before_each(function()
    w = world.new()
    sid = w:trunk()
    started = 0
    for _, operation in ipairs(core.operations) do
      local start = operation.start
      starts[operation] = start
      operation.start = function(...)
        started = started + 1
        return start(...)
      end
    end
  end)
  after_each(function()
    for operation, start in pairs(starts) do operation.start = start end
    w:close()
  end)

  local function refuse() setmetatable(core.engine.state(w.client), Refusing) end

  local function assert_refused(operation, ...)
    local err = expect.failure("config", ...)
    assert.equal(operation, err.operation)
    assert.equal("not here", err.message)
    assert.equal(0, err.attempts)
  end

  it("one is refused before it is started", function()
    assert(w.client:get_trunk { trunk_sid = sid })
    assert.equal(1, started)
    w.sb:reset_requests()
    refuse()
    assert_refused("get_trunk", w.client:get_trunk { trunk_sid = sid })
    local results = w.client:batch { { "list_trunks", {} }, { "get_trunk", { trunk_sid = sid } } }
    assert_refused("list_trunks", nil, results[1].err)
    assert_refused("get_trunk", nil, results[2].err)
    local good, err = pcall(w.client:each("list_trunks", {}))
    assert.is_false(good)
    assert_refused("list_trunks", nil, err)
    assert.equal(1, started)
    assert.equal(0, w.client:poll(0))
    assert.same({}, w.sb:requests())
  end)

  it("what is wrong with it is told first, in the same words", function()
    local function told()
      local said = {}
      for _, arguments in ipairs { {}, { trunk_sid = sid, mask = 1 }, { trunk_sid = sid, ip = "x" }, { 1 } } do
        local err = expect.failure("invalid_argument", w.client:whitelist_ip(arguments))
        err.elapsed = 0
        said[#said + 1] = err
      end
      return said
    end
    local usual = told()
    refuse()
    started = 0
    assert.same(usual, told())
    assert.equal(0, started)
  end)

  it("misuse raises", function()
    refuse()
    expect.raises("get_trunk takes a table of arguments, got number", w.client.get_trunk, w.client, 1)
    expect.raises("get_trunk takes a table of arguments, got nil", w.client.get_trunk, w.client)
    expect.raises("bad option 'tiemout' %(unknown%)", w.client.get_trunk, w.client, { trunk_sid = sid }, { tiemout = 1 })
    expect.raises("exotel%.client expected", w.client.get_trunk, {})
    w.client:close()
    expect.raises("the client is closed", w.client.get_trunk, w.client, { trunk_sid = sid })
    assert.equal(0, started)
  end)
end)
