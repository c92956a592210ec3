-- Ctrl-C at any moment, pipes that close, disks that are full.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end
local function start(arguments, options) return command.start(sb, arguments, options) end

before_each(function() command.one_trunk(sb) end)

local function arrived(operation)
  return function()
    for _, request in ipairs(sb:requests()) do
      if request.operation == operation then return true end
    end
  end
end

local FINISHING = "exotel: finishing what is under way and no more; once more ends at once\n"
local function is_finishing(_, err) return err:find(FINISHING, 1, true) end

local function write(lines)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
  return path
end

describe("Ctrl-C", function()
  for name, status in pairs { INT = 130, TERM = 143, HUP = 129 } do
    it("ends what reads at once: " .. name, function()
      sb:fault { on = "list_trunks", hang = true }
      local running = start "trunk list"
      running:wait_for(arrived "list_trunks")
      running:signal(name)
      running:finish():says(status, "", "exotel: interrupted: nothing was changed\n")
    end)
  end

  it("ends what waits to try again", function()
    sb:fault { on = "list_trunks", status = 503, headers = { ["Retry-After"] = "50" }, times = true }
    local running = start "trunk list -v"
    running:wait_for(function(_, err) return err:find("waiting 50", 1, true) end)
    running:signal "INT"
    assert.equal(130, running:finish().status)
  end)

  it("lets a write finish, and says what was done", function()
    sb:fault { after = "create_trunk", delay = 1.5 }
    local running = start "trunk create another"
    running:wait_for(arrived "create_trunk")
    running:signal "INT"
    local result = running:finish():says(130, nil, "\n" .. FINISHING)
    assert.truthy(result.out:find("^created trunk another %("), result.out)
  end)

  it("twice ends a write at once, and says what isn't known", function()
    sb:fault { after = "create_trunk", hang = true }
    local running = start "trunk create another"
    running:wait_for(arrived "create_trunk")
    running:signal "INT"
    running:wait_for(is_finishing)
    running:signal "INT"
    running:finish():says(130, "", "\n" .. FINISHING .. "exotel: ended at once: whether the trunk another was created is not known\n")
    assert.equal(2, #sb:state().trunks)
  end)

  it("at any moment ends it as it should", function()
    for i = 1, 30 do
      local shell = ("timeout --preserve-status --signal=INT 0.%03d EXOTEL"):format(2 * i)
      local result = exotel("trunk list", { shell = shell })
      if result.status == 0 then assert.truthy(result.out:find("^out\t")) else result:says(130) end
      assert.truthy(result.err == "" or result.err == "exotel: interrupted: nothing was changed\n", result.err)
    end
  end)

  it("says nothing of it to a program but in its own terms", function()
    sb:fault { after = "create_trunk", hang = true }
    local running = start "trunk create another --json"
    running:wait_for(arrived "create_trunk")
    running:signal "INT"
    running:signal "TERM"
    local result = running:finish()
    assert.truthy(result.status == 130 or result.status == 143, result.status)
    assert.equal("cancelled", json.decode(result.err).error.kind)
  end)

  it("before a write keeps it from beginning", function()
    sb:fault { on = "list_trunks", hang = true }
    local running = start "number map out +919876543210"
    running:wait_for(arrived "list_trunks")
    running:signal "INT"
    running:finish():says(130, "", "exotel: interrupted: nothing was changed\n")
    assert.same({}, sb:state().trunks[1].numbers)
  end)

  it("at a question changes nothing", function()
    local shown = command.at_terminal(sb, "trunk delete out", { "expect:Its name, to go on: ", "send:\\x03" }):says(130).out
    assert.truthy(shown:find("exotel: interrupted: nothing was changed\n", 1, true), shown)
    shown = command.at_terminal(sb, "credential create out pbx", { "expect:Password for pbx on ", "send:\\x03" }):says(130).out
    assert.truthy(shown:find("exotel: interrupted: nothing was changed\n", 1, true), shown)
    assert.equal(1, #sb:state().trunks)
  end)

  it("ends an import between numbers, and each row's outcome is written down", function()
    local lines = { "phone_number" }
    for i = 1, 60 do lines[#lines + 1] = ("+9198765%05d"):format(i) end
    local csv, results = write(lines), os.tmpname()
    os.remove(results)
    sb:fault { after = "map_phone_number", delay = 0.4, times = true }
    local running = start(("number import %s --trunk out --results %s"):format(csv, results))
    running:wait_for(arrived "map_phone_number")
    running:signal "INT"
    local result = running:finish()
    assert.equal(130, result.status)
    local done, left = result.out:match("^60 rows: (%d+) done, (%d+) not tried; each row's outcome is in ")
    assert.equal(60, tonumber(done) + tonumber(left), result.out)
    assert.equal(tonumber(done), #sb:state().trunks[1].numbers)
    sb:clear_faults()
    local again = exotel(("number import %s --trunk out --results %s"):format(csv, results)):says(0)
    assert.equal(("60 rows: 60 done (%s in an earlier run); each row's outcome is in %s\n"):format(done, results), again.out)
    assert.equal(60, #sb:state().trunks[1].numbers)
    os.remove(csv)
    os.remove(results)
  end)

  it("twice ends an import at once, and the next one finds out what isn't known", function()
    local csv, results = write { "phone_number", "+919876500001", "+919876500002" }, os.tmpname()
    os.remove(results)
    local import = ("number import %s --trunk out --results %s"):format(csv, results)
    sb:fault { after = "map_phone_number", hang = true, times = true }
    local running = start(import)
    running:wait_for(arrived "map_phone_number")
    running:signal "INT"
    running:wait_for(is_finishing)
    running:signal "INT"
    running:finish():says(130, "", ("\n%sexotel: ended at once: whether the rows under way were mapped (%s has those that are over) is not known\n")
      :format(FINISHING, results))
    sb:clear_faults()
    exotel(import):says(0)
    assert.equal(2, #sb:state().trunks[1].numbers)
    os.remove(csv)
    os.remove(results)
  end)

  it("ends the sandbox, and its port is free again", function()
    local first = start "sandbox"
    first:wait_for(function(out) return out:find("BASE_URL", 1, true) end)
    first:signal "INT"
    local result = first:finish()
    assert.equal(130, result.status)
    local port = result.out:match("export EXOTEL_BASE_URL='http://127.0.0.1:(%d+)'\n")
    local second = start("sandbox --port " .. port)
    second:wait_for(function(out) return out:find(":" .. port .. "'\n", 1, true) end)
    second:signal "TERM"
    assert.equal(143, second:finish().status)
  end)
end)

describe("a pipe that closes", function()
  it("ends it quietly", function()
    for i = 1, 60 do assert(assert(sb:client()):create_trunk { trunk_name = "many_" .. i }) end
    for _, arguments in ipairs { "trunk list", "trunk list --json", "man", "completion bash" } do
      exotel(arguments, { shell = "EXOTEL | head -n 1 >/dev/null; exit $((PIPESTATUS[1]))" }):says(0, "", "")
      local closed = exotel(arguments, { shell = "EXOTEL | true; exit ${PIPESTATUS[0]}" })
      assert.truthy(closed.status == 0 or closed.status == 141, closed.status)
      assert.equal("", closed.err)
    end
  end)
end)

describe("a closed standard output", function()
  it("is a failure, and nothing is written elsewhere", function()
    exotel("trunk list", { shell = "EXOTEL >&-" }):says(1, "", "exotel: the output can't be written: Bad file descriptor\n")
    exotel("trunk list", { shell = "EXOTEL 2>&- <&-" }):says(0)
    exotel("trunk delete out", { shell = "EXOTEL <&-" }):says(64, "")
    exotel("credential create out pbx --password-stdin", { shell = "EXOTEL <&-" }):says(64, "")
  end)
end)

describe("a full disk", function()
  it("is a failure that is told", function()
    local message = "the output can't be written: No space left on device"
    for _, arguments in ipairs { "trunk list", "trunk show out", "doctor", "trunk create out", "man" } do
      exotel(arguments, { shell = "EXOTEL >/dev/full" }):says(1, "", "exotel: " .. message .. "\n")
    end
    local lines, results = { "phone_number" }, os.tmpname()
    for i = 1, 50 do lines[#lines + 1] = ("+9198765%05d"):format(i) end
    local csv = write(lines)
    os.remove(results)
    local import = ("number import %s --trunk out --results %s"):format(csv, results)
    local part = exotel(import, { shell = "trap '' XFSZ; ulimit -f 2; EXOTEL" }):says(3)
    assert.truthy(part.err:find("\nexotel: " .. results .. ": can't be written: File too large"), part.err)
    local done, left = part.out:match("^50 rows: (%d+) done, (%d+) not tried; ")
    for _, trunk in ipairs(sb:state().trunks) do
      if trunk.trunk_name == "out" then assert.equal(tonumber(done), #trunk.numbers) end
    end
    assert.equal(50, done + left)
    exotel(import):says(0)
    os.remove(results)
    os.remove(csv)
    local failed = exotel("trunk list --json", { shell = "EXOTEL >/dev/full" }):says(1, "")
    assert.equal(message, json.decode(failed.err).error.message)
  end)
end)
