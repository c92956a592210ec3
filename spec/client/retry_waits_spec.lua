-- Retries: the waits between attempts, with and without Retry-After, and the deadline.
local expect = require "spec.support.expect"
local retries = require "spec.support.retries"

local METHODS = retries.methods
local TOO_LATE = "the deadline would pass before the next attempt"

describe("a call that failed", function()
  local w, t, calls

  before_each(function()
    t = retries.new()
    w, calls = t.w, t.calls
  end)
  after_each(function() w:close() end)

  local function spoil(...) return retries.spoil(w, ...) end

  describe("and whose time is limited", function()
    it("is not repeated when the wait that is asked for would last beyond the deadline", function()
      for _, method in ipairs(METHODS) do
        spoil(method, { status = 429, headers = { ["Retry-After"] = "30" } }, 1)
        local err = expect.failure("rate_limited", calls[method] { deadline = 20 })
        assert.equal(1, err.attempts)
        assert.equal(30, err.retry_after)
        assert.equal(TOO_LATE, err.reason)
        assert.is_true(err.retryable)
        assert.is_false(err.maybe_applied)
      end
      assert.equal(4, #w.sb:requests())
    end)

    it("ends with the deadline, whatever is left of `retries`", function()
      local client = assert(w.sb:client { retries = 100, backoff = 3600, deadline = 0.05 })
      w.sb:fault { on = "get_trunk", status = 503, times = true }
      local err = expect.failure("server", client:get_trunk { trunk_sid = t.sid })
      assert.equal(TOO_LATE, err.reason)
      assert.equal(503, err.http_status)
      client:close()
    end)

    it("ends with the deadline in the middle of an attempt", function()
      w.sb:fault { on = "get_trunk", hang = true, times = true }
      local err = expect.failure("timeout", calls.GET { timeout = 30, deadline = 0.05, retries = 100 })
      assert.equal(1, err.attempts)
      assert.equal(TOO_LATE, err.reason)
    end)

    it("ends with the deadline when attempts time out one after the other", function()
      w.sb:fault { on = "get_trunk", hang = true, times = true }
      local err = expect.failure("timeout", calls.GET { timeout = 0.02, deadline = 0.1, retries = 100 })
      assert.is_true(err.attempts >= 2)
      assert.equal(TOO_LATE, err.reason)
      assert.equal(err.attempts, #w.sb:requests())
    end)
  end)

  describe("and to which the service says when to come back", function()
    -- The wait that follows a failure with this Retry-After; then the call is abandoned. → its event, and an err
    local function wait_after(retry_after, fault)
      local waits = {}
      local client = assert(w.sb:client { retries = 2, backoff = 0, log = function(e)
        if e.event == "wait" then waits[#waits + 1] = e end
      end })
      spoil("GET", fault or { status = 503, headers = { ["Retry-After"] = retry_after } }, 1)
      local call = client:start("get_trunk", { trunk_sid = t.sid })
      while #waits == 0 and not call:finished() do client:poll(0.01) end
      local err = select(2, call:finished() and call:result())
      client:close()
      return waits[1], err
    end

    it("waits so many seconds", function()
      local wait = wait_after("60")
      assert.is_true(wait.seconds > 50 and wait.seconds <= 60)
      assert.equal("the service said when to come back", wait.reason)
    end)

    it("waits until that date", function()
      local wait = wait_after(os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 50))
      assert.is_true(wait.seconds > 30 and wait.seconds <= 51)
      assert.equal("the service said when to come back", wait.reason)
    end)

    it("reads that date by the service's own clock, which the answer's Date tells", function()
      local function http_date(time) return os.date("!%a, %d %b %Y %H:%M:%S GMT", time) end
      for _, wrong in ipairs { -1800, 1800 } do
        local there = os.time() + wrong
        local wait = wait_after(nil, { status = 503, headers = { Date = http_date(there), ["Retry-After"] = http_date(there + 7) } })
        assert.is_true(wait.seconds > 6 and wait.seconds <= 7, wait.seconds)
      end
    end)

    local bodies = {
      ["beside everything"] = '{"error":"too many","retry_after":7}', ["as text"] = '{"retry_after":"7"}',
      ["in response.error"] = '{"http_code":429,"response":{"error":{"code":"x","message":"m","retry_after":7}}}',
      ["in response"] = '{"http_code":429,"response":{"code":429,"status":"failure","retry_after":7}}',
      ["in error_data"] = '{"http_code":429,"response":{"code":429,"status":"failure","error_data":{"message":"m","retry_after":6.2}}}',
      ["in RestException"] = '{"RestException":{"Status":429,"Message":"m","Code":"RATE_LIMIT_EXCEEDED","retry_after":7}}',
    }
    for where, body in pairs(bodies) do
      it("reads it from the body, too: " .. where, function()
        local wait = wait_after(nil, { status = 429, body = body })
        assert.is_true(wait.seconds > 6 and wait.seconds <= 7, wait.seconds)
        assert.equal("the service said when to come back", wait.reason)
      end)
    end

    it("believes the header rather than the body, and no nonsense", function()
      local wait = wait_after(nil, { status = 429, body = '{"retry_after":50}', headers = { ["Retry-After"] = "3" } })
      assert.is_true(wait.seconds > 2 and wait.seconds <= 3, wait.seconds)
      for _, text in ipairs { "-1", "null", '"soon"', "{}", "[7]", "true" } do
        assert.equal(0, wait_after(nil, { status = 429, body = '{"retry_after":' .. text .. "}" }).seconds)
      end
    end)

    for _, text in ipairs { "0", "soon", "", "-5", "Mon, 02 Jan 2006 15:04:05 GMT", "Mon, 99 Foo 2006" } do
      it("waits as without it when it says nothing: " .. text, function()
        local wait = wait_after(text)
        assert.equal(0, wait.seconds)
        assert.equal("it may pass", wait.reason)
      end)
    end

    for _, method in ipairs(METHODS) do
      it("is not repeated when that is longer than 60 seconds: a " .. method, function()
        spoil(method, { status = 429, headers = { ["Retry-After"] = "61" } }, 1)
        local err = expect.failure("rate_limited", calls[method] { deadline = 30 })
        assert.equal(1, err.attempts)
        assert.equal(61, err.retry_after)
        assert.equal("the service asks for a longer wait than 60 seconds", err.reason)
      end)
    end

    it("is not repeated when that date is more than 60 seconds away", function()
      local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 3600)
      spoil("GET", { status = 503, headers = { ["Retry-After"] = date } }, 1)
      local err = expect.failure("server", calls.GET { deadline = 30 })
      assert.equal(1, err.attempts)
      assert.is_true(err.retry_after > 3000 and err.retry_after <= 3601)
      assert.equal("the service asks for a longer wait than 60 seconds", err.reason)
    end)

    it("is not repeated when that is longer than any number", function()
      spoil("GET", { status = 503, headers = { ["Retry-After"] = ("9"):rep(18) } }, 1)
      assert.equal(1, expect.failure("server", calls.GET { deadline = 30 }).attempts)
    end)
  end)

  it("waits a random time up to a bound that doubles, when nobody says how long", function()
    local waits = {}
    local client = assert(w.sb:client { retries = 6, backoff = 0.0005, log = function(e)
      if e.event == "wait" then waits[#waits + 1] = e.seconds end
    end })
    w.sb:fault { on = "get_trunk", status = 500, times = true }
    assert.equal(7, expect.failure("server", client:get_trunk { trunk_sid = t.sid }).attempts)
    assert.equal(6, #waits)
    for i, seconds in ipairs(waits) do assert.is_true(seconds >= 0 and seconds <= 0.0005 * 2 ^ (i - 1), seconds) end
    client:close()
  end)
end)
