-- What is released: the tarball, always the same for the same tree, and the rocks, from which LuaRocks installs without
-- a network. The Debian packages are made and installed by spec/releases. "#plain": other programs do the work.
local child = require "spec.support.child"
local exotel = require "exotel"

local VERSION = exotel.version
local ABI = _VERSION:match("%d+%.%d+")

local CLEAN = "env -u LD_PRELOAD -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u LUA_INIT -u LUA_PATH -u LUA_CPATH "

-- A shell command. → what it printed, without the last line's end; and its status
local function run(command, ...)
  local pipe = assert(io.popen("{ " .. command:format(...) .. "\n} 2>&1; echo \" status $?\""))
  local output, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  return (output:gsub("\n$", "")), tonumber(status)
end

local function must(command, ...)
  local output, status = run(command, ...)
  assert(status == 0, output)
  return output
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local PROGRAM = [[
local trunk = require "exotel.trunk"
local sb = assert(require("exotel.sandbox").start())
local client = assert(sb:client())
local t = assert(trunk.create(client, { trunk_name = "installed" }))
print(require("exotel").version, t.trunk_name)
]]

describe("the version #plain", function()
  it("is that of csrc/exotel/base/version.h, in the module and in the changelog's first heading", function()
    assert.equal(VERSION, read("csrc/exotel/base/version.h"):match('#define EXO_VERSION "([^"]+)"'))
    assert.equal(VERSION, read("CHANGELOG.md"):match("\n## ([%d.]+)"))
    assert.truthy(VERSION:find("^%d+%.%d+%.%d+$"))
  end)

  it("stands nowhere else among the sources, the rockspecs and what packages are made of", function()
    local found = must("grep -rlF '%s' lua csrc bin rockspec packaging Makefile || true", VERSION)
    assert.equal("csrc/exotel/base/version.h\nlua/exotel/init.lua", must("printf '%%s\n' '%s' | sort", found))
    assert.truthy(read("lua/exotel/init.lua"):find("as `" .. VERSION .. "`", 1, true))
  end)
end)

if child.lua ~= "lua5.4" then return end

