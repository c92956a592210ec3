-- exotel doctor: what it finds wrong, and what it says to do.
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
      "^ok     exotel       1%.0%.0, Lua 5%.3\n", "\nok     libcurl      %d", "\nok     TLS          %a+/%d", "\nok     account      sandbox1 at 127%.0%.0%.1:%d+, from the environment %(EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, EXOTEL_BASE_URL%)\n",
      "\nok     CA bundle    /", "\nok     service      answers in %d", "\nok     credentials  good\n", "\nok     clock        agrees with the service's\n$",
    } do assert.truthy(out:find(pattern), pattern .. " is missing in\n" .. out) end
    local found = json.decode(command.run(sb, "doctor --json"):says(0, nil, "").out)
    assert.is_true(found.ok)
    assert.equal(8, #found.checks)
    command.run(sb, "doctor --quiet"):says(0, "", "")
    for _, request in ipairs(sb:requests()) do assert.equal("GET", request.method) end
  end)

  it("misses the account", function()
    assert.truthy(complaints(doctor {}):find("^WRONG  account      no account: `exotel profile login` asks"))
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
