-- Specifications are checked without client, account and network: all that is wrong at once, each where it stands.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local json = require "exotel.json"
local provision = require "exotel.provision"
local provisioning = require "spec.support.provisioning"
local random_source = require "spec.support.random_source"
local random_specs = require "spec.support.random_specs"
local world = require "spec.support.world"

local E164 = provisioning.E164

-- Files with these texts, by their endings. → what `action(paths)` returns
local function with_files(texts, action)
  local paths = {}
  for i, text in ipairs(texts) do
    local plain = child.write(text[2])
    paths[i] = plain .. "." .. text[1]
    os.rename(plain, paths[i])
  end
  local results = { action(paths) }
  for _, path in ipairs(paths) do os.remove(path) end
  return results[1], results[2], paths
end

local function load_all(texts) return with_files(texts, provision.load_all) end

-- "3 phone_numbers[1].mode" for each problem: its line (or -), its path.
local function places(problems)
  local list = {}
  for i, problem in ipairs(problems) do list[i] = (problem.line or "-") .. " " .. tostring(problem.path) end
  return list
end

local function problems_of(specs)
  local good, problems = provision.validate(specs)
  local has_error = false
  for _, problem in ipairs(problems) do has_error = has_error or problem.level == "error" end
  assert.equal(not has_error or nil, good)
  return problems
end

