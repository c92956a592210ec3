-- What a run is told and tells beside its rows: checks before the first write, dry runs, waits, the rows that failed.
local bulk = require "exotel.bulk"
local bulk_run = require "spec.support.bulk_run"
local expect = require "spec.support.expect"
local files = require "spec.support.bulk"

local assert_summary = bulk_run.assert_summary

describe("bulk.map_numbers", function()
  local t, failed

  before_each(function()
    t = bulk_run.new()
    failed = t.paths.folder .. "/failed.csv"
  end)
  after_each(function() bulk_run.close(t) end)

  it("maps what was read before, once", function()
    t.csv("Mobile,Name", "98000 00001,a", "12,b")
    local numbers = assert(bulk.read_numbers(t.paths.csv, { country = "91" }))
    local options = { results = t.paths.results, trunk_sid = t.sid }
    local summary = assert(bulk.map_numbers(t.w.client, numbers, options))
    assert_summary({ done = 1, failed = 1 }, summary)
    assert.same({ 1, 0, 1 }, { summary.sent, summary.cleaned, summary.completed })
    assert.equal("98000 00001", t.outcomes()[2].original)
    for row in numbers:each() do assert.equal(row.line == 2 and "done" or "failed", row.outcome) end
    expect.raises("were mapped before", bulk.map_numbers, t.w.client, numbers, options)
    numbers = assert(bulk.read_numbers(t.paths.csv))
    expect.raises("are options of read_numbers", bulk.map_numbers, t.w.client, numbers,
      { results = t.paths.results, country = "91" })
  end)

  it("tells once the whole file is checked, before the first number is sent", function()
    t.csv("phone_number,mode,trunk", "+919800000001,,", "12,,", "+919800000003,IVR,", "+919800000004,,nowhere")
    local told
    assert(t.map { failed = failed, checked = function(numbers, path)
      local problems, count = numbers:problems(2)
      told = { #t.sent(), count, #problems, problems[2].line, numbers.refused, path }
      assert.truthy(files.read(path):find('\n12,,,"phone_number must be', 1, true))
    end })
    assert.same({ 0, 3, 2, 4, 3, failed }, told)
  end)

  it("leaves nothing locked when that raises", function()
    t.numbers(1)
    expect.raises("enough", t.map, { checked = function() error("enough", 0) end })
    assert_summary({ done = 1 }, assert(t.map()))
  end)

  it("sends nothing when a row can't be sent and that was asked for", function()
    t.csv("phone_number", "+919800000001", "12")
    local summary, err, none = t.map { strict = true, failed = failed }
    expect.failure("config", summary, err)
    assert.equal("nothing was sent: 1 of 2 rows can't be; they are in " .. failed, err.message)
    assert_summary({ not_tried = 2 }, none)
    assert.same({}, t.sent())
    assert.is_nil(files.read(t.paths.results))
  end)

  it("finds out what it would do, without sending or writing anything", function()
    t.csv("phone_number", "+919800000001", "98765", "+919800000003")
    local summary = assert(t.map { dry_run = true, failed = failed })
    assert_summary({ failed = 1, not_tried = 2 }, summary)
    assert.same({ { message = "phone_number must be in E.164, as +919876543210: it has no country code (the option country completes "
      .. "national numbers)", count = 1 } }, summary.reasons)
    assert.is_nil(files.read(t.paths.results))
    assert.is_nil(files.read(failed))
    assert.equal("", t.w:writes())
    assert(t.map())
    local before = files.read(t.paths.results)
    summary = assert(t.map { dry_run = true })
    assert_summary({ done = 2, failed = 1 }, summary)
    assert.same({ done = 2, present = 0, failed = 1 }, summary.earlier)
    assert.equal(before, files.read(t.paths.results))
    t.csv("phone_number", "+919800000009")
    summary = t.map { dry_run = true }
    assert.is_nil(summary)
    assert(t.map { dry_run = true, results = false })
  end)

  it("says what an earlier run has done, and what it sent itself", function()
    t.numbers(2)
    assert(t.map())
    t.numbers(3)
    local summary = assert(t.map())
    assert_summary({ done = 3 }, summary)
    assert.equal(1, summary.sent)
    assert.same({ done = 2, present = 0, failed = 0 }, summary.earlier)
    assert.equal(0, assert(t.map()).sent)
  end)

  it("takes up a results file from before it had its last column", function()
    t.csv("phone_number", "+919800000001", "12")
    assert(t.map())
    local now = files.read(t.paths.results)
    files.write(t.paths.results, (now:gsub("[^,\n]*\n", "\n"):gsub(",\n", "\n")))
    t.csv("phone_number", "+919800000001", "12", "+919800000003")
    t.w.sb:reset_requests()
    assert_summary({ done = 2, failed = 1 }, assert(t.map()))
    assert.same({ "+919800000003" }, t.sent())
    assert.equal(now, files.read(t.paths.results):sub(1, #now))
  end)

  it("sends a row whose number stood in an earlier line, once that was corrected", function()
    t.start(nil, { numbers = { files.number(1), files.number(2) } })
    t.csv("phone_number,mode", files.number(1) .. ",IVR", files.number(3) .. ",", files.number(3) .. ",flow")
    assert_summary({ failed = 3 }, assert(t.map()))
    t.csv("phone_number,mode", files.number(1) .. ",", files.number(2) .. ",", files.number(3) .. ",flow")
    t.w.sb:reset_requests()
    assert_summary({ done = 2, failed = 1 }, assert(t.map()))
    assert.same({ files.number(1), files.number(2), files.number(3) }, t.sent())
    assert.equal("not_found", t.outcomes()[4].kind)
  end)

  it("tells why it waits, and for how long", function()
    t.start({ backoff = 0, rate_limit = false, retries = 0 })
    t.numbers(6)
    t.w.sb:fault { on = "map_phone_number", status = 429, headers = { ["Retry-After"] = "61" }, times = 5 }
    local waits = {}
    assert_summary({ done = 6 }, assert(t.map { concurrency = 1, wait = function(wait) waits[#waits + 1] = wait end }))
    assert.equal("network", waits[1].reason)
    assert.equal(1, waits[1].seconds)
    assert.equal("rate_limited", waits[1].err.kind)
    assert.is_true(waits[#waits].seconds < 1)
  end)

  it("tells of the rate limit", function()
    t.start({ backoff = 0, rate_limit = 3 })
    t.numbers(6)
    local told
    local summary, err = t.map { wait = function(wait) told = told or wait end, stop = function() return told ~= nil end }
    expect.failure("cancelled", summary, err)
    assert.equal("rate limit", told.reason)
    assert.is_true(told.seconds > 0 and told.seconds <= 60.1)
  end)

  describe("writes the rows that failed", function()
    it("in the source's form, which is read again", function()
      files.write(t.paths.csv, 'sep=;\r\nRufnummer;Bemerkung;\r\n12;"a;b ""c""";\r\n+919800000002;ok;\r\n')
      local summary = assert(t.map { failed = failed })
      assert.equal(failed, summary.failed_rows)
      local text = files.read(failed)
      assert.truthy(text:find('^sep=;\nRufnummer;Bemerkung;;reason %(exotel %x%x%x%x%x%x%x%x%)\n12;"a;b ""c""";;phone_number must'), text)
      local numbers = assert(bulk.read_numbers(failed))
      assert.same({ "Bemerkung" }, numbers.others)
      assert.equal("12", numbers:each()().phone_number)
    end)

    it("with one reason each, however often they fail, and with a mark where the source has one", function()
      files.write(t.paths.csv, "\239\187\191phone_number\n12\n")
      assert(t.map { failed = failed })
      assert.truthy(files.read(failed):find("^\239\187\191phone_number,reason"))
      t.paths.csv, t.paths.results = failed, t.paths.folder .. "/second.results.csv"
      local second = t.paths.folder .. "/second.csv"
      local summary = assert(t.map { failed = second })
      assert.equal("phone_number must be in E.164, as +919876543210: it has no country code (the option country completes national numbers)",
        summary.reasons[1].message)
      assert.truthy(files.read(second):find("^\239\187\191phone_number,reason %(exotel %x+%)\n12,\"[^\"]*\"\n$"), files.read(second))
    end)

    it("again under the same name, unless somebody has altered them", function()
      t.csv("phone_number", "12", "13")
      assert(t.map { failed = failed })
      t.csv("phone_number", "12", "+919800000001")
      assert.equal(failed, assert(t.map { failed = failed }).failed_rows)
      local text = files.read(failed)
      assert.falsy(text:find("\n13,", 1, true))
      files.write(failed, (text:gsub("\n12,", "\n+919800000002,")))
      local other = t.paths.folder .. "/failed-2.csv"
      assert.equal(other, assert(t.map { failed = failed }).failed_rows)
      assert.equal(other, assert(t.map { failed = failed }).failed_rows)
      assert.truthy(files.read(failed):find("+919800000002", 1, true))
      t.csv("phone_number", "+919800000003", "+919800000001")
      assert.is_nil(assert(t.map { failed = failed }).failed_rows)
      assert.truthy(files.read(failed):find("+919800000002", 1, true))
      os.remove(failed)
      t.csv("phone_number", "+919800000003", "+919800000001", "12")
      assert(t.map { failed = failed })
      assert.truthy(files.read(failed))
      t.csv("phone_number", "+919800000003", "+919800000001", "+919800000004")
      assert(t.map { failed = failed })
      assert.is_nil(files.read(failed))
    end)

    it("once the service has refused them, too", function()
      t.start(nil, { numbers = { files.number(1) } })
      t.csv("Name,Phone", "a," .. files.number(1), "b," .. files.number(2))
      assert(t.map { failed = failed })
      assert.truthy(files.read(failed):find("\nb," .. files.number(2):gsub("%p", "%%%0") .. ",[^\n]+\n$"), files.read(failed))
    end)

    it("by what was read, where the file was altered meanwhile", function()
      t.csv("Name,Phone", "a,12", "b,+919800000001")
      assert(t.map { failed = failed, checked = function() t.csv("Name,Phone", "z,+919800000099", "y,14") end })
      assert.truthy(files.read(failed):find('\n,12,"phone_number must', 1, true), files.read(failed))
    end)

    it("or says that they can't be, before anything is sent", function()
      t.csv("phone_number", "12", "+919800000001")
      local summary, err = t.map { failed = t.paths.folder .. "/no/failed.csv" }
      expect.failure("config", summary, err)
      assert.equal("failed", err.field)
      assert.same({}, t.sent())
    end)
  end)

  it("is not misled by what the service calls a number", function()
    t.numbers(1)
    t.w.sb:put { trunk_sid = t.sid, trunk_name = "main", numbers = { { phone_number = "919800000001" } } }
    assert_summary({ done = 1 }, assert(t.map()))
  end)
end)
