-- The command lines of the operations' pages: each makes the request that it is an example of.
local child = require "spec.support.child"
local examples = require "doc.tools.operation_examples"
local core = require "exotel.core"
local sandbox = require "exotel.sandbox"

describe("the command line beside", function()
  local sb, client, sid, home

  before_each(function()
    home = child.finish(child.start("mktemp -d")):match("%S+")
    sb = assert(sandbox.start())
    client = assert(sb:client())
    sid = examples.prepare(client)
    sb:reset_requests()
  end)
  after_each(function()
    client:close()
    sb:stop()
    os.execute("rm -rf " .. home)
  end)

  local function run(line)
    local environment = sb:environment()
    environment.HOME, environment.XDG_CONFIG_HOME, environment.XDG_STATE_HOME = home, home, home
    environment.SID, environment.PBX_PASSWORD = sid, "secret_2"
    local script = ("exotel() { %s \"$@\"; }\n%s\n"):format(child.command("bin/exotel", environment), line)
    return child.finish(child.start("env SID=" .. sid .. " sh -c " .. child.quote(script)))
  end

  for _, operation in ipairs(core.operations) do
    it(operation.name .. " makes its request", function()
      local output, status = run(examples.operations[operation.name].command)
      assert.equal(0, status, output)
      local sent = {}
      for _, request in ipairs(sb:requests()) do sent[request.operation] = true end
      assert.is_true(sent[operation.name], output)
    end)
  end
end)
