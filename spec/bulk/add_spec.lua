-- Several numbers, IPs or destinations at once: bulk.add.
local bulk = require "exotel.bulk"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

describe("bulk.add", function()
  local w, t

  before_each(function()
    w = world.new(nil, { backoff = 0 })
    t = assert(trunk.create(w.client, { trunk_name = "out" }))
    assert(t:whitelist_ip("1.2.3.4"))
    w.sb:reset_requests()
  end)
  after_each(function() w:close() end)

  local function add(resource, items, options) return bulk.add(w.client, t.trunk_sid, resource, items, options) end

  local function outcomes(summary)
    local list = {}
    for i, item in ipairs(summary.items) do list[i] = item.outcome end
    return table.concat(list, " ")
  end

  local function writes()
    local count = 0
    for _, request in ipairs(w.sb:requests()) do count = count + (request.method == "GET" and 0 or 1) end
    return count
  end

  it("says what became of each, and one that fails keeps no other from being tried", function()
    local other = assert(trunk.create(w.client, { trunk_name = "other" }))
    assert(other:map_number("+919876543212"))
    assert(t:map_number("+919876543211"))
    local done = {}
    local summary = assert(add("phone_number", {
      "+919876543210", { phone_number = "+919876543211" }, "+919876543212", { phone_number = "+919876543213", mode = "flow" },
    }, { progress = function(count, total) done[#done + 1] = count .. "/" .. total end }))
    assert.equal("done present failed done", outcomes(summary))
    assert.same({ 4, 2, 1, 1, 0, 0 },
      { summary.total, summary.done, summary.present, summary.failed, summary.unknown, summary.not_tried })
    assert.equal("conflict", summary.items[3].err.kind)
    assert.is_truthy(summary.items[3].err.message:find("is mapped to another trunk, other", 1, true))
    assert.equal("flow", summary.items[4].data.mode)
    assert.same({ phone_number = "+919876543213", mode = "flow" }, summary.items[4].fields)
    assert.same({ "1/4", "2/4", "3/4", "4/4" }, done)
    assert.equal("present present failed present", outcomes(assert(add("phone_number", {
      "+919876543210", "+919876543211", "+919876543212", { phone_number = "+919876543213", mode = "flow" },
    }))))
  end)

  it("checks all before it sends one", function()
    for resource, items in pairs {
      phone_number = { "+919876543210", "12", { phone_number = "+919876543211", mode = "phone" }, "+919876543210" },
      whitelisted_ip = { "1.1.1.1", "1.2.3.5/24", { ip = "2.2.2.2", mask = 8 }, { ip = "1.1.1.1", mask = 32 } },
      destination = { "1.2.3.4:5060", "nothing", { destination = "a.example.com:5060", weight = 65536 }, "SIP:1.2.3.4:5060;transport=udp" },
    } do
      local _, err, summary = add(resource, items)
      assert.equal("invalid_argument", err.kind)
      assert.is_nil(summary)
      local indices, fields, rules = {}, {}, {}
      for i, problem in ipairs(err.problems) do indices[i], fields[i], rules[i] = problem.index, problem.field, problem.rule end
      assert.same({ 2, 3, 4 }, indices, resource)
      assert.equal("twice", rules[3])
      assert.equal(({ phone_number = "mode", whitelisted_ip = "mask", destination = "weight" })[resource], fields[2])
      assert.is_truthy(err.message:find(" (and 2 more)", 1, true), err.message)
      assert.equal(tostring(err), tostring(select(2, bulk.check_items(w.client, resource, items))))
    end
    local _, err = add("phone_number", { "+919876543210", false })
    assert.equal("false: must be a string or a table", err.message)
    assert.same({}, w.sb:requests())
  end)

  it("sets priority and weight of a destination", function()
    local data = assert(add("destination", { { destination = "SIP:1.2.3.4:5060", priority = 3, weight = 7 } })).items[1].data
    assert.same({ 3, 7 }, { data.priority, data.weight })
    local again = { destination = "1.2.3.4:5060", priority = 3 }
    assert.equal("present", outcomes(assert(add("destination", { again }))))
    again.priority = 4
    w.sb:reset_requests()
    local item = assert(add("destination", { again })).items[1]
    assert.same({ "failed", "conflict" }, { item.outcome, item.err.kind })
    assert.equal(0, writes())
  end)

  it("says of a destination whose levels could not be set that it is there", function()
    w.sb:fault { on = "update_destination", status = 400 }
    local item = assert(add("destination", { { destination = "1.2.3.4:5060", priority = 3 } })).items[1]
    assert.equal("failed", item.outcome)
    assert.is_string(item.data.id)
    assert.equal(("it is added (id %s), but not with priority and weight"):format(item.data.id),
      item.err.message:match("^(.-): "))
    assert.equal(1, #t:list_destinations())
  end)

  it("finds what a lost reply has made, and gives it its levels", function()
    w.sb:fault { after = "add_destinations", drop = true }
    local item = assert(add("destination", { { destination = "1.2.3.4:5060", priority = 3 } })).items[1]
    assert.equal("present", item.outcome)
    assert.equal(3, item.data.priority)
    assert.equal(1, #t:list_destinations())
  end)

  it("ends where every further one would fail the same way", function()
    w.sb:fault { on = "map_phone_number", status = 401 }
    local _, err, summary = add("phone_number", { "+919876543210", "+919876543211" })
    assert.equal("authentication", err.kind)
    assert.equal("not_tried not_tried", outcomes(summary))
    assert.equal(1, writes())
  end)

  it("ends after two failures of network or service in a row", function()
    for _ = 1, 2 do w.sb:fault { on = "map_phone_number", status = 429 } end
    local _, err, summary = add("phone_number", { "+919876543210", "+919876543211", "+919876543212" })
    assert.equal("rate_limited", err.kind)
    assert.equal("failed failed not_tried", outcomes(summary))
    w.sb:fault { on = "map_phone_number", status = 429 }
    assert.equal("failed done", outcomes(assert(add("phone_number", { "+919876543213", "+919876543214" }))))
  end)

  it("stops between two when told to, or when the client was closed", function()
    local count = 0
    local function stop()
      count = count + 1
      return count > 1
    end
    local _, err, summary = add("phone_number", { "+919876543210", "+919876543211" }, { stop = stop })
    assert.equal("cancelled", err.kind)
    assert.equal("done not_tried", outcomes(summary))
    _, err, summary = add("phone_number", { "+919876543212", "+919876543213" },
      { progress = function() w.client:close() end })
    assert.equal("cancelled", err.kind)
    assert.equal("done not_tried", outcomes(summary))
  end)

  it("raises on misuse, at the caller's line", function()
    for message, arguments in pairs {
      ["add takes a trunk_sid"] = { "", "phone_number", {} },
      ['add takes "phone_number", "whitelisted_ip" or "destination"'] = { "x", "credential", {} },
      ["add takes a list of items"] = { "x", "destination", "1.2.3.4:5060" },
      ["bad option 'results' (unknown)"] = { "x", "destination", {}, { results = "x" } },
    } do
      local good, raised = pcall(function() bulk.add(w.client, arguments[1], arguments[2], arguments[3], arguments[4]) end)
      assert.is_false(good)
      assert.is_truthy(raised:find("add_spec.lua:", 1, true) and raised:find(message, 1, true), raised)
    end
    assert.same({ total = 0, done = 0, present = 0, failed = 0, unknown = 0, not_tried = 0, items = {} }, add("destination", {}))
  end)
end)
