-- Files of specifications: read with no access to anything, and written so that they are read the same.
local expect = require "spec.support.expect"
local provision = require "exotel.provision"
local world = require "spec.support.world"

local E164 = "+919876543210"

local function load_text(text, extension)
  local path = os.tmpname()
  local named = path .. "." .. extension
  os.rename(path, named)
  local file = assert(io.open(named, "wb"))
  file:write(text)
  file:close()
  local specs, err = provision.load(named)
  os.remove(named)
  return specs, err, named
end

describe("provision.load", function()
  it("reads one specification, or an array of them, in Lua", function()
    assert.same({ { trunk_name = "a", phone_numbers = { E164 } } }, assert(load_text('return { trunk_name = "a", phone_numbers = { "+919876543210" } }', "lua")))
    assert.same({ { trunk_name = "a" }, { trunk_name = "b" } }, assert(load_text('#!/usr/bin/exotel\nreturn { { trunk_name = "a" }, { trunk_name = "b" } }', "lua")))
  end)

  it("reads them in JSON", function()
    assert.same({ { trunk_name = "a", phone_numbers = {} } }, assert(load_text('{"trunk_name": "a", "phone_numbers": []}', "json")))
    assert.same({ { trunk_name = "a" }, { trunk_name = "b" } }, assert(load_text('[{"trunk_name": "a"}, {"trunk_name": "b"}]', "json")))
  end)

  it("lets a file in Lua compute what it returns", function()
    local specs = assert(load_text([[
      local numbers = {}
      for i = 10, 99 do numbers[#numbers + 1] = "+9198765432" .. i end
      local function trunk(name) return { trunk_name = name, phone_numbers = name == "a" and numbers or nil } end
      return { trunk "a", trunk "b" }
    ]], "lua"))
    assert.equal(90, #specs[1].phone_numbers)
    assert.equal("+919876543299", specs[1].phone_numbers[90])
    assert.is_nil(specs[2].phone_numbers)
  end)

  -- text → what the message has in it, the line
  local bad = {
    lua = {
      ["return {\n  trunk_name = 'a',\n  phone_numbers = { 'x'\n}"] = { "expected", 4 },
      ["os.execute('true')"] = { "nil value", 1 },
      ["\n\nreturn { trunk_name = ('a'):upper() }"] = { "string value", 3 },
      ["return { trunk_name = ('a').upper(1) }"] = { "string value", 1 },
      ["return require('os')"] = { "nil value", 1 },
      ["return getmetatable('')"] = { "nil value", 1 },
      ["return _G.os"] = { "nil value", 1 },
      ["while true do end"] = { "runs too long", 1 },
      ["local function f() return f() end\nreturn f()"] = { "runs too long", 1 },
      ["for i = 1, 1e9 do local t = { i } end"] = { "for a file of specifications", 1 },
      ["local s = 'x'\nwhile true do s = s .. s end"] = { "too much memory", 2 },
      ["return ..."] = { "holds no specification" },
      ["return nil"] = { "holds no specification" },
      ["return 'a'"] = { "holds no specification" },
      ["return {}"] = { "holds no specification" },
      [""] = { "holds no specification" },
      [string.dump(function() return { trunk_name = "a" } end)] = { "compiled Lua", 1 },
    },
    json = {
      ["{\n\"trunk_name\": \"a\",\n}"] = { "no JSON", 3 },
      ["{\"trunk_name\": \"a\", \"phone_numbers\": [], \"phone_numbers\": [\"+919876543210\"]}"] = { "twice", 1 },
      ["null"] = { "holds no specification" },
      ["[]"] = { "holds no specification" },
      ["\"a\""] = { "holds no specification" },
      [""] = { "no JSON", 1 },
    },
  }

  -- What stands beside a list of specifications would be lost.
  local lists = {
    lua = {
      ['return { { trunk_name = "a" }, trunk_name = "b" }'] = { "has a name in it: trunk_name" },
      ['return { [1] = { trunk_name = "a" }, [3] = { trunk_name = "b" } }'] = { "has holes" },
      ['return {\n{ trunk_name = "a" },\n"b" }'] = { "specification 2 must be a table", 3 },
      ['return {\n{ trunk_name = "a" },\n"b" .. "c" }'] = { "specification 2 must be a table", 3 },
    },
    json = { ['[ { "trunk_name": "a" },\nnull ]'] = { "specification 2 must be an object", 2 }, ['["a"]'] = { "specification 1 must be an object", 1 } },
  }
  for form, rows in pairs(lists) do
    for text, row in pairs(rows) do bad[form][text] = row end
  end

  for extension, rows in pairs(bad) do
    for text, row in pairs(rows) do
      it(("refuses in %s: %q"):format(extension, text:sub(1, 60):gsub("%c", "?")), function()
        local specs, err, path = load_text(text, extension)
        expect.failure("config", specs, err)
        assert.truthy(err.message:find(row[1], 1, true), err.message)
        assert.truthy(err.message:find(path, 1, true), err.message)
        assert.equal(row[2], err.line)
        assert.equal("X", ("x"):upper())
        assert.is_nil((debug.gethook()))
      end)
    end
  end

  it("refuses a function that calls itself without end", function()
    local specs, err = load_text("local function f() return 1 + f() end\nreturn f()", "lua")
    expect.failure("config", specs, err)
    local reason = err.message:match("too deep") or err.message:match("runs too long") or err.message:match("too much memory")
    assert.is_string(reason, err.message)
    assert.equal("X", ("x"):upper())
  end)

  it("refuses what it can't read", function()
    for _, path in ipairs { "/nowhere/specs.lua", "/nowhere/specs.json", "specs.yaml", "specs", "" } do
      expect.failure("config", provision.load(path))
    end
    local _, err = provision.load("/nowhere/specs.json")
    assert.truthy(err.message:find("No such file", 1, true), err.message)
    local folder = os.tmpname() .. ".lua"
    os.execute("mkdir " .. folder)
    err = expect.failure("config", provision.load(folder))
    assert.truthy(err.message:find("Is a directory", 1, true), err.message)
    os.remove(folder)
    expect.raises("takes a path", provision.load, nil)
  end)

  it("refuses what never ends, and is none the worse for it", function()
    local path = os.tmpname() .. ".lua"
    os.execute("ln -s /dev/zero " .. path)
    local err = expect.failure("config", provision.load(path))
    assert.truthy(err.message:find("too large", 1, true), err.message)
    os.remove(path)
  end)

  it("leaves a hook of the host's where it was", function()
    local function hook() end
    debug.sethook(hook, "", 1000000)
    load_text("return { trunk_name = 'a' }", "lua")
    local kept, _, count = debug.gethook()
    debug.sethook()
    assert.equal(hook, kept)
    assert.equal(1000000, count)
  end)
end)

describe("a file", function()
  local function as_utf16(text, mark, order)
    return mark .. text:gsub(".", order == "little" and "%0\0" or "\0%0")
  end

  it("may begin with a byte order mark, and end its lines as others do", function()
    for _, mark in ipairs { "", "\239\187\191" } do
      for _, ending in ipairs { "\n", "\r\n", "\r" } do
        local lua = mark .. ("#!/usr/bin/exotel\nreturn {\n-- x\ntrunk_name = \"a\" }\n"):gsub("\n", ending)
        assert.same({ { trunk_name = "a" } }, assert(load_text(lua, "lua")))
        local _, err = load_text(mark .. ("\n\nreturn nothing.x"):gsub("\n", ending), "lua")
        assert.equal(3, err.line)
        if ending ~= "\r" then
          assert.same({ { trunk_name = "a" } }, assert(load_text(mark .. ('{ "trunk_name":\n"a" }\n'):gsub("\n", ending), "json")))
        end
      end
    end
    assert.same({ { trunk_name = "a", alias = "\239\187\191" } }, assert(load_text('return { trunk_name = "a", alias = "\239\187\191" }', "lua")))
  end)

  it("that is UTF-16 is refused with what to do", function()
    local texts = { lua = 'return { trunk_name = "a" }', json = '{ "trunk_name": "a" }' }
    for form, text in pairs(texts) do
      for _, bytes in ipairs { as_utf16(text, "\255\254", "little"), as_utf16(text, "\254\255", "big"), as_utf16(text, "", "little"), as_utf16(text, "", "big") } do
        local specs, err, path = load_text(bytes, form)
        expect.failure("config", specs, err)
        assert.equal(path .. ': is UTF-16, which Windows programs call "Unicode": save it as UTF-8', err.message)
        assert.equal(path, err.file)
      end
    end
  end)

  it("says a range of IPs as people write it", function()
    local cidr = assert(load_text('return { trunk_name = "a", whitelisted_ips = { "203.0.113.0/24", { ip = "198.51.100.0/25" }, { ip = "192.0.2.1/32", mask = 32 } } }', "lua"))
    local long = { trunk_name = "a", whitelisted_ips = { { ip = "203.0.113.0", mask = 24 }, { ip = "198.51.100.0", mask = 25 }, "192.0.2.1" } }
    local w = world.new()
    assert(provision.apply(w.client, long))
    assert.is_true(provision.check(w.client, cidr))
    w:close()
  end)

  -- what stands there → what is said, the suggestion
  local ranges = {
    ["203.0.113.5/24"] = { "whitelisted_ips[1] 203.0.113.5/24 has host bits: 203.0.113.0/24 is the range", "203.0.113.0/24" },
    ["203.0.113.0/8"] = { "whitelisted_ips[1] 203.0.113.0/8 has host bits: 203.0.0.0/8 is the range", "203.0.0.0/8" },
    ["203.0.0.0/8"] = { "whitelisted_ips[1] must be 16 to 32 (got 8)" },
    ["203.0.113.0/33"] = { "whitelisted_ips[1] must be 16 to 32 (got 33)" },
    ["203.0.113.0/024"] = { "whitelisted_ips[1] 203.0.113.0/024 must be an IPv4 address, or a range as in 203.0.113.0/24" },
    ["203.0.113.0/"] = { "whitelisted_ips[1] 203.0.113.0/ must be an IPv4 address, or a range as in 203.0.113.0/24" },
    ["203.0.113.0/255.255.255.0"] = { "whitelisted_ips[1] 203.0.113.0/255.255.255.0 must be an IPv4 address, or a range as in 203.0.113.0/24" },
    ["203.0.113.0/24/8"] = { "whitelisted_ips[1] 203.0.113.0/24/8 must be an IPv4 address, or a range as in 203.0.113.0/24" },
    ["2001:db8::/32"] = { "whitelisted_ips[1] must be an IPv4 address: the service takes no IPv6 (got \"2001:db8::\")" },
    ["300.0.113.0/24"] = { 'whitelisted_ips[1] must be an IPv4 address, as in 44.248.146.11 (got "300.0.113.0")' },
  }
  for text, row in pairs(ranges) do
    it("with a range that isn't one is refused: " .. text, function()
      local _, problems = provision.validate { trunk_name = "a", whitelisted_ips = { text } }
      assert.same({ row[1], row[2], "error" }, { problems[1].message, problems[1].suggestion, problems[1].level })
      assert.equal(1, #problems)
    end)
  end

  it("with two masks is refused unless they are the same", function()
    local function problems_of(entry) return select(2, provision.validate { trunk_name = "a", whitelisted_ips = { entry } }) end
    assert.truthy(problems_of({ ip = "203.0.113.0/24", mask = 25 })[1].message:find("says a mask of 24, and the mask beside it says 25", 1, true))
    assert.same({}, problems_of { ip = "203.0.113.0/24", mask = 24 })
    -- The long form is what the service itself holds, so that is only odd.
    local odd = problems_of { ip = "203.0.113.5", mask = 24 }
    assert.same({ "warning", "203.0.113.0/24" }, { odd[1].level, odd[1].suggestion })
  end)
end)

describe("provision.format", function()
  local spec = {
    trunk_name = "outbound_trunk", status = "active", phone_numbers = { E164, { phone_number = "+918040264208", mode = "flow" } },
    whitelisted_ips = {}, destinations = { { destination = "sip.example.com:5060", priority = 1, weight = 20 } },
    settings = { trunk_external_alias = E164 }, credentials = { { user_name = "pbx", password_env = "PBX_PASSWORD" } },
  }

  it("writes what a person would, in Lua", function()
    assert.equal([[
return {
  trunk_name = "outbound_trunk",
  status = "active",
  phone_numbers = {
    "+919876543210",
    { phone_number = "+918040264208", mode = "flow" },
  },
  whitelisted_ips = {},
  destinations = {
    { destination = "sip.example.com:5060", priority = 1, weight = 20 },
  },
  settings = { trunk_external_alias = "+919876543210" },
  credentials = {
    { user_name = "pbx", password_env = "PBX_PASSWORD" },
  },
}
]], provision.format(spec, "lua"))
  end)

  it("writes it in JSON, with empty lists as lists", function()
    local text = provision.format(spec, "json")
    assert.truthy(text:find('"whitelisted_ips": []', 1, true), text)
    assert.truthy(text:find('\n  "trunk_name": "outbound_trunk"', 1, true), text)
  end)

  local odd = {
    trunk_name = 'a"\\]]\n\r\0\27[2J--', settings = { digit = "\0001\0319", ["end"] = "x", ["a b"] = "\195\169", [""] = "1" },
    phone_numbers = { ("9"):rep(200) }, credentials = { { user_name = "${HOME} $(id)", friendly_name = "'); os.exit() --" } },
  }

  for _, form in ipairs { "lua", "json" } do
    it("writes what is read the same, whatever it holds, in " .. form, function()
      for _, specs in ipairs { { spec }, { spec, { trunk_name = "b" } } } do
        assert.same(specs, assert(load_text(provision.format(specs, form), form)))
      end
      assert.same({ spec }, assert(load_text(provision.format(spec, form), form)))
    end)
  end

  it("writes any bytes so that they are data, in Lua", function()
    assert.same({ odd }, assert(load_text(provision.format(odd, "lua"), "lua")))
  end)

  it("raises for what it can't write", function()
    expect.raises("must be", provision.format, spec, "yaml")
    expect.raises("expected, got nil", provision.format, nil, "lua")
    for _, form in ipairs { "lua", "json" } do expect.raises("function", provision.format, { trunk_name = print }, form) end
    expect.raises("not true", provision.format, { [true] = "x" }, "lua")
  end)
end)
