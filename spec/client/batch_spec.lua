-- Many calls at once.
local expect = require "spec.support.expect"
local world = require "spec.support.world"

describe("client:batch", function()
  local w, sid

  before_each(function()
    w = world.new()
    sid = w:trunk()
  end)
  after_each(function() w:close() end)

  local function map(number) return { "map_phone_number", { trunk_sid = sid, phone_number = number } } end

  local function many(count)
    local requests = {}
    for i = 1, count do requests[i] = map(("+9180402640%02d"):format(i)) end
    return requests
  end

  it("returns what became of each, in the order given", function()
    -- The first is answered last.
    w.sb:fault { on = "map_phone_number", delay = 0.05 }
    local results = w.client:batch(many(12))
    assert.equal(12, #results)
    for i, result in ipairs(results) do
      assert.equal(("+9180402640%02d"):format(i), result.data.phone_number)
      assert.equal(200, result.info.http_status)
      assert.is_nil(result.err)
    end
    assert.equal(12, #w.sb:state().trunks[1].numbers)
  end)

  it("mixes operations, successes and failures", function()
    local results = w.client:batch {
      { "get_trunk", { trunk_sid = sid } },
      { "get_trunk", { trunk_sid = "trmum1" } },
      map "+918040264201",
      map "918040264202",
      { "add_destinations", { trunk_sid = sid, destinations = { { destination = "44.248.146.11:5061;transport=tls" } } } },
      { "list_settings", { trunk_sid = sid } },
    }
    assert.equal("outbound_trunk", results[1].data.trunk_name)
    expect.failure("not_found", nil, results[2].err)
    assert.is_nil(results[2].data)
    assert.is_nil(results[2].info)
    assert.equal("+918040264201", results[3].data.phone_number)
    assert.equal("phone_number", expect.failure("invalid_argument", nil, results[4].err).field)
    assert.equal("partial", results[5].err.kind)
    assert.same({}, results[6].data)
    assert.equal(5, #w.sb:requests())
  end)

  it("of none is none", function()
    assert.same({}, w.client:batch {})
    assert.same({}, w.sb:requests())
  end)

  it("has its calls under way together", function()
    -- None is answered before all have arrived: with fewer under way this would never end.
    w:close()
    w = world.new(nil, { max_connections = 4, timeout = 10 })
    sid = w:trunk()
    w.sb:fault { on = "get_trunk", hang = true, times = 3 }
    local seen
    local results = w.client:batch({
      { "get_trunk", { trunk_sid = sid } }, { "get_trunk", { trunk_sid = sid } }, { "get_trunk", { trunk_sid = sid } },
      { "list_trunks", {} },
    }, { progress = function(done)
      if done < 1 or seen then return end
      seen = w:operations()
      w.sb:stop()
    end })
    assert.equal("get_trunk get_trunk get_trunk list_trunks", seen)
    assert.equal(1, #results[4].data)
    for i = 1, 3 do assert.equal("network", results[i].err.kind) end
  end)

  it("has no more under way than its concurrency, and starts the next when one is done", function()
    -- How many were under way whenever one was reported done: requests received, less those done.
    local function under_way(concurrency)
      local counts = {}
      w.sb:reset_requests()
      w.sb:fault { on = "get_trunk", delay = 0.02, times = 6 }
      local requests = {}
      for i = 1, 6 do requests[i] = { "get_trunk", { trunk_sid = sid } } end
      w.client:batch(requests, { concurrency = concurrency, progress = function(done)
        counts[#counts + 1] = #w.sb:requests() - done
      end })
      assert.equal(0, counts[#counts])
      return counts
    end
    for _, more in ipairs(under_way(1)) do assert.equal(0, more) end
    for _, more in ipairs(under_way(2)) do assert.is_true(more <= 1) end
    assert.equal(6, #w.sb:requests())
  end)

  it("has 50 under way where nothing else is said", function()
    w.sb:fault { on = "map_phone_number", hang = true, times = true }
    local client, unfinished
    client = assert(w.sb:client { sleep = function()
      unfinished = client:poll(0)
      client:close()
    end })
    assert.equal(60, #client:batch(many(60)))
    assert.equal(50, unfinished)
  end)

  it("tells how far it is: done, total", function()
    local seen, last = {}, 0
    w.client:batch(many(5), { concurrency = 1, progress = function(done, total)
      seen[#seen + 1] = done .. "/" .. total
      assert.is_true(done > last)
      last = done
    end })
    assert.same({ "1/5", "2/5", "3/5", "4/5", "5/5" }, seen)
    last = 0
    w.client:batch(many(5), { progress = function(done, total)
      assert.equal(5, total)
      assert.is_true(done > last)
      last = done
    end })
    assert.equal(5, last)
  end)

  it("may be larger than the client has connections", function()
    local results = w.client:batch(many(60))
    for i = 1, 60 do assert.is_table(results[i].data, i) end
    assert.equal(60, #w.sb:state().trunks[1].numbers)
  end)

  it("cancels what is under way when its progress function raises", function()
    w.sb:fault { on = "list_trunks", hang = true }
    local good, message = pcall(w.client.batch, w.client, { { "get_trunk", { trunk_sid = sid } }, { "list_trunks", {} } },
      { progress = function() error("enough", 0) end })
    assert.is_false(good)
    assert.equal("enough", message)
    assert.equal(0, w.client:poll(0))
    assert(w.client:get_trunk { trunk_sid = sid })
  end)

  it("raises where it is misused, before anything is sent", function()
    local fine = { "get_trunk", { trunk_sid = sid } }
    local function batch(...) return w.client:batch(...) end
    expect.raises("takes a list", batch)
    expect.raises("takes a list", batch, "get_trunk")
    expect.raises("request 2 must be", batch, { fine, "get_trunk" })
    expect.raises("request 2 must be", batch, { fine, { "get_trunks", {} } })
    expect.raises("request 1 must be", batch, { { "get_trunk" } })
    expect.raises("request 1 must be", batch, { { "get_trunk", sid } })
    expect.raises("request 1 must be", batch, { { operation = "get_trunk" } })
    expect.raises("bad option 'concurency' %(unknown%)", batch, { fine }, { concurency = 2 })
    expect.raises("bad option 'concurrency' %(number expected%)", batch, { fine }, { concurrency = "2" })
    expect.raises("bad option 'concurrency' %(a whole number", batch, { fine }, { concurrency = 0 })
    expect.raises("bad option 'concurrency' %(a whole number", batch, { fine }, { concurrency = 1.5 })
    expect.raises("bad option 'progress' %(function expected%)", batch, { fine }, { progress = true })
    assert.same({}, w.sb:requests())
  end)
end)
