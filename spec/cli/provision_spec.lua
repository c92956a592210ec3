-- plan, apply, export and check, as processes.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, folder

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local function write(name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local OUT = [[
return {
  trunk_name = "out",
  phone_numbers = { "+919876543210", { phone_number = "+918040264208", mode = "flow" } },
  whitelisted_ips = { "44.248.146.11" },
  destinations = { "44.248.146.11:5061;transport=tls" },
  alias = "+919876543210",
  credentials = { { user_name = "pbx", password_env = "PBX" } },
}
]]

local LINES = [[
trunk out
  + trunk out
  + whitelisted_ip 44.248.146.11/32
  + credential pbx
  + phone_number +919876543210 (mode=pstn)
  + phone_number +918040264208 (mode=flow)
  + setting trunk_external_alias (value=+919876543210)
  + destination 44.248.146.11:5061;transport=tls
]]

-- The last line of a plan, and of a report.
local function planned(add, change, remove, extra)
  return ("%d to add, %d to change, %d to remove, %d extra\n"):format(add, change, remove, extra or 0)
end
local function done(add, change, remove, rest)
  return ("%d added, %d changed, %d removed%s\n"):format(add, change, remove, rest or "")
end

local PLAN, DONE = LINES .. planned(7, 0, 0), done(7, 0, 0)
local UNSET = "the environment variable PBX, the password of pbx, is not set"

local PBX = { env = { PBX = "s3cr3t_1" } }
local out, saved

setup(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  out, saved = write("out.lua", OUT), folder .. "/saved"
end)
teardown(function() os.execute("rm -r " .. folder) end)
before_each(function() sb = assert(sandbox.start()) end)
after_each(function() sb:stop() end)

-- What is said of a plan that was kept.
local function origin(path)
  local document = json.decode(read(path))
  return ("plan made %s UTC for account %s\n"):format(document.made_at:gsub("T", " "):gsub("Z", ""), document.account)
end

-- Two plans differ in when they were made.
local function without_digest(text) return (text:gsub('"digest": "[^"]+"', ""):gsub('"made_at": "[^"]+"', "")) end

local function writes()
  local count = 0
  for _, request in ipairs(sb:requests()) do count = count + (request.method == "GET" and 0 or 1) end
  return count
end

local function applied()
  exotel("apply --yes " .. out, PBX):says(0)
  sb:reset_requests()
end

describe("exotel plan", function()
  it("says what would change, and changes nothing", function()
    exotel("plan " .. out, PBX):says(0, PLAN, "")
    exotel("plan --exit-code " .. out, PBX):says(2, PLAN, "")
    local plan = json.decode(exotel("plan --json " .. out, PBX):says(0, nil, "").out)
    assert.equal(7, #plan.changes)
    assert.same({}, plan.left_out)
    assert.truthy(plan.account:find("^sandbox1 at 127%.0%.0%.1"), plan.account)
    assert.equal(planned(7, 0, 0), plan.summary .. "\n")
    exotel("plan -q " .. out, PBX):says(0, "", "")
    exotel("plan -q --exit-code " .. out, PBX):says(2, "", "")
    assert.equal(0, writes())
    assert.same({}, sb:state().trunks)
  end)

  it("is shown with what apply would refuse, and fails then, with all reasons", function()
    local shown = LINES .. "  ! " .. UNSET .. "\n" .. planned(7, 0, 0)
    exotel("plan " .. out):says(1, shown, "exotel: apply would refuse this plan: " .. UNSET .. "\n")
    exotel("plan --exit-code " .. out):says(1, shown)
    exotel("plan -q " .. out):says(1, "", "exotel: apply would refuse this plan: " .. UNSET .. "\n")
    local failed = exotel("plan --json " .. out):says(1)
    assert.equal("password", json.decode(failed.out).refused[1].rule)
    assert.equal("apply would refuse this plan: " .. UNSET, json.decode(failed.err).error.message)
    applied()
    local cut = write("cut.lua", 'return { trunk_name = "out", destinations = {}, whitelisted_ips = {} }')
    local both = exotel("plan --prune " .. cut):says(1)
    assert.equal("exotel: apply would refuse this plan: prune would remove the last whitelisted IP of out; prune would remove the last "
      .. "destination of out (if that is meant: --allow last_ip --allow last_destination)\n", both.err)
    assert.equal(0, writes())
  end)

  it("says that nothing would", function()
    applied()
    exotel("plan " .. out):says(0, planned(0, 0, 0), "")
    exotel("plan --exit-code " .. out):says(0, planned(0, 0, 0), "")
    assert.equal("[]", exotel("plan --json " .. out):says(0).out:match('"changes": (%S+),'))
  end)

  it("shows what is there besides, and second copies", function()
    applied()
    exotel("ip add out 44.248.146.12"):says(0)
    local trunk = sb:state().trunks[1]
    local client = assert(sb:client())
    local second = assert(client:add_destinations { trunk_sid = trunk.trunk_sid, destinations = { { destination = "44.248.146.11:5061;transport=tls" } } })[1]
    client:close()
    local EXTRA = "  * whitelisted_ip 44.248.146.12/32: not in the file (kept; --prune removes)\n"
    exotel("plan " .. out):says(0, ("trunk out\n  - destination 44.248.146.11:5061;transport=tls (second copy, id %s)\n")
      :format(second.id) .. EXTRA .. planned(0, 0, 1, 1), "")
    local plan = json.decode(exotel("plan --json " .. out):says(0, nil, "").out)
    assert.equal("duplicate", plan.changes[1].reason)
    assert.same({ { trunk_name = "out", trunk_sid = trunk.trunk_sid, resource = "whitelisted_ip", key = "44.248.146.12/32", id = sb:state().trunks[1].ips[2].id } }, plan.extras)
    assert.equal("0 to add, 0 to change, 1 to remove, 1 extra", plan.summary)
    assert.same({ {}, {} }, { plan.refused, plan.kept })
    exotel("apply --yes " .. out, PBX):says(0)
    assert.equal(1, #sb:state().trunks[1].destinations)
    exotel("plan --exit-code " .. out):says(0, "trunk out\n" .. EXTRA .. planned(0, 0, 0, 1), "")
  end)

  it("takes several files, of both kinds", function()
    local more = write("more.json", '[{"trunk_name": "a"}, {"trunk_name": "b", "whitelisted_ips": ["44.248.146.11"]}]')
    exotel(("plan %s %s"):format(out, more), PBX):says(0, LINES .. "trunk a\n  + trunk a\ntrunk b\n  + trunk b\n  + whitelisted_ip 44.248.146.11/32\n"
      .. planned(10, 0, 0), "")
  end)

  it("says what is wrong with a file", function()
    exotel("plan " .. folder .. "/nothing.lua"):says(1, "", ("exotel: %s/nothing.lua: No such file or directory\n"):format(folder))
    local bad = exotel("plan " .. write("bad.lua", "return {\n  trunk_name = \n}")):says(1, "")
    assert.truthy(bad.err:find("bad.lua", 1, true) and bad.err:find("3", 1, true), bad.err)
    local unknown = write("unknown.json", '{"trunk_name": "x",\n"bogus": 1}')
    exotel("plan " .. unknown):says(1, "", ("exotel: %s:2: trunk x: bogus is unknown in a specification\n"):format(unknown))
    exotel("plan"):says(64, "", "exotel: missing argument 'FILE'; see exotel plan --help\n")
  end)

  it("is kept in a file that only its owner reads, whole or not at all", function()
    exotel(("plan %s --out %s"):format(out, saved), PBX):says(0, PLAN, ("The plan is in %s: exotel apply --plan %s\n"):format(saved, saved))
    local pipe = assert(io.popen("stat -c %a " .. saved))
    assert.equal("600\n", pipe:read("*a"))
    pipe:close()
    local before = read(saved)
    local full = exotel(("plan %s --out %s"):format(out, saved), { env = PBX.env, shell = "trap '' XFSZ; ulimit -f 1; EXOTEL" }):says(1)
    assert.equal(("exotel: %s can't be written: File too large\n"):format(saved), full.err)
    assert.equal(before, read(saved))
    pipe = assert(io.popen("ls " .. folder .. " | grep -c '^saved'"))
    assert.equal("1\n", pipe:read("*a"))
    pipe:close()
    exotel(("plan %s --out /dev/full"):format(out), PBX):says(1, nil, "exotel: /dev/full can't be written: No space left on device\n")
    local link = folder .. "/link"
    assert(os.execute(("ln -sf %s %s"):format(saved, link)))
    exotel(("plan %s --out %s"):format(out, link), PBX):says(0)
    assert(os.execute("test -L " .. link))
    assert.equal(without_digest(before), without_digest(read(saved)))
    exotel(("plan %s --out /proc/nonexistent/plan"):format(out), PBX):says(1, nil, "exotel: /proc/nonexistent/plan can't be written: No such file or directory\n")
  end)
end)

describe("exotel apply", function()
  it("does what the files say, and nothing the second time", function()
    exotel("apply --yes " .. out, PBX):says(0, PLAN .. DONE, "")
    local trunk = sb:state().trunks[1]
    assert.same({ 2, 1, 1, 1, 1 }, { #trunk.numbers, #trunk.ips, #trunk.destinations, #trunk.settings, #trunk.credentials })
    sb:reset_requests()
    exotel("apply --yes " .. out, PBX):says(0, planned(0, 0, 0), "")
    exotel("apply --yes --json " .. out):says(0, nil, "")
    assert.equal(0, writes())
  end)

  it("asks first at a terminal, and refuses where there is none", function()
    exotel("apply " .. out, PBX):says(64, "",
      "exotel: exotel apply asks before it does anything, and there is no terminal to ask on: say --yes\n")
    assert.same({}, sb:requests())
    local env = { env = { PBX = "s3cr3t_1", NO_COLOR = "1" } }
    local refused = command.at_terminal(sb, "apply " .. out, { "expect:Apply this to the account sandbox1? [y/N] ", "send:n\\n" }, env):says(1).out
    assert.equal(PLAN .. "Apply this to the account sandbox1? [y/N] n\nexotel: nothing was changed\n", refused)
    assert.equal(0, writes())
    local shown = command.at_terminal(sb, "apply " .. out, { "expect:? [y/N] ", "send:y\\n" }, env):says(0).out
    assert.equal(PLAN .. "Apply this to the account sandbox1? [y/N] y\n" .. DONE, shown)
  end)

  it("shows it in colours", function()
    local shown = command.at_terminal(sb, "plan " .. out, {}, PBX):says(0).out
    assert.truthy(shown:find("\27[32m  + trunk out\27[0m\n", 1, true), shown)
  end)

  it("shows how far it is when that takes long", function()
    sb:fault { after = "map_phone_number", delay = 0.7, times = true }
    local shown = command.at_terminal(sb, "apply --yes " .. out, {}, PBX):says(0).out
    assert.truthy(shown:find("\r\27%[KApplying %[#+%.+%] %d of 7, %d+ s left"), shown)
    assert.truthy(shown:find("\r\27%[K" .. DONE), shown)
  end)

  it("takes a plan that was kept, unless the service has changed since", function()
    exotel(("plan %s --out %s"):format(out, saved)):says(1)
    local unset = exotel(("apply --yes --plan %s"):format(saved)):says(1)
    assert.truthy(unset.err:find("exotel: the environment variable PBX, the password of pbx, is not set\n", 1, true), unset.err)
    exotel(("apply --yes --plan %s"):format(saved), PBX):says(0, origin(saved) .. LINES .. "  ! " .. UNSET .. "\n" .. planned(7, 0, 0) .. DONE, "")
    exotel(("apply --yes --plan %s"):format(saved), PBX):says(1, nil,
      'exotel: provision: conflict: the service has changed since the plan was made: no longer due is "+ trunk out" of out -- make a new plan\n')
    exotel(("apply --yes --plan %s"):format(out)):says(1, "")
    exotel(("apply --yes --plan %s %s"):format(saved, out)):says(64, "",
      "exotel: --plan brings all it needs: leave out files, --prune, --rotate and --only\n")
    exotel("apply --yes"):says(64, "", "exotel: apply what? name a file, or a plan by --plan FILE\n")
  end)

  it("prunes when told to, but not the last that calls need unless told that, too", function()
    applied()
    local empty = write("empty.lua", 'return { trunk_name = "out", destinations = {}, phone_numbers = { "+919876543210" } }')
    exotel("apply --yes " .. empty, PBX):says(0, "trunk out\n  * phone_number +918040264208: not in the file (kept; --prune removes)\n"
      .. "  * destination 44.248.146.11:5061;transport=tls: not in the file (kept; --prune removes)\n" .. planned(0, 0, 0, 2))
    local shown = exotel("plan --prune " .. empty):says(1).out
    assert.truthy(shown:find("\n  ! prune would remove the last destination of out (--allow last_destination permits it)\n", 1, true), shown)
    exotel("apply --yes --prune " .. empty):says(1, "",
      "exotel: nothing was changed: prune would remove the last destination of out (if that is meant: --allow last_destination)\n")
    assert.equal(0, writes())
    local permitted = exotel("plan --prune --allow last_destination --allow shrink " .. empty):says(0, nil, "").out
    assert.is_nil(permitted:find("!", 1, true), permitted)
    exotel("apply --yes --prune --allow last_destination --allow shrink " .. empty):says(0)
    local trunk = sb:state().trunks[1]
    assert.same({ 0, 1 }, { #trunk.destinations, #trunk.numbers })
    exotel("apply --yes --allow nonsense " .. empty):says(64, "")
  end)

  it("moves a number between two trunks, and names the trunk that has it otherwise", function()
    applied()
    exotel("trunk create other"):says(0)
    exotel("number map other +919876500000"):says(0)
    local other = sb:state().trunks[2].trunk_sid
    local taking = write("taking.lua", 'return { trunk_name = "out", phone_numbers = { "+919876543210", { phone_number = "+918040264208", mode = "flow" }, "+919876500000" } }')
    sb:reset_requests()
    exotel("apply --yes " .. taking):says(1, "",
      ("exotel: nothing was changed: +919876500000 is mapped to the trunk other (%s), which is not part of the plan\n"):format(other))
    assert.equal(0, writes())
    local giving = write("giving.lua", 'return { trunk_name = "other", phone_numbers = {} }')
    local MOVED = "trunk out\n  ~ phone_number +919876500000 (moved from other)\ntrunk other\n    phone_number +919876500000 goes to out\n"
      .. planned(0, 1, 0)
    exotel(("plan %s %s"):format(taking, giving)):says(0, MOVED, "")
    local plan = json.decode(exotel(("plan --json %s %s"):format(taking, giving)):says(0, nil, "").out)
    assert.equal("other", plan.changes[1].moved_from)
    exotel(("apply --yes %s %s"):format(taking, giving)):says(0, MOVED .. done(0, 1, 0), "")
    assert.same({ 3, 0 }, { #sb:state().trunks[1].numbers, #sb:state().trunks[2].numbers })
  end)

  it("without a question takes what somebody else has made meanwhile as it is", function()
    sb:fault { after = "list_trunks", delay = 1.5 }
    local running = command.start(sb, "apply --yes " .. out, PBX)
    running:wait_for(function() return sb:requests()[1] end)
    sb:put { trunk_name = "out", whitelisted_ips = { "44.248.146.11" }, destinations = { "44.248.146.11:5061;transport=tls" } }
    running:finish():says(0, PLAN .. "trunk out\n    trunk out: present\n    whitelisted_ip 44.248.146.11/32: present\n"
      .. "    destination 44.248.146.11:5061;transport=tls: present\n" .. done(4, 0, 0, ", 3 present"), "")
    assert.equal(1, #sb:state().trunks)
    assert.equal(1, #sb:state().trunks[1].destinations)
  end)

  it("after a question does what was shown, or nothing", function()
    local somebody = "run:" .. command.line(sb, "trunk create out")
    local shown = command.at_terminal(sb, "apply " .. out, { "expect:? [y/N] ", somebody, "send:y\\n" }, PBX)
    assert.truthy(shown:says(1).out:find("conflict: the service has changed since the plan was made", 1, true), shown.out)
  end)

  it("sets a password anew only when told to", function()
    applied()
    exotel("apply --yes --rotate pbx " .. out, { env = { PBX = "s3cr3t_2" } }):says(0,
      "trunk out\n  ~ credential pbx (password: (set) -> (new))\n" .. planned(0, 1, 0) .. done(0, 1, 0), "")
    assert.truthy(sb:requests()[#sb:requests()].body:find("s3cr3t_2", 1, true))
  end)

  it("never shows a password", function()
    for _, arguments in ipairs { "plan", "plan --json", "apply --yes -v", "apply --yes --json --rotate pbx", "check --json", "plan --out " .. saved } do
      local result = exotel(arguments .. " " .. out, PBX)
      assert.is_nil((result.out .. result.err):find("s3cr3t", 1, true), result.out .. result.err)
    end
    assert.is_nil(read(saved):find("s3cr3t", 1, true))
  end)

  it("says which part was done", function()
    sb:fault { on = "map_phone_number", status = 400 }
    local part = exotel("apply --yes " .. out, PBX):says(3)
    assert.equal(PLAN, part.out:sub(1, #PLAN))
    assert.truthy(part.out:sub(#PLAN + 1):find("^trunk out\n  %+ phone_number %+919876543210 %(mode=pstn%): failed %- map_phone_number: rejected[^\n]+\n"
      .. done(6, 0, 0, ", 1 failed") .. "$"), part.out)
    assert.truthy(part.err:find("^exotel: "), part.err)
    exotel("apply --yes " .. out, PBX):says(0)
    sb:fault { on = "whitelist_ip", status = 400 }
    exotel("apply --yes " .. write("ip.lua", 'return { trunk_name = "out", whitelisted_ips = { "44.248.146.19" } }')):says(1)
  end)

  it("needs the password that it needs before it writes anything", function()
    exotel("apply --yes " .. out):says(1, "", "exotel: nothing was changed: " .. UNSET .. "\n")
    assert.equal(0, writes())
  end)

  it("stops between changes after Ctrl-C, and says what was done", function()
    sb:fault { after = "whitelist_ip", delay = 1.5 }
    local running = command.start(sb, "apply --yes " .. out, PBX)
    running:wait_for(function()
      local last = sb:requests()[#sb:requests()]
      return last and last.operation == "whitelist_ip"
    end)
    running:signal "INT"
    local result = running:finish():says(130)
    assert.equal(PLAN .. LINES:gsub("  %+ trunk out\n", ""):gsub("  %+ whitelisted_ip[^\n]+\n", ""):gsub("(  [^\n]+)\n", "%1: not_tried\n")
      .. done(2, 0, 0, ", 5 not tried"), result.out)
    assert.truthy(result.err:find("^\nexotel: finishing what is under way and no more; once more ends at once\n"), result.err)
    local trunk = sb:state().trunks[1]
    assert.same({ 1, 0, 0 }, { #trunk.ips, #trunk.credentials, #trunk.numbers })
    exotel("apply --yes " .. out, PBX):says(0)
  end)

  it("ends at once after the second, and says what isn't known", function()
    sb:fault { after = "whitelist_ip", hang = true }
    local running = command.start(sb, "apply --yes " .. out, PBX)
    running:wait_for(function()
      local last = sb:requests()[#sb:requests()]
      return last and last.operation == "whitelist_ip"
    end)
    running:signal "INT"
    running:wait_for(function(_, err) return err:find("once more", 1, true) end)
    running:signal "INT"
    local result = running:finish():says(130, PLAN)
    assert.truthy(result.err:find("exotel: ended at once: whether the change after the 1 that are over took effect (exotel plan tells what is left) is not known\n", 1, true), result.err)
  end)
end)

describe("exotel check", function()
  local MISSING = LINES:gsub("  %+ ([^\n(]+)[^\n]*\n", "  %1 is missing\n"):gsub(" +is missing", " is missing")

  it("says nothing when the service is as the files say", function()
    applied()
    exotel("check " .. out):says(0, "", "")
    exotel("check -q " .. out):says(0, "", "")
    exotel("check --markdown " .. out):says(0, "", "")
    local fine = json.decode(exotel("check --json " .. out):says(0, nil, "").out)
    assert.same({ false, {}, {}, planned(0, 0, 0) }, { fine.drift, fine.changes, fine.extras, fine.summary .. "\n" })
    exotel("ip add out 192.0.2.77"):says(0)
    local drift = json.decode(exotel("check --json " .. out):says(2, nil, "").out)
    for name in pairs(drift) do assert.is_not_nil(fine[name], name) end
    exotel("ip remove out 192.0.2.77 --yes"):says(0)
    assert.equal("", command.at_terminal(sb, "check " .. out):says(0).out)
  end)

  it("reports how it is, and how it should be", function()
    exotel("check " .. out, PBX):says(2, MISSING .. planned(7, 0, 0), "")
    applied()
    exotel("number update out +918040264208 --mode pstn"):says(0)
    exotel("check " .. out):says(2, "trunk out\n  phone_number +918040264208 is pstn, should be flow\n" .. planned(0, 1, 0), "")
    exotel("check -q " .. out):says(2, "", "")
    local drift = json.decode(exotel("check --json " .. out):says(2, nil, "").out)
    assert.is_true(drift.drift)
    assert.equal("+918040264208", drift.changes[1].key)
    assert.equal("0 to add, 1 to change, 0 to remove, 0 extra", drift.summary)
    exotel("ip add out 44.248.146.12"):says(0)
    exotel("apply --yes " .. out, PBX):says(0)
    exotel("check " .. out):says(2, "trunk out\n  whitelisted_ip 44.248.146.12/32 is not in the file\n" .. planned(0, 0, 0, 1), "")
    local with_extra = json.decode(exotel("check --json " .. out):says(2, nil, "").out)
    assert.same({ {}, "44.248.146.12/32", true }, { with_extra.changes, with_extra.extras[1].key, with_extra.drift })
    exotel("check --ignore-extras " .. out):says(0, "", "")
    exotel("check --prune " .. out):says(2, "trunk out\n  whitelisted_ip 44.248.146.12/32 is not in the file\n" .. planned(0, 0, 1), "")
  end)

  it("tells copies, other values, and values that are not set", function()
    applied()
    local sid = sb:state().trunks[1].trunk_sid
    local client = assert(sb:client())
    local second = assert(client:add_destinations { trunk_sid = sid, destinations = { { destination = "44.248.146.11:5061;transport=tls" } } })[1]
    client:close()
    exotel("alias set out +918040264208"):says(0)
    exotel("trunk update out --status inactive"):says(0)
    local file = write("values.lua", [[return { trunk_name = "out", status = "active", alias = "+919876543210",
      destinations = { { destination = "44.248.146.11:5061;transport=tls", priority = 1, weight = 20 } },
      credentials = { { user_name = "pbx", friendly_name = "front" } } }]])
    exotel("check " .. file):says(2, ([[
trunk out
  trunk out status is inactive, should be active
  credential pbx friendly_name is not set, should be front
  setting trunk_external_alias is +918040264208, should be +919876543210
  destination 44.248.146.11:5061;transport=tls priority is 0, should be 1; weight is 1, should be 20
  destination 44.248.146.11:5061;transport=tls is there twice (second copy, id %s)
]]):format(second.id) .. planned(0, 4, 1), "")
  end)

  it("tells on which trunk a number is", function()
    applied()
    local file = write("two.lua", [[return { { trunk_name = "out", phone_numbers = { "+919876543210" } },
      { trunk_name = "two", phone_numbers = { "+918040264208" } } }]])
    exotel("check " .. file):says(2, "trunk out\n  phone_number +918040264208 should be on two\ntrunk two\n  trunk two is missing\n"
      .. "  phone_number +918040264208 is on out, should be on two; is flow, should be pstn\n" .. planned(1, 1, 0), "")
  end)

  it("says so when that could not be found out", function()
    local meaning = "exotel: whether it is as the files say could not be found out: "
    local of_files = meaning:gsub(": $", ":\n")
    sb:fault { on = "list_trunks", status = 400, times = true }
    local failed = exotel("check " .. out):says(1, "")
    assert.truthy(failed.err:find("^" .. meaning .. "list_trunks: rejected"), failed.err)
    failed = exotel("check --json " .. out):says(1, "")
    assert.equal("rejected", json.decode(failed.err).error.kind)
    exotel("check " .. folder .. "/none.lua"):says(1, "", ("%sexotel: %s/none.lua: No such file or directory\n"):format(of_files, folder))
    local odd = write("odd.lua", 'return { trunk_name = "x", bogus = 1 }')
    exotel("check " .. odd):says(1, "", ("%sexotel: %s:1: trunk x: bogus is unknown in a specification\n"):format(of_files, odd))
    local offline = command.run({ EXOTEL_BASE_URL = "http://127.0.0.1:1", EXOTEL_ACCOUNT_SID = "a", EXOTEL_API_KEY = "k", EXOTEL_API_TOKEN = "t" }, "check " .. out)
    assert.truthy(offline:says(1, "").err:find("^" .. meaning .. "list_trunks: network"), offline.err)
    exotel("check"):says(64, "", "exotel: missing argument 'FILE'; see exotel check --help\n")
    exotel("check --json --markdown " .. out):says(64, "")
  end)
end)

describe("exotel export", function()
  it("prints what plan finds nothing to change in", function()
    applied()
    for format, name in pairs { lua = "all.lua", json = "all.json" } do
      local text = exotel("export out --format " .. format):says(0, nil, "").out
      exotel("plan --prune " .. write(name, text)):says(0)
      if format == "json" then exotel("export out --json"):says(0, text, "") else exotel("export out"):says(0, text, "") end
    end
    exotel("trunk create two"):says(0)
    local all = write("all.lua", exotel("export --all"):says(0, nil, "").out)
    exotel("plan --prune " .. all):says(0)
    exotel("export"):says(64, "", "exotel: which trunk? name some, or say --all\n")
    exotel("export --all out"):says(64, "", "exotel: say --all or name trunks, not both\n")
    exotel("export nix"):says(1, "")
    sb:fault { on = "list_destinations", status = 200, times = 2, body = json.encode { request_id = "a", http_code = 200, response = {
      { code = 200, status = "success", data = { id = "1", destination = "sip:user@host:5060" } },
    }, metadata = { page_size = 50 } } }
    local odd = exotel("export out"):says(0)
    assert.truthy(odd.out:find('{ destination = "user@host:5060", as_is = true }', 1, true), odd.out)
    assert.truthy(odd.err:find("^exotel: warning: out: destinations%[1%] [^\n]+%(as_is%)\n$"), odd.err)
    exotel("plan --prune " .. write("odd.lua", odd.out)):says(0, nil, "")
    exotel("export out", { shell = "EXOTEL >/dev/full" }):says(1, "", "exotel: the output can't be written: No space left on device\n")
  end)
end)
