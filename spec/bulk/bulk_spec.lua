-- Numbers of a CSV file: what becomes of each row, what is written of it, and what stops the run.
local bulk = require "exotel.bulk"
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local files = require "spec.support.bulk"
local world = require "spec.support.world"

local unpack = unpack or table.unpack -- luacheck: compat

local HEADER = "line,phone_number,trunk_sid,mode,outcome,id,kind,message\n"

describe("bulk.map_numbers", function()
  local w, paths, sid, other

  local function start(client_options, sandbox_options)
    if w then w:close() end
    w = world.new(sandbox_options, client_options or { backoff = 0, rate_limit = false })
    sid, other = w:trunk("main"), w:trunk("other")
  end

  before_each(function()
    paths = files.new()
    start()
  end)
  after_each(function()
    w:close()
    w = nil
    files.remove(paths)
  end)

  local function map(options)
    local all = { results = paths.results, trunk_sid = sid }
    for name, value in pairs(options or {}) do all[name] = value or nil end
    return bulk.map_numbers(w.client, paths.csv, all)
  end

  -- A CSV of these lines.
  local function csv(...) files.write(paths.csv, table.concat({ ... }, "\n") .. "\n") end

  -- A CSV of as many good rows.
  local function numbers(count)
    local lines = { "phone_number" }
    for i = 1, count do lines[i + 1] = files.number(i) end
    csv(unpack(lines))
  end

  local function number_of(request) return request.body:match('"phone_number":"([^"]+)"') end

  local function sent()
    local list = {}
    for _, request in ipairs(w.sb:requests()) do
      if request.operation == "map_phone_number" then list[#list + 1] = number_of(request) end
    end
    table.sort(list)
    return list
  end

  local function assert_summary(expected, summary)
    local all = { done = 0, present = 0, failed = 0, unknown = 0, not_tried = 0 }
    for name, count in pairs(expected) do all[name] = count end
    all.total = all.done + all.present + all.failed + all.unknown + all.not_tried
    assert.same(all, summary)
  end

  -- Everything that is written is true.
  local function outcomes()
    local results, held = files.results(paths.results), files.held(w.sb:state())
    for _, result in pairs(results) do assert.is_nil(files.lie(result, held)) end
    return results
  end

  describe("writes down", function()
    it("every row with its line, as it happens", function()
      csv("phone_number,mode,trunk", "+919800000001,flow,", "+919800000002,,other", "+919800000003,pstn," .. other)
      local seen = {}
      local summary = assert(map { concurrency = 1, progress = function(progress)
        seen[#seen + 1] = ("%d/%d %d"):format(progress.done, progress.total, select(2, files.results(paths.results)))
      end })
      assert_summary({ done = 3 }, summary)
      assert.same({ "1/3 1", "2/3 2", "3/3 3" }, seen)
      local held = files.held(w.sb:state())
      assert.equal(HEADER
        .. ("2,+919800000001,%s,flow,done,%s,,\n"):format(sid, held["+919800000001"].id)
        .. ("3,+919800000002,%s,,done,%s,,\n"):format(other, held["+919800000002"].id)
        .. ("4,+919800000003,%s,pstn,done,%s,,\n"):format(other, held["+919800000003"].id), files.read(paths.results))
    end)

    it("rows that can't be sent, with the reason, and goes on with the others", function()
      csv("phone_number,mode,trunk", "919800000001,,", "+919800000002,Flow,", "+919800000003,,nowhere", "+919800000004",
        "+919800000005,,,", '"+919800000006"x,,', ",flow,", "+919800000008,,", '"+91 ""9""",,')
      assert_summary({ done = 1, failed = 8 }, assert(map()))
      local results = outcomes()
      local reasons = { [2] = "E.164", [3] = "mode must be", [4] = "no trunk 'nowhere'", [5] = "3 columns expected, 1 found",
        [6] = "3 columns expected, 4 found", [7] = "closing quote of value 1", [8] = "phone_number" }
      for line, reason in pairs(reasons) do
        assert.equal("failed", results[line].outcome)
        assert.equal(line == 4 and "not_found" or "invalid_argument", results[line].kind)
        assert.truthy(results[line].message:find(reason, 1, true), results[line].message)
      end
      assert.truthy(files.read(paths.results):find('\n10,"+91 ""9""",', 1, true))
      assert.same({ "+919800000008" }, sent())
    end)

    it("a number that stands in two rows as failed in the second, and sends it once", function()
      csv("phone_number,trunk", "+919800000001,", "12,", "+919800000001,other", "12,")
      assert_summary({ done = 1, failed = 3 }, assert(map()))
      assert.truthy(outcomes()[4].message:find("the same number stands in line 2", 1, true))
      assert.truthy(outcomes()[5].message:find("E.164", 1, true))
      assert.same({ "+919800000001" }, sent())
    end)

    it("a row without any trunk as failed", function()
      csv("phone_number,trunk", "+919800000001,main", "+919800000002,")
      assert_summary({ done = 1, failed = 1 }, assert(map { trunk_sid = false }))
      assert.truthy(outcomes()[3].message:find("no trunk: neither the row nor the options name one", 1, true))
    end)

    it("what the service refuses as failed", function()
      start(nil, { numbers = { files.number(1) } })
      numbers(2)
      assert_summary({ done = 1, failed = 1 }, assert(map()))
      assert.equal("not_found", outcomes()[3].kind)
    end)
  end)

  describe("reads", function()
    local function assert_reads(text, ...)
      files.write(paths.csv, text)
      assert_summary({ done = select("#", ...) }, assert(map()))
      assert.same({ ... }, sent())
      return outcomes()
    end

    it("a byte order mark, CRLF, header names in any case with spaces around, in any order", function()
      local results = assert_reads("\239\187\191 Mode ,PHONE_NUMBER\r\nflow, +919800000001 \r\n,+919800000002\r\n",
        "+919800000001", "+919800000002")
      assert.equal("flow", results[2].mode)
    end)

    it("values in quotes, blank rows, and a last line without an end", function()
      local results = assert_reads('"phone_number","trunk"\n"+919800000001","main"\n\n,\n"+919800000002",""\n"\n+919800000003\n\n",\n+919800000004,',
        "+919800000001", "+919800000002", "+919800000003", "+919800000004")
      assert.equal("+919800000002", results[5].phone_number)
      assert.equal("+919800000003", results[6].phone_number)
      assert.equal("+919800000004", results[10].phone_number)
    end)

    it("a file with no rows", function() assert_reads("phone_number\n") end)

    it("lines that lie across the pieces it reads", function()
      local text, list = { "phone_number,mode,trunk" }, {}
      for i = 1, 1500 do
        list[i] = files.number(i)
        text[i + 1] = list[i] .. ",,main"
      end
      assert_reads(table.concat(text, "\r\n"), unpack(list))
    end)
  end)

  describe("refuses the whole file, and sends nothing,", function()
    local function assert_refused(message, line)
      local before = files.read(paths.results)
      local summary, err, none = map()
      expect.failure("config", summary, err)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.equal(line, err.line)
      assert_summary({}, none)
      assert.same({}, w.sb:requests())
      assert.equal(before, files.read(paths.results))
    end

    it("that is not there, or no file", function()
      assert_refused("No such file")
      paths.csv = paths.folder
      assert_refused("Is a directory", 1)
    end)

    local cases = {
      ["that is empty"] = { "", "a header is missing", 1 },
      ["with an unknown column, which it names"] = { "phone_number,mod\n", "unknown column 'mod'; known are phone_number, mode, trunk", 1 },
      ["of another separator"] = { "phone_number;mode\n+919800000001;flow\n", "unknown column 'phone_number;mode'", 1 },
      ["with a column twice"] = { "mode,phone_number,Mode\n", "column 'mode' stands there twice", 1 },
      ["with a column without a name"] = { "phone_number,,mode\n", "column 2 has no name", 1 },
      ["without numbers"] = { "trunk\n", "a column 'phone_number' is missing", 1 },
      ["with a header that is malformed"] = { '"phone_number"x\n', "closing quote of value 1", 1 },
      ["with a quote that is never closed"] = { 'phone_number\n+919800000001\n"+919800000002\n+919800000003\n', "a quote is never closed", 3 },
      ["with a value without end"] = { 'phone_number\n"' .. ("+919800000001\n"):rep(5000), "longer than 64 KiB", 2 },
      ["with a line without end"] = { "phone_number\n" .. ("0"):rep(100000), "longer than 64 KiB", 2 },
    }
    for name, case in pairs(cases) do
      it(name, function()
        files.write(paths.csv, case[1])
        assert_refused(case[2], case[3])
      end)
    end
  end)

  it("refuses a trunk that the account has not, and sends no number", function()
    numbers(2)
    for _, options in ipairs { { trunk_sid = "trmum1" }, { trunk_sid = false, trunk_name = "nowhere" } } do
      local summary, err, none = map(options)
      expect.failure("not_found", summary, err)
      assert_summary({ not_tried = 2 }, none)
    end
    assert.equal("list_trunks list_trunks", w:operations())
    assert.is_nil(files.read(paths.results))
  end)

  it("takes the trunk by its name, too", function()
    numbers(1)
    assert_summary({ done = 1 }, assert(map { trunk_sid = false, trunk_name = "other" }))
    assert.equal(other, outcomes()[2].trunk_sid)
  end)

  describe("settles by reading the trunk once", function()
    local function place(number, trunk_sid, mode)
      local data = assert(w.client:map_phone_number { trunk_sid = trunk_sid, phone_number = number, mode = mode })
      w.sb:reset_requests()
      return data.id
    end

    it("what exists already: as wanted, in another mode, on another trunk", function()
      csv("phone_number,mode,trunk", "+919800000001,,", "+919800000002,pstn,", "+919800000003,flow,", "+919800000004,,",
        "+919800000005,,other")
      local id = place("+919800000001", sid, "pstn")
      place("+919800000002", sid)
      place("+919800000003", sid)
      place("+919800000004", other)
      place("+919800000005", sid)
      assert_summary({ present = 2, failed = 3 }, assert(map { concurrency = 5 }))
      local results = outcomes()
      assert.equal(id, results[2].id)
      assert.equal("conflict", results[4].kind)
      assert.truthy(results[4].message:find("+919800000003 is mapped with mode pstn, not flow", 1, true))
      assert.equal("conflict", results[5].kind)
      assert.truthy(results[5].message:find("+919800000004 is mapped to another trunk, " .. other, 1, true))
      assert.truthy(results[6].message:find("+919800000005 is mapped to another trunk, " .. sid, 1, true))
      -- A reading for each trunk, and a question for each number that is not on its own.
      assert.equal("list_trunks" .. (" map_phone_number"):rep(5) .. (" list_phone_numbers find_trunk_map"):rep(2), w:operations())
    end)

    it("replies that were lost, and sends again what is not there", function()
      numbers(20)
      w.sb:fault { after = "map_phone_number", drop = true, times = 4 }
      w.sb:fault { after = "map_phone_number", status = 500, times = 4, skip = 2 }
      w.sb:fault { before = "map_phone_number", drop = true, times = 4, skip = 3 }
      assert_summary({ done = 20 }, assert(map { concurrency = 1 }))
      outcomes()
      assert.equal(24, #sent())
      assert.is_truthy(w:operations():find("^list_trunks " .. ("map_phone_number "):rep(20) .. "list_phone_numbers map"))
    end)

    it("all rows that it sees there, also those not sent yet", function()
      numbers(400)
      for i = 1, 400 do place(files.number(i), sid) end
      assert_summary({ present = 400 }, assert(map()))
      -- What was under way when there were 250 to read for comes on top.
      assert.is_true(#sent() >= 250 and #sent() < 258, #sent() .. " sent")
      outcomes()
    end)

    it("page by page, each of which may take several tries", function()
      start(nil, { page_size = 3 })
      numbers(20)
      w.sb:fault { after = "map_phone_number", drop = true, times = 4 }
      w.sb:fault { on = "list_phone_numbers", status = 200, body = "<html>", skip = 3, times = 3 }
      assert_summary({ done = 20 }, assert(map { concurrency = 1 }))
      outcomes()
      assert.equal(7 + 3, select(2, w:operations():gsub("list_phone_numbers", "")))
    end)

    it("no further than it has to", function()
      start(nil, { page_size = 2 })
      numbers(20)
      w.sb:fault { after = "map_phone_number", drop = true, skip = 19 }
      assert_summary({ done = 20 }, assert(map { concurrency = 1 }))
      assert.equal(1, select(2, w:operations():gsub("list_phone_numbers", "")))
    end)

    it("a row that comes to nothing again and again as failed, and sends it again in the next run", function()
      numbers(3)
      w.sb:fault { before = "map_phone_number", status = 500, times = 10, skip = 2 }
      assert_summary({ done = 2, failed = 1 }, assert(map { concurrency = 1 }))
      assert.equal(2 + 5, #sent())
      assert.equal("server", outcomes()[4].kind)
      w.sb:clear_faults()
      w.sb:reset_requests()
      assert_summary({ done = 3 }, assert(map { concurrency = 1 }))
      assert.same({ files.number(3) }, sent())
      outcomes()
    end)

    it("what stays unknown when reading fails, in the next run", function()
      numbers(3)
      w.sb:fault { after = "map_phone_number", drop = true }
      w.sb:fault { before = "map_phone_number", drop = true }
      w.sb:fault { on = "list_phone_numbers", status = 400, times = true }
      assert_summary({ done = 1, unknown = 2 }, assert(map { concurrency = 1 }))
      assert.equal("network", outcomes()[2].kind)
      w.sb:clear_faults()
      w.sb:reset_requests()
      assert_summary({ done = 3 }, assert(map { concurrency = 1 }))
      assert.equal("list_trunks list_phone_numbers map_phone_number", w:operations())
      assert.same({ "+919800000002" }, sent())
      assert.equal("done", outcomes()[2].outcome)
    end)
  end)

  describe("stops, and sends nothing more,", function()
    local function assert_stops(kind, fault, sendings)
      numbers(30)
      w.sb:fault(fault)
      local summary, err, partly = map { concurrency = 2 }
      expect.failure(kind, summary, err)
      assert.is_true(#sent() <= sendings, #sent() .. " sent")
      local _, count = files.results(paths.results)
      assert.equal(30, partly.done + partly.unknown + partly.not_tried)
      assert.equal(count, partly.done + partly.unknown)
      outcomes()
      w.sb:clear_faults()
      assert_summary({ done = 30 }, assert(map()))
      outcomes()
      return partly
    end

    for status, kind in pairs { [401] = "authentication", [402] = "rejected", [403] = "permission" } do
      it("when the service answers " .. status, function()
        local partly = assert_stops(kind, { before = "map_phone_number", status = status, times = true, skip = 5 }, 8)
        assert.equal(5, partly.done)
      end)
    end

    it("when it is told to, and what is under way is waited for", function()
      numbers(30)
      w.sb:fault { on = "map_phone_number", delay = 0.05, times = true }
      local asked = 0
      local summary, err, partly = map { concurrency = 3, stop = function()
        asked = asked + 1
        return #w.sb:requests() > 8
      end }
      expect.failure("cancelled", summary, err)
      local count = #sent()
      assert.is_true(count >= 8 and count <= 11, count .. " sent")
      assert.is_true(asked > count)
      assert_summary({ done = count, not_tried = 30 - count }, partly)
      outcomes()
      w.sb:clear_faults()
      w.sb:reset_requests()
      assert_summary({ done = 30 }, assert(map()))
      assert.equal(30 - count, #sent())
    end)

    it("when it is told to before anything was sent", function()
      numbers(3)
      local summary, err, partly = map { stop = function() return true end }
      expect.failure("cancelled", summary, err)
      assert_summary({ not_tried = 3 }, partly)
      assert.equal("", w:writes())
    end)

    it("and reads nothing: what is lost then is unknown, and settled by the next run", function()
      numbers(2)
      w.sb:fault { after = "map_phone_number", drop = true }
      local over = false
      w.sb:fault { on = "map_phone_number", status = 401 }
      local summary, err, partly = map { concurrency = 1, stop = function() return over end }
      expect.failure("authentication", summary, err)
      assert_summary({ unknown = 1, not_tried = 1 }, partly)
      assert.equal("list_trunks map_phone_number map_phone_number", w:operations())
      over = true
      summary, err, partly = map { stop = function() return over end }
      expect.failure("cancelled", summary, err)
      assert_summary({ unknown = 1, not_tried = 1 }, partly)
      assert.equal("network", outcomes()[2].kind)
      over = false
      assert_summary({ done = 2 }, assert(map { stop = function() return over end }))
      assert.equal("done", outcomes()[2].outcome)
    end)

    -- The waits are long: the client sleeps by a function that only counts.
    local function patient()
      local slept = { seconds = 0 }
      start { sleep = function(seconds) slept.seconds = slept.seconds + seconds end, backoff = 0, rate_limit = false }
      return slept
    end

    for name, fault in pairs {
      ["that answers nothing but errors"] = { on = "*", status = 503, times = true, skip = 1 },
      ["that is too busy"] = { before = "*", status = 429, times = true, skip = 1 },
      ["that can't be reached"] = { on = "*", reset = true, times = true, skip = 1 },
    } do
      it("when it has waited long enough for a service " .. name, function()
        local slept = patient()
        assert_stops(fault.status == 429 and "rate_limited" or fault.status and "server" or "network", fault, 30)
        assert.is_true(slept.seconds > 60, slept.seconds .. " seconds")
      end)
    end

    it("but goes on when the service comes back", function()
      local slept = patient()
      numbers(30)
      -- Four times, with more pauses in all than one outage may last.
      for i = 1, 4 do w.sb:fault { on = "*", status = 503, times = 12, skip = 6 * i } end
      assert_summary({ done = 30 }, assert(map { concurrency = 2 }))
      assert.is_true(slept.seconds >= 8, slept.seconds .. " seconds")
      outcomes()
    end)
  end)

  describe("paces:", function()
    it("no more calls are under way than its concurrency", function()
      numbers(12)
      w.sb:fault { on = "map_phone_number", delay = 0.02, times = true }
      local most, done = 0, 0
      assert(map { concurrency = 3, progress = function()
        done = done + 1
        most = math.max(most, #sent() - done)
      end })
      -- Those that ended together are told of one after the other.
      assert.is_true(most >= 1 and most <= 3 + 2, most .. " under way")
    end)

    it("what the rate limit holds back waits, and stop is asked meanwhile", function()
      start { rate_limit = 5 }
      numbers(30)
      local asked = 0
      local summary, err, partly = map { stop = function()
        if #sent() == 2 then asked = asked + 1 end
        return asked > 3
      end }
      expect.failure("cancelled", summary, err)
      assert_summary({ done = 2, not_tried = 28 }, partly) -- two trunks and their list came before
      assert.equal(3, #w.sb:requests())
    end)

    it("the time that is left is by the rate limit", function()
      start { rate_limit = 7 }
      numbers(30)
      local seen = {}
      map { concurrency = 1, stop = function() return #seen == 4 end, progress = function(progress)
        seen[#seen + 1] = progress.seconds_left
      end }
      -- Of seven requests three are gone; with one more, 29 rows have three at once and 26 in four windows.
      assert.equal(240, seen[1])
      assert.equal(240, seen[3])
      assert.is_true(seen[4] > 230 and seen[4] <= 241, seen[4])
    end)

    it("the time that is left is by what was measured", function()
      start { rate_limit = false }
      numbers(10)
      w.sb:fault { on = "map_phone_number", delay = 0.02, times = true }
      local seen = {}
      assert(map { concurrency = 2, progress = function(progress) seen[#seen + 1] = progress.seconds_left end })
      assert.is_true(seen[1] >= 9 * 0.02 / 2, seen[1])
      assert.is_true(seen[9] >= 0.02 and seen[9] < seen[1], seen[9])
      assert.equal(0, seen[10])
    end)
  end)

  describe("run again", function()
    before_each(function() csv("phone_number,mode", "+919800000001,", "12,", "+919800000003,flow") end)

    it("sends nothing that is settled, and leaves the file as it is", function()
      assert(map())
      local before = files.read(paths.results)
      w.sb:reset_requests()
      assert_summary({ done = 2, failed = 1 }, assert(map()))
      assert.equal("list_trunks", w:operations())
      assert.equal(before, files.read(paths.results))
    end)

    it("takes up rows that were added, and failed ones that were changed", function()
      assert(map())
      w.sb:reset_requests()
      csv("phone_number,mode", "+919800000001,", "+919800000002,", "+919800000003,flow", "+919800000004,")
      assert_summary({ done = 4 }, assert(map()))
      assert.same({ "+919800000002", "+919800000004" }, sent())
      outcomes()
    end)

    it("drops a line that was cut short, wherever that was", function()
      assert(map { concurrency = 1 })
      local whole = files.read(paths.results)
      for length = 0, #whole - 1, 7 do
        files.write(paths.results, whole:sub(1, length))
        local summary = assert(map())
        assert.equal(1, summary.failed)
        assert.equal(2, summary.done + summary.present)
        assert.equal(3, select(2, files.results(paths.results)))
        outcomes()
      end
    end)

    it("drops what a power loss made of the end", function()
      assert(map())
      local whole = files.read(paths.results)
      for _, rest in ipairs { "\0\0\0\0", "4,+91\0\0\0\n\0\0", ("\0"):rep(100000), "4,+91" .. ("\0"):rep(100000) } do
        files.write(paths.results, whole .. rest)
        assert.equal(1, assert(map()).failed)
        assert.equal(whole, files.read(paths.results))
      end
    end)

    local function assert_refused(message)
      local before = files.read(paths.results)
      w.sb:reset_requests()
      local summary, err, partly = map()
      expect.failure("config", summary, err)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.equal(partly.total, partly.not_tried)
      assert.equal("", w:writes())
      assert.equal(before, files.read(paths.results))
    end

    it("refuses the results of another CSV", function()
      assert(map())
      csv("phone_number,mode", "+919800000009,", "12,", "+919800000003,flow")
      assert_refused("+919800000001 of line 2 is not what the CSV has there now")
      csv("phone_number,mode", "+919800000001,", "12,", "+919800000003,pstn")
      assert_refused("+919800000003 of line 4")
      csv("phone_number", "+919800000001")
      assert_refused("+919800000003 of line 4")
    end)

    it("refuses the results of another trunk", function()
      assert(map())
      sid = other
      assert_refused("or goes to another trunk")
    end)

    it("refuses a file that is something else, and leaves it as it is", function()
      for _, text in ipairs { "some letter", "dear sir,\n", "phone_number\n+919800000001\n", "line", HEADER .. "some letter\n",
        HEADER .. "2,+919800000001,,,perhaps,,,\n", HEADER .. "two,+919800000001,,,done,,,\n" } do
        files.write(paths.results, text)
        if text == "line" then assert(map()) else assert_refused(text:find("^line") and "line 2: it can't be understood" or "it is not a results file") end
      end
    end)

    it("refuses the CSV as its own results file", function()
      paths.results = paths.csv
      assert_refused("it is not a results file")
    end)
  end)

  describe("on a full disk", function()
    it("sends nothing when not even the header can be written", function()
      numbers(3)
      local summary, err, partly = map { results = "/dev/full" }
      expect.failure("config", summary, err)
      assert.truthy(err.message:find("/dev/full: can't be written: No space left on device", 1, true), err.message)
      assert_summary({ not_tried = 3 }, partly)
      assert.equal("", w:writes())
    end)

    it("says so when the file can't be made", function()
      numbers(3)
      for path, reason in pairs { [paths.folder .. "/no/such/folder"] = "No such file", [paths.folder] = "Is a directory" } do
        local summary, err = map { results = path }
        expect.failure("config", summary, err)
        assert.truthy(err.message:find(reason, 1, true), err.message)
      end
      assert.equal("", w:writes())
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

    it("sends nothing more after the line that can't be written, and goes on when there is room #plain", function()
      numbers(200)
      local script, settings = child.write(LIMITED), w.sb:environment()
      settings.CSV, settings.RESULTS = paths.csv, paths.results
      -- A file may have 4 blocks of 512 bytes; without a handler the signal that comes with more would end the process.
      local limited = "sh -c " .. child.quote("trap '' XFSZ; ulimit -f 4; " .. child.command(script, settings))
      local output, status = child.finish(child.start(limited))
      os.remove(script)
      assert.equal(0, status, output)
      assert.truthy(output:find("^nil\tconfig\t" .. paths.results:gsub("%p", "%%%0") .. ": can't be written: File too large"), output)
      local _, written = files.results(paths.results)
      local count = #sent()
      assert.is_true(count > written and count <= written + 4, count .. " sent, " .. written .. " written")
      assert.equal(("done %d not_tried %d\n"):format(count, 200 - count), output:match("done %d.*"))
      local unwritten = ("what became of %d rows is not written"):format(count - written)
      assert.equal(count - written > 1, output:find(unwritten, 1, true) ~= nil, output)
      w.sb:reset_requests()
      local summary = assert(map())
      assert.equal(200, summary.done + summary.present)
      assert.equal(200 - written, #sent())
      outcomes()
    end)
  end)

  it("leaves a whole file, and nothing under way, when a function of its options raises", function()
    numbers(20)
    w.sb:fault { on = "map_phone_number", hang = true, skip = 5 }
    local good, message = pcall(map, { concurrency = 2, progress = function(progress)
      if progress.done == 5 then error("enough", 0) end
    end })
    assert.is_false(good)
    assert.equal("enough", message)
    assert.equal(0, w.client:poll(0))
    assert.equal(5, select(2, files.results(paths.results)))
    local summary = assert(map())
    assert.equal(20, summary.done + summary.present)
    outcomes()
  end)

  it("yields by the client's sleep in a coroutine, also while it waits", function()
    local turns, scheduled = 0, false
    start { rate_limit = false, sleep = function(seconds)
      if scheduled then coroutine.yield(seconds) end
    end }
    numbers(30)
    w.sb:fault { after = "map_phone_number", drop = true, times = 6 }
    w.sb:fault { on = "map_phone_number", delay = 0.1, skip = 10 } -- so long that there is something to wait for
    local summary
    local thread = coroutine.create(function() summary = map { concurrency = 4 } end)
    scheduled = true
    while coroutine.status(thread) ~= "dead" do
      assert(coroutine.resume(thread))
      turns = turns + 1
    end
    assert_summary({ done = 30 }, summary)
    assert.is_true(turns > 1, turns .. " turns")
    outcomes()
  end)

  it("raises where it is misused, before anything is sent", function()
    numbers(1)
    local function call(...) return bulk.map_numbers(w.client, ...) end
    expect.raises("takes the path", call)
    expect.raises("takes a table of options", call, paths.csv)
    expect.raises("needs the option 'results'", call, paths.csv, {})
    expect.raises("bad option 'result' %(unknown%)", call, paths.csv, { result = paths.results })
    expect.raises("bad option 'results' %(string expected%)", call, paths.csv, { results = true })
    expect.raises("bad option 'stop' %(function expected%)", call, paths.csv, { results = paths.results, stop = true })
    expect.raises("bad option 'concurrency' %(a whole number", call, paths.csv, { results = paths.results, concurrency = 0 })
    expect.raises("exclude each other", call, paths.csv, { results = paths.results, trunk_sid = sid, trunk_name = "main" })
    assert.same({}, w.sb:requests())
  end)
end)
