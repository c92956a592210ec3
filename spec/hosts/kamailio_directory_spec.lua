-- examples/kamailio/directory.cfg in the real Kamailio, and `directory` of kamailio.setup. "#plain": Kamailio does the work.
local child = require "spec.support.child"
local directories = require "spec.support.directories"
local directory = require "exotel.directory"
local kamailio = require "spec.support.kamailio"
local sandbox = require "exotel.sandbox"
local sip_calls = require "spec.support.sip_calls"

local TREE = kamailio.sh("pwd"):gsub("\n", "")
local EXAMPLES = TREE .. "/examples/kamailio"
local DID, LATER, NOBODYS = "+919876543210", "+918040264209", "+911140000000"
-- All of 127.0.0.0/8 is this machine.
local EDGE, PBX, STRANGER = "127.0.0.1", "127.0.0.5", "127.0.0.9"

describe("examples/kamailio/directory.cfg #plain", function()
  local sb, client, host, folder, remove, environment, exotel_port

  before_each(function()
    folder, remove = directories.folder()
    sb = assert(sandbox.start())
    client = assert(sb:client())
    environment = sb:environment()
    environment.EXOTEL_DIRECTORY, environment.EXOTEL_EVERY, environment.EXOTEL_EDGES = folder .. "/d", "1", EDGE
    exotel_port = kamailio.free_port()
  end)
  after_each(function()
    if host then host:stop() end
    host = nil
    client:close()
    sb:stop()
    remove()
  end)

  local function put(ports)
    local destinations = {}
    for i, port in ipairs(ports) do destinations[i] = { destination = "sip:127.0.0.1:" .. port, priority = i, weight = 1 } end
    sb:put { trunk_sid = "sid_one", trunk_name = "one", numbers = { { phone_number = DID, mode = "pstn" } },
      ips = { { ip = PBX, mask = 32 } }, destinations = destinations }
  end

  local function start()
    host = kamailio.start {
      environment = environment,
      arguments = ("-f %s/directory.cfg -A LISTEN=udp:127.0.0.1:@PORT@ -A 'EXOTEL_LUA=\"%s/directory.lua\"' -A 'TO_EXOTEL=\"sip:127.0.0.1:%d\"'")
        :format(EXAMPLES, EXAMPLES, exotel_port),
    }
  end

  local function assert_well()
    local fine, complaints = host:stop()
    host = nil
    assert.equal("", complaints)
    assert.is_true(fine)
  end

  -- A call from an address, to its end. → whether it went as the scenario says
  local function call(scenario, number, from)
    local _, finish = kamailio.sipp(scenario, ("-i %s -s %s 127.0.0.1:%d"):format(from, number, host.port))
    return finish()
  end

  local function is_refused(code, number, from)
    local scenario = child.write(sip_calls.refused(code))
    local good = call(scenario, number, from)
    os.remove(scenario)
    return good
  end

  -- Until the pump has refreshed the directory.
  local function wait_for(what, known)
    local d = assert(directory.open { folder .. "/d" })
    host:wait(what, function()
      d:close()
      d = assert(directory.open { folder .. "/d" })
      return known(d)
    end)
    d:close()
  end

  -- Before Kamailio starts, so that all workers know it from the beginning.
  local function refresh()
    local d = assert(directory.open { folder .. "/d", create = true })
    assert(d:refresh(client))
    d:close()
  end

  it("routes calls to the account's numbers, and refuses all others", function()
    local port, answered = kamailio.sipp(EXAMPLES .. "/answer.xml")
    put { port }
    refresh()
    start()
    assert.is_true(call(EXAMPLES .. "/call.xml", DID, EDGE))
    assert.is_true(answered())
    assert.is_true(is_refused(404, NOBODYS, EDGE))
    assert.is_true(is_refused(403, DID, STRANGER))
    assert.is_true(is_refused(403, NOBODYS, STRANGER))
    assert_well()
  end)

  it("sends the calls of a whitelisted PBX to Exotel", function()
    local pipe_port, answered = kamailio.sipp(EXAMPLES .. "/answer.xml")
    exotel_port = pipe_port
    put { 9 }
    start()
    wait_for("the PBX", function(d) return d:ip(PBX) end)
    host:wait("the workers", function() return call(EXAMPLES .. "/call.xml", NOBODYS, PBX) end)
    assert.is_true(answered())
    assert_well()
  end)

  it("takes the next destination when one doesn't answer", function()
    local port, answered = kamailio.sipp(EXAMPLES .. "/answer.xml")
    put { kamailio.free_port(), port }
    refresh()
    start()
    assert.is_true(call(EXAMPLES .. "/call.xml", DID, EDGE))
    assert.is_true(answered())
  end)

  it("answers while the service does not, also after the server was killed and started again", function()
    local port, answered = kamailio.sipp(EXAMPLES .. "/answer.xml", "-m 2")
    put { port }
    refresh()
    start()
    sb:stop()
    assert.is_true(call(EXAMPLES .. "/call.xml", DID, EDGE))
    -- Kamailio ends when one of its processes is killed: the pump, a worker.
    for _, nth in ipairs { 1, 3 } do
      local main = kamailio.sh("ps -o pid= --ppid %d", host.pid):match("%d+")
      local processes = {}
      for pid in kamailio.sh("ps -o pid= --ppid %s", main):gmatch("%d+") do processes[#processes + 1] = pid end
      kamailio.sh("kill -KILL %s", processes[nth])
      host:wait("its end", function() return select(2, kamailio.sh("test -e /proc/%s", main)) ~= 0 end)
      host:restart()
    end
    assert.is_true(call(EXAMPLES .. "/call.xml", DID, EDGE))
    assert.is_true(answered())
    sb = assert(sandbox.start())
  end)

  it("takes over a number that was mapped meanwhile, and says once that it can't refresh", function()
    put { 9 }
    start()
    wait_for(DID, function(d) return d:number(DID) end)
    assert(client:map_phone_number { trunk_sid = "sid_one", phone_number = LATER })
    wait_for(LATER, function(d) return d:number(LATER) end)
    sb:fault { before = "list_trunks", status = 403, times = 3 }
    host:logged("is not up to date: list_trunks: permission")
    host:logged("is up to date again")
    assert.equal(1, select(2, host:log():gsub("is not up to date", "")))
  end)

  it("doesn't start with a directory that can't be had", function()
    environment.EXOTEL_DIRECTORY = folder .. "/none/d"
    host = kamailio.start {
      environment = environment, fails = true,
      arguments = ("-f %s/directory.cfg -A LISTEN=udp:127.0.0.1:@PORT@ -A 'EXOTEL_LUA=\"%s/directory.lua\"'"):format(EXAMPLES, EXAMPLES),
    }
    assert.truthy(host:log():find("none/d can't be used", 1, true), host:log())
  end)
end)
