-- What is built for one Lua in another: a clear message, or it works.
local child = require "spec.support.child"
local world = require "spec.support.world"

local MODULES = { "exotel.core", "exotel.sip.core", "exotel.sandbox.server" }

-- LuaJIT is a 5.1: its modules are the same.
local NAMES = { ["5.1"] = "5.1", jit = "5.1", ["5.3"] = "5.3", ["5.4"] = "5.4" }
local HERE = _VERSION:match("%d%.%d")

local function shell(command, ...)
  local pipe = assert(io.popen("{ " .. command:format(...) .. "\n} 2>&1; echo \" status $?\""))
  local output, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  return output, status == "0"
end

-- make's own variables would reach the make that is started here.
local MAKE = "env -u LD_PRELOAD -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make "

-- The folder of what is built for a Lua, built where it is missing; or nil where that Lua can't be built for.
local function build_for(lua)
  if not select(2, shell("LUA=%s bin/install-deps --check core sandbox", lua)) then return nil end
  local output, good = shell(MAKE .. "build LUA=%s", lua)
  assert(good, output)
  return "build/lua" .. lua .. "-plain"
end

describe("a module #plain", function()
  for lua, name in pairs(NAMES) do
    for _, module in ipairs(name ~= HERE and MODULES or {}) do
      it("built for " .. lua .. " says so, and what to do: " .. module, function()
        local folder = build_for(lua)
        if not folder then return pending("no headers of Lua " .. lua) end
        local text, status = child.run(("print(pcall(require, %q))"):format(module), { LUA_CPATH = folder .. "/?.so" })
        assert.equal(0, status, text)
        local expected = ("false\t%s was built for Lua %s and can't be used in Lua %s: build and install exotel for this Lua, too "
          .. "(luarocks --lua-version=%s, or make install LUA=%s), and have package.cpath lead to that; it led to %s/%s.so\n"):format(
          module, name, HERE, HERE, HERE, folder, (module:gsub("%.", "/")))
        assert.equal(expected, text)
      end)
    end
  end

  if HERE == "5.1" then
    local other = child.is_plain_5_1 and "jit" or "5.1"
    it("built for " .. other .. " works", function()
      local folder = build_for(other)
      if not folder then return pending("no headers of Lua " .. other) end
      local w = world.new()
      local environment = w.sb:environment()
      environment.LUA_CPATH = folder .. "/?.so"
      local text = child.run([[
        local sb = assert(require("exotel.sandbox").start { tls = true })
        local client = assert(sb:client())
        print(client:create_trunk({ trunk_name = "a" }).trunk_name, #assert(require("exotel").client():list_trunks {}))
      ]], environment)
      assert.equal("a\t0\n", text)
      w:close()
    end)
  end

  it("in an older Lua is refused, as in a newer one", function()
    for _, version in ipairs { "5.0", "6.0" } do
      local text = child.run(("_VERSION = 'Lua %s' print(pcall(require, 'exotel.core'))"):format(version))
      assert.truthy(text:find("was built for Lua " .. HERE .. " and can't be used in Lua " .. version, 1, true), text)
    end
  end)

  it("in a Lua that doesn't tell its version is refused", function()
    local text = child.run "_VERSION = nil print(pcall(require, 'exotel.core'))"
    assert.truthy(text:find("was built for Lua " .. HERE .. " and can't be used in Lua ?:", 1, true), text)
  end)

  it("in a Lua of another name and this version is taken", function()
    assert.equal("table\n", (child.run("_VERSION = 'Other " .. HERE .. "' print(type(require 'exotel.core'))")))
  end)

  it("leaves it to the loader to say that there is no Lua at all", function()
    for _, module in ipairs(MODULES) do
      local path = assert(package.cpath:match("^[^;]*")):gsub("%?", (module:gsub("%.", "/")))
      local text = shell("PERL_DL_NONLAZY=1 perl -MDynaLoader -e 'print DynaLoader::dl_load_file(shift, 0) ? \"loaded\" : DynaLoader::dl_error()' %s",
        child.quote(path))
      assert.truthy(text:find("undefined symbol: lua", 1, true), text)
    end
  end)
end)
