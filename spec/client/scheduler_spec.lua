-- Waits by a scheduler's own sleep. The tests judge by order and counts, never by time: all calls are under way before the
-- first is answered, and other coroutines get their turns meanwhile.
local sip_core = require "exotel.sip.core"
local world = require "spec.support.world"

local CALLS = 50
-- The service's time for a call, in seconds.
local CALL = 0.2

-- Schedulers ---------------------------------------------------------------------------------------------------------

-- Time for the schedulers, in hundredths of a second, from the kernel.
local function now()
  local file = assert(io.open("/proc/uptime"))
  local seconds = file:read("*n")
  file:close()
  return seconds
end

-- One without a clock: a coroutine that sleeps is resumed after all others had their turn.
local function round_robin()
  local self = { threads = {} }
  function self.add(f) self.threads[#self.threads + 1] = coroutine.create(f) end
  self.sleep = coroutine.yield
  function self.run()
    while #self.threads > 0 do
      local left = {}
      for _, thread in ipairs(self.threads) do
        local good, reason = coroutine.resume(thread)
        assert(good, reason)
        if coroutine.status(thread) ~= "dead" then left[#left + 1] = thread end
      end
      self.threads = left
    end
  end
  return self
end

-- One like copas: a main loop that resumes the coroutines whose time has come, and sleeps when there are none. What
-- its sleep yields carries a mark, so that any other yield is noticed.
local function timed()
  local self = { timers = {} }
  local MARK = {}
  function self.add(f) self.timers[#self.timers + 1] = { thread = coroutine.create(f), at = 0 } end
  function self.sleep(seconds)
    assert(type(seconds) == "number" and seconds >= 0)
    return coroutine.yield(MARK, seconds)
  end
  local function resume(timer)
    local good, mark, seconds = coroutine.resume(timer.thread)
    assert(good, mark)
    if coroutine.status(timer.thread) == "dead" then return end
    assert(mark == MARK, "a yield that is not the scheduler's")
    self.timers[#self.timers + 1] = { thread = timer.thread, at = now() + seconds }
  end
  function self.run()
    while #self.timers > 0 do
      local due, later, time = {}, {}, now()
      for _, timer in ipairs(self.timers) do table.insert(timer.at <= time and due or later, timer) end
      self.timers = later
      for _, timer in ipairs(due) do resume(timer) end
      if #due == 0 then sip_core.wait({}, 0.002) end
    end
  end
  return self
end

local schedulers = { ["plain coroutines"] = round_robin, ["a copas-like scheduler"] = timed }

-- Tests -------------------------------------------------------------------------------------------------------------

for name, new_scheduler in pairs(schedulers) do
  describe("with " .. name, function()
    local w, scheduler, sid

    before_each(function()
      scheduler = new_scheduler()
      w = world.new(nil, { sleep = scheduler.sleep, max_connections = CALLS, rate_limit = false })
      local plain = assert(w.sb:client())
      sid = assert(plain:create_trunk { trunk_name = "outbound_trunk" }).trunk_sid
      plain:close()
      w.sb:reset_requests()
    end)
    after_each(function() w:close() end)

    -- Adds a ticker of 1 ms that goes on until `is_over()`, and calls `tick` each time.
    local function add_ticker(is_over, tick)
      scheduler.add(function()
        while not is_over() do
          scheduler.sleep(0.001)
          tick()
        end
      end)
    end

    it("50 calls of 50 coroutines take about one call's time, and a ticker goes on beside them", function()
      w.sb:fault { on = "get_trunk", delay = CALL, times = CALLS }
      local ticks, done, first_end, last_begin, shortest = 0, 0, nil, nil, math.huge
      for i = 1, CALLS do
        scheduler.add(function()
          local begin = ticks
          last_begin = begin
          local data, err = w.client:get_trunk { trunk_sid = sid }
          first_end = first_end or ticks
          shortest = math.min(shortest, ticks - begin)
          assert(data, tostring(err) .. " of call " .. i)
          done = done + 1
        end)
      end
      add_ticker(function() return done == CALLS end, function() ticks = ticks + 1 end)
      scheduler.run()
      assert.equal(CALLS, #w.sb:requests())
      -- All had begun before any was done: one after the other they would take 10 seconds.
      assert.is_true(last_begin < first_end, last_begin .. " " .. first_end)
      -- No call lies between two ticks: no tick was delayed by a call.
      assert.is_true(shortest >= 3, shortest .. " ticks")
    end)

    it("batch, each, trunk objects and provision yield too", function()
      w.sb:fault { on = "*", delay = 0.05, times = true }
      local over, report, results = false, nil, nil
      local names, ticks, marks = {}, 0, {}
      scheduler.add(function()
        report = assert(require("exotel.provision").apply(w.client, {
          trunk_name = "by_scheduler", phone_numbers = { "+919876543210" }, whitelisted_ips = { "203.0.113.10" },
        }))
        marks[1] = ticks
        local requests = {}
        for i = 1, 10 do requests[i] = { "get_trunk", { trunk_sid = i % 2 == 0 and sid or report.trunk_sid } } end
        results = w.client:batch(requests, { concurrency = 5 })
        marks[2] = ticks
        -- By hand: Lua 5.1 can't yield inside the iterator of a for.
        local next_trunk = w.client:each("list_trunks", {})
        for _ = 1, 2 do names[#names + 1] = next_trunk().trunk_name end
        assert(next_trunk() == nil)
        over = true
      end)
      add_ticker(function() return over end, function() ticks = ticks + 1 end)
      scheduler.run()
      assert.equal(3, #report.changes)
      for i = 1, 10 do assert.equal(i % 2 == 0 and sid or report.trunk_sid, results[i].data.trunk_sid) end
      table.sort(names)
      assert.same({ "by_scheduler", "outbound_trunk" }, names)
      -- Others had their turns during each of the three.
      assert.is_true(0 < marks[1] and marks[1] < marks[2] and marks[2] < ticks, table.concat(marks, " ") .. " " .. ticks)
    end)

    it("one that fails or is left alone does not hold up the others", function()
      w.sb:fault { on = "list_settings", hang = true, times = true }
      local ended
      local abandoned = coroutine.create(function() return w.client:list_settings { trunk_sid = sid } end)
      coroutine.resume(abandoned)
      abandoned = nil -- luacheck: ignore
      scheduler.add(function()
        local data, err = w.client:list_settings({ trunk_sid = sid }, { timeout = 0.1 })
        assert(data == nil and err.kind == "timeout")
        ended = assert(w.client:get_trunk { trunk_sid = sid })
      end)
      scheduler.run()
      assert.equal(sid, ended.trunk_sid)
      collectgarbage()
      collectgarbage()
      assert.equal(0, w.client:poll(0))
    end)
  end)
end
