-- Files that the command writes, in folders that others use, too: exotel plan --out.
local child = require "spec.support.child"
local command = require "spec.support.command"
local sandbox = require "exotel.sandbox"

local sb, folder, spec, saved

local function output_of(line)
  local pipe = assert(io.popen(line))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read("*a")
  if file then file:close() end
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function()
  folder = output_of("mktemp -d"):match("[^\n]+")
  spec, saved = folder .. "/out.json", folder .. "/saved.plan"
  write(spec, '{"trunk_name": "out", "phone_numbers": ["+919876543210"]}')
end)
after_each(function() os.execute("rm -rf " .. folder) end)

local function plan(path, shell) return command.run(sb, ("plan %s --quiet --out %s"):format(spec, path), { shell = shell }) end

local function is_plan(text) return text ~= nil and text:find('"exotel_plan"', 1, true) ~= nil end

local function names() return (output_of("LC_ALL=C ls -A " .. folder):gsub("\n(.)", " %1"):gsub("\n", "")) end

describe("exotel plan --out", function()
  it("makes a file for its owner only, and keeps the mode of one that is there", function()
    plan(saved, "umask 0; EXOTEL"):says(0, "", "")
    assert.equal("600\n", output_of("stat -c %a " .. saved))
    for _, mode in ipairs { "640", "444", "666" } do
      write(saved, "old")
      os.execute(("chmod %s %s"):format(mode, saved))
      plan(saved):says(0, "", "")
      assert.equal(mode .. "\n", output_of("stat -c %a " .. saved))
      assert.is_true(is_plan(read(saved)))
      os.remove(saved)
    end
  end)

  it("writes what a link leads to, whole or not at all, and the link stays", function()
    os.execute(("ln -s saved.plan %s/link; ln -s link %s/other"):format(folder, folder))
    plan(folder .. "/other"):says(0, "", "") -- it leads to nothing yet
    assert.is_true(is_plan(read(saved)))
    write(saved, "old")
    plan(folder .. "/other", "trap '' XFSZ; ulimit -f 0; EXOTEL"):says(1)
    assert.equal("old", read(saved))
    plan(folder .. "/other"):says(0, "", "")
    assert.is_true(is_plan(read(saved)))
    assert.equal("link other out.json saved.plan", names())
    assert.equal("saved.plan\nlink\n", output_of(("readlink %s/link %s/other"):format(folder, folder)))
  end)

  it("writes nothing through a link that waits beside it", function()
    write(folder .. "/victim", "mine")
    -- exec keeps the number of the process, by which the file beside it could be guessed.
    local line = command.line(sb, ("plan %s --quiet --out %s"):format(spec, saved))
    local guess = ("ln -sf victim %s.$$; exec %s"):format(saved, line)
    child.finish(child.start("bash -c " .. child.quote(guess)))
    assert.equal("mine", read(folder .. "/victim"))
    assert.is_true(is_plan(read(saved)))
    assert.equal("", output_of("test -L " .. saved .. " && echo a link"))
  end)

  it("follows nobody else's link in a shared folder", function()
    if output_of("id -u") ~= "0\n" then return end -- only root can make one
    write(folder .. "/victim", "mine")
    os.execute(("chmod 1777 %s; ln -s victim %s; chown -h 12345 %s"):format(folder, saved, saved))
    plan(saved):says(1, "",
      ("exotel: %s can't be written: it is a link of somebody else's, in a folder that others can write to\n"):format(saved))
    assert.equal("mine", read(folder .. "/victim"))
    os.execute(("chmod 755 %s"):format(folder))
    plan(saved):says(0, "", "")
    assert.is_true(is_plan(read(folder .. "/victim")))
  end)

  it("writes to open descriptors and devices", function()
    assert.is_true(is_plan(plan("/dev/stdout", "EXOTEL | cat").out))
    local whole = command.run(sb, ("plan %s --out /dev/stdout"):format(spec)):says(0).out -- a file
    assert.truthy(whole:find("^trunk out\n") and is_plan(whole), whole)
    assert.is_true(is_plan(plan("/dev/fd/7", "EXOTEL 7>&1").out))
    plan("/dev/null"):says(0, "", "")
    assert.equal("1 3\n", output_of("stat -c '%t %T' /dev/null"))
    plan(folder):says(1, "", ("exotel: %s can't be written: Is a directory\n"):format(folder))
  end)
end)

describe("exotel number import", function()
  -- Numbers that no other CSV has, in lines of the same length.
  local function import(count, first, results)
    local lines = { "phone_number" }
    for i = 1, count do lines[#lines + 1] = ("+91987%07d"):format(first + i) end
    write(folder .. "/numbers.csv", table.concat(lines, "\n") .. "\n")
    return command.run(sb, ("number import %s/numbers.csv --trunk out --results %s"):format(folder, results),
      { shell = "trap '' XFSZ; ulimit -f 1; EXOTEL" })
  end

  local function lines_of(path) return select(2, read(path):gsub("\n", "")) end

  it("doesn't succeed when the last row is not written down, and says so", function()
    command.one_trunk(sb)
    local first, second = folder .. "/first.csv", folder .. "/second.csv"
    import(40, 0, first):says(3)
    local fitting = lines_of(first) - 1
    local last = import(fitting + 1, 1000, second):says(3, ("%d rows: %d done; what could be written is in %s\n")
      :format(fitting + 1, fitting + 1, second))
    assert.equal(fitting, lines_of(second) - 1)
    assert.truthy(last.err:find(second .. ": can't be written: File too large", 1, true), last.err)
    import(fitting, 2000, folder .. "/third.csv"):says(0)
  end)

  it("is refused beside another one on the same results file", function()
    command.one_trunk(sb)
    sb:fault { on = "map_phone_number", hang = true }
    write(folder .. "/numbers.csv", "phone_number\n+919876543210\n")
    local line = ("number import %s/numbers.csv --trunk out --results %s/results.csv"):format(folder, folder)
    local running = command.start(sb, line)
    while not sb:requests()[1] or sb:requests()[#sb:requests()].operation ~= "map_phone_number" do os.execute("sleep 0.01") end
    command.run(sb, line):says(1, "", ("exotel: %s/results.csv: another import is writing to it: wait for its end, or take another results file\n")
      :format(folder))
    running:signal("KILL")
    running:finish()
    sb:clear_faults()
    command.run(sb, line):says(0)
  end)
end)
