-- The command at a terminal: tables, colours, questions, passwords, the bar.
local command = require "spec.support.command"
local sandbox = require "exotel.sandbox"

local sb, sid

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end
local function terminal(arguments, steps, env) return command.at_terminal(sb, arguments, steps, { env = env }) end

before_each(function() sid = command.one_trunk(sb) end)

local function held() return sb:state().trunks[1] end

describe("at a terminal", function()
  it("a list is a table", function()
    local date = held().date_created
    local wide, narrow = (" "):rep(#sid - #"TRUNK_SID"), ""
    terminal("trunk list", {}, { NO_COLOR = "1" }):says(0,
      ("TRUNK_NAME  TRUNK_SID%s  STATUS  DATE_CREATED\nout         %s  active  %s\n"):format(wide, sid, date))
    terminal("trunk list"):says(0, ("\27[1mTRUNK_NAME\27[0m  \27[1mTRUNK_SID\27[0m%s  \27[1mSTATUS\27[0m  \27[1mDATE_CREATED\27[0m\nout         %s  active  %s\n")
      :format(wide, sid, date) .. narrow)
    assert.is_nil(terminal("trunk list", {}, { TERM = "dumb" }).out:find("\27", 1, true))
    terminal("number list out"):says(0, "out has no number\n")
    terminal("number list out --json"):says(0, "[]\n")
  end)

  it("one thing is a line a field", function()
    local shown = terminal("trunk show out", {}, { NO_COLOR = "1" }):says(0).out
    assert.truthy(shown:find("^trunk_name            out\ntrunk_sid             " .. sid .. "\nstatus                active\n"), shown)
  end)

  it("deleting a trunk asks for its name", function()
    local question = "expect:Its name, to go on: "
    local asked = terminal("trunk delete out", { question, "send:ut\\n" }):says(1).out
    assert.truthy(asked:find(("This deletes the trunk out (%s) of the account sandbox1, and with it\n  0 IPs, 0 destinations, 0 credentials\n"):format(sid), 1, true), asked)
    assert.truthy(asked:find("exotel: that is not its name: nothing was deleted\n", 1, true), asked)
    terminal("trunk delete sid:" .. sid, { question, "send:" .. sid .. "\\n" }):says(1)
    terminal("trunk delete out", { question, "send:\\n" }):says(1)
    terminal("trunk delete out", { question, "send:\\x04" }):says(1) -- the end of the input
    assert.equal(1, #sb:state().trunks)
    terminal("trunk delete out", { question, "send:out\\n" }):says(0)
    assert.same({}, sb:state().trunks)
  end)

  it("nothing is asked that nobody would see", function()
    local line = command.line(sb, "trunk delete out") .. " 2>/dev/null"
    command.at_terminal(sb, "trunk delete out", { "send:\\x04" }, { program = "sh -c " .. ("%q"):format(line) }):says(64, "")
    assert.equal(1, #sb:state().trunks)
  end)

  it("removing asks for yes", function()
    exotel("number map out +919876543210"):says(0)
    exotel("ip add out 44.248.146.11"):says(0)
    exotel("alias set out +919876543210"):says(0)
    local question = "expect:Remove the number +919876543210 from the trunk out of the account sandbox1? [y/N] "
    for _, answer in ipairs { "\\n", "n\\n", "nay\\n", "\\x04" } do
      local refused = terminal("number unmap out +919876543210", { question, "send:" .. answer }):says(1).out
      assert.truthy(refused:find("exotel: nothing was removed\n", 1, true), refused)
    end
    assert.equal(1, #held().numbers)
    terminal("number unmap out +919876543210", { question, "send:y\\n" }):says(0)
    terminal("ip remove out 44.248.146.11", { "expect:? [y/N] ", "send:Yes\\n" }):says(0)
    terminal("alias remove out", { "expect:Remove the alias +919876543210 from the trunk out of the account sandbox1? [y/N] ", "send:y\\n" }):says(0)
    assert.same({ 0, 0, 0 }, { #held().numbers, #held().ips, #held().settings })
  end)

  it("a question shows nothing that would control it", function()
    local hostile = sb:put({ trunk_name = "\27[2Jx\ty" }).trunk_sid
    local asked = terminal("trunk delete sid:" .. hostile, { "expect:Its name, to go on: ", "send:x\\n" }):says(1).out
    assert.equal(("This deletes the trunk  [2Jx y (%s) of the account sandbox1, and with it\n  0 IPs, 0 destinations, 0 credentials\n"
      .. "Its specification is written to a file first.\nIts name, to go on: "):format(hostile),
      asked:sub(1, asked:find("to go on: ", 1, true) + #"to go on: " - 1))
  end)

  it("a password is asked for twice and not shown", function()
    local ask, again = "expect:Password for pbx on the trunk out of the account sandbox1: ", "expect:Again: "
    local result = terminal("credential create out pbx", { ask, "send:s3cr3t_1\\n", again, "send:s3cr3t_1\\n" }):says(0)
    assert.is_nil(result.out:find("s3cr3t", 1, true), result.out)
    assert.equal("pbx", held().credentials[1].user_name)
    result = terminal("credential update out pbx --new-password", { ask, "send:s3cr3t_2\\n", again, "send:other\\n" }):says(64)
    assert.truthy(result.out:find("the two passwords differ; nothing was sent", 1, true), result.out)
    terminal("credential create out pbx2", { "expect:Password for pbx2 on the trunk out of the account sandbox1: ", "send:\\n" }):says(64)
    local sent = 0
    for _, request in ipairs(sb:requests()) do sent = sent + (request.body:find("s3cr3t_1", 1, true) and 1 or 0) end
    assert.equal(1, sent)
  end)

  it("the rule for a password is said before it is typed", function()
    local shown = terminal("credential create out pbx", { "expect:Password for pbx", "send:\\x04" }):says(64).out
    assert.equal(1, (shown:find("The password: letters, digits or underscores only. It is not shown.\nPassword for pbx on ", 1, true)), shown)
  end)

  it("while a password is asked for Ctrl-Z gives the shell its echo back, and fg takes it again", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write("set -m\n", command.line(sb, "credential create out pbx", { COLUMNS = "200" }),
      "\necho \"stopped:$(stty -a | grep -o ' -\\?echo ')\"\nfg >/dev/null\necho \"status $?:$(stty -a | grep -o ' -\\?echo ')\"\n")
    file:close()
    local question = "expect:Password for pbx on the trunk out of the account sandbox1: "
    local shown = command.at_terminal(sb, "", {
      question, "send:hidden", "send:\\x1a", "expect:stopped: echo ", question, "send:s3cr3t_1\\n", "expect:Again: ",
      "send:s3cr3t_1\\n",
    }, { program = "bash --norc " .. path }):says(0).out
    assert.truthy(shown:find("status 0: echo ", 1, true), shown)
    assert.is_nil(shown:find("hidden", 1, true) or shown:find("s3cr3t", 1, true), shown)
    assert.equal("pbx", held().credentials[1].user_name)
    os.remove(path)
  end)

  it("the terminal shows what is typed again after the password", function()
    local line = command.line(sb, "credential create out pbx")
    local result = command.at_terminal(sb, "", { "expect:Password", "send:\\x03", "expect:echo", "send:\\n" },
      { program = "sh -c " .. ("%q"):format("trap : INT; " .. line .. "; stty -a | grep -o ' echo '; read x") })
    assert.truthy(result.out:find(" echo ", 1, true), result.out)
  end)

  it("long work has a bar with the time left", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write("phone_number\n")
    for i = 1, 40 do file:write(("+9198765%05d\n"):format(i)) end
    file:close()
    local results = os.tmpname()
    os.remove(results)
    sb:fault { after = "map_phone_number", delay = 0.3, times = true }
    local shown = terminal(("number import %s --trunk out --results %s"):format(path, results)):says(0).out
    assert.truthy(shown:find("\r\27%[KImporting %[#*%.*%] %d+ of 40, %d+ s left"), shown)
    assert.truthy(shown:find("\r\27[K40 rows: 40 done; each row's outcome is in " .. results .. "\n", 1, true), shown)
    os.remove(results)
    sb:clear_faults()
    shown = terminal(("number import %s --trunk out --results %s"):format(path, results), {}, { TERM = "dumb" }):says(0).out
    assert.equal(("40 rows: 40 present; each row's outcome is in %s\n"):format(results), shown)
    os.remove(results)
    os.remove(path)
  end)
end)
