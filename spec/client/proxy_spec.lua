-- Proxies: which one is taken, and that nobody sees its password.
local child = require "spec.support.child"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local raw_server = require "spec.support.raw_server"
local world = require "spec.support.world"

local ACCOUNT = { account_sid = "a", api_key = "key", api_token = "api_token" }

-- The options of a client, with these besides.
local function options(more)
  local all = {}
  for _, list in ipairs { ACCOUNT, more } do
    for name, value in pairs(list) do all[name] = value end
  end
  return all
end

local UNREADABLE = {
  "http://user:pa@ss:word@proxy.example:3128", "http://us@er:secret@proxy.example", "ftp://user:secret@proxy.example",
  "http://user:secret@", "http://user:secret@proxy.example:http", "http://user:secret@proxy.example:70000", "user:secret@:80",
  "http://user:secret@proxy.example/path", "http://user:sec ret@proxy.example", "http://user:secret@[::1", "http://",
  "http://user:secret@proxy.example:3128?x", "http://user:s\195\164cret@proxy.example", "http://user:secret@pro^xy:1",
  "http://user:secret%00@proxy.example:3128", "user%0A:secret@proxy.example", "socks5h://user:%1fsecret@proxy.example",
  "http://user%7F@proxy.example",
}

describe("a proxy that can't be understood #once", function()
  for _, url in ipairs(UNREADABLE) do
    it("is refused when the client is made, and not shown: " .. url, function()
      local client, err = exotel.client(options { region = "mumbai", proxy = url })
      assert.is_nil(client)
      assert.same({ "config", "proxy" }, { err.kind, err.field })
      for _, part in ipairs { "secret", "user", "pa@", "word", url } do
        local said = tostring(err):gsub("<user>:<password>@", ""):gsub("in user and password", "")
        assert.is_nil(said:find(part, 1, true), said)
      end
    end)
  end

  it("may come from the environment, whose variable is named", function()
    local code = [[
      local client, err = require("exotel").client { account_sid = "a", api_key = "k", api_token = "api_token", region = "mumbai" }
      print(client == nil, err and err.kind, err and err.field, err and err.message)
    ]]
    for name in pairs { https_proxy = 1, HTTPS_PROXY = 1, all_proxy = 1, ALL_PROXY = 1 } do
      local text = child.run(code, { [name] = UNREADABLE[1] })
      assert.truthy(text:find("^true\tconfig\tproxy\t" .. name .. " must be "), text)
      assert.is_nil(text:find("word@", 1, true), text)
    end
  end)
end)

describe("a proxy that is understood #once", function()
  for _, url in ipairs {
    "proxy.example", "proxy.example:3128", "http://proxy.example/", "https://proxy.example:443", "socks5h://u:p@10.0.0.1:1080",
    "http://user:p%40ss@proxy.example:3128", "http://[2001:db8::1]:3128", "HTTP://PROXY.EXAMPLE", "",
  } do
    it("is taken: " .. url, function() assert(exotel.client(options { region = "mumbai", proxy = url })):close() end)
  end
end)

describe("what libcurl says of a proxy #once", function()
  it("is searched for its user and password", function()
    -- A proxy that echoes what it got, as many do in the page that says no.
    local authorization = "Basic cHJveHlfdXNlcjpzM2NyM3RAX3A="
    local said = "denied: proxy_user s3cr3t@_p s3cr3t%40_p " .. authorization
    local proxy = raw_server.start { { "reply", "HTTP/1.1 403 No\r\nContent-Length: " .. #said .. "\r\n\r\n" .. said } }
    local client = assert(exotel.client(options {
      base_url = "http://api.example", allow_http = true, retries = 0,
      proxy = proxy.base_url:gsub("//", "//proxy_user:s3cr3t%%40_p@"),
    }))
    local err = expect.failure("permission", client:list_trunks {})
    for _, text in ipairs { tostring(err), err.message, err.body } do
      for _, secret in ipairs { "s3cr3t", "proxy_user", "cHJveHlf" } do assert.is_nil(text:find(secret, 1, true), text) end
    end
    assert.truthy(err.message:find("denied", 1, true), err.message)
    client:close()
    proxy:stop()
  end)
end)

describe("a proxy of the environment #once", function()
  -- → the kind of what a call to a service elsewhere comes to
  local function call(environment)
    return (child.run([[
      local client = assert(require("exotel").client {
        account_sid = "a", api_key = "k", api_token = "api_token", base_url = "http://service.invalid", allow_http = true, retries = 0,
      })
      print(select(2, client:list_trunks {}).kind)
    ]], environment))
  end

  it("is taken for a service elsewhere, unless no_proxy names that", function()
    local proxy = raw_server.start { { "reply", "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n" } }
    assert.equal("permission\n", call { http_proxy = proxy.base_url })
    assert.equal("permission\n", call { all_proxy = proxy.base_url, http_proxy = "" })
    assert.equal("network\n", call { http_proxy = proxy.base_url, no_proxy = "service.invalid" })
    assert.equal("network\n", call { HTTP_PROXY = proxy.base_url })
    proxy:stop()
    assert.equal(2, #proxy:requests())
  end)
end)

describe("a service on this machine #once", function()
  local w, proxy

  before_each(function()
    w, proxy = world.new(), raw_server.start { { "hang" } }
  end)
  after_each(function()
    proxy:stop()
    w:close()
  end)

  it("is reached without the proxy of the environment", function()
    local environment = w.sb:environment()
    for _, name in ipairs { "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY" } do environment[name] = proxy.base_url end
    local text = child.run([[
      local data, err = assert(require("exotel").client { retries = 0, timeout = 2 }):list_trunks {}
      print(data and #data or err)
    ]], environment)
    assert.equal("0\n", text)
  end)

  it("is reached by the one that the option names", function()
    local client = assert(w.sb:client { proxy = proxy.base_url, retries = 0, timeout = 0.2 })
    expect.failure("timeout", client:list_trunks {})
    assert.equal(0, #w.sb:requests())
    client:close()
  end)
end)
