-- `apply` after a lost reply: what was sent is looked for before it is sent again, no doubt is forgotten, and a reading
-- that fails makes nothing undone.
local pauses = require "spec.support.pauses"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local world = require "spec.support.world"

local E164 = provisioning.E164
local lines = provisioning.lines
local DESTINATION = "sip.example.com:5061;transport=tls"

describe("exotel.provision after a lost reply", function()
  local w, other, slept, during, sid

  before_each(function()
    during = function() end
    slept = pauses.new(function(i) during(i) end)
    w = world.new(nil, { rate_limit = false, settle_wait = 15, sleep = slept.sleep })
    other = assert(w.sb:client())
    sid = w:trunk()
  end)
  after_each(function()
    other:close()
    w:close()
  end)

  local function held() return w.sb:state().trunks[1] end
  local function apply(spec, options) return provision.apply(w.client, spec, options) end

  -- Each write: the specification that needs it, how somebody else does it (or its own first sending, late), the list that
  -- shows it, and how many there are.
  local writes = {
    create_trunk = {
      list = "list_trunks", spec = { trunk_name = "second" }, index = 1,
      arrive = function() assert(other:create_trunk { trunk_name = "second" }) end,
      count = function() return #w.sb:state().trunks - 1 end,
    },
    map_phone_number = {
      list = "list_phone_numbers", spec = { trunk_name = "outbound_trunk", phone_numbers = { { phone_number = E164, mode = "flow" } } },
      arrive = function() assert(other:map_phone_number { trunk_sid = sid, phone_number = E164, mode = "flow" }) end,
      count = function() return #held().numbers end,
    },
    whitelist_ip = {
      list = "list_whitelisted_ips", spec = { trunk_name = "outbound_trunk", whitelisted_ips = { "192.0.2.1" } },
      arrive = function() assert(other:whitelist_ip { trunk_sid = sid, ip = "192.0.2.1" }) end,
      count = function() return #held().ips end,
    },
    create_credential = {
      list = "list_credentials", spec = { trunk_name = "outbound_trunk", credentials = { { user_name = "pbx", password = "x" } } },
      arrive = function() assert(other:create_credential { trunk_sid = sid, user_name = "pbx", password = "x" }) end,
      count = function() return #held().credentials end,
    },
    add_destinations = {
      list = "list_destinations", spec = { trunk_name = "outbound_trunk", destinations = { DESTINATION } },
      arrive = function()
        assert(other:add_destinations { trunk_sid = sid, destinations = { { destination = DESTINATION } } })
      end,
      count = function() return #held().destinations end,
    },
  }

  local EMPTY = '{"http_code":200,"response":[]}'
  local function lag(operation, times, skip)
    w.sb:fault { on = operation, status = 200, body = EMPTY, times = times, skip = skip }
  end

  local function sendings(operation)
    local count = 0
    for _, request in ipairs(w.sb:requests()) do count = count + (request.operation == operation and 1 or 0) end
    return count
  end

  it("completes what landed late, and was stored otherwise than it was sent", function()
    during = function(i)
      if i == 1 then assert(other:map_phone_number { trunk_sid = sid, phone_number = E164, mode = "pstn" }) end
    end
    w.sb:fault { before = "map_phone_number", drop = true }
    local report = assert(apply(writes.map_phone_number.spec))
    assert.same({
      "create trunk outbound_trunk: present", "add phone_number " .. E164 .. ": done",
    }, lines(report.changes))
    assert.equal("flow", held().numbers[1].mode)
  end)

  for operation, write in pairs(writes) do
    describe("to " .. operation, function()
      local function outcome(report) return report.changes[write.index or 2].outcome end

      for pause = 1, 4 do
        it("finds it done when it lands late, in pause " .. pause, function()
          during = function(i)
            if i == pause then write.arrive() end
          end
          w.sb:fault { before = operation, drop = true }
          local report = assert(apply(write.spec))
          assert.equal("done", outcome(report))
          assert.equal(1, write.count())
          assert.equal(2, sendings(operation)) -- the client's, and the late one
        end)
      end

      it("looks for it as long as settle_wait says, and then sends it again", function()
        w.sb:fault { before = operation, drop = true }
        local report = assert(apply(write.spec))
        assert.equal("done", outcome(report))
        assert.same({ 1, 2, 4, 8 }, slept.list)
        assert.equal(1, write.count())
      end)

      it("finds it by reads that lag behind, and doesn't send it again", function()
        w.sb:fault { after = operation, drop = true }
        lag(write.list, 2, 1)
        local report = assert(apply(write.spec))
        assert.equal("done", outcome(report))
        assert.equal(1, sendings(operation))
        assert.equal(1, write.count())
        assert.equal(3, slept:total())
      end)

      for _, status in ipairs { 400, 401, 403 } do
        it("leaves it unknown when a second sending is refused: " .. status, function()
          w.sb:fault { before = operation, drop = true }
          w.sb:fault { before = operation, status = status }
          local report, err, partly = apply(write.spec)
          assert.is_nil(report)
          assert.equal("unknown", outcome(partly))
          assert.is_true(err.maybe_applied)
          assert.equal(status, err.http_status)
          write.arrive()
          assert.equal("present", outcome(assert(apply(write.spec))))
          assert.equal(1, write.count())
        end)
      end

      it("is unknown when nothing comes of it, and not sent for ever", function()
        w.sb:fault { before = operation, drop = true, times = true }
        local _, err, report = apply(write.spec)
        assert.equal("unknown", outcome(report))
        assert.is_true(err.maybe_applied)
        assert.equal(3, sendings(operation))
        assert.equal(45, slept:total())
      end)
    end)
  end

  it("asks not where a number is that it may have mapped", function()
    w.sb:fault { before = "map_phone_number", drop = true }
    assert(apply(writes.map_phone_number.spec))
    assert.equal(1, sendings("find_trunk_map")) -- the plan's
  end)

  it("or a refusal because it exists waits for that once in a run", function()
    w.sb:fault { before = "map_phone_number", status = 409, times = 2 }
    local _, _, report = apply { trunk_name = "outbound_trunk", phone_numbers = { E164, provisioning.OTHER } }
    assert.same({ "failed", "failed" }, { report.changes[2].outcome, report.changes[3].outcome })
    assert.same({ 1, 2, 4, 8 }, slept.list)
  end)

  it("never waits past the deadline of a call", function()
    local client = assert(w.sb:client { retries = 0, settle_wait = 15, deadline = 5, sleep = slept.sleep })
    w.sb:fault { before = "map_phone_number", drop = true }
    assert(provision.apply(client, writes.map_phone_number.spec))
    assert.same({ 1, 2 }, slept.list)
    client:close()
  end)

  it("of an update or a removal repeats it without waiting: that changes nothing", function()
    assert(other:map_phone_number { trunk_sid = sid, phone_number = E164 })
    w.sb:fault { before = "update_phone_number", drop = true }
    assert(apply(writes.map_phone_number.spec))
    assert.equal("flow", held().numbers[1].mode)
    w.sb:fault { before = "unmap_phone_number", drop = true }
    local report = assert(apply({ trunk_name = "outbound_trunk", phone_numbers = {} }, { prune = true, allow = { "shrink" } }))
    assert.equal("done", report.changes[2].outcome)
    assert.same({}, held().numbers)
    assert.same({}, slept.list)
  end)

  describe("of a removal that is answered as if there were nothing to remove", function()
    local FORBIDDEN = '{"http_code":403,"response":{"code":403,"status":"failure","error_data":{"code":1003,"message":"No"},"data":null}}'
    local emptied = { trunk_name = "outbound_trunk", phone_numbers = {} }
    local options = { prune = true, allow = { "shrink" } }

    local function remove(place)
      assert(other:map_phone_number { trunk_sid = sid, phone_number = E164 })
      w.sb:fault { [place] = "unmap_phone_number", drop = true }
      w.sb:fault { before = "unmap_phone_number", status = 403, body = FORBIDDEN, times = true }
      return apply(emptied, options)
    end

    it("is done when it is gone", function()
      local report = assert(remove("after"))
      assert.equal("remove phone_number +919876543210: done", lines(report.changes)[2])
    end)

    it("is unknown when it is still there", function()
      local _, err, report = remove("before")
      assert.equal("permission", err.kind)
      assert.equal("remove phone_number +919876543210: unknown", lines(report.changes)[2])
    end)

    it("is present when somebody else has removed it", function()
      for _, fault in ipairs { { status = 404 }, { status = 403, body = FORBIDDEN } } do
        assert(other:map_phone_number { trunk_sid = sid, phone_number = E164 })
        fault.after = "unmap_phone_number"
        w.sb:fault(fault)
        local report = assert(apply(emptied, options))
        assert.equal("remove phone_number +919876543210: present", lines(report.changes)[2])
        assert.same({}, held().numbers)
      end
    end)
  end)

  describe("or a success, destinations", function()
    local A, B = "a.example.com:5060", { destination = "b.example.com:5060", priority = 2, weight = 5 }
    local spec = { trunk_name = "outbound_trunk", destinations = { A, B } }
    local DONE = {
      "create trunk outbound_trunk: present", "add destination a.example.com:5060;transport=udp: done",
      "add destination b.example.com:5060;transport=udp: done",
    }

    it("are read back together, once, before they are called done, and updated then", function()
      local told = {}
      local report = assert(apply(spec, { progress = function(done, total, change)
        told[#told + 1] = ("%d/%d %s, %d requests"):format(done, total, change.outcome, #w.sb:requests())
      end }))
      assert.equal("list_trunks list_destinations add_destinations add_destinations list_destinations update_destination", w:operations())
      assert.same({ "1/3 present, 2 requests", "2/3 done, 6 requests", "3/3 done, 6 requests" }, told)
      assert.same(DONE, lines(report.changes))
      assert.same({}, slept.list)
      provisioning.assert_nothing_to_do(w, spec)
    end)

    it("are not read back when none was added", function()
      assert(apply(spec))
      w.sb:reset_requests()
      assert(apply(spec))
      assert.equal("list_trunks list_destinations", w:operations())
    end)

    for _, status in ipairs { 503, 403, 400 } do
      it("are done, with a warning, when they can't be read back: " .. status, function()
        w.sb:fault { on = "list_destinations", status = status, skip = 1 }
        local report = assert(apply(spec))
        assert.same(DONE, lines(report.changes))
        for i = 2, 3 do
          assert.equal(1, #report.changes[i].warnings)
          assert.truthy(report.changes[i].warnings[1]:find("it could not be read whether there is a second one: list_destinations", 1, true))
        end
        assert.same({ 0, 2 }, { held().destinations[1].priority, held().destinations[2].priority })
        assert.truthy(tostring(report):find("could not be read", 1, true), tostring(report))
      end)
    end

    it("are done also when neither the answer nor the list says what was added", function()
      for _, data in ipairs { "{}", '{"id":"7"}' } do
        w:answer("add_destinations", ('{"http_code":200,"response":[{"code":200,"status":"success","data":%s}]}'):format(data))
        local report = assert(apply { trunk_name = "outbound_trunk", destinations = { B } })
        assert.equal("add destination b.example.com:5060;transport=udp: done", lines(report.changes)[2])
        assert.truthy(report.changes[2].warnings[1]:find("the service's list doesn't show it yet", 1, true))
      end
    end)

    it("that were sent twice are warned of once, when the list never shows them", function()
      w.sb:fault { before = "add_destinations", drop = true }
      lag("list_destinations", true)
      local report = assert(apply { trunk_name = "outbound_trunk", destinations = { A } })
      assert.same({ "the service's list doesn't show it yet (id " .. held().destinations[1].id .. ")" }, report.changes[2].warnings)
    end)

    it("are done, with a warning, when the list never shows them", function()
      lag("list_destinations", true)
      local report = assert(apply(spec))
      assert.same(DONE, lines(report.changes))
      assert.equal(15, slept:total())
      assert.same({ "the service's list doesn't show it yet (id " .. held().destinations[1].id .. ")" }, report.changes[2].warnings)
    end)

    it("are looked for while reads lag behind, and of two the one with the lower id stays", function()
      local function add(destination)
        assert(other:add_destinations { trunk_sid = sid, destinations = { { destination = destination } } })
      end
      add(A)
      add(B.destination)
      local ids = { held().destinations[1].id, held().destinations[2].id }
      lag("list_destinations", 3)
      local report = assert(apply(spec))
      assert.same({ 1, 2 }, slept.list)
      assert.same(ids, { held().destinations[1].id, held().destinations[2].id })
      assert.equal(2, #held().destinations)
      assert.same({
        "create trunk outbound_trunk: present",
        "add destination a.example.com:5060;transport=udp: present", "remove destination a.example.com:5060;transport=udp: done",
        "add destination b.example.com:5060;transport=udp: present", "update destination b.example.com:5060;transport=udp: done",
        "remove destination b.example.com:5060;transport=udp: done",
      }, lines(report.changes))
      assert.equal("duplicate", report.changes[3].reason)
      provisioning.assert_nothing_to_do(w, spec)
    end)

    it("go again when the list shows one with a lower id, though not yet themselves", function()
      assert(other:add_destinations { trunk_sid = sid, destinations = { { destination = A } } })
      local first = held().destinations[1]
      lag("list_destinations", 1)
      w:answer("list_destinations", ('{"http_code":200,"response":[{"code":200,"data":{"id":"%s","destination":"%s"}}]}'):format(first.id, first.destination))
      local report = assert(apply { trunk_name = "outbound_trunk", destinations = { A } })
      assert.same({
        "create trunk outbound_trunk: present", "add destination a.example.com:5060;transport=udp: present",
        "remove destination a.example.com:5060;transport=udp: done",
      }, lines(report.changes))
      assert.same({ first.id }, { held().destinations[1].id, held().destinations[2] })
    end)

    it("that may have been added are read back, too: a refusal of the second sending doesn't stop the others", function()
      w.sb:fault { after = "add_destinations", drop = true }
      w.sb:fault { before = "add_destinations", status = 400 }
      lag("list_destinations", 6) -- for the plan, and for as long as it is looked for
      local report = assert(apply { trunk_name = "outbound_trunk", destinations = { A } })
      assert.equal("add destination a.example.com:5060;transport=udp: done", lines(report.changes)[2])
      assert.equal(2, sendings("add_destinations"))
    end)

    it("that were sent twice are read back once more at the end, since the first sending may land as late as that", function()
      w.sb:fault { before = "add_destinations", drop = true }
      local report = assert(apply({
        { trunk_name = "outbound_trunk", destinations = { A } }, { trunk_name = "second", whitelisted_ips = { "192.0.2.1" } },
      }, { progress = function(_, _, change)
        if change.resource == "whitelisted_ip" then
          assert(other:add_destinations { trunk_sid = sid, destinations = { { destination = A } } })
        end
      end }))
      assert.same({
        "create trunk outbound_trunk: present", "create trunk second: done", "add destination a.example.com:5060;transport=udp: done",
        "remove destination a.example.com:5060;transport=udp: done", "add whitelisted_ip 192.0.2.1/32: done",
      }, lines(report.changes))
      assert.equal(1, #held().destinations)
    end)

    it("are updated after they are read back, also when they proved to be there", function()
      w.sb:fault { after = "add_destinations", drop = true }
      assert(apply { trunk_name = "outbound_trunk", destinations = { B } })
      assert.equal("list_trunks list_destinations add_destinations list_trunks list_destinations list_destinations update_destination", w:operations())
    end)

    it("whose update was refused are not updated again at the end", function()
      w.sb:fault { before = "add_destinations", drop = true }
      w.sb:fault { before = "update_destination", status = 400 }
      local _, _, report = apply { trunk_name = "outbound_trunk", destinations = { B } }
      assert.equal("update destination b.example.com:5060;transport=udp: failed", lines(report.changes)[3])
      assert.equal(1, sendings("update_destination"))
    end)

    it("whose copy can't be removed are told", function()
      assert(other:add_destinations { trunk_sid = sid, destinations = { { destination = A } } })
      lag("list_destinations", 1)
      w.sb:fault { before = "remove_destination", status = 400 }
      local _, err, report = apply(spec)
      assert.equal("remove_destination", err.operation)
      assert.equal("remove destination a.example.com:5060;transport=udp: failed", lines(report.changes)[3])
      assert.equal(held().destinations[2].id, report.changes[3].id)
    end)

    it("are read back and updated when the run is stopped after one of them", function()
      local asked = 0
      local _, err, report = apply({ trunk_name = "outbound_trunk", destinations = { B, A } }, { stop = function()
        asked = asked + 1
        return asked > 1
      end })
      assert.equal("cancelled", err.kind)
      assert.equal("done", report.changes[2].outcome)
      assert.equal("not_tried", report.changes[3].outcome)
      assert.equal("list_trunks list_destinations add_destinations list_destinations update_destination", w:operations())
    end)

    it("of a trunk that is made, too, and their trunk is read no further", function()
      assert(other:delete_trunk { trunk_sid = sid })
      w.sb:reset_requests()
      assert(apply(spec))
      assert.equal("list_trunks create_trunk add_destinations add_destinations list_destinations update_destination", w:operations())
    end)
  end)
end)
