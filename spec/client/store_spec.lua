-- The stores by themselves: leases that never exceed the limit, locks, and what a file or a Redis can have against it.
local child = require "spec.support.child"
local core = require "exotel.core"
local exotel = require "exotel"
local nobody = require "spec.support.nobody"
local process = require "spec.process"
local redis = require "spec.support.redis"
local window = require("exotel.store.window").functions

local function path_of_store()
  local path = os.tmpname()
  os.remove(path)
  return path
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local server, path
setup(function() server = redis.start() end)
teardown(function() server:stop() end)

local kinds = {}

function kinds.file()
  path = path_of_store()
  return function() return assert(exotel.store.file { path = path }) end
end

local prefixes = 0
function kinds.redis()
  prefixes = prefixes + 1
  local prefix = "test" .. prefixes .. ":"
  return function() return exotel.store.redis { connect = function() return server:connect() end, prefix = prefix } end
end

for kind, prepare in pairs(kinds) do
  describe("a store: " .. kind, function()
    local open, store

    before_each(function()
      open = prepare()
      store = open()
    end)
    after_each(function() if path then os.remove(path) end end)

    it("grants as many as the limit, and says how long to wait", function()
      local granted, wait, more = store:lease("account", 200, 150)
      assert.equal(150, granted)
      assert.equal(0, wait)
      assert.equal(50, more.left)
      granted, wait = store:lease("account", 200, 150)
      assert.equal(50, granted)
      assert.is_true(wait > 59 and wait < 61, tostring(wait))
      granted, wait = store:lease("account", 200, 1)
      assert.equal(0, granted)
      assert.is_true(wait > 59 and wait < 61, tostring(wait))
    end)

    it("counts for all that open it, and each account by itself", function()
      assert.equal(200, (store:lease("a", 200, 200)))
      local other = open()
      assert.equal(0, (other:lease("a", 200, 1)))
      assert.equal(1, (other:lease("b", 200, 1)))
    end)

    it("takes back what was not used, and counts from its end what was", function()
      local _, _, more = store:lease("a", 10, 10, { life = 100 })
      local granted, wait = store:lease("a", 10, 3, {
        reports = { { lease = more.lease, count = 4, used = false, age = 0 }, { lease = more.lease, count = 6, used = true, age = 59 } },
      })
      assert.equal(3, granted)
      assert.is_number(wait)
      granted, wait = store:lease("a", 10, 3)
      assert.equal(1, granted)
      assert.is_true(wait > 0.5 and wait < 1.2, tostring(wait))
    end)

    it("counts what was sent without it, also beyond the limit", function()
      store:lease("a", 10, 5)
      store:lease("a", 10, 0, { reports = { { lease = 0, count = 8, used = true, age = 30 } } })
      local granted, wait, more = store:lease("a", 10, 1)
      assert.equal(0, granted)
      assert.equal(0, more.left)
      assert.is_true(wait > 29 and wait < 31, tostring(wait))
    end)

    it("tells all that the service wants a pause", function()
      store:lease("a", 10, 0, { paused = 20 })
      local granted, wait, more = open():lease("a", 10, 1)
      assert.equal(0, granted)
      assert.is_true(wait > 19 and wait <= 20 and more.paused > 19, tostring(wait))
    end)

    it("grants nothing for a minute once a holder knows of requests that it does not", function()
      store:lease("a", 10, 0, { has_lost = true })
      local granted, wait, more = open():lease("a", 10, 1)
      assert.equal(0, granted)
      assert.is_true(wait > 59 and more.learning > 59)
    end)

    it("lets those who wait have their turn in the order in which they came", function()
      store:lease("a", 2, 2, { life = 0.5 })
      assert.equal(0, (store:lease("a", 2, 1, { who = "first" })))
      assert.equal(0, (store:lease("a", 2, 2, { who = "second" })))
      local later = core.now() + 0.8
      while core.now() < later do process.poll(0, 0) end
      assert.equal(0, (store:lease("a", 2, 2, { who = "third" }))) -- three are wanted before it
      assert.equal(1, (store:lease("a", 2, 1, { who = "first", life = 60 })))
      assert.equal(1, (store:lease("a", 2, 2, { who = "second", life = 60 })))
    end)

    it("gives a lock to one at a time, with tokens that grow", function()
      local lock = assert(store:lock("apply", 30))
      local other = open()
      local none, err = other:lock("apply", 30)
      assert.is_nil(none)
      assert.equal("conflict", err.kind)
      local host, user, id = core.process()
      assert.same({ host, user, id }, { err.host, err.user, err.process })
      assert.is_true(math.abs(err.since - os.time()) < 60)
      assert.matches(("locked by %s on "):format(user), tostring(err), 1, true)
      assert.is_true(assert(lock:renew()))
      assert.is_true(lock:release())
      assert.is_true(lock:release())
      local second = assert(other:lock("apply", 30))
      assert.is_true(second.token > lock.token)
      assert.truthy(store:lock("another", 30))
      local good, lost = lock:renew()
      assert.is_nil(good)
      assert.equal("conflict", lost.kind)
    end)

    it("takes a lock whose time has run out away from who had it", function()
      local lock = assert(store:lock("apply", 0.05))
      local later = core.now() + 0.1
      while core.now() < later do process.poll(0, 0) end
      local second = assert(open():lock("apply", 30))
      assert.is_true(second.token > lock.token)
      local good, err = lock:renew()
      assert.is_nil(good)
      assert.equal("conflict", err.kind)
      assert.is_nil((lock:release()))
      assert.is_true(second:renew(10))
    end)

    it("raises on misuse, at the caller's line", function()
      for _, case in ipairs {
        { "lease takes the account's name first", function() store:lease(nil, 1, 1) end },
        { "lease takes the limit second", function() store:lease("a", 0, 1) end },
        { "lease takes third", function() store:lease("a", 1, -1) end },
        { "lease takes third", function() store:lease("a", 1, 1.5) end },
        { "lock takes a name first", function() store:lock("", 1) end },
        { "lock takes seconds", function() store:lock("a", 0) end },
      } do
        local good, message = pcall(case[2])
        assert.is_false(good)
        assert.matches(case[1], message, 1, true)
        assert.matches("store_spec.lua", message, 1, true)
      end
    end)

    it("takes any text as a name", function()
      local name = "a b\n%c\"\0\255"
      assert.equal(1, (store:lease(name, 1, 1)))
      assert.equal(0, (store:lease(name, 1, 1)))
      assert.truthy(store:lock(name, 10))
      assert.is_nil((open():lock(name, 10)))
    end)
  end)
