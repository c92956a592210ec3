-- Making a client: options, environment, and the errors of both.
local child = require "spec.support.child"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local world = require "spec.support.world"

local function options(changes, without)
  local given = { account_sid = "ameyo5m", api_key = "key_1", api_token = "token_1", region = "mumbai" }
  for name, value in pairs(changes or {}) do given[name] = value end
  if without then given[without] = nil end
  return given
end

-- These tests make clients without a network, and ignore the environment.
local function config_error(field, given)
  local client, err = exotel.client(given)
  assert.is_nil(client)
  expect.failure("config", nil, err)
  assert.equal(field, err.field)
  assert.equal(0, err.attempts)
  assert.is_false(err.maybe_applied)
  assert.is_nil(tostring(err):find("token_1"), tostring(err))
  return err
end

describe("exotel.client", function()
  it("takes what the README names, in its whole range", function()
    for _, change in ipairs {
      { timeout = 0.001 }, { timeout = 86400 }, { connect_timeout = 0.5 }, { deadline = 1 }, { settle_wait = 0 }, { backoff = 0 }, { backoff = 3600 },
      { retries = 0 }, { retries = 100 }, { max_connections = 1 }, { max_connections = 50 }, { rate_limit = 1 }, { rate_limit = false },
      { allow_http = true }, { allow_http = false }, { json_suffix = true }, { validate = false }, { log = print }, { sleep = print },
      { proxy = "http://proxy.example:3128" },
    } do
      local client = assert(exotel.client(options(change)))
      client:close()
    end
  end)

  describe("raises for an option", function()
    it("that is unknown, and names it", function()
      for _, name in ipairs { "tiemout", "Timeout", "apikey", "api_keys", "host", "retry", "ratelimit", "verify", "" } do
        expect.raises("bad option '" .. name .. "' %(unknown%)", exotel.client, options { [name] = 1 })
      end
      expect.raises("bad option 'retries.-unknown", exotel.client, options { ["retries\0x"] = 1 })
      expect.raises("options are named", exotel.client, { "ameyo5m" })
      expect.raises("table of options", exotel.client, "mumbai")
      expect.raises("table of options", exotel.client, 5)
      local client = assert(exotel.client(options {}))
      for _, wrong in ipairs { 5, "soon", true } do
        expect.raises("table", client.start, client, "list_trunks", {}, wrong)
        expect.raises("table", client.list_trunks, client, {}, wrong)
      end
      client:close()
    end)

    it("of the wrong type, and names it", function()
      local strings = { "account_sid", "api_key", "api_token", "region", "subdomain", "base_url", "ca_file", "proxy" }
      local numbers = { "timeout", "connect_timeout", "deadline", "retries", "backoff", "settle_wait", "max_connections" }
      local booleans = { "allow_http", "json_suffix", "validate" }
      for _, name in ipairs(strings) do
        for _, value in ipairs { 5, true, {} } do
          expect.raises("bad option '" .. name .. "' %(string expected, got " .. type(value), exotel.client, options { [name] = value })
        end
        expect.raises("bad option '" .. name .. "' %(it holds a NUL", exotel.client, options { [name] = "a\0b" })
      end
      for _, name in ipairs(numbers) do
        for _, value in ipairs { "5", true, {} } do
          expect.raises("bad option '" .. name .. "' %(number expected, got " .. type(value), exotel.client, options { [name] = value })
        end
      end
      for _, name in ipairs(booleans) do
        for _, value in ipairs { "yes", 1, {} } do
          expect.raises("bad option '" .. name .. "' %(boolean expected, got " .. type(value), exotel.client, options { [name] = value })
        end
      end
      for _, name in ipairs { "log", "sleep" } do
        for _, value in ipairs { "print", true, {} } do
          expect.raises("bad option '" .. name .. "' %(function expected, got " .. type(value), exotel.client, options { [name] = value })
        end
      end
      expect.raises("bad option 'rate_limit' %(number or false expected, got boolean", exotel.client, options { rate_limit = true })
      expect.raises("bad option 'rate_limit' %(number or false expected, got string", exotel.client, options { rate_limit = "200" })
    end)

    it("out of its range, and names it", function()
      local nan, inf = 0 / 0, math.huge
      for name, values in pairs {
        timeout = { 0, -1, 86401, nan, inf }, connect_timeout = { 0, -0.5, nan }, deadline = { 0, -1, inf }, backoff = { -0.1, 3601, nan }, settle_wait = { -1, 3601, nan },
        retries = { -1, 1.5, 101, nan, inf }, max_connections = { 0, 51, 2.5, -inf }, rate_limit = { 0, -1, 1.5, nan, inf },
      } do
        for _, value in ipairs(values) do
          expect.raises("bad option '" .. name .. "' %(", exotel.client, options { [name] = value })
        end
      end
    end)

    it("with a place in the caller's file", function()
      local _, message = pcall(function() exotel.client { tiemout = 1 } end)
      assert.truthy(message:find("options_spec.lua", 1, true), message)
    end)
  end)

  describe("returns nil, err for", function()
    it("what is missing", function()
      for name, variable in pairs { account_sid = "EXOTEL_ACCOUNT_SID", api_key = "EXOTEL_API_KEY", api_token = "EXOTEL_API_TOKEN" } do
        local err = config_error(name, options({}, name))
        assert.truthy(err.message:find(name .. " is missing", 1, true), err.message)
        assert.truthy(err.message:find(variable, 1, true), err.message)
        config_error(name, options { [name] = "" })
      end
      local err = config_error("region", options({}, "region"))
      assert.truthy(err.message:find("EXOTEL_REGION", 1, true), err.message)
      assert.truthy(err.message:find("mumbai or singapore", 1, true), err.message)
    end)

    it("what was copied wrong", function()
      for _, name in ipairs { "account_sid", "api_key", "api_token" } do
        for _, value in ipairs { "token_1 ", " token_1", "token_1\n", "token\t1", "token_1\r\n", "t\195\188ken_1" } do
          config_error(name, options { [name] = value })
        end
      end
      for _, value in ipairs { "ameyo/5m", "ameyo5m?", "a.b", "..", ("x"):rep(65) } do config_error("account_sid", options { account_sid = value }) end
      config_error("api_key", options { api_key = "key_1:token_1" })
    end)

    it("a region that is none, and names those that are", function()
      for _, region in ipairs { "Mumbai", "india", "", "mumbai ", "api.in.exotel.com" } do
        local err = config_error("region", options { region = region })
        assert.truthy(err.message:find('"mumbai" or "singapore"', 1, true), err.message)
      end
    end)

    it("two addresses", function()
      for _, second in ipairs { { subdomain = "api.in.exotel.com" }, { base_url = "https://api.in.exotel.com" } } do
        local err = config_error("region", options(second))
        assert.truthy(err.message:find("exclude each other", 1, true), err.message)
      end
      config_error("region", options({ subdomain = "api.exotel.com", base_url = "https://api.exotel.com" }, "region"))
    end)

    it("a subdomain that is no host name", function()
      for _, subdomain in ipairs { "", "api.exotel.com/v2", "https://api.exotel.com", "user@api.exotel.com", "api exotel com", "@" } do
        config_error("subdomain", options({ subdomain = subdomain }, "region"))
      end
    end)

    it("a base_url that is none", function()
      for _, url in ipairs {
        "", "api.exotel.com", "ftp://api.exotel.com", "https://", "https:///v2", "https://api.exotel.com?x=1", "https://api.exotel.com/#x",
        "https://api.exotel.com /", "https://api.exotel.com\n", "https://key:token_1@api.exotel.com", "https://@api.exotel.com",
        "https://api.exotel.com\\@evil.example",
      } do
        config_error("base_url", options({ base_url = url }, "region"))
      end
    end)

    it("plain http to a host that is not this one", function()
      for _, url in ipairs {
        "http://api.exotel.com", "http://10.0.0.1", "http://localhost.example", "http://127.0.0.1.example", "http://127.evil.example",
        "HTTP://api.exotel.com", "http://[::2]", "http://0.0.0.0", "http://127.0.0.1.5", "http://127.0.0.999", "http://127.",
        "http://[::ffff:10.0.0.1]", "http://2130706433.example",
      } do
        local err = config_error("base_url", options({ base_url = url }, "region"))
        assert.truthy(err.message:find("allow_http", 1, true), err.message)
        assert(exotel.client(options({ base_url = url, allow_http = true }, "region"))):close()
      end
    end)

    it("a ca_file that can't be read", function()
      local err = config_error("ca_file", options { ca_file = "/nowhere/ca.pem" })
      assert.truthy(err.message:find("/nowhere/ca.pem", 1, true), err.message)
    end)
  end)

  it("takes plain http to this host", function()
    for _, url in ipairs {
      "http://127.0.0.1", "http://127.0.0.1:8080/", "http://localhost:80", "http://LOCALHOST", "http://[::1]:8080", "http://127.1.2.3/prefix",
      "http://127.1", "http://[0:0:0:0:0:0:0:1]:8080", "http://[::ffff:127.0.0.1]",
    } do
      assert(exotel.client(options({ base_url = url }, "region"))):close()
    end
  end)

  it("shows account and host in tostring, never key or token", function()
    local cases = {
      ["exotel.client: ameyo5m at api.in.exotel.com"] = { region = "mumbai" },
      ["exotel.client: ameyo5m at api.exotel.com"] = { region = "singapore" },
      ["exotel.client: ameyo5m at api.in2.exotel.com"] = { subdomain = "api.in2.exotel.com" },
      ["exotel.client: ameyo5m at api.in3.exotel.com"] = { subdomain = "@api.in3.exotel.com" },
      ["exotel.client: ameyo5m at stand-in.example:8443"] = { base_url = "https://stand-in.example:8443/v1/" },
    }
    for text, address in pairs(cases) do
      local client = assert(exotel.client(options(address, not address.region and "region" or nil)))
      assert.equal(text, tostring(client))
      client:close()
      assert.equal("exotel.client (closed)", tostring(client))
    end
  end)

  it("puts a base_url's path before the API's", function()
    local w = world.new()
    for _, url in ipairs { w.sb.base_url .. "/gateway/", w.sb.base_url .. "/gateway" } do
      local client = assert(w.sb:client { base_url = url, retries = 0 })
      client:list_trunks { offset = 0 }
      client:close()
      local requests = w.sb:requests()
      assert.equal("/gateway/v2/accounts/sandbox1/trunks?offset=0", requests[#requests].target)
    end
    w:close()
  end)

  it("leaves the table of options as it was", function()
    local given = options()
    assert(exotel.client(given)):close()
    assert.same(options(), given)
  end)

  it("has a version and a null", function()
    assert.equal("1.0.0", exotel.version)
    assert.equal("userdata", type(exotel.null))
  end)
end)

describe("a client", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  it("may be closed twice, and raises when it is used after", function()
    local client = assert(w.sb:client())
    client:close()
    client:close()
    local uses = {
      function() return client:list_trunks {} end,
      function() return client:start("list_trunks", {}) end,
      function() return client:poll(0) end,
      function() return client:batch { { "list_trunks", {} } } end,
      function() return client:each("list_trunks", {})() end,
    }
    for _, use in ipairs(uses) do expect.raises("the client is closed", use) end
    assert.same({}, w.sb:requests())
  end)

  it("is closed by <close>", function()
    if _VERSION ~= "Lua 5.4" then return end
    local use = assert(load [[
      local sb = ...
      local kept
      do
        local client <close> = assert(sb:client())
        assert(client:list_trunks {})
        kept = client
      end
      return kept
    ]])
    expect.raises("the client is closed", function(client) return client:list_trunks {} end, use(w.sb))
  end)

  it("is collected, and others go on", function()
    for _ = 1, 20 do
      local client = assert(w.sb:client())
      assert(client:list_trunks {})
    end
    collectgarbage()
    collectgarbage()
    assert(w.client:list_trunks {})
  end)

  it("is a client only where one is expected", function()
    for _, other in ipairs { {}, "x", io.stdout } do
      assert.is_false((pcall(w.client.poll, other, 0)))
      assert.is_false((pcall(w.client.close, other)))
    end
  end)

  it("goes by the environment of its machine no further than it says: its own options win", function()
    local client = assert(w.sb:client { api_key = "wrong" })
    expect.failure("authentication", client:list_trunks {})
    client:close()
  end)
end)

describe("what the client is made of", function()
  it("names libcurl, its TLS library and the bundle of issuers", function()
    local libraries = exotel.libraries()
    assert.truthy(libraries.curl:find("^%d+%.%d+%.%d+"))
    assert.truthy(libraries.tls:find("^%a+/%d"))
    assert(io.open(libraries.ca)):close()
  end)
end)

describe("the environment #plain", function()
  local w

  before_each(function() w = world.new() end)
  after_each(function() w:close() end)

  -- The output of a child that makes a client with these options and lists the account's trunks.
  local function try(environment, arguments)
    local text, status = child.run(([[
      local client, err = require("exotel").client(%s)
      if not client then print(err.kind, err.field, err) os.exit(0) end
      print(client)
      if %q == "" then print(client:list_trunks({}, { retries = 0 })) end
    ]]):format(arguments or "", environment.EXOTEL_BASE_URL and "" or "no"), environment)
    assert.equal(0, status, text)
    return text
  end

  it("is all that a client needs", function()
    local text = try(w.sb:environment())
    assert.truthy(text:find("exotel.client: sandbox1 at 127.0.0.1:" .. w.sb.port, 1, true), text)
    assert.equal("list_trunks", w:operations())
    assert.equal(200, w:request().status)
  end)

  it("names the issuers to trust", function()
    local https = world.new { tls = true }
    finally(function() https:close() end)
    assert.equal(https.sb.ca_file, https.sb:environment().EXOTEL_CA_FILE)
    local text = try(https.sb:environment())
    assert.truthy(text:find("^exotel.client: sandbox1 at 127.0.0.1[^\n]+\ntable: "), text)
  end)

  it("gives way to an option", function()
    local text = try(w.sb:environment(), '{ api_token = "wrong" }')
    assert.truthy(text:find("authentication", 1, true), text)
  end)

  it("names an address, unless an option does", function()
    local account = { EXOTEL_ACCOUNT_SID = "ameyo5m", EXOTEL_API_KEY = "k", EXOTEL_API_TOKEN = "t" }
    local function with(name, value)
      local environment = { [name] = value }
      for key, given in pairs(account) do environment[key] = given end
      return environment
    end
    assert.equal("exotel.client: ameyo5m at api.in.exotel.com\n", try(with("EXOTEL_REGION", "mumbai")))
    assert.equal("exotel.client: ameyo5m at api.exotel.com\n", try(with("EXOTEL_REGION", "singapore")))
    assert.equal("exotel.client: ameyo5m at api.in.exotel.com\n", try(with("EXOTEL_SUBDOMAIN", "@api.in.exotel.com")))
    assert.equal("exotel.client: ameyo5m at api.in.exotel.com\n", try(with("EXOTEL_REGION", "singapore"), '{ region = "mumbai" }'))
    assert.equal("exotel.client: ameyo5m at a.example\n", try(with("EXOTEL_REGION", "singapore"), '{ base_url = "https://a.example" }'))
    local both = with("EXOTEL_REGION", "mumbai")
    both.EXOTEL_SUBDOMAIN = "api.exotel.com"
    assert.truthy(try(both):find("^config\tregion\t"))
  end)

  it("counts as not set where it is empty", function()
    local environment = w.sb:environment()
    environment.EXOTEL_REGION, environment.EXOTEL_SUBDOMAIN = "", ""
    assert.truthy(try(environment):find("exotel.client: sandbox1", 1, true))
    environment.EXOTEL_API_KEY = ""
    assert.truthy(try(environment):find("^config\tapi_key\t"))
  end)

  it("that was copied with a space or a line break is named, not sent", function()
    for name, field in pairs { EXOTEL_API_KEY = "api_key", EXOTEL_API_TOKEN = "api_token", EXOTEL_ACCOUNT_SID = "account_sid" } do
      for _, spoil in ipairs { "%s ", " %s", "%s\n", "%s\r" } do
        local environment = w.sb:environment()
        environment[name] = spoil:format(environment[name])
        local text = try(environment)
        assert.truthy(text:find("^config\t" .. field .. "\tconfig: " .. field .. " holds a space"), text)
        assert.truthy(text:find(name, 1, true), text)
        expect.no_secret(text)
      end
    end
    assert.same({}, w.sb:requests())
  end)

  it("that names no region, or holds a mistyped one, is named", function()
    local environment = { EXOTEL_ACCOUNT_SID = "ameyo5m", EXOTEL_API_KEY = "k", EXOTEL_API_TOKEN = "t" }
    assert.truthy(try(environment):find("^config\tregion\t.*EXOTEL_REGION"))
    environment.EXOTEL_REGION = "delhi"
    assert.truthy(try(environment):find("^config\tregion\t.*delhi"))
  end)
end)
