-- Comma-separated values: what is written is read again, and a record that is written is one line.
local csv = require "exotel.bulk.csv"
local files = require "spec.support.bulk"

describe("a record", function()
  -- values → the line
  local written = {
    { { "a", "b" }, "a,b\n" },
    { { "", "" }, ",\n" },
    { { "a,b", 'say "no"' }, '"a,b","say ""no"""\n' },
    { { "a\nb", "c" }, '"a b",c\n' },
    { { "a\r\nb" }, '"a b"\n' },
    { { 'a",\nb' }, '"a"", b"\n' },
    { { "a\0b\27[2J" }, '"a b [2J"\n' },
  }
  for _, row in ipairs(written) do
    it("is written as " .. row[2]:sub(1, -2), function()
      local line = csv.line(row[1])
      assert.equal(row[2], line)
      assert.equal(#row[1], #assert(csv.fields(line:sub(1, -2))))
    end)
  end

  it("is read again", function()
    local values = { "a", "", 'x "y", z', "ü" }
    assert.same(values, csv.fields((csv.line(values):sub(1, -2))))
  end)
end)

describe("a file of records", function()
  local paths

  before_each(function() paths = files.new() end)
  after_each(function() files.remove(paths) end)

  local function records(text)
    files.write(paths.csv, text)
    local file, list = assert(io.open(paths.csv, "rb")), {}
    for line, fields, message in csv.records(file) do
      list[#list + 1] = { line, fields, message }
      if fields == false then break end
    end
    file:close()
    return list
  end

  it("may end its lines as Windows does, also behind a quote", function()
    assert.same({ { 1, { "a", "b" } }, { 2, { "c", "d e" } } }, records('a,b\r\nc,"d e"\r\n'))
  end)

  it("may have a value of several lines, which count", function()
    assert.same({ { 1, { "a\nb" } }, { 3, { "c" } } }, records('"a\nb"\nc\n'))
  end)

  it("may have a line of 64 KiB", function()
    local value = ("x"):rep(64 * 1024)
    assert.same({ { 1, { value } }, { 2, { "y" } } }, records(value .. "\ny\n"))
  end)
end)
