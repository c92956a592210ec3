-- The log: the event of each attempt and each wait.
local child = require "spec.support.child"
local core = require "exotel.core"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local raw_server = require "spec.support.raw_server"
local trunk = require "exotel.trunk"
local waiting = require "exotel.calls.waiting"
local world = require "spec.support.world"

local E164 = "+919876543210"

describe("the log", function()
  local w, events

  local function log(event) events[#events + 1] = event end

  before_each(function()
    events = {}
    w = world.new(nil, { log = log, retries = 2, backoff = 0 })
  end)
  after_each(function() w:close() end)

  -- "attempt ok" and "wait", in the order of the events.
  local function story()
    local parts = {}
    for i, e in ipairs(events) do parts[i] = e.event == "attempt" and ("%d %s"):format(e.attempt, e.outcome) or e.event end
    return table.concat(parts, ", ")
  end

  local function check_keys(event, keys)
    local known = {}
    for _, key in ipairs(keys) do known[key] = true end
    for key in pairs(event) do assert.is_true(known[key], "unexpected: " .. tostring(key)) end
    for key in pairs(known) do assert.is_not_nil(event[key], "missing: " .. key) end
  end

  it("tells of a success", function()
    local data, info = assert(w.client:create_trunk { trunk_name = "outbound_trunk" })
    assert.equal(1, #events)
    local e = events[1]
    check_keys(e, { "event", "operation", "attempt", "method", "path", "status", "outcome", "seconds", "request_id" })
    assert.equal("attempt", e.event)
    assert.equal("create_trunk", e.operation)
    assert.equal(1, e.attempt)
    assert.equal("POST", e.method)
    assert.equal("/v2/accounts/sandbox1/trunks", e.path)
    assert.equal(200, e.status)
    assert.equal("ok", e.outcome)
    assert.equal(info.request_id, e.request_id)
    assert.is_true(e.seconds >= 0 and e.seconds <= info.elapsed)
    events = {}
    assert(w.client:delete_trunk { trunk_sid = data.trunk_sid })
    assert.equal("DELETE", events[1].method)
    assert.equal("/v2/accounts/sandbox1/trunks?trunk_sid=" .. data.trunk_sid, events[1].path)
  end)

  it("tells of every attempt and every wait, in order, the last one before the call returns", function()
    w.sb:fault { on = "list_trunks", status = 503 }
    w.sb:fault { on = "list_trunks", cut = 7 }
    w.sb:fault { on = "list_trunks", status = 429 }
    local err = expect.failure("rate_limited", w.client:list_trunks {})
    assert.equal("1 server, wait, 2 network, wait, 3 rate_limited", story())
    check_keys(events[1], { "event", "operation", "attempt", "method", "path", "status", "outcome", "seconds", "request_id", "reason" })
    assert.equal(503, events[1].status)
    assert.equal("it may pass", events[1].reason)
    check_keys(events[2], { "event", "operation", "attempt", "method", "path", "seconds", "reason" })
    assert.equal(1, events[2].attempt)
    assert.equal(0, events[2].seconds)
    assert.equal("it may pass", events[2].reason)
    check_keys(events[3], { "event", "operation", "attempt", "method", "path", "status", "outcome", "seconds", "reason" })
    assert.equal(200, events[3].status)
    assert.equal(429, events[5].status)
    assert.equal("no retries left", events[5].reason)
    assert.equal(err.reason, events[5].reason)
    for _, e in ipairs(events) do assert.equal("list_trunks", e.operation) end
  end)

  it("tells why a write is not repeated", function()
    w.sb:fault { after = "create_trunk", drop = true }
    expect.failure("network", w.client:create_trunk { trunk_name = "outbound_trunk" })
    assert.equal("1 network", story())
    assert.is_nil(events[1].status)
    assert.is_nil(events[1].request_id)
    assert.equal("not repeated: once more might do it twice", events[1].reason)
  end)

  it("tells of a failure that is plain without a reason", function()
    expect.failure("not_found", w.client:get_trunk { trunk_sid = "x" })
    check_keys(events[1], { "event", "operation", "attempt", "method", "path", "status", "outcome", "seconds", "request_id" })
    assert.equal("not_found", events[1].outcome)
    events = {}
    assert(w.client:create_trunk { trunk_name = "outbound_trunk" })
    expect.failure("conflict", w.client:create_trunk { trunk_name = "outbound_trunk" })
    assert.equal("1 ok, 1 conflict", story())
    assert.equal(200, events[2].status)
  end)

  it("tells of a timeout and of a deletion that a lost reply had done already", function()
    local sid = w:trunk()
    events = {}
    w.sb:fault { after = "delete_trunk", hang = true }
    assert(w.client:delete_trunk({ trunk_sid = sid }, { timeout = 0.4 }))
    assert.equal("1 timeout, wait, 2 not_found", story())
    assert.equal("an earlier attempt, whose reply was lost, deleted it", events[3].reason)
  end)

  it("tells of nothing that was not tried", function()
    expect.refused("trunk_name", w.client:create_trunk { trunk_name = "not a name" })
    w.client:start("list_trunks", {}):cancel()
    w.client:poll(0)
    assert.same({}, events)
  end)

  it("tells of calls at the same time, each with what is its own", function()
    local sid = w:trunk()
    events = {}
    local requests = {}
    for i = 1, 6 do requests[i] = { "whitelist_ip", { trunk_sid = sid, ip = "192.0.2." .. i } } end
    w.sb:fault { before = "whitelist_ip", status = 429, times = 3 }
    local request_ids = {}
    for _, result in ipairs(w.client:batch(requests)) do request_ids[result.info.request_id] = true end
    local attempts, waits = 0, 0
    for _, e in ipairs(events) do
      if e.event == "wait" then waits = waits + 1 else attempts = attempts + 1 end
      if e.outcome == "ok" then
        assert.is_true(request_ids[e.request_id])
        request_ids[e.request_id] = nil
      end
    end
    assert.same({ 9, 3 }, { attempts, waits })
    assert.is_nil(next(request_ids))
  end)

  it("tells of calls that a host of its own polls", function()
    local call = w.client:start("list_trunks", {})
    while not call:finished() do w.client:poll(0.1) end
    assert.equal("1 ok", story())
  end)

  it("tells of what trunks and iterators do", function()
    local t = assert(trunk.create(w.client, { trunk_name = "outbound_trunk" }, { ensure = true }))
    for _ in t:numbers() do error("a number") end
    assert(t:list_settings())
    local names = {}
    for i, e in ipairs(events) do names[i] = e.operation end
    assert.same({ "create_trunk", "list_phone_numbers", "list_settings" }, names)
  end)

  it("can't harm a call: an error in it is ignored", function()
    local told = 0
    local client = assert(w.sb:client { log = function(e)
      told = told + 1
      error(e)
    end })
    assert(client:list_trunks {})
    assert(client:create_trunk { trunk_name = "outbound_trunk" })
    assert.equal(2, told)
    client:close()
  end)

  it("is no hiding place from Ctrl-C", function()
    local client = assert(w.sb:client { log = function() error("script.lua:3: interrupted!", 0) end })
    local good, reason = pcall(client.list_trunks, client, {})
    assert.same({ false, "script.lua:3: interrupted!" }, { good, reason })
    client:close()
    local script = child.write([[
      if jit then jit.off() end -- compiled, an empty loop sees no signal
      local client = assert(require("exotel").client { log = function()
        os.execute("(sleep 0.1; kill -INT $PPID) >/dev/null 2>&1 &") -- later: meanwhile it would be ignored
        while true do end
      end })
      print("went on", (client:list_trunks {}))
    ]])
    -- It may have been started with the signal ignored.
    local line = "perl -e " .. child.quote("$SIG{INT} = 'DEFAULT'; exec @ARGV") .. " " .. child.command(script, w.sb:environment())
    local output, status = child.finish(child.start(line))
    os.remove(script)
    assert.equal(1, status, output)
    assert.truthy(output:find("interrupted!", 1, true), output)
    assert.is_nil(output:find("went on", 1, true), output)
  end)

  it("may make calls itself, and they are told too", function()
    local seen, client = {}, nil
    client = assert(w.sb:client { log = function(e)
      seen[#seen + 1] = e.operation
      if e.operation == "create_trunk" then assert(client:list_trunks {}) end
    end })
    assert(client:create_trunk { trunk_name = "outbound_trunk" })
    assert.same({ "create_trunk", "list_trunks" }, seen)
    client:close()
  end)

  it("may close the client", function()
    local client
    client = assert(w.sb:client { log = function() client:close() end })
    assert.same({}, (client:list_trunks {}))
    assert.equal("exotel.client (closed)", tostring(client))
  end)

  it("gets events of its own, to keep or to change", function()
    local kept = {}
    local client = assert(w.sb:client { log = function(e)
      kept[#kept + 1] = e
      e.operation = nil
    end })
    assert(client:list_trunks {})
    assert(client:list_trunks {})
    assert.is_not.equal(kept[1], kept[2])
    client:close()
  end)

  it("keeps nothing where nobody listens", function()
    local client = assert(w.sb:client())
    assert(client:list_trunks {})
    expect.failure("not_found", client:get_trunk { trunk_sid = "x" })
    assert.same({}, core.engine.events(client))
    client:close()
  end)

  it("shows no secret", function()
    w.sb:fault { on = "*", status = 503 }
    assert.is_nil((w.client:create_trunk { trunk_name = "outbound_trunk" }))
    local sid = w:trunk()
    assert(w.client:create_credential { trunk_sid = sid, user_name = "pbx", password = "hunter2_hunter2" })
    w:answer("list_trunks", '{"request_id":"sandbox_token","http_code":200,"metadata":{},"response":[]}')
    assert(w.client:list_trunks {})
    assert.is_true(#events >= 4)
    for _, e in ipairs(events) do
      for key, value in pairs(e) do
        expect.no_secret(tostring(value))
        assert.is_nil(tostring(value):find("hunter2", 1, true), key)
      end
    end
    assert.equal("*************", events[#events].request_id)
  end)

  -- Begins calls that the rate limit holds back, and doesn't wait for them.
  local function hold_back(options, count)
    options.log = log
    local client = assert(w.sb:client(options))
    assert(client:list_trunks {})
    events = {}
    local calls = {}
    for i = 1, count do calls[i] = client:start(i == 1 and "list_trunks" or "create_trunk", { trunk_name = i > 1 and "a" or nil }) end
    for _ = 1, 3 do client:poll(0) end
    return client, calls
  end

  it("tells of the wait for the rate limit, once, of the first in line", function()
    local client = hold_back({ rate_limit = 1 }, 3)
    assert.equal(1, #events)
    local e = events[1]
    check_keys(e, { "event", "operation", "attempt", "method", "path", "seconds", "reason" })
    assert.same({ "wait", "list_trunks", 0, "the rate limit is used up" }, { e.event, e.operation, e.attempt, e.reason })
    assert.is_true(e.seconds > 50 and e.seconds <= 61, e.seconds)
    client:close()
  end)

  it("tells of the next one when it is the first in line", function()
    local client, calls = hold_back({ rate_limit = 1 }, 2)
    calls[1]:cancel()
    client:poll(0)
    assert.same({ "list_trunks", "create_trunk" }, { events[1].operation, events[2].operation })
    client:close()
  end)

  it("tells that the service says to wait", function()
    w.sb:fault { on = "list_trunks", headers = { ["X-RateLimit-Remaining"] = "0", ["X-RateLimit-Reset"] = tostring(os.time() + 50) } }
    local client = hold_back({ rate_limit = false }, 1)
    assert.equal("the service says that no requests are left", events[1].reason)
    assert.is_true(events[1].seconds > 40 and events[1].seconds <= 50, events[1].seconds)
    client:close()
  end)

  it("tells of it also where no call is begun before there is capacity", function()
    local client = hold_back({ rate_limit = 1 }, 0)
    for _ = 1, 3 do core.engine.capacity(client) end
    waiting.pause(client, 0)
    assert.equal(1, #events)
    check_keys(events[1], { "event", "attempt", "seconds", "reason" })
    client:close()
  end)

  it("tells of it before the pause, not after it", function()
    local told
    local client = hold_back({ rate_limit = 1, sleep = function() told = #events end }, 0)
    core.engine.capacity(client)
    waiting.pause(client, 1)
    assert.equal(1, told)
    client:close()
  end)

  it("doesn't tell of a wait that nobody notices", function()
    local client = hold_back({ rate_limit = 5 }, 3)
    for _, e in ipairs(events) do assert.equal("attempt", e.event) end
    client:close()
  end)

  it("holds a path and a request id of any length, cut", function()
    w:answer("get_trunk", (raw_server.success('{"trunk_sid":"x"}'):gsub('"r"', '"' .. ("r"):rep(200) .. '"')))
    assert(w.client:get_trunk { trunk_sid = ("x"):rep(300) })
    assert.equal(("r"):rep(79), events[1].request_id)
    assert.equal("/v2/accounts/sandbox1/trunks/" .. ("x"):rep(170), events[1].path)
  end)

  it("is a function", function()
    expect.raises("bad option 'log'", function() exotel.client { log = "stderr" } end)
  end)

  it("tells of attempts that nobody answers", function()
    local server = raw_server.start { { "hang" } }
    server:stop()
    local client = assert(exotel.client {
      account_sid = "a", api_key = "k", api_token = "token", base_url = server.base_url, retries = 1, backoff = 0, log = log,
    })
    expect.failure("network", client:map_phone_number { trunk_sid = "t", phone_number = E164 })
    assert.equal("1 network, wait, 2 network", story())
    client:close()
  end)
end)
