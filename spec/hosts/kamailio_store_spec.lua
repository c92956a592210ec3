-- A shared limit in the real Kamailio, with examples/kamailio/redis.lua: a Redis that is stopped holds up neither the
-- workers nor the pump's other calls. "#plain": Kamailio does the work.
local kamailio = require "spec.support.kamailio"
local kamailio_routes = require "spec.support.kamailio_routes"
local redis = require "spec.support.redis"
local sandbox = require "exotel.sandbox"

-- Seconds that a client waits for Redis; longer than a slow call takes.
local PATIENCE, CALL = 2, 0.4

local SETUP = [[timeout = 10, client = { retries = 0, rate_limit = 20, store_fallback = 5, store = require("exotel").store.redis {
  connect = function() return dofile(%q).connect("127.0.0.1", %d, %d) end,
} }]]

describe("a store in Kamailio's pump #plain", function()
  it("whose Redis is stopped holds up no worker, and no other call", function()
    local sb, store = assert(sandbox.start { rate_limit = 20 }), redis.start()
    local tree, environment = kamailio.sh("pwd"):gsub("\n", ""), sb:environment()
    -- With what is installed, for LuaSocket.
    environment.LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(tree, tree)
    environment.LUA_CPATH = tree .. "/build/lua5.1-plain/?.so;;"
    local host = kamailio_routes.start(kamailio_routes.modes[2], sb, {
      setup = SETUP:format(tree .. "/examples/kamailio/redis.lua", store.port, PATIENCE), environment = environment,
    })
    finally(function()
      store:stop()
      host:stop()
      sb:stop()
    end)
    kamailio_routes.wait_for_pump(host)
    assert.truthy(host:send("list").result:find("^ok 0"))
    assert.truthy(host:send("list").result:find("^ok 0"))
    sb:fault { on = "list_trunks", delay = CALL }
    local slow = host:start("list1")
    host:wait("the slow call", function() return #sb:requests() == 3 end)
    store:signal("STOP")
    local waiting = host:start("list2")
    for _ = 1, 5 do assert.is_true(host:send("ping").milliseconds < 200) end
    local reply = slow()
    assert.truthy(reply.result and reply.result:find("^ok 0"), reply.text)
    assert.is_nil(host:log():find("can't be had", 1, true)) -- Redis is still waited for
    reply = waiting()
    assert.truthy(reply.result and reply.result:find("^ok 0"), reply.text)
    host:logged("exotel: the shared rate limit can't be had, up to 5 requests a minute go without it: Redis: timeout")
    assert.truthy(host:send("list").result:find("^ok 0"))
    store:signal("CONT")
    host:wait("the store", function()
      host:send("list")
      return host:log():find("exotel: the rate limit is shared again", 1, true)
    end)
    assert.equal(1, select(2, host:log():gsub("can't be had", "")))
  end)
end)
