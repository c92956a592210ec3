-- Retries: which calls are repeated, after which failures, and how often.
local expect = require "spec.support.expect"
local retries = require "spec.support.retries"

local METHODS = retries.methods
local REFUSED_ANYWAY = "not repeated: once more might do it twice"

describe("a call that failed", function()
  local w, t, calls

  before_each(function()
    t = retries.new()
    w, calls = t.w, t.calls
  end)
  after_each(function() w:close() end)

  local function spoil(...) return retries.spoil(w, ...) end

  local passing = {
    ["a connection that breaks"] = { cut = 10 },
    ["HTTP 429"] = { status = 429 },
    ["HTTP 500"] = { status = 500 },
    ["HTTP 502"] = { status = 502, body = "<html>bad gateway</html>" },
    ["HTTP 503"] = { status = 503 },
    ["HTTP 504"] = { status = 504, body = "" },
    ["a 429 inside an HTTP 200"] = { status = 200, body = '{"request_id":"r","http_code":200,"response":{"code":429,"status":"failure","error_data":{"code":0,"message":"slow down"},"data":null}}' },
    ["a 503 inside an HTTP 200"] = { status = 200, body = '{"request_id":"r","http_code":503,"response":{"code":503,"status":"failure","error_data":{"code":0,"message":"busy"},"data":null}}' },
    ["a RestException of 503 in an HTTP 200"] = { status = 200, body = '{"RestException":{"Status":503,"Message":"busy","Code":"BUSY"}}' },
  }

  for name, how in pairs(passing) do
    for _, method in ipairs { "GET", "PUT", "DELETE" } do
      it(("is repeated: a %s after %s"):format(method, name), function()
        -- A DELETE whose reply is cut has taken effect, which is not the subject here.
        if how.cut and method == "DELETE" then spoil(method, { drop = true }, 2) else spoil(method, how, 2) end
        local data, info = assert(calls[method]())
        assert.is_table(data)
        assert.equal(3, info.attempts)
        assert.equal(200, info.http_status)
        assert.equal(3, #w.sb:requests())
      end)
    end
  end

  for _, method in ipairs { "GET", "PUT", "DELETE" } do
    it("is repeated: a " .. method .. " after a timeout", function()
      spoil(method, { hang = true }, 1)
      local _, info = assert(calls[method] { timeout = 0.4 })
      assert.equal(2, info.attempts)
    end)

    it("is not repeated oftener than `retries` says: a " .. method, function()
      spoil(method, { status = 503 }, true)
      local err = expect.failure("server", calls[method]())
      assert.equal(3, err.attempts)
      assert.equal("no retries left", err.reason)
      assert.equal(503, err.http_status)
      assert.is_true(err.retryable)
      assert.equal(method ~= "GET", err.maybe_applied)
      assert.equal(3, #w.sb:requests())
      assert.truthy(tostring(err):find("after 3 attempts", 1, true))
    end)
  end

  for name, how in pairs(passing) do
    local no = how.status == 429 or name:find("a 429")
    it((no and "is repeated: a POST after " or "is not repeated: a POST after ") .. name, function()
      spoil("POST", how, 2)
      if no then
        local _, info = assert(calls.POST())
        assert.equal(3, info.attempts)
        assert.equal(3, #w.sb:requests())
        assert.equal(1, #w.sb:state().trunks[1].ips)
        return
      end
      local err = expect.failure(how.cut and "network" or "server", calls.POST())
      assert.equal(1, err.attempts)
      assert.equal(1, #w.sb:requests())
      assert.is_true(err.maybe_applied)
      assert.is_false(err.retryable)
      assert.equal(REFUSED_ANYWAY, err.reason)
    end)
  end

  it("is not repeated: a POST after a timeout", function()
    spoil("POST", { hang = true }, 1)
    local err = expect.failure("timeout", calls.POST { timeout = 0.05 })
    assert.equal(1, err.attempts)
    assert.is_true(err.maybe_applied)
    assert.equal(REFUSED_ANYWAY, err.reason)
  end)

  it("keeps no doubt of a POST that was answered 429 to the end", function()
    spoil("POST", { status = 429 }, true)
    local err = expect.failure("rate_limited", calls.POST())
    assert.equal(3, err.attempts)
    assert.equal("no retries left", err.reason)
    assert.is_false(err.maybe_applied)
    assert.is_true(err.retryable)
    assert.same({}, w.sb:state().trunks[1].ips)
  end)

  it("is given up when a POST that was answered 429 is then lost", function()
    spoil("POST", { status = 429 }, 1)
    w.sb:fault { after = "whitelist_ip", drop = true }
    local err = expect.failure("network", calls.POST { retries = 9 })
    assert.equal(2, err.attempts)
    assert.is_true(err.maybe_applied)
    assert.equal(1, #w.sb:state().trunks[1].ips)
  end)

  local lasting = {
    [400] = "rejected", [401] = "authentication", [402] = "rejected", [403] = "permission", [404] = "not_found", [409] = "conflict",
    [415] = "rejected", [408] = "rejected", [501] = "server", [505] = "server",
  }
  for status, kind in pairs(lasting) do
    it(("is not repeated after HTTP %d"):format(status), function()
      for _, method in ipairs(METHODS) do
        spoil(method, { status = status }, 1)
        local err = expect.failure(kind, calls[method]())
        assert.equal(1, err.attempts)
        assert.is_false(err.retryable)
        assert.is_nil(err.reason)
        assert.equal(kind == "server" and method ~= "GET", err.maybe_applied)
      end
      assert.equal(4, #w.sb:requests())
    end)
  end

  it("is not repeated after an answer that can't be understood", function()
    for _, method in ipairs(METHODS) do
      spoil(method, { status = 200, body = "<html>" }, 1)
      local err = expect.failure("protocol", calls[method]())
      assert.equal(1, err.attempts)
      assert.is_false(err.retryable)
    end
    assert.equal(4, #w.sb:requests())
  end)

  it("is not sent at all when its arguments are wrong", function()
    local err = expect.refused("ip", w.client:whitelist_ip { trunk_sid = t.sid, ip = "::1" })
    assert.is_nil(err.reason)
    assert.same({}, w.sb:requests())
  end)

  it("is over as soon as it goes well: each attempt may fail in its own way", function()
    spoil("PUT", { status = 500 }, 1)
    spoil("PUT", { drop = true }, 1)
    spoil("PUT", { status = 429 }, 1)
    spoil("PUT", { status = 503, body = "" }, 1)
    local _, info = assert(calls.PUT { retries = 10 })
    assert.equal(5, info.attempts)
    assert.equal(5, #w.sb:requests())
    assert.equal("flow", w.sb:state().trunks[1].numbers[1].mode)
  end)

  it("ends as its last attempt did", function()
    spoil("GET", { status = 500 }, 1)
    spoil("GET", { status = 404 }, 1)
    local err = expect.failure("not_found", calls.GET())
    assert.equal(2, err.attempts)
    assert.equal(404, err.http_status)
    assert.is_nil(err.reason)
    assert.is_false(err.retryable)
  end)

  describe("can differ from the client's", function()
    it("in retries, more or fewer", function()
      spoil("GET", { status = 500 }, true)
      assert.equal(1, expect.failure("server", calls.GET { retries = 0 }).attempts)
      assert.equal(6, expect.failure("server", calls.GET { retries = 5 }).attempts)
      assert.equal(3, expect.failure("server", calls.GET()).attempts)
    end)

    it("in timeout and deadline", function()
      local client = assert(w.sb:client { timeout = 0.4, retries = 1, backoff = 0 })
      w.sb:fault { on = "get_trunk", hang = true, times = 2 }
      assert.equal(2, expect.failure("timeout", client:get_trunk { trunk_sid = t.sid }).attempts)
      w.sb:fault { on = "get_trunk", hang = true }
      local err = expect.failure("timeout", client:get_trunk({ trunk_sid = t.sid }, { timeout = 20, deadline = 0.03 }))
      assert.equal(1, err.attempts)
      client:close()
    end)
  end)
end)
