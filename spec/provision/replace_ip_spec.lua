-- One IP of a trunk by another, with the destinations on it.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local sanitized = require "spec.support.sanitized"
local world = require "spec.support.world"

local OLD, NEW = "44.248.146.11", "198.51.100.20"

local w, sid

local function begin(trunk, client_options, sandbox_options)
  if w then w:close() end
  w = world.new(sandbox_options, client_options)
  sid = w.sb:put(trunk or {
    trunk_name = "out",
    ips = { { ip = OLD, mask = 32 }, { ip = "203.0.113.0", mask = 24 } },
    destinations = {
      { destination = "sip:" .. OLD .. ":5061;transport=tls", priority = 3, weight = 7 },
      { destination = "sip:" .. OLD .. ":5060;transport=tcp", priority = 4, weight = 1 },
      { destination = "sip:203.0.113.9:5061;transport=tls", priority = 0, weight = 1 },
      { destination = "sip:sip.example.com:5061;transport=tls", priority = 0, weight = 1 },
    },
  }).trunk_sid
end

after_each(function()
  w:close()
  w = nil
end)

local function held() return w.sb:state().trunks[1] end

-- "44.248.146.11/32 203.0.113.0/24", and destinations with priority and weight
local function shape()
  local ips, destinations = {}, {}
  for i, ip in ipairs(held().ips) do ips[i] = ip.ip .. "/" .. ip.mask end
  for i, d in ipairs(held().destinations) do destinations[i] = ("%s %d %d"):format(d.destination, d.priority, d.weight) end
  table.sort(ips)
  table.sort(destinations)
  return table.concat(ips, "\n") .. "\n" .. table.concat(destinations, "\n")
end

local OTHERS = "203.0.113.0/24\n"
local REPLACED = NEW .. "/32\n" .. OTHERS .. "sip:198.51.100.20:5060;transport=tcp 4 1\nsip:198.51.100.20:5061;transport=tls 3 7\n"
  .. "sip:203.0.113.9:5061;transport=tls 0 1\nsip:sip.example.com:5061;transport=tls 0 1"

local function replace(options) return provision.replace_ip(w.client, sid, OLD, NEW, options) end

