-- One apply on an account at a time: the lock of the client's store.
local child = require "spec.support.child"
local core = require "exotel.core"
local exotel = require "exotel"
local process = require "spec.process"
local provision = require "exotel.provision"
local world = require "spec.support.world"

local SPEC = { trunk_name = "out", phone_numbers = { "+919876543210" }, whitelisted_ips = { "203.0.113.10" } }

describe("applying with a store", function()
  local w, path, store, name, events

  before_each(function()
    path = os.tmpname()
    os.remove(path)
    store, events = assert(exotel.store.file { path = path }), {}
    w = world.new(nil, { store = store, log = function(event)
      if event.event == "lock" then events[#events + 1] = event.reason end
    end })
    name = "apply:sandbox1@" .. w.sb.base_url:match("//(.*)")
  end)
  after_each(function()
    w:close()
    os.remove(path)
  end)

  it("takes the account's lock, and gives it back", function()
    local held
    assert(provision.apply(w.client, SPEC, { progress = function()
      local lock, err = store:lock(name, 1)
      held = lock == nil and err.kind
    end }))
    assert.equal("conflict", held)
    assert(store:lock(name, 1))
  end)

  it("gives it back when it fails, and when it raises", function()
    w.sb:fault { on = "list_trunks", status = 401 }
    assert.is_nil((provision.apply(w.client, SPEC)))
    local good = pcall(provision.apply, w.client, SPEC, { progress = function() error "oops" end })
    assert.is_false(good)
    assert(store:lock(name, 1))
  end)

  it("says who has it, changes nothing, and waits as long as it is told", function()
    assert(store:lock(name, 30))
    local report, err, partly = provision.apply(w.client, SPEC, { lock = 0.1 })
    assert.is_nil(report)
    assert.equal("conflict", err.kind)
    local host, user, id = core.process()
    assert.same({ host, user, id }, { err.host, err.user, err.process })
    assert.same({}, partly.changes)
    assert.equal("", w:operations())
    assert.equal(1, #events)
    assert.matches("is locked by " .. user, events[1], 1, true)
  end)

  -- Not with a sanitizer: its allocator may be copied by the fork while one of the sandbox's threads has it locked.
  it("goes on when the other one is done, and finds everything present #plain", function()
    local pid, ends = process.fork(), core.now() + 20
    if pid == 0 then
      local client = assert(w.sb:client { store = store })
      process.exit(provision.apply(client, SPEC, { progress = function() process.poll(-1, 0.2) end }) and 0 or 1)
    end
    local waited
    repeat
      local lock = store:lock(name, 1)
      waited = lock == nil
      if lock then lock:release() end
      assert(core.now() < ends, "the other one never took the lock")
    until waited
    local report = assert(provision.apply(w.client, SPEC))
    assert.equal(0, process.wait(pid))
    for _, change in ipairs(report.changes) do assert.equal("present", change.outcome) end
    assert.equal(1, #w.sb:state().trunks)
    assert.is_true(#events >= 1)
  end)

  it("takes over from one that was killed in the middle", function()
    local script = child.write(([[
      local store = assert(require("exotel.store").file { path = %q })
      local client = assert(require("exotel").client { base_url = %q, account_sid = "sandbox1", api_key = "sandbox_key",
        api_token = "sandbox_token", store = store })
      require("exotel.provision").apply(client, { trunk_name = "out", phone_numbers = { "+919876543210" },
        whitelisted_ips = { "203.0.113.10" } }, { progress = function() io.write("step\n") io.flush()
          for _ = 1, 200 do os.execute "sleep 0.1" end
        end })
    ]]):format(path, w.sb.base_url))
    local pipe = assert(io.popen(child.command(script) .. " & echo $!; wait"))
    local pid = pipe:read("*l")
    assert.equal("step", pipe:read("*l"))
    assert.is_nil((store:lock(name, 1)))
    os.execute("kill -9 " .. pid)
    local report = assert(provision.apply(w.client, SPEC, { lock = 10 }))
    assert.equal(3, #report.changes)
    assert.equal(1, #w.sb:state().trunks)
    os.remove(script)
    pipe:close()
  end)

  it("makes no further write once the lock is lost, and says what it did so far", function()
    local lost = false
    local frail = { lease = function(_, ...) return store:lease(...) end, lock = function(_, ...)
      local lock = store:lock(...)
      return { release = function() return lock:release() end, renew = function()
        if lost then return nil, { kind = "conflict", message = "its time had run out" } end
        return lock:renew()
      end }
    end }
    local client = assert(w.sb:client { store = frail })
    local now, ahead = core.now, 0
    core.now = function() return now() + ahead end -- luacheck: ignore
    finally(function() core.now = now end)
    local report, err, partly = provision.apply(client, SPEC, { progress = function(done)
      if done == 1 then lost, ahead = true, 15 end
    end })
    client:close()
    assert.is_nil(report)
    assert.equal("conflict", err.kind)
    assert.matches("the lock was lost", err.message, 1, true)
    local outcomes = {}
    for i, change in ipairs(partly.changes) do outcomes[i] = change.outcome end
    assert.same({ "done", "not_tried", "not_tried" }, outcomes)
    assert.equal("create_trunk", w:writes())
  end)

  it("holds it over a store that can't be had for a while", function()
    local renewals = 0
    local frail = { lease = function(_, ...) return store:lease(...) end, lock = function(_, ...)
      local lock = store:lock(...)
      return { release = function() return lock:release() end, renew = function()
        renewals = renewals + 1
        return nil, { kind = "network", message = "no Redis" }
      end }
    end }
    local client = assert(w.sb:client { store = frail })
    local now, ahead = core.now, 0
    core.now = function() return now() + ahead end -- luacheck: ignore
    finally(function() core.now = now end)
    local report, err, partly = provision.apply(client, SPEC, { progress = function(done) ahead = done * 16 end })
    client:close()
    assert.is_nil(report)
    assert.matches("the lock was lost", err.message, 1, true)
    assert.is_true(renewals >= 1)
    local outcomes = {}
    for i, change in ipairs(partly.changes) do outcomes[i] = change.outcome end
    assert.same({ "done", "done", "not_tried" }, outcomes) -- after 16 seconds its 30 have not run out
  end)

  it("does nothing when the store can't be had, unless it needs no lock", function()
    local client = assert(w.sb:client { store = {
      lease = function(_, _, _, wanted) return wanted, 0 end,
      lock = function() return nil, { kind = "network", message = "no Redis" } end,
    } })
    local report, err = provision.apply(client, SPEC)
    assert.is_nil(report)
    assert.equal("network", err.kind)
    assert.matches("nothing was changed, since the store can't be had: no Redis", err.message, 1, true)
    assert.equal("", w:operations())
    assert(provision.apply(client, SPEC, { lock = false }))
    client:close()
  end)

  it("stops waiting when it is told to", function()
    assert(store:lock(name, 30))
    local asked = 0
    local report, err = provision.apply(w.client, SPEC, { stop = function()
      asked = asked + 1
      return asked > 1
    end })
    assert.is_nil(report)
    assert.equal("cancelled", err.kind)
  end)

  it("checks the option", function()
    for _, wrong in ipairs { "x", -1, 1e9, 0 / 0 } do
      local good, message = pcall(function() assert(provision.apply(w.client, SPEC, { lock = wrong })) end)
      assert.is_false(good)
      assert.matches("bad option 'lock'", message, 1, true)
      assert.matches("lock_spec.lua", message, 1, true)
    end
  end)

  it("needs a store for it", function()
    local client = assert(w.sb:client())
    local good, message = pcall(provision.apply, client, SPEC, { lock = true })
    assert.is_false(good)
    assert.matches("bad option 'lock' (the client has no store)", message, 1, true)
    assert(provision.apply(client, SPEC))
    client:close()
  end)
end)
