-- What bin/install-deps finds missing, on systems that stand-ins for Debian's programs make up. "#plain": a shell script
-- does the work.
local child = require "spec.support.child"

describe("bin/install-deps #plain", function()
  local folder

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
  end)
  after_each(function() os.execute("rm -rf " .. folder) end)

  local function stand_in(name, script)
    local path = folder .. "/" .. name
    local file = assert(io.open(path, "w"))
    file:write("#!/bin/sh\n", script, "\n")
    file:close()
    os.execute("chmod 755 " .. path)
  end

  -- A Debian where these packages are installed, and those can be.
  local function debian(installed, available)
    stand_in("dpkg-query", ('for p in %s; do if [ "$3" = "$p" ]; then echo installed; fi; done'):format(installed))
    stand_in("apt-cache", ('for p in %s; do if [ "$2" = "$p" ]; then echo "Package: $p"; fi; done'):format(available))
    stand_in("apt-get", "exit 1")
  end

  -- → the packages that it finds missing
  local function missing(lua)
    local text, status = child.finish(child.start(("env PATH=%s:$PATH LUA=%s bin/install-deps --check core"):format(folder, lua)))
    assert.equal(1, status, text)
    return " " .. assert(text:match("%-%-no%-install%-recommends ([^\n']+)"), text) .. " "
  end

  local function assert_missing(lua, expected, not_expected)
    local packages = missing(lua)
    for _, name in ipairs(expected) do assert.truthy(packages:find(" " .. name .. " ", 1, true), packages) end
    for _, name in ipairs(not_expected) do assert.is_nil(packages:find(" " .. name .. " ", 1, true), packages) end
  end

  local JIT, JIT2 = { "luajit", "libluajit-5.1-dev" }, { "luajit2", "libluajit2-5.1-dev" }

  it("takes luajit2 where the release has it", function()
    debian("", "luajit luajit2 libluajit-5.1-dev libluajit2-5.1-dev")
    assert_missing("jit", JIT2, JIT)
  end)

  it("takes luajit where there is no luajit2", function()
    debian("", "luajit libluajit-5.1-dev")
    assert_missing("jit", JIT, JIT2)
  end)

  it("keeps the luajit that is installed", function()
    debian("luajit", "luajit luajit2 libluajit-5.1-dev libluajit2-5.1-dev")
    assert_missing("jit", { "libluajit-5.1-dev" }, { "luajit", "luajit2", "libluajit2-5.1-dev" })
  end)

  it("takes the first of several without package lists", function()
    debian("", "")
    assert_missing("jit", { "pkg-config", "libcurl4-openssl-dev", "luajit2" }, { "pkgconf", "libcurl4-gnutls-dev", "luajit" })
  end)

  it("finds none missing where one of several is installed", function()
    debian("gcc libc6-dev make pkgconf ca-certificates libcurl4-gnutls-dev libcjson-dev libcares-dev lua5.4 liblua5.4-dev", "")
    local text, status = child.finish(child.start("env PATH=" .. folder .. ":$PATH LUA=5.4 bin/install-deps --check core"))
    assert.same({ "", 0 }, { text, status })
  end)

  it("says in one line elsewhere that pkg-config is missing, and nothing where it is there", function()
    local check = "env PATH=" .. folder .. " bin/install-deps --check core"
    local text, status = child.finish(child.start(check))
    assert.same({ "pkg-config is missing: it says where Lua, libcurl and the other libraries are. Install it, then try again.\n", 1 },
      { text, status })
    stand_in("pkg-config", "")
    assert.same({ "", 0 }, { child.finish(child.start(check)) })
  end)
end)
