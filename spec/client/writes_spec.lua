-- What is told of each write: the option on_write.
local exotel = require "exotel"
local json = require "exotel.json"
local process = require "spec.process"
local trunk = require "exotel.trunk"
local world = require "spec.support.world"

local E164 = "+919876543210"

describe("on_write", function()
  local w, writes, t

  before_each(function()
    writes = {}
    w = world.new(nil, { on_write = function(write) writes[#writes + 1] = write end, retries = 2, backoff = 0 })
    t = assert(trunk.create(w.client, { trunk_name = "out" }))
    writes = {}
  end)
  after_each(function() w:close() end)

  it("is told of what was sent, and what was answered", function()
    local mapping, info = assert(t:map_number(E164, "flow"))
    assert.equal(1, #writes)
    local write = writes[1]
    assert.is_true(write.seconds >= 0 and write.seconds <= info.elapsed)
    write.seconds = nil
    assert.same({
      operation = "map_phone_number", outcome = "ok", maybe_applied = false, attempts = 1, status = 200,
      request_id = info.request_id,
      about = { trunk_sid = t.trunk_sid, phone_number = E164, mode = "flow", id = mapping.id },
    }, write)
    assert(t:unmap_number(mapping.id))
    assert.same({ trunk_sid = t.trunk_sid, id = mapping.id, phone_number = E164 }, writes[2].about)
    assert(t:delete())
    assert.same({ trunk_sid = t.trunk_sid, trunk_name = "out" }, writes[3].about)
  end)

  it("is not told of reads, nor of what was never sent", function()
    assert(t:list_numbers())
    assert.is_nil((t:map_number("12")))
    assert.is_nil((w.client:map_phone_number({ trunk_sid = "x" })))
    local call = w.client:start("map_phone_number", { trunk_sid = t.trunk_sid, phone_number = E164 })
    call:cancel()
    w.client:poll(0)
    assert.same({}, writes)
  end)

  it("is told once of a write that was repeated", function()
    w.sb:fault { on = "whitelist_ip", status = 429 }
    assert(t:whitelist_ip("1.2.3.4"))
    assert.equal(1, #writes)
    assert.equal(2, writes[1].attempts)
  end)

  it("is told of a refusal, also where what is there already is a success", function()
    assert(t:map_number(E164))
    local _, info = assert(t:map_number(E164, { ensure = true }))
    assert.is_true(info.adopted)
    assert.same({ "conflict", false }, { writes[2].outcome, writes[2].maybe_applied })
  end)

  it("says what may have had effect", function()
    w.sb:fault { after = "map_phone_number", drop = true }
    local _, err = t:map_number(E164)
    assert.is_true(err.maybe_applied)
    assert.is_true(writes[1].maybe_applied)
    assert.equal("network", writes[1].outcome)
    w.sb:fault { on = "whitelist_ip", hang = true }
    local call = w.client:start("whitelist_ip", { trunk_sid = t.trunk_sid, ip = "1.2.3.4" })
    w.client:poll(0)
    call:cancel()
    w.client:poll(0)
    assert.equal("cancelled", writes[2].outcome)
  end)

  it("is told of what was cut off: by an error while it was waited for, by closing the client", function()
    local function has_arrived()
      for _, request in ipairs(w.sb:requests()) do
        if request.operation == "whitelist_ip" then return true end
      end
    end
    local client
    client = assert(w.sb:client { on_write = function(write) writes[#writes + 1] = write end, sleep = function(seconds)
      if has_arrived() then error "enough" end
      process.poll(0, seconds)
    end })
    w.sb:fault { on = "whitelist_ip", hang = true }
    assert.has_error(function() client:whitelist_ip { trunk_sid = t.trunk_sid, ip = "1.2.3.4" } end)
    client:poll(0)
    assert.same({ "cancelled", "1.2.3.4" }, { writes[1].outcome, writes[1].about.ip })
    assert.is_true(writes[1].maybe_applied)
    w.sb:fault { on = "whitelist_ip", hang = true }
    client:start("whitelist_ip", { trunk_sid = t.trunk_sid, ip = "1.2.3.5" })
    client:poll(0)
    client:close()
    assert.same({ "cancelled", "1.2.3.5" }, { writes[2].outcome, writes[2].about.ip })
    assert.equal(2, #writes)
  end)

  it("is not told of arguments in whose place another body was sent", function()
    assert.is_nil((w.client:create_trunk({ trunk_name = "given" }, { body = "{}" })))
    assert.same({}, writes[1].about)
    assert.is_nil((w.client:add_destinations({ trunk_sid = t.trunk_sid, destinations = { { destination = "1.2.3.4:5060" } } }, { body = "{}" })))
    assert.same({ trunk_sid = t.trunk_sid }, writes[2].about)
  end)

  it("is not told once more in a process that was forked off #plain", function()
    w.sb:fault { on = "whitelist_ip", hang = true }
    local call = w.client:start("whitelist_ip", { trunk_sid = t.trunk_sid, ip = "1.2.3.4" })
    w.client:poll(0)
    call:cancel()
    local pid = process.fork()
    if pid == 0 then
      w.client:poll(0)
      process.exit(#writes)
    end
    assert.equal(0, process.wait(pid))
    w.client:poll(0)
    assert.equal(1, #writes)
  end)

  it("is told of each thing of a batch, and of each its own outcome", function()
    assert(t:whitelist_ip("1.2.3.4"))
    writes = {}
    assert.is_nil((t:add_destinations { "1.2.3.4:5060", "9.9.9.9:5060" }))
    assert.equal(2, #writes)
    assert.same({ "1.2.3.4:5060", "ok" }, { writes[1].about.destination, writes[1].outcome })
    assert.same({ "9.9.9.9:5060", "rejected" }, { writes[2].about.destination, writes[2].outcome })
    assert.is_string(writes[1].about.id)
    assert.is_nil(writes[2].about.id)
    assert.is_false(writes[1].maybe_applied or writes[2].maybe_applied)
    w.sb:fault { after = "add_destinations", drop = true }
    assert.is_nil((t:add_destinations { "1.2.3.4:5061", "1.2.3.4:5062" }))
    assert.is_true(writes[3].maybe_applied and writes[4].maybe_applied)
  end)

  it("is told no password", function()
    local credential = assert(t:create_credential { user_name = "pbx", password = "S3cret", friendly_name = "desk" })
    assert(w.client:update_credential { trunk_sid = t.trunk_sid, id = credential.id, password = "S3cret2" })
    assert.same({ trunk_sid = t.trunk_sid, id = credential.id, user_name = "pbx", friendly_name = "desk" }, writes[1].about)
    assert.is_nil(json.encode(writes):find("S3cret", 1, true))
  end)

  it("cuts what is long, between two characters", function()
    assert.is_nil((w.client:update_trunk({ trunk_sid = t.trunk_sid, status = ("ä"):rep(200) }, { validate = false })))
    assert.equal(("ä"):rep(100) .. "...", writes[1].about.status)
    local fields = { trunk_sid = t.trunk_sid }
    for _, name in ipairs { "status", "auth_type", "edge_preference", "secure_trunking" } do fields[name] = ("x"):rep(500) end
    assert.is_nil((w.client:update_trunk(fields, { validate = false })))
    local size = 0
    for _, value in pairs(writes[2].about) do size = size + #value end
    assert.is_true(size <= 600, size)
  end)

  it("is told beside the log, and can't harm a call", function()
    local events, told = {}, 0
    local client = assert(w.sb:client {
      log = function(event) events[#events + 1] = event.event end,
      on_write = function()
        told = told + 1
        error "no"
      end,
    })
    assert(client:map_phone_number { trunk_sid = t.trunk_sid, phone_number = E164 })
    assert.same({ "attempt" }, events)
    assert.equal(1, told)
    client:close()
    assert.has_error(function() exotel.client { on_write = true } end, "bad option 'on_write' (function expected, got boolean)")
  end)
end)