local function only_problem(spec)
  spec.trunk_name = spec.trunk_name or "out"
  local problems = problems_of(spec)
  assert.equal(1, #problems, tostring(problems[2]))
  return problems[1]
end

describe("provision.validate", function()
  it("finds nothing where nothing is wrong", function()
    local spec = provisioning.full()
    for _, credential in ipairs(spec.credentials or {}) do credential.password = credential.password or "x" end
    assert.same({}, problems_of(spec))
    assert.same({}, problems_of { spec })
  end)

  it("finds all that is wrong, and says where", function()
    local _, problems, paths = load_all { { "lua", [[
return {
  trunk_name = "out",
  phone_nubmers = {},
  phone_numbers = {
    "+919876543210",
    {
      phone_number = "1",
      mode = "flwo",
      mod = "pstn",
    },
    { mode = "pstn" },
    12,
  },
  whitelisted_ips = "44.248.146.11",
  destinations = { { destination = "sip.example.com:5061", priority = 65536, weight = "1" } },
  alias = "9876543210",
  settings = { a = 1 },
  as_is = { "nothing" },
}
]] } }
    assert.same({
      "3 phone_nubmers", "7 phone_numbers[2].phone_number", "8 phone_numbers[2].mode", "9 phone_numbers[2].mod",
      "11 phone_numbers[3].phone_number", "12 phone_numbers[4]", "14 whitelisted_ips", "15 destinations[1].priority",
      "15 destinations[1].weight", "16 alias", "17 settings.a", "18 as_is[1]",
    }, places(problems))
    for _, problem in ipairs(problems) do
      assert.same({ "error", "out", paths[1] }, { problem.level, problem.trunk_name, problem.file })
      assert.equal(problem.path, problem.message:sub(1, #problem.path))
    end
    assert.equal(paths[1] .. ":3: error: trunk out: phone_nubmers is unknown in a specification: did you mean phone_numbers?", tostring(problems[1]))
    local rules = {}
    for i, problem in ipairs(problems) do rules[i] = problem.rule end
    assert.equal("unknown value value unknown form form form value form value form form", table.concat(rules, " "))
  end)

  -- what was written → what is meant
  local meant = {
    [{ phone_nubmers = {} }] = "phone_numbers", [{ numbers = {} }] = "phone_numbers", [{ ips = {} }] = "whitelisted_ips",
    [{ caller_id = "x" }] = "alias", [{ ACL = {} }] = "whitelisted_ips", [{ destination_uris = {} }] = "destinations",
    [{ credential = {} }] = "credentials", [{ name = "x" }] = "trunk_name", [{ Phone_Numbers = {} }] = "phone_numbers",
    [{ phone_numbers = { { phone_number = E164, mdoe = "pstn" } } }] = "mode",
    [{ phone_numbers = { { phone_number = E164, mode = "PSTN" } } }] = "pstn",
    [{ whitelisted_ips = { { ip = "192.0.2.1", masc = 32 } } }] = "mask",
    [{ destinations = { { destination = "a.example.com:5060", wieght = 1 } } }] = "weight",
    [{ credentials = { { username = "x", user_name = "y", password = "z" } } }] = "user_name",
    [{ settings = { trunk_external_alais = E164 } }] = "trunk_external_alias",
  }
  for spec, word in pairs(meant) do
    it("says what was probably meant: " .. json.encode(spec), function()
      local problem = only_problem(spec)
      assert.equal(word, problem.suggestion)
      assert.equal((": did you mean %s?"):format(word), problem.message:match(": did you mean .*$"))
    end)
  end

  it("guesses nothing that is not near", function()
    for _, one in ipairs { "x", "colour", ("numbers"):rep(20), "" } do
      local name = one
      local problem = only_problem { [name] = {} }
      assert.is_nil(problem.suggestion)
      assert.equal((name == "" and '[""]' or name) .. " is unknown in a specification", problem.message)
      problem = only_problem { phone_numbers = { { phone_number = E164, [name] = 1 } } }
      name = name == "" and '[""]' or "." .. name
      assert.equal(("phone_numbers[1]%s is unknown (known: phone_number, mode, as_is)"):format(name), problem.message)
    end
  end)

  it("shows nothing that would control a terminal", function()
    assert.is_nil(tostring(only_problem { ["\27[2J"] = {} }):find("\27", 1, true))
  end)

  it("finds a number on two trunks, also across files and however it is written", function()
    local _, problems, paths = load_all {
      { "lua", 'return {\n{ trunk_name = "a", phone_numbers = {\n"+919876543210" } } }' },
      { "json", '{ "trunk_name": "b", "phone_numbers": [\n\n{ "phone_number": "+91 98765-43210" }, "00919876543210", "+919876543210" ] }' },
    }
    local b, lines = "b.json", {}
    for i, problem in ipairs(problems) do lines[i] = tostring(problem):gsub(paths[2]:gsub("%p", "%%%0"), b) end
    assert.same({
      b .. ':3: error: trunk b: phone_numbers[1].phone_number must be E.164: "+", then 7 to 15 digits, the first not 0 (got "+91 98765-43210")',
      b .. ':3: error: trunk b: phone_numbers[2] must be E.164 and start with "+" and the country code, as in +919876543210 (got "00919876543210")',
      b .. ":3: error: trunk b: phone_numbers[1] is +91 98765-43210, which can be on one trunk only, and is on a, too (also " .. paths[1] .. ":3)",
      b .. ":3: error: trunk b: phone_numbers[2] is 00919876543210, which can be on one trunk only, and is on a, too (also " .. paths[1] .. ":3)",
      b .. ":3: error: trunk b: phone_numbers[3] is +919876543210, which can be on one trunk only, and is on a, too (also " .. paths[1] .. ":3)",
    }, lines)
    assert.equal("number_twice", problems[#problems].rule)
    assert.equal("twice", only_problem { phone_numbers = { E164, { phone_number = E164, mode = "flow" } } }.rule)
  end)

  it("finds a trunk that stands twice, and names both places", function()
    local _, problems, paths = load_all {
      { "lua", 'return {\n  trunk_name = "a" }' }, { "lua", 'return { { trunk_name = "b", trunk_sid = "s" }, {\n\ntrunk_name = "a" }, { trunk_name = "c", trunk_sid =\n"s" } }' },
    }
    assert.same({ "3 trunk_name", "3 trunk_sid" }, places(problems))
    assert.equal(("trunk_name stands in the specifications twice: a (also %s:2)"):format(paths[1]), problems[1].message)
    assert.equal(("trunk_sid stands in the specifications twice: s (also %s:1)"):format(paths[2]), problems[2].message)
    assert.equal("specifications[4].trunk_sid", problems[2].field)
    local one = { trunk_name = "a", phone_numbers = { E164 } }
    assert.equal(1, #problems_of { one, one })
  end)

  it("finds a destination on an IP that the specification doesn't whitelist", function()
    local spec = { whitelisted_ips = { "203.0.113.0/24" }, destinations = { "203.0.113.9:5060", "203.0.114.9:5060", "a.example.com:5060" } }
    local problem = only_problem(spec)
    assert.same({ "error", "ip_missing", "destinations[2]" }, { problem.level, problem.rule, problem.path })
    spec.whitelisted_ips = {}
    assert.equal(2, #problems_of(spec))
    -- What isn't mentioned is left alone: the trunk may have it.
    spec.whitelisted_ips, spec.destinations[1] = nil, "b.example.com:5060"
    problem = only_problem(spec)
    assert.same({ "note", "ip_missing" }, { problem.level, problem.rule })
    spec.destinations[2] = { destination = "203.0.114.9:5060", as_is = true }
    assert.same({}, problems_of(spec))
    -- What can't be read may be the one.
    assert.equal("whitelisted_ips[1]", only_problem { whitelisted_ips = { "203.O.114.9" }, destinations = { "203.0.114.9:5060" } }.path)
  end)

  it("warns of what can't be made, and of a variable that is not set here", function()
    local problem = only_problem { credentials = { { user_name = "pbx" } } }
    assert.same({ "warning", "password", "credentials[1]" }, { problem.level, problem.rule, problem.path })
    problem = only_problem { credentials = { { user_name = "pbx", password_env = "EXOTEL_SURELY_NOT_SET" } } }
    assert.same({ "note", "password", "credentials[1].password_env" }, { problem.level, problem.rule, problem.path })
    assert.truthy(problem.message:find("EXOTEL_SURELY_NOT_SET", 1, true))
    assert.same({}, problems_of { trunk_name = "out", credentials = { { user_name = "pbx", password = "x" } } })
  end)

  it("never shows a password", function()
    for _, credential in ipairs {
      { user_name = "pbx", password = "s3cr3t words" }, { user_name = "", password = "s3cr3t" }, { user_name = "a", password = "s3cr3t", password_env = "A" },
      { user_name = "a", password = "s3cr3t", passwrod = "s3cr3t" },
    } do
      for _, problem in ipairs(problems_of { trunk_name = "out", credentials = { credential } }) do
        assert.is_nil(tostring(problem):find("s3cr3t", 1, true), tostring(problem))
        assert.is_nil(json.encode(problem):find("s3cr3t", 1, true))
      end
    end
  end)

  it("takes anything, and raises for nothing", function()
    for _, given in ipairs { {}, "x", 1, true, { 1 }, { {} }, { { 1 } }, { phone_numbers = 1, settings = 1, as_is = 1 }, { [1.5] = 1 },
      { trunk_name = {} }, { trunk_name = "a", as_is = { {} }, settings = { [1] = 2, [{}] = 3 } }, { { trunk_name = "a" }, "b", x = 1 },
      { trunk_name = "a", phone_numbers = { [2] = "x" } }, { trunk_name = "a", credentials = { {}, { password_env = 1 } } } } do
      assert.truthy(#problems_of(given) > 0)
    end
    assert.truthy(#problems_of(nil) > 0)
  end)

  it("says what a trunk without errors may be made with: plan agrees, whatever it is", function()
    local w = world.new()
    for seed = 1, 30 do
      local random = random_specs.randomness(seed)
      local specs = random_specs.make(random, { "a", "b" })
      local spoil = { phone_numbers = "1", whitelisted_ips = "x", destinations = "y", credentials = {} }
      for _, spec in ipairs(specs) do
        for list, value in pairs(spoil) do
          if random.chance(8) then table.insert(spec[list], value) end
        end
      end
      local good = provision.validate(specs)
      local plan = provision.plan(w.client, specs)
      assert.equal(good or false, plan ~= nil and #plan.refused == 0, "seed " .. seed)
    end
    w:close()
  end)
end)

describe("a line", function()
  local function lines_of(text, form)
    local _, problems = load_all { { form or "lua", text } }
    return places(problems)
  end

  -- text → the places
  local shapes = {
    ['-- x\n--[[\n]] return {\ntrunk_name = "a", -- }\nx = 1 }'] = { "5 x" },
    ['return {\ntrunk_name = [[a]], [ [==[x]==] ]=\n1,\n["y"] = [[\n\n]],\nz = 1 }'] = { "2 x", "4 y", "7 z" },
    ['return { trunk_name = "a\\\nb",\nx = "}\\"{",\ny = 1 }'] = { "1 trunk_name", "3 x", "4 y" },
    ['return {\ntrunk_name = "\\097",\nalias = "\\x41" }'] = { "3 alias" },
    ['return {\ntrunk_name = "a",\nphone_numbers = {\n{ phone_number = "+919876543210", mode =\n"x" } } }'] = { "4 phone_numbers[1].mode" },
    ['return { trunk_name = "a",\n[""] = 1,\nphone_numbers = { {\n[""] =\n1, phone_number = "+919876543210" } } }'] = { '2 [""]', '4 phone_numbers[1][""]' },
    ['return { trunk_name = "a",\nphone_numbers = {\nnil, "+919876543210" } }'] = { "2 phone_numbers" },
    ['return { trunk_name = "a", destinations = { {\ndestination = "a.example.com:1", priority = -1,\nweight = 1e9 } } }'] = { "2 destinations[1].priority", "3 destinations[1].weight" },
    ['\r\nreturn {\r\ntrunk_name = "a",\r\nx = 1 }'] = { "4 x" },
    ['return {\n\rtrunk_name = "a",\rx = 1 }'] = { "3 x" },
    ['return {\n{ trunk_name = "a" },\n{ trunk_name = "b",\nx = 1 } }'] = { "4 x" },
    -- What is missing would stand in its table.
    ['\nreturn {\nalias = "+919876543210" }'] = { "2 trunk_name" },
    ['return { trunk_name = "a", phone_numbers = {\n{\nmode = "pstn" } } }'] = { "2 phone_numbers[1].phone_number" },
    ['return {\nalias = "+919876543210",\ntrunk_name = nil }'] = { "3 trunk_name" },
    -- Nothing is said where it isn't certain.
    ['local t = { trunk_name = "a",\nx = 1 }\nreturn t'] = { "- x" },
    ['local function f() return { trunk_name = "b" } end\nreturn {\ntrunk_name = "a",\nx = 1 }'] = { "4 x" },
    ['if true then\nreturn { trunk_name = "a",\nx = 1 }\nend\nreturn { trunk_name = "a",\nx = 1 }'] = { "- x" },
    ['do return {\ntrunk_name = "a", x = 1 } end'] = { "- x" },
    ['return { trunk_name = "a",\nx = 1 }, { trunk_name = "b" }'] = { "- nil" },
    ['return ({ trunk_name = "a",\nx = 1 })'] = { "- x" },
    ['local n = { "1" }\nreturn {\ntrunk_name = "a",\nphone_numbers = n }'] = { "- phone_numbers[1]" },
    ['return {\ntrunk_name = "a",\nphone_numbers = { "1" .. "2",\n"3" } }'] = { "4 phone_numbers[2]", "- phone_numbers[1]" },
    ['return {\ntrunk_name = "a",\n["x" .. ""] = 1,\ny = 1 }'] = { "- x", "- y" },
    ['return {\ntrunk_name = "a", phone_numbers = (function(a, b)\nlocal t = { "x" } return t end)(1, 2),\nx = 1 }'] = { "4 x", "- phone_numbers[1]" },
    ['return {\ntrunk_name = "a", phone_numbers = { (function() return end)(),\n"x" },\ny = 1 }'] = { "2 phone_numbers", "4 y" },
    ['return { trunk_name = "a", alias = #"abc" > 2 and\n"x" or nil,\ny = 1 }'] = { "3 y", "- alias" },
  }
  for text, expected in pairs(shapes) do
    it("is that of the text, or none: " .. text:gsub("%c", " "), function() assert.same(expected, lines_of(text)) end)
  end

  it("is one of all that are wrong, beside an entry that is no specification and one that misuses absent", function()
    local _, problems = load_all { { "lua", 'return {\n{ trunk_name = "a", x = 1 },\n"b",\n{ trunk_name = "c", absent = false, y = 1 },\n7,\n'
      .. '{ trunk_name = "d", absent = true, alias = "x", status = "x" } }' } }
    local messages = {}
    for i, problem in ipairs(problems) do messages[i] = problem.line .. " " .. problem.message end
    table.sort(messages)
    assert.same({
      "2 x is unknown in a specification", "3 specification 2 must be a table", "4 absent must be true, or left out",
      "4 y is unknown in a specification", "5 specification 4 must be a table",
      "6 alias can't stand beside absent, which removes the trunk", "6 status can't stand beside absent, which removes the trunk",
    }, messages)
  end)

  it("says what is no list, and where one has a hole", function()
    assert.equal("phone_numbers must be a list, and has a name in it: mode", only_problem({ phone_numbers = { E164, mode = "flow" } }).message)
    assert.equal("whitelisted_ips must be a list without holes: [2] is missing",
      only_problem({ whitelisted_ips = { "192.0.2.1", nil, "192.0.2.2" } }).message)
    assert.equal("settings must be a table of name = value", only_problem({ settings = { "x" } }).message)
    assert.equal("trunk_name", only_problem({ trunk_name = "" }).path)
    assert.truthy(tostring(only_problem({ trunk_name = "" })):find("^error: trunk_name must be"))
  end)

  it("refuses a file that returns several values, of which the others would be lost", function()
    local specs, problems, paths = load_all { { "lua", 'return { trunk_name = "a" }, { trunk_name = "b" }' } }
    assert.same({}, specs)
    assert.equal(paths[1] .. ": error: returns several values, of which only the first would count: { …, … } holds all", tostring(problems[1]))
  end)

  it("is said of what Lua silently drops", function()
    assert.same({ "3 phone_numbers" }, lines_of('return { trunk_name = "a",\nphone_numbers = { "+919876543210" },\nphone_numbers = {} }'))
    assert.same({ "3 phone_numbers[1]" }, lines_of('return { trunk_name = "a", phone_numbers = {\n"+919876543210",\n[1] = "+919876543211" } }'))
    assert.same({ "2 ", "- x" }, lines_of('return { { trunk_name = "a", x = 1 },\n[1] = { trunk_name = "a", x = 1 } }'))
    assert.same({ "3 alias", "- alias" }, lines_of('return { trunk_name = "a",\nalias = "x",\nalias = "x" }'))
    assert.same({ "2 alias" }, lines_of('return { trunk_name = "a", alias = "+919876543210",\n["alias"] = "+919876543210" }'))
  end)

  it("is known in JSON, whose errors speak of JSON", function()
    local _, problems = load_all { { "json", '[\n{ "trunk_name": "a",\n"phone_numbers": [ null,\n[], {"mode": "pstn"} ],\n"settings": [],\n"whitelisted_ips": {"x": 1}, "destinations": {}, "credentials": [] },\n{},\n{ "trunk_name": null, "alias":\n1} ]' } }
    local said = {}
    for i, problem in ipairs(problems) do said[i] = problem.line .. " " .. problem.message end
    assert.same({
      "3 phone_numbers[1] must be a string or an object", "4 phone_numbers[2].phone_number is missing",
      "4 phone_numbers[3].phone_number is missing", "5 settings must be an object of names and values", "6 destinations must be an array",
      "6 whitelisted_ips must be an array",
      "7 trunk_name is missing", "8 trunk_name is missing", "8 alias must be a string, got an integer",
    }, said)
    _, problems = load_all { { "json", '{ "trunk_name": "a", "alias": "a table" }' } }
    assert.truthy(problems[1].message:find('(got "a table")', 1, true), problems[1].message)
    assert.same({ "2 ab", "3 x" }, lines_of('\239\187\191{"trunk_name": "a",\n"a\\u0062": [{}, [1, "\\"}"]],\n"x": 1}', "json"))
  end)

  it("is not said of what was changed since", function()
    local specs = with_files({ { "lua", 'return { trunk_name = "a",\nphone_numbers = {\n"1",\n"2" },\ndestinations = {\n{} },\nalias = "x" }' } }, function(paths)
      return provision.load(paths[1])
    end)
    local function now() return places(problems_of(specs)) end
    assert.same({ "3 phone_numbers[1]", "4 phone_numbers[2]", "6 destinations[1].destination", "7 alias" }, now())
    specs[1].alias = "y"
    table.insert(specs[1].phone_numbers, 1, "3")
    specs[1].destinations[1].priority = 1
    assert.same({ "- phone_numbers[1]", "- phone_numbers[2]", "- phone_numbers[3]", "- destinations[1].destination", "- alias" }, now())
    specs[1] = { trunk_name = "a", alias = "x" }
    assert.same({ "- alias" }, now())
    assert.is_nil(problems_of(specs)[1].file)
  end)

  it("is right wherever values stand, and however they are written", function()
    for seed = 1, 60 do
      local random = random_specs.randomness(seed)
      local specs = random_specs.make(random, { "a", "b" })
      for _, spec in ipairs(specs) do
        spec.unknown, spec.settings["x.y[1]"], spec.settings["end"] = "x", 1, 2
        table.insert(spec.destinations, { destination = "nowhere", priority = -1 })
        table.insert(spec.phone_numbers, "1")
      end
      for _, form in ipairs { "lua", "json" } do
        local text, lines = random_source[form](random, specs)
        local _, problems = load_all { { form, text } }
        local seen = 0
        for _, problem in ipairs(problems) do
          local index = problem.trunk_name == "a" and 1 or 2
          local line = lines[("[%d].%s"):format(index, problem.path)]
          if line then seen = seen + 1 end
          assert.equal(line, problem.line, ("seed %d: %s\n%s"):format(seed, tostring(problem), text))
        end
        assert.truthy(seen >= 12, "seed " .. seed)
      end
    end
  end)
end)

describe("provision.load_all", function()
  it("reads on after a file that can't be read", function()
    local specs, problems, paths = load_all { { "lua", "return {\n" }, { "json", '{ "trunk_name": "a",\n"x": 1 }' }, { "yaml", "" }, { "json", "[1," } }
    assert.equal(1, #specs)
    assert.same({ "file", "unknown", "file", "file" }, { problems[1].rule, problems[2].rule, problems[3].rule, problems[4].rule })
    assert.same({ 2, 2 }, { problems[1].line, problems[2].line })
    for i, problem in ipairs(problems) do assert.equal(paths[i], problem.file) end
    assert.is_nil(problems[1].message:find(paths[1], 1, true), problems[1].message)
    assert.same({}, (provision.load_all {}))
  end)
end)

describe("provision.plan", function()
  it("has all problems in its error", function()
    local w = world.new()
    local specs = with_files({ { "lua", 'return { trunk_name = "a",\nx = 1,\nphone_numbers = { "1", 2 } }' } }, function(paths) return provision.load(paths[1]) end)
    local err = expect.refused("x", provision.plan(w.client, specs))
    assert.same({ "2 x", "3 phone_numbers[1]", "3 phone_numbers[2]" }, places(err.problems))
    assert.truthy(err.message:find(":2: x is unknown", 1, true) and err.message:find("(and 2 more)", 1, true), err.message)
    assert.equal(2, err.line)
    assert.same({}, w.sb:requests())
    w:close()
  end)
end)