describe("provision.replace_ip", function()
  it("adds what is new, reads it back, and then removes what is old", function()
    begin()
    local plan = assert(provision.plan_ip_replacement(w.client, sid, OLD, NEW))
    assert.equal("3 to add, 0 to change, 3 to remove, 0 extra", plan:summary())
    assert.equal([[trunk out
  + whitelisted_ip 198.51.100.20/32
  + destination 198.51.100.20:5060;transport=tcp (priority=4 weight=1)
  + destination 198.51.100.20:5061;transport=tls (priority=3 weight=7)
  - destination 44.248.146.11:5060;transport=tcp (priority=4 weight=1)
  - destination 44.248.146.11:5061;transport=tls (priority=3 weight=7)
  - whitelisted_ip 44.248.146.11/32
3 to add, 0 to change, 3 to remove, 0 extra]], tostring(plan))
    assert.equal("", w:writes())
    local report = assert(replace())
    assert.equal(REPLACED, shape())
    assert.equal("3 added, 0 changed, 3 removed", report:summary())
    assert.truthy(w:writes():find("^whitelist_ip add_destinations.* remove_destination remove_destination remove_whitelisted_ip$"), w:writes())
    w.sb:reset_requests()
    assert.equal("0 to add, 0 to change, 0 to remove, 0 extra", assert(provision.plan_ip_replacement(w.client, sid, OLD, NEW)):summary())
    assert(replace())
    assert.equal("", w:writes())
  end)

  it("in two steps, if wanted", function()
    begin()
    assert(replace { keep_old = true })
    assert.equal(2, #held().destinations - 4)
    assert.equal(3, #held().ips)
    local report = assert(replace())
    assert.equal(REPLACED, shape())
    assert.equal("0 added, 0 changed, 3 removed", report:summary())
  end)

  it("removes nothing when something new can't be added, or isn't known to be there", function()
    for _, fault in ipairs {
      { before = "whitelist_ip", status = 400 }, { before = "add_destinations", status = 400 }, { before = "update_destination", status = 400 },
      { before = "add_destinations", status = 503, times = true }, { before = "add_destinations", drop = true, times = true },
    } do
      begin()
      w.sb:fault(fault)
      local report, err, partly = replace()
      assert.is_nil(report)
      assert.truthy(err.kind)
      assert.truthy(w:writes() ~= "" and not w:writes():find("remove", 1, true), w:writes())
      assert.equal("not_tried", partly.changes[#partly.changes].outcome)
      w.sb:clear_faults()
      assert(replace())
      assert.equal(REPLACED, shape())
    end
  end)

  it("removes nothing when what was added is gone again before that", function()
    begin()
    local other = assert(w.sb:client())
    local report, err = replace { progress = function(done, total)
      if done < total then return end
      for _, one in ipairs(held().destinations) do
        if one.destination:find(NEW, 1, true) then assert(other:remove_destination { trunk_sid = sid, id = one.id }) end
      end
    end }
    assert.is_nil(report)
    assert.equal("the service doesn't show 198.51.100.20:5060;transport=tcp: nothing was removed", err.message)
    assert.truthy(shape():find("sip:44.248.146.11:5060;transport=tcp", 1, true))
  end)

  it("leaves an IP that another destination needs", function()
    begin { trunk_name = "out", ips = { { ip = OLD } }, destinations = { "sips:" .. OLD .. ":5061", OLD .. ":5060;transport=tcp" } }
    local plan = assert(provision.plan_ip_replacement(w.client, sid, OLD, NEW))
    assert.same({ { trunk_name = "out", resource = "whitelisted_ip", key = OLD .. "/32", needed_by = "sip:sips:" .. OLD .. ":5061" } }, plan.kept)
    assert(replace())
    assert.equal(OLD .. "/32", held().ips[1].ip .. "/" .. held().ips[1].mask)
    assert.equal(2, #held().destinations)
  end)

  it("leaves an IP that a destination needs which somebody adds meanwhile", function()
    begin()
    local other, added = assert(w.sb:client()), false
    local report, err, partly = replace { stop = function()
      if w:writes():find("remove_destination", 1, true) and not added then
        assert(other:add_destinations { trunk_sid = sid, destinations = { { destination = OLD .. ":5099;transport=tls" } } })
        added = true
      end
    end }
    assert.is_nil(report)
    assert.equal("conflict", err.kind)
    assert.equal(("%s/32 is left: sip:%s:5099;transport=tls still needs it"):format(OLD, OLD), err.message)
    assert.equal("not_tried", partly.changes[#partly.changes].outcome)
    assert.truthy(shape():find(OLD .. "/32", 1, true))
  end)

  it("refuses what is ambiguous or wrong, and sends nothing", function()
    begin()
    local function refused(kind, old, new, message)
      local result, err = provision.replace_ip(w.client, sid, old, new)
      expect.failure(kind, result, err)
      if message then assert.equal(message, err.message) end
      assert.equal("", w:writes())
    end
    refused("conflict", "203.0.113.0/24", NEW, "sip:203.0.113.9:5061;transport=tls is on 203.0.113.0/24: which address of a range it is "
      .. "to have can't be told, so add and remove destinations by themselves")
    refused("conflict", OLD, "198.51.100.0/24")
    refused("not_found", "192.0.2.1", NEW, "192.0.2.1/32 is not whitelisted on out, and no destination is on it")
    refused("invalid_argument", OLD, OLD, "the new IP is the old one")
    refused("invalid_argument", OLD, "198.51.100")
    refused("invalid_argument", "x", NEW)
    assert.is_false(pcall(provision.replace_ip, w.client, sid, OLD))
    assert.is_false(pcall(provision.replace_ip, w.client, sid, OLD, NEW, { keep = true }))
  end)

  it("takes a range where no destination is on it", function()
    begin { trunk_name = "out", ips = { { ip = "203.0.113.0", mask = 24 } } }
    assert(provision.replace_ip(w.client, sid, "203.0.113.0/24", "198.51.100.0/24"))
    assert.equal("198.51.100.0/24\n", shape())
  end)

  it("removes all copies of a destination, and makes one", function()
    begin { trunk_name = "out", ips = { { ip = OLD } }, destinations = { OLD .. ":5061;transport=tls", OLD .. ":5061;transport=tls" } }
    assert(replace())
    assert.equal(NEW .. "/32\nsip:" .. NEW .. ":5061;transport=tls 0 1", shape())
  end)

  it("stops when told to, and is completed by the next one", function()
    for steps = 0, 7 do
      begin()
      local asked = 0
      local report, err = replace { stop = function()
        asked = asked + 1
        return asked > steps
      end }
      if not report then assert.equal("cancelled", err.kind) end
      w.sb:clear_faults()
      assert(replace())
      assert.equal(REPLACED, shape())
    end
  end)

  -- Calls come in as long as each place is reached on the old address or on the new one.
  local function assert_reachable(title)
    local text = shape()
    for _, port in ipairs { "5060;transport=tcp", "5061;transport=tls" } do
      local on_old = text:find(OLD .. ":" .. port, 1, true) and text:find(OLD .. "/32", 1, true)
      local on_new = text:find(NEW .. ":" .. port, 1, true) and text:find(NEW .. "/32", 1, true)
      assert.truthy(on_old or on_new, title .. text)
    end
  end

  local WAYS = {
    refused = { status = 400 }, failed = { status = 503 }, busy = { status = 429 }, dropped = { drop = true }, gone = { status = 404 },
    done_and_dropped = { drop = true, after = true }, done_and_failed = { status = 503, after = true }, cut = { cut = 20, after = true },
  }

  for name, way in pairs(WAYS) do
    it("keeps every place reachable whichever request goes wrong #once: " .. name, function()
      for skip = 0, 24, sanitized.is and 4 or 1 do
        for times = 1, 2 do
          begin(nil, { backoff = 0, retries = 0 })
          local fault = { skip = skip, times = times, [way.after and "after" or "before"] = "*" }
          if way.after and way.cut then fault.after, fault.on = nil, "*" end
          for key, value in pairs(way) do if key ~= "after" then fault[key] = value end end
          w.sb:fault(fault)
          local report = replace()
          assert_reachable(("request %d %s: "):format(skip + 1, name))
          -- A 404 is the word of the service that it is gone.
          if report and name ~= "gone" then assert.equal(REPLACED, shape()) end
          w.sb:clear_faults()
          for _ = 1, 2 do replace() end
          assert.equal(REPLACED, shape())
        end
      end
    end)
  end
end)
