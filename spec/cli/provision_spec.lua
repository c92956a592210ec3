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

local PLAN = [[
trunk out: 7 changes
  + trunk out
  + whitelisted_ip 44.248.146.11/32
  + credential pbx
  + phone_number +919876543210 (mode=pstn)
  + phone_number +918040264208 (mode=flow)
  + setting trunk_external_alias (value=+919876543210)
  + destination 44.248.146.11:5061;transport=tls
]]

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
    exotel("plan " .. out, PBX):says(2, PLAN, "")
    exotel("plan " .. out):says(2, PLAN .. "  ! the environment variable PBX, the password of pbx, is not set\n", "")
    local plan = json.decode(exotel("plan --json " .. out):says(2, nil, "").out)
    assert.equal(7, #plan.changes)
    assert.equal("password", plan.refused[1].rule)
    assert.equal("7 changes", plan.summary)
    exotel("plan -q " .. out):says(2, "", "")
    assert.equal(0, writes())
    assert.same({}, sb:state().trunks)
  end)

  it("says that nothing would", function()
    applied()
    exotel("plan " .. out):says(0, "trunk out: nothing to change\n", "")
    assert.equal("[]", exotel("plan --json " .. out):says(0).out:match('"changes": (%S+),'))
  end)

  it("shows what is there besides, and second copies", function()
    applied()
    exotel("ip add out 44.248.146.12"):says(0)
    local trunk = sb:state().trunks[1]
    local client = assert(sb:client())
    local second = assert(client:add_destinations { trunk_sid = trunk.trunk_sid, destinations = { { destination = "44.248.146.11:5061;transport=tls" } } })[1]
    client:close()
    exotel("plan " .. out):says(2, ("trunk out: 1 change, 1 extra\n  - destination 44.248.146.11:5061;transport=tls (second copy, id %s)\n")
      :format(second.id) .. "  * whitelisted_ip 44.248.146.12/32 is extra\n", "")
    local plan = json.decode(exotel("plan --json " .. out):says(2, nil, "").out)
    assert.equal("duplicate", plan.changes[1].reason)
    assert.same({ { trunk_name = "out", trunk_sid = trunk.trunk_sid, resource = "whitelisted_ip", key = "44.248.146.12/32", id = sb:state().trunks[1].ips[2].id } }, plan.extras)
    assert.equal("1 change, 1 extra", plan.summary)
    assert.same({ {}, {} }, { plan.refused, plan.kept })
    exotel("apply --yes " .. out, PBX):says(0)
    assert.equal(1, #sb:state().trunks[1].destinations)
    exotel("plan " .. out):says(0, "trunk out: nothing to change, 1 extra\n  * whitelisted_ip 44.248.146.12/32 is extra\n", "")
  end)

  it("takes several files, of both kinds", function()
    local more = write("more.json", '[{"trunk_name": "a"}, {"trunk_name": "b", "whitelisted_ips": ["44.248.146.11"]}]')
    local shown = exotel(("plan %s %s"):format(out, more)):says(2, nil, "").out
    for _, line in ipairs { "trunk out: 7 changes\n", "trunk a: 1 change\n", "trunk b: 2 changes\n" } do
      assert.truthy(shown:find(line, 1, true), shown)
    end
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
    exotel(("plan %s --out %s"):format(out, saved), PBX):says(2, PLAN, ("The plan is in %s: exotel apply --plan %s\n"):format(saved, saved))
    local pipe = assert(io.popen("stat -c %a " .. saved))
    assert.equal("600\n", pipe:read("*a"))
    pipe:close()
    local before = read(saved)
    local full = exotel(("plan %s --out %s"):format(out, saved), { shell = "trap '' XFSZ; ulimit -f 1; EXOTEL" }):says(1)
    assert.equal(("exotel: %s can't be written: File too large\n"):format(saved), full.err)
    assert.equal(before, read(saved))
    pipe = assert(io.popen("ls " .. folder .. " | grep -c '^saved'"))
    assert.equal("1\n", pipe:read("*a"))
    pipe:close()
    exotel(("plan %s --out /dev/full"):format(out)):says(1, nil, "exotel: /dev/full can't be written: No space left on device\n")
    local link = folder .. "/link"
    assert(os.execute(("ln -sf %s %s"):format(saved, link)))
    exotel(("plan %s --out %s"):format(out, link), PBX):says(2)
    assert(os.execute("test -L " .. link))
    assert.equal(before, read(saved))
    exotel(("plan %s --out /nonexistent/plan"):format(out)):says(1, nil, "exotel: /nonexistent/plan can't be written: No such file or directory\n")
  end)
end)

