-- The results file among others who use its folder: one import at a time, links, modes, disks that are full.
local bulk = require "exotel.bulk"
local bulk_run = require "spec.support.bulk_run"
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local files = require "spec.support.bulk"
local process = require "spec.process"

local HEADER = bulk_run.HEADER

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function shell(format, ...)
  local arguments = { ... }
  for i, argument in ipairs(arguments) do arguments[i] = child.quote(argument) end
  os.execute(format:format((table.unpack or unpack)(arguments))) -- luacheck: compat
end

-- Only root can make what belongs to somebody else.
local function is_root() return output_of("id -u") == "0\n" end

describe("the results file", function()
  local t, path

  before_each(function()
    t = bulk_run.new()
    path = t.paths.results
    t.numbers(3)
  end)
  after_each(function() bulk_run.close(t) end)

  local IMPORT = [[
    local exotel, bulk = require "exotel", require "exotel.bulk"
    local client = assert(exotel.client())
    local summary, err = bulk.map_numbers(client, os.getenv "CSV", { results = os.getenv "RESULTS", trunk_name = "main" })
    print(summary and summary.done, err and err.kind, err and err.message)
  ]]

  local function settings()
    local variables = t.w.sb:environment()
    variables.CSV, variables.RESULTS = t.paths.csv, path
    return variables
  end

  describe("is one import's at a time:", function()
    local MESSAGE = ": another import is writing to it: wait for its end, or take another results file"

    it("a second one in another process is refused by name, and sends nothing", function()
      local output, sent
      assert(t.map { concurrency = 1, progress = function(progress)
        if progress.done ~= 1 then return end
        sent = #t.sent()
        output = child.run(IMPORT, settings())
      end })
      assert.equal(1, sent)
      assert.equal("nil\tconfig\t" .. path .. MESSAGE .. "\n", output)
      assert.equal(3, #t.sent())
    end)

    it("a second one in the same process, too", function()
      local summary, err, partly
      assert(t.map { progress = function(progress)
        if progress.done == 1 then summary, err, partly = t.map() end
      end })
      expect.failure("config", summary, err)
      assert.equal("results", err.field)
      assert.equal(path .. MESSAGE, err.message)
      assert.equal(3, partly.not_tried)
    end)

    it("under another name, too", function()
      local err
      shell("ln -s results.csv %s", t.paths.folder .. "/link")
      assert(t.map { progress = function() err = select(2, t.map { results = t.paths.folder .. "/link" }) end })
      assert.truthy(err.message:find(MESSAGE, 1, true), err.message)
    end)

    it("while its lines are replaced, too", function()
      local err
      files.write(path, HEADER .. "2,+91")
      assert(t.map { progress = function() err = select(2, t.map()) end })
      assert.truthy(err.message:find(MESSAGE, 1, true), err.message)
    end)

    it("the next one has it, also after an error and after a kill", function()
      assert(t.map())
      assert(t.map())
      pcall(t.map, { progress = function() error("enough") end })
      assert(t.map())
      t.numbers(4)
      t.w.sb:fault { on = "map_phone_number", hang = true }
      local script = child.write(IMPORT)
      local pipe = child.start("bash -c " .. child.quote("echo $$; exec " .. child.command(script, settings())))
      local pid = pipe:read("*l")
      while t.w.sb:handled() < 1 or #t.sent() < 4 do os.execute("sleep 0.01") end
      assert.truthy(select(2, t.map()).message:find(MESSAGE, 1, true))
      os.execute("kill -KILL " .. pid)
      child.finish(pipe)
      os.remove(script)
      assert(t.map())
    end)

    it("a program that was started meanwhile doesn't keep it, also after a kill", function()
      local dying = IMPORT:gsub("trunk_name = \"main\"", [[%0, progress = function()
        os.execute("sleep 5 >/dev/null 2>&1 & kill -KILL $PPID")
      end]])
      local output, status = child.run(dying, settings())
      assert.equal(137, status, output)
      assert(t.map())
    end)

    it("a process that was forked off meanwhile doesn't keep it", function()
      local pid
      assert(t.map { progress = function(progress)
        if progress.done == 1 then pid = process.fork() end
        if pid == 0 then
          os.execute("sleep 0.5")
          process.exit(0)
        end
      end })
      assert(t.map())
      assert.equal(0, process.wait(pid))
    end)
  end)

  -- What a kill left of a line has to be dropped: the file is replaced.
  local function leave_torn_line()
    assert(t.map())
    files.write(path, files.read(path) .. "4,+91")
  end

  it("keeps its mode when lines are dropped", function()
    for _, mode in ipairs { "640", "600", "664" } do
      leave_torn_line()
      shell("chmod " .. mode .. " %s", path)
      assert(t.map())
      assert.equal(mode .. "\n", output_of("stat -c %a " .. path))
      assert.equal("\n", files.read(path):sub(-1))
    end
  end)

  it("is written where a link leads to, and the link stays", function()
    local real = t.paths.folder .. "/real.csv"
    shell("ln -s real.csv %s", path)
    leave_torn_line()
    assert.equal(3, select(2, files.results(real)))
    assert(t.map())
    assert.equal("real.csv\n", output_of("readlink " .. path))
    assert.equal(3, select(2, files.results(real)))
    assert.equal("\n", files.read(real):sub(-1))
  end)

  it("sends nobody's link another way: what stands beside it is not written", function()
    leave_torn_line()
    local victim = t.paths.folder .. "/victim"
    files.write(victim, "mine")
    shell("ln -s victim %s", path .. ".new")
    assert(t.map())
    assert.equal("mine", files.read(victim))
    assert.equal("\n", files.read(path):sub(-1))
    assert.equal("numbers.csv results.csv results.csv.new victim\n", (output_of("LC_ALL=C ls -A " .. t.paths.folder):gsub("\n(.)", " %1")))
  end)

  it("isn't where somebody else's link in a shared folder leads to", function()
    if not is_root() then return end
    local victim = t.paths.folder .. "/victim"
    for mode, refused in pairs { ["1777"] = true, ["777"] = true, ["775"] = true, ["755"] = false } do
      os.remove(victim)
      shell("chmod " .. mode .. " %s", t.paths.folder)
      shell("ln -sf victim %s", path)
      shell("chown -h 12345 %s", path)
      local summary, err = t.map()
      assert.equal(refused, not summary)
      assert.equal(refused, files.read(victim) == nil)
      if refused then
        expect.failure("config", summary, err)
        assert.equal(path .. ": can't be written: it is a link of somebody else's, in a folder that others can write to", err.message)
      end
    end
  end)

  it("that is a link to itself is refused", function()
    shell("ln -s results.csv %s", path)
    local err = expect.failure("config", t.map())
    assert.truthy(err.message:find("Too many levels of symbolic links", 1, true), err.message)
  end)

  it("that can't be replaced stays as it was #plain", function()
    t.numbers(100)
    leave_torn_line()
    local before = files.read(path)
    local script = child.write(IMPORT)
    local limited = "sh -c " .. child.quote("trap '' XFSZ; ulimit -f 4; " .. child.command(script, settings()))
    local output = child.finish(child.start(limited))
    os.remove(script)
    assert.equal("nil\tconfig\t" .. path .. ": can't be written: File too large\n", output)
    assert.equal(before, files.read(path))
    assert.equal("numbers.csv results.csv\n", (output_of("LC_ALL=C ls -A " .. t.paths.folder):gsub("\n(.)", " %1")))
  end)

  it("holds whole lines only when the disk gets full, and the counts are true #plain", function()
    t.numbers(100)
    local script = child.write((IMPORT:gsub("local summary, err =", "local summary, err, partly =")
      .. 'print(partly.done, partly.not_tried)'))
    local limited = "sh -c " .. child.quote("trap '' XFSZ; ulimit -f 4; " .. child.command(script, settings()))
    local output = child.finish(child.start(limited))
    os.remove(script)
    local done, not_tried = output:match("\n(%d+)\t(%d+)\n$")
    local _, written = files.results(path)
    assert.equal("\n", files.read(path):sub(-1))
    assert.equal(tonumber(done), select(2, files.held(t.w.sb:state())))
    assert.equal(100 - done, tonumber(not_tried))
    local unwritten = tonumber(output:match("what became of (%d+) rows is not written") or 1)
    assert.equal(done - written, unwritten)
  end)

  it("is written to, where it is a device", function()
    local summary = assert(t.map { results = "/dev/null" })
    assert.equal(3, summary.done)
    assert(bulk.map_numbers(t.w.client, t.paths.csv, { results = "/dev/null", trunk_sid = t.sid, progress = function()
      assert(t.map { results = "/dev/null" }) -- nobody's alone
    end }))
  end)
end)
