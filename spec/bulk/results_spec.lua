-- The results file: what is written of each row, and how another run uses it.
local bulk_run = require "spec.support.bulk_run"
local child = require "spec.support.child"
local errors = require "exotel.error"
local expect = require "spec.support.expect"
local files = require "spec.support.bulk"
local input = require "exotel.bulk.input"
local run = require "exotel.bulk.run"

local assert_summary = bulk_run.assert_summary
local HEADER = bulk_run.HEADER

local function names_in(folder)
  local pipe = assert(io.popen("ls -A " .. folder))
  local names = pipe:read("*a"):gsub("\n", " ")
  pipe:close()
  return names
end

describe("bulk.map_numbers", function()
  local t

  before_each(function() t = bulk_run.new() end)
  after_each(function() bulk_run.close(t) end)

  describe("writes down", function()
    it("every row with its line, as it happens", function()
      t.csv("phone_number,mode,trunk", "+919800000001,flow,", "+919800000002,,other", "+919800000003,pstn," .. t.other)
      local seen = {}
      local summary = assert(t.map { concurrency = 1, progress = function(progress)
        seen[#seen + 1] = ("%d/%d %d"):format(progress.done, progress.total, select(2, files.results(t.paths.results)))
      end })
      assert_summary({ done = 3 }, summary)
      assert.same({ "1/3 1", "2/3 2", "3/3 3" }, seen)
      local held = files.held(t.w.sb:state())
      assert.equal(HEADER
        .. ("2,+919800000001,%s,flow,done,%s,,,\n"):format(t.sid, held["+919800000001"].id)
        .. ("3,+919800000002,%s,,done,%s,,,\n"):format(t.other, held["+919800000002"].id)
        .. ("4,+919800000003,%s,pstn,done,%s,,,\n"):format(t.other, held["+919800000003"].id), files.read(t.paths.results))
    end)

    it("rows that can't be sent, with the reason, and goes on with the others", function()
      t.csv("phone_number,mode,trunk", "919800000001,,", "+919800000002,Flow,", "+919800000003,,nowhere", "+919800000004",
        "+919800000005,,,x", '"+919800000006"x,,', ",flow,", "+919800000008,,", '"+91 ""9""",,')
      assert_summary({ done = 1, failed = 8 }, assert(t.map()))
      local results = t.outcomes()
      local reasons = { [2] = "E.164", [3] = "mode must be", [4] = "no trunk 'nowhere'", [5] = "3 columns expected, 1 found",
        [6] = "3 columns expected, 4 found", [7] = "closing quote of value 1", [8] = "phone_number" }
      for line, reason in pairs(reasons) do
        assert.equal("failed", results[line].outcome)
        assert.equal(line == 4 and "not_found" or "invalid_argument", results[line].kind)
        assert.truthy(results[line].message:find(reason, 1, true), results[line].message)
      end
      assert.truthy(files.read(t.paths.results):find('\n10,"+91 ""9""",', 1, true))
      assert.same({ "+919800000008" }, t.sent())
    end)

    it("a number that stands in two rows as failed in the second, and sends it once", function()
      t.csv("phone_number,trunk", "+919800000001,", "12,", "+919800000001,other", "12,")
      assert_summary({ done = 1, failed = 3 }, assert(t.map()))
      assert.truthy(t.outcomes()[4].message:find("the same number stands in line 2", 1, true))
      assert.truthy(t.outcomes()[5].message:find("E.164", 1, true))
      assert.same({ "+919800000001" }, t.sent())
    end)

    it("a row without any trunk as failed", function()
      t.csv("phone_number,trunk", "+919800000001,main", "+919800000002,")
      assert_summary({ done = 1, failed = 1 }, assert(t.map { trunk_sid = false }))
      assert.truthy(t.outcomes()[3].message:find("no trunk: neither the row nor the options name one", 1, true))
    end)

    it("what the service refuses as failed", function()
      t.start(nil, { numbers = { files.number(1) } })
      t.numbers(2)
      assert_summary({ done = 1, failed = 1 }, assert(t.map()))
      assert.equal("not_found", t.outcomes()[3].kind)
    end)
  end)

  describe("run again", function()
    before_each(function() t.csv("phone_number,mode", "+919800000001,", "12,", "+919800000003,flow") end)

    it("sends nothing that has its final outcome, and leaves the file as it is", function()
      assert(t.map())
      local before = files.read(t.paths.results)
      t.w.sb:reset_requests()
      assert_summary({ done = 2, failed = 1 }, assert(t.map()))
      assert.equal("list_trunks", t.w:operations())
      assert.equal(before, files.read(t.paths.results))
    end)

    it("takes up rows that were added, and failed ones that were changed", function()
      assert(t.map())
      t.w.sb:reset_requests()
      t.csv("phone_number,mode", "+919800000001,", "+919800000002,", "+919800000003,flow", "+919800000004,")
      assert_summary({ done = 4 }, assert(t.map()))
      assert.same({ "+919800000002", "+919800000004" }, t.sent())
      t.outcomes()
    end)

    it("drops a line that was cut short, wherever that was", function()
      assert(t.map { concurrency = 1 })
      local whole = files.read(t.paths.results)
      for length = 0, #whole - 1, 7 do
        files.write(t.paths.results, whole:sub(1, length))
        local summary = assert(t.map())
        assert.equal(1, summary.failed)
        assert.equal(2, summary.done + summary.present)
        assert.equal(3, select(2, files.results(t.paths.results)))
        t.outcomes()
      end
    end)

    it("drops what a power loss made of the end", function()
      assert(t.map())
      local whole = files.read(t.paths.results)
      for _, rest in ipairs { "\0\0\0\0", "4,+91\0\0\0\n\0\0", ("\0"):rep(100000), "4,+91" .. ("\0"):rep(100000) } do
        files.write(t.paths.results, whole .. rest)
        assert.equal(1, assert(t.map()).failed)
        assert.equal(whole, files.read(t.paths.results))
      end
    end)

    local function assert_refused(message)
      local before = files.read(t.paths.results)
      t.w.sb:reset_requests()
      local summary, err, partly = t.map()
      expect.failure("config", summary, err)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.equal(partly.total, partly.not_tried)
      assert.equal("", t.w:writes())
      assert.equal(before, files.read(t.paths.results))
    end

    it("refuses the results of another CSV", function()
      assert(t.map())
      t.csv("phone_number,mode", "+919800000009,", "12,", "+919800000003,flow")
      assert_refused("+919800000001 of line 2 is not what the CSV has there now")
      t.csv("phone_number,mode", "+919800000001,", "12,", "+919800000003,pstn")
      assert_refused("+919800000003 of line 4")
      t.csv("phone_number", "+919800000001")
      assert_refused("+919800000003 of line 4")
    end)

    it("refuses the results of another trunk", function()
      assert(t.map())
      t.sid = t.other
      assert_refused("or goes to another trunk")
    end)

    it("refuses a file that is something else, and leaves it as it is", function()
      for _, text in ipairs { "some letter", "dear sir,\n", "phone_number\n+919800000001\n", "line", HEADER .. "some letter\n",
        HEADER .. "2,+919800000001,,,perhaps,,,\n", HEADER .. "two,+919800000001,,,done,,,\n" } do
        files.write(t.paths.results, text)
        if text == "line" then assert(t.map()) else assert_refused(text:find("^line") and "line 2: it can't be understood" or "it is not a results file") end
      end
    end)

    it("refuses the CSV as its own results file", function()
      t.paths.results = t.paths.csv
      assert_refused("it is not a results file")
    end)
  end)

  describe("that is half written", function()
    local whole

    before_each(function()
      t.csv("phone_number,mode", "+919800000001,", "12,", "+919800000003,flow")
      assert(t.map())
      whole = files.read(t.paths.results) .. "5,+9198"
      files.write(t.paths.results, whole)
    end)

    it("leaves nothing beside it once it was replaced", function()
      assert(t.map())
      assert.equal(whole:sub(1, -8), files.read(t.paths.results))
      assert.equal("numbers.csv results.csv ", names_in(t.paths.folder))
    end)
  end)

  it("says why the file can't be read", function()
    t.numbers(1)
    assert(os.execute("ln -s results.csv " .. t.paths.results)) -- to itself
    local summary, err = t.map()
    expect.failure("config", summary, err)
    assert.truthy(err.message:find("Too many levels", 1, true), err.message)
    assert.equal("", t.w:writes())
  end)

  describe("on a full disk", function()
    it("sends nothing when not even the header can be written", function()
      t.numbers(3)
      local summary, err, partly = t.map { results = "/dev/full" }
      expect.failure("config", summary, err)
      assert.truthy(err.message:find("/dev/full: can't be written: No space left on device", 1, true), err.message)
      assert_summary({ not_tried = 3 }, partly)
      assert.equal("", t.w:writes())
    end)

    it("says so when the file can't be made", function()
      t.numbers(3)
      for path, reason in pairs { [t.paths.folder .. "/no/such/folder"] = "No such file", [t.paths.folder] = "Is a directory" } do
        local summary, err = t.map { results = path }
        expect.failure("config", summary, err)
        assert.truthy(err.message:find(reason, 1, true), err.message)
      end
      assert.equal("", t.w:writes())
    end)

    local LIMITED = [[
      local exotel, bulk = require "exotel", require "exotel.bulk"
      local client = assert(exotel.client())
      local summary, err, partly = bulk.map_numbers(client, os.getenv "CSV", {
        results = os.getenv "RESULTS", trunk_name = "main", concurrency = 4,
      })
      print(summary, err.kind, err.message)
      print(("done %d not_tried %d"):format(partly.done, partly.not_tried))
    ]]

    -- `blocks` of 512 bytes for a file; the signal for a larger one, SIGXFSZ, must not end the process.
    local function run_limited(blocks)
      local script, settings = child.write(LIMITED), t.w.sb:environment()
      settings.CSV, settings.RESULTS = t.paths.csv, t.paths.results
      local limited = ("trap '' XFSZ; ulimit -f %d; "):format(blocks) .. child.command(script, settings)
      local output, status = child.finish(child.start("sh -c " .. child.quote(limited)))
      os.remove(script)
      assert.equal(0, status, output)
      return output
    end

    it("keeps a file that it can't replace, and leaves nothing beside it #plain", function()
      t.numbers(100)
      assert(t.map())
      local whole = files.read(t.paths.results) .. "102,+9198"
      files.write(t.paths.results, whole)
      assert.truthy(run_limited(4):find("can't be written: File too large", 1, true))
      assert.equal(whole, files.read(t.paths.results))
      assert.equal("numbers.csv results.csv ", names_in(t.paths.folder))
    end)

    it("sends nothing more after the line that can't be written, and goes on when there is room #plain", function()
      t.numbers(200)
      local output = run_limited(4)
      assert.truthy(output:find("^nil\tconfig\t" .. t.paths.results:gsub("%p", "%%%0") .. ": can't be written: File too large"), output)
      local _, written = files.results(t.paths.results)
      local count = #t.sent()
      assert.is_true(count > written and count <= written + 4, count .. " sent, " .. written .. " written")
      assert.equal(("done %d not_tried %d\n"):format(count, 200 - count), output:match("done %d.*"))
      local unwritten = ("what became of %d rows is not written"):format(count - written)
      assert.equal(count - written > 1, output:find(unwritten, 1, true) ~= nil, output)
      t.w.sb:reset_requests()
      local summary = assert(t.map())
      assert.equal(200, summary.done + summary.present)
      assert.equal(200 - written, #t.sent())
      t.outcomes()
    end)
  end)

  -- The two would be read as one.
  it("writes nothing behind a line that could not be written whole", function()
    t.numbers(3)
    local rows, written = assert(input.read(t.paths.csv, {})), 0
    rows:assign_trunks({}, t.sid)
    local results = { close = function() end }
    function results.write()
      written = written + 1
      if written == 1 then return nil, errors.new { kind = "config", message = "no room" } end
      return true
    end
    local summary, err, partly = run.all(t.w.client, rows, results, { concurrency = 3 })
    expect.failure("config", summary, err)
    assert.equal(1, written)
    assert_summary({ done = 3 }, partly)
    assert.truthy(err.message:find("what became of 3 rows is not written", 1, true), err.message)
  end)

  it("leaves a whole file, and nothing under way, when a function of its options raises", function()
    t.numbers(20)
    t.w.sb:fault { on = "map_phone_number", hang = true, skip = 5 }
    local good, message = pcall(t.map, { concurrency = 2, progress = function(progress)
      if progress.done == 5 then error("enough", 0) end
    end })
    assert.is_false(good)
    assert.equal("enough", message)
    assert.equal(0, t.w.client:poll(0))
    assert.equal(5, select(2, files.results(t.paths.results)))
    t.w.sb:clear_faults() -- still to come where the sixth had not been sent
    local summary = assert(t.map())
    assert.equal(20, summary.done + summary.present)
    t.outcomes()
  end)
end)