end

describe("the file store", function()
  before_each(function() path = path_of_store() end)
  after_each(function() os.remove(path) end)

  local function refused(text)
    write(path, text)
    local store, err = exotel.store.file { path = path }
    assert.is_nil(store)
    assert.equal("config", err.kind)
    assert.matches(path, err.message, 1, true)
    assert.equal(text, read(path)) -- and left alone
    return err.message
  end

  it("refuses another file by name, and leaves it as it is", function()
    assert.matches("is a file of something else", refused("hello\n"))
    assert.matches("is a file of something else", refused(("x"):rep(300000)))
    assert.matches("damaged, or was made by another version", refused("exotel store 2 1 0 0\n"))
  end)

  it("refuses a damaged one by name", function()
    local store = assert(exotel.store.file { path = path })
    for _ = 1, 4 do store:lease("a", 10, 1) end
    assert.matches("damaged", refused((read(path):gsub("window", "windoW"))))
  end)

  it("refuses a text that it can't read", function()
    local store = assert(exotel.store.file { path = path })
    local shared = assert(core.open_shared(path))
    assert(shared:write("window a 1 something\n"))
    shared:close()
    local granted, err = store:lease("a", 1, 1)
    assert.is_nil(granted)
    assert.matches("damaged", err.message)
    local another
    another, err = exotel.store.file { path = path }
    assert.is_nil(another)
    assert.matches("damaged", err.message)
  end)

  it("takes an empty file, and an older text where the newest was cut off", function()
    write(path, "")
    local store = assert(exotel.store.file { path = path })
    for _ = 1, 5 do assert.equal(1, (store:lease("a", 10, 1))) end
    local text = read(path)
    local newest = text:find("exotel store 1 5 ", 1, true)
    write(path, text:sub(1, newest + 90) .. ("\1"):rep(20) .. text:sub(newest + 111))
    assert.equal(6, (store:lease("a", 10, 10))) -- the fifth was never heard of
  end)

  it("begins anew where the first text was cut off", function()
    write(path, "exotel store 1 1 20 12345678" .. (" "):rep(35) .. "\nclock x")
    local store = assert(exotel.store.file { path = path })
    assert.equal(10, (store:lease("a", 10, 10)))
    assert.equal(0, (store:lease("a", 10, 10)))
  end)

  it("is no device and no folder, and needs its folder", function()
    for _, other in ipairs { "/dev/null", "/tmp", "/proc/nonexistent/store" } do
      local store, err = exotel.store.file { path = other }
      assert.is_nil(store)
      assert.equal("config", err.kind)
      assert.matches(other, err.message, 1, true)
    end
  end)

  it("says that the disk is full, and keeps what it had #plain", function()
    local store = assert(exotel.store.file { path = path })
    store:lease("a", 10, 4)
    store:lease("a", 10, 4)
    local code = ("local s = assert(require('exotel.store').file { path = %q }) print(s:lease('b', 10, 1))"):format(path)
    local script = child.write(code)
    local text = child.finish(child.start("bash -c " .. child.quote("trap '' XFSZ; ulimit -f 0; " .. child.command(script))))
    os.remove(script)
    assert.matches("^nil\tstore: config: the store .* can't be written: File too large", text)
    assert.equal(2, (store:lease("a", 10, 10)))
  end)

  it("is a user's own by default: below XDG_RUNTIME_DIR, else in a folder of his below TMPDIR", function()
    local folder = path_of_store()
    assert(os.execute("mkdir " .. folder))
    local code = "print(require('exotel.store').file())"
    local text = child.run(code, { XDG_RUNTIME_DIR = folder, TMPDIR = "/nonexistent" })
    assert.equal("exotel.store: file " .. folder .. "/exotel/store\n", text)
    text = child.run(code, { XDG_RUNTIME_DIR = "", TMPDIR = folder })
    assert.matches("^exotel.store: file " .. folder:gsub("%p", "%%%0") .. "/exotel%-%d+/store\n$", text)
    assert(os.execute(("cd %s && rm -r exotel-* && mkdir other && ln -s other exotel-$(id -u)"):format(folder)))
    text = child.run(code, { XDG_RUNTIME_DIR = "", TMPDIR = folder })
    assert.matches("no store in the folder .*: it is no folder", text)
    assert(os.execute(("cd %s && rm exotel-* && mkdir -m 777 exotel-$(id -u)"):format(folder)))
    text = child.run(code, { XDG_RUNTIME_DIR = "", TMPDIR = folder })
    assert.matches("others can get at it", text)
    os.execute("rm -rf " .. folder)
  end)

  it("of another account is refused by name", function()
    assert(exotel.store.file { path = path }):lease("a", 1, 1)
    assert.equal(("store: config: the store %s can't be opened: Permission denied"):format(path),
      nobody.sees(function() return select(2, exotel.store.file { path = path }) end))
  end)

  it("can be read by nobody else", function()
    assert(exotel.store.file { path = path }):lease("a", 1, 1)
    local pipe = assert(io.popen("stat -c %a " .. path))
    assert.equal("600\n", pipe:read("*a"))
    pipe:close()
  end)

  it("counts for longer, never for less, by another clock; and two clocks in turn are refused #plain", function()
    local store = assert(exotel.store.file { path = path })
    assert.equal(10, (store:lease("a", 10, 10)))
    local lock = assert(store:lock("apply", 30))
    -- As after a restart, or in a container: a clock of another name, a day ahead.
    local code = ("local s = assert(require('exotel.store').file { path = %q }) print((s:lease('a', 10, 1))) print(s:lock('apply', 30))")
      :format(path)
    local script = child.write(code)
    local text, status = child.finish(child.start("unshare --time --boottime 86400 --fork " .. child.command(script)))
    os.remove(script)
    assert.equal(0, status, text)
    assert.matches("^0\nnil\tlock: conflict: apply is locked by ", text)
    local granted, err = store:lease("a", 10, 1)
    assert.is_nil(granted)
    assert.matches("used by another machine, or container, as well", err.message, 1, true)
    assert.is_nil((lock:renew()))
  end)

  it("frees a lock whose holder has ended", function()
    local store = assert(exotel.store.file { path = path })
    local pid = process.fork()
    if pid == 0 then
      assert(store:lock("apply", 60))
      process.exit(0)
    end
    assert.equal(0, process.wait(pid))
    assert.truthy(store:lock("apply", 60))
  end)

  it("waits a second at most for a file that is locked #plain #once", function()
    local store = assert(exotel.store.file { path = path })
    store:lease("a", 1, 1)
    local pipe = assert(io.popen("flock " .. path .. " sh -c 'echo locked; exec sleep 5' & echo $!; wait"))
    local lines = pipe:read("*l") .. " " .. pipe:read("*l") -- in either order
    local pid = lines:match("%d+")
    assert.truthy(lines:find("locked", 1, true))
    local began = core.now()
    local granted, err = store:lease("a", 1, 1)
    assert.is_nil(granted)
    assert.matches("has been locked by another process for more than a second", err.message, 1, true)
    assert.is_true(core.now() - began < 3)
    os.execute(("pkill -P %s; kill %s 2>/dev/null"):format(pid, pid))
    pipe:close()
  end)

  it("needs no repair after 200 kills in the middle of leases and locks #plain #once", function()
    local store = assert(exotel.store.file { path = path })
    local code = ([[
      local store = assert(require("exotel.store").file { path = %q })
      print "ready"
      io.flush()
      while true do
        assert(store:lease("a", 1000000, 1))
        local lock = store:lock("apply", 60)
        if lock then assert(lock:renew()) assert(lock:release()) end
      end
    ]]):format(path)
    local script = child.write(code)
    local line = child.command(script)
    for round = 1, 50 do
      -- Four at a time, killed a moment after all have begun.
      local pipe = assert(io.popen(("bash -c %s"):format(child.quote(
        ("for i in 1 2 3 4; do %s & done; sleep 0.0%d; kill -9 $(jobs -p); wait 2>/dev/null"):format(line, 20 + round % 30)))))
      pipe:read("*a")
      pipe:close()
      local granted, err = store:lease("a", 1000000, 1)
      assert.equal(1, granted, tostring(err))
      local lock
      lock, err = store:lock("apply", 60)
      assert(lock, tostring(err)) -- who held it has ended
      lock:release()
    end
    os.remove(script)
  end)
end)

