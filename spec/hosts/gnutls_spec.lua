-- libcurl on GnuTLS: the same behaviour over HTTPS, and the ways to build with it. "#plain": other programs do the work.
local child = require "spec.support.child"
local kamailio = require "spec.support.kamailio"

local CORE = "build/" .. child.lua .. "-plain-gnutls/?.so"
local VERSION = _VERSION:match("%d%.%d")
local TREE = kamailio.sh("pwd"):gsub("\n", "")
local CLEAN = "env -u LD_PRELOAD -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u LUA_INIT -u LUA_PATH -u LUA_CPATH "

local function libraries(core) return (kamailio.sh("ldd %s", core)) end

describe("CURL=gnutls #plain", function()
  it("links the libcurl on GnuTLS, and only that", function()
    local found = libraries((CORE:gsub("%?", "exotel/core")))
    assert.truthy(found:find("libcurl-gnutls.so.4 => /", 1, true), found)
    assert.is_nil(found:find("libcurl.so", 1, true))
  end)

  it("keeps what the specs over HTTPS ask for, message for message", function()
    local path = ("%s/%s;%s"):format(TREE, CORE, package.cpath)
    local text, status = kamailio.sh("env LUA_PATH=%s LUA_CPATH=%s timeout 100 %s \"$(command -v busted)\" -o plainTerminal"
      .. " --cpath=%s spec/client/tls_spec.lua", child.quote(package.path), child.quote(path), child.lua, child.quote(path))
    assert.equal(0, status, text)
    assert.truthy(text:find("[1-9]%d+ successes / 0 failures"), text)
  end)

  it("trusts the machine's bundle, though this libcurl names a folder only", function()
    local script = child.write([[
      local sb = require("exotel.sandbox").start { tls = true }
      local client = assert(require("exotel").client { base_url = sb.base_url, account_sid = "a", api_key = "b", api_token = "c" })
      print(select(2, client:list_trunks {}))
      sb:stop()]])
    local text = child.finish(child.start(child.command(script, { LUA_CPATH = TREE .. "/" .. CORE .. ";" .. package.cpath })))
    os.remove(script)
    assert.truthy(text:find("unknown issuer", 1, true), text)
    assert.truthy(text:find("CAfile: /etc/ssl/certs/ca-certificates.crt", 1, true), text)
  end)

  it("is a variable of the rock", function()
    local folder = kamailio.sh("mktemp -d"):gsub("\n", "")
    local text, status = kamailio.sh("cp -R Makefile bin csrc doc lua rockspec %s && cd %s && for curl in '' EXOTEL_CURL=gnutls; do "
      .. "HOME=%s %s luarocks --lua-version=%s make rockspec/exotel-scm-1.rockspec --tree %s/tree $curl || exit 1; "
      .. "cp tree/lib/lua/%s/exotel/core.so $curl.so; done", folder, folder, folder, CLEAN, VERSION, folder, VERSION)
    assert.equal(0, status, text)
    assert.truthy(libraries(folder .. "/.so"):find("libcurl.so.4", 1, true))
    assert.truthy(libraries(folder .. "/EXOTEL_CURL=gnutls.so"):find("libcurl-gnutls.so.4", 1, true))
    kamailio.sh("rm -rf %s", folder)
  end)

  -- A library of the name that Kamailio's module has is enough to be told from.
  it("is what a client on OpenSSL is refused for, where Kamailio's tls module is loaded", function()
    local folder = kamailio.sh("mktemp -d"):gsub("\n", "")
    kamailio.sh("cd %s && mkdir kamailio other && echo 'int nothing;' >t.c && cc -shared -fPIC -o kamailio/tls.so t.c && "
      .. "cp kamailio/tls.so other/tls.so && cp kamailio/tls.so kamailio/xhttp.so", folder)
    local script = child.write([[
      assert(package.loadlib(arg[1], "*"))
      print(require("exotel").client { region = "mumbai", account_sid = "a", api_key = "b", api_token = "c" })]])
    local function try(build, library)
      local path = TREE .. "/build/" .. child.lua .. build .. "/?.so;" .. package.cpath
      return (child.finish(child.start(child.command(script .. " " .. folder .. library, { LUA_CPATH = path }))))
    end
    local refused = try("-plain", "/kamailio/tls.so")
    assert.truthy(refused:find("^nil%s+config: Kamailio's tls module is loaded"), refused)
    assert.truthy(refused:find("make CURL=gnutls", 1, true), refused)
    assert.truthy(try("-plain", "/other/tls.so"):find("^exotel.client: a at"))
    assert.truthy(try("-plain", "/kamailio/xhttp.so"):find("^exotel.client: a at"))
    assert.truthy(try("-plain-gnutls", "/kamailio/tls.so"):find("^exotel.client: a at"))
    os.remove(script)
    kamailio.sh("rm -rf %s", folder)
  end)

  it("is told from a library that there is none of", function()
    local text, status = kamailio.sh("%s make core CURL=nothing", CLEAN)
    assert.is_true(status ~= 0)
    assert.truthy(text:find("CURL=nothing is not known", 1, true), text)
  end)
end)
