-- `ensure` after a lost reply: what was sent is looked for before it is sent again, no doubt is forgotten, and a reading
-- that fails makes nothing undone.
local core = require "exotel.core"
local expect = require "spec.support.expect"
local pauses = require "spec.support.pauses"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

local E164 = "+919876543210"
local DESTINATION = "sip.example.com:5061;transport=tls"
local SAFELY = { ensure = true }

local w, other, t, slept, during

-- In the i-th pause, during(i) happens.
before_each(function()
  during = function() end
  slept = pauses.new(function(i) during(i) end)
  w = world.new(nil, { rate_limit = false, settle_wait = 15, sleep = slept.sleep })
  other = assert(w.sb:client())
  t = assert(trunk.create(w.client, { trunk_name = "first" }))
  w.sb:reset_requests()
end)
after_each(function()
  other:close()
  w:close()
end)

local function held() return w.sb:state().trunks[1] end

-- Each write: how it is done, how somebody else does it (or its own first sending, late), and how many there are.
local writes = {
  create_trunk = {
    list = "list_trunks",
    act = function(options) return trunk.create(w.client, { trunk_name = "second" }, options or SAFELY) end,
    arrive = function() assert(other:create_trunk { trunk_name = "second" }) end,
    count = function() return #w.sb:state().trunks - 1 end,
  },
  map_phone_number = {
    list = "list_phone_numbers",
    act = function(options) return t:map_number(E164, "flow", options or SAFELY) end,
    arrive = function() assert(other:map_phone_number { trunk_sid = t.trunk_sid, phone_number = E164, mode = "flow" }) end,
    count = function() return #held().numbers end,
  },
  whitelist_ip = {
    list = "list_whitelisted_ips",
    act = function(options) return t:whitelist_ip("192.0.2.1", options or SAFELY) end,
    arrive = function() assert(other:whitelist_ip { trunk_sid = t.trunk_sid, ip = "192.0.2.1" }) end,
    count = function() return #held().ips end,
  },
  add_destinations = {
    list = "list_destinations",
    act = function(options) return t:add_destination(DESTINATION, options or SAFELY) end,
    arrive = function()
      assert(other:add_destinations { trunk_sid = t.trunk_sid, destinations = { { destination = DESTINATION } } })
    end,
    count = function() return #held().destinations end,
  },
}

-- An answer of a list that shows nothing: reads that lag behind.
local EMPTY = '{"http_code":200,"response":[]}'
local function lag(operation, times) w.sb:fault { on = operation, status = 200, body = EMPTY, times = times } end

local function writes_of_client(operation)
  local count = 0
  for _, request in ipairs(w.sb:requests()) do count = count + (request.operation == operation and 1 or 0) end
  return count
end

for operation, write in pairs(writes) do
  describe("ensured " .. operation, function()
    for pause = 1, 4 do
      it("is not sent again when its first sending lands late, in pause " .. pause, function()
        during = function(i)
          if i == pause then write.arrive() end
        end
        w.sb:fault { before = operation, drop = true }
        local data, info = write.act()
        assert(data, info)
        assert.is_true(info.adopted)
        assert.equal(1, write.count())
        assert.equal(2, writes_of_client(operation))
      end)
    end

    it("is looked for as long as settle_wait says, with few reads, and only then sent again", function()
      w.sb:fault { before = operation, drop = true }
      local data, info = write.act()
      assert(data, info)
      assert.is_nil(info.adopted)
      assert.same({ 1, 2, 4, 8 }, slept.list)
      assert.equal(1, write.count())
    end)

    it("is looked for anew when its second sending is lost, too", function()
      w.sb:fault { before = operation, drop = true, times = 2 }
      during = function(i)
        if i == 6 then write.arrive() end
      end
      local data, info = write.act()
      assert(data, info)
      assert.is_true(info.adopted)
      assert.same({ 1, 2, 4, 8, 1, 2 }, slept.list)
      assert.equal(1, write.count())
    end)

    it("is found by reads that lag behind, and not sent again", function()
      w.sb:fault { after = operation, drop = true }
      if operation == "add_destinations" then lag(write.list, 1) end
      lag(write.list, 3)
      local data, info = write.act()
      assert(data, info)
      assert.is_true(info.adopted)
      assert.equal(1, writes_of_client(operation))
      assert.equal(7, slept:total())
    end)

    it("is not sent again on the strength of a list that ends before its total", function()
      w.sb:fault { before = operation, drop = true }
      local short = '{"http_code":200,"metadata":{"total":3},"response":[]}'
      local skip = operation == "add_destinations" and 1 or 0
      w.sb:fault { on = write.list, status = 200, body = short, skip = skip, times = true }
      assert.is_true(expect.failure("network", write.act()).maybe_applied)
      assert.equal(1, writes_of_client(operation))
    end)

    it("never waits past the deadline", function()
      w.sb:fault { before = operation, drop = true, times = true }
      local err = expect.failure("network", write.act { ensure = true, deadline = 5 })
      assert.is_true(err.maybe_applied)
      assert.is_true(slept:total() < 5, slept:total())
      assert.equal(0, write.count())
    end)

    for status, kind in pairs { [401] = "authentication", [403] = "permission", [400] = "rejected", [429] = "rate_limited" } do
      it("may have taken effect once a reply was lost, whatever is answered then: " .. status, function()
        w.sb:fault { before = operation, drop = true }
        w.sb:fault { before = operation, status = status }
        local err = expect.failure(kind, write.act())
        assert.is_true(err.maybe_applied)
        assert.truthy(tostring(err):find("it may have taken effect", 1, true))
        -- And so it is: the first one lands.
        write.arrive()
        assert.equal(1, write.count())
      end)
    end
  end)
