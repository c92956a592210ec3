-- Two processes apply one specification at the same moment, as two operators would. "#plain": other programs do the work.
local child = require "spec.support.child"
local desired = require "spec.support.desired"
local provision = require "exotel.provision"
local random_specs = require "spec.support.random_specs"
local world = require "spec.support.world"

local TIMES = 100

local SPEC = {
  trunk_name = "outbound_trunk",
  phone_numbers = { "+919876543210" }, whitelisted_ips = { "192.0.2.1" },
  destinations = { "192.0.2.1:5061;transport=tls", "a.example.com:5060;transport=tcp" }, alias = "+919876543210",
}

local SCRIPT = [[
local client = assert(require("exotel").client { rate_limit = false, retries = 1, backoff = 0, settle_wait = 0.05, timeout = 2 })
local report, err = require("exotel.provision").apply(client, require("exotel.json").decode(os.getenv("SPEC")))
print(report and "done" or tostring(err))
]]

describe("two processes at once #plain", function()
  local w, script

  before_each(function()
    w = world.new(nil, { settle_wait = 0, rate_limit = false })
    script = child.write(SCRIPT)
  end)
  after_each(function()
    w:close()
    os.remove(script)
  end)

  -- → what each of the two said
  local function apply_twice()
    local environment = w.sb:environment()
    environment.SPEC = require("exotel.json").encode(SPEC)
    local command = child.command(script, environment)
    local first, second = child.start(command), child.start(command)
    return (child.finish(first)), (child.finish(second))
  end

  local function count_equal(state)
    assert.equal(1, #state.trunks)
    assert.equal(2, #state.trunks[1].destinations, "destinations")
    assert.equal(1, #state.trunks[1].numbers)
  end

  local function empty()
    for _, trunk in ipairs(assert(w.client:list_trunks {})) do
      assert(w.client:delete_trunk { trunk_sid = trunk.trunk_sid })
    end
  end

  it("leave exactly one of each, " .. TIMES .. " times", function()
    for i = 1, TIMES do
      if i % 2 == 0 then w:trunk(SPEC.trunk_name) end -- else each may be the one that makes it
      local first, second = apply_twice()
      assert.equal("done\n", first, i)
      assert.equal("done\n", second, i)
      count_equal(w.sb:state())
      empty()
    end
  end)

  it("leave exactly one of each after one more apply, with a quarter of all requests lost, " .. TIMES .. " times", function()
    local random = random_specs.randomness(1)
    for i = 1, TIMES do
      local taken = 0
      for k = 0, 59 do
        if random.chance(25) then
          w.sb:fault { [random.one_of { "before", "after" }] = "*", drop = true, skip = k - taken }
          taken = taken + 1
        end
      end
      apply_twice()
      w.sb:clear_faults()
      assert(provision.apply(w.client, SPEC))
      desired.assert_reached(w.client, w.sb, { spec = { SPEC } }, "run " .. i)
      empty()
    end
  end)
end)
