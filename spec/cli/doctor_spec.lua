-- exotel doctor and exotel sandbox: is all well here, and a service to try it with.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function()
  sb:clear_faults()
  sb:reset_requests()
end)

local function doctor(account, options) return command.run(account or sb, "doctor", options) end

-- The lines that say what is wrong, and what to do.
local function complaints(result)
  local lines = {}
  for line in result:says(1, nil, "").out:gmatch("[^\n]+") do
    if not line:find("^ok ") then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n")
end

local function changed(changes)
  local environment = sb:environment()
  for name, value in pairs(changes) do environment[name] = value or nil end
  return environment
end

describe("exotel doctor", function()
  it("finds nothing wrong where nothing is", function()
    local out = doctor():says(0, nil, "").out
    for _, pattern in ipairs {
      "^ok     exotel       1%.0%.0, Lua 5%.3\n", "\nok     libcurl      %d", "\nok     TLS          %a+/%d", "\nok     account      sandbox1 at 127%.0%.0%.1:%d+, from the environment\n",
      "\nok     CA bundle    /", "\nok     service      answers in %d", "\nok     credentials  good\n", "\nok     clock        agrees with the service's\n$",
    } do assert.truthy(out:find(pattern), pattern .. " is missing in\n" .. out) end
    local found = json.decode(command.run(sb, "doctor --json"):says(0, nil, "").out)
    assert.is_true(found.ok)
    assert.equal(8, #found.checks)
    command.run(sb, "doctor --quiet"):says(0, "", "")
    for _, request in ipairs(sb:requests()) do assert.equal("GET", request.method) end
  end)

  it("misses the account", function()
    assert.truthy(complaints(doctor {}):find("^WRONG  account      no account: set EXOTEL_ACCOUNT_SID"))
    local lines = complaints(doctor(changed { EXOTEL_BASE_URL = false }))
    assert.truthy(lines:find("^WRONG  account      "), lines)
    assert.truthy(lines:find("EXOTEL_REGION", 1, true), lines)
    assert.same({}, sb:requests())
  end)

  it("tells a wrong key from a service that is away", function()
    assert.equal("WRONG  credentials  Authorization failed\n       -> compare key, token and region with the API settings page of the dashboard",
      complaints(doctor(changed { EXOTEL_API_KEY = "nobody" })))
    local lines = complaints(doctor(changed { EXOTEL_BASE_URL = "http://127.0.0.1:1" }))
    assert.truthy(lines:find("^WRONG  service      list_trunks: network"), lines)
    assert.truthy(lines:find("-> check the network, a firewall or proxy, and the region or address", 1, true), lines)
    sb:fault { on = "list_trunks", status = 403 }
    assert.truthy(complaints(doctor()):find("-> ask Exotel to enable SIP trunking for this account", 1, true))
    sb:fault { on = "list_trunks", status = 503 }
    assert.truthy(complaints(doctor()):find("-> the service has a fault: try again later", 1, true))
  end)

  it("sees a clock that is wrong", function()
    sb:fault { after = "list_trunks", headers = { Date = "Sun, 06 Nov 1994 08:49:37 GMT" } }
    local lines = complaints(doctor())
    assert.truthy(lines:find("^WRONG  clock        %d+ s ahead of the service's\n       %-> set it: timedatectl set%-ntp true$"), lines)
    local future = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 900)
    sb:fault { after = "list_trunks", headers = { Date = future } }
    assert.truthy(complaints(doctor()):find("^WRONG  clock        [89]%d%d s behind the service's\n"))
  end)

  it("sees a certificate that is not trusted, and a bundle that can't be read", function()
    local https = assert(sandbox.start { tls = true })
    finally(function() https:stop() end)
    doctor(https):says(0)
    local environment = https:environment()
    environment.EXOTEL_CA_FILE = nil
    local lines = complaints(doctor(environment))
    assert.truthy(lines:find("^WRONG  service      list_trunks: tls: "), lines)
    environment.EXOTEL_CA_FILE = "/nonexistent.pem"
    lines = complaints(doctor(environment))
    assert.truthy(lines:find("WRONG  account      ca_file can't be read: /nonexistent.pem", 1, true), lines)
    assert.truthy(lines:find("WRONG  CA bundle    /nonexistent.pem can't be read\n       -> set EXOTEL_CA_FILE", 1, true), lines)
  end)

  it("takes a profile", function()
    command.run({}, "doctor --profile nix"):says(1)
  end)
end)

