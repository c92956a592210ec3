-- exotel ip replace: what it shows, asks and says.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb

before_each(function()
  sb = assert(sandbox.start())
  sb:put { trunk_name = "out", whitelisted_ips = { "44.248.146.11" }, destinations = { "44.248.146.11:5061;transport=tls" } }
end)
after_each(function() sb:stop() end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local PLAN = [[trunk out
  + whitelisted_ip 198.51.100.20/32
  + destination 198.51.100.20:5061;transport=tls (priority=0 weight=1)
  - destination 44.248.146.11:5061;transport=tls (priority=0 weight=1)
  - whitelisted_ip 44.248.146.11/32
2 to add, 0 to change, 2 to remove, 0 extra
]]
local ASKED = PLAN .. "Replace 44.248.146.11 by 198.51.100.20 on the trunk out of the account sandbox1? [y/N] "
local DONE = [[trunk out
  + whitelisted_ip 198.51.100.20/32: done
  + destination 198.51.100.20:5061;transport=tls (priority=0 weight=1): done
  - destination 44.248.146.11:5061;transport=tls (priority=0 weight=1): done
  - whitelisted_ip 44.248.146.11/32: done
2 added, 0 changed, 2 removed
]]
local REPLACE = "ip replace out 44.248.146.11 198.51.100.20"

local function plain(text) return (text:gsub("\27%[%d*m", "")) end

local function addresses()
  local list = {}
  for i, ip in ipairs(sb:state().trunks[1].ips) do list[i] = ip.ip end
  for _, d in ipairs(sb:state().trunks[1].destinations) do list[#list + 1] = d.destination:match("^sip:([%d.]+)") end
  return table.concat(list, " ")
end

describe("exotel ip replace", function()
  it("refuses a range whose address has host bits, and names the range", function()
    sb:put { trunk_name = "none", whitelisted_ips = { "44.248.146.11" } }
    for _, trunk in ipairs { "out", "none" } do
      exotel("ip replace " .. trunk .. " 44.248.146.11 198.51.100.20/24 --yes"):says(64, "",
        "exotel: 198.51.100.20/24 has host bits: 198.51.100.0/24 is the range\n")
    end
    exotel("ip replace none 44.248.146.11 198.51.100.0/24 --yes"):says(0)
  end)

  it("shows its steps and asks, naming the account", function()
    local no = command.at_terminal(sb, REPLACE, { "expect:[y/N] ", "send:n\\n" })
    assert.equal(1, no.status)
    assert.equal(ASKED .. "n\nexotel: nothing was changed\n", plain(no.out))
    assert.equal("44.248.146.11 44.248.146.11", addresses())
    local yes = command.at_terminal(sb, REPLACE, { "expect:[y/N] ", "send:y\\n" })
    assert.equal(0, yes.status)
    assert.equal(ASKED .. "y\n" .. DONE, plain(yes.out))
    assert.equal("198.51.100.20 198.51.100.20", addresses())
  end)

  it("does it, again and in two steps", function()
    exotel(REPLACE .. " --dry-run"):says(0, PLAN, "")
    exotel(REPLACE):says(64, "", "exotel: exotel ip replace asks before it does anything, and there is no terminal to ask on: say --yes\n")
    exotel(REPLACE .. " --keep-old -y"):says(0)
    assert.equal("44.248.146.11 198.51.100.20 44.248.146.11 198.51.100.20", addresses())
    exotel(REPLACE .. " -y --quiet"):says(0, "", "")
    assert.equal("198.51.100.20 198.51.100.20", addresses())
    exotel(REPLACE .. " -y"):says(0, "0 to add, 0 to change, 0 to remove, 0 extra\n", "")
  end)

  it("says what failed, and has removed nothing", function()
    sb:fault { before = "add_destinations", status = 400 }
    local part = exotel(REPLACE .. " -y --json"):says(3)
    local changes = json.decode(part.out).changes
    assert.same({ "done", "failed", "not_tried", "not_tried" }, { changes[1].outcome, changes[2].outcome, changes[3].outcome, changes[4].outcome })
    assert.equal("rejected", json.decode(part.err).error.kind)
    assert.equal("44.248.146.11 198.51.100.20 44.248.146.11", addresses())
  end)

  it("refuses what is wrong", function()
    exotel("ip replace out 192.0.2.1 192.0.2.2 -y"):says(1, "",
      "exotel: replace_ip: not_found: 192.0.2.1/32 is not whitelisted on out, and no destination is on it\n")
    exotel("ip replace out 44.248.146.11 44.248.146 -y"):says(64, "")
    exotel("ip replace out 44.248.146.11 44.248.146.11 -y"):says(64, "", "exotel: the new IP is the old one\n")
    exotel("ip replace ot 44.248.146.11 192.0.2.1 -y"):says(1, "", 'exotel: no trunk is called "ot" (did you mean "out"?); `exotel trunk list` shows those there are\n')
  end)

  it("survives a kill at any request: the next one completes it", function()
    for i = 1, 16 do
      local from, to = "44.248.146.11", "198.51.100.20"
      if i % 2 == 0 then from, to = to, from end
      local replace = ("ip replace out %s %s -y"):format(from, to)
      sb:reset_requests()
      sb:fault { on = "*", delay = 0.02, times = true }
      local running = command.start(sb, replace)
      running:wait_for(function() return #sb:requests() >= i end)
      running:signal "KILL"
      running:finish()
      sb:clear_faults()
      local held = addresses()
      assert.truthy(held:find(from .. " .*" .. from) or held:find(to .. " .*" .. to), held)
      exotel(replace):says(0)
      assert.equal(to .. " " .. to, addresses())
    end
  end)
end)
