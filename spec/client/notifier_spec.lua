-- What wakes an event loop that can't wait for a client's sockets, as Lua has it: see spec/c/test_notifier.c for the
-- thread, and spec/hosts/nginx_spec.lua for where it is used.
local engine = require("exotel.core").engine
local process = require "spec.process"
local sandbox = require "exotel.sandbox"

local notifier = engine.notifier()
if not notifier then
  describe("without epoll", function()
    it("there is no notifier", function() assert.is_nil(engine.notifier()) end)
  end)
  return
end
notifier:stop()

describe("a notifier", function()
  local sb, client, socket

  before_each(function()
    sb = assert(sandbox.start())
    client = assert(sb:client())
    notifier = engine.notifier()
    socket = process.connect(notifier:path())
  end)
  after_each(function()
    client:close()
    notifier:stop()
    process.close(socket)
    sb:stop()
  end)

  it("watches nothing before it is started, and starts once", function()
    assert.is_nil(engine.watch(client, notifier))
    assert.is_true(notifier:start())
    assert.is_false(notifier:start())
    assert.is_number(engine.watch(client, notifier))
    notifier:stop()
    assert.is_nil(engine.watch(client, notifier))
    assert.equal(0, process.receive(socket))
  end)

  it("needs a connection", function()
    local other = engine.notifier()
    assert.is_false(other:start())
    assert.is_false(other:start())
  end)

  it("tells when the client is to be polled, until the call is finished", function()
    assert.is_true(notifier:start())
    local call = client:start("list_trunks", {})
    while client:poll(0) > 0 do
      local seconds = engine.watch(client, notifier)
      if seconds > 1 then assert.equal(1, process.receive(socket)) end
      engine.unwatch(client)
    end
    assert.same({}, assert(call:result()))
  end)

  it("knows a closed client", function()
    assert.is_true(notifier:start())
    engine.watch(client, notifier)
    client:close()
    engine.unwatch(client)
    assert.is_nil(engine.watch(client, notifier))
  end)

  it("that was collected is stopped, also while a client has it", function()
    assert.is_true(notifier:start())
    assert.is_number(engine.watch(client, notifier))
    notifier = engine.notifier()
    collectgarbage()
    collectgarbage()
    client:close()
    while process.receive(socket) > 0 do end -- luacheck: ignore 542
  end)

  it("is nothing that a child may use", function()
    assert.is_true(notifier:start())
    local pid = process.fork()
    if pid == 0 then process.exit(engine.watch(client, notifier) == nil and 0 or 1) end
    assert.equal(0, process.wait(pid))
    assert.is_number(engine.watch(client, notifier))
  end)

  it("takes no other values", function()
    assert.has_error(function() engine.watch(client, client) end)
    assert.has_error(function() engine.watch(notifier, notifier) end)
    assert.has_error(function() notifier.start(client) end)
  end)
end)
