-- Clients that nobody closes, in a process that may open few files: the collector closes them in time, and where
-- descriptors run short all the same, the error says so.
local child = require "spec.support.child"
local sandbox = require "exotel.sandbox"

describe("with few descriptors #once", function()
  local sb
  after_each(function() sb:stop() end)

  -- Runs Lua code in a process that may open so many files. It has `exotel`, `take(n)`, which opens all files that can
  -- be opened but n, and `give()`, which closes them.
  local function run(limit, code)
    local script = child.write([[
      local exotel = require "exotel"
      local function assert(good, err, ...) -- an error object is shown
        if not good then error(tostring(err), 2) end
        return good, err, ...
      end
      local taken = {}
      local function give()
        for _, file in ipairs(taken) do file:close() end
        taken = {}
      end
      local function take(left)
        repeat
          local file = io.open("/dev/null")
          taken[#taken + 1] = file
        until not file
        for _ = 1, left do table.remove(taken):close() end
      end
    ]] .. code)
    local command = child.command(script, sb:environment())
    local said, status = child.finish(child.start("sh -c " .. child.quote("ulimit -n " .. limit .. "; " .. command), 60))
    os.remove(script)
    assert.equal("0 ", status .. " " .. said)
  end

  local A_CLIENT_A_CALL = [[
    local clients, made = setmetatable({}, { __mode = "v" }), 0
    local function count()
      local n = 0
      for _ in pairs(clients) do n = n + 1 end
      return n
    end
    local function make_heap()
      local heap = {}
      for i = 1, 200000 do heap[i] = { i } end
      collectgarbage()
      return heap
    end
    local function make(n)
      local most = 0
      for _ = 1, n do
        local client = assert(exotel.client { rate_limit = false })
        assert(client:list_trunks {})
        made = made + 1
        clients[made] = client
        most = math.max(most, count())
      end
      return most
    end
  ]]

  for _, tls in ipairs { false, true } do
    it("a client a call works, over " .. (tls and "https" or "http"), function()
      sb = assert(sandbox.start { tls = tls })
      run(64, A_CLIENT_A_CALL .. "make(" .. (tls and 60 or 1000) .. ")")
    end)
  end

  it("a client a call works beside a large heap, which the collector rarely goes through", function()
    sb = assert(sandbox.start())
    run(64, A_CLIENT_A_CALL .. [[
      local heap = make_heap()
      make(100)
      assert(#heap > 0)
    ]])
  end)

  it("the collector knows what a client weighs", function()
    sb = assert(sandbox.start())
    run(4096, A_CLIENT_A_CALL .. "local most = make(300) assert(most < 50, most)")
  end)

  it("the collector stays as the host has set it", function()
    sb = assert(sandbox.start())
    run(4096, A_CLIENT_A_CALL .. [[
      collectgarbage("stop")
      local garbage = setmetatable({ {} }, { __mode = "v" })
      make(30)
      assert(garbage[1] and count() == 30, "it ran")
      collectgarbage("restart")
      if _VERSION == "Lua 5.4" then
        collectgarbage("generational")
        local most = make(300)
        assert(most < 50, most)
        assert(collectgarbage("incremental") == "generational")
      end
    ]])
  end)

  it("a host that has stopped its collector is told", function()
    if child.is_plain_5_1 then return end -- its collector doesn't say whether it is stopped
    sb = assert(sandbox.start())
    run(64, A_CLIENT_A_CALL .. [[
      collectgarbage("stop")
      local good, message = pcall(make, 100)
      assert(not good and message:find("list_trunks: config: too many open files", 1, true), message)
      assert(count() > 10)
    ]])
  end)

  it("the error of a call names them, and the client works when there are some again", function()
    sb = assert(sandbox.start())
    run(64, [[
      local client = assert(exotel.client { backoff = 0.01 })
      take(0)
      local data, err = client:create_trunk { trunk_name = "a" }
      assert(data == nil and err.kind == "config" and err.message:find("^too many open files"), err)
      assert(err.maybe_applied == false and err.retryable == true and err.attempts == 3)
      assert(tostring(err):find("share one client", 1, true))
      give()
      assert(client:create_trunk { trunk_name = "a" })
    ]])
  end)

  it("they are what is short also where the first few things of a connection can be had", function()
    sb = assert(sandbox.start { tls = true })
    for left = 1, 3 do
      run(64, [[
        local client = assert(exotel.client { retries = 0, base_url = os.getenv("EXOTEL_BASE_URL"):gsub("127.0.0.1", "localhost") })
        take(]] .. left .. [[)
        local data, err = client:list_trunks {}
        assert(data or err.kind == "config" and err.message:find("too many open files", 1, true), err)
      ]])
    end
  end)

  it("a call that waits for its next attempt goes on when there are some again", function()
    sb = assert(sandbox.start())
    run(64, [[
      local client = assert(exotel.client { backoff = 0.01, sleep = function() give() end })
      take(0)
      assert(client:create_trunk { trunk_name = "a" })
    ]])
  end)

  it("clients that nobody closed are collected before a call's next attempt", function()
    sb = assert(sandbox.start())
    run(64, A_CLIENT_A_CALL .. [[
      local heap = make_heap()
      local client = assert(exotel.client { backoff = 0.01 })
      make(5)
      take(0)
      assert(count() > 0 and #heap > 0)
      local _, info = assert(client:create_trunk { trunk_name = "a" })
      assert(info.attempts == 2 and count() == 0, count())
    ]])
  end)

  it("a refused connection is still the network's fault", function()
    sb = assert(sandbox.start())
    run(64, [[
      local client = assert(exotel.client { retries = 0, base_url = "http://127.0.0.1:1" })
      client:list_trunks {}
      take(2)
      local data, err = client:list_trunks {}
      assert(data == nil and err.kind == "network", err)
    ]])
  end)
end)