describe("exotel apply", function()
  local DONE = PLAN:gsub("7 changes", "7 done"):gsub("(  [^\n]+)\n", "%1: done\n")

  it("does what the files say, and nothing the second time", function()
    exotel("apply --yes " .. out, PBX):says(0, DONE, "")
    local trunk = sb:state().trunks[1]
    assert.same({ 2, 1, 1, 1, 1 }, { #trunk.numbers, #trunk.ips, #trunk.destinations, #trunk.settings, #trunk.credentials })
    sb:reset_requests()
    exotel("apply --yes " .. out, PBX):says(0, "trunk out: nothing to change\n", "")
    exotel("apply --yes --json " .. out):says(0, nil, "")
    assert.equal(0, writes())
  end)

  it("asks first at a terminal, and refuses where there is none", function()
    exotel("apply " .. out, PBX):says(64, "",
      "exotel: exotel apply asks before it does anything, and there is no terminal to ask on: say --yes\n")
    assert.same({}, sb:requests())
    local env = { env = { PBX = "s3cr3t_1", NO_COLOR = "1" } }
    local refused = command.at_terminal(sb, "apply " .. out, { "expect:Apply 7 changes? [y/N] ", "send:n\\n" }, env):says(1).out
    assert.equal(PLAN .. "Apply 7 changes? [y/N] n\nexotel: nothing was changed\n", refused)
    assert.equal(0, writes())
    local shown = command.at_terminal(sb, "apply " .. out, { "expect:? [y/N] ", "send:y\\n" }, env):says(0).out
    assert.equal(PLAN .. "Apply 7 changes? [y/N] y\n" .. DONE, shown)
  end)

  it("shows it in colours", function()
    local shown = command.at_terminal(sb, "plan " .. out):says(2).out
    assert.truthy(shown:find("\27[32m  + trunk out\27[0m\n", 1, true), shown)
  end)

  it("shows how far it is when that takes long", function()
    sb:fault { after = "map_phone_number", delay = 0.7, times = true }
    local shown = command.at_terminal(sb, "apply --yes " .. out, {}, PBX):says(0).out
    assert.truthy(shown:find("\r\27%[KApplying %[#+%.+%] %d of 7, %d+ s left"), shown)
    assert.truthy(shown:find("\r\27%[Ktrunk out: 7 done\n"), shown)
  end)

  it("takes a plan that was kept, unless the service has changed since", function()
    exotel(("plan %s --out %s"):format(out, saved)):says(2)
    local unset = exotel(("apply --yes --plan %s"):format(saved)):says(1, "")
    assert.truthy(unset.err:find("exotel: the environment variable PBX, the password of pbx, is not set\n", 1, true), unset.err)
    exotel(("apply --yes --plan %s"):format(saved), PBX):says(0, DONE, "")
    exotel(("apply --yes --plan %s"):format(saved), PBX):says(1, "",
      'exotel: provision: conflict: the service has changed since the plan was made: no longer due is "+ trunk out" of out -- make a new plan\n')
    exotel(("apply --yes --plan %s"):format(out)):says(1, "")
    exotel(("apply --yes --plan %s %s"):format(saved, out)):says(64, "",
      "exotel: --plan brings all it needs: leave out files, --prune and --rotate\n")
    exotel("apply --yes"):says(64, "", "exotel: apply what? name a file, or a plan by --plan FILE\n")
  end)

  it("prunes when told to, but not the last that calls need unless told that, too", function()
    applied()
    local empty = write("empty.lua", 'return { trunk_name = "out", destinations = {}, phone_numbers = { "+919876543210" } }')
    exotel("apply --yes " .. empty, PBX):says(0, "trunk out: nothing to change, 2 extra\n  * phone_number +918040264208 is extra\n"
      .. "  * destination 44.248.146.11:5061;transport=tls is extra\n")
    local planned = exotel("plan --prune " .. empty):says(2, nil, "").out
    assert.truthy(planned:find("\n  ! prune would remove the last destination of out (--allow last_destination permits it)\n", 1, true), planned)
    exotel("apply --yes --prune " .. empty):says(1, "",
      "exotel: nothing was changed: prune would remove the last destination of out (if that is meant: --allow last_destination)\n")
    assert.equal(0, writes())
    local permitted = exotel("plan --prune --allow last_destination --allow shrink " .. empty):says(2, nil, "").out
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
    exotel(("plan %s %s"):format(taking, giving)):says(2, "trunk out: 1 change\n  ~ phone_number +919876500000 (moved from other)\n"
      .. "trunk other: 1 moved away\n    phone_number +919876500000 goes to out\n", "")
    local plan = json.decode(exotel(("plan --json %s %s"):format(taking, giving)):says(2, nil, "").out)
    assert.equal("other", plan.changes[1].moved_from)
    local moved = exotel(("apply --yes %s %s"):format(taking, giving)):says(0, nil, "").out
    assert.truthy(moved:find("  ~ phone_number +919876500000 (moved from other): done\n", 1, true), moved)
    assert.same({ 3, 0 }, { #sb:state().trunks[1].numbers, #sb:state().trunks[2].numbers })
  end)

  it("without a question takes what somebody else has made meanwhile as it is", function()
    sb:fault { after = "list_trunks", delay = 1.5 }
    local running = command.start(sb, "apply --yes " .. out, PBX)
    running:wait_for(function() return sb:requests()[1] end)
    sb:put { trunk_name = "out", whitelisted_ips = { "44.248.146.11" }, destinations = { "44.248.146.11:5061;transport=tls" } }
    running:finish():says(0, (DONE:gsub("7 done", "4 done, 3 present"):gsub("  [^\n]+trunk out: done\n", "")
      :gsub("  [^\n]+whitelisted_ip[^\n]+\n", ""):gsub("  [^\n]+destination[^\n]+\n", "")), "")
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
      "trunk out: 1 done, 6 present\n  ~ credential pbx (password: (set) -> (new)): done\n", "")
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
    assert.truthy(part.out:find("^trunk out: 6 done, 1 failed\n"), part.out)
    assert.truthy(part.out:find("\n  + phone_number +919876543210 (mode=pstn): failed - map_phone_number: rejected", 1, true), part.out)
    assert.truthy(part.err:find("^exotel: "), part.err)
    exotel("apply --yes " .. out, PBX):says(0)
    sb:fault { on = "whitelist_ip", status = 400 }
    exotel("apply --yes " .. write("ip.lua", 'return { trunk_name = "out", whitelisted_ips = { "44.248.146.19" } }')):says(1)
  end)

  it("needs the password that it needs before it writes anything", function()
    local refused = exotel("apply --yes " .. out):says(1, "")
    assert.truthy(refused.err:find("PBX", 1, true), refused.err)
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
    local began = "trunk out: 2 done, 5 not_tried\n  + trunk out: done\n  + whitelisted_ip 44.248.146.11/32: done\n  + credential pbx: not_tried\n"
    assert.equal(began, result.out:sub(1, #began))
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
    local result = running:finish():says(130, "")
    assert.truthy(result.err:find("exotel: ended at once: whether the change after the 1 that are over took effect (exotel plan tells what is left) is not known\n", 1, true), result.err)
  end)
end)

describe("exotel check", function()
  it("says whether there is drift", function()
    exotel("check " .. out, PBX):says(2, PLAN, "")
    applied()
    exotel("check " .. out):says(0, "", "no drift\n")
    exotel("check -q " .. out):says(0, "", "")
    assert.same({ changes = {}, extras = {}, drift = false }, json.decode(exotel("check --json " .. out):says(0).out))
    exotel("number update out +918040264208 --mode pstn"):says(0)
    exotel("check " .. out):says(2, "trunk out: 1 change\n  ~ phone_number +918040264208 (mode: pstn -> flow)\n", "")
    exotel("check -q " .. out):says(2, "", "")
    local drift = json.decode(exotel("check --json " .. out):says(2, nil, "").out)
    assert.is_true(drift.drift)
    assert.equal("+918040264208", drift.changes[1].key)
    exotel("ip add out 44.248.146.12"):says(0)
    exotel("apply --yes " .. out, PBX):says(0)
    exotel("check " .. out):says(2, "trunk out: nothing to change, 1 extra\n  * whitelisted_ip 44.248.146.12/32 is extra\n", "")
    local with_extra = json.decode(exotel("check --json " .. out):says(2, nil, "").out)
    assert.same({ {}, "44.248.146.12/32", true }, { with_extra.changes, with_extra.extras[1].key, with_extra.drift })
    exotel("check --ignore-extras " .. out):says(0, "", "no drift\n")
    exotel("check --prune " .. out):says(2)
    sb:fault { on = "list_trunks", status = 400 }
    exotel("check " .. out):says(1, "")
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
