-- JSON for files and output: reading keeps every value, and what is written can be read again.
local child = require "spec.support.child"
local exotel = require "exotel"
local expect = require "spec.support.expect"
local json = require "exotel.json"

local function deep(levels, opening, closing) return opening:rep(levels) .. closing:rep(levels) end

describe("json.decode", function()
  it("reads every kind of value", function()
    local value = assert(json.decode ' { "a": [1, -2.5, 1e3, true, false], "b": {"c": "x\\n\\u00e9\\ud83d\\ude00"}, "d": null } ')
    assert.same({ a = { 1, -2.5, 1000, true, false }, b = { c = "x\n\195\169\240\159\152\128" } }, value)
    assert.equal("1", tostring(value.a[1]))
    assert.equal("text", json.decode '"text"')
    assert.same({}, assert(json.decode "\239\187\191{}"))
    assert.same({ nil, nil }, { json.decode "null" })
    assert.same({ exotel.null, 1, exotel.null }, json.decode "[null, 1, null]")
  end)

  it("reads fractions as numbers, however long what is before the point", function()
    assert.same({ 1234567890123456.5, id = 1.5 }, {
      json.decode("1234567890123456.5"), id = json.decode('{"id":1.5}').id,
    })
  end)

  it("reads the first and the last character of each length", function()
    local characters = {
      ["0001"] = "\1", ["007f"] = "\127", ["0080"] = "\194\128", ["07ff"] = "\223\191", ["0800"] = "\224\160\128",
      ["ffff"] = "\239\191\191", ["d800\\udc00"] = "\240\144\128\128", ["dbff\\udfff"] = "\244\143\191\191",
    }
    for code, text in pairs(characters) do assert.equal(text, json.decode('"\\u' .. code .. '"')) end
  end)

  it("refuses a control character wherever it stands in a string", function()
    for place = 0, 24 do
      for code = 1, 31 do
        local text = '"' .. ("x"):rep(place) .. string.char(code) .. ("x"):rep(24 - place) .. '"'
        assert.same({ nil, "no JSON at line 1, column " .. place + 2, 1 }, { json.decode(text) })
      end
    end
  end)

  it("keeps what a double would round", function()
    assert.same({ n = "12345678901234567890", id = "7", trunk_sid = "8" }, json.decode '{"n":12345678901234567890,"id":7,"trunk_sid":8}')
  end)

  -- text → a part of the message, and the line
  local bad = {
    [""] = { "no JSON at line 1, column 1", 1 },
    ["{\n  \"a\": 1,\n}"] = { "no JSON at line 3, column 1$", 3 },
    ["[1 2]"] = { "line 1, column 4", 1 },
    ["{} x"] = { "line 1, column 4", 1 },
    ["{a: 1}"] = { "line 1, column 2", 1 },
    ["[pstn]"] = { "no JSON", 1 },
    ["['a']"] = { "no JSON", 1 },
    ["[01]"] = { "no JSON", 1 },
    ["[NaN]"] = { "no JSON", 1 },
    ["[1e999]"] = { "too large" },
    ["[\"a\0b\"]"] = { "no JSON", 1 },
    ["[\"\\u0000\"]"] = { "no JSON", 1 },
    ["[\"\\ud800\"]"] = { "no JSON", 1 },
    ["[\"\255\"]"] = { "UTF%-8" },
    ["[\"\237\160\128\"]"] = { "UTF%-8" },
    ["{\"a\":1,\"b\":{\"c\":1,\"c\":2}}"] = { 'the name "c" stands twice' },
    ["{\"c\":1,\"c\":2,\"d\":3}"] = { 'the name "c" stands twice' },
    ["[\"" .. ("x"):rep(70000) .. "\"]"] = { "too large or too deep", 1 },
    [deep(65, "[", "]")] = { "too large or too deep at line 1, column 65", 1 },
    [deep(1000000, "[", "]")] = { "too large or too deep", 1 },
    [deep(1000000, '{"a":', "}")] = { "too large or too deep", 1 },
  }

  it("keeps numbers that no integer holds", function()
    for text, number in pairs { ["1e20"] = 1e20, ["-1e20"] = -1e20, ["1e300"] = 1e300, ["1.5e19"] = 1.5e19 } do
      assert.equal(number, json.decode("[" .. text .. "]")[1])
    end
  end)

  for text, row in pairs(bad) do
    it("refuses " .. ("%q"):format(text:sub(1, 30)), function()
      local value, message, line = json.decode(text)
      assert.is_nil(value)
      assert.truthy(message:find(row[1]), message)
      assert.equal(row[2], line)
    end)
  end

  it("reads as deep as it says", function()
    local value = assert(json.decode(deep(64, "[", "]")))
    for _ = 1, 63 do value = value[1] end
    assert.same({}, value)
  end)

  it("reads as much as a file may hold", function()
    assert.equal(100001, #assert(json.decode("[" .. ("1,"):rep(100000) .. "1]")))
    local _, message = json.decode("[" .. ("1,"):rep(1000000) .. "1]")
    assert.equal("too large or too deep at line 1, column 2000000", message)
  end)

  describe("tells names from each other", function()
    local letters = "abcdefghijklmnopqrstuvwxyzABCDEF"

    -- Some names are kept for the next ones that are the same.
    it("that begin alike", function()
      for length = 2, #letters do
        for shorter = 1, length - 1 do
          local long, short = letters:sub(1, length), letters:sub(1, shorter)
          local value = json.decode(('{"%s":1,"%s":2}'):format(long, short))
          assert.same({ 1, 2 }, { value[long], value[short] })
        end
      end
    end)

    it("that are about as long as a text may be", function()
      local long = ("x"):rep(60000)
      for _ = 1, 2 do assert.equal(1, json.decode('{"' .. long .. '":1}')[long]) end
    end)

    it("one without a letter, the first that is read", function()
      assert.equal("1\n", (child.run [[print(require("exotel.json").decode('{"":1}')[""])]]))
    end)
  end)

  it("raises for what is no text", function() expect.raises("takes a string, got nil", json.decode, nil) end)
end)

describe("json.encode", function()
  local written = {
    { { b = 1, a = { true, "x" }, c = {} }, '{"a":[true,"x"],"b":1,"c":{}}' },
    { json.array {}, "[]" },
    { { json.array {}, {} }, "[[],{}]" },
    { { exotel.null, 1 }, "[null,1]" },
    { exotel.null, "null" },
    { "a\"\\/\n\t\1\127\195\169", '"a\\"\\\\/\\n\\t\\u0001\\u007f\195\169"' },
    { { 3, 2.0, -7, 0.1, 1e300, 1 / 3, 123456789012345 }, "[3,2,-7,0.1,1e+300,0.33333333333333331,123456789012345]" },
    { "12345678901234567890", '"12345678901234567890"' },
  }

  for _, row in ipairs(written) do
    it("writes " .. row[2]:gsub("%c", "?"), function() assert.equal(row[2], json.encode(row[1])) end)
  end

  it("writes on lines of their own when an indent is asked for", function()
    local value = { a = { 1, { b = "x" } }, c = json.array {} }
    assert.equal('{\n  "a": [\n    1,\n    {\n      "b": "x"\n    }\n  ],\n  "c": []\n}', json.encode(value, { indent = 2 }))
    assert.equal("[\n1\n]", json.encode({ 1 }, { indent = 0 }))
  end)

  it("writes names in their order", function()
    local value, parts = {}, {}
    for i = 10, 99 do
      value["n" .. i] = i
      parts[#parts + 1] = ('"n%d":%d'):format(i, i)
    end
    assert.equal("{" .. table.concat(parts, ",") .. "}", json.encode(value))
  end)

  it("indents by 16 spaces at most", function()
    assert.equal("[\n" .. (" "):rep(16) .. "1\n]", json.encode({ 1 }, { indent = 16 }))
    expect.raises("whole number from 0 to 16", json.encode, { 1 }, { indent = 17 })
  end)

  it("writes as deep as can be read, and no deeper", function()
    local value = {}
    for _ = 2, 64 do value = { value } end
    assert(json.decode(json.encode(value)))
    expect.raises("more than 64 levels", json.encode, { value })
  end)

  it("writes a point where the host's locale has a comma", function()
    local format = string.format
    finally(function() string.format = format end) -- luacheck: ignore 122
    string.format = function(...) return (format(...):gsub("%.", ",")) end -- luacheck: ignore 122
    assert.equal("[0.5,1e+300]", json.encode { 0.5, 1e300 })
  end)

  it("writes again what was read", function()
    for _, text in ipairs { "[]", "{}", '{"a":[],"b":{},"c":[[],[{}]]}', "[null,1,null]", '["x",1.5,false]' } do
      assert.equal(text, json.encode((json.decode(text))))
    end
  end)

  local circle = { a = {} }
  circle.a.b = circle
  local nested = {}
  for _ = 1, 100000 do nested = { nested } end

  -- what can't be written, and how it is named
  local refused = {
    { { a = { 1, print } }, "a%[2%] is a function" },
    { { a = 0 / 0 }, "a is no finite number" },
    { 1 / 0, "the value is no finite number" },
    { { -1 / 0 }, "%[1%] is no finite number" },
    { { a = { b = "\255" } }, "a.b is not valid UTF%-8" },
    { { ["\255"] = 1 }, "is not valid UTF%-8" },
    { { "x", a = 1 }, "has the key 1 among others" },
    { { [1] = "x", [3] = "y" }, "has the key" },
    { json.array { a = 1 }, "is an array with holes or names" },
    { circle, "holds itself" },
    { nested, "more than 64 levels" },
    { io.stdout, "is a userdata" },
  }

  for _, row in ipairs(refused) do
    it("refuses: " .. row[2], function() expect.raises(row[2], json.encode, row[1]) end)
  end

  it("raises for an option that is unknown or ill-typed", function()
    expect.raises("bad option 'pretty' %(unknown%)", json.encode, {}, { pretty = true })
    expect.raises("bad option 'indent'", json.encode, {}, { indent = -1 })
    expect.raises("takes a table, got string", json.array, "x")
  end)
end)
