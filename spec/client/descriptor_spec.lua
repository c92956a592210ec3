-- The client as an object that an event loop waits for: pollfd, timeout, events. Whether the descriptor is readable is
-- asked of the system.
local world = require "spec.support.world"
local process = require "spec.process"

-- Seconds that something certain may take.
local SOON = 10

local function is_readable(fd, seconds) return process.poll(fd, seconds or 0) end

-- A build as for a system without epoll has no descriptor.
local has_epoll = not package.cpath:find("portable", 1, true)

describe("a client in an event loop", function()
  local w

  before_each(function() w = world.new(nil, { rate_limit = false }) end)
  after_each(function() w:close() end)

  it("is watched for reading", function() assert.equal("r", w.client:events()) end)

  it("wants no poll while nothing is under way", function()
    assert.is_nil(w.client:timeout())
    assert(w.client:list_trunks {})
    w.client:poll(0)
    assert.is_nil(w.client:timeout())
  end)

  it("wants to be polled at once when a call was started, and at its deadline at the latest", function()
    w.sb:fault { on = "list_trunks", hang = true }
    local call = w.client:start("list_trunks", {}, { deadline = 5 })
    assert.equal(0, w.client:timeout())
    for _ = 1, 3 do w.client:poll(0.05) end
    local seconds = w.client:timeout()
    assert.is_true(seconds > 0 and seconds <= 5, tostring(seconds))
    call:cancel()
    w.client:poll(0)
    assert.is_nil(w.client:timeout())
  end)

  it("raises once it is closed", function()
    w.client:close()
    for _, method in ipairs { "pollfd", "timeout" } do
      local good, message = pcall(w.client[method], w.client)
      assert.is_false(good)
      assert.matches("the client is closed", message, 1, true)
    end
  end)

  it("takes the option wait with sleep only", function()
    local good, message = pcall(w.sb.client, w.sb, { wait = function() end })
    assert.is_false(good)
    assert.matches("bad option 'wait' (it goes with sleep)", message, 1, true)
  end)

  if not has_epoll then
    it("has no descriptor without epoll, and a timeout instead", function()
      assert.is_nil(w.client:pollfd())
      w.sb:fault { on = "list_trunks", hang = true }
      local call = w.client:start("list_trunks", {})
      for _ = 1, 3 do w.client:poll(0.02) end
      assert.is_true(w.client:timeout() <= 0.01)
      call:cancel()
    end)
    return
  end

  it("has one descriptor, which is quiet while nothing is under way", function()
    local fd = w.client:pollfd()
    assert.equal(fd, w.client:pollfd())
    assert.is_false(is_readable(fd))
    assert(w.client:list_trunks {})
    assert.equal(0, w.client:poll(0))
    assert.is_false(is_readable(fd))
  end)

  it("makes calls by the descriptor alone", function()
    local fd, polls = w.client:pollfd(), 0
    local call = w.client:start("list_trunks", {})
    while not call:finished() do
      assert.is_true(is_readable(fd, SOON), "nothing tells that there is something to do")
      w.client:poll(0)
      polls = polls + 1
      assert.is_true(polls < 100)
    end
    assert(call:result())
  end)

  it("tells of a repetition and of a deadline by the descriptor", function()
    local fd = w.client:pollfd()
    w.sb:fault { on = "list_trunks", status = 503 }
    local call = w.client:start("list_trunks", {}, { retries = 1 })
    local hanging = w.client:start("get_trunk", { trunk_sid = "trmum1" }, { deadline = 0.3 })
    w.sb:fault { on = "get_trunk", hang = true }
    while not (call:finished() and hanging:finished()) do
      assert.is_true(is_readable(fd, SOON))
      w.client:poll(0)
    end
    local _, info = call:result()
    assert.equal(2, info.attempts)
    local _, err = hanging:result()
    assert.equal("timeout", err.kind)
  end)

  it("tells when somebody else starts, cancels or polls, and is quiet after a poll", function()
    w.sb:fault { on = "list_trunks", hang = true, times = true }
    local fd = w.client:pollfd()
    local first = w.client:start("list_trunks", {})
    assert.is_true(is_readable(fd))
    while is_readable(fd, 0.05) do w.client:poll(0) end
    local second = w.client:start("list_trunks", {})
    assert.is_true(is_readable(fd))
    while is_readable(fd, 0.05) do w.client:poll(0) end
    second:cancel()
    assert.is_true(is_readable(fd))
    while is_readable(fd, 0.05) do w.client:poll(0) end
    local third = w.client:start("get_trunk", { trunk_sid = "trmum1" })
    while not third:finished() do w.client:poll(0.05) end -- somebody else polls, and ends what others wait for
    assert.is_true(is_readable(fd))
    first:cancel()
    w.client:poll(0)
    assert.is_false(is_readable(fd))
  end)

  it("tells that it was closed, and keeps its descriptor until it is collected", function()
    local fd = w.client:pollfd()
    w.client:close()
    assert.is_true(is_readable(fd))
  end)

  it("has another descriptor in a process that was forked off", function()
    local before = w.client:pollfd()
    local pid = process.fork()
    if pid == 0 then
      local own = w.client:pollfd()
      local call = own and w.client:start("list_trunks", {})
      while not call:finished() and is_readable(own, SOON) do w.client:poll(0) end
      process.exit(call:result() and 0 or 1)
    end
    assert.equal(0, process.wait(pid))
    assert.is_false(is_readable(before)) -- nothing of the child's is told here
  end)

  it("waits by the option wait, in all operations", function()
    local waits = 0
    local client = assert(w.sb:client {
      sleep = function() error "no clock" end,
      wait = function(one)
        waits = waits + 1
        assert(is_readable(one:pollfd(), SOON))
      end,
    })
    assert(client:create_trunk { trunk_name = "by_descriptor" })
    local results = client:batch { { "list_trunks", {} }, { "list_trunks", {} } }
    assert(results[1].data and results[2].data)
    assert.is_true(waits > 0 and waits < 100, tostring(waits))
    client:close()
  end)
end)
