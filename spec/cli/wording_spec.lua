-- What the library advises in Lua's words is said in those of the command, also in JSON.
local child = require "spec.support.child"
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"
local wording = require "exotel.cli.wording"

describe("the command's words", function()
  local sb

  setup(function() sb = assert(sandbox.start()) end)
  teardown(function() sb:stop() end)

  for message, expected in pairs {
    ['prune would empty it (allow = { "last_ip" } permits it)'] = "prune would empty it (--allow last_ip permits it)",
    ["The option columns says which, the option server_name, too"] = "--columns says which, --server-name, too",
    ["use https, or allow_http = true if you mean it"] = "use https", ["an option that is none"] = "an option that is none",
  } do
    it("are put in the place of Lua's: " .. message, function() assert.equal(expected, wording.command(message)) end)
  end

  it("stand in what it says of a wrong address, of rows and of refusals", function()
    local account = sb:environment()
    account.EXOTEL_BASE_URL = "http://api.example.com"
    local HTTP = "plain http would send the API token readable: use https"
    command.run(account, "trunk list"):says(1, "", "exotel: " .. HTTP .. "\n")
    assert.same({ HTTP, "config: " .. HTTP }, (function(err) return { err.message, err.text } end)(json.decode(command.run(account, "trunk list --json"):says(1, "").err).error))
    assert.truthy(command.run(account, "doctor"):says(1).out:find("WRONG  account      " .. HTTP .. "\n", 1, true))

    sb:put { trunk_name = "out", phone_numbers = { "+919876543210" }, whitelisted_ips = { "192.0.2.1" } }
    local file = child.write("phone_number\n9876543210\n")
    local rows = json.decode(command.run(sb, "number import --json --dry-run --trunk out " .. file).out)
    os.remove(file)
    for _, reason in ipairs { rows.rows[1].reason, rows.summary.reasons[1].message } do
      assert.truthy(reason:find("(--country completes national numbers)", 1, true), reason)
    end

    file = child.write("{ \"trunk_name\": \"out\", \"whitelisted_ips\": [] }")
    os.rename(file, file .. ".json")
    local plan = command.run(sb, "plan --json --prune " .. file .. ".json"):says(1)
    os.remove(file .. ".json")
    assert.equal("prune would remove the last whitelisted IP of out (--allow last_ip permits it)", json.decode(plan.out).refused[1].message)
    assert.is_nil((plan.out .. plan.err):find("allow =", 1, true))
  end)
end)
