-- What the sockets of exotel.core and exotel.sip.core have in common: one list of what to wait for.
local core = require "exotel.core"
local sip_core = require "exotel.sip.core"
local sip_server = require "spec.support.sip_server"

-- poll's own, the same on every system.
local POLLIN = 1

describe("a socket of exotel.sip", function()
  it("appends its descriptors to the list of what is waited for", function()
    local list, server = { "an earlier one", 0 }, sip_server.start("tcp", { { "silent" } })
    local datagram = assert(sip_core.datagram("127.0.0.1", server.port))
    local resolver = assert(sip_core.resolver("127.0.0.1:" .. server.port))
    local stream = assert(core.stream("127.0.0.1", server.port, 5))
    assert.is_nil(datagram:watch(list))
    assert.same({ 4, POLLIN }, { #list, list[4] })
    resolver:ask_addresses "a.invalid"
    assert.is_true(resolver:watch(list) > 0)
    local before = #list
    assert.equal(POLLIN, list[before])
    while not stream:poll() do sip_core.wait({}, 0.001) end
    stream:watch(list)
    assert.same({ before + 2, POLLIN }, { #list, list[#list] })
    for _, socket in ipairs { datagram, resolver, stream } do socket:close() end
    server:stop()
  end)

  it("appends nothing once it is closed", function()
    local list = {}
    for _, socket in ipairs { sip_core.datagram("127.0.0.1", 9), sip_core.resolver(), core.stream("127.0.0.1", 9, 5) } do
      socket:close()
      assert.is_nil(socket:watch(list))
    end
    assert.same({}, list)
  end)

  it("wants a list, and so does the wait", function()
    local datagram = sip_core.datagram("127.0.0.1", 9)
    for _, action in ipairs { datagram.watch, sip_core.wait } do
      local good, reason = pcall(action, datagram)
      assert.is_false(good)
      assert.truthy(reason:find("table expected", 1, true), reason)
    end
    datagram:close()
  end)
end)
