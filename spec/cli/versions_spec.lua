-- The command with the oldest Lua: it starts, reads, writes, asks and is interrupted.
local child = require "spec.support.child"
local command = require "spec.support.command"
local sandbox = require "exotel.sandbox"

describe("the command with Lua 5.1", function()
  local sb, path, cpath, lua

  setup(function()
    sb, path, cpath, lua = assert(sandbox.start()), package.path, package.cpath, child.lua
    child.lua = "lua5.1"
    package.path = path:gsub("lua/5%.3/", "lua/5.1/")
    package.cpath = cpath:gsub("lua5%.3%-plain", "lua5.1-plain"):gsub("lua/5%.3/", "lua/5.1/")
  end)
  teardown(function()
    package.path, package.cpath, child.lua = path, cpath, lua
    sb:stop()
  end)

  it("does its work", function()
    assert.truthy(command.run(sb, "doctor"):says(0, nil, "").out:find("^ok     exotel       1.0.0, Lua 5.1\n"))
    command.run(sb, "trunk create out"):says(0, nil, "")
    command.run(sb, "number map out +919876543210"):says(0, nil, "")
    command.run(sb, "number import /dev/null --trunk out --results /dev/null"):says(1, "")
    assert.truthy(command.run(sb, "export out --json"):says(0, nil, "").out:find('"+919876543210"', 1, true))
    local file = child.write('{ "trunk_name": "out", "whitelisted_ips": ["44.248.146.11"] }')
    assert(os.rename(file, file .. ".json"))
    command.run(sb, ("plan --exit-code %s.json --out %s.plan"):format(file, file)):says(2)
    assert.truthy(command.run(sb, ("plan show --markdown %s.plan"):format(file)):says(0, nil, "").out:find("1 to add", 1, true))
    os.remove(file .. ".plan")
    command.run(sb, "apply --yes " .. file .. ".json"):says(0, nil, "")
    command.run(sb, "check " .. file .. ".json"):says(0)
    os.remove(file .. ".json")
    command.run(sb, "trunk sho out"):says(64, "", 'exotel: unknown command "sho": did you mean show?; see exotel trunk --help\n')
  end)

  it("asks, and sees Ctrl-C", function()
    command.run(sb, "trunk create asked"):says(0)
    command.at_terminal(sb, "trunk delete asked", { "expect:Its name, to go on: ", "send:\\x03" }):says(130)
    command.at_terminal(sb, "trunk delete asked", { "expect:Its name, to go on: ", "send:asked\\n" }):says(0)
    sb:fault { on = "list_trunks", hang = true }
    sb:reset_requests()
    local running = command.start(sb, "trunk list")
    running:wait_for(function() return #sb:requests() > 0 end)
    running:signal "INT"
    running:finish():says(130, "", "exotel: interrupted: nothing was changed\n")
  end)
end)
