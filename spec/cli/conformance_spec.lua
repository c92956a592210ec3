-- exotel conformance as a process: what it asks, what it prints, how it ends, and what it leaves.
local command = require "spec.support.command"
local expect = require "spec.support.expect"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start { rate_limit = 10000 }) end)
teardown(function() sb:stop() end)
before_each(function()
  sb:clear_faults()
  sb:reset_requests()
end)

local function names()
  local list = {}
  for i, trunk in ipairs(sb:state().trunks) do list[i] = trunk.trunk_name end
  return table.concat(list, " ")
end

local function journals()
  local pipe = io.popen(("ls %s/conformance 2>/dev/null"):format(command.state))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function nothing_is_left()
  assert.equal("", names())
  assert.equal("", journals())
end

local COUNT = "52 hold, 3 differ, 12 not tried; 49 requests\n"
local HINT = "exotel conformance --json makes a report that can be sent to the project\n"

describe("exotel conformance", function()
  it("asks before anything is sent, and names the account", function()
    local question = "This tries on the account sandbox1 what is known of the service from documents and reports.\n"
      .. "It makes up to 60 requests, on a trunk conf_... that it makes and deletes again. No other trunk is changed.\n"
      .. "One request has a wrong token on purpose.\n"
    local no = { "expect:Go on?", "send:n\\n" }
    local function asked(arguments) return (command.at_terminal(sb, arguments, no):says(1).out:gsub("\r", "")) end
    local last = "Go on? [y/N] n\nexotel: nothing was sent\n"
    assert.equal(question .. "No number is touched.\n" .. last, asked "conformance")
    assert.equal(question .. "The number +919876543210, if it is on no trunk, is mapped to it and taken off again.\n" .. last,
      asked "conformance --number +919876543210")
    local in_a_region = { EXOTEL_ACCOUNT_SID = "acme1", EXOTEL_API_KEY = "k", EXOTEL_API_TOKEN = "t", EXOTEL_REGION = "mumbai" }
    assert.truthy(command.at_terminal(in_a_region, "conformance", no).out
      :find("One request has a wrong token on purpose, and one goes to the other region, singapore.", 1, true))
    command.run(sb, "conformance"):says(64, "",
      "exotel: exotel conformance asks before it does anything, and there is no terminal to ask on: say --yes\n")
    for _, number in ipairs { "9876543210", "+91987654321012345", "''" } do
      command.run(sb, "conformance --yes --number " .. number)
        :says(64, "", "exotel: --number takes a number in E.164, as +919876543210\n")
    end
    command.run(sb, "conformance +919876543210 --yes"):says(64, "")
    assert.same({}, sb:requests())
    nothing_is_left()
  end)

  it("prints a table on a terminal, with what differs at its end", function()
    local result = command.at_terminal(sb, "conformance", { "expect:Go on?", "send:y\\n" }, { env = { COLUMNS = "70", TERM = "dumb" } }) -- without a bar
    local out = result:says(0).out:gsub("\r\n", "\n")
    assert.truthy(out:find([[
holds      V  a batch that failed in part: HTTP 207
              expected HTTP 207
              seen     HTTP 207, 1: code 200; 2: code 400, error 1002
              (Invalid parameter)
]], 1, true), out)
    assert.truthy(out:find([[
not tried  V  50 connections at once
              expected 50
              it would take a load that no account should get
]], 1, true), out)
    assert.equal([[
differs    V  a trunk that is gone: 403, 1003 (report of a live test)
              expected HTTP 403, error 1003
              seen     HTTP 404, code 404, error 1000 (Not Found)
]] .. COUNT .. HINT, out:match("\n(differs    V  a trunk that is gone.*)$"))
    for line in out:match("%[y/N%] y\n(.*)52 hold,"):gmatch("[^\n]+") do assert.is_true(#line <= 70, line) end
    nothing_is_left()
  end)

  it("prints lines for scripts, and a report as JSON that names nobody", function()
    local result = command.run(sb, "conformance --yes"):says(0, nil, COUNT .. HINT)
    assert.truthy(result.out:find("holds\tmask_15\tV\ta mask of 15 is refused\tHTTP 400, error 1002\t"
      .. "HTTP 400, code 400, error 1002 (Invalid parameter)\n", 1, true), result.out)
    assert.equal(67, select(2, result.out:gsub("\n", "")))
    local text = command.run(sb, "conformance --yes --json --number +919876543210"):says(0, nil, "").out
    local report = json.decode(text)
    assert.same({ "exotel conformance", "another address", 67 }, { report.report, report.region, #report.facts })
    expect.no_secret(text)
    for _, private in ipairs { "sandbox1", "sandbox_key", "9876543210", "127.0.0.1", "conf_%l+", "trmum1%x" } do
      assert.is_nil(text:find(private), private)
    end
    assert.equal("", command.run(sb, "conformance --yes --quiet"):says(0).err)
    nothing_is_left()
  end)

  it("says in a line why nothing was tried", function()
    local environment = sb:environment()
    environment.EXOTEL_API_KEY = "nobody"
    command.run(environment, "conformance --yes"):says(1, "", "exotel: nothing was tried: HTTP 401, code 401, error 1010 "
      .. "(Authorization failed) -- compare key, token and region (exotel doctor)\n")
    environment.EXOTEL_BASE_URL = "http://127.0.0.1:1"
    command.run(environment, "conformance --yes")
      :says(1, "", "exotel: nothing was tried: no answer (network) -- exotel doctor looks for the cause\n")
    sb:fault { on = "create_trunk", status = 402 }
    local result = command.run(sb, "conformance --yes"):says(3)
    assert.truthy(result.err:find("\nit ended early: there is no scratch trunk: HTTP 402, code 402, error 402 (Payment required)\n", 1, true))
    sb:reset_requests()
    result = command.run(sb, "conformance --yes", { env = { XDG_STATE_HOME = "", HOME = "/proc/nonexistent" } }):says(1, "")
    assert.truthy(result.err:find("^exotel: /proc/nonexistent/.+: a trunk that is left over could not be found again: set XDG_STATE_HOME to a folder\n$"))
    assert.same({}, sb:requests())
    nothing_is_left()
  end)

  it("deletes its trunk also where nobody reads what it prints", function()
    command.run(sb, "conformance --yes", { shell = "EXOTEL >/dev/full" }):says(1)
    nothing_is_left()
    command.run(sb, "conformance --yes", { shell = "EXOTEL | true" })
    nothing_is_left()
  end)
end)

local function has_arrived(operation)
  return function()
    for _, request in ipairs(sb:requests()) do
      if request.operation == operation then return true end
    end
  end
end

-- Started, and at an answer that takes a while, or never comes.
local function start_until(operation, fault)
  fault.after = operation
  sb:reset_requests()
  sb:fault(fault)
  local running = command.start(sb, "conformance --yes")
  running:wait_for(has_arrived(operation))
  return running
end

local FINISHING = "\nexotel: finishing what is under way and no more; once more ends at once\n"

describe("exotel conformance that is ended", function()
  it("by a signal deletes its trunk, and prints what it found so far", function()
    for signal, status in pairs { INT = 130, HUP = 129 } do
      local running = start_until("add_destinations", { delay = 1 })
      running:signal(signal)
      local result = running:finish():says(status)
      assert.truthy(result.out:find("\nholds\tmask_15\t", 1, true), signal .. "\n" .. result.out .. result.err)
      assert.truthy(result.out:find("\nnot tried\tdestination_again\tL\ta repeated add_destinations appends\ttwo equal destinations\tinterrupted\n", 1, true))
      assert.truthy(result.err:find(FINISHING, 1, true), result.err)
      assert.truthy(result.err:find("\nit ended early: interrupted\n$"), result.err)
      nothing_is_left()
    end
  end)

  it("at once leaves its trunk, which the next run names and deletes", function()
    local running = start_until("add_destinations", { hang = true })
    running:signal "INT"
    running:wait_for(function(_, err) return err:find(FINISHING, 1, true) end)
    sb:fault { on = "delete_trunk", hang = true, times = true }
    running:signal "INT"
    running:finish():says(130, "")
    -- A request that it sent as it ended has been handled when these have.
    local client = sb:client()
    for _ = 1, 3 do assert(client:list_trunks {}) end
    local left = sb:state().trunks[1]
    assert.truthy(left.trunk_name:find("^conf_%l+$"))
    sb:clear_faults()
    local title = ("%s %%(%s%%)"):format("(conf_%l+)", left.trunk_sid)
    local result = command.at_terminal(sb, "conformance", { "expect:Go on?", "send:n\\n" }):says(1)
    assert.truthy(result.out:find("First it deletes what an earlier run left: " .. title), result.out)
    assert.equal(left.trunk_name, names())
    result = command.run(sb, "conformance --yes"):says(0)
    assert.truthy(result.err:find("^deleted " .. title .. ", which an earlier run had left\n"), result.err)
    nothing_is_left()
  end)

  it("by kill leaves nothing that the next run does not find, but what is not its own", function()
    sb:put { trunk_name = "conf_somebody", trunk_sid = "somebody_sid" }
    local running = start_until("create_credential", { hang = true })
    local second = command.run(sb, "conformance --yes"):says(0)
    assert.truthy(second.err:find("^another run of exotel conformance is under way on this account\n"))
    assert.equal(2, #sb:state().trunks)
    running:signal "KILL"
    running:finish()
    local other = sb:environment()
    other.EXOTEL_BASE_URL = sb.base_url:gsub("127.0.0.1", "localhost")
    command.run(other, "conformance --yes"):says(0, nil, COUNT:gsub("52 hold", "53 hold"):gsub("12 not", "11 not") .. HINT)
    assert.equal(2, #sb:state().trunks)
    assert.truthy(command.run(sb, "conformance --yes"):says(0).err:find("^deleted conf_%l+ %(%w+%), which an earlier run had left\n"))
    assert.equal("conf_somebody", names())
    command.run(sb, "trunk delete conf_somebody --yes --no-backup"):says(0)
    nothing_is_left()
  end)

  it("with a trunk that can't be deleted names it, and so does the next run", function()
    sb:fault { on = "delete_trunk", status = 500, times = true }
    local result = command.run(sb, "conformance --yes"):says(1)
    local sid = sb:state().trunks[1].trunk_sid
    assert.truthy(result.err:find(("^exotel: warning: the trunk conf_%%l+ %%(%s%%) could not be deleted %%(delete_trunk: server.-%%); the next exotel "
      .. "conformance looks for it, exotel trunk delete sid:%s deletes it\n"):format(sid, sid)), result.err)
    result = command.run(sb, "conformance --yes"):says(1, "")
    assert.truthy(result.err:find(("^exotel: the trunk conf_%%l+ %%(%s%%), which an earlier run left, can't be deleted: delete_trunk: server"):format(sid)), result.err)
    sb:clear_faults()
    command.run(sb, "trunk delete sid:" .. sid .. " --yes --no-backup"):says(0)
    assert.truthy(command.run(sb, "conformance --yes"):says(0).err:find("^conf_%l+ %(%w+%), which an earlier run had left, is not there any more\n"))
    nothing_is_left()
  end)
end)
