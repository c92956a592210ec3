-- Retries within lists, batches and provisioning, and of a service that can't be reached.
local exotel = require "exotel"
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local retries = require "spec.support.retries"
local sandbox = require "exotel.sandbox"

local E164 = "+919876543210"

describe("a call that failed", function()
  local w, t

  before_each(function()
    t = retries.new()
    w = t.w
  end)
  after_each(function() w:close() end)

  describe("is repeated within", function()
    it("each: a page that fails is asked for again, and no item is missing or doubled", function()
      for i = 1, 5 do assert(w.client:whitelist_ip { trunk_sid = t.sid, ip = "192.0.2." .. i }) end
      w.sb:fault { on = "list_whitelisted_ips", cut = 20, skip = 1, times = 2 }
      w.sb:fault { on = "list_whitelisted_ips", status = 503, skip = 2 }
      local seen = {}
      for item in w.client:each("list_whitelisted_ips", { trunk_sid = t.sid, page_size = 2 }) do seen[#seen + 1] = item.ip end
      assert.same({ "192.0.2.5", "192.0.2.4", "192.0.2.3", "192.0.2.2", "192.0.2.1" }, seen)
    end)

    it("each: it raises when no retries are left", function()
      w.sb:fault { on = "list_whitelisted_ips", status = 503, times = true }
      local good, err = pcall(function()
        for _ in w.client:each("list_whitelisted_ips", { trunk_sid = t.sid }) do error("an item") end
      end)
      assert.is_false(good)
      assert.equal(3, expect.failure("server", nil, err).attempts)
    end)

    it("batch: each call for itself", function()
      local client = assert(w.sb:client { retries = 5, backoff = 0 })
      w.sb:fault { on = "*", status = 429, times = 5 }
      local requests = {}
      for i = 1, 10 do requests[i] = { "whitelist_ip", { trunk_sid = t.sid, ip = "192.0.2." .. i } } end
      local results, attempts = client:batch(requests, { concurrency = 5 }), 0
      for i, result in ipairs(results) do
        assert.equal("192.0.2." .. i, assert(result.data, result.err).ip)
        attempts = attempts + result.info.attempts
      end
      assert.equal(15, attempts)
      assert.equal(15, #w.sb:requests())
      assert.equal(10, #w.sb:state().trunks[1].ips)
      client:close()
    end)

    it("provision: reading and writing", function()
      local spec = { trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.7" }, phone_numbers = { { phone_number = E164, mode = "flow" } } }
      w.sb:fault { on = "list_trunks", cut = 9 }
      w.sb:fault { on = "list_phone_numbers", status = 502 }
      w.sb:fault { before = "whitelist_ip", status = 429 }
      w.sb:fault { after = "update_phone_number", reset = true }
      local report = assert(provision.apply(w.client, spec))
      for _, change in ipairs(report.changes) do assert.is_nil(change.err) end
      assert.equal("whitelist_ip whitelist_ip update_phone_number update_phone_number", w:writes())
    end)
  end)
end)

describe("a service that can't be reached", function()
  -- A port on which nothing listens.
  local function free_port()
    local sb = assert(sandbox.start())
    sb:stop()
    return sb.port
  end

  local options

  before_each(function()
    options = {
      account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", retries = 2, backoff = 0,
      base_url = "http://127.0.0.1:" .. free_port(),
    }
  end)

  for _, method in ipairs(retries.methods) do
    it("is tried again, since nothing has left: " .. method, function()
      local client = assert(exotel.client(options))
      local calls = {
        GET = function() return client:list_trunks {} end,
        POST = function() return client:create_trunk { trunk_name = "a" } end,
        PUT = function() return client:update_trunk { trunk_sid = "a", trunk_name = "b" } end,
        DELETE = function() return client:delete_trunk { trunk_sid = "a" } end,
      }
      local err = expect.failure("network", calls[method]())
      assert.equal(3, err.attempts)
      assert.equal("no retries left", err.reason)
      assert.is_true(err.retryable)
      assert.is_false(err.maybe_applied)
      client:close()
    end)
  end

  -- A call to a service that is back after the first attempt has failed. → the sandbox, and the call's result
  local function call_in_time(...)
    local sb
    options.log = function(event)
      if event.event == "wait" and not sb then sb = assert(sandbox.start { port = tonumber(options.base_url:match("%d+$")) }) end
    end
    local client = assert(exotel.client(options))
    local call = client:start(...)
    while not call:finished() do client:poll(0) end
    local data, info = call:result()
    client:close()
    return sb, data, info
  end

  it("gets a POST once when it comes back", function()
    local sb, data, info = call_in_time("create_trunk", { trunk_name = "outbound_trunk" })
    assert(data, info)
    assert.equal(2, info.attempts)
    assert.equal(1, #sb:state().trunks)
    assert.equal(1, #sb:requests())
    sb:stop()
  end)

  it("says of a deletion that found nothing that it deleted nothing", function()
    local sb, data, err = call_in_time("delete_trunk", { trunk_sid = "trmum1f708622631150902801a1n" })
    expect.failure("not_found", data, err)
    assert.equal(2, err.attempts)
    assert.is_false(err.maybe_applied)
    sb:stop()
  end)
end)
