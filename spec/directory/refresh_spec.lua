-- Refreshing a directory from the service.
local child = require "spec.support.child"
local core = require "exotel.core"
local directories = require "spec.support.directories"
local directory = require "exotel.directory"
local errors = require "exotel.error"
local sandbox = require "exotel.sandbox"

local N1, N2, N3 = "+919876543210", "+918040264208", "+911140000000"

describe("a refresh", function()
  local folder, remove, path, sb, client, d

  before_each(function()
    folder, remove = directories.folder()
    path = folder .. "/d"
    sb = assert(sandbox.start())
    client = assert(sb:client { backoff = 0 })
    sb:put { trunk_sid = "sid_one", trunk_name = "one", numbers = { { phone_number = N1, mode = "flow" }, { phone_number = N2 } },
      ips = { { ip = "203.0.113.0", mask = 24 }, { ip = "44.248.146.11", mask = 32 } }, settings = { { name = "trunk_external_alias", value = N1 } },
      destinations = { { destination = "sip:a.example:5061;transport=tls", priority = 2, weight = 5 } },
      credentials = { { user_name = "pbx", password = "hunter2" } } }
    sb:put { trunk_sid = "sid_two", trunk_name = "two", status = "inactive" }
    d = assert(directory.open { path = path, create = true })
  end)
  after_each(function()
    client:close()
    sb:stop()
    d:close()
    remove()
  end)

  -- What changed, one line each, sorted.
  local function lines(changes)
    local list = {}
    for i, c in ipairs(changes) do
      local key = (c.to or c.from).phone_number or (c.to or c.from).ip or (c.to or c.from).destination or c.trunk_sid
      list[i] = ("%s %s %s on %s"):format(c.action, c.resource, key, c.trunk_name)
    end
    table.sort(list)
    return list
  end

  local function refresh(options)
    local changes = assert(d:refresh(client, options))
    return changes, lines(changes)
  end

  local function assert_equals_service()
    assert.equal(directories.of_service(sb), directories.of_directory(d))
  end

  it("takes over what the service has", function()
    local changes, list = refresh()
    assert.same({
      "came destination sip:a.example:5061;transport=tls on one", "came phone_number +918040264208 on one",
      "came phone_number +919876543210 on one", "came trunk sid_one on one", "came trunk sid_two on two",
      "came whitelisted_ip 203.0.113.0 on one", "came whitelisted_ip 44.248.146.11 on one",
    }, list)
    assert.is_true(changes.complete)
    assert.same({}, changes.unread)
    assert.equal(#sb:requests(), changes.requests)
    assert_equals_service()
    assert.equal(N1, d:trunk("one").caller_id)
    assert.equal("inactive", d:trunk("two", "status"))
    assert.equal("pstn", d:number(N2, "mode"))
    assert.is_true(d:age() >= 0 and d:age() < 60)
    assert.same({ "sandbox1", "127.0.0.1:" .. ("%d"):format(sb.port) }, { d:info().account_sid, d:info().host })
    assert.is_nil(directories.read(path):find("hunter2", 1, true))
  end)

  it("tells nothing when nothing has changed", function()
    refresh()
    assert.same({}, select(2, refresh()))
  end)

  it("tells what came, went and changed", function()
    refresh()
    local state = sb:state()
    assert(client:update_phone_number { trunk_sid = "sid_one", id = state.trunks[1].numbers[1].id, phone_number = N1, mode = "pstn" })
    assert(client:unmap_phone_number { trunk_sid = "sid_one", id = state.trunks[1].numbers[2].id })
    assert(client:map_phone_number { trunk_sid = "sid_two", phone_number = N2 })
    assert(client:map_phone_number { trunk_sid = "sid_two", phone_number = N3 })
    assert(client:remove_whitelisted_ip { trunk_sid = "sid_one", id = state.trunks[1].ips[1].id })
    assert(client:update_destination { trunk_sid = "sid_one", id = state.trunks[1].destinations[1].id, weight = 6 })
    assert(client:update_trunk { trunk_sid = "sid_two", trunk_name = "zwei" })
    local changes, list = refresh()
    assert.same({
      "came phone_number +911140000000 on zwei", "changed destination sip:a.example:5061;transport=tls on one",
      "changed phone_number +918040264208 on zwei", "changed phone_number +919876543210 on one", "changed trunk sid_two on zwei",
      "went whitelisted_ip 203.0.113.0 on one",
    }, list)
    for _, c in ipairs(changes) do
      if c.resource == "destination" then assert.same({ 5, 6 }, { c.from.weight, c.to.weight }) end
      if (c.to or c.from).phone_number == N2 then assert.same({ "one", "zwei" }, { c.from.trunk_name, c.to.trunk_name }) end
    end
    assert_equals_service()
  end)

  it("forgets a trunk that was deleted, with what was on it", function()
    refresh()
    assert(client:delete_trunk { trunk_sid = "sid_one" })
    local _, list = refresh()
    assert.equal("went trunk sid_one on one", list[4])
    assert.equal(6, #list)
    assert.is_nil(d:number(N1))
    assert.is_nil(d:ip("203.0.113.1"))
    assert_equals_service()
  end)

  it("keeps what was known of a trunk that can't be read, and says so", function()
    for _, operation in ipairs { "list_phone_numbers", "list_whitelisted_ips", "list_destinations", "list_settings" } do
      refresh()
      local age = d:trunk("one").age
      local id = assert(client:map_phone_number { trunk_sid = "sid_two", phone_number = N3 }).id
      sb:fault { before = operation, status = 500, times = 3, skip = 1 } -- the newest trunk is read first
      local changes, list = refresh()
      assert.is_false(changes.complete)
      assert.equal(1, #changes.unread)
      assert.same({ "sid_one", "one" }, { changes.unread[1].trunk_sid, changes.unread[1].trunk_name })
      assert.equal("server", changes.unread[1].err.kind)
      assert.same({ "came phone_number +911140000000 on two" }, list)
      assert.is_true(d:trunk("one").partial)
      assert.is_false(d:trunk("two").partial)
      assert.is_true(d:trunk("one").age >= age and d:age() >= d:trunk("one").age)
      assert.is_true(d:trunk("two").age <= d:trunk("one").age)
      assert.equal("flow", d:number(N1, "mode"))
      assert.equal(N1, d:trunk("one").caller_id)
      assert.equal("one", d:ip("203.0.113.7", "trunk_name"))
      assert.equal(1, #d:trunk("one").destinations)
      sb:clear_faults()
      assert(client:unmap_phone_number { trunk_sid = "sid_two", id = id })
    end
    refresh()
    assert.is_false(d:trunk("one").partial)
  end)

  it("knows a new trunk that can't be read, as one that was never read", function()
    sb:fault { before = "list_destinations", status = 500, times = true }
    refresh()
    assert.equal(math.huge, d:age())
    assert.equal(math.huge, d:trunk("one").age)
    assert.is_true(d:trunk("one").partial)
    assert.same({}, d:trunk("one").destinations)
    sb:clear_faults()
    refresh()
    assert.is_true(d:age() < 60)
  end)

  it("changes nothing when the list of trunks can't be read", function()
    refresh()
    local before = directories.read(path)
    sb:fault { before = "list_trunks", status = 403 }
    local changes, err = d:refresh(client)
    assert.is_nil(changes)
    assert.equal("permission", err.kind)
    assert.equal(before, directories.read(path))
  end)

  it("gives up after three trunks in a row, and where credentials are refused", function()
    for i = 1, 6 do sb:put { trunk_name = "more" .. i } end
    refresh()
    for status, most in pairs { [500] = 1 + 3 * 3, [401] = 2 } do
      sb:reset_requests()
      sb:fault { before = "list_phone_numbers", status = status, times = true }
      local changes = refresh()
      assert.equal(8, #changes.unread)
      assert.equal(most, #sb:requests())
      assert.equal("one", d:number(N1, "trunk_name"))
      sb:clear_faults()
    end
  end)

  it("doesn't take an entry that can't be kept for one", function()
    local long = ("x"):rep(1001)
    refresh()
    for operation, data in pairs {
      list_phone_numbers = '{"id":"1","phone_number":"' .. long .. '"}', list_whitelisted_ips = '{"id":"1","ip":"10.0.0.256","mask":32}',
      list_destinations = '{"id":"1","destination":null}', list_settings = '{"value":"x"}',
    } do
      sb:fault { on = operation, body = '{"http_code":200,"response":[{"code":200,"status":"success","data":' .. data .. "}]}", times = true }
      local changes = refresh()
      assert.equal(2, #changes.unread)
      assert.same({ "protocol", operation }, { changes.unread[1].err.kind, changes.unread[1].err.operation })
      assert.equal("one", d:number(N1, "trunk_name"))
      sb:clear_faults()
    end
  end)

  it("reads lists of many pages", function()
    local numbers = {}
    for i = 1, 120 do numbers[i] = { phone_number = ("+9112345%05d"):format(i) } end
    sb:put { trunk_name = "large", numbers = numbers }
    refresh()
    assert_equals_service()
    assert.equal("large", d:number("+911234500120", "trunk_name"))
  end)

  it("finds a number that was moved while it read", function()
    refresh()
    -- The trunk `two`, the newest, is read first; the number goes there before `one` is read.
    local moved
    local changes, list = refresh { progress = function(done)
      if done ~= 1 or moved then return end
      moved = true
      local id
      for _, n in ipairs(sb:state().trunks[1].numbers) do id = n.phone_number == N1 and n.id or id end
      assert(client:unmap_phone_number { trunk_sid = "sid_one", id = id })
      assert(client:map_phone_number { trunk_sid = "sid_two", phone_number = N1, mode = "flow" })
    end }
    assert.is_true(moved)
    assert.same({ "changed phone_number +919876543210 on two" }, list)
    assert.is_true(changes.complete)
    assert.same({ "two", "flow" }, { d:number(N1).trunk_name, d:number(N1).mode })
    refresh()
    assert_equals_service()
  end)

  it("takes over nothing from another account, nor from another host", function()
    refresh()
    local before = directories.read(path)
    local other = assert(sandbox.start { account_sid = "other1" })
    local stranger = assert(other:client())
    local changes, err = d:refresh(stranger)
    assert.is_nil(changes)
    assert.equal("config", err.kind)
    assert.matches("it is of the account sandbox1 at 127.0.0.1:%d+, and the client's is other1 at 127.0.0.1:%d+", err.message)
    assert.equal(0, #other:requests())
    assert.equal(before, directories.read(path))
    stranger:close()
    other:stop()
  end)

  it("replaces a damaged file by what is known and what it reads", function()
    refresh()
    directories.write(path, directories.read(path):sub(1, 100))
    sb:fault { before = "list_settings", status = 500, times = true }
    local changes = refresh()
    assert.equal(2, #changes.unread)
    assert.equal("one", d:number(N1, "trunk_name"))
    assert.is_nil(d:problem())
    assert.equal("one", assert(directory.open { path }):number(N1, "trunk_name"))
  end)

  it("doesn't touch what is no directory, nor what it can't write", function()
    refresh()
    directories.write(path, "something else")
    local changes, err = d:refresh(client)
    assert.is_nil(changes)
    assert.equal("config", err.kind)
    assert.equal("something else", directories.read(path))
    assert.equal("one", d:number(N1, "trunk_name"))
  end)

  it("says that a folder takes its place, or that the folder is gone", function()
    os.remove(path)
    os.execute("mkdir " .. path)
    local changes, err = d:refresh(client)
    assert.is_nil(changes)
    assert.matches("it is no file", err.message)
    os.execute("rm -rf " .. folder)
    changes, err = d:refresh(client)
    assert.is_nil(changes)
    assert.equal("config", err.kind)
    assert.matches("No such file or directory", err.message)
    os.execute("mkdir " .. folder)
  end)

  it("leaves the old file when the disk is full #plain", function()
    refresh()
    local before = directories.read(path)
    sb:put { trunk_name = "three" }
    local script = child.write(("local d = assert(require('exotel.directory').open { %q })"
      .. " local changes, err = d:refresh(require('exotel').client()) print(changes, err) print(d:number(%q, 'trunk_name'))"):format(path, N1))
    local command = "bash -c " .. child.quote("trap '' XFSZ; ulimit -f 0; " .. child.command(script, sb:environment()))
    local text, status = child.finish(child.start(command))
    os.remove(script)
    assert.equal(("nil\tconfig: the directory %s can't be written: File too large\none\n"):format(path), text)
    assert.equal(0, status)
    assert.equal(before, directories.read(path))
    assert.equal("d d.lock", (io.popen("ls " .. folder):read("*a"):gsub("\n", " "):gsub(" $", "")))
  end)

  it("keeps its share of the rate limit", function()
    -- Nine requests are made. The seconds between are those of the scheduler's clock.
    local function slept_with(limit, options)
      local slept = 0
      local patient = assert(sb:client { rate_limit = limit, sleep = function(seconds)
        if seconds > 1 then slept = slept + seconds end
      end })
      assert.equal(9, assert(d:refresh(patient, options)).requests)
      patient:close()
      return math.floor(slept / 60 + 0.5)
    end
    assert.equal(0, slept_with(18))
    assert.equal(1, slept_with(17)) -- eight at once, the last one a minute later
    assert.equal(1, slept_with(10))
    assert.equal(0, slept_with(9, { requests_per_minute = 9 }))
    assert.equal(8, slept_with(9, { requests_per_minute = 1 }))
    assert.equal(0, slept_with(false))
    assert.equal(2, slept_with(false, { requests_per_minute = 4 }))
  end)

  it("waits as its client does", function()
    local slept, finished = 0, nil
    local cooperative = assert(sb:client { sleep = coroutine.yield })
    local thread = coroutine.create(function() finished = assert(d:refresh(cooperative)) end)
    while coroutine.status(thread) ~= "dead" do
      assert(coroutine.resume(thread))
      slept = slept + 1
    end
    assert.is_true(finished.complete)
    assert.is_true(slept > 0) -- how often depends on how quick the service is
    cooperative:close()
  end)

  it("ends when its client is closed, and when it is stopped", function()
    refresh()
    local before, other = directories.read(path), assert(sb:client())
    local changes, err = d:refresh(other, { progress = function() other:close() end })
    assert.is_nil(changes)
    assert.equal("cancelled", err.kind)
    assert.equal(before, directories.read(path))
    local asked = 0
    changes = assert(d:refresh(client, { stopped = function()
      asked = asked + 1
      return asked > 3
    end }))
    assert.is_true(#changes.unread > 0)
    assert.equal("cancelled", changes.unread[#changes.unread].err.kind)
    assert.equal("one", d:number(N1, "trunk_name"))
  end)

  it("passes on what its callback raises, and changes nothing then", function()
    refresh()
    local before = directories.read(path)
    assert.error_matches(function() d:refresh(client, { progress = function() error("mine") end }) end, "mine")
    assert.equal(before, directories.read(path))
    refresh()
  end)

  it("raises on misuse", function()
    for message, call in pairs {
      ["bad option 'requests_per_minute' %(a whole number"] = function() d:refresh(client, { requests_per_minute = 0.5 }) end,
      ["bad option 'every' %(unknown%)"] = function() d:refresh(client, { every = 5 }) end,
      ["bad option 'progress' %(function expected%)"] = function() d:refresh(client, { progress = 5 }) end,
      ["exotel.client expected"] = function() d:refresh({}) end,
    } do
      assert.error_matches(call, message)
    end
    client:close()
    assert.error_matches(function() d:refresh(client) end, "the client is closed")
  end)

  -- Two at once ---------------------------------------------------------------------------------------------------------

  it("of two at once doesn't undo the other", function()
    local other = assert(directory.open { path })
    refresh()
    -- This one has read everything, and the other one reads what is new before it writes.
    local nested
    assert(d:refresh(client, { progress = function(done, total)
      if done ~= total or nested then return end
      nested = true
      assert(client:map_phone_number { trunk_sid = "sid_two", phone_number = N3 })
      assert(other:refresh(client))
    end }))
    assert.is_true(nested)
    assert_equals_service()
    core.directory_internals.update(other)
    assert.equal(directories.of_directory(d), directories.of_directory(other))
    other:close()
  end)

  it("doesn't bring back a trunk that the other one has seen deleted", function()
    local other, nested = assert(directory.open { path }), false
    refresh()
    assert(d:refresh(client, { progress = function(done, total)
      if done ~= total or nested then return end
      nested = true
      assert(client:delete_trunk { trunk_sid = "sid_two" })
      assert(other:refresh(client))
    end }))
    assert.is_nil(d:trunk("two"))
    assert_equals_service()
    other:close()
  end)

  it("waits a while for who is writing, and then says so", function()
    local slept = 0
    local patient = assert(sb:client { sleep = function(seconds) slept = slept + (seconds == 0.05 and seconds or 0) end })
    local lock = assert(core.open_locked(path .. ".lock"))
    local changes, err = d:refresh(patient)
    assert.is_nil(changes)
    assert.is_true(errors.is(err))
    assert.equal("conflict", err.kind)
    assert.matches("another process is writing the directory", err.message)
    assert.is_true(slept >= 9.9 and slept < 10.2, slept)
    lock:close()
    assert(d:refresh(patient))
    patient:close()
  end)
end)
