-- Repeating: what is, what is not, how often, when, and what the outcome says.
local exotel = require "exotel"
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local sandbox = require "exotel.sandbox"
local world = require "spec.support.world"

local E164 = "+919876543210"
local METHODS = { "GET", "POST", "PUT", "DELETE" }
local OPERATIONS = { GET = "get_trunk", POST = "whitelist_ip", PUT = "update_phone_number", DELETE = "unmap_phone_number" }
local REFUSED_ANYWAY = "not repeated: once more might do it twice"
local TOO_LATE = "the deadline would pass before the next attempt"

describe("a call that failed", function()
  local w, t

  before_each(function()
    w = world.new(nil, { retries = 2, backoff = 0 })
    t = { sid = w:trunk() }
    t.id = assert(w.client:map_phone_number { trunk_sid = t.sid, phone_number = E164 }).id
    w.sb:reset_requests()
  end)
  after_each(function() w:close() end)

  local calls = {
    GET = function(...) return w.client:get_trunk({ trunk_sid = t.sid }, ...) end,
    POST = function(...) return w.client:whitelist_ip({ trunk_sid = t.sid, ip = "192.0.2.1" }, ...) end,
    PUT = function(...)
      return w.client:update_phone_number({ trunk_sid = t.sid, id = t.id, phone_number = E164, mode = "flow" }, ...)
    end,
    DELETE = function(...) return w.client:unmap_phone_number({ trunk_sid = t.sid, id = t.id }, ...) end,
  }

  -- The next `times` requests of a method go wrong in this way.
  local function spoil(method, how, times)
    local fault = { before = OPERATIONS[method], times = times }
    for key, value in pairs(how) do fault[key] = value end
    if fault.cut or fault.delay then fault.before, fault.on = nil, fault.before end
    w.sb:fault(fault)
  end

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
        -- The effect of a lost reply is not the point here, and a broken DELETE would be gone the second time.
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
    -- The wait that follows a failure with this Retry-After, in seconds; the call is given up then.
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

  describe("of a deletion", function()
    local function make_all()
      local sid = t.sid
      assert(w.client:whitelist_ip { trunk_sid = sid, ip = "192.0.2.1" })
      return {
        unmap_phone_number = { id = t.id },
        remove_whitelisted_ip = { id = w.sb:state().trunks[1].ips[1].id },
        remove_destination = { id = assert(w.client:add_destinations { trunk_sid = sid, destinations = { { destination = "a.example:5060" } } })[1].id },
        remove_setting = { name = assert(w.client:set_settings { trunk_sid = sid, settings = { { name = "trunk_external_alias", value = E164 } } })[1].name },
        delete_credential = { id = assert(w.client:create_credential { trunk_sid = sid, user_name = "u", password = "p" }).id },
        delete_trunk = {},
      }
    end

    local NAMES = {
      "unmap_phone_number", "remove_whitelisted_ip", "remove_destination", "remove_setting", "delete_credential", "delete_trunk",
    }

    for _, name in ipairs(NAMES) do
      it("is a success when the repetition finds nothing left: " .. name, function()
        local arguments = make_all()[name]
        arguments.trunk_sid = t.sid
        w.sb:fault { after = name, drop = true }
        local data, info = assert(w.client[name](w.client, arguments))
        assert.is_table(data)
        assert.equal(2, info.attempts)
        assert.same({ "an earlier attempt, whose reply was lost, deleted it" }, info.warnings)
        -- What was not there from the start was not deleted.
        local err = expect.failure("not_found", w.client[name](w.client, arguments))
        assert.equal(1, err.attempts)
        assert.is_false(err.maybe_applied)
      end)
    end

    for name, how in pairs { ["a 503"] = { status = 503 }, ["a reply cut short"] = { cut = 5 }, ["a reset"] = { reset = true } } do
      it("is a success when the repetition finds nothing left after " .. name, function()
        local fault = { after = "unmap_phone_number" }
        for key, value in pairs(how) do fault[key] = value end
        w.sb:fault(fault)
        local _, info = assert(calls.DELETE())
        assert.equal(2, info.attempts)
        assert.same({}, w.sb:state().trunks[1].numbers)
      end)
    end

    it("is a success after a timeout", function()
      w.sb:fault { after = "unmap_phone_number", hang = true }
      assert.equal(2, select(2, assert(calls.DELETE { timeout = 0.4 })).attempts)
    end)

    it("tells what was deleted when the first attempt had no effect", function()
      spoil("DELETE", { status = 503 }, 1)
      local data, info = assert(calls.DELETE())
      assert.equal(E164, data.phone_number)
      assert.same({}, info.warnings)
    end)

    it("is a failure when no attempt can have had effect", function()
      t.id = "999999"
      spoil("DELETE", { status = 429 }, 1)
      local err = expect.failure("not_found", calls.DELETE())
      assert.equal(2, err.attempts)
      assert.is_false(err.maybe_applied)
    end)
  end)

  describe("of a change", function()
    it("says that it may have taken effect when a lost attempt is followed by a refusal", function()
      w.sb:fault { after = "update_phone_number", drop = true }
      spoil("PUT", { status = 400 }, 1)
      local err = expect.failure("rejected", calls.PUT())
      assert.equal(2, err.attempts)
      assert.is_true(err.maybe_applied)
      assert.equal("flow", w.sb:state().trunks[1].numbers[1].mode)
    end)

    it("says that it has not when it was only put off before the refusal", function()
      spoil("PUT", { status = 429 }, 1)
      spoil("PUT", { status = 400 }, 1)
      local err = expect.failure("rejected", calls.PUT())
      assert.equal(2, err.attempts)
      assert.is_false(err.maybe_applied)
    end)

    it("says that it may have taken effect when the last attempt is put off", function()
      w.sb:fault { after = "update_phone_number", drop = true }
      spoil("PUT", { status = 429 }, true)
      local err = expect.failure("rate_limited", calls.PUT())
      assert.equal(3, err.attempts)
      assert.is_true(err.maybe_applied)
    end)
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

  describe("is repeated within", function()
    it("each: a page that fails is asked for again, and no item is missing or doubled", function()
      for i = 1, 5 do assert(w.client:whitelist_ip { trunk_sid = t.sid, ip = "192.0.2." .. i }) end
      w.sb:fault { on = "list_whitelisted_ips", cut = 20, skip = 1, times = 2 }
      w.sb:fault { on = "list_whitelisted_ips", status = 503, skip = 2 }
      local seen = {}
      for item in w.client:each("list_whitelisted_ips", { trunk_sid = t.sid, page_size = 2 }) do seen[#seen + 1] = item.ip end
      assert.same({ "192.0.2.5", "192.0.2.4", "192.0.2.3", "192.0.2.2", "192.0.2.1" }, seen)
    end)

    it("each: it raises when no retries are left", function()
      w.sb:fault { on = "list_whitelisted_ips", status = 503, times = true }
      local good, err = pcall(function()
        for _ in w.client:each("list_whitelisted_ips", { trunk_sid = t.sid }) do error("an item") end
      end)
      assert.is_false(good)
      assert.equal(3, expect.failure("server", nil, err).attempts)
    end)

    it("batch: each call for itself", function()
      local client = assert(w.sb:client { retries = 5, backoff = 0 })
      w.sb:fault { on = "*", status = 429, times = 5 }
      local requests = {}
      for i = 1, 10 do requests[i] = { "whitelist_ip", { trunk_sid = t.sid, ip = "192.0.2." .. i } } end
      local results, attempts = client:batch(requests, { concurrency = 5 }), 0
      for i, result in ipairs(results) do
        assert.equal("192.0.2." .. i, assert(result.data, result.err).ip)
        attempts = attempts + result.info.attempts
      end
      assert.equal(15, attempts)
      assert.equal(15, #w.sb:requests())
      assert.equal(10, #w.sb:state().trunks[1].ips)
      client:close()
    end)

    it("provision: reading and writing", function()
      local spec = { trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.7" }, phone_numbers = { { phone_number = E164, mode = "flow" } } }
      w.sb:fault { on = "list_trunks", cut = 9 }
      w.sb:fault { on = "list_phone_numbers", status = 502 }
      w.sb:fault { before = "whitelist_ip", status = 429 }
      w.sb:fault { after = "update_phone_number", reset = true }
      local report = assert(provision.apply(w.client, spec))
      for _, change in ipairs(report.changes) do assert.is_nil(change.err) end
      assert.equal("whitelist_ip whitelist_ip update_phone_number update_phone_number", w:writes())
    end)
  end)
end)

describe("a service that can't be reached", function()
  -- A port of this machine on which nobody listens.
  local function free_port()
    local sb = assert(sandbox.start())
    sb:stop()
    return sb.port
  end

  local options

  before_each(function()
    options = {
      account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", retries = 2, backoff = 0,
      base_url = "http://127.0.0.1:" .. free_port(),
    }
  end)

  for _, method in ipairs(METHODS) do
    it("is tried again, since nothing has left: " .. method, function()
      local client = assert(exotel.client(options))
      local calls = {
        GET = function() return client:list_trunks {} end,
        POST = function() return client:create_trunk { trunk_name = "a" } end,
        PUT = function() return client:update_trunk { trunk_sid = "a", trunk_name = "b" } end,
        DELETE = function() return client:delete_trunk { trunk_sid = "a" } end,
      }
      local err = expect.failure("network", calls[method]())
      assert.equal(3, err.attempts)
      assert.equal("no retries left", err.reason)
      assert.is_true(err.retryable)
      assert.is_false(err.maybe_applied)
      client:close()
    end)
  end

  -- A call to a service that comes back once the first attempt has failed. → the sandbox, and what the call gave
  local function call_in_time(...)
    local sb
    options.log = function(event)
      if event.event == "wait" and not sb then sb = assert(sandbox.start { port = tonumber(options.base_url:match("%d+$")) }) end
    end
    local client = assert(exotel.client(options))
    local call = client:start(...)
    while not call:finished() do client:poll(0) end
    local data, info = call:result()
    client:close()
    return sb, data, info
  end

  it("gets a POST once when it comes back", function()
    local sb, data, info = call_in_time("create_trunk", { trunk_name = "outbound_trunk" })
    assert(data, info)
    assert.equal(2, info.attempts)
    assert.equal(1, #sb:state().trunks)
    assert.equal(1, #sb:requests())
    sb:stop()
  end)

  it("says of a deletion that found nothing that it deleted nothing", function()
    local sb, data, err = call_in_time("delete_trunk", { trunk_sid = "trmum1f708622631150902801a1n" })
    expect.failure("not_found", data, err)
    assert.equal(2, err.attempts)
    assert.is_false(err.maybe_applied)
    sb:stop()
  end)
end)