describe("exotel sandbox", function()
  it("prints what a shell needs to find it", function()
    for _, options in ipairs { "", " --tls" } do
      local running = command.start({}, "sandbox" .. options)
      running:wait_for(function(out) return out:find("BASE_URL='[^\n]+'\n.-$") and (options == "" or out:find("CA_FILE='[^\n]+'\n")) end)
      local lines = assert(io.open(running.out)):read("*a")
      local environment = {}
      for name, value in lines:gmatch("export ([A-Z_]+)='([^\n']*)'\n") do environment[name] = value end
      command.run(environment, "trunk create inside"):says(0)
      assert.truthy(command.run(environment, "trunk list"):says(0).out:find("^inside\t"))
      running:signal "INT"
      local result = running:finish():says(130)
      assert.truthy(result.err:find("^# The sandbox answers at https?://127.0.0.1:%d+; Ctrl%-C ends it.\n$"), result.err)
      if environment.EXOTEL_CA_FILE then assert.is_nil(io.open(environment.EXOTEL_CA_FILE)) end
    end
  end)

  it("is the account, whatever was before", function()
    local before = { EXOTEL_REGION = "mumbai", EXOTEL_SUBDOMAIN = "api.exotel.com", EXOTEL_PROFILE = "real", EXOTEL_CA_FILE = "/nonexistent" }
    local inside = command.line({}, "trunk create inside"):gsub("EXOTEL_%w+='[^']*'", "")
    command.run(before, "sandbox -- " .. inside):says(0, nil, "")
    command.run(before, "sandbox --tls -- " .. inside):says(0, nil, "")
    local running = command.start(before, "sandbox")
    running:wait_for(function(out) return out:find("BASE_URL='[^\n]+'\n") end)
    local script = assert(io.open(running.out)):read("*a")
    running:signal "INT"
    running:finish():says(130)
    assert.truthy(script:find("^unset EXOTEL_REGION EXOTEL_SUBDOMAIN EXOTEL_PROFILE EXOTEL_CA_FILE\n"), script)
  end)

  it("runs a program with itself as the account, and ends with it", function()
    local inside = "bash -c 'echo $EXOTEL_ACCOUNT_SID; echo $EXOTEL_BASE_URL; exit 7'"
    local result = command.run({}, "sandbox -- " .. inside):says(7, nil, "")
    assert.truthy(result.out:find("^sandbox1\nhttp://127.0.0.1:%d+\n$"), result.out)
    command.run({}, "sandbox -- bash -c 'kill -TERM $$'"):says(143, "", "")
    assert.equal(127, command.run({}, "sandbox -- /nonexistent/program").status)
    command.run({}, "sandbox -- bash -c 'trap -p; kill -PIPE $$'"):says(141, "", "")
  end)

  it("leaves Ctrl-C to the program, and passes an end on to it", function()
    local running = command.start({}, [[sandbox -- bash -c 'trap "echo interrupted" INT; trap "echo ended; exit 5" TERM; echo ready $$; for i in {1..100}; do sleep 0.05; done']])
    running:wait_for(function(text) return text:find("ready", 1, true) end)
    running:signal "INT"
    running:signal "TERM"
    local result = running:finish()
    assert.equal(143, result.status)
    assert.truthy(result.out:find("^ready %d+\nended\n$"), result.out)
  end)

  it("goes on when nohup says so", function()
    local line = command.line({}, "sandbox -- bash -c 'kill -HUP $PPID; echo still here'")
    command.run({}, "", { shell = "nohup " .. line }):says(0, "still here\n")
  end)

  it("says when it can't have the port", function()
    command.run({}, "sandbox --port " .. sb.port):says(1, "",
      ("exotel: the sandbox can't start on port %d: can't listen on 127.0.0.1: Address already in use\n"):format(sb.port))
    command.run({}, "sandbox --port 99999"):says(64, "", "exotel: --port is a number from 0 to 65535\n")
    command.run({}, "sandbox --port x"):says(64, "", 'exotel: "x" is no whole number; see exotel sandbox --help\n')
  end)
end)