describe("the Redis store", function()
  local function store_of(connect) return exotel.store.redis { connect = connect, prefix = "own:" } end

  it("sends its script once, and by its digest then", function()
    local client = assert(server:connect())
    local sent = {}
    local real = client.command
    function client:command(name, ...)
      sent[#sent + 1] = name
      return real(self, name, ...)
    end
    local store = store_of(function() return client end)
    for _ = 1, 3 do assert.equal(1, (store:lease("digest", 10, 1))) end
    assert.equal("EVALSHA", sent[#sent])
    assert(client:command("SCRIPT", "FLUSH"))
    sent = {}
    assert.equal(1, (store:lease("digest", 10, 1)))
    assert.same({ "EVALSHA", "EVAL" }, sent)
    assert.equal(1, (store:lease("digest", 10, 1)))
    assert.equal("EVALSHA", sent[3])
  end)

  -- What a new process has: Redis has not told it yet what it calls the script.
  local function fresh_store(connect)
    local loaded = package.loaded["exotel.store.redis"]
    package.loaded["exotel.store.redis"] = nil
    local fresh = require("exotel.store.redis").new { connect = connect, prefix = "fresh:" }
    package.loaded["exotel.store.redis"] = loaded
    return fresh
  end

  -- A client of the real one that counts what is asked, and gives up at one of its methods.
  local function impatient(log, method)
    return function()
      log[#log + 1] = "connect"
      local real, client = assert(server:connect()), {}
      for _, name in ipairs { "eval", "evalsha", "script" } do
        client[name] = function(_, ...)
          log[#log + 1] = name
          if name == method then return nil, "timeout" end
          return real[name](real, ...)
        end
      end
      function client.close() log[#log + 1] = "close" end
      return client
    end
  end

  it("asks nothing more of a client that gave up, which would take the late answer for the next one", function()
    local log = {}
    local granted, err = fresh_store(impatient(log, "eval")):lease("impatient", 10, 1)
    assert.is_nil(granted)
    assert.equal("Redis: timeout", err.message)
    assert.same({ "connect", "eval", "close" }, log)
    log = {}
    local store = fresh_store(impatient(log, "script"))
    assert.equal(1, (store:lease("impatient", 10, 1)))
    assert.equal(1, (store:lease("impatient", 10, 1)))
    assert.same({ "connect", "eval", "script", "close", "connect", "eval", "script", "close" }, log)
    log = {}
    store = fresh_store(impatient(log, "evalsha"))
    assert.equal(1, (store:lease("impatient", 10, 1)))
    assert.is_nil((store:lease("impatient", 10, 1)))
    assert.same({ "connect", "eval", "script", "evalsha", "close" }, log)
  end)

  it("takes a client that has nothing but eval", function()
    local client = assert(server:connect())
    local store = store_of(function() return { eval = function(_, ...) return client:eval(...) end } end)
    assert.equal(3, (store:lease("eval", 10, 3)))
    assert.equal(7, (store:lease("eval", 10, 10)))
  end)

  it("doesn't share a connection with a process that was forked off", function()
    local connections = 0
    local store = store_of(function()
      connections = connections + 1
      return server:connect()
    end)
    assert.equal(1, (store:lease("forked", 10, 1)))
    local pid = process.fork()
    if pid == 0 then
      local granted = store:lease("forked", 10, 1)
      process.exit(granted == 1 and connections == 2 and 0 or 1)
    end
    assert.equal(0, process.wait(pid))
    assert.equal(1, (store:lease("forked", 10, 1)))
    assert.equal(1, connections)
  end)

  it("takes redis-lua's client, which raises what is wrong", function()
    local before = package.path
    package.path = before .. ";/usr/share/lua/5.1/?.lua" -- Debian's package is for all that can run it
    local redis_lua = require "redis"
    package.path = before
    local store = fresh_store(function() return redis_lua.connect("127.0.0.1", server.port, 0.2) end)
    assert.equal(3, (store:lease("redis-lua", 10, 3)))
    assert.equal(7, (store:lease("redis-lua", 10, 10)))
    local client = assert(server:connect())
    client:command("SCRIPT", "FLUSH")
    assert.truthy(store:lock("redis-lua", 10))
    server:signal("STOP")
    local granted, err = store:lease("redis-lua", 10, 1)
    server:signal("CONT")
    assert.is_nil(granted)
    assert.equal("store: network: Redis: connection error: timeout", tostring(err))
    assert.equal(0, (store:lease("redis-lua", 10, 1)))
    local _, refused = fresh_store(function() return redis_lua.connect("127.0.0.1", 1, 0.2) end):lease("redis-lua", 10, 1)
    assert.matches("^Redis: could not connect to 127.0.0.1:1 ", refused.message)
  end)

  it("leaves keys that expire by themselves", function()
    local store = store_of(function() return server:connect() end)
    store:lease("expires", 10, 1)
    store:lock("expires", 5)
    local client = assert(server:connect())
    for _, key in ipairs { "own:window:expires", "own:lock:expires" } do
      local life = tonumber(client:command("PTTL", key))
      assert.is_true(life > 0 and life < 90000000, key .. " " .. tostring(life))
    end
    client:close()
  end)

  it("says what is wrong, and connects anew", function()
    local attempts, answer = 0, nil
    local store = store_of(function()
      attempts = attempts + 1
      return answer()
    end)
    function answer() return nil, "connection refused" end
    local granted, err = store:lease("a", 10, 1)
    assert.is_nil(granted)
    assert.equal("network", err.kind)
    assert.equal("Redis: connection refused", err.message)
    function answer() error("no such host", 0) end
    granted, err = store:lease("a", 10, 1)
    assert.is_nil(granted)
    assert.equal("Redis: no such host", err.message)
    function answer() return { eval = function() return nil, "timeout" end } end
    granted, err = store:lock("a", 10)
    assert.is_nil(granted)
    assert.equal("Redis: timeout", err.message)
    function answer() return { eval = function() error("closed", 0) end } end
    granted, err = store:lock("a", 10)
    assert.is_nil(granted)
    assert.equal("Redis: closed", err.message)
    function answer() return { eval = function() return 7 end } end
    granted, err = store:lease("a", 10, 1)
    assert.is_nil(granted)
    assert.matches("answered something else", err.message)
    function answer() return server:connect() end
    assert.equal(1, (store:lease("again", 10, 1)))
    assert.equal(6, attempts)
  end)

  it("gives a client to one at a time: who asks meanwhile has another one", function()
    local connected, closed = 0, 0
    local store = fresh_store(function()
      connected = connected + 1
      local real = assert(server:connect())
      return {
        eval = function(_, ...)
          coroutine.yield()
          return real:eval(...)
        end,
        close = function() closed = closed + 1 end,
      }
    end)
    local function ask() return coroutine.wrap(function() return (store:lease("two", 10, 1)) end) end
    local one, other = ask(), ask()
    one()
    other()
    assert.same({ 1, 1 }, { one(), other() })
    assert.same({ 2, 1 }, { connected, closed })
    one = ask()
    one()
    assert.equal(1, one())
    assert.equal(2, connected)
  end)

  it("puts a client of nginx's back after each use", function()
    local connected, kept = 0, 0
    local store = store_of(function()
      connected = connected + 1
      local client = assert(server:connect())
      function client:set_keepalive() -- luacheck: ignore
        kept = kept + 1
        self:close()
      end
      return client
    end)
    for _ = 1, 3 do store:lease("pool", 10, 1) end
    assert.same({ 3, 3 }, { connected, kept })
  end)

  it("is made with a function that connects", function()
    for _, options in ipairs { {}, { connect = "x" }, { connect = print, host = "x" }, { connect = print, prefix = 1 } } do
      local good, message = pcall(exotel.store.redis, options)
      assert.is_false(good)
      assert.matches("bad option", message, 1, true)
    end
    assert.is_false((pcall(exotel.store.redis)))
  end)
end)

describe("the window", function()
  it("gives each holder of a lock a token of his own, at whatever time", function()
    local first = window.take_lock(nil, 0, 7, { life = 10, owner = "a" })
    assert.equal(7, first.token)
    assert.equal(8, window.take_lock(nil, 0, 7, { life = 10, owner = "b", token = 7 }).token)
    assert.equal(8, window.take_lock(first, 20, 3, { life = 10, owner = "b" }).token)
  end)

  it("counts for longer, never for less, when its clock is set back or is another one", function()
    for _, change in ipairs { { 5, false }, { 5, true }, { 10 ^ 9, true } } do
      local state = window.new(1000000)
      window.lease(state, { limit = 2, wanted = 2, life = 60000 })
      window.lease(state, { limit = 2, wanted = 1, life = 60000, who = "a", paused = 1000 })
      window.turn(state, change[1], change[2])
      local granted, wait, more = window.lease(state, { limit = 2, wanted = 1, life = 60000 })
      assert.equal(0, granted)
      assert.is_true(wait > 60000 and wait < 61000, tostring(wait))
      assert.equal(1000, more.paused)
      assert.equal(1000000, more.born) -- it is known by that
    end
  end)

  it("reads what it wrote, and nothing else", function()
    local state = window.new(1000)
    window.lease(state, { limit = 5, wanted = 3, life = 60000 })
    window.lease(state, { limit = 3, wanted = 2, life = 60000, who = "a" })
    local text = window.encode(state)
    assert.same(state, window.decode(text))
    for _, wrong in ipairs { "", "x", "window1", "window1 1 2", "window1 1 2 3 4 c 1", "window1 1 2 3 4 w a 1", "window1 1 2 3 4 x a 1 2 3" } do
      assert.is_nil(window.decode(wrong))
    end
  end)

  it("never has more than the limit in any 60 seconds, whatever holders do", function()
    -- Holders at random: they use, give back, forget; each use is counted by the time of its end.
    for run = 1, 5 do
      local seed = run
      local function random(n)
        seed = (seed * 16807) % 2147483647
        return seed % n + 1
      end
      local state, now, used, held = window.new(0), 0, {}, {}
      for _ = 1, 3000 do
        now = now + random(400)
        window.turn(state, now, false)
        local reports = {}
        if #held > 0 then
          local one = table.remove(held, random(#held))
          local count = math.min(one.count, random(3))
          for _ = 1, count do used[#used + 1] = now end
          if random(5) > 1 then -- else it is killed, and nothing is heard of it
            reports = { { lease = one.lease, count = count, used = true, age = 0 },
              { lease = one.lease, count = one.count - count, used = false, age = 0 } }
          end
        end
        local granted, _, more = window.lease(state, { limit = 20, wanted = random(6), life = 66000, reports = reports })
        if granted > 0 then held[#held + 1] = { lease = more.lease, count = granted, at = now } end
        local fresh = {}
        for _, one in ipairs(held) do
          if now - one.at < 5000 then fresh[#fresh + 1] = one end
        end
        held = fresh
      end
      for i = 1, #used - 20 do assert.is_true(used[i + 20] - used[i] > 60000, ("%d %d"):format(used[i], used[i + 20])) end
      assert.is_true(#used > 100)
    end
  end)
end)
