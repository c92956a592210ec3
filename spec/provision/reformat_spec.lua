-- Files are laid out in one way: what they say, their order, comments and passwords stay.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local random_source = require "spec.support.random_source"
local random_specs = require "spec.support.random_specs"

local function named(text, form)
  local path = child.write(text)
  assert(os.rename(path, path .. "." .. form))
  return path .. "." .. form
end

local function reformat(text, form)
  local path = named(text, form or "lua")
  local laid_out, bytes = provision.reformat(path)
  os.remove(path)
  if laid_out then assert.equal(text, bytes) end
  return laid_out, bytes, path
end

local function load_text(text, form)
  local path = named(text, form)
  local specs, err = provision.load(path)
  os.remove(path)
  return assert(specs, tostring(err))
end

describe("provision.reformat", function()
  it("lays a file in Lua out, and keeps its comments where they are", function()
    local before = [==[
#!/usr/bin/env exotel
-- Our trunks.


-- Ask ops before a change.
return  { -- two of them
    -- calls out
    { trunk_name='out' ; ["status"]="active", -- always


      phone_numbers={"+919876543210", { phone_number = "+918040264208", mode = 'flow' },
        -- "+918040264209", not ours yet
      },
      whitelisted_ips={"44.248.146.11","203.0.113.0/24"},
      destinations = {
        "44.248.146.11:5061;transport=tls", --[[ the PBX ]] "sip.example.com:5061"
      },
      settings = {},
      credentials = { { user_name = "pbx", password = 'secret_1' } } -- rotate in May
    };
    --[[ spare:
       not used ]] { trunk_name = 'it\'s', as_is = { [1] = "trunk_name" } }
    -- none after this
} -- the end

-- vim: et
]==]
    local after = [==[
#!/usr/bin/env exotel
-- Our trunks.

-- Ask ops before a change.
return {
  -- two of them
  -- calls out
  {
    trunk_name = "out",
    status = "active", -- always

    phone_numbers = {
      "+919876543210",
      { phone_number = "+918040264208", mode = "flow" },
      -- "+918040264209", not ours yet
    },
    whitelisted_ips = { "44.248.146.11", "203.0.113.0/24" },
    destinations = {
      "44.248.146.11:5061;transport=tls",
      --[[ the PBX ]]
      "sip.example.com:5061",
    },
    settings = {},
    credentials = {
      { user_name = "pbx", password = "secret_1" },
    }, -- rotate in May
  },
  --[[ spare:
       not used ]]
  {
    trunk_name = 'it\'s',
    as_is = { [1] = "trunk_name" },
  },
  -- none after this
} -- the end

-- vim: et
]==]
    assert.equal(after, reformat(before))
    assert.equal(after, reformat(after))
  end)

  it("lays a file in JSON out, and keeps order, spelling and nulls", function()
    local before = '{"trunk_name":"a","alias":null,"phone_numbers":["+919876543210",{"mode":"fl\\u006fw", "phone_number":"+918040264208"}],"settings":{},\r\n"whitelisted_ips":[ ],"destinations":[{"destination":"a.example.com:5060","priority":1E0}]}'
    local after = [[
{
  "trunk_name": "a",
  "alias": null,
  "phone_numbers": [
    "+919876543210",
    {
      "mode": "fl\u006fw",
      "phone_number": "+918040264208"
    }
  ],
  "settings": {},
  "whitelisted_ips": [],
  "destinations": [
    {
      "destination": "a.example.com:5060",
      "priority": 1E0
    }
  ]
}
]]
    assert.equal(after, reformat(before, "json"))
    assert.equal(after, reformat(after, "json"))
  end)

  -- before → after
  local rows = {
    ['return {trunk_name="a"}'] = 'return {\n  trunk_name = "a",\n}\n',
    ['\239\187\191return {\r\n\ttrunk_name = "a"\r\n}\r\n'] = 'return {\n  trunk_name = "a",\n}\n',
    ['return { trunk_name = "a" };'] = 'return {\n  trunk_name = "a",\n}\n',
    ['return --[[x]] { --[[y]] trunk_name --[[z]] = --[[1]] "a" --[[2]] , --[[3]] } --[[4]] ; --[[5]]'] =
      '--[[x]]\nreturn {\n  --[[y]]\n  --[[z]]\n  --[[1]]\n  trunk_name = "a", --[[2]] --[[3]]\n} --[[4]]\n--[[5]]\n',
    ['return { [ [[trunk_name]] ] = [[a]], ["as_is"] = { "trunk_name" } }'] = 'return {\n  trunk_name = [[a]],\n  as_is = { "trunk_name" },\n}\n',
    ['return { trunk_name = "a", settings = { ["end"] = "x", ["a b"] = \'y"\', [ [=[]]]=] ] = "z" } }'] =
      'return {\n  trunk_name = "a",\n  settings = { ["end"] = "x", ["a b"] = \'y"\', [ [=[]]]=] ] = "z" },\n}\n',
    ['return { trunk_name = "a", phone_numbers = {\n\n"x" } }'] = 'return {\n  trunk_name = "a",\n  phone_numbers = {\n    "x",\n  },\n}\n',
    ['return { trunk_name = "a", destinations = { { priority = -1, weight = - 0x1F, destination = "b" } } }'] =
      'return {\n  trunk_name = "a",\n  destinations = {\n    { priority = -1, weight = -0x1F, destination = "b" },\n  },\n}\n',
    ['return { trunk_name = "a", alias = "x\\\ny", status = [[\n1\n  2]] }'] = 'return {\n  trunk_name = "a",\n  alias = "x\\\ny",\n  status = [[\n1\n  2]],\n}\n',
    ['return { trunk_name = "a", phone_numbers = { nil, true, false } }'] = 'return {\n  trunk_name = "a",\n  phone_numbers = { nil, true, false },\n}\n',
    ['return { trunk_name = "a", phone_numbers = { -- none\n} }'] = 'return {\n  trunk_name = "a",\n  phone_numbers = {\n    -- none\n  },\n}\n',
  }
  for before, after in pairs(rows) do
    it("once and for all: " .. before:gsub("[%c\128-\255]", "?"), function()
      assert.equal(after, reformat(before))
      assert.equal(after, reformat(after))
    end)
  end

  it("breaks a table that doesn't fit on a line", function()
    local numbers = {}
    for i = 1, 8 do numbers[i] = '"+91987654321' .. i .. '"' end
    local text = ('return { trunk_name = "a", phone_numbers = { %s } }'):format(table.concat(numbers, ", "))
    local after = reformat(text)
    assert.truthy(after:find('phone_numbers = {\n    "+919876543211",\n', 1, true), after)
    for line in after:gmatch("[^\n]+") do assert.truthy(#line <= 100) end
  end)

  -- text → the line that the refusal names
  local computed = {
    ['local n = "a"\nreturn { trunk_name = n }'] = 1, ['return {\ntrunk_name = "a" .. "b" }'] = 2,
    ['return { trunk_name = "a",\nphone_numbers = { ("x") } }'] = 2, ['return { trunk_name = "a",\n["al" .. "ias"] = "x" }'] = 2,
    ['return ({ trunk_name = "a" })'] = 1, ['do return { trunk_name = "a" } end'] = false,
    ['return { trunk_name = "a",\n\n alias = (function() return "x" end)() }'] = 3, ['return { trunk_name = "a", mask = 1 + 1 }'] = 1,
  }
  for text, line in pairs(computed) do
    it("refuses what is computed: " .. text:gsub("%c", " "), function()
      local laid_out, err, path = reformat(text)
      expect.failure("config", laid_out, err)
      assert.truthy(err.message:find(path .. (line and ":" .. line or "") .. ": computes", 1, true), err.message)
      assert.equal(line or nil, err.line)
      assert.equal(path, err.file)
    end)
  end

  it("refuses what can't be read, as load does", function()
    for text, form in pairs { ["return {"] = "lua", ["return 1"] = "lua", ['return { trunk_name = "a" }, 1'] = "lua", ["{"] = "json", ['{"a": 1, "a": 2}'] = "json", [""] = "json" } do
      expect.failure("config", reformat(text, form))
    end
    expect.failure("config", provision.reformat "/nowhere/x.lua")
    expect.failure("config", provision.reformat "x.yaml")
    expect.raises("takes a path", provision.reformat)
  end)

  it("leaves what format and export write as it is", function()
    for seed = 1, 40 do
      local random = random_specs.randomness(seed)
      local specs = random_specs.make(random, { "a", "b", "c" })
      specs[1].settings = { ["end"] = 'a"\\\n', ["a b"] = "\195\169\226\128\174", long = ("x"):rep(120) }
      for _, form in ipairs { "lua", "json" } do
        for _, given in ipairs { specs, specs[1] } do
          local text = provision.format(given, form)
          assert.equal(text, reformat(text, form))
        end
      end
    end
  end)

  -- The comments of a text, in any order: c1, c2 ...
  local function comments_of(text)
    local list = {}
    for number in text:gmatch("%-%-%[?=*%[? ?c(%d+)") do list[#list + 1] = tonumber(number) end
    table.sort(list)
    return list
  end

  it("changes nothing of what any file says, loses no comment, and changes nothing the second time", function()
    for seed = 1, 150 do
      local random = random_specs.randomness(seed)
      local specs = random_specs.make(random, { "a", "b" })
      specs[2].settings = { ["end"] = 'a"\\\n\0011', ["["] = "]]", ["it's"] = "--" }
      local given = random.chance(50) and specs or specs[2]
      for _, form in ipairs { "lua", "json" } do
        local text, _, count = random_source[form](random, given)
        local before = load_text(text, form)
        local once, err = reformat(text, form)
        assert.is_string(once, ("seed %d: %s\n%s"):format(seed, tostring(err), text))
        assert.same(before, load_text(once, form))
        assert.equal(once, reformat(once, form))
        local comments = form == "lua" and comments_of(once) or {}
        assert.equal(count, #comments, ("seed %d\n%s\n%s"):format(seed, text, once))
        for i, number in ipairs(comments) do assert.equal(i, number) end
        assert.equal(json.encode(specs[2].credentials), json.encode(load_text(once, form)[given == specs and 2 or 1].credentials))
      end
    end
  end)
end)
