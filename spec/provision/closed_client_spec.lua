-- A client that somebody else closes while it applies, and lists that are not complete: the report says what is known.
local pauses = require "spec.support.pauses"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local lines = provisioning.lines

describe("exotel.provision", function()
  local w, slept, sid

  before_each(function()
    slept = pauses.new(function() w.client:close() end)
    w = world.new(nil, { rate_limit = false, settle_wait = 15, sleep = slept.sleep })
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local spec = {
    trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.1" }, phone_numbers = { "+919876543210" },
    destinations = { "a.example.com:5060" },
  }

  it("returns the report when its client is closed meanwhile", function()
    w.sb:fault { before = "map_phone_number", drop = true }
    local report, err, partly = provision.apply(w.client, spec)
    assert.is_nil(report)
    assert.equal("network", err.kind)
    assert.is_true(err.maybe_applied)
    assert.same({
      "create trunk outbound_trunk: present", "add whitelisted_ip 192.0.2.1/32: done", "add phone_number +919876543210: unknown",
      "add destination a.example.com:5060;transport=udp: not_tried",
    }, lines(partly.changes))
  end)

  it("returns the report when its client is closed while it looks for a trunk", function()
    w.sb:fault { before = "create_trunk", drop = true }
    local report, err, partly = provision.apply(w.client, { trunk_name = "second" })
    assert.is_nil(report)
    assert.equal("network", err.kind)
    assert.is_true(err.maybe_applied)
    assert.same({ "create trunk second: unknown" }, lines(partly.changes))
  end)

  it("says that a number is on no trunk, when its client is closed after it was taken off one", function()
    w.sb:put { trunk_name = "second", phone_numbers = { "+919876543210" } }
    local client
    client = assert(w.sb:client { log = function(event)
      if event.operation == "unmap_phone_number" then client:close() end
    end })
    local report, err = provision.apply(client, { { trunk_name = "second", phone_numbers = {} }, { trunk_name = "outbound_trunk", phone_numbers = { "+919876543210" } } })
    assert.is_nil(report)
    assert.equal("cancelled", err.kind)
    assert.truthy(err.message:find("+919876543210 is on no trunk now, since it was taken off second", 1, true), err.message)
  end)

  it("returns the report when its client is closed between two steps", function()
    local report, err, partly = provision.apply(w.client, spec, { progress = function(done)
      if done == 2 then w.client:close() end
    end })
    assert.is_nil(report)
    assert.equal("cancelled", err.kind)
    assert.is_false(err.maybe_applied)
    assert.same({
      "create trunk outbound_trunk: present", "add whitelisted_ip 192.0.2.1/32: done", "add phone_number +919876543210: failed",
      "add destination a.example.com:5060;transport=udp: not_tried",
    }, lines(partly.changes))
  end)

  -- Plans; after `turns` waits, each to the end of what was waited for, another coroutine closes the client.
  -- → whether it was closed, and what planning returned
  local function close_after(turns)
    local client = assert(w.sb:client { sleep = coroutine.yield, rate_limit = false })
    local results
    local thread = coroutine.create(function() results = { provision.plan(client, spec) } end)
    assert(coroutine.resume(thread))
    while turns > 0 and coroutine.status(thread) ~= "dead" do
      while client:poll(1) > 0 do end
      turns = turns - 1
      if turns == 0 then client:close() end
      assert(coroutine.resume(thread))
    end
    client:close()
    return turns == 0, results[1], results[2]
  end

  it("returns what it was told when its client is closed while it plans", function()
    w.sb:fault { on = "*", delay = 0.02, times = true } -- so that each read is waited for
    local turns = 0
    local closed
    repeat
      turns = turns + 1
      local plan, err
      closed, plan, err = close_after(turns)
      assert.truthy(plan or closed and err.kind == "cancelled", err)
    until not closed
    assert.is_true(turns > 3)
  end)

  it("says that a destination is added, when its client is closed before it was read back", function()
    w.sb:fault { on = "list_destinations", status = 200, body = '{"http_code":200,"response":[]}', skip = 1 }
    local report = assert(provision.apply(w.client, spec))
    assert.equal("done", report.changes[4].outcome)
    assert.truthy(report.changes[4].warnings[1]:find("the client was closed", 1, true))
  end)

  it("plans all the same when its client is closed after all that must be read", function()
    local client
    client = assert(w.sb:client { log = function(event)
      if event.operation == "find_trunk_map" then client:close() end
    end })
    local plan = assert(provision.plan(client, spec))
    assert.equal("exotel.client (closed)", tostring(client))
    assert.equal(3, #plan.changes)
  end)

  it("raises for a client that was closed before: that is misuse", function()
    w.client:close()
    assert.has_error(function() provision.apply(w.client, spec) end)
  end)

  describe("with a list that is not complete", function()
    local SHORT = '{"http_code":200,"metadata":{"total":3},"response":[]}'

    it("plans nothing", function()
      w.sb:fault { on = "list_destinations", status = 200, body = SHORT }
      local plan, err = provision.plan(w.client, spec)
      assert.is_nil(plan)
      assert.equal("protocol", err.kind)
      assert.equal("list_destinations", err.operation)
      assert.equal("the list ends after 0 of 3 entries", err.message)
    end)

    it("makes no trunk that the list doesn't show", function()
      w.sb:fault { on = "list_trunks", status = 200, body = SHORT, times = 2 }
      for _, act in ipairs { "plan", "apply" } do
        local result, err = provision[act](w.client, { trunk_name = "other" })
        assert.is_nil(result)
        assert.equal("protocol", err.kind)
        assert.equal("list_trunks", err.operation)
      end
      assert.equal("", w:writes())
    end)

    it("removes no copy after an addition, and warns", function()
      w.sb:fault { on = "list_destinations", status = 200, body = SHORT, skip = 1 }
      local report = assert(provision.apply(w.client, spec))
      assert.equal("done", report.changes[4].outcome)
      assert.truthy(report.changes[4].warnings[1]:find("the list ends after 0 of 3 entries", 1, true))
    end)

    it("sends nothing again after a lost reply", function()
      w.sb:fault { before = "map_phone_number", drop = true }
      w.sb:fault { on = "list_phone_numbers", status = 200, body = SHORT, skip = 1 }
      local _, err, partly = provision.apply(w.client, spec)
      assert.equal("network", err.kind)
      assert.equal("add phone_number +919876543210: unknown", lines(partly.changes)[3])
      assert.equal("whitelist_ip map_phone_number", w:writes())
      assert.equal(sid, partly.trunk_sid)
    end)
  end)
end)