end

it("nothing is sent again once the deadline has passed, though it proved not to be there", function()
  local now = core.now
  finally(function() core.now = now end)
  local client = assert(w.sb:client { retries = 0, settle_wait = 0, log = function(event)
    if event.operation == "list_phone_numbers" then core.now = function() return now() + 60 end end
  end })
  w.sb:fault { before = "map_phone_number", drop = true, times = true }
  local err = expect.failure("network", trunk.attach(client, t.trunk_sid):map_number(E164, { ensure = true, deadline = 30 }))
  client:close()
  assert.is_true(err.maybe_applied)
  assert.equal("map_phone_number list_phone_numbers", w:operations())
end)

it("what exists differently after a lost reply is a conflict, and the doubt stays", function()
  during = function() assert(other:map_phone_number { trunk_sid = t.trunk_sid, phone_number = E164, mode = "pstn" }) end
  w.sb:fault { before = "map_phone_number", drop = true }
  local err = expect.failure("conflict", t:map_number(E164, "flow", SAFELY))
  assert.truthy(err.message:find("exists with mode pstn, not flow", 1, true), err.message)
  assert.is_true(err.maybe_applied)
end)

describe("what was refused since it exists", function()
  it("is waited for where reads lag behind", function()
    assert(other:map_phone_number { trunk_sid = t.trunk_sid, phone_number = E164, mode = "flow" })
    lag("list_phone_numbers", 2)
    local data, info = t:map_number(E164, "flow", SAFELY)
    assert(data, info)
    assert.is_true(info.adopted)
    assert.same({ 1, 2 }, slept.list)
  end)

  it("is asked for elsewhere once, however long it is waited for", function()
    w.sb:fault { before = "map_phone_number", status = 409 } -- another account's
    expect.failure("conflict", t:map_number(E164, "flow", SAFELY))
    assert.same({ 1, 2, 4, 8 }, slept.list)
    assert.equal(1, writes_of_client("find_trunk_map"))
  end)

  it("is not waited for when it proves to be elsewhere", function()
    local second = assert(other:create_trunk { trunk_name = "second" })
    assert(other:map_phone_number { trunk_sid = second.trunk_sid, phone_number = E164 })
    local err = expect.failure("conflict", t:map_number(E164, SAFELY))
    assert.truthy(err.message:find(second.trunk_sid, 1, true), err.message)
    assert.is_false(err.maybe_applied)
    assert.same({}, slept.list)
  end)
end)

