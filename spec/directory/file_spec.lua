-- The file of a directory, as other processes replace it, damage it or take it away.
local core = require "exotel.core"
local directories = require "spec.support.directories"
local directory = require "exotel.directory"
local nobody = require "spec.support.nobody"
local sandbox = require "exotel.sandbox"

local update = core.directory_internals.update

local function trunk(name) return { { "sid-" .. name, name, numbers = { ["+919876543210"] = "flow" } } } end

describe("the file of a directory", function()
  local folder, remove, path, d

  before_each(function()
    folder, remove = directories.folder()
    path = folder .. "/d"
    d = directories.open(path, trunk "first")
  end)
  after_each(function()
    d:close()
    remove()
  end)

  local function name()
    update(d)
    return d:number("+919876543210", "trunk_name")
  end

  it("is taken by itself when there is a newer one", function()
    directories.make(path, trunk "second")
    local began = core.now()
    repeat local now = d:number("+919876543210", "trunk_name") until now == "second" or core.now() - began > 10
    assert.equal("second", d:number("+919876543210").trunk_name)
    assert.is_true(core.now() - began < 3)
  end)

  it("keeps its mode, or gets 0640", function()
    local function mode() return io.popen("stat -c %a " .. path):read("*l") end
    assert.equal("640", mode())
    os.execute("chmod 600 " .. path)
    directories.make(path, trunk "second")
    assert.equal("600", mode())
  end)

  local function assert_refused(reason)
    assert.equal("first", name())
    assert.equal("config", d:problem().kind)
    assert.equal(("the directory %s can't be used: %s"):format(path, reason), d:problem().message)
    directories.make(path, trunk "second")
    assert.equal("second", name())
    assert.is_nil(d:problem())
  end

  it("is refused when it is foreign", function()
    directories.write(path, "return { numbers = {} }\n")
    assert_refused("it is no directory of exotel's")
  end)

  it("is refused when a newer version of exotel wrote it", function()
    local text = directories.read(path)
    directories.write(path, text:sub(1, 12) .. "\3" .. text:sub(14))
    assert_refused("it was written by a newer version of exotel")
  end)

  it("is refused when an older version of exotel wrote it", function()
    local text = directories.read(path)
    directories.write(path, text:sub(1, 12) .. "\1" .. text:sub(14))
    assert_refused("it was written by an older version of exotel: it has to be made again")
  end)

  it("is refused when it was cut short", function()
    directories.write(path, directories.read(path):sub(1, -33))
    assert_refused("it is not complete: it was cut short")
  end)

  it("is refused when it is damaged", function()
    local text = directories.read(path)
    directories.write(path, text:sub(1, -9) .. "damaged!")
    assert_refused("it is damaged: its checksum is wrong")
  end)

  it("may be gone", function()
    os.remove(path)
    assert_refused("there is no such file")
  end)

  it("may be a folder now", function()
    os.remove(path)
    os.execute("mkdir " .. path)
    assert.equal("first", name())
    assert.matches("it is no file", d:problem().message)
    os.execute("rmdir " .. path)
    directories.make(path, trunk "second")
    assert.equal("second", name())
  end)

  it("holds no secret, and nothing that isn't needed", function()
    local builder = core.directory_builder.new("sandbox1", "h")
    builder:trunk({ trunk_sid = "s", trunk_name = "t", password = "hunter2", api_token = "hunter2", credentials = "/v2/hunter2" }, 0)
    local snapshot = builder:finish(0, 0)
    assert(snapshot:write(path))
    assert.is_nil(directories.read(path):find("hunter2", 1, true))
  end)

  -- For each bit: spec/c/test_directory.c.
  it("is refused with a byte of it wrong, and wherever it ends", function()
    local text = directories.read(path)
    for i = 1, #text, 7 do
      directories.write(path, text:sub(1, i - 1) .. string.char((text:byte(i) + 1) % 256) .. text:sub(i + 1))
      assert.is_nil((directory.open { path }))
    end
    for i = 0, #text - 1, 7 do
      directories.write(path, text:sub(1, i))
      assert.is_nil((directory.open { path }))
    end
    directories.write(path, text)
    assert.equal("first", name())
  end)
end)

describe("the file of a directory, for somebody without rights", function()
  local folder, remove, path, sb, client

  before_each(function()
    folder, remove = directories.folder()
    path = folder .. "/d"
    sb = assert(sandbox.start())
    client = assert(sb:client { retries = 0 })
    assert(assert(directory.open { path, create = true }):refresh(client))
    os.execute(("chmod 755 %s; chmod 644 %s"):format(folder, path))
  end)
  after_each(function()
    client:close()
    sb:stop()
    remove()
  end)

  local function refused(file, reason) return ("config: the directory %s can't be used: %s"):format(file, reason) end

  it("is read where that is allowed", function()
    local function read() return select(2, directory.open { path }) or "good" end
    assert.equal("good", nobody.sees(read))
    os.execute("chmod 640 " .. path)
    assert.equal(refused(path, "Permission denied"), nobody.sees(read))
    os.execute(("chmod 644 %s; chmod 700 %s"):format(path, folder))
    assert.equal(refused(path, "Permission denied"), nobody.sees(read))
  end)

  it("is neither made nor refreshed in a folder that is not his, and stays as it is", function()
    local before = directories.read(path)
    assert.equal(refused(folder .. "/new", folder .. "/new.lock: Permission denied"), nobody.sees(function()
      return select(2, directory.open { folder .. "/new", create = true })
    end))
    local lock = refused(path, path .. ".lock: Permission denied")
    sb:put { trunk_sid = "sid_one", trunk_name = "one" }
    local function refresh()
      local own = assert(directory.open { path })
      return select(2, own:refresh(assert(sb:client { retries = 0 }))) or "good"
    end
    assert.equal(lock, nobody.sees(refresh))
    os.execute(("chmod 666 %s.lock"):format(path)) -- the new file can't be made beside it
    assert.equal(("config: the directory %s can't be written: Permission denied"):format(path), nobody.sees(refresh))
    assert.equal(before, directories.read(path))
  end)
end)
