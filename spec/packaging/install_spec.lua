-- The rocks as a user gets them: installed from a copy of this tree, and run from the installed tree alone.
-- "#plain": other programs do the work, so there is nothing for a sanitizer to see.
local child = require "spec.support.child"
local symbols = require "spec.support.symbols"

local VERSION = _VERSION:match("%d+%.%d+")
local SAYS_VERSION = "exotel " .. require("exotel").version

-- make's own variables would reach the make that is started here, and the modules' paths lead back to this tree.
local CLEAN = "env -u LD_PRELOAD -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u LUA_INIT -u LUA_PATH -u LUA_CPATH "

-- A shell command that has to go well. → what it printed, without the last line's end
local function must(command, ...)
  local pipe = assert(io.popen("{ " .. command:format(...) .. "\n} 2>&1; echo \" status $?\""))
  local output, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  assert(status == "0", output)
  return (output:gsub("\n$", ""))
end

local SANDBOX = "'(' -path './exotel/sandbox/*' -o -path ./exotel/sandbox.lua ')'"
local CLI = "'(' -path './exotel/cli/*' -o -path ./exotel/cli.lua ')'"

local function files(folder, condition)
  return must("cd %s && find . -type f %s | sort", folder, condition or "")
end

-- Makes a call against the sandbox, and says where everything it loaded came from.
local PROGRAM = [[
local trunk = require "exotel.trunk"
local sb = assert(require("exotel.sandbox").start { tls = true })
local client = assert(sb:client())
local t = assert(trunk.create(client, { trunk_name = "installed" }))
assert(t:map_number("+919876543210", "flow"))
for number in t:numbers() do print(number.phone_number, number.mode) end
assert(t:delete())
assert(#sb:state().trunks == 0)
client:close()
sb:stop()
]]

describe("the tests", function()
  it("load this tree's own build", function()
    local tree = must("pwd")
    assert.are.equal(tree .. "/lua/", package.path:sub(1, #tree + 5))
    assert.are.equal(tree .. "/build/", package.cpath:sub(1, #tree + 7))
  end)
end)

describe("make install #plain", function()
  it("puts both where Lua looks", function()
    local folder = must("mktemp -d")
    local out = "build/" .. child.lua .. "-plain"
    local lua = child.lua:gsub("lua", "")
    must("%s make install install-sandbox OUT=%s LUA=%s PREFIX=/usr DESTDIR=%s", CLEAN, out, lua, folder)
    assert.are.equal(files("lua", "! " .. CLI), files(folder .. "/usr/share/lua/" .. VERSION))
    assert.are.equal("./exotel/core.so\n./exotel/sandbox/server.so\n./exotel/sip/core.so", files(folder .. "/usr/lib/lua/" .. VERSION))
    must("rm -rf %s", folder)
  end)
end)

-- Its dependencies may not be there: then it says so.
describe("make install-cli #plain", function()
  local folder
  local HOSTILE = "env LUA_INIT='error(0)' LUA_INIT_5_3='error(0)' LUA_INIT_5_4='error(0)' "
    .. ("LUA_PATH_5_3='/x' LUA_PATH_5_4='/x' LUA_CPATH_5_3='/x' LUA_CPATH_5_4='/x' LUA_PATH='/x/?.lua' LUA_CPATH='/x/?.so' ")
  local REFUSAL = "The command needs argparse and luaposix for "

  before_each(function() folder = must("mktemp -d") end)
  after_each(function() must("rm -rf %s", folder) end)

  -- → whether it was installed
  local function install(arguments)
    local output = must("%s make install install-cli %s || true", CLEAN, arguments)
    if output:find(REFUSAL, 1, true) then return false end
    assert.is_nil(output:find("Error", 1, true), output)
    return true
  end

  local function has(lua)
    return os.execute(CLEAN .. lua .. [[ -e 'require "argparse" require "posix.signal"' >/dev/null 2>&1]])
  end

  local function is_able(lua) return has(lua) == 0 or has(lua) == true end

  local LUA = "LUA=" .. child.lua:gsub("lua", "")

  it("installs a command that finds its modules below any PREFIX, whatever the environment says", function()
    local prefix = folder .. "/a prefix"
    assert.equal(is_able(child.lua), install(LUA .. " PREFIX='" .. prefix .. "'"))
    if not is_able(child.lua) then return end
    assert.equal(SAYS_VERSION, must("cd / && %s '%s/bin/exotel' --version", CLEAN, prefix))
    assert.equal(SAYS_VERSION, must("cd / && %s '%s/bin/exotel' --version", HOSTILE, prefix))
  end)

  it("leaves DESTDIR out of what it installs", function()
    assert.equal(is_able(child.lua), install(LUA .. " PREFIX=/opt/x DESTDIR=" .. folder))
    if not is_able(child.lua) then return end
    local text = must("cat %s/opt/x/bin/exotel", folder)
    assert.is_nil(text:find(folder, 1, true), text)
    assert.truthy(text:find("/opt/x/share/lua/" .. VERSION .. "/?.lua;", 1, true), text)
  end)

  if child.lua == "lua5.4" then
    it("takes the first Lua that can run it, 5.4 first", function()
      local able
      for _, lua in ipairs { "lua5.1", "lua5.3", "lua5.4" } do able = is_able(lua) and lua or able end
      assert.equal(able ~= nil, install("PREFIX=" .. folder))
      if not able then return end
      assert.truthy(must("head -n 1 %s/bin/exotel", folder):find(able, 1, true))
      assert.equal(SAYS_VERSION, must("cd / && %s %s/bin/exotel --version", HOSTILE, folder))
    end)
  end

  it("refuses a PREFIX that it would take for something else", function()
    local output = must([[%s make install-cli PREFIX="/tmp/it's" || true]], CLEAN)
    assert.truthy(output:find("PREFIX and DESTDIR may hold anything but an apostrophe", 1, true), output)
  end)

  it("says where the library is missing for it, and how to install that", function()
    local output = must("%s make install-cli %s PREFIX=%s || true", CLEAN, LUA, folder)
    local expected = is_able(child.lua) and "The library is not there yet: make install " .. LUA .. " PREFIX=" .. folder or REFUSAL
    assert.truthy(output:find(expected, 1, true), output)
  end)
end)

-- LuaRocks builds for LuaJIT what it builds for 5.1.
if child.lua == "luajit" then return end

describe("the rocks #plain", function()
  local folder, source, tree, share, copied, everything, library

  setup(function()
    folder = must("mktemp -d")
    source, tree = folder .. "/source", folder .. "/tree"
    share = tree .. "/share/lua/" .. VERSION
    must("mkdir %s && cp -R Makefile bin csrc doc lua rockspec %s", source, source)
    copied = files(source)
    everything = files(source .. "/lua", "! " .. CLI)
    library = files(source .. "/lua", "! " .. SANDBOX .. " ! " .. CLI)
  end)

  teardown(function() must("rm -rf %s", folder) end)

  local function luarocks(arguments)
    return must("cd %s && HOME=%s %s luarocks --lua-version=%s %s", source, folder, CLEAN, VERSION, arguments)
  end

  local function install(rock, options)
    luarocks("lint rockspec/" .. rock .. "-scm-1.rockspec")
    luarocks("make rockspec/" .. rock .. "-scm-1.rockspec --tree " .. tree .. " " .. (options or ""))
  end

  -- In this order: each goes on from what the one before has installed.
  it("exotel: the library without the sandbox", function()
    install("exotel")
    assert.are.equal(library, files(share))
    local rock = luarocks("show --rock-dir exotel --tree " .. tree)
    assert.are.equal(files(source .. "/doc/luals"), files(rock .. "/doc/luals"))
    assert.are.equal(files(source .. "/doc/guides"), files(rock .. "/doc/guides"))
  end)

  it("exotel-sandbox: the sandbox alone", function()
    install("exotel-sandbox")
    assert.are.equal(everything, files(share))
    assert.are.equal("./exotel/core.so\n./exotel/sandbox/server.so\n./exotel/sip/core.so", files(tree .. "/lib/lua/" .. VERSION))
    luarocks("remove exotel-sandbox --tree " .. tree)
    assert.are.equal(library, files(share))
    install("exotel-sandbox")
  end)

  it("export nothing but their luaopen functions", function()
    local modules = tree .. "/lib/lua/" .. VERSION .. "/exotel/"
    assert.are.equal("luaopen_exotel_core", symbols.exported(modules .. "core.so"))
    assert.are.equal("luaopen_exotel_sip_core", symbols.exported(modules .. "sip/core.so"))
    assert.are.equal("luaopen_exotel_sandbox_server", symbols.exported(modules .. "sandbox/server.so"))
  end)

  -- Its dependencies are other rocks, which nothing here may download.
  it("exotel-cli: the command", function()
    install("exotel-cli", "--deps-mode=none")
    assert.are.equal(files(source .. "/lua"), files(share))
    assert.are.equal("./exotel", files(tree .. "/bin"))
  end)

  it("leave nothing in the source but build/", function()
    assert.are.equal(copied, files(source, "! -path './build/*'"))
  end)

  it("work without the tree they came from", function()
    must("rm -rf %s", source)
    local script = child.write(PROGRAM)
    local output = must("cd / && %s LUA_PATH='%s/?.lua;%s/?/init.lua' LUA_CPATH='%s/lib/lua/%s/?.so' %s %s", CLEAN,
      share, share, tree, VERSION, child.lua, script)
    os.remove(script)
    assert.are.equal("+919876543210\tflow", output)
  end)

  it("work as the command without it, where luaposix and argparse are", function()
    local output = must("cd / && %s LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/lib/lua/%s/?.so;;' %s/bin/exotel --version || true",
      CLEAN, share, share, tree, VERSION, tree)
    local able = pcall(require, "posix.signal") and pcall(require, "argparse")
    assert.are.equal(able and SAYS_VERSION or "exotel: ", output:sub(1, able and -1 or 8))
  end)
end)
