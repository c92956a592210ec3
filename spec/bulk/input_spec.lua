-- The CSV file: which are read, and which are refused.
local bulk = require "exotel.bulk"
local bulk_run = require "spec.support.bulk_run"
local expect = require "spec.support.expect"
local files = require "spec.support.bulk"

local unpack = unpack or table.unpack -- luacheck: compat

local assert_summary = bulk_run.assert_summary

describe("bulk.map_numbers", function()
  local t

  before_each(function() t = bulk_run.new() end)
  after_each(function() bulk_run.close(t) end)

  describe("reads", function()
    local function assert_reads(text, ...)
      files.write(t.paths.csv, text)
      assert_summary({ done = select("#", ...) }, assert(t.map()))
      assert.same({ ... }, t.sent())
      return t.outcomes()
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
      local before = files.read(t.paths.results)
      local summary, err, none = t.map()
      expect.failure("config", summary, err)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.equal(line, err.line)
      assert_summary({}, none)
      assert.same({}, t.w.sb:requests())
      assert.equal(before, files.read(t.paths.results))
    end

    it("that is not there, or no file", function()
      assert_refused("No such file")
      t.paths.csv = t.paths.folder
      assert_refused("Is a directory", 1)
    end)

    local cases = {
      ["that is empty"] = { "", "a header is missing", 1 },
      ["with a column whose name is misspelt, which it names"] = { "phone_number,mod\n", "unknown column 'mod', is it the mode? The option columns says so, as mode=mod, or that none is, as mode=", 1 },
      ["with a column twice"] = { "mode,phone_number,Mode\n", "several columns may be the mode: 'mode' (column 1), 'Mode' (column 3); the option columns says which, as mode=Mode", 1 },
      ["without numbers"] = { "trunk\n", "a column 'phone_number' is missing", 1 },
      ["with a header that is malformed"] = { '"phone_number"x\n', "closing quote of value 1", 1 },
      ["with a quote that is never closed"] = { 'phone_number\n+919800000001\n"+919800000002\n+919800000003\n', "a quote is never closed", 3 },
      ["with a value without end"] = { 'phone_number\n"' .. ("+919800000001\n"):rep(5000), "longer than 64 KiB", 2 },
      ["with a line without end"] = { "phone_number\n" .. ("0"):rep(100000), "longer than 64 KiB", 2 },
    }
    for name, case in pairs(cases) do
      it(name, function()
        files.write(t.paths.csv, case[1])
        assert_refused(case[2], case[3])
      end)
    end
  end)

  it("refuses a trunk that the account has not, and sends no number", function()
    t.numbers(2)
    for _, options in ipairs { { trunk_sid = "trmum1" }, { trunk_sid = false, trunk_name = "nowhere" } } do
      local summary, err, none = t.map(options)
      expect.failure("not_found", summary, err)
      assert_summary({ not_tried = 2 }, none)
    end
    assert.equal("list_trunks list_trunks", t.w:operations())
    assert.is_nil(files.read(t.paths.results))
  end)

  it("takes the trunk by its name, too", function()
    t.numbers(1)
    assert_summary({ done = 1 }, assert(t.map { trunk_sid = false, trunk_name = "other" }))
    assert.equal(t.other, t.outcomes()[2].trunk_sid)
  end)

  it("takes of several trunks of one name the one that the service lists first, and a sid rather than a name", function()
    local newest = t.w.sb:put { trunk_name = "main" }
    t.w.sb:put { trunk_name = t.sid, trunk_sid = "trmum1named" }
    t.csv("phone_number,trunk", "+919800000001,main", "+919800000002," .. t.sid)
    assert_summary({ done = 2 }, assert(t.map { trunk_sid = false }))
    local results = t.outcomes()
    assert.equal(newest.trunk_sid, results[2].trunk_sid)
    assert.equal(t.sid, results[3].trunk_sid)
  end)

  it("raises where it is misused, before anything is sent", function()
    t.numbers(1)
    local function call(...) return bulk.map_numbers(t.w.client, ...) end
    expect.raises("takes the path", call)
    expect.raises("takes a table of options", call, t.paths.csv)
    expect.raises("needs the option 'results'", call, t.paths.csv, {})
    expect.raises("bad option 'result' %(unknown%)", call, t.paths.csv, { result = t.paths.results })
    expect.raises("bad option 'results' %(string expected%)", call, t.paths.csv, { results = true })
    expect.raises("bad option 'stop' %(function expected%)", call, t.paths.csv, { results = t.paths.results, stop = true })
    expect.raises("bad option 'concurrency' %(a whole number", call, t.paths.csv, { results = t.paths.results, concurrency = 0 })
    expect.raises("exclude each other", call, t.paths.csv, { results = t.paths.results, trunk_sid = t.sid, trunk_name = "main" })
    assert.same({}, t.w.sb:requests())
  end)
end)
