-- Files of specifications that ask for more than a specification needs: 64 MiB and a second are the most that one gets,
-- and the host's own Lua is as it was.
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local hostile_files = require "spec.support.hostile_files"
local provision = require "exotel.provision"

local function named(text, ending)
  local path = child.write(text)
  os.rename(path, path .. ending)
  return path .. ending
end

local function load_text(text, ending)
  local path = named(text, ending or ".lua")
  local began = os.clock()
  local specs, err = provision.load(path)
  local seconds = os.clock() - began
  os.remove(path)
  return specs, err, seconds
end

local LOADING = [[
  local function peak() -- in KiB
    for line in io.lines("/proc/self/status") do
      local kib = line:match("VmHWM:%%s*(%%d+)")
      if kib then return tonumber(kib) end
    end
  end
  local provision = require "exotel.provision"
  local before, began = peak(), os.clock()
  local specs, err = provision.load(%q)
  io.write(("%%s %%g %%d %%s"):format(specs and "loaded" or err.kind, os.clock() - began, peak() - before, tostring(err)))
]]

-- Loads it in a process of its own, which may not take the whole machine where the limits fail. → { kind (of the error),
-- seconds (of its processor), kib (of memory), message }
local function load_aside(text)
  local path = named(text, ".lua")
  local script = child.write(LOADING:format(path))
  local output, status = child.finish(child.start(child.limited(child.command(script))))
  os.remove(path)
  os.remove(script)
  assert.equal(0, status, output)
  local kind, seconds, kib, message = output:match("^(%S+) (%S+) (%d+) (.*)$")
  return { kind = kind, seconds = tonumber(seconds), kib = tonumber(kib), message = message }
end

