-- A process that is forked off while calls are unfinished: see spec/c/test_fork.c for what it sends, which is nothing.
local process = require "spec.process"
local raw_server = require "spec.support.raw_server"
local exotel = require "exotel"

describe("in a process that was forked off", function()
  local server, client

  before_each(function()
    server = raw_server.start { { "hang" } }
    client = assert(exotel.client {
      account_sid = "a", api_key = "key", api_token = "token", base_url = server.base_url, max_connections = 1,
    })
  end)
  after_each(function()
    client:close()
    server:stop()
  end)

  -- Runs f in a child. → its exit status, 0 when f returned true
  local function in_child(f)
    local pid = process.fork()
    if pid == 0 then
      local good, result = pcall(f)
      process.exit(not good and 2 or result and 0 or 1)
    end
    return process.wait(pid)
  end

  local function is_lost(call, maybe_applied)
    local data, err = call:result()
    return data == nil and err.kind == "network" and err.maybe_applied == maybe_applied
  end

  it("inherited calls are finished as lost, whoever looks first, and without a poll", function()
    local sent = client:start("create_trunk", { trunk_name = "outbound_trunk" })
    local queued = client:start("list_trunks", {})
    client:poll(0)
    server:wait("open", 1)
    assert.equal(0, in_child(function() return sent:finished() and queued:finished() end))
    assert.equal(0, in_child(function() return is_lost(sent, true) and is_lost(queued, false) end))
    assert.equal(0, in_child(function() return is_lost(queued, false) and sent:finished() end))
    assert.is_false(sent:finished())
  end)
end)
