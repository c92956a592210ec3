-- One attempt is sent once. libcurl sends a request again by itself when a connection that it reuses dies
-- before the first byte of the answer: a write would be done twice.
local expect = require "spec.support.expect"
local forwarder = require "spec.support.forwarder"
local world = require "spec.support.world"

local E164 = "+919876543210"
local METHODS = { "POST", "PUT", "DELETE" }

-- One write of each method, and the operation that the server sees.
local calls = {
  POST = function(client, t, options) return client:whitelist_ip({ trunk_sid = t.sid, ip = "192.0.2.1" }, options) end,
  PUT = function(client, t, options)
    return client:update_phone_number({ trunk_sid = t.sid, id = t.id, phone_number = E164, mode = "flow" }, options)
  end,
  DELETE = function(client, t, options) return client:unmap_phone_number({ trunk_sid = t.sid, id = t.id }, options) end,
}
local operations = { POST = "whitelist_ip", PUT = "update_phone_number", DELETE = "unmap_phone_number" }

for _, tls in ipairs { false, true } do
  describe(tls and "over HTTPS" or "over plain HTTP", function()
    local w, t

    before_each(function()
      w = world.new({ tls = tls }, { backoff = 0 })
      t = { sid = w:trunk() }
      t.id = assert(w.client:map_phone_number { trunk_sid = t.sid, phone_number = E164 }).id
      w.sb:reset_requests()
    end)
    after_each(function() w:close() end)

    -- What the write of a method leaves on the service, so that "done" and "not done" can be told apart.
    local effects = {
      POST = function(trunk) return #trunk.ips == 1 end,
      PUT = function(trunk) return trunk.numbers[1].mode == "flow" end,
      DELETE = function(trunk) return #trunk.numbers == 0 end,
    }

    for _, method in ipairs(METHODS) do
      for _, how in ipairs { "drop", "reset" } do
        for _, when in ipairs { "before", "after" } do
          it(("a %s leaves once when its connection dies: %s %s the effect"):format(method, how, when), function()
            w.sb:fault { [when] = operations[method], [how] = true }
            local err = expect.failure("network", calls[method](w.client, t))
            assert.is_true(err.maybe_applied)
            assert.equal(1, err.attempts)
            assert.equal(operations[method], w:operations())
            assert.equal(when == "after", effects[method](w.sb:state().trunks[1]))
          end)
        end
      end
    end

    for _, method in ipairs { "PUT", "DELETE" } do
      it("a " .. method .. " that is repeated leaves once for each attempt", function()
        w.sb:fault { before = operations[method], drop = true, times = 2 }
        local _, info = assert(calls[method](w.client, t, { retries = 5 }))
        assert.equal(3, info.attempts)
        assert.equal(3, #w.sb:requests())
      end)

      it("a " .. method .. " that is never answered leaves once for each attempt", function()
        w.sb:fault { on = operations[method], reset = true, times = true }
        local err = expect.failure("network", calls[method](w.client, t, { retries = 3 }))
        assert.equal(4, err.attempts)
        assert.equal(4, #w.sb:requests())
      end)
    end

    it("writes at the same time, on connections that were used before, leave once each", function()
      local reads, writes = {}, {}
      for i = 1, 8 do
        reads[i] = { "get_trunk", { trunk_sid = t.sid } }
        writes[i] = { "whitelist_ip", { trunk_sid = t.sid, ip = "192.0.2." .. i } }
      end
      for _, result in ipairs(w.client:batch(reads)) do assert.is_table(result.data) end
      w.sb:reset_requests()
      w.sb:fault { after = "whitelist_ip", drop = true, times = true }
      for _, result in ipairs(w.client:batch(writes)) do assert.is_true(result.err.maybe_applied) end
      assert.equal(8, #w.sb:requests())
      assert.equal(8, #w.sb:state().trunks[1].ips)
    end)

    for _, method in ipairs { "GET", "POST", "PUT", "DELETE" } do
      it("a connection that was closed while idle is replaced for a " .. method, function()
        local between = forwarder.start(w.sb.port)
        local base_url = w.sb.base_url:gsub("%d+$", tostring(between.port))
        local client = assert(w.sb:client { base_url = base_url, retries = 0 })
        finally(function() client:close() between:stop() end)
        assert(client:get_trunk { trunk_sid = t.sid })
        assert.equal(1, between:close_connections())
        w.sb:reset_requests()
        local act = calls[method] or function() return client:get_trunk { trunk_sid = t.sid } end
        local _, info = assert(act(client, t))
        assert.equal(1, info.attempts)
        assert.equal(1, #w.sb:requests())
      end)
    end
  end)
end
