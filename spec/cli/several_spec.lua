-- Several numbers, IPs or destinations on one command line; and names that are empty, or that a trunk hasn't.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, sid

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function() sid = command.one_trunk(sb) end)

local function exotel(arguments) return command.run(sb, arguments) end

local function writes()
  local count = 0
  for _, request in ipairs(sb:requests()) do count = count + (request.method == "GET" and 0 or 1) end
  return count
end

describe("several values", function()
  it("are added one by one, each with its outcome, and the count at the end", function()
    local out = exotel("number map out +919876543210 +919876543211 --mode flow"):says(0, nil, "").out
    assert.truthy(out:find("^mapped %+919876543210 to out, mode flow, id %d+\nmapped %+919876543211 to out, mode flow, id %d+\n2 numbers: 2 done\n$"), out)
    out = exotel("ip add out 1.2.3.4 5.6.7.8/32"):says(0, nil, "").out
    assert.truthy(out:find("^whitelisted 1.2.3.4/32 on out, id %d+\nwhitelisted 5.6.7.8/32 on out, id %d+\n2 IPs: 2 done\n$"), out)
    out = exotel("destination add out 1.2.3.4:5060 sip:5.6.7.8:5060 --priority 2 --weight 5"):says(0, nil, "").out
    assert.truthy(out:find("^added sip:1.2.3.4:5060 to out, id %d+\nadded sip:5.6.7.8:5060 to out, id %d+\n2 destinations: 2 done\n$"), out)
    assert.truthy(exotel("destination list out").out:find("sip:5.6.7.8:5060\t2\t5\t", 1, true))
    exotel("number map out +919876543210 +919876543211 --mode flow -q"):says(0, "", "")
  end)

  it("go on after one that fails, which the status and the count show", function()
    exotel("number map out +919876543210")
    local result = exotel("number map out +919876543210 +919876543211 --mode flow"):says(3)
    assert.truthy(result.err:find("^exotel: %+919876543210: map_phone_number: conflict .-exists with mode pstn, not flow"), result.err)
    assert.truthy(result.out:find("^mapped %+919876543211 .-\n2 numbers: 1 done, 1 failed\n$"), result.out)
    local value = json.decode(exotel("destination add out 7.7.7.7:5060 7.7.7.8:5060 --json"):says(1, nil, "").out)
    assert.same({ 2, 0, 0, 2, 0, 0 },
      { value.total, value.done, value.present, value.failed, value.unknown, value.not_tried })
    assert.same({ "7.7.7.8:5060", "failed", "partial" },
      { value.items[2].argument, value.items[2].outcome, value.items[2].error.kind })
    sb:fault { on = "whitelist_ip", status = 401 }
    result = exotel("ip add out 1.1.1.1 2.2.2.2"):says(1, "2 IPs: 2 not tried\n")
    assert.truthy(result.err:find("^exotel: not tried: 1.1.1.1, 2.2.2.2\nexotel: whitelist_ip: authentication"), result.err)
  end)

  it("are checked wholly before the first is sent", function()
    exotel("number map out 12 +919876543222 +919876543222"):says(64, "", [[
exotel: nothing was sent:
exotel: 12: phone_number must be E.164 and start with "+" and the country code, as in +919876543210 (got "12")
exotel: +919876543222: is given twice
]])
    exotel("ip add out 1.1.1.1 1.2.3.5/24 1.1.1.1/32"):says(64, "", [[
exotel: nothing was sent:
exotel: 1.2.3.5/24: ip 1.2.3.5/24 has host bits: 1.2.3.0/24 is the range
exotel: 1.1.1.1/32: is given twice
]])
    exotel("destination add out a.example.com:5060 --weight 65536"):says(64, "", "exotel: weight must be 0 to 65535 (got 65536)\n")
    local err = json.decode(exotel("ip add out 1.1.1.1 x --json"):says(64, "").err).error
    assert.same({ "invalid_argument", 2, "ip" }, { err.kind, err.problems[1].index, err.problems[1].field })
    exotel("number map out"):says(64, "")
    assert.same({}, sb:requests())
  end)

  it("say of a destination whose priority could not be set that it is there", function()
    sb:fault { on = "update_destination", status = 400 }
    local result = exotel("destination add out a.example.com:5060 b.example.com:5060 --priority 3"):says(3)
    assert.truthy(result.err:find("^exotel: a.example.com:5060: update_destination: .-it is added %(id %d+%), but not with priority and weight: "), result.err)
    assert.truthy(result.out:find("\n2 destinations: 1 done, 1 failed\n", 1, true), result.out)
    sb:fault { on = "update_destination", status = 400 }
    exotel("destination add out c.example.com:5060 7.7.7.7:5060 --priority 3"):says(3, "2 destinations: 2 failed\n")
    result = exotel("destination add out a.example.com:5060 --priority 3"):says(1, "")
    assert.truthy(result.err:find(" exists with priority 0, not 3 -- `exotel destination update` changes priority and weight\n", 1, true), result.err)
  end)
end)

