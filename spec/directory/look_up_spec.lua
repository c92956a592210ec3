-- Looking numbers, addresses and trunks up in a directory.
local directories = require "spec.support.directories"
local directory = require "exotel.directory"

local ONE = {
  "sid-one", "one",
  numbers = { ["+919876543210"] = "flow", ["+918040264208"] = "pstn" },
  ips = { { "203.0.113.77", 32 }, { "203.0.0.0", 16 } },
  destinations = { { "sip:b:5060", 2, 5 }, { "sip:a:5060", 1, 10 } },
}
local OTHER = { "sid-other", "other", ips = { { "203.0.113.0", 24 }, { "203.0.113.77", 32 } } }

describe("a directory", function()
  local folder, remove, d

  before_each(function()
    folder, remove = directories.folder()
    d = directories.open(folder .. "/d", { ONE, OTHER })
  end)
  after_each(function()
    d:close()
    remove()
  end)

  it("knows a number", function()
    assert.same({ phone_number = "+919876543210", mode = "flow", id = "1", trunk_name = "one", trunk_sid = "sid-one" },
      d:number("+919876543210"))
    assert.equal("pstn", d:number("+918040264208").mode)
  end)

  it("gives one field of a number", function()
    for field, value in pairs { phone_number = "+919876543210", mode = "flow", id = "1", trunk_name = "one", trunk_sid = "sid-one" } do
      assert.equal(value, d:number("+919876543210", field))
    end
  end)

  it("has nil for what is missing", function()
    for _, number in ipairs { "", "+91987654321", "+9198765432100", "919876543210", "one", "+919876543210\0", "\255" } do
      assert.is_nil(d:number(number))
      assert.is_nil(d:number(number, "mode"))
      assert.is_nil(d:ip(number))
      if number ~= "one" then assert.is_nil(d:trunk(number)) end
    end
    -- A request may lack anything.
    assert.is_nil(d:number(nil))
    assert.is_nil(d:number(nil, "mode"))
    assert.is_nil(d:ip(nil, "trunk_sid"))
    assert.is_nil(d:trunk(nil, "caller_id"))
    assert.is_nil(d:destination(nil))
    assert.equal(1, select("#", d:number("none")))
    assert.equal(1, select("#", d:number("none", "mode")))
  end)

  it("raises for what is no string, and for an unknown field", function()
    for _, method in ipairs { "number", "ip", "trunk" } do
      for _, wrong in ipairs { 919876543210, {}, true, print } do
        assert.error_matches(function() d[method](d, wrong) end, "string expected")
        assert.error_matches(function() d[method](d, wrong, "trunk_sid") end, "string expected")
      end
      assert.error_matches(function() d[method](d, "+919876543210", "sid") end, "invalid option 'sid'")
      assert.error_matches(function() d[method](d, "+919876543210", {}) end, "string expected")
      assert.error_matches(function() d[method]({}, "x") end, "exotel.directory expected")
      assert.error_matches(function() d[method](io.stdout, "x", "trunk_sid") end, "exotel.directory expected")
    end
  end)

  it("raises at the line that calls", function()
    local good, message = pcall(function() return (d:number("+919876543210", "trunk")) end)
    assert.is_false(good)
    assert.matches("look_up_spec.lua:%d+: ", message)
  end)

  it("tells whose whitelisted IPs cover an address, the longest mask first, each trunk once", function()
    local found = {}
    for i, ip in ipairs(d:ip("203.0.113.77")) do found[i] = ip.trunk_name .. " " .. ip.ip .. "/" .. ip.mask end
    assert.same({ "one 203.0.113.77/32", "other 203.0.113.77/32" }, found)
    assert.same({ { ip = "203.0.113.0", mask = 24, id = "2", trunk_sid = "sid-other", trunk_name = "other" },
      { ip = "203.0.0.0", mask = 16, id = "2", trunk_sid = "sid-one", trunk_name = "one" } }, d:ip("203.0.113.1"))
    assert.equal("sid-other", d:ip("203.0.113.1", "trunk_sid"))
    assert.equal("other", d:ip("203.0.113.1", "trunk_name"))
    assert.equal("2", d:ip("203.0.113.1", "id"))
    for _, stranger in ipairs { "203.1.0.0", "1.2.3.4", "::1", "203.0.113.077", "203.0.113", "203.0.113.1 " } do
      assert.is_nil(d:ip(stranger))
      assert.is_nil(d:ip(stranger, "trunk_sid"))
    end
  end)

  it("knows a trunk by name and by sid", function()
    local trunk = d:trunk("one")
    assert.is_true(trunk.age >= 0 and trunk.age < 60)
    trunk.age = nil
    assert.same({ trunk_sid = "sid-one", trunk_name = "one", partial = false, destinations = {
      { destination = "sip:a:5060", priority = 1, weight = 10, id = "3" },
      { destination = "sip:b:5060", priority = 2, weight = 5, id = "3" } } }, trunk)
    assert.equal("one", d:trunk("sid-one").trunk_name)
    assert.same({}, d:trunk("other").destinations)
    assert.equal("sid-one", d:trunk("one", "trunk_sid"))
    assert.is_nil(d:trunk("one", "caller_id"))
  end)

  it("lists what it holds", function()
    local numbers, ips, trunks = {}, {}, {}
    for n in d:numbers() do numbers[#numbers + 1] = n.phone_number end
    for ip in d:ips() do ips[#ips + 1] = ip.mask end
    for t in d:trunks() do trunks[#trunks + 1] = t.trunk_name end
    table.sort(numbers)
    assert.same({ "+918040264208", "+919876543210" }, numbers)
    assert.same({ 32, 32, 24, 16 }, ips)
    assert.same({ "one", "other" }, trunks)
    local info = d:info()
    assert.is_true(info.age >= 0 and info.age < 60)
    assert.equal(info.size, #directories.read(folder .. "/d"))
    info.age, info.size = nil, nil
    assert.same({ account_sid = "sandbox1", host = "127.0.0.1", trunks = 2, phone_numbers = 2, whitelisted_ips = 4, destinations = 2 },
      info)
  end)

  it("is closed once and for all", function()
    d:close()
    d:close()
    for _, call in ipairs {
      function() d:number("x") end, function() d:number("x", "mode") end, function() d:ip("1.2.3.4") end,
      function() d:trunk("x") end, function() d:age() end, function() d:info() end, function() d:problem() end,
      function() d:numbers()() end, function() d:destination("one") end,
    } do
      assert.error_matches(call, "the directory is closed")
    end
  end)

  it("tells numbers apart that are alike, in E.164 or not", function()
    local numbers = { ["+"] = "1", [""] = "2", ["+0"] = "3", ["+00"] = "4", ["+9"] = "5", ["+99"] = "6", ["+10"] = "7",
      ["+1"] = "8", ["123"] = "9", ["+123"] = "10", ["+12a"] = "11", ["+12:"] = "12", ["+12/"] = "13", ["sip:123"] = "14",
      ["+123456789012345"] = "15", ["+1234567890123456"] = "16", ["+1234567890123457"] = "17", ["++12"] = "18" }
    local alike = directories.open(folder .. "/alike", { { "sid", "alike", numbers = numbers } })
    for number, mode in pairs(numbers) do assert.equal(mode, alike:number(number, "mode")) end
    for _, missing in ipairs { "0", "+000", "+8", "+123456789012344", "+12345678901234", "+1234567890123458", "+12b" } do
      assert.is_nil(alike:number(missing, "mode"))
    end
    alike:close()
  end)

  it("holds 20,000 numbers as well as two", function()
    local numbers = {}
    for i = 1, 20000 do numbers[("+91%010d"):format(7000000000 + i * 31)] = i % 2 == 0 and "flow" or "pstn" end
    local large = directories.open(folder .. "/large", { { "sid", "large", numbers = numbers } })
    for number, mode in pairs(numbers) do
      if large:number(number, "mode") ~= mode then error(number) end
    end
    assert.equal(20000, large:info().phone_numbers)
    assert.is_nil(large:number("+917000000000"))
    large:close()
  end)
end)

describe("directory.open", function()
  local folder, remove

  before_each(function() folder, remove = directories.folder() end)
  after_each(function() remove() end)

  it("tells a reader that nothing is there", function()
    local d, err = directory.open { path = folder .. "/none" }
    assert.is_nil(d)
    assert.equal("config", err.kind)
    assert.equal(("config: the directory %s/none can't be used: there is no such file"):format(folder), tostring(err))
  end)

  it("makes an empty one for who refreshes", function()
    local d = assert(directory.open { folder .. "/new", create = true })
    assert.equal(math.huge, d:age())
    assert.is_nil(d:number("+919876543210"))
    assert.is_nil(d:trunk(""))
    assert.is_nil(d:ip("1.2.3.4"))
    assert.is_nil(d:info().account_sid)
    assert.equal("640", io.popen("stat -c %a " .. folder .. "/new"):read("*l"))
    assert.is_nil(d:problem())
  end)

  it("leaves what is there as it is", function()
    directories.make(folder .. "/d", { ONE })
    local before = directories.read(folder .. "/d")
    assert.equal("one", assert(directory.open { folder .. "/d", create = true }):number("+919876543210", "trunk_name"))
    assert.equal(before, directories.read(folder .. "/d"))
  end)

  it("makes a new one of a damaged one, and of an empty file", function()
    directories.make(folder .. "/d", { ONE })
    for _, text in ipairs { "", directories.read(folder .. "/d"):sub(1, -2), directories.read(folder .. "/d"):sub(1, 20) } do
      directories.write(folder .. "/d", text)
      local d, err = directory.open { folder .. "/d" }
      assert.is_nil(d)
      assert.equal("config", err.kind)
      assert.equal(0, assert(directory.open { folder .. "/d", create = true }):info().trunks)
    end
  end)

  it("doesn't touch what is something else", function()
    for _, text in ipairs { "root:x:0:0:root:/root:/bin/bash\n", ("x"):rep(5000) } do
      directories.write(folder .. "/d", text)
      for _, create in ipairs { true, false } do
        local d, err = directory.open { folder .. "/d", create = create }
        assert.is_nil(d)
        assert.matches("it is no directory of exotel's", err.message)
      end
      assert.equal(text, directories.read(folder .. "/d"))
    end
    for _, path in ipairs { folder, "/dev/null", folder .. "/none/d" } do
      local d, err = directory.open { path, create = true }
      assert.is_nil(d)
      assert.equal("config", err.kind)
    end
  end)

  it("raises for wrong options", function()
    for message, options in pairs {
      ["a table of options is expected"] = "/x", ["bad option 'path' %(the path of a file expected%)"] = {},
      ["bad option 'path' %(string expected%)"] = { path = 5 }, ["bad option 'pth' %(unknown%)"] = { path = "x", pth = 1 },
      ["bad option '2' %(unknown%)"] = { "x", 3 }, ["bad option 'create' %(boolean expected%)"] = { "x", create = 1 },
      ["bad option 'path' %(given twice%)"] = { "x", path = "y" }, ["bad option 'path' %(it holds a NUL%)"] = { "x\0y" },
    } do
      local good, text = pcall(function() return (directory.open(options)) end)
      assert.is_false(good)
      assert.matches(message, text)
      assert.matches("look_up_spec.lua:%d+: ", text)
    end
    assert.error_matches(function() directory.open { "" } end, "the path of a file expected")
  end)
end)
