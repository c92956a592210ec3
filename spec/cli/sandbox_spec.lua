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

  it("says when it can't have the port", function()
    command.run({}, "sandbox --port " .. sb.port):says(1, "",
      ("exotel: the sandbox can't start on port %d: can't listen on 127.0.0.1: Address already in use\n"):format(sb.port))
    command.run({}, "sandbox --port 99999"):says(64, "", "exotel: --port is a number from 0 to 65535\n")
    command.run({}, "sandbox --port x"):says(64, "", 'exotel: "x" is no whole number; see exotel sandbox --help\n')
  end)
end)
