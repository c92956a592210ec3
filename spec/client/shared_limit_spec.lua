-- Clients that share their rate limit in a store.
local child = require "spec.support.child"
local core = require "exotel.core"
local exotel = require "exotel"
local process = require "spec.process"
local redis = require "spec.support.redis"
local sandbox = require "exotel.sandbox"

local sb, path, store, clients, events

local function new_client(options)
  local all = {
    store = store, rate_limit = 20, retries = 0,
    log = function(event) if event.event ~= "attempt" then events[#events + 1] = event end end,
  }
  for name, value in pairs(options or {}) do all[name] = value end
  if all.store == false then all.store = nil end
  clients[#clients + 1] = assert(sb:client(all))
  return clients[#clients]
end

-- The reasons of the events of one kind.
local function reasons(kind)
  local list = {}
  for _, event in ipairs(events) do
    if event.event == kind then list[#list + 1] = event.reason end
  end
  return list
end

local function expect_wait(client, reason)
  local data, err = client:list_trunks({}, { deadline = 0.3 })
  assert.is_nil(data)
  assert.equal("timeout", err.kind)
  assert.equal(0, err.attempts)
  assert.equal(reason, reasons("wait")[#reasons("wait")])
end

local USED_UP = "the shared rate limit is used up"
local SERVICE_SAYS = "the service says that no requests are left"

local function with_world(options)
  before_each(function()
    sb, clients, events = assert(sandbox.start(options)), {}, {}
    path = os.tmpname()
    os.remove(path)
    store = assert(exotel.store.file { path = path })
  end)
  after_each(function()
    for _, client in ipairs(clients) do client:close() end
    sb:stop()
    os.remove(path)
  end)
end

describe("clients with one store", function()
  with_world()

  it("send no more than the limit together", function()
    local a, b = new_client(), new_client()
    for _ = 1, 10 do
      assert(a:list_trunks {})
      assert(b:list_trunks {})
    end
    expect_wait(a, USED_UP)
    expect_wait(b, USED_UP)
    assert.equal(20, #sb:requests())
  end)

  it("make many calls at once, in a batch too", function()
    local a, b = new_client(), new_client()
    local requests = {}
    for i = 1, 15 do requests[i] = { "list_trunks", {} } end
    for _, result in ipairs(a:batch(requests)) do assert(result.data) end
    for i = 1, 5 do assert(b:list_trunks {}, i) end
    expect_wait(b, USED_UP)
    assert.equal(20, #sb:requests())
  end)

  it("count retries", function()
    local a, b = new_client { retries = 2, backoff = 0.001 }, new_client()
    sb:fault { on = "list_trunks", status = 503, times = 2 }
    assert(a:list_trunks {})
    for _ = 1, 17 do assert(b:list_trunks {}) end
    expect_wait(b, USED_UP)
  end)

  it("are granted in blocks by a store that is far, and give back what they did not use", function()
    local asked, reports = {}, {}
    local far = { lock = function() end, lease = function(_, account, limit, wanted, details)
      assert.equal("sandbox1@" .. sb.base_url:match("//(.*)"), account)
      assert.equal(400, limit)
      if wanted > 0 then asked[#asked + 1] = wanted end
      for _, report in ipairs(details.reports) do reports[#reports + 1] = report end
      return wanted, 0, { lease = 1000 + #asked, left = 300, born = 1 }
    end }
    local a = new_client { store = far, rate_limit = 400 }
    for _ = 1, 10 do assert(a:list_trunks {}) end
    assert.same({ 1, 2, 4, 8 }, asked)
    a:close()
    local used, unused = 0, 0
    for _, report in ipairs(reports) do
      assert.is_true(report.age >= 0 and report.age < 10)
      if report.used then used = used + report.count else unused = unused + report.count end
    end
    assert.same({ 10, 5 }, { used, unused })
  end)

  it("learn from each other what the service says is left", function()
    local a, b = new_client(), new_client()
    local reset = ("%d"):format(os.time() + 40)
    sb:fault { on = "list_trunks", status = 200, body = '{"request_id":"r","method":"GET","http_code":200,"response":[]}',
      headers = { ["X-RateLimit-Remaining"] = "0", ["X-RateLimit-Reset"] = reset } }
    a:list_trunks {}
    expect_wait(b, SERVICE_SAYS)
  end)

  it("learn from each other that the service refused with 429", function()
    local a, b = new_client(), new_client()
    sb:fault { on = "list_trunks", status = 429, headers = { ["Retry-After"] = "30" } }
    local data, err = a:list_trunks {}
    assert.is_nil(data)
    assert.equal("rate_limited", err.kind)
    a:poll(0)
    expect_wait(b, SERVICE_SAYS)
  end)

  it("count each account and service by itself", function()
    local other = assert(sandbox.start())
    local a, b = new_client(), assert(other:client { store = store, rate_limit = 20 })
    for _ = 1, 2 do assert(a:list_trunks {}) end
    assert(b:list_trunks {})
    b:close()
    local function left(service)
      return (select(3, store:lease("sandbox1@" .. service.base_url:match("//(.*)"), 20, 0))).left
    end
    assert.same({ 18, 19 }, { left(sb), left(other) })
    other:stop()
  end)

  it("without a limit ask nobody", function()
    local asked = false
    local a = new_client { rate_limit = false, store = { lease = function() asked = true end } }
    assert(a:list_trunks {})
    assert.is_false(asked)
  end)

  it("in processes that were forked off, too", function()
    local a = new_client()
    assert(a:list_trunks {})
    local pids = {}
    for i = 1, 3 do
      pids[i] = process.fork()
      if pids[i] == 0 then
        local done = 0
        while a:list_trunks({}, { deadline = 0.2 }) do done = done + 1 end
        process.exit(done)
      end
    end
    local sum = 1
    for _, pid in ipairs(pids) do sum = sum + process.wait(pid) end
    assert.equal(20, sum)
    assert.equal(20, #sb:requests())
  end)

  it("wait by a scheduler's sleep, and by a descriptor", function()
    if not clients[1] and not new_client():pollfd() then return end -- a build without epoll
    local a = new_client { sleep = function(seconds) process.poll(0, seconds) end }
    assert(a:list_trunks {})
    local b = new_client {
      sleep = function() error "no clock" end,
      wait = function(client) assert(process.poll(assert(client:pollfd()), 10)) end,
    }
    for _ = 1, 19 do assert(b:list_trunks {}) end
    expect_wait(b, USED_UP)
    expect_wait(a, USED_UP)
  end)

  it("have bulk imports wait", function()
    local bulk = require "exotel.bulk"
    local a = new_client()
    assert(a:create_trunk { trunk_name = "out" })
    local rows = { "trunk,phone_number" }
    for i = 1, 10 do rows[i + 1] = ("out,+9198765432%02d"):format(i) end
    local file = child.write(table.concat(rows, "\n") .. "\n")
    local summary = assert(bulk.map_numbers(a, file, { results = file .. ".results" }))
    os.remove(file)
    os.remove(file .. ".results")
    assert.equal(10, summary.done)
  end)
end)

describe("a client whose store can't be had", function()
  with_world()

  local broken, asked

  local function breakable()
    return { lock = function() end, lease = function(_, account, limit, wanted, details)
      local told = details and (#details.reports > 0 or details.paused ~= nil)
      asked[#asked + 1] = wanted .. (told and " told" or "")
      if broken then return nil, "it is broken" end
      return store:lease(account, limit, wanted, details)
    end }
  end

  before_each(function() broken, asked = true, {} end)

  it("sends up to the fallback, and says so once", function()
    local a = new_client { store = breakable(), store_fallback = 7 }
    for _ = 1, 7 do assert(a:list_trunks {}) end
    assert.is_nil((a:list_trunks({}, { deadline = 0.2 })))
    assert.equal(7, #sb:requests())
    assert.same({ "the shared rate limit can't be had, up to 7 requests a minute go without it: it is broken" }, reasons("store"))
  end)

  it("takes a quarter of the limit unless told", function()
    local a = new_client { store = breakable() }
    for _ = 1, 5 do assert(a:list_trunks {}) end
    assert.is_nil((a:list_trunks({}, { deadline = 0.2 })))
    assert.equal(5, #sb:requests())
  end)

  it("tells the store what it sent, once it can be had again #once", function()
    local a = new_client { store = breakable(), store_fallback = 7 }
    for _ = 1, 7 do assert(a:list_trunks {}) end
    assert.is_nil((a:list_trunks({}, { deadline = 1.3 }))) -- it has asked once more meanwhile, in vain
    assert.equal(1, #reasons("store"))
    broken = false
    assert(a:list_trunks({}, { deadline = 10 }))
    assert.equal("the rate limit is shared again", reasons("store")[2])
    -- What it would have been told, and granted, might have counted there without an answer.
    assert.same({ "1", "0", "0", "0 told", "1" }, asked)
    local _, _, more = store:lease("sandbox1@" .. sb.base_url:match("//(.*)"), 20, 0)
    assert.equal(12, more.left)
  end)

  it("tells it that the service wants a pause, once it can be had again", function()
    broken = false
    local a = new_client { store = breakable() }
    sb:fault { on = "list_trunks", status = 429, headers = { ["Retry-After"] = "30" } }
    assert.equal("rate_limited", select(2, a:list_trunks {}).kind)
    broken = true
    a:list_trunks({}, { deadline = 0.1 })
    assert.equal("1 told", asked[#asked])
    broken = false
    local more
    repeat
      a:list_trunks({}, { deadline = 0.1 })
      more = select(3, store:lease("sandbox1@" .. sb.base_url:match("//(.*)"), 20, 0))
    until more.paused > 0 or #asked > 20
    assert.is_true(more.paused > 20, tostring(more.paused))
  end)
end)

describe("a client whose Redis is #once", function()
  local server

  with_world()
  before_each(function() server = redis.start() end)
  after_each(function() server:stop() end)

  local function redis_store(timeout)
    return exotel.store.redis { connect = function() return server:connect(timeout or 1) end }
  end

  local function make(client, count) for i = 1, count do assert(client:list_trunks({}, { deadline = 20 }), i) end end

  it("killed and empty when it comes back: no call is lost, and the rest of the limit goes by the fallback", function()
    local a = new_client { store = redis_store(), store_fallback = 15 }
    make(a, 8)
    server:kill()
    make(a, 3)
    assert.equal(1, #reasons("store"))
    server:launch()
    -- It comes back: the store doesn't know of what was sent, and is told.
    local later = core.now() + 6
    while core.now() < later do a:poll(0.1) process.poll(0, 0.1) end
    make(a, 1)
    assert.equal(12, #sb:requests())
    local list = reasons("store")
    assert.matches("can't be had", list[1], 1, true)
    -- Another one, that knows nothing, is told to wait as well.
    local granted, wait, more = redis_store():lease("sandbox1@" .. sb.base_url:match("//(.*)"), 20, 1)
    assert.equal(0, granted)
    assert.is_true(wait > 30 and more.learning > 30, tostring(wait))
    assert.is_true(more.left <= 8, tostring(more.left))
  end)

  it("stopped: a call waits for it no longer than the connection's timeout", function()
    local a = new_client { store = redis_store(0.5), store_fallback = 10 }
    make(a, 2)
    server:signal("STOP")
    local began = core.now()
    make(a, 3)
    local took = core.now() - began
    assert.is_true(took < 5, tostring(took))
    assert.equal(1, #reasons("store"))
    server:signal("CONT")
    assert.equal(5, #sb:requests())
  end)
end)

describe("the options of a shared limit", function()
  with_world()

  it("are checked", function()
    for _, case in ipairs {
      { { store = "redis://x" }, "bad option 'store' (a store expected, got string)" },
      { { store = {} }, "bad option 'store' (one of exotel.store expected)" },
      { { store = io.stdout }, "bad option 'store' (one of exotel.store expected)" },
      { { store_fallback = 0 }, "bad option 'store_fallback' (a whole number from 1 to 1000000 expected)" },
      { { store_fallback = "x" }, "bad option 'store_fallback' (number expected, got string)" },
    } do
      local good, message = pcall(sb.client, sb, case[1])
      assert.is_false(good)
      assert.matches(case[2], message, 1, true)
    end
  end)

  it("are there under exotel.store as well", function()
    assert.equal(require "exotel.store", exotel.store)
    assert.equal("nil\n", child.run("print(require('exotel').stores)"))
  end)
end)
