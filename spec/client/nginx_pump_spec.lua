-- The pump of an nginx worker, without a server: one that polls for all, waits that are over, killed or without a pump.
local exotel = require "exotel"
local raw_server = require "spec.support.raw_server"
local fake = require "spec.support.fake_nginx"

describe("the pump of nginx", function()
  local nginx, client

  before_each(function()
    nginx = fake.start()
    client = assert(exotel.client {
      account_sid = "a", api_key = "k", api_token = "t", base_url = "http://127.0.0.1:9",
    })
  end)
  after_each(function()
    client:close()
    fake.stop()
  end)

  -- What the pump sees of a call that ends: the client has been active, and it is finished.
  local function finish(task)
    task.over = true
    client:start("list_trunks", {}):cancel()
    if nginx.socket then nginx:notify() end
  end

  local function new_task(lasts)
    local task = { cancelled = 0, over = lasts == 0 }
    function task.finished() return task.over end
    function task.cancel() task.cancelled, task.over = task.cancelled + 1, true end
    if lasts and lasts > 0 then nginx:spawn(function()
      nginx.sleep(lasts)
      finish(task)
    end) end
    return task
  end

  local function wait(task) return nginx:spawn(nginx.pump.until_finished, client, task) end

  local function running_timers()
    local count = 0
    for _, timer in ipairs(nginx.timers) do count = count + (timer.done and 0 or 1) end
    return count
  end

  it("is one for all waits, and ends with the last", function()
    local first, second = wait(new_task(0.5)), wait(new_task(2))
    nginx:run(1)
    assert.is_true(first.result)
    assert.is_nil(second.done)
    assert.equal(1, running_timers())
    nginx:run(1.5)
    assert.is_true(second.result)
    assert.equal(0, running_timers())
    assert.equal(1, #nginx.timers)
  end)

  it("has ended when the last wait has", function()
    local task, left = new_task(0.5), nil
    nginx:spawn(function()
      nginx.pump.until_finished(client, task)
      left = running_timers()
    end)
    nginx:run(1)
    assert.equal(0, left)
  end)

  it("is another one for the next wait", function()
    wait(new_task(0.1))
    nginx:run(1)
    local thread = wait(new_task(0.1))
    nginx:run(1)
    assert.is_true(thread.result)
    assert.equal(2, #nginx.timers)
  end)

  it("is not asked for what has finished", function()
    local thread = wait(new_task(0))
    nginx:run(0)
    assert.is_true(thread.result)
    assert.equal(0, #nginx.timers)
  end)

  it("sees a new wait at once", function()
    wait(new_task(10))
    nginx:run(1.0001)
    local now, task = nginx.now, new_task()
    local second = wait(task)
    nginx:run(0)
    finish(task)
    wait(new_task()) -- at the same time
    nginx:run(0)
    assert.equal(now, nginx.now)
    assert.is_true(second.result)
  end)

  it("leaves those alone that somebody waits for, for however long", function()
    local task = new_task(30)
    local thread = wait(task)
    nginx:run(31)
    assert.is_true(thread.result)
    assert.equal(0, task.cancelled)
    assert.equal(1, #nginx.timers)
  end)

  -- One of them begins to wait again in the millisecond in which the pump looks.
  it("takes none for abandoned that just begins to wait again", function()
    local tasks = {}
    for i = 1, 250 do
      nginx:spawn(function()
        tasks[i] = new_task()
        nginx.pump.until_finished(client, tasks[i])
      end)
      nginx:run(0.001)
    end
    nginx:run(3)
    for _, task in ipairs(tasks) do assert.equal(0, task.cancelled) end
  end)

  it("cancels what nobody waits for any more, once, and then ends", function()
    local task = new_task()
    local thread = wait(task)
    nginx:run(1.5)
    nginx:kill(thread)
    nginx:run(5)
    assert.equal(1, task.cancelled)
    assert.equal(0, running_timers())
  end)

  describe("that was killed", function()
    local task, thread

    before_each(function()
      task = new_task(20)
      thread = wait(task)
      nginx:run(1)
      nginx:kill(nginx.timers[1])
      nginx:run(2.5)
    end)

    it("is noticed: the wait goes on without it", function()
      assert.is_false(thread.result)
      assert.equal(0, task.cancelled)
    end)

    it("is followed by another", function()
      local other = wait(new_task(1))
      nginx:run(2)
      assert.is_true(other.result)
      assert.equal(2, #nginx.timers)
    end)

    it("leaves nothing that the next one takes for abandoned", function()
      wait(new_task(5))
      nginx:run(6)
      assert.equal(0, task.cancelled)
    end)
  end)

  it("that was only late ends when there is another", function()
    local first, second = wait(new_task(20)), wait(new_task(20))
    nginx:run(1)
    nginx.timers[1].due = nginx.now + 3
    nginx:run(2.5)
    assert.is_false(first.result)
    assert.is_false(second.result)
    local other = wait(new_task(2))
    nginx:run(1)
    assert.equal(2, #nginx.timers)
    assert.equal(1, running_timers())
    nginx:run(2)
    assert.is_true(other.result)
  end)

  it("that can't be is told, and tried again", function()
    nginx.refuses_timers = true
    local thread = wait(new_task(1))
    nginx:run(0)
    assert.is_false(thread.result)
    nginx.refuses_timers = false
    local other = wait(new_task(1))
    nginx:run(2)
    assert.is_true(other.result)
    assert.equal(1, #nginx.timers)
  end)

  it("asks nobody whether it has finished while nothing happens", function()
    local task, asked = new_task(10), 0
    local finished = task.finished
    function task.finished()
      asked = asked + 1
      return finished()
    end
    local thread = wait(task)
    nginx:run(11)
    assert.is_true(thread.result)
    assert.is_true(asked < 10, asked .. " times")
  end)

  it("is not asked for a pause, which is as long as it says", function()
    local thread = nginx:spawn(fake.strategy().pause, nil, nil, 2)
    nginx:run(1.9)
    assert.is_nil(thread.done)
    nginx:run(0.2)
    assert.equal(2, thread.result)
    assert.equal(0, #nginx.timers)
  end)

  describe("with sockets", function()
    local methods = require("exotel.core").client_methods -- the pump polls a client by its method
    local poll, polls

    before_each(function()
      nginx:open_sockets()
      polls, poll = 0, methods.poll
      function methods.poll(...)
        polls = polls + 1
        return poll(...)
      end
    end)
    after_each(function() methods.poll = poll end)

    it("doesn't poll while nothing happens, but now and then to show that it lives", function()
      local thread = wait(new_task(30))
      nginx:run(20)
      assert.is_true(polls > 20 and polls < 50, polls .. " polls")
      nginx:run(11)
      assert.is_true(thread.result)
      assert.equal(1, #nginx.timers)
    end)

    it("polls at once when it is told", function()
      local task = new_task()
      local thread = wait(task)
      nginx:run(1)
      local now = nginx.now
      finish(task)
      nginx:run(0)
      assert.equal(now, nginx.now)
      assert.is_true(thread.result)
    end)

    it("polls when the client says so", function()
      nginx.due = 0.1
      wait(new_task(30))
      nginx:run(10)
      assert.is_true(polls > 90 and polls < 110, polls .. " polls")
    end)

    it("never polls without a pause", function()
      nginx.due = 0
      wait(new_task(30))
      nginx:run(1)
      assert.is_true(polls > 900 and polls < 1010, polls .. " polls")
    end)

    it("polls by the clock what it can't watch", function()
      nginx.due = nil
      wait(new_task(30))
      nginx:run(1)
      assert.is_true(polls > 90 and polls < 120, polls .. " polls")
    end)

    it("sees a new wait at once", function()
      wait(new_task(10))
      nginx:run(3.1)
      local before, now = polls, nginx.now
      wait(new_task())
      nginx:run(0)
      assert.equal(now, nginx.now)
      assert.equal(before + 1, polls)
    end)

    it("cancels soon what nobody waits for any more", function()
      local task = new_task()
      local thread = wait(task)
      nginx:run(1.5)
      nginx:kill(thread)
      nginx:run(2.5)
      assert.equal(1, task.cancelled)
    end)

    it("stays a while after its last wait, for the next one, and then leaves nothing", function()
      for _ = 1, 5 do
        local thread = wait(new_task(0.1))
        nginx:run(0.3)
        assert.is_true(thread.result)
      end
      assert.equal(1, #nginx.timers)
      assert.equal(1, nginx.notifiers)
      nginx:run(2)
      assert.equal(0, nginx:count_threads())
      assert.is_true(nginx.socket.closed)
      local thread = wait(new_task(0.1))
      nginx:run(1)
      assert.is_true(thread.result)
      assert.equal(2, nginx.notifiers)
    end)

    it("doesn't stay in a worker that exits", function()
      wait(new_task(0.1))
      nginx:run(0.05)
      nginx.exiting = true
      nginx:run(0.2)
      assert.equal(0, nginx:count_threads())
    end)

    it("has no notifier before its first poll without a result", function()
      local task = new_task(0.0001)
      wait(task)
      nginx:run(0.0005)
      assert.equal(0, nginx.notifiers)
    end)

    it("goes on by the clock when nginx closes its socket", function()
      local thread = wait(new_task(5))
      nginx:run(1)
      nginx:shut_socket()
      nginx:run(0.6) -- it is asleep
      local before = polls
      nginx:run(1)
      assert.is_true(polls - before > 90, polls - before .. " polls")
      nginx:run(4)
      assert.is_true(thread.result)
      assert.equal(1, nginx.notifiers)
      assert.equal(0, nginx:count_threads())
    end)

    it("goes by the clock where none can be connected, and doesn't try each time", function()
      nginx.refuses_sockets = true
      for _ = 1, 5 do
        local thread = wait(new_task(0.1))
        nginx:run(0.3)
        assert.is_true(thread.result)
      end
      assert.equal(1, nginx.notifiers)
      assert.equal(0, nginx:count_threads())
    end)
  end)

  it("asks only as many calls as may have finished", function()
    local server = raw_server.start { { "hang" } }
    local other = assert(exotel.client {
      account_sid = "a", api_key = "k", api_token = "t", base_url = server.base_url, max_connections = 1,
    })
    local methods, asked, calls, threads = require("exotel.core").call_methods, 0, {}, {}
    local finished = methods.finished
    function methods.finished(call)
      asked = asked + 1
      return finished(call)
    end
    finally(function()
      methods.finished = finished
      other:close()
      server:stop()
    end)
    for i = 1, 40 do
      calls[i] = other:start("list_trunks", {})
      threads[i] = nginx:spawn(nginx.pump.until_finished, other, calls[i])
    end
    nginx:run(1)
    for _, i in ipairs { 2, 6, 4 } do
      asked = 0
      calls[i]:cancel()
      calls[i + 1]:cancel()
      nginx:run(1)
      assert.is_true(threads[i].result)
      assert.is_true(threads[i + 1].result)
      assert.is_true(asked < 10, asked .. " times")
    end
    other:close()
    nginx:run(1)
    for i = 1, 40 do assert.is_true(threads[i].done) end
  end)

  -- A pool may also go on since another call may be started.
  it("tells a pool and a call, whichever waits first", function()
    local server = raw_server.start { { "hang" } }
    local other = assert(exotel.client {
      account_sid = "a", api_key = "k", api_token = "t", base_url = server.base_url, max_connections = 1,
    })
    finally(function()
      other:close()
      server:stop()
    end)
    local function wait_for(task) return nginx:spawn(nginx.pump.until_finished, other, task) end
    for _, first in ipairs { "pool", "call" } do
      local pool, call = new_task(), other:start("list_trunks", {})
      local tasks = { pool = pool, call = call }
      local second = first == "pool" and "call" or "pool"
      local threads = { wait_for(tasks[first]), wait_for(tasks[second]) }
      nginx:run(0.5)
      pool.over = true
      call:cancel()
      nginx:run(0.5)
      for _, thread in ipairs(threads) do assert.is_true(thread.result, first .. " first") end
    end
  end)

  it("uses the semaphores of waits that are over again, and keeps few", function()
    local module, made = require "ngx.semaphore", 0
    local new = module.new
    function module.new(n)
      made = made + 1
      return new(n)
    end
    local function new_ones(count, at_a_time)
      local before = made
      for _ = 1, count / at_a_time do
        for _ = 1, at_a_time do wait(new_task(0.1)) end
        nginx:run(0.5)
      end
      return made - before - count / at_a_time * (at_a_time + 1) -- each task sleeps on one, and each pump waits on one
    end
    assert.equal(1, new_ones(20, 1))
    assert.equal(199, new_ones(200, 200))
    assert.equal(150, new_ones(200, 200))
  end)

  it("hands on what a poll raises, to those that have not finished", function()
    local first, second = wait(new_task(0.5)), wait(new_task())
    nginx:run(0.2)
    client:close()
    nginx:run(5)
    assert.truthy(tostring(first.failure):find("closed", 1, true), tostring(first.failure))
    assert.truthy(tostring(second.failure):find("closed", 1, true), tostring(second.failure))
    assert.equal(0, running_timers())
  end)
end)