describe("make dist #plain", function()
  local folder, source, dist

  -- A repository of its own, with what stands in this tree.
  setup(function()
    folder = must("mktemp -d")
    source = folder .. "/source"
    dist = source .. "/build/dist"
    must("mkdir %s && { git ls-files -z --cached --others --exclude-standard 2>/dev/null || find . -path ./build -prune -o -type f -printf '%%P\\0'; }"
      .. " | xargs -0 sh -c 'for file; do [ ! -e \"$file\" ] || cp --parents \"$file\" %s; done' -", source, source)
    must("cd %s && git init -q && git add -A && GIT_COMMITTER_DATE='2026-01-02T03:04:05Z' git -c user.name=x -c user.email=x@example.org commit -qm all",
      source)
    write(source .. "/not-known-to-git", "")
    must("cd %s && %s packaging/dist", source, CLEAN)
  end)

  teardown(function() must("rm -rf %s", folder) end)

  local function sums(of) return (read(of .. "/build/dist/SHA256SUMS")) end

  it("makes a tarball, a rockspec and a rock for each rock, and sums that are right", function()
    assert.equal(table.concat({ "SHA256SUMS", "exotel-V-1.rockspec", "exotel-V-1.src.rock", "exotel-V.tar.gz",
      "exotel-cli-V-1.rockspec", "exotel-cli-V-1.src.rock", "exotel-sandbox-V-1.rockspec", "exotel-sandbox-V-1.src.rock" }, "\n")
      :gsub("V", VERSION), must("ls %s | LC_ALL=C sort", dist))
    must("cd %s && sha256sum --check --quiet SHA256SUMS", dist)
  end)

  it("packs what git knows and nothing else, below a folder with the version", function()
    local packed = must("tar tf %s/exotel-%s.tar.gz | sed 's,^exotel-%s/,,' | sort", dist, VERSION, VERSION)
    assert.equal(must("cd %s && git ls-files | sort", source), packed)
  end)

  it("gives the same bytes from another place, at another time, under another umask and time zone", function()
    local other = folder .. "/an other"
    must("git clone -q %s '%s' && cd '%s' && chmod -R go= . && touch -d 1999-01-01 Makefile", source, other, other)
    must("cd '%s' && umask 077 && TZ=Asia/Kolkata LC_ALL=C.UTF-8 %s packaging/dist", other, CLEAN)
    assert.equal(sums(source), sums(other))
  end)

  it("gives the same bytes from the tarball itself, which has no repository", function()
    local again = folder .. "/again"
    must("mkdir %s && tar xf %s/exotel-%s.tar.gz -C %s && cd %s/exotel-%s && %s packaging/dist", again, dist, VERSION, again,
      again, VERSION, CLEAN)
    assert.equal(sums(source), sums(again .. "/exotel-" .. VERSION))
  end)

  it("bears the time of the last commit, or that of SOURCE_DATE_EPOCH; nobody's name", function()
    local line = must("TZ=UTC tar tvf %s/exotel-%s.tar.gz exotel-%s/Makefile", dist, VERSION, VERSION)
    assert.truthy(line:find("^%-rw%-r%-%-r%-%- 0/0 +%d+ 2026%-01%-02 03:04 "), line)
    local other = folder .. "/epoch"
    must("git clone -q %s %s && cd %s && SOURCE_DATE_EPOCH=86400 %s packaging/dist", source, other, other, CLEAN)
    assert.truthy(must("TZ=UTC tar tvf %s/build/dist/exotel-%s.tar.gz exotel-%s/bin/exotel", other, VERSION, VERSION)
      :find("^%-rwxr%-xr%-x 0/0 +%d+ 1970%-01%-02 00:00 "))
  end)

  it("says that files differ from the last commit", function()
    local other = folder .. "/changed"
    must("git clone -q %s %s", source, other)
    assert.is_nil(must("cd %s && %s packaging/dist", other, CLEAN):find("differ from the last commit", 1, true))
    write(other .. "/README.md", "changed\n")
    assert.truthy(must("cd %s && %s packaging/dist", other, CLEAN):find("differ from the last commit", 1, true))
  end)

  it("refuses a rockspec to which it can give no version or no source", function()
    local other = folder .. "/wrong"
    for what, change in pairs { version = "s/scm-1/scm-2/", source = 's/url = "."/url = ".."/' } do
      must("rm -rf %s && git clone -q %s %s && sed -i '%s' %s/rockspec/exotel-scm-1.rockspec", other, source, other, change, other)
      local output, status = run("cd %s && %s packaging/dist", other, CLEAN)
      assert.equal(1, status)
      assert.truthy(output:find("rockspec/exotel-scm-1.rockspec has no " .. what .. " to replace", 1, true), output)
    end
  end)

  it("makes rocks that LuaRocks installs from the files alone", function()
    local rocks, tree = folder .. "/rocks", folder .. "/tree"
    must("mkdir %s && cp %s/*.src.rock %s", rocks, dist, rocks)
    local luarocks = ("cd %s && HOME=%s %s luarocks --lua-version=%s --only-server=%s/none"):format(rocks, folder, CLEAN, ABI, folder)
    for _, rock in ipairs { "exotel", "exotel-sandbox" } do
      must("%s install --tree %s %s-%s-1.src.rock", luarocks, tree, rock, VERSION)
      must("%s lint %s/%s-%s-1.rockspec", luarocks, dist, rock, VERSION)
    end
    -- argparse and luaposix are rocks of others, or Debian's packages.
    must("%s install --tree %s --deps-mode=none exotel-cli-%s-1.src.rock", luarocks, tree, VERSION)
    must("rm -rf %s", rocks)
    local script = child.write(PROGRAM)
    local share, lib = tree .. "/share/lua/" .. ABI, tree .. "/lib/lua/" .. ABI
    assert.equal(VERSION .. "\tinstalled", must("cd / && %s LUA_PATH='%s/?.lua;%s/?/init.lua' LUA_CPATH='%s/?.so' %s %s", CLEAN, share, share, lib,
      child.lua, script))
    os.remove(script)
    assert.equal(must("cd %s/lua && find . -type f | sort", source), must("cd %s && find . -type f | sort", share))
    assert.equal("exotel", must("ls %s/bin", tree))
  end)
end)
