-- A module exports its luaopen function and nothing else. Any other name could be one that the host has as well, and
-- then one of the two would call the other's function. install_spec.lua looks at the modules of the rocks.
local symbols = require "spec.support.symbols"

-- A module of the build under test, also of one with sanitizers, whose compiler adds names of its own.
local function built(module)
  return (assert(package.cpath:match("^[^;]*")):gsub("%?", (module:gsub("%.", "/"))))
end

local function shell(command, ...)
  local pipe = assert(io.popen("{ " .. command:format(...) .. "\n} 2>&1; echo \" status $?\""))
  local output, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  return status == "0", output
end

-- make's own variables would reach the make that is started here.
local MAKE = "env -u LD_PRELOAD -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make "

describe("a module exports nothing but its luaopen function:", function()
  it("exotel.core", function()
    assert.equal("luaopen_exotel_core", symbols.exported(built("exotel.core")))
  end)

  it("exotel.sip.core", function()
    assert.equal("luaopen_exotel_sip_core", symbols.exported(built("exotel.sip.core")))
  end)

  it("exotel.sandbox.server", function()
    assert.equal("luaopen_exotel_sandbox_server", symbols.exported(built("exotel.sandbox.server")))
  end)

  it("exotel.core on the libcurl with GnuTLS #plain", function()
    local lua = built("exotel.core"):match("/lua([%w.]+)%-plain/")
    if not shell("CURL=gnutls LUA=%s bin/install-deps --check core", lua) then return pending("no libcurl on GnuTLS") end
    assert(shell(MAKE .. "core CURL=gnutls LUA=%s", lua))
    assert.equal("luaopen_exotel_core", symbols.exported("build/lua" .. lua .. "-plain-gnutls/exotel/core.so"))
  end)
end)
