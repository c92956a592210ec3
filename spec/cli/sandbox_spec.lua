-- exotel sandbox: what it prints, the program that it runs, how it ends.
local command = require "spec.support.command"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)

describe("exotel sandbox", function()
  it("prints what a shell needs to find it", function()
    for _, options in ipairs { "", " --tls" } do
      local running = command.start({}, "sandbox" .. options)
      running:wait_for(function(out) return out:find("BASE_URL='[^\n]+'\n.-$") and (options == "" or out:find("CA_FILE='[^\n]+'\n")) end)
      local lines = assert(io.open(running.out)):read("*a")
      local environment = {}
      for name, value in lines:gmatch("export ([A-Z_]+)='([^\n']*)'\n") do environment[name] = value end
      command.run(environment, "trunk create inside"):says(0)
      assert.truthy(command.run(environment, "trunk list"):says(0).out:find("^inside\t"))
      running:signal "INT"
      local result = running:finish():says(130)
      assert.truthy(result.err:find("^# The sandbox answers at https?://127.0.0.1:%d+; Ctrl%-C ends it.\n$"), result.err)
      if environment.EXOTEL_CA_FILE then assert.is_nil(io.open(environment.EXOTEL_CA_FILE)) end
    end
  end)

  it("prints it so that a shell takes each value as it is", function()
    local folder = os.tmpname() .. "'x"
    assert(os.execute('mkdir "' .. folder .. '"'))
    local running = command.start({}, "sandbox --tls", { env = { TMPDIR = folder } })
    running:wait_for(function(out) return out:find("CA_FILE='[^\n]+'\n") end)
    local text = assert(io.open(running.out)):read("*a")
    running:signal "INT"
    running:finish():says(130)
    os.execute('rm -r "' .. folder .. '" ' .. folder:sub(1, -3))
    assert.truthy(text:find("CA_FILE='" .. folder:sub(1, -3) .. "'\\''x/", 1, true), text)
  end)

  it("is the account, whatever was before", function()
    local before = { EXOTEL_REGION = "mumbai", EXOTEL_SUBDOMAIN = "api.exotel.com", EXOTEL_PROFILE = "real", EXOTEL_CA_FILE = "/nonexistent" }
    local inside = command.line({}, "trunk create inside"):gsub("EXOTEL_%w+='[^']*'", "")
    command.run(before, "sandbox -- " .. inside):says(0, nil, "")
    command.run(before, "sandbox --tls -- " .. inside):says(0, nil, "")
    local running = command.start(before, "sandbox")
    running:wait_for(function(out) return out:find("BASE_URL='[^\n]+'\n") end)
    local script = assert(io.open(running.out)):read("*a")
    running:signal "INT"
    running:finish():says(130)
    assert.truthy(script:find("^unset EXOTEL_REGION EXOTEL_SUBDOMAIN EXOTEL_PROFILE EXOTEL_CA_FILE\n"), script)
  end)

  it("runs a program with itself as the account, and ends with it", function()
    local inside = "bash -c 'echo $EXOTEL_ACCOUNT_SID; echo $EXOTEL_BASE_URL; exit 7'"
    local result = command.run({}, "sandbox -- " .. inside):says(7, nil, "")
    assert.truthy(result.out:find("^sandbox1\nhttp://127.0.0.1:%d+\n$"), result.out)
    command.run({}, "sandbox -- bash -c 'kill -TERM $$'"):says(143, "", "")
    assert.equal(127, command.run({}, "sandbox -- /nonexistent/program").status)
    command.run({}, "sandbox -- bash -c 'trap -p; kill -PIPE $$'"):says(141, "", "")
  end)

  it("leaves Ctrl-C to the program, and passes an end on to it", function()
    local running = command.start({}, [[sandbox -- bash -c 'trap "echo interrupted" INT; trap "echo ended; exit 5" TERM; echo ready $$; for i in {1..100}; do sleep 0.05; done']])
    running:wait_for(function(text) return text:find("ready", 1, true) end)
    running:signal "INT"
    running:signal "TERM"
    local result = running:finish()
    assert.equal(143, result.status)
    assert.truthy(result.out:find("^ready %d+\nended\n$"), result.out)
  end)

  it("goes on when nohup says so", function()
    local line = command.line({}, "sandbox -- bash -c 'kill -HUP $PPID; echo still here'")
    command.run({}, "", { shell = "nohup " .. line }):says(0, "still here\n")
  end)

  local SPEC = [[
return {
  {
    trunk_name = "loaded", phone_numbers = { "+919876543210", { phone_number = "+918040264208", mode = "flow" } },
    whitelisted_ips = { "44.248.146.11", "203.0.113.0/24" }, alias = "+919876543210",
    destinations = { "44.248.146.11:5061;transport=tls", { destination = "b.example:5060;transport=udp", priority = 2 } },
    credentials = { { user_name = "pbx", password_env = "NOT_SET" }, { user_name = "desk", password = "Secret_123" } },
  },
  { trunk_name = "gone", absent = true },
}
]]

  -- Runs it with a folder of its own, of which FOLDER is the path. → what it wrote and its status
  local function inside(files, runs)
    local folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    for name, text in pairs(files) do
      local file = assert(io.open(folder .. "/" .. name, "w"))
      file:write(text)
      file:close()
    end
    local function plain(text) return (text:gsub(folder:gsub("%p", "%%%0"), "FOLDER"):gsub("trmum1%w+", "SID"):gsub("%d+%-%d%d%-%d%dT[%d:]+Z", "DATE")) end
    for _, run in ipairs(runs) do
      local arguments = run[1]:gsub("FOLDER", folder):gsub("EXOTEL", function()
        return (command.line({}, ""):gsub("EXOTEL_%w+='[^']*'", ""))
      end)
      local result = command.run({}, arguments)
      result.out, result.err = plain(result.out), plain(result.err)
      result:says(run[2], run[3], run[4])
    end
    os.execute("rm -rf " .. folder)
  end

  it("begins with specifications, and keeps what becomes of them", function()
    inside({ ["trunks.lua"] = SPEC, ["damaged.json"] = '{"exotel_sandbox":1,', ["odd.json"] = '{"trunks":[{"nmae":"x"}]}' }, {
      { "sandbox --load FOLDER/trunks.lua --state FOLDER/state -- EXOTEL check --ignore-extras FOLDER/trunks.lua", 0, "", "" },
      { "sandbox --state FOLDER/state --load FOLDER/trunks.lua -- EXOTEL trunk create made", 0, "created trunk made (SID)\n",
        "# FOLDER/state is there: what --load names is left aside.\n" },
      { "sandbox --state FOLDER/state -- EXOTEL trunk list", 0, "made\tSID\tactive\tDATE\nloaded\tSID\tactive\tDATE\n", "" },
      { "sandbox --load FOLDER/state -- EXOTEL ip list loaded", 0, "203.0.113.0\t24\t1154\tDATE\n44.248.146.11\t32\t1153\tDATE\n", "" },
      { "sandbox --state FOLDER/damaged.json", 1, "",
        "exotel: FOLDER/damaged.json is no state that a sandbox has kept, or it is damaged: expected a key at offset 20\n" },
      { "sandbox --load FOLDER/odd.json", 1, "", "exotel: --load: trunks[1]: unknown field 'nmae'\n" },
      { "sandbox --load FOLDER/none.lua", 1, "", "exotel: FOLDER/none.lua: No such file or directory\n" },
      { "sandbox --state ''", 64, "", "exotel: --state takes the name of a file\n" },
      { "sandbox --state /dev/null -- true", 1, "", "exotel: the state /dev/null can't be read: it is no file\n" },
    })
  end)

  it("has requests fail as it is told, and shows them", function()
    inside({}, {
      { "sandbox --log --fault on=create_trunk,status=409 --fault before=list_trunks,drop,times=all -- EXOTEL trunk create x", 1, "", nil },
      { "sandbox --fault on=create_trnk,drop", 64, "",
        "exotel: --fault on=create_trnk,drop: on: there is no operation 'create_trnk': did you mean create_trunk?\n" },
      { "sandbox --fault on=create_trunk,dorp", 64, "", "exotel: --fault on=create_trunk,dorp: unknown key 'dorp': did you mean drop?\n" },
      { "sandbox --fault ''", 64, "", "exotel: --fault : a key is missing\n" },
    })
    local out = command.run({}, "sandbox --log --fault on=list_trunks,status=403 -- " .. command.line({}, "trunk list"):gsub("EXOTEL_%w+='[^']*'", ""))
    assert.truthy(out.err:find("^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%dZ GET /v2/accounts/sandbox1/trunks 403 list_trunks fault: status\n"), out.err)
  end)

  it("says when it can't have the port", function()
    command.run({}, "sandbox --port " .. sb.port):says(1, "",
      ("exotel: the sandbox can't start on port %d: can't listen on 127.0.0.1: Address already in use\n"):format(sb.port))
    command.run({}, "sandbox --port 99999"):says(64, "", "exotel: --port is a number from 0 to 65535\n")
    command.run({}, "sandbox --port x"):says(64, "", 'exotel: "x" is no whole number; see exotel sandbox --help\n')
  end)
end)
