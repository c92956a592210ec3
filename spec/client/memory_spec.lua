-- What reading takes is given back. In a process of its own, so that nothing else is measured.
local child = require "spec.support.child"

-- Reads once, and then a hundred times more. → the kilobytes of addresses that the latter took
local SCRIPT = [[
local json, run_file = require "exotel.json", require("exotel.core").run_file
local collector = %q
local blank = "[1" .. (" "):rep(1000000) .. "]"
local nested = ("["):rep(64) .. (" "):rep(1000000) .. ("]"):rep(64)
local unpack, arguments = table.unpack or unpack, {}
for i = 1, 1000000 do arguments[i] = true end

-- Reads with so many arguments behind the text.
local function decode_beside(count)
  return pcall(function() return require("exotel.core").json_decode(nested, unpack(arguments, 1, count)) end)
end

-- A number of arguments that leaves room to begin to read, and not for all levels.
local function too_many()
  local good, bad = 1, #arguments
  while bad - good > 1 do
    local middle = math.floor((good + bad) / 2)
    if decode_beside(middle) then good = middle else bad = middle end
  end
  return bad + 25
end
local function read()
  %s
  collectgarbage(collector)
end
local function kilobytes()
  for line in io.lines "/proc/self/status" do
    local number = line:match "^VmSize:%%s+(%%d+)"
    if number then return tonumber(number) end
  end
end
read()
local before = kilobytes()
for _ = 1, 100 do read() end
print(kilobytes() - before)
]]

-- If it was kept, it would be 100,000 and more.
local MOST_KB = 20000

local function expect_nothing_kept(collector, read)
  local text, status = child.run(SCRIPT:format(collector, read))
  assert.equal(0, status, text)
  assert.is_true(tonumber(text) < MOST_KB, text)
end

-- Under a sanitizer what is freed stays for a while.
describe("what was taken #plain", function()
  it("by reading JSON is given back at once, not when the collector comes", function()
    expect_nothing_kept("stop", "assert(json.decode(blank))")
  end)

  it("by reading JSON for which there is no room is given back when the collector comes", function()
    expect_nothing_kept("collect", [[
      most = most or too_many()
      local good, message = decode_beside(most)
      assert(not good and message:find("JSON", 1, true), message)
    ]])
  end)

  it("by a file in Lua that raises is given back when the collector comes", function()
    expect_nothing_kept("collect", [[
      local value, message = run_file "local t = {} for i = 1, 20000 do t[i] = { i } end local x = nil + 1"
      assert(value == nil and message:find "arithmetic")
    ]])
  end)
end)
