-- The guide to other hosts: its host in C is compiled and run; its scripts for FreeSWITCH run with stand-ins for what
-- mod_lua has. "#plain": other programs do the work.
local child = require "spec.support.child"
local markdown = require "spec.support.markdown"
local sandbox = require "exotel.sandbox"

local blocks = {}
for _, block in ipairs(markdown.blocks("doc/guides/embedding.md")) do
  blocks[block.file or block.language] = block.code
end

-- Stand-ins for mod_lua: events reach every consumer that is there; a script that waits lets the other go on.
local FREESWITCH = [[
local consumers = {}
local Event, Consumer = {}, {}
Event.__index, Consumer.__index = Event, Consumer
function Event:addHeader(name, value) self[name] = value end
function Event:getHeader(name) return rawget(self, name) end
function Event:fire()
  for _, consumer in ipairs(consumers) do
    if consumer.class == self.class then table.insert(consumer, self) end
  end
end
function Consumer:pop(block, milliseconds)
  assert(block == 1 and milliseconds > 0)
  repeat coroutine.yield() until self[1] or self.class == "exotel::question"
  return table.remove(self, 1)
end
freeswitch = {
  Event = function(kind, class) return kind == "CUSTOM" and setmetatable({ class = class }, Event) end,
  EventConsumer = function(kind, class)
    local consumer = setmetatable({ class = kind == "CUSTOM" and class }, Consumer)
    table.insert(consumers, consumer)
    return consumer
  end,
}
local variables = { destination_number = "+919876543210" }
session = {
  get_uuid = function() return "channel-1" end,
  getVariable = function(_, name) return variables[name] end,
  setVariable = function(_, name, value) variables[name] = value end,
}
local function script(name)
  local thread = coroutine.create(assert(loadfile(name)))
  return function() assert(coroutine.resume(thread)) return coroutine.status(thread) == "dead" end
end
local worker, ask = script "exotel_worker.lua", script "exotel_ask.lua"
worker()
repeat worker() until ask()
print(variables.exotel_result)
]]

describe("the guide to other hosts #plain", function()
  local sb, folder

  before_each(function()
    sb = assert(sandbox.start())
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
  end)
  after_each(function()
    sb:stop()
    os.execute("rm -rf " .. folder)
  end)

  local function write(name, text)
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end

  local function sh(command)
    return child.finish(child.start("sh -c " .. child.quote("cd " .. folder .. " && " .. command), 60))
  end

  local function compile(libraries)
    write("host.c", blocks.c)
    local text, status = sh(("cc -Wall -Wextra -Werror -o host host.c $(pkg-config --cflags %s) %s"):format(child.lua, libraries))
    assert.equal(0, status, text)
  end

  -- In the environment of a child, with the modules of this tree. → output, status
  local function run(program)
    local command = child.command("", sb:environment()):gsub(child.lua .. " $", "")
    return sh("unset LD_PRELOAD; " .. command .. program)
  end

  local function map(number)
    local client = assert(sb:client())
    local sid = assert(client:create_trunk { trunk_name = "outbound_trunk" }).trunk_sid
    assert(client:map_phone_number { trunk_sid = sid, phone_number = number })
    client:close()
  end

  it("has a host in C that runs as it stands", function()
    map("+919876543210")
    write("lookup.lua", blocks["lookup.lua"])
    compile("$(pkg-config --libs " .. child.lua .. ")")
    assert.same({ "+919876543210\t1\n", 0 }, { run("./host") })
    sb:fault { before = "find_trunk_map", status = 403 }
    assert.same({ "+919876543210\tpermission\n", 0 }, { run("./host") })
  end)

  if child.lua == "lua5.4" then
    local STATIC = "-Wl,-Bstatic -llua5.4 -Wl,-Bdynamic -lm -ldl"

    it("tells what to do where Lua is linked in", function()
      write("lookup.lua", blocks["lookup.lua"])
      compile("-Wl,-E " .. STATIC)
      assert.same({ "+919876543210\t0\n", 0 }, { run("./host") })
    end)

    it("tells what is said where the host hides its Lua", function()
      write("lookup.lua", blocks["lookup.lua"])
      compile(STATIC)
      local text, status = run("./host")
      assert.equal(1, status, text)
      assert.truthy(text:find("undefined symbol: lua", 1, true), text)
    end)
  end

  it("has scripts for FreeSWITCH that find each other, and the answer", function()
    map("+919876543210")
    for _, name in ipairs { "exotel_worker.lua", "exotel_ask.lua" } do write(name, blocks[name]) end
    write("freeswitch.lua", FREESWITCH)
    assert.same({ "known\n", 0 }, { run(child.lua .. " freeswitch.lua") })
    sb:fault { before = "find_trunk_map", status = 500 }
    assert.same({ "server\n", 0 }, { run(child.lua .. " freeswitch.lua") })
  end)
end)
