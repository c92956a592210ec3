-- Plans as people see them: on terminals of several widths, in pipes, as Markdown, kept in files; of some trunks only;
-- and trunks that are to be absent.
local child = require "spec.support.child"
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

setup(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
end)
teardown(function() os.execute("rm -r " .. folder) end)
before_each(function() sb = assert(sandbox.start()) end)
after_each(function() sb:stop() end)

local function read_pwd()
  local pipe = assert(io.popen("pwd"))
  local line = pipe:read("*l")
  pipe:close()
  return line
end

local function writes()
  local count = 0
  for _, request in ipairs(sb:requests()) do count = count + (request.method == "GET" and 0 or 1) end
  return count
end

local COUNT = "%d to add, %d to change, %d to remove, %d extra\n"

describe("a plan on a terminal", function()
  local LONG = [[return { trunk_name = "out", destinations = { { destination = "sip.a-rather-long-name.example.com:5061;transport=tls",
    priority = 1, weight = 20 } } }]]

  local function terminal(width, arguments)
    return command.at_terminal(sb, arguments, { "size:" .. width }, { env = { COLUMNS = "", NO_COLOR = "1" } }):says(0).out
  end

  it("has lines as long as it is wide", function()
    local file = write("long.lua", LONG)
    local whole = "trunk out\n  + trunk out\n  + destination sip.a-rather-long-name.example.com:5061;transport=tls (priority=1 weight=20)\n"
      .. COUNT:format(2, 0, 0, 0)
    assert.equal([[
trunk out
  + trunk out
  + destination
      sip.a-rather-long-name.example.com:5061;transport=tls
      (priority=1 weight=20)
2 to add, 0 to change, 0 to remove, 0
      extra
]], terminal(40, "plan " .. file))
    assert.equal([[
trunk out
  + trunk out
  + destination sip.a-rather-long-name.example.com:5061;transport=tls
      (priority=1 weight=20)
2 to add, 0 to change, 0 to remove, 0 extra
]], terminal(80, "plan " .. file))
    assert.equal(whole, terminal(200, "plan " .. file))
    exotel("plan " .. file, { env = { COLUMNS = "40" } }):says(0, whole, "")
  end)

  it("wraps a report on drift, and keeps each line's colour", function()
    local file = write("long.lua", LONG)
    local shown = command.at_terminal(sb, "plan " .. file, { "size:40" }, { env = { COLUMNS = "" } }):says(0).out
    assert.truthy(shown:find("\27[32m  + destination\27[0m\n\27[32m      sip.a-rather", 1, true), shown)
    shown = command.at_terminal(sb, "check " .. file, { "size:40" }, { env = { COLUMNS = "", NO_COLOR = "1" } }):says(2).out
    assert.equal([[
trunk out
  trunk out is missing
  destination
      sip.a-rather-long-name.example.com:5061;transport=tls
      is missing
2 to add, 0 to change, 0 to remove, 0
      extra
]], shown)
  end)

  local function many(count)
    local list = {}
    for i = 1, count do list[i] = ('"+91987650%04d"'):format(i) end
    return write("many.lua", ('return { trunk_name = "out", phone_numbers = { %s } }'):format(table.concat(list, ", ")))
  end

  it("folds long runs of additions, of which a pipe and --full have all", function()
    local file = many(300)
    local folded = [[
trunk out
  + trunk out
  + phone_number +919876500001 (mode=pstn)
  + phone_number +919876500002 (mode=pstn)
  + phone_number +919876500003 (mode=pstn)
  + 297 more of phone_number (--full lists them)
301 to add, 0 to change, 0 to remove, 0 extra
]]
    assert.equal(folded, terminal(80, "plan " .. file))
    local _, lines = terminal(80, "plan --full " .. file):gsub("\n", "\n")
    assert.equal(303, lines)
    _, lines = exotel("plan " .. file):says(0, nil, "").out:gsub("\n", "\n")
    assert.equal(303, lines)
    local asked = command.at_terminal(sb, "apply " .. file, { "expect:Apply this to the account sandbox1? [y/N] ", "send:n\\n" }, { env = { NO_COLOR = "1" } }):says(1).out
    assert.equal(folded .. "Apply this to the account sandbox1? [y/N] n\nexotel: nothing was changed\n", asked)
    assert.equal(301, #json.decode(terminal(80, "plan --json " .. file)).changes)
  end)

  it("is whole in what is kept, and in what is asked about where the terminal is another one", function()
    local file, saved = many(300), folder .. "/saved"
    terminal(80, ("plan %s --out %s"):format(file, saved))
    assert.equal(301, #json.decode(read(saved)).changes)
  end)
end)

describe("exotel plan show", function()
  local saved, file

  before_each(function()
    saved, file = folder .. "/saved", write("out.lua", 'return { trunk_name = "out", whitelisted_ips = { "192.0.2.1" } }')
    exotel(("plan -q %s --out %s"):format(file, saved)):says(0)
  end)

  local LINES = "trunk out\n  + trunk out\n  + whitelisted_ip 192.0.2.1/32\n" .. COUNT:format(2, 0, 0, 0)

  it("shows a plan that was kept, without account and network", function()
    sb:reset_requests()
    local shown = command.run(nil, "plan show " .. saved):says(0, nil, "").out
    local document = json.decode(read(saved))
    assert.equal(("plan made %s UTC for account %s\n"):format(document.made_at:gsub("T", " "):gsub("Z", ""), document.account) .. LINES, shown)
    local shown_json = json.decode(command.run(nil, "plan show --json " .. saved):says(0, nil, "").out)
    assert.same({ document.made_at, document.account, 2 }, { shown_json.made_at, shown_json.account, #shown_json.changes })
    local markdown = command.run(nil, "plan --markdown show " .. saved):says(0, nil, "").out
    assert.truthy(markdown:find("^%*%*2 to add, 0 to change, 0 to remove, 0 extra%*%*\n\n<p><code>plan made "), markdown)
    assert.same({}, sb:requests())
  end)

  it("takes one file, and nothing that makes a plan", function()
    for _, arguments in ipairs { "show", "show " .. saved .. " " .. saved } do
      exotel("plan " .. arguments):says(64, "", "exotel: plan show takes one file, which exotel plan --out has kept\n")
    end
    for _, option in ipairs { "--prune", "--exit-code", "--out x", "--allow shrink", "--rotate pbx", "--only out" } do
      exotel(("plan show %s %s"):format(saved, option)):says(64, "", ("exotel: plan show only shows a plan: leave out %s\n"):format(option:match("^%S+")))
    end
    exotel("plan show --json --markdown " .. saved):says(64, "")
    exotel(("plan show %s/none"):format(folder)):says(1, "", ("exotel: %s/none can't be read: No such file or directory\n"):format(folder))
    exotel("plan show " .. file):says(1, "")
    exotel(("plan %s show"):format(file)):says(1, "") -- no command but a file
  end)

  it("leaves ./show to be a file of specifications", function()
    local line = child.command(read_pwd() .. "/bin/exotel plan ./show", sb:environment())
    local shown = child.finish(child.start("sh -c " .. child.quote(("cd %s; echo x > show; %s"):format(folder, line))))
    assert.truthy(shown:find("./show: the name of a file of specifications ends in .lua or .json", 1, true), shown)
  end)

  it("is no specification, whatever its name", function()
    for _, name in ipairs { "today.plan", "plan.json" } do
      local path = write(name, read(saved))
      for _, verb in ipairs { "plan", "check", "apply --yes", "validate" } do
        local refused = exotel(verb .. " " .. path)
        assert.equal(1, refused.status)
        assert.truthy((refused.out .. refused.err):find("holds a plan that was saved, and no specifications: `exotel apply --plan` applies it", 1, true), refused.err)
      end
    end
    local cut = write("cut", '{\n  "exotel_plan": 2,')
    exotel("plan show " .. cut):says(1, "", ("exotel: %s can't be taken as a plan that `exotel plan --out` kept: the text is no saved plan, "
      .. "or was cut short: no JSON at line 2, column 20\n"):format(cut))
    assert.equal(0, writes())
  end)

  it("refuses one that was edited, and so does apply", function()
    local edited = write("edited", (read(saved):gsub("192%.0%.2%.1", "192.0.2.9")))
    local message = ("exotel: %s can't be taken as a plan that `exotel plan --out` kept: the plan was edited or damaged after it was saved "
      .. "(its digest doesn't fit): plan again\n"):format(edited)
    exotel("plan show " .. edited):says(1, "", message)
    exotel("apply --yes --plan " .. edited):says(1, "", message)
    exotel("plan show --json " .. edited):says(1, "")
    local old = write("old", (read(saved):gsub('"exotel_plan": 2', '"exotel_plan": 1')))
    exotel("apply --yes --plan " .. old):says(1, "", ("exotel: %s can't be taken as a plan that `exotel plan --out` kept: the plan was saved by an "
      .. "older version of this library (format 1, and this one reads 2): plan again\n"):format(old))
    assert.equal(0, writes())
    local applied = exotel("apply --yes --plan " .. saved):says(0, nil, "").out
    assert.truthy(applied:find("^plan made [%d-]+ [%d:]+ UTC for account sandbox1 at [^\n]+\n"), applied)
    assert.equal(LINES .. "2 added, 0 changed, 0 removed\n", applied:match("\n(.*)$"))
  end)
end)

describe("--only", function()
  local file

  before_each(function()
    file = write("some.json", '[{"trunk_name": "inbound"}, {"trunk_name": "outbound", "whitelisted_ips": ["192.0.2.1"]}, {"trunk_name": "spare"}]')
  end)

  local PARTIAL = "partial: only outbound; 2 other trunks of the file are left out\n"

  it("plans, applies and checks these trunks, and says that it is partial", function()
    local plan = PARTIAL .. "trunk outbound\n  + trunk outbound\n  + whitelisted_ip 192.0.2.1/32\n" .. COUNT:format(2, 0, 0, 0)
    exotel("plan --only outbound " .. file):says(0, plan, "")
    assert.same({ "inbound", "spare" }, (function(list) return { list[1].trunk_name, list[2].trunk_name } end)(
      json.decode(exotel("plan --json --only outbound " .. file):says(0).out).left_out))
    exotel("check --only outbound " .. file):says(2, PARTIAL .. "trunk outbound\n  trunk outbound is missing\n"
      .. "  whitelisted_ip 192.0.2.1/32 is missing\n" .. COUNT:format(2, 0, 0, 0), "")
    exotel("apply --yes --only outbound " .. file):says(0, plan .. "2 added, 0 changed, 0 removed\n", "")
    exotel("check --only outbound " .. file):says(0, "", "")
    exotel("check --only outbound --only spare " .. file):says(2)
    exotel("check --only name:outbound " .. file):says(0, "", "")
    local by_sid = write("by_sid.json", ('[{"trunk_name": "a"}, {"trunk_name": "outbound", "trunk_sid": "%s"}]'):format(sb:state().trunks[1].trunk_sid))
    exotel(("check --only sid:%s %s"):format(sb:state().trunks[1].trunk_sid, by_sid)):says(0, "", "")
    assert.equal(1, #sb:state().trunks)
  end)

  it("knows a name that is nearly one of the file", function()
    for _, verb in ipairs { "plan", "apply --yes" } do
      exotel(verb .. " --only outbuond " .. file):says(1, "", "exotel: --only outbuond: no trunk of the files is called that (did you mean outbound?)\n")
    end
    exotel("check --only outbuond " .. file):says(1, "", "exotel: whether it is as the files say could not be found out: --only outbuond: "
      .. "no trunk of the files is called that (did you mean outbound?)\n")
    exotel("plan --only xyz " .. file):says(1, "", "exotel: --only xyz: no trunk of the files is called that\n")
    exotel("plan --only '' " .. file):says(1, "")
    exotel("plan " .. file .. " --only"):says(64, "")
    assert.same({}, sb:requests())
  end)

  it("makes no half of a move", function()
    exotel("apply --yes " .. write("before.lua", 'return { trunk_name = "inbound", phone_numbers = { "+919876543210" } }')):says(0)
    local sid = sb:state().trunks[1].trunk_sid
    local moved = write("moved.lua", 'return { { trunk_name = "inbound", phone_numbers = {} }, { trunk_name = "outbound", phone_numbers = { "+919876543210" } } }')
    sb:reset_requests()
    exotel("apply --yes --only outbound " .. moved):says(1, "", ("exotel: nothing was changed: +919876543210 is mapped to the trunk inbound (%s), "
      .. "which is left out of the plan: a number moves with both its trunks\n"):format(sid))
    exotel("apply --yes --only inbound --prune --allow shrink " .. moved):says(1, "", "exotel: nothing was changed: +919876543210 goes from "
      .. "inbound to outbound, which is left out of the plan: a number moves with both its trunks\n")
    assert.equal(0, writes())
    exotel("plan --only inbound " .. moved):says(0, "partial: only inbound; 1 other trunk of the file is left out\ntrunk inbound\n"
      .. "  * phone_number +919876543210: goes to outbound, which is left out (kept)\n" .. COUNT:format(0, 0, 0, 1), "")
  end)
end)

describe("--markdown", function()
  it("is a report for a pull request", function()
    local file = write("out.lua", 'return { trunk_name = "out", whitelisted_ips = { "192.0.2.1" } }')
    exotel("plan --markdown " .. file):says(0, [[
**2 to add, 0 to change, 0 to remove, 0 extra**

<p>trunk <code>out</code></p>

```diff
+ trunk out
+ whitelisted_ip 192.0.2.1/32
```
]], "")
    exotel("check --markdown " .. file):says(2, [[
**2 to add, 0 to change, 0 to remove, 0 extra**

<p>trunk <code>out</code></p>

```diff
trunk out is missing
whitelisted_ip 192.0.2.1/32 is missing
```
]], "")
    assert.equal("--json and --markdown exclude each other", json.decode(exotel("plan --markdown --json " .. file):says(64, "").err).error.message)
    local cut = exotel("plan --markdown " .. write("move.lua", 'return { trunk_name = "out", destinations = { "192.0.2.9:5061;transport=tls" } }')):says(1)
    assert.truthy(cut.out:find("\n! 192.0.2.9:5061;transport=tls of out is on an IP that is not whitelisted\n```\n$"), cut.out)
  end)
end)

describe("a trunk that is to be absent", function()
  local file, sid

  before_each(function()
    file = write("absent.lua", 'return { trunk_name = "old", absent = true }')
    exotel("trunk create old"):says(0)
    sid = sb:state().trunks[1].trunk_sid
  end)

  local PLAN = "trunk old\n  - trunk old\n" .. COUNT:format(0, 0, 1, 0)
  local QUESTION = "expect:Apply this to the account sandbox1? [y/N] "

  it("is removed with --yes, and is drift before", function()
    exotel("plan " .. file):says(0, PLAN, "")
    exotel("check " .. file):says(2, "trunk old\n  trunk old is there, should be absent\n" .. COUNT:format(0, 0, 1, 0), "")
    exotel("apply --yes --no-backup " .. file):says(0, PLAN .. "0 added, 0 changed, 1 removed\n", "")
    assert.same({}, sb:state().trunks)
    exotel("apply --yes " .. file):says(0, COUNT:format(0, 0, 0, 0), "")
    exotel("check " .. file):says(0, "", "")
  end)

  it("is asked for by its name at a terminal", function()
    local env = { env = { NO_COLOR = "1" } }
    local asked = ("This deletes the trunk old (%s) of the account sandbox1 with all that it has.\nIts name, to go on: "):format(sid)
    local refused = command.at_terminal(sb, "apply --no-backup " .. file, { QUESTION, "send:y\\n", "expect:to go on: ", "send:odl\\n" }, env):says(1).out
    assert.equal(PLAN .. "Apply this to the account sandbox1? [y/N] y\n" .. asked .. "odl\nexotel: that is not its name: nothing was changed\n", refused)
    assert.equal(1, #sb:state().trunks)
    local shown = command.at_terminal(sb, "apply --no-backup " .. file, { QUESTION, "send:y\\n", "expect:to go on: ", "send:old\\n" }, env):says(0).out
    assert.equal(PLAN .. "Apply this to the account sandbox1? [y/N] y\n" .. asked .. "old\n0 added, 0 changed, 1 removed\n", shown)
    assert.same({}, sb:state().trunks)
    exotel("apply " .. file):says(64, "")
  end)

  it("needs --allow delete_trunk while it has numbers", function()
    exotel("number map old +919876543210"):says(0)
    exotel("ip add old 192.0.2.1"):says(0)
    sb:reset_requests()
    local with = "trunk old\n  - trunk old (with 1 phone number, 1 whitelisted IP)\n    phone_number +919876543210 is unmapped with it\n"
    exotel("plan " .. file):says(1, with .. "  ! absent would delete the trunk old with 1 phone number (--allow delete_trunk permits it)\n" .. COUNT:format(0, 0, 1, 0),
      "exotel: apply would refuse this plan: absent would delete the trunk old with 1 phone number (if that is meant: --allow delete_trunk)\n")
    exotel("apply --yes " .. file):says(1, "",
      "exotel: nothing was changed: absent would delete the trunk old with 1 phone number (if that is meant: --allow delete_trunk)\n")
    exotel("check " .. file):says(2, "trunk old\n  trunk old is there, should be absent\n    phone_number +919876543210 is unmapped with it\n"
      .. COUNT:format(0, 0, 1, 0), "")
    assert.equal("absent would delete the trunk old with 1 phone number (--allow delete_trunk permits it)",
      json.decode(exotel("plan --json " .. file):says(1).out).refused[1].message)
    assert.equal(0, writes())
    exotel("apply --yes --no-backup --allow delete_trunk " .. file):says(0, with .. COUNT:format(0, 0, 1, 0) .. "0 added, 0 changed, 1 removed\n", "")
  end)
end)
