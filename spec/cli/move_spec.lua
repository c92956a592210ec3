-- exotel number move: what it shows, asks and says, and what a kill at any moment leaves.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, paths, old, new

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local function trunk(name) return exotel("trunk create " .. name):says(0).out:match("%((%w+)%)") end

before_each(function()
  sb, paths = assert(sandbox.start()), files.new()
  old, new = trunk "old", trunk "new"
  local client = assert(sb:client())
  assert(client:map_phone_number { trunk_sid = old, phone_number = "+919876543210", mode = "flow" })
  assert(client:map_phone_number { trunk_sid = old, phone_number = "+919876543211" })
  sb:reset_requests()
end)
after_each(function()
  sb:stop()
  files.remove(paths)
end)

local function held() return (files.held(sb:state())) end

local function writes()
  local names = {}
  for _, request in ipairs(sb:requests()) do
    if request.method ~= "GET" then names[#names + 1] = request.operation end
  end
  return table.concat(names, " ")
end

local function move(arguments, options) return exotel(("number move %s --results %s"):format(arguments, paths.results), options) end

describe("exotel number move", function()
  it("moves numbers with their modes, and says so", function()
    move("+919876543210 +919876543211 --to new --yes"):says(0, ("2 numbers: 2 moved; each number's outcome is in %s\n"):format(paths.results), "")
    assert.same({ new, "flow" }, { held()["+919876543210"].trunk_sid, held()["+919876543210"].mode })
    move("+919876543210 +919876543211 --to new --yes"):says(0, ("2 numbers: 2 there already; each number's outcome is in %s\n"):format(paths.results), "")
    move("--all --from new --to sid:" .. old .. " --mode pstn -y --quiet"):says(0, "", "")
    assert.same({ old, "pstn" }, { held()["+919876543210"].trunk_sid, held()["+919876543210"].mode })
  end)

  it("shows where they are, and asks, naming the account", function()
    local asked = ("  2 numbers from old (%s)\nMove 2 numbers to the trunk new (%s) of the account sandbox1? [y/N] "):format(old, new)
    local arguments = "number move +919876543210 +919876543211 --to new --results " .. paths.results
    local no = command.at_terminal(sb, arguments, { "expect:[y/N] ", "send:n\\n" })
    no:says(1, asked .. "n\nexotel: nothing was moved\n")
    assert.equal("", writes())
    command.at_terminal(sb, arguments, { "expect:[y/N] ", "send:y\\n" })
      :says(0, asked .. ("y\n2 numbers: 2 moved; each number's outcome is in %s\n"):format(paths.results))
    move("+919876543210 --to new"):says(64, "", "exotel: exotel number move asks before it does anything, and there is no terminal to ask on: say --yes\n")
  end)

  it("shows what it would do, and does nothing", function()
    move("+919876543210 +919876543211 --to new --dry-run"):says(0,
      ("+919876543210\t%s\t%s\tflow\n+919876543211\t%s\t%s\tpstn\n"):format(old, new, old, new),
      ("2 numbers would go to new (%s), 0 there already\n"):format(new))
    local plan = json.decode(move("--all --from old --to new --dry-run --json"):says(0, nil, "").out)
    assert.same({ trunk_sid = new, trunk_name = "new" }, plan.to)
    assert.equal(2, #plan.moves)
    assert.same({}, plan.present)
    assert.is_nil(files.read(paths.results))
    assert.equal("", writes())
  end)

  it("takes a file, or standard input", function()
    files.write(paths.csv, "phone_number\n+919876543210\n")
    move("--file " .. paths.csv .. " --to new -y"):says(0)
    move("--file - --to new -y", { input = "phone_number\n+919876543211\n" }):says(0)
    assert.equal(new, held()["+919876543211"].trunk_sid)
  end)

  it("reads a file as an import does, and shows what stands in it", function()
    files.write(paths.csv, "Name;Phone;Mobile\nA;;98765 43210\n")
    move("--file " .. paths.csv .. " --to new -y"):says(1, "", ("exotel: %s, line 1: several columns may be the phone_number: 'Phone' (column 2), "
      .. "'Mobile' (column 3); --columns says which, as phone_number=Mobile\n"):format(paths.csv))
    local reading = "--file " .. paths.csv .. " --columns phone_number=Mobile --to new "
    local refused = move(reading .. "-y"):says(1, "")
    assert.truthy(refused.err:find("(--country completes national numbers)\n", 1, true), refused.err)
    assert.equal("", writes())
    local shown = move(reading .. "--country 91 --dry-run"):says(0, ("+919876543210\t%s\t%s\tflow\t98765 43210\n"):format(old, new))
    assert.truthy(shown.err:find("of 1 number 1 completed; what stood in the file is in the column original\n", 1, true), shown.err)
    move(reading .. "--country 91 -y"):says(0)
    assert.equal(new, held()["+919876543210"].trunk_sid)
  end)

  it("keeps its results below the state folder unless told otherwise", function()
    local path = ("%s/moves/sandbox1-%s.csv"):format(command.state, new)
    exotel("number move +919876543210 --to new -y"):says(0, ("1 number: 1 moved; each number's outcome is in %s\n"):format(path), "")
    local mode = io.popen("stat -c %a " .. command.state)
    assert.equal("700\n", mode:read("*a"))
    mode:close()
    exotel("number move +919876543211 --to new -y", { env = { XDG_STATE_HOME = "/proc/none" } }):says(1, "",
      "exotel: /proc/none/exotel/moves can't be made: /proc/none: No such file or directory: say --results FILE\n")
    exotel("number move +919876543211 --to new -y", { env = { XDG_STATE_HOME = "", HOME = "" } }):says(1, "",
      "exotel: there is no place to keep it in, since HOME is not set: say --results FILE\n")
    assert.equal(old, held()["+919876543211"].trunk_sid)
  end)

  it("refuses what it can't move, and sends nothing", function()
    move("+919876543219 +919876543210 --to new -y"):says(1, "",
      "exotel: nothing was moved: +919876543219 is on no trunk of this account -- --missing map maps what is on no trunk\n")
    move("+919876543210 +98 --to new -y"):says(1, "", 'exotel: nothing was moved: phone_number must be E.164: "+", then 7 to 15 '
      .. 'digits, the first not 0 (got "+98")\n')
    move("+919876543210 --to nwe -y"):says(1, "", 'exotel: no trunk is called "nwe" (did you mean "new"?); `exotel trunk list` shows those there are\n')
    move("--to new -y"):says(64, "", "exotel: which numbers? name some, or say --file FILE, or --all with --from TRUNK\n")
    move("+919876543210 --all --from old --to new -y"):says(64, "", "exotel: numbers by name, --file and --all exclude each other\n")
    for _, option in ipairs { "--country 91", "--columns mode=x", "--separator tab" } do
      move("+919876543210 --to new -y " .. option):says(64, "", ("exotel: %s says how a --file is read\n"):format(option:match("^%S+")))
    end
    move("--all --to new -y"):says(64, "", "exotel: --all takes all numbers of a trunk: say which by --from TRUNK\n")
    move("+919876543210 -y"):says(64)
    trunk "third"
    sb:reset_requests()
    move("+919876543210 --from new --to third -y"):says(1, "", ("exotel: nothing was moved: +919876543210 is on old (%s), which it is not to be taken from\n"):format(old))
    move("--file /nonexistent.csv --to new -y"):says(1, "", "exotel: /nonexistent.csv: No such file or directory\n")
    assert.equal("", writes())
    move("+919876543219 --to new -y --missing map"):says(0)
    assert.equal(new, held()["+919876543219"].trunk_sid)
  end)

  it("names a number that ends on no trunk, with the command that repairs it", function()
    sb:fault { before = "map_phone_number", status = 400, times = 2 }
    local part = move("+919876543210 --to new -y"):says(3, ("1 number: 1 on no trunk; each number's outcome is in %s\n"):format(paths.results))
    local number, repair = part.err:match("^exotel: (%+%d+) IS ON NO TRUNK: it was on old %(" .. old .. "%), mode %l+: .*%. "
      .. "The same command again moves it; `exotel (number map [^`]+)` puts it back\n$")
    assert.truthy(number, part.err)
    assert.is_nil(held()[number])
    exotel(repair):says(0)
    assert.same({ old, number == "+919876543210" and "flow" or "pstn" }, { held()[number].trunk_sid, held()[number].mode })
  end)

  it("tells it to a program", function()
    sb:fault { before = "map_phone_number", status = 400, times = 2 }
    local told = json.decode(move("+919876543210 --to new -y --json"):says(3, nil, "").out)
    assert.same({ 1, 0, 1 }, { told.total, told.done, told.unmapped })
    local one = told.numbers[1]
    assert.same({ "+919876543210", "unmapped", old, "flow", new, "rejected", ("exotel number map sid:%s +919876543210 --mode flow"):format(old) },
      { one.phone_number, one.outcome, one.from_trunk_sid, one.from_mode, one.to_trunk_sid, one.kind, one.repair })
    local again = json.decode(move("+919876543210 --to new -y --json"):says(0, nil, "").out)
    assert.same({ 1, {} }, { again.done, again.numbers })
  end)

  it("says what was put back", function()
    sb:fault { before = "map_phone_number", status = 400 }
    local failed = move("+919876543210 --to new -y"):says(1)
    assert.truthy(failed.err:find("^exotel: %+919876543210 was not moved: map_phone_number: rejected .* %(it is back on its trunk%)\n$"), failed.err)
    assert.same({ old, "flow" }, { held()["+919876543210"].trunk_sid, held()["+919876543210"].mode })
  end)
end)

describe("a full disk", function()
  it("takes no number off its trunk that could not be written down", function()
    local client, numbers = assert(sb:client()), {}
    for i = 1, 40 do
      numbers[i] = files.number(i)
      assert(client:map_phone_number { trunk_sid = old, phone_number = numbers[i] })
    end
    local all = table.concat(numbers, " ") .. " --to new -y"
    local part = move(all, { shell = "trap '' XFSZ; ulimit -f 2; EXOTEL" }):says(3)
    assert.truthy(part.err:find("\nexotel: " .. paths.results .. ": can't be written: File too large"), part.err)
    local written, moved = files.read(paths.results), 0
    for _, number in ipairs(numbers) do
      local on = held()[number].trunk_sid
      if on == new then moved = moved + 1 end
      assert.truthy(on == old or written:find(number, 1, true), number)
    end
    assert.is_true(moved > 0 and moved < 40, moved)
    move(all):says(0)
  end)
end)

local function arrived(operation)
  return function()
    for _, request in ipairs(sb:requests()) do
      if request.operation == operation then return true end
    end
  end
end

describe("Ctrl-C", function()
  it("lets the numbers that are under way arrive, and takes no other", function()
    sb:fault { after = "unmap_phone_number", delay = 0.5 }
    local running = command.start(sb, ("number move +919876543210 --to new -y --results %s"):format(paths.results))
    running:wait_for(arrived "unmap_phone_number")
    running:signal "INT"
    local result = running:finish():says(130)
    assert.equal(("1 number: 1 moved; each number's outcome is in %s\n"):format(paths.results), result.out)
    assert.equal(new, held()["+919876543210"].trunk_sid)
  end)

  it("twice names what may be on no trunk, and the next run finds out", function()
    sb:fault { on = "map_phone_number", hang = true }
    local running = command.start(sb, ("number move +919876543210 --to new -y --results %s"):format(paths.results))
    running:wait_for(arrived "map_phone_number")
    running:signal "INT"
    running:wait_for(function(_, err) return err:find("finishing what is under way", 1, true) end)
    running:signal "INT"
    local result = running:finish()
    assert.truthy(result.err:find(("exotel: ended at once: whether +919876543210, which may be on no trunk, went to the other one (the same "
      .. "command again finds out, and moves what is left; %s has what was moved) is not known\n"):format(paths.results), 1, true), result.err)
    sb:clear_faults()
    move("+919876543211 --to new -y"):says(0)
    assert.same({ new, "flow" }, { held()["+919876543210"].trunk_sid, held()["+919876543210"].mode })
  end)
end)

describe("a kill at any moment", function()
  it("loses no number: the next run takes up what is on no trunk", function()
    local client = assert(sb:client())
    local numbers = {}
    for i = 1, 12 do
      numbers[i] = files.number(i)
      assert(client:map_phone_number { trunk_sid = old, phone_number = numbers[i], mode = i % 2 == 0 and "flow" or nil })
    end
    local target, source, killed_between = "new", "old", 0
    for i = 1, 24 do
      local arguments = ("number move %s --to %s -y --results %s%d"):format(table.concat(numbers, " "), target, paths.results, i)
      -- The last one is killed while its maps hang, since the others may all be killed at another moment.
      sb:fault { on = "map_phone_number", delay = i < 24 and 0.02 or nil, hang = i == 24 or nil, times = true }
      sb:reset_requests()
      local running = command.start(sb, arguments)
      running:wait_for(i < 24 and function() return #sb:requests() >= 3 + i end or arrived "map_phone_number")
      running:signal "KILL"
      running:finish():says(137)
      sb:clear_faults()
      local count = 0
      for _ in pairs(held()) do count = count + 1 end
      if count < 14 then killed_between = killed_between + 1 end
      exotel(arguments):says(0)
      for n, number in ipairs(numbers) do
        assert.same({ target == "new" and new or old, n % 2 == 0 and "flow" or "pstn" }, { held()[number].trunk_sid, held()[number].mode })
      end
      target, source = source, target
    end
    assert.is_true(killed_between > 0, "never killed between the two requests")
  end)
end)
