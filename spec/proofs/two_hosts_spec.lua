-- Two hosts that share a limit and a lock in one Redis, of which one is cut off from it for a while: it goes on by its
-- fallback, loses the lock, and comes back. And one whose Redis is slow.
local child = require "spec.support.child"
local core = require "exotel.core"
local exotel = require "exotel"
local forwarder = require "spec.support.forwarder"
local redis = require "spec.support.redis"
local sandbox = require "exotel.sandbox"
local two_hosts = require "spec.support.two_hosts"

local CODE = "require('spec.support.two_hosts').run(%q) print 'done'"

local function run(words, kind)
  local script = child.write(CODE:format(kind))
  local text, status = child.finish(child.start(words .. child.command(script), 60))
  os.remove(script)
  assert.equal("done\n", text)
  assert.equal(0, status)
end

describe("two hosts with one Redis #plain", function()
  local isolated = two_hosts.isolated()
  if isolated then
    it("are cut off from each other as network namespaces", function() run(isolated .. " ", "namespaces") end)
  end

  it("are cut off from each other as processes with a forwarder", function() run("", "forwarders") end)
end)

describe("a Redis that answers after three seconds #plain", function()
  local LIMIT, FALLBACK = 20, 5

  it("holds a call up for the second of its timeout, once; it is used again when it is fast", function()
    local sb, server = assert(sandbox.start { rate_limit = LIMIT }), redis.start()
    local relay, said = forwarder.start(server.port), {}
    finally(function()
      relay:stop()
      server:stop()
      sb:stop()
    end)
    local client = assert(sb:client {
      rate_limit = LIMIT, store_fallback = FALLBACK, retries = 0,
      store = exotel.store.redis { connect = function() return redis.connect(relay.port, 1) end },
      log = function(event) if event.event == "store" then said[#said + 1] = event.reason end end,
    })
    local function make(count) for i = 1, count do assert(client:list_trunks({}, { deadline = 60 }), i) end end
    make(3)
    relay:delay(3)
    local began = core.now()
    make(FALLBACK - 3)
    assert.is_true(core.now() - began < 2.9, "nobody waited for the answer")
    assert.is_nil((client:list_trunks({}, { deadline = 0.1 })))
    assert.same({ "the shared rate limit can't be had, up to 5 requests a minute go without it: Redis: timeout" }, said)
    relay:delay(0)
    make(LIMIT - FALLBACK - 1) -- one was granted by the answer that nobody waited for
    assert.same({ "the rate limit is shared again" }, { said[2], said[3] })
    assert.is_nil((client:list_trunks({}, { deadline = 0.1 })))
    assert.equal(LIMIT - 1, #sb:requests())
    client:close()
  end)
end)