describe("a hostile file of specifications", function()
  for _, file in ipairs(hostile_files) do
    local outcome -- of one loading, for both tests

    it("is refused within a second: " .. file.name, function()
      outcome = load_aside(file.text)
      assert.equal("config", outcome.kind)
      assert.is_true(outcome.seconds < 1, outcome.seconds .. " s")
      local at_line = outcome.message:match("%.lua:(%d+): ") or outcome.message:match("holds no specification")
      assert.is_string(at_line, outcome.message)
    end)

    it("takes no more than 64 MiB: " .. file.name .. " #plain", function()
      outcome = outcome or load_aside(file.text)
      assert.is_true(outcome.kib > 0 and outcome.kib < 72 * 1024, outcome.kib) -- the file's text among it
    end)
  end

  it("is stopped where one instruction does the most that it can", function()
    for _, text in ipairs {
      "local t = {}\nfor i = 1, 32 do t[i] = {} for k = 1, 16385 do t[i][k * 32767] = true end end\nreturn t", -- collisions
      "local s = '\\0'\nfor i = 1, 19 do s = s .. s end\nlocal a, b = s .. 'a', s .. 'b'\nwhile true do local c = a < b end",
      "local s = 'x'\nfor i = 1, 19 do s = s .. s end\nfor i = 1, 1e9 do local c = s .. i end",
      "local t = {}\nfor i = 1, 64 do t[i] = {} for k = 1, 16384 do t[i][k] = {} end end\nreturn t",
      "local function f(...) return f(1, ...) end\nreturn f()",
      "return " .. ("{"):rep(100000),
      "return { '" .. ("x"):rep(2000000) .. "' }",
    } do
      local outcome = load_aside(text)
      assert.equal("config", outcome.kind)
      assert.is_true(outcome.seconds < 1, outcome.seconds .. " s: " .. text:sub(1, 60))
      assert.is_true(#outcome.message < 400, outcome.message)
    end
  end)

  -- In 5.4 the keys have places of their own in tables that were large once, and all the same place in their copies.
  it("takes no longer to be copied", function()
    local text = "local all = {}\nfor n = 1, 8 do\n  local t = {}\n  all[n] = t\n  for i = 1, 20000 do t[i + 1000000] = true end\n"
      .. "  for i = 1, 12000 do t[i * 16383] = true end\n  for i = 1, 20000 do t[i + 1000000] = nil end\nend\nreturn all"
    local _, err, seconds = load_text(text)
    assert.is_true(seconds < 1, seconds .. " s")
    if err then assert.truthy(err.message:find("runs too long", 1, true), err.message) end
  end)

  -- Lua 5.1 and 5.3 look at every third character of so long a name: these differ in the others.
  it("may be JSON whose names all have the same place", function()
    local names = {}
    for i = 1, 40000 do
      local digits = ("%06d"):format(i):gsub("..", "%0-")
      names[i] = ('"%s%s":1'):format(("-"):rep(59), digits)
    end
    local specs, err, seconds = load_text("{" .. table.concat(names, ",") .. "}", ".json")
    assert.is_true(seconds < 1, seconds .. " s")
    if not specs then assert.truthy(err.message:find("takes too long to read", 1, true), err.message) end
  end)

  it("is refused for more than 8,192 jumps, and not for fewer", function()
    local text = "return { trunk_name = 'a' } --" .. (" goto break"):rep(8192 / 2)
    assert(load_text(text))
    local _, err = load_text(text .. " break")
    assert.truthy(err.message:find("too many jumps", 1, true), err.message)
  end)

  it("is quoted no further than a message goes", function()
    local _, err = load_text("return 1 " .. ("x"):rep(5000))
    assert.truthy(err.message:find("near 'xxx", 1, true), err.message)
    assert.is_true(#err.message < 400, #err.message)
  end)

  it("that returns what is no data is refused", function()
    local specs, err = load_text("return { trunk_name = function() end }")
    expect.failure("config", specs, err)
    assert.truthy(err.message:find("holds a function", 1, true), err.message)
    expect.failure("config", load_text("return { [function() end] = 1 }"))
  end)
end)

describe("a file of specifications", function()
  it("may be large: 15,000 numbers with their modes", function()
    local entries = {}
    for i = 1, 15000 do entries[i] = ('{ phone_number = "+9198%08d", mode = "flow" }'):format(i) end
    local specs = assert(load_text('return { trunk_name = "a", phone_numbers = {\n' .. table.concat(entries, ",\n") .. "\n} }"))
    assert.equal(15000, #specs[1].phone_numbers)
    assert.same({ phone_number = "+919800015000", mode = "flow" }, specs[1].phone_numbers[15000])
  end)

  it("gives what it returned, to the byte and to the kind of number", function()
    local specs = assert(load_text([[
      local shared = { "x" }
      local t = { name = "a\0\255b", yes = true, no = false, [1] = 1, [2] = 2.5, [3] = -0.0, one = shared, two = shared }
      t.itself = t
      return { t }
    ]]))
    local t = specs[1]
    assert.equal("a\0\255b", t.name)
    assert.same({ true, false, 1, 2.5 }, { t.yes, t.no, t[1], t[2] })
    assert.equal(-math.huge, 1 / t[3])
    assert.equal(t, t.itself)
    assert.equal(t.one, t.two)
    if math.type then assert.same({ "integer", "float" }, { math.type(t[1]), math.type(t[2]) }) end
  end)

  it("calculates with digits, as every Lua does", function()
    assert.same({ { "x", 11, "12" } }, assert(load_text("return { { 'x', '10' + 1, 1 .. 2 } }")))
  end)

  it("finds no methods where the host gives strings some", function()
    local methods = getmetatable("").__index
    methods.exotel_test = function() return "called" end
    local specs, err = load_text("return { ('a').exotel_test() }")
    methods.exotel_test = nil
    expect.failure("config", specs, err)
  end)

  it("leaves the host's collector as it was", function()
    local is_running = pcall(collectgarbage, "isrunning") and function() return collectgarbage("isrunning") end
    if not is_running then return end -- 5.1 doesn't tell
    collectgarbage("stop")
    assert(load_text("return { trunk_name = 'a' }"))
    local stopped = not is_running()
    collectgarbage("restart")
    assert.is_true(stopped)
  end)

  it("costs the host's Lua nothing but what it returned", function()
    load_text("return { 1 }")
    collectgarbage() collectgarbage()
    local before = collectgarbage("count")
    assert.is_nil((load_text("local t = {}\nfor i = 1, 1000000 do t[i % 16384] = 'x' .. i end\nreturn 1")))
    assert.is_true(collectgarbage("count") - before < 256, collectgarbage("count") - before .. " KiB")
  end)
end)
