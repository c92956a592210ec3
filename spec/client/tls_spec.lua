-- HTTPS: which servers the client trusts, and its errors for the others.
local child = require "spec.support.child"
local client_hello = require "spec.support.client_hello"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local raw_server = require "spec.support.raw_server"
local world = require "spec.support.world"

describe("over HTTPS #once", function()
  local w, proxy

  after_each(function()
    if proxy then proxy:stop() end
    if w then w:close() end
    w, proxy = nil, nil
  end)

  local function create(client) return client:create_trunk { trunk_name = "outbound_trunk" } end

  -- An untrusted server gets nothing at all: no request, no credentials, and so no effect.
  local function assert_distrusted(client, reason)
    local err = expect.failure("tls", create(client))
    assert.truthy(err.message:find(reason, 1, true), err.message)
    assert.is_false(err.maybe_applied)
    assert.is_false(err.retryable)
    assert.is_nil(err.http_status)
    assert.equal(1, err.attempts)
    assert.same({}, w.sb:requests())
    assert.same({}, w.sb:state().trunks)
    return err
  end

  it("a certificate that ca_file vouches for is trusted", function()
    w = world.new { tls = true }
    assert.truthy(w.sb.base_url:find("^https://"))
    local data, info = create(w.client)
    assert.equal("outbound_trunk", data.trunk_name)
    assert.equal(200, info.http_status)
    assert.equal("Basic c2FuZGJveF9rZXk6c2FuZGJveF90b2tlbg==", w:request().headers.authorization)
  end)

  it("goes by the name in base_url", function()
    w = world.new { tls = true }
    local client = assert(w.sb:client { base_url = "https://localhost:" .. w.sb.port, retries = 0 })
    assert(create(client))
    client:close()
  end)

  it("one connection serves many calls, also through a proxy, which learns no more than the host #recent", function()
    w = world.new { tls = true }
    proxy = raw_server.start { { "tunnel" } }
    local client = assert(w.sb:client { proxy = proxy.base_url, retries = 0 })
    assert(create(client))
    for _ = 1, 3 do assert(client:list_trunks {}) end
    client:close()
    proxy:stop()
    assert.equal("create_trunk list_trunks list_trunks list_trunks", w:operations())
    assert.equal(1, proxy:connections())
    local request = proxy:requests()[1]
    assert.equal("CONNECT 127.0.0.1:" .. w.sb.port .. " HTTP/1.1", request:match("^[^\r]*"))
    expect.no_secret(request)
    assert.is_nil(request:lower():find("authorization", 1, true))
  end)

  it("sends a write on a dead connection once", function()
    w = world.new { tls = true }
    assert(create(w.client))
    w.sb:reset_requests()
    w.sb:fault { before = "create_trunk", drop = true }
    local err = expect.failure("network", w.client:create_trunk { trunk_name = "second" })
    assert.is_true(err.maybe_applied)
    assert.equal("create_trunk", w:operations())
  end)

  it("an issuer that nobody vouches for is not trusted", function()
    w = world.new { tls = true }
    -- Without ca_file: the machine's own bundle, which doesn't know the stand-in server.
    local client = assert(exotel.client {
      account_sid = w.sb.account_sid, api_key = w.sb.api_key, api_token = w.sb.api_token, base_url = w.sb.base_url, retries = 0,
    })
    local err = assert_distrusted(client, "unknown issuer")
    assert.truthy(err.message:find("ca_file", 1, true), err.message)
    client:close()
  end)

  describe("whom to trust may stand in the environment, as for the curl command:", function()
    local SCRIPT = [[
      local client, err = require("exotel").client { retries = 0, ca_file = os.getenv("FILE") }
      if not client then return print(err.kind, err.message) end
      local data, failure = client:list_trunks {}
      print(data and "trusted" or failure.kind)
    ]]

    -- → what the script prints with these variables
    local function say(variables)
      local environment = w.sb:environment()
      environment.EXOTEL_CA_FILE = nil
      for _, name in ipairs { "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR" } do environment[name] = variables[name] or "" end
      environment.FILE, environment.EXOTEL_CA_FILE = variables.FILE, variables.EXOTEL_CA_FILE
      return (child.run(SCRIPT, environment))
    end

    it("CURL_CA_BUNDLE, else SSL_CERT_FILE, and ca_file before both", function()
      w = world.new { tls = true }
      local other = world.new { tls = true }
      local good, bad = w.sb.ca_file, other.sb.ca_file
      assert.equal("tls\n", say {})
      assert.equal("trusted\n", say { CURL_CA_BUNDLE = good })
      assert.equal("trusted\n", say { SSL_CERT_FILE = good })
      assert.equal("trusted\n", say { CURL_CA_BUNDLE = good, SSL_CERT_FILE = bad })
      assert.equal("tls\n", say { CURL_CA_BUNDLE = bad, SSL_CERT_FILE = good })
      assert.equal("trusted\n", say { FILE = good, CURL_CA_BUNDLE = bad, SSL_CERT_FILE = bad })
      assert.equal("trusted\n", say { EXOTEL_CA_FILE = good, CURL_CA_BUNDLE = bad })
      assert.equal("tls\n", say { FILE = bad, CURL_CA_BUNDLE = good })
      other:close()
    end)

    it("a file that can't be read is named, with its variable", function()
      w = world.new { tls = true }
      assert.equal("config\tCURL_CA_BUNDLE can't be read: /nowhere/ca.pem\n", say { CURL_CA_BUNDLE = "/nowhere/ca.pem" })
      assert.equal("config\tSSL_CERT_FILE can't be read: /nowhere/ca.pem\n", say { SSL_CERT_FILE = "/nowhere/ca.pem" })
      assert.equal("trusted\n", say { FILE = w.sb.ca_file, SSL_CERT_FILE = "/nowhere/ca.pem" })
    end)

    it("SSL_CERT_DIR, beside a file", function()
      w = world.new { tls = true }
      local folder = os.tmpname()
      os.remove(folder)
      assert(os.execute(("mkdir %s && cp %s %s/ca.pem && openssl rehash %s"):format(folder, w.sb.ca_file, folder, folder)))
      assert.equal("trusted\n", say { SSL_CERT_DIR = folder })
      local several = not exotel.libraries().tls:find("GnuTLS") -- which takes one folder only
      assert.equal(several and "trusted\n" or "tls\n", say { SSL_CERT_DIR = "/nowhere:" .. folder })
      os.execute("rm -r " .. folder)
    end)
  end)

  it("an issuer other than the one in ca_file is not trusted", function()
    w = world.new { tls = true }
    local other = world.new { tls = true }
    local client = assert(w.sb:client { ca_file = other.sb.ca_file, retries = 0 })
    expect.failure("tls", create(client))
    assert.same({}, w.sb:requests())
    client:close()
    other:close()
  end)

  it("a certificate that has expired is not trusted", function()
    w = world.new { tls = { expired = true } }
    assert_distrusted(w.client, "the server's certificate has expired")
  end)

  it("a certificate for another name is not trusted", function()
    w = world.new { tls = { name = "wrong.example" } }
    assert_distrusted(w.client, "the server's certificate is for another name")
  end)

  -- Also where the machine's own settings would allow more. (GnuTLS reads other ones.)
  it("nothing before TLS 1.2 is offered, and no other HTTP than 1.1", function()
    local settings = child.write [[
      openssl_conf = all
      [all]
      ssl_conf = ssl
      [ssl]
      system_default = lax
      [lax]
      MinProtocol = TLSv1
      CipherString = DEFAULT:@SECLEVEL=0
    ]]
    proxy = raw_server.start { { "close" } }
    child.run([[require("exotel").client({ retries = 0 }):list_trunks {}]], {
      EXOTEL_ACCOUNT_SID = "a", EXOTEL_API_KEY = "k", EXOTEL_API_TOKEN = "t", OPENSSL_CONF = settings,
      EXOTEL_BASE_URL = (proxy.base_url:gsub("^http", "https")),
    })
    proxy:stop()
    os.remove(settings)
    local hello = proxy:requests()[1]
    assert.same({ "0304", "0303" }, client_hello.versions(hello))
    assert.same({ "http/1.1" }, client_hello.protocols(hello))
  end)

  it("a server that speaks plain HTTP is a tls failure", function()
    w = world.new()
    local client = assert(w.sb:client { base_url = (w.sb.base_url:gsub("^http", "https")), retries = 0 })
    assert_distrusted(client, "no secure connection")
    client:close()
  end)

  it("is not given up for plain http by a redirection", function()
    w = world.new { tls = true }
    local plain = world.new()
    w.sb:fault { on = "*", status = 307, headers = { Location = plain.sb.base_url .. "/v2/accounts/sandbox1/trunks" } }
    assert.equal(307, expect.failure("protocol", create(w.client)).http_status)
    assert.same({}, plain.sb:requests())
    plain:close()
  end)

  it("a ca_file that holds no certificate trusts nobody", function()
    w = world.new { tls = true }
    local client = assert(w.sb:client { ca_file = "spec/client/tls_spec.lua", retries = 0 })
    expect.failure("tls", create(client))
    assert.same({}, w.sb:requests())
    client:close()
  end)
end)