describe("an empty name", function()
  it("is refused wherever one is given, and nothing is changed", function()
    local trunk, nothing = "the trunk's name is empty; sid:SID names one that has no name", "the text that names it is empty"
    for arguments, message in pairs {
      ["trunk show ''"] = trunk, ["trunk delete '' -y"] = trunk, ["trunk update '' --status inactive"] = trunk,
      ["trunk show name:"] = trunk, ["trunk show sid:"] = trunk, ["number move +919876543210 --to '' -y"] = trunk,
      ["export ''"] = trunk,
      ["number unmap out '' -y"] = "which number? " .. nothing, ["ip remove out '' -y"] = "which IP? " .. nothing,
      ["ip remove out id: -y"] = "which IP? " .. nothing, ["credential delete out '' -y"] = "which credential? " .. nothing,
      ["destination remove out '' -y"] = "which destination? " .. nothing,
      ["trunk create ''"] = "trunk_name must be", ["trunk update out --trunk-name ''"] = "trunk_name must be",
      ["credential create out '' --generate-password"] = "user_name", ["setting set out '' x"] = "name",
      ["log --trunk ''"] = "--trunk names no trunk: the name is empty",
      ["trunk list --profile ''"] = "--profile names no profile: the name is empty",
      ["trunk list --account ''"] = "--account names no account: it is empty",
    } do
      local result = exotel(arguments)
      assert.truthy(result.status == 64 or result.status == 1, arguments)
      assert.truthy(result.err:find(message, 1, true), arguments .. ": " .. result.err)
    end
    assert.equal(0, writes())
  end)
end)

describe("a trunk without a name", function()
  it("is named by its sid, in messages and in the commands that they advise", function()
    local none = "trnone00000000000000000001"
    sb:put { trunk_sid = none, trunk_name = "" }
    local t = "sid:" .. none
    for _, step in ipairs {
      { "number map %s +919876543210", "mapped %+919876543210 to " .. none },
      { "ip add %s 1.2.3.4", "whitelisted 1.2.3.4/32 on " .. none },
      { "alias set %s +919876543210", "trunk_external_alias of " .. none .. " is " },
      { "alias set %s +919876543210", "already so: trunk_external_alias of " .. none .. " is " },
      { "credential rotate %s pbx -y --generate-password", none .. " has no credential \"pbx\"; `exotel credential list " .. t .. "`" },
      { "credential create %s pbx --generate-password", "created the credential pbx on " .. none },
      { "credential rotate %s pbx --new-user b --generate-password -y", "`exotel credential rotate " .. t .. " pbx %-%-new%-user b" },
      { "number unmap %s +919876543210 -y", none .. ": removed the number" },
      { "trunk update %s --status inactive", "trunk " .. none .. ": status inactive" },
    } do
      local result = exotel(step[1]:format(t))
      assert.truthy((result.out .. result.err):find(step[2]), step[1] .. ": " .. result.out .. result.err)
    end
    assert.truthy(exotel("trunk show ot").err:find('(did you mean "out"?)', 1, true))
    assert.is_string(sid)
  end)
end)
