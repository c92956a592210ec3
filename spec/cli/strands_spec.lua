-- What a change would leave stranded is said before it is made.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb

before_each(function()
  sb = assert(sandbox.start())
  sb:put {
    trunk_name = "out", phone_numbers = { "+919876543210", "+919876543211" }, alias = "+919876543210",
    whitelisted_ips = { "44.248.146.11", { ip = "203.0.113.0", mask = 24 } },
    destinations = { "44.248.146.11:5061;transport=tls", "203.0.113.9:5061;transport=tls", "sip.example.com:5061;transport=tls" },
    credentials = { { user_name = "pbx", password = "x_1" } },
  }
  sb:put { trunk_name = "new" }
  sb:reset_requests()
end)
after_each(function() sb:stop() end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end
local function terminal(arguments, answer) return command.at_terminal(sb, arguments, { "expect:? [y/N] ", "send:" .. answer .. "\\n" }) end

local function trunk()
  for _, one in ipairs(sb:state().trunks) do
    if one.trunk_name == "out" then return one end
  end
end

local NEEDS = "sip:44.248.146.11:5061;transport=tls would be on an IP that is not whitelisted"

describe("an IP that a destination needs", function()
  it("is not removed by --yes alone", function()
    exotel("ip remove out 44.248.146.11 -y"):says(1, "", ("exotel: nothing was changed: %s -- --force does it all the same\n"):format(NEEDS))
    assert.equal(2, #trunk().ips)
    exotel("ip remove out 44.248.146.11 -y --force"):says(0, "out: removed the IP 44.248.146.11/32\n", ("exotel: warning: %s\n"):format(NEEDS))
    assert.equal(1, #trunk().ips)
  end)

  it("is named before the question", function()
    local asked = ("  ! %s\nRemove the IP 44.248.146.11/32 from the trunk out of the account sandbox1? [y/N] "):format(NEEDS)
    terminal("ip remove out 44.248.146.11", "n"):says(1, asked .. "n\nexotel: nothing was removed\n")
    terminal("ip remove out 44.248.146.11", "y"):says(0, asked .. "y\nout: removed the IP 44.248.146.11/32\n")
  end)

  it("is not changed unasked", function()
    exotel("ip update out 44.248.146.11 192.0.2.1"):says(1, "", ("exotel: nothing was changed: %s -- --force does it all the same\n"):format(NEEDS))
    local asked = ("  ! %s\nChange the IP 44.248.146.11/32 of the trunk out of the account sandbox1 to 192.0.2.1? [y/N] "):format(NEEDS)
    terminal("ip update out 44.248.146.11 192.0.2.1", "n"):says(1, asked .. "n\nexotel: nothing was changed\n")
    exotel("ip update out 44.248.146.11 192.0.2.1 --force"):says(0, "44.248.146.11/32 is 192.0.2.1/32 now\n", ("exotel: warning: %s\n"):format(NEEDS))
  end)

  it("may go where another one covers it", function()
    exotel("ip add out 44.248.0.0/16"):says(0)
    exotel("ip remove out 44.248.146.11 -y"):says(0, "out: removed the IP 44.248.146.11/32\n", "")
    exotel("ip update out 203.0.113.0 203.0.112.0/20"):says(0, "203.0.113.0/24 is 203.0.112.0/20 now\n", "")
  end)

  it("is not removed when that can't be found out", function()
    sb:fault { on = "list_destinations", status = 403 }
    exotel("ip remove out 44.248.146.11 -y --force"):says(1, "")
    assert.equal(2, #trunk().ips)
  end)
end)

describe("what is told, and done", function()
  it("the caller ID that is unmapped or moved away", function()
    exotel("number unmap out +919876543211 -y"):says(0, nil, "")
    exotel("number unmap out +919876543210 -y"):says(0, "out: removed the number +919876543210\n",
      "exotel: warning: it is the caller ID (alias) of the trunk\n")
    exotel("number map out +919876543210"):says(0)
    local moved = exotel("number move +919876543210 --to new -y"):says(0)
    assert.equal("exotel: warning: +919876543210 is the caller ID (alias) of out\n", moved.err)
  end)

  it("a caller ID that is not mapped", function()
    exotel("alias set out +919876543211"):says(0, nil, "")
    exotel("alias set out +919876543219"):says(0, nil, "exotel: warning: +919876543219 is not mapped to out\n")
    local told = json.decode(exotel("alias set out +919876543218 --json"):says(0, nil, "").out)
    assert.same({ "+919876543218 is not mapped to out" }, told.warnings)
  end)

  it("the last destination", function()
    for i, destination in ipairs { "44.248.146.11:5061;transport=tls", "203.0.113.9:5061;transport=tls", "sip.example.com:5061;transport=tls" } do
      exotel(("destination remove out '%s' -y"):format(destination)):says(0, nil,
        i == 3 and "exotel: warning: it is the last destination: no inbound calls come in then\n" or "")
    end
  end)

  it("the last that lets calls out", function()
    exotel("credential delete out pbx -y"):says(0, nil, "")
    exotel("ip remove out 203.0.113.0 -y --force"):says(0)
    local last = json.decode(exotel("ip remove out 44.248.146.11 -y --force --json"):says(0, nil, "").out)
    assert.same({ NEEDS, "it is the last IP, and there is no credential: no outbound calls are possible then" }, last.warnings)
  end)

  it("what could not be read, which is no reason not to do it", function()
    sb:fault { on = "list_settings", status = 403 }
    local told = exotel("number unmap out +919876543211 -y"):says(0)
    assert.truthy(told.err:find("^exotel: warning: the caller ID could not be read: list_settings: permission"), told.err)
  end)
end)