describe("an ensured destination", function()
  local function add() return t:add_destination(DESTINATION, SAFELY) end
  local function ids()
    local list = {}
    for i, item in ipairs(held().destinations) do list[i] = item.id end
    return list
  end

  it("is read back once, after it was added", function()
    assert(add())
    assert.equal("list_destinations add_destinations list_destinations", w:operations())
    assert.same({}, slept.list)
  end)

  for _, status in ipairs { 503, 401, 400 } do
    it("is added, with a warning, when it can't be read back: " .. status, function()
      w.sb:fault { on = "list_destinations", status = status, skip = 1 }
      local data, info = add()
      assert(data, info)
      assert.is_nil(info.adopted)
      assert.equal(1, #info.warnings)
      assert.truthy(info.warnings[1]:find("it could not be read whether there is a second one: list_destinations", 1, true), info.warnings[1])
      assert.same({ data.id }, ids())
    end)
  end

  it("whose first sending lands after the second is there once, with the id that is answered", function()
    w.sb:fault { before = "add_destinations", drop = true }
    during = function(i)
      if i < 4 then return end
      writes.add_destinations.arrive()
      lag("list_destinations", 1) -- so that it is sent again all the same
    end
    local data, info = add()
    assert(data, info)
    assert.same({ data.id }, ids())
    assert.is_true(info.adopted)
    assert.equal("remove_destination", w.sb:requests()[#w.sb:requests()].operation)
  end)

  it("is looked for while reads lag behind, since they don't show either what somebody else has added", function()
    writes.add_destinations.arrive()
    lag("list_destinations", 3)
    local data, info = add()
    assert(data, info)
    assert.same({ data.id }, ids())
    assert.is_true(info.adopted)
    assert.same({ 1, 2 }, slept.list)
  end)

  it("goes again when the list shows one with a lower id, though not yet itself", function()
    writes.add_destinations.arrive()
    local first = held().destinations[1]
    lag("list_destinations", 1)
    w:answer("list_destinations", ('{"http_code":200,"response":[{"code":200,"data":{"id":"%s","destination":"%s"}}]}'):format(first.id, first.destination))
    local data, info = add()
    assert(data, info)
    assert.equal(first.id, data.id)
    assert.is_true(info.adopted)
    assert.same({ first.id }, ids())
    assert.same({}, slept.list)
  end)

  it("is added, with a warning, when the list never shows it", function()
    lag("list_destinations", true)
    local data, info = add()
    assert(data, info)
    assert.equal(15, slept:total())
    assert.same({ ("the service's list doesn't show it yet (id %s)"):format(data.id) }, info.warnings)
    assert.same({ data.id }, ids())
  end)

  it("is added, with a warning, when a copy of it can't be removed", function()
    writes.add_destinations.arrive()
    lag("list_destinations", 1)
    w.sb:fault { before = "remove_destination", status = 400 }
    local data, info = add()
    assert(data, info)
    assert.equal(2, #ids())
    assert.equal(ids()[1], data.id)
    assert.truthy(info.warnings[1]:find("a copy (id " .. ids()[2] .. ") could not be removed: remove_destination", 1, true), info.warnings[1])
  end)

  it("whose copy somebody else has removed already is none the worse", function()
    for _, status in ipairs { 404, 403 } do
      writes.add_destinations.arrive()
      lag("list_destinations", 1)
      w.sb:fault { after = "remove_destination", status = status }
      local data, info = add()
      assert(data, info)
      assert.same({}, info.warnings)
      assert.same({ data.id }, ids())
      assert(t:remove_destination(data.id))
    end
  end)
end)

describe("of two who ensure the same destination at once", function()
  local actors = require "spec.support.actors"

  -- → the two results
  local function both(seed, retries)
    local results, clients, functions = {}, {}, {}
    for i = 1, 2 do
      clients[i] = assert(w.sb:client { retries = retries, backoff = 0, rate_limit = false, sleep = actors.sleep })
      functions[i] = function()
        results[i] = { trunk.attach(clients[i], t.trunk_sid):add_destination(DESTINATION, SAFELY) }
      end
    end
    actors.run(seed, functions)
    for i = 1, 2 do clients[i]:close() end
    return results
  end

  it("both get the one that stays: 50 orders of their requests", function()
    for seed = 1, 50 do
      for _, result in ipairs(both(seed, 0)) do
        assert(result[1], result[2])
        assert.same({}, result[2].warnings)
        assert.equal(1, #held().destinations, "seed " .. seed)
        assert.equal(held().destinations[1].id, result[1].id, "seed " .. seed)
      end
      assert(t:remove_destination(held().destinations[1].id))
    end
  end)

  it("both get one that is there when both replies were lost: 50 orders", function()
    for seed = 1, 50 do
      w.sb:fault { after = "add_destinations", drop = true, times = 2 }
      for _, result in ipairs(both(seed, 0)) do
        assert(result[1], result[2])
        assert.equal(1, #held().destinations, "seed " .. seed)
      end
      assert(t:remove_destination(held().destinations[1].id))
      w.sb:clear_faults()
    end
  end)
end)

describe("a client that somebody else closes meanwhile", function()
  -- Closes it in the first pause: the write's reply was lost before.
  local function act_and_close(write)
    w.sb:fault { before = "*", drop = true, skip = write.skip or 0 }
    during = function() w.client:close() end
    return write.act()
  end

  for operation, write in pairs(writes) do
    it("ends in an error that says that it may have taken effect: " .. operation, function()
      if operation == "add_destinations" then
        lag("list_destinations", 1)
        w.sb:fault { before = operation, drop = true }
        during = function() w.client:close() end
        assert.is_true(expect.failure("network", write.act()).maybe_applied)
      else
        assert.is_true(expect.failure("network", act_and_close(write)).maybe_applied)
      end
    end)

    it("is misuse when it was closed before: " .. operation, function()
      w.client:close()
      expect.raises("the client is closed", write.act)
    end)
  end

  it("has added what it had added, with a warning", function()
    lag("list_destinations", true)
    during = function() w.client:close() end
    local data, info = writes.add_destinations.act()
    assert(data, info)
    assert.truthy(info.warnings[1]:find("the client was closed", 1, true), info.warnings[1])
  end)
end)

it("nothing is added on the strength of a list that is not complete", function()
  w.sb:fault { on = "list_destinations", status = 200, body = '{"http_code":200,"metadata":{"total":3},"response":[]}' }
  local err = expect.failure("protocol", writes.add_destinations.act())
  assert.equal("list_destinations", err.operation)
  assert.is_false(err.maybe_applied)
  assert.same({}, held().destinations)
end)
