-- validate and fmt, and what plan, apply and check say of files, as processes.
local command = require "spec.support.command"
local json = require "exotel.json"
local random_source = require "spec.support.random_source"
local random_specs = require "spec.support.random_specs"
local sandbox = require "exotel.sandbox"

local folder

-- Nothing is set: no account.
local function exotel(arguments, options)
  local run = { shell = ("cd %s && EXOTEL"):format(folder) }
  for name, value in pairs(options or {}) do run[name] = value end
  return command.run({}, arguments, run)
end

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  file:close()
  return folder .. "/" .. name
end

local function read(name)
  local file = assert(io.open(folder .. "/" .. name, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local GOOD = 'return {\n  trunk_name = "good",\n}\n'
local BAD = 'return {\n  trunk_name = "bad",\n  phone_nubmers = {},\n  phone_numbers = { { phone_number = "+919876543210", mode = "flwo" } },\n  credentials = { { user_name = "pbx" } },\n}\n'
local BAD_LINES = [[
bad.lua:3: error: trunk bad: phone_nubmers is unknown in a specification: did you mean phone_numbers?
bad.lua:4: error: trunk bad: phone_numbers[1].mode must be "pstn" or "flow" (got "flwo"): did you mean flow?
]]

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  -- The command is found from the folder of the files, too.
  assert(os.execute(("mkdir %s && ln -s $PWD/bin %s/bin"):format(folder, folder)))
  write("good.lua", GOOD)
  write("bad.lua", BAD)
end)
after_each(function() os.execute("rm -r " .. folder) end)

describe("exotel validate", function()
  it("says what is wrong with all files, without an account", function()
    exotel("validate good.lua"):says(0, "0 errors in 1 file (1 trunk)\n", "")
    exotel("validate -q good.lua"):says(0, "", "")
    write("syntax.json", '{\n"trunk_name": }')
    local warning = "bad.lua:5: warning: trunk bad: credentials[1] has neither password nor password_env: it can't be made, only left as it is\n"
    exotel("validate good.lua nothing.lua bad.lua syntax.json good.yaml"):says(1, "nothing.lua: error: No such file or directory\n" .. BAD_LINES
      .. warning .. "syntax.json:2: error: no JSON at line 2, column 15\n"
      .. "good.yaml: error: the name of a file of specifications ends in .lua or .json\n5 errors, 1 warning in 5 files (2 trunks)\n", "")
    exotel("validate -q bad.lua"):says(1, BAD_LINES, "")
  end)

  it("speaks JSON to programs", function()
    local result = json.decode(exotel("validate --json bad.lua"):says(1, nil, "").out)
    assert.same({ false, 2, 1, 0, 1 }, { result.valid, result.errors, result.warnings, result.notes, result.trunks })
    assert.same({
      level = "error", rule = "value", file = "bad.lua", line = 4, trunk_name = "bad", path = "phone_numbers[1].mode", field = "phone_numbers[1].mode",
      message = 'phone_numbers[1].mode must be "pstn" or "flow" (got "flwo"): did you mean flow?', suggestion = "flow",
    }, result.problems[2])
    assert.equal('"problems": []', exotel("validate --json good.lua"):says(0).out:match('"problems": %S%S'))
  end)

  it("reads standard input, whichever form it has", function()
    exotel("validate -", { input = GOOD }):says(0, "0 errors in 1 file (1 trunk)\n", "")
    exotel("validate -", { input = '\n [ {"trunk_name": "a",\n"x": 1} ]' }):says(1,
      "<standard input>:3: error: trunk a: x is unknown in a specification\n1 error in 1 file (1 trunk)\n", "")
    exotel("validate -", { input = "" }):says(1, "<standard input>: error: holds no specification: a table with a trunk_name, or a list of them, is expected\n1 error in 1 file (0 trunks)\n", "")
  end)

  it("shows nothing that controls a terminal", function()
    write("hostile.lua", 'return { trunk_name = "\\27[2J", ["\\27]0;x\\7"] = 1, alias = "\\226\\128\\174" }')
    local result = exotel("validate hostile.lua"):says(1)
    assert.is_nil((result.out .. result.err):find("[\27\7]"))
    assert.is_nil(result.out:find("\226\128\174", 1, true))
  end)

  it("is called with files, and says so", function()
    exotel("validate"):says(64, "", "exotel: missing argument 'FILE'; see exotel validate --help\n")
    exotel("validate --prune good.lua"):says(64, "")
    exotel("validate good.lua", { shell = ("cd %s; EXOTEL >/dev/full"):format(folder) }):says(1, "", "exotel: the output can't be written: No space left on device\n")
  end)

  it("has colours on a terminal", function()
    local shown = command.at_terminal({}, "validate " .. folder .. "/bad.lua", {})
    assert.truthy(shown.out:find("\27[31m" .. folder .. "/bad.lua:3: error:", 1, true), shown.out)
    assert.equal(1, shown.status)
  end)
end)

describe("exotel plan, apply and check", function()
  it("show all that is wrong with files, before any request", function()
    local sb = assert(sandbox.start())
    local lines = "exotel: " .. BAD_LINES:gsub("error: trunk", "trunk"):gsub("\n(.)", "\nexotel: %1")
    for _, arguments in ipairs { "plan good.lua bad.lua", "apply --yes bad.lua good.lua", "check bad.lua", "apply --yes --prune bad.lua" } do
      local meaning = arguments:find("^check") and "exotel: whether it is as the files say could not be found out:\n" or ""
      command.run(sb, arguments, { shell = ("cd %s && EXOTEL"):format(folder) }):says(1, "", meaning .. lines)
      local shown = json.decode(command.run(sb, arguments .. " --json", { shell = ("cd %s && EXOTEL"):format(folder) }):says(1, "").err).error
      assert.same({ 2, 3, "invalid_argument" }, { #shown.problems, shown.problems[1].line, shown.kind })
    end
    assert.same({}, sb:requests())
    sb:stop()
  end)

  it("take standard input", function()
    local sb = assert(sandbox.start())
    command.run(sb, "apply --yes -", { input = '{ "trunk_name": "a" }' }):says(0)
    command.run(sb, "check -", { input = 'return { trunk_name = "a" }' }):says(0)
    sb:stop()
  end)

  it("leave it to the service whether an IP is whitelisted", function()
    local sb = assert(sandbox.start())
    local extra = write("extra.lua", 'return { trunk_name = "out", whitelisted_ips = {}, destinations = { "44.248.146.11:5060" } }')
    command.run(sb, "trunk create out"):says(0)
    command.run(sb, "apply --yes " .. extra):says(1)
    command.run(sb, "ip add out 44.248.146.11"):says(0)
    command.run(sb, "apply --yes " .. extra):says(0)
    exotel("validate extra.lua"):says(1)
    sb:stop()
  end)

  it("say in the command's own words how to permit what is refused", function()
    local sb = assert(sandbox.start())
    command.run(sb, "trunk create out"):says(0)
    command.run(sb, "ip add out 192.0.2.1"):says(0)
    local none = write("none.json", '{ "trunk_name": "out", "whitelisted_ips": [] }')
    local refused = json.decode(command.run(sb, "plan --prune --json " .. none).out).refused[1]
    assert.equal("prune would remove the last whitelisted IP of out (--allow last_ip permits it)", refused.message)
    sb:stop()
  end)

  it("agree with validate, whatever is in a file", function()
    for seed = 1, 8 do
      local sb = assert(sandbox.start())
      local random = random_specs.randomness(seed)
      local specs = random_specs.make(random, { "a", "b" })
      if random.chance(40) then table.insert(specs[2].phone_numbers, "1") end
      local form = random.one_of { "lua", "json" }
      local path = write("random." .. form, (random_source[form](random, specs)))
      local good = exotel("validate -q random." .. form).status == 0
      assert.equal(good, command.run(sb, "apply --yes " .. path).status == 0, "seed " .. seed)
      exotel("fmt random." .. form):says(0, nil, "")
      exotel("fmt --check random." .. form):says(0, "", "")
      if good then
        command.run(sb, "check " .. path):says(0)
        local all = write("all.lua", command.run(sb, "export --all"):says(0).out)
        exotel("fmt --check all.lua"):says(0, "", "")
        exotel("validate -q all.lua"):says(0, "", "")
        command.run(sb, "check " .. all):says(0)
      end
      sb:stop()
    end
  end)
end)

describe("exotel fmt", function()
  local UGLY = '-- mine\nreturn {trunk_name="a";\nphone_numbers={"+919876543210"--[[x]]}}'
  local TIDY = '-- mine\nreturn {\n  trunk_name = "a",\n  phone_numbers = {\n    "+919876543210", --[[x]]\n  },\n}\n'

  it("lays files out in place, and names those that it changed", function()
    write("ugly.lua", UGLY)
    write("ugly.json", '{"trunk_name":"a"}')
    assert(os.execute(("chmod 640 %s/ugly.lua && ln -s ugly.lua %s/link.lua"):format(folder, folder)))
    exotel("fmt good.lua link.lua ugly.json"):says(0, "link.lua\nugly.json\n", "")
    assert.same({ TIDY, '{\n  "trunk_name": "a"\n}\n', GOOD }, { read "ugly.lua", read "ugly.json", read "good.lua" })
    local pipe = assert(io.popen(("stat -c '%%a %%F' %s/ugly.lua %s/link.lua; ls -A %s | wc -l"):format(folder, folder, folder)))
    assert.equal("640 regular file\n777 symbolic link\n6\n", pipe:read("*a"))
    pipe:close()
    exotel("fmt good.lua ugly.lua ugly.json"):says(0, "", "")
  end)

  it("says with --check what would change, and writes nothing", function()
    write("ugly.lua", UGLY)
    exotel("fmt --check good.lua ugly.lua"):says(1, "ugly.lua\n", "")
    exotel("fmt --check -q ugly.lua"):says(1, "", "")
    exotel("fmt --check good.lua"):says(0, "", "")
    exotel("fmt --check -", { input = UGLY }):says(1, "-\n", "")
    exotel("fmt --check -", { input = TIDY }):says(0, "", "")
    assert.equal(UGLY, read "ugly.lua")
    assert.same({ files = { { file = "good.lua", outcome = "unchanged" }, { file = "ugly.lua", outcome = "would_change" } } },
      json.decode(exotel("fmt --check --json good.lua ugly.lua"):says(1, nil, "").out))
  end)

  it("prints", function()
    write("ugly.lua", UGLY)
    exotel("fmt --stdout ugly.lua good.lua"):says(0, TIDY .. GOOD, "")
    exotel("fmt -", { input = UGLY }):says(0, TIDY, "")
    exotel("fmt -", { input = '[{"trunk_name":"a"}]' }):says(0, '[\n  {\n    "trunk_name": "a"\n  }\n]\n', "")
    assert.equal(UGLY, read "ugly.lua")
  end)

  it("refuses what it can't lay out without loss, and goes on", function()
    write("computed.lua", 'local name = "a" -- kept\nreturn { trunk_name = name }')
    write("ugly.lua", UGLY)
    local refusal = "exotel: computed.lua:1: computes what it returns, which can't be laid out without loss: only tables that are written out can\n"
    exotel("fmt nothing.lua computed.lua ugly.lua"):says(1, "ugly.lua\n", "exotel: nothing.lua: No such file or directory\n" .. refusal)
    assert.equal('local name = "a" -- kept\nreturn { trunk_name = name }', read "computed.lua")
    local told = json.decode(exotel("fmt --json computed.lua"):says(1, nil, "").out).files[1]
    assert.same({ "computed.lua", "refused", 1 }, { told.file, told.outcome, told.line })
  end)

  it("leaves a file as it is that it can't write", function()
    write("ugly.lua", UGLY)
    assert(os.execute("mkdir " .. folder .. "/closed && cp " .. folder .. "/ugly.lua " .. folder .. "/closed"))
    local line = ("cd %s; trap '' XFSZ; ulimit -f 0; EXOTEL"):format(folder)
    exotel("fmt closed/ugly.lua good.lua", { shell = line }):says(1)
    assert.equal(UGLY, read "closed/ugly.lua")
    local pipe = assert(io.popen("ls -A " .. folder .. "/closed"))
    assert.equal("ugly.lua\n", pipe:read("*a"))
    pipe:close()
  end)

  -- While it waits for what the pipe says, the link is led to another file.
  it("writes nothing over what somebody else has saved meanwhile", function()
    local line = "cd %s; mkfifo one; ln -s one race.lua; (exec 3>one; ln -sfn good.lua race.lua; echo 'return {trunk_name=\"a\"}' >&3) & EXOTEL"
    exotel("fmt race.lua", { shell = line:format(folder) }):says(1, "", "exotel: race.lua was changed by somebody else meanwhile: nothing was written\n")
    assert.equal(GOOD, read "good.lua")
  end)

  it("refuses contradictions", function()
    exotel("fmt"):says(64, "", "exotel: missing argument 'FILE'; see exotel fmt --help\n")
    exotel("fmt --check --stdout good.lua"):says(64, "", "exotel: say --check or --stdout, not both\n")
    exotel("fmt --stdout --json good.lua"):says(64, "")
    exotel("fmt - -", { input = GOOD }):says(64, "", "exotel: - is standard input, and can be given once\n")
    exotel("fmt - --json", { input = GOOD }):says(64, "")
  end)
end)

describe("exotel ip", function()
  it("reads ranges as files do", function()
    local sb = assert(sandbox.start())
    command.one_trunk(sb)
    command.run(sb, "ip add out 203.0.113.0/24"):says(0, nil, "")
    for _, arguments in ipairs { "ip add out 203.0.113.5/24", "ip update out 203.0.113.0/24 203.0.113.5/24" } do
      command.run(sb, arguments):says(64, "", "exotel: ip 203.0.113.5/24 has host bits: 203.0.113.0/24 is the range\n")
    end
    local cidr = write("cidr.lua", 'return { trunk_name = "out", whitelisted_ips = { "203.0.113.0/24" } }')
    command.run(sb, "check " .. cidr):says(0)
    sb:stop()
  end)
end)
