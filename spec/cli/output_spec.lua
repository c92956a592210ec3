-- What every command prints: results, failures, requests.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function() command.one_trunk(sb) end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

describe("every command", function()
  it("says nothing of what it did with --quiet, but what was asked for", function()
    exotel("number map out +919876543210 --quiet"):says(0, "", "")
    exotel("--quiet number unmap -y out +919876543210"):says(0, "", "")
    assert.truthy(exotel("trunk list -q"):says(0, nil, "").out:find("^out\t"))
    exotel("trunk show nix -q"):says(1, "", 'exotel: no trunk is called "nix"; `exotel trunk list` shows those there are\n')
  end)

  it("warns, and not with --quiet", function()
    sb:put { trunk_name = "twice", destinations = { "a.example.com:5060", "a.example.com:5060" } }
    assert.truthy(exotel("export twice"):says(0).err:find("^exotel: warning: twice: "))
    exotel("export twice --quiet"):says(0, nil, "")
  end)

  it("tells a program in JSON also what is no UTF-8", function()
    local failed = exotel("trunk show 'a\255' --json"):says(1, "")
    assert.truthy(json.decode(failed.err).error.message:find("a?", 1, true), failed.err)
  end)

  it("goes on when nobody reads any more what it says to people", function()
    local fifo = os.tmpname()
    os.remove(fifo)
    local shell = ("mkfifo %s; exec 4<>%s 3>%s 4<&-; rm %s; EXOTEL 2>&3"):format(fifo, fifo, fifo, fifo)
    exotel("number map out +919876543210 --verbose", { shell = shell }):says(0)
    assert.equal(1, #sb:state().trunks[1].numbers)
  end)

  it("tells a program of a failure in an object", function()
    sb:fault { on = "list_trunks", status = 503, times = true }
    local failed = exotel("trunk list --json"):says(1, "")
    local err = json.decode(failed.err).error
    assert.equal("server", err.kind)
    assert.equal(503, err.http_status)
    assert.equal("list_trunks", err.operation)
    assert.is_false(err.maybe_applied)
    sb:clear_faults()
    assert.equal("not_found", json.decode(exotel("trunk show nix --json"):says(1, "").err).error.kind)
    assert.equal("usage", json.decode(exotel("--json trunk shaw"):says(64, "").err).error.kind)
  end)

  it("says of a lost reply what became of the write", function()
    sb:fault { after = "map_phone_number", drop = true }
    assert.truthy(exotel("number map out +919876543210"):says(0, nil, "").out:find("^already so: "))
    sb:fault { on = "update_phone_number", drop = true, times = true }
    local failed = exotel("number update out +919876543210 --mode flow"):says(1, "")
    assert.truthy(failed.err:find("it may have taken effect", 1, true), failed.err)
    assert.truthy(failed.err:find("`exotel doctor` looks for the cause\n$"), failed.err)
  end)

  it("shows each request with --verbose", function()
    local shown = exotel("trunk list --verbose"):says(0).err
    assert.truthy(shown:find("^exotel: GET /v2/accounts/sandbox1/trunks[^ ]*: ok 200, [%d.]+ s, request %w+\n$"), shown)
  end)

  it("shows nothing that would control a terminal", function()
    local body = [[{"request_id":"r","method":"GET","http_code":200,"metadata":{"page_size":50},"response":[
      {"code":200,"status":"success","data":{"trunk_name":"\u001b[2Jx\ty","trunk_sid":"s"}}]}]]
    sb:fault { on = "list_trunks", body = body }
    exotel("trunk list"):says(0, " [2Jx y\ts\t\t\n", "")
  end)
end)
