-- The first hour: each mistake of a newcomer is answered by one clear line that says what to do.
local child = require "spec.support.child"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local ACCOUNT = { EXOTEL_ACCOUNT_SID = "ameyo5m", EXOTEL_API_KEY = "key_1", EXOTEL_API_TOKEN = "token_1" }

local function account(changes)
  local environment = {}
  for name, value in pairs(ACCOUNT) do environment[name] = value end
  for name, value in pairs(changes or {}) do environment[name] = value end
  return environment
end

describe("a newcomer's script #plain", function()
  local FIRST = [[
    local client, err = require("exotel").client()
    if not client then print(err) os.exit(1) end
    local trunks, why = client:list_trunks({}, { retries = 0, timeout = 5 })
    if not trunks then print(why) os.exit(2) end
    print(#trunks .. " trunks")
  ]]

  local function says(text, ...)
    local _, lines = text:gsub("\n", "\n")
    assert.equal(1, lines, text)
    for _, part in ipairs { ... } do assert.truthy(text:find(part, 1, true), text) end
    assert.is_nil(text:find("token_1", 1, true), text)
  end

  it("that has nothing set is told what to set, one thing after the other", function()
    local environment = {}
    local steps = {
      { "EXOTEL_ACCOUNT_SID", "ameyo5m" }, { "EXOTEL_API_KEY", "key_1" }, { "EXOTEL_API_TOKEN", "token_1" }, { "EXOTEL_REGION", "mumbai" },
    }
    for _, step in ipairs(steps) do
      local text, status = child.run(FIRST, environment)
      assert.equal(1, status, text)
      says(text, "config", step[1])
      environment[step[1]] = step[2]
    end
  end)

  it("that has all set works", function()
    local w = world.new()
    w:trunk()
    local text, status = child.run(FIRST, w.sb:environment())
    assert.equal(0, status, text)
    says(text, "1 trunks")
    w:close()
  end)

  it("that has a region of its own is told which there are", function()
    local text = child.run(FIRST, account { EXOTEL_REGION = "bangalore" })
    says(text, "bangalore", "mumbai", "singapore")
  end)

  it("that has no network is told to check it", function()
    local text, status = child.run(FIRST, account { EXOTEL_BASE_URL = "https://" .. ("x"):rep(64) .. ".example" })
    assert.equal(2, status, text)
    says(text, "list_trunks: network", "could not be resolved", "check the network and the address")
    local w = world.new()
    local url = w.sb.base_url
    w:close()
    text = child.run(FIRST, account { EXOTEL_BASE_URL = url })
    says(text, "list_trunks: network", "no connection", "check the network and the address")
  end)

  it("that mistypes an option sees which, and where", function()
    local text, status = child.run('local client = require("exotel").client { api_tokn = "x" }\nprint(client)', account())
    assert.equal(1, status, text)
    assert.truthy(text:find("^[^\n]*:1: bad option 'api_tokn' %(unknown%)\n"), text)
  end)

  it("that mistypes a method sees which", function()
    local text = child.run('local client = require("exotel").client()\nclient:list_trunk {}', account { EXOTEL_REGION = "mumbai" })
    assert.truthy(text:find(":2: attempt to call .*method 'list_trunk'"), text)
  end)

  describe("that ends with an error object", function()
    local w

    before_each(function() w = world.new() end)
    after_each(function() w:close() end)

    local function dies_of(code)
      local text, status = child.run("local client = assert(require('exotel').client())\n" .. code, w.sb:environment())
      assert.equal(1, status, text)
      return text
    end

    local LINE = "get_trunk: not_found (HTTP 404, code 1000): Not Found"

    it("by assert shows its one line; Lua 5.1 and 5.2 take only strings there", function()
      local text = dies_of 'assert(client:get_trunk { trunk_sid = "trmum1" })'
      local strings_only = child.lua == "lua5.1" or child.lua == "lua5.2"
      assert.truthy(text:find(strings_only and "bad argument #2 to 'assert'" or LINE, 1, true), text)
    end)

    it("by error shows its one line; Lua 5.1 shows only strings there", function()
      local text = dies_of 'error(select(2, client:get_trunk { trunk_sid = "trmum1" }))'
      assert.truthy(text:find(child.is_plain_5_1 and "(error object is not a string)" or LINE, 1, true), text)
    end)

    it("made a string shows its one line everywhere", function()
      local text = dies_of [[
        local data, err = client:get_trunk { trunk_sid = "trmum1" }
        assert(data, tostring(err))
      ]]
      assert.truthy(text:find(LINE, 1, true), text)
    end)
  end)
end)

describe("a newcomer", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  local function says(err, ...)
    local line = tostring(err)
    for _, part in ipairs { ... } do assert.truthy(line:find(part, 1, true), line) end
  end

  it("with the right key in the wrong region is told that it may be just that", function()
    local client = assert(w.sb:client { api_token = "of_another_region", retries = 0 })
    says(expect.failure("authentication", client:list_trunks {}), "401", "Authorization failed", "region")
    client:close()
  end)

  it("with a number without its plus is told how it is written", function()
    says(expect.refused("phone_number", w.client:map_phone_number { trunk_sid = "t", phone_number = "919876543210" }),
      "phone_number", 'start with "+" and the country code', "+919876543210", 'got "919876543210"')
    says(expect.refused("phone_number", w.client:map_phone_number { trunk_sid = "t", phone_number = "09876543210" }), 'start with "+"')
  end)

  it("with a number that is a Lua number is told to quote it", function()
    says(expect.refused("phone_number", w.client:map_phone_number { trunk_sid = "t", phone_number = 919876543210 }), "must be a string, got")
  end)

  it("with an IPv6 address is told that there is none", function()
    says(expect.refused("ip", w.client:whitelist_ip { trunk_sid = "t", ip = "2001:db8::1" }), "IPv4", "no IPv6")
    says(expect.refused("destinations[1].destination", w.client:add_destinations {
      trunk_sid = "t", destinations = { { destination = "[2001:db8::1]:5061;transport=tls" } },
    }), "no IPv6")
  end)

  it("with the number in the id's place is told which id is meant", function()
    says(expect.refused("id", w.client:unmap_phone_number { trunk_sid = "t", id = "+919876543210" }), "id", "never the number")
  end)

  it("with an address in CIDR notation is told of the mask", function()
    says(expect.refused("ip", w.client:whitelist_ip { trunk_sid = "t", ip = "203.0.113.0/24" }), "mask")
  end)

  it("with a destination that isn't whitelisted is told so", function()
    local sid = w:trunk()
    says(expect.failure("partial", w.client:add_destinations {
      trunk_sid = sid, destinations = { { destination = "44.248.146.11:5061;transport=tls" } },
    }), "Destination not whitelisted")
  end)

  it("at a server that isn't the service's is told to check the address", function()
    w:answer("*", "<!DOCTYPE html><html><title>Welcome to nginx!</title></html>", 200, { ["Content-Type"] = "text/html" })
    local err = expect.failure("protocol", w.client:list_trunks {})
    says(err, "not Exotel's", "check the address")
    assert.truthy(err.body:find("Welcome to nginx", 1, true))
    w.sb:fault { on = "*", status = 302, headers = { Location = "https://www.example.com/login" } }
    says(expect.failure("protocol", w.client:list_trunks {}), "302", "redirected", "check the address")
  end)

  it("with a site's web address for a base_url is told what it must be", function()
    local function err_of(url)
      return expect.failure("config", exotel.client { account_sid = "a", api_key = "k", api_token = "t", base_url = url })
    end
    says(err_of "api.in.exotel.com", "https://")
    says(err_of "https://key_1:token_1@api.in.exotel.com", "api_key and api_token")
    says(err_of "http://api.in.exotel.com", "https", "allow_http")
  end)

  it("who forgets the table, or passes the values themselves, is told that it takes a table", function()
    expect.raises("get_trunk takes a table of arguments, got string", w.client.get_trunk, w.client, "trmum1")
    expect.raises("list_trunks takes a table of arguments, got", w.client.list_trunks, w.client)
  end)

  it("who writes a dot for a colon is told what was expected", function()
    expect.raises("exotel%.client expected, got table", w.client.list_trunks, {})
  end)
end)

describe("Ctrl-C #plain", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  -- Starts a child that prints its process ID, waits until the server has its request, and interrupts it.
  -- → what the child wrote, and its exit status
  local function interrupt(code)
    local script = child.write(code)
    local pipe = child.start("sh -c " .. child.quote("echo $$; exec " .. child.command(script, w.sb:environment())))
    local pid = pipe:read("*l")
    for _ = 1, 1000000 do
      if #w.sb:requests() > 0 then break end
    end
    os.execute("kill -INT " .. pid)
    local text, status = child.finish(pipe)
    os.remove(script)
    return text, status
  end

  it("ends a script in the middle of a call, without a crash", function()
    w.sb:fault { on = "*", hang = true }
    local text, status = interrupt [[
      local client = assert(require("exotel").client { timeout = 60, retries = 0 })
      client:list_trunks {}
      print("not reached")
    ]]
    assert.equal(1, status, text)
    assert.truthy(text:find("interrupted!", 1, true), text)
    assert.is_nil(text:find("not reached", 1, true), text)
  end)

  it("can be caught, and the client goes on", function()
    w.sb:fault { on = "list_trunks", hang = true }
    local text, status = interrupt [[
      local client = assert(require("exotel").client { timeout = 60, retries = 0 })
      print(pcall(client.list_trunks, client, {}))
      print(client:poll(0))
      print(#assert(client:list_trunks {}))
      client:close()
    ]]
    assert.equal(0, status, text)
    local caught, left, trunks = text:match("^(.-)\n(.-)\n(.-)\n$")
    assert.truthy(caught:find("^false\t.*interrupted!$"), text)
    assert.equal("0", left)
    assert.equal("0", trunks)
  end)

  it("ends a batch, and cancels what is under way", function()
    w.sb:fault { on = "*", hang = true, times = true }
    local text, status = interrupt [[
      local client = assert(require("exotel").client { timeout = 60, retries = 0 })
      local requests = {}
      for i = 1, 20 do requests[i] = { "list_trunks", {} } end
      print(pcall(client.batch, client, requests))
      print(client:poll(0))
    ]]
    assert.equal(0, status, text)
    assert.truthy(text:find("interrupted!\n0\n$"), text)
  end)
end)
