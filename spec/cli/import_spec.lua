-- exotel number import: numbers as spreadsheets write them, what is said of them, and what becomes of the files.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, paths

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)

local sid
before_each(function()
  paths = files.new()
  sid = command.one_trunk(sb)
end)
after_each(function() files.remove(paths) end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local function in_folder(name) return paths.folder .. "/" .. name end

-- Runs an import of `numbers.csv` in its folder's words: the folder's name is left out of what is printed.
local function import(arguments, options)
  local result = exotel(("number import %s %s"):format(paths.csv, arguments), options)
  local folder = (paths.folder .. "/"):gsub("%p", "%%%0")
  result.out, result.err = result.out:gsub(folder, ""), result.err:gsub(folder, "")
  return result
end

local function write(...) files.write(paths.csv, table.concat({ ... }, "\n") .. "\n") end

local function mapped()
  local list = {}
  for _, number in ipairs(sb:state().trunks[1].numbers) do list[#list + 1] = number.phone_number end
  table.sort(list)
  return table.concat(list, " ")
end

local function copy(name) files.write(paths.csv, files.read("spec/bulk/sheets/" .. name)) end

local OTHERS = "left alone: Record ID, First Name, Last Name, Company Name, Email, Phone Country, Phone Verified, Fax and 11 more\n"

describe("exotel number import", function()
  it("says which columns it takes, what it does to numbers, and which can't be sent, before it sends any", function()
    copy "crm.csv"
    local read = "numbers.csv: phone_number from 'Mobile Number'; " .. OTHERS
      .. "numbers.csv: of 7 numbers 2 completed; --dry-run shows them, and so do the results\n"
    local listed = [[
line 5: +91 (0)9800000003: phone_number has a 0 in brackets, which is dialled in its own country only: write it without
line 6: 00919800000004: phone_number begins with 00: write the country code with a +, as +919876543210
line 7: 9800000001: the same number stands in line 2
line 8: 980000000: phone_number has 9 digits where country 91 has 10: was a 0 at its beginning lost?
line 9: phone_number is missing
]]
    local finish = [[
     1  phone_number begins with 00: write the country code with a +, as +919876543210
     1  phone_number has 9 digits where country 91 has 10: was a 0 at its beginning lost?
     1  phone_number has a 0 in brackets, which is dialled in its own country only: write it without
        and 2 more reasons
the rows that failed are in numbers.failed.csv: correct them there, and import that file
]]
    import("--trunk out --country 91"):says(3, "7 rows: 2 done, 5 failed; each row's outcome is in numbers.results.csv\n" .. finish,
      read .. listed)
    assert.equal("+919800000001 +919800000002", mapped())
    local results = files.results(in_folder "numbers.results.csv")
    assert.same({ "+919800000001", "98000 00001", "done" }, { results[2].phone_number, results[2].original, results[2].outcome })
    sb:reset_requests()
    import("--trunk out --country 91"):says(3, "7 rows: 2 done (all in an earlier run), 5 failed (all in an earlier run); nothing was sent; "
      .. "each row's outcome is in numbers.results.csv\n" .. finish, read)
    for _, request in ipairs(sb:requests()) do assert.equal("GET", request.method) end
  end)

  it("says of a file with the columns' own names, and with nothing to remark, nothing but the outcome", function()
    write("phone_number,mode", "+919800000001,flow")
    import("--trunk out"):says(0, "1 row: 1 done; each row's outcome is in numbers.results.csv\n", "")
    assert.is_nil(files.read(in_folder "numbers.failed.csv"))
    import("--trunk out"):says(0, "1 row: 1 done (all in an earlier run); nothing was sent; each row's outcome is in numbers.results.csv\n", "")
    import("--trunk out --quiet"):says(0, "", "")
  end)

  it("says in a dry run that the results are those of another run", function()
    write("phone_number", "+919800000001")
    import("--trunk out"):says(0)
    write("phone_number", "+919800000002")
    import("--trunk out --dry-run"):says(1, "", "exotel: numbers.results.csv: line 2: +919800000001 of line 2 is not what the CSV has there now, or goes "
      .. "to another trunk: this belongs to another run, so take another results file\n")
  end)

  it("refuses numbers that go to no trunk, and outcomes that go to no file", function()
    write("phone_number", "+919800000001")
    import(""):says(64, "", "exotel: no trunk: no column of numbers.csv names one, so say --trunk TRUNK\n")
    import("--trunk out --results -"):says(64, "", "exotel: --results takes the name of a file; one called - is ./-\n")
    import("--trunk out --failed -"):says(64, "", "exotel: --failed takes the name of a file; one called - is ./-\n")
    write("phone_number,trunk", "+919800000001,out")
    import(""):says(0)
  end)

  it("lists ten rows that can't be sent, and says where all are", function()
    local lines = { "phone_number" }
    for i = 1, 13 do lines[#lines + 1] = "98765" .. i end
    lines[#lines + 1] = "+919800000001"
    write((table.unpack or unpack)(lines)) -- luacheck: compat
    local shown = import("--trunk out"):says(3)
    assert.equal(11, select(2, shown.err:gsub("\n", "")))
    assert.truthy(shown.err:find("\nand 3 more rows that can't be sent; all are in numbers.failed.csv\n$"), shown.err)
    assert.truthy(shown.err:find("(--country completes national numbers)", 1, true), shown.err)
    assert.truthy(shown.out:find("\n    13  phone_number must be in E.164, as +919876543210: it has no country code (--country completes "
      .. "national numbers)\n", 1, true), shown.out)
  end)

  it("counts reasons of the service, without what is peculiar to one number", function()
    assert(sb:client():map_phone_number { trunk_sid = assert(sb:client():create_trunk { trunk_name = "other" }).trunk_sid, phone_number = "+919800000001" })
    assert(sb:client():map_phone_number { trunk_sid = sb:state().trunks[2].trunk_sid, phone_number = "+919800000002" })
    write("phone_number", "+919800000001", "+919800000002", "+919800000003")
    local shown = import("--trunk sid:" .. sid):says(3)
    assert.truthy(shown.out:find("^3 rows: 1 done, 2 failed; [^\n]*\n     2  the number is mapped to another trunk, other %(trmum%w+%)\nthe rows"), shown.out)
  end)

  describe("--dry-run", function()
    it("shows what would be sent, and sends and writes nothing", function()
      copy "excel-us.csv"
      sb:reset_requests()
      local rows = "2\t+919800000001\tflow\tmap\t+91 98000 00001\t\n3\t+919800000002\t\tmap\t(+91) 98000-00002\t\n"
        .. "4\t9.198E+11\t\trefused\t\tphone_number was shortened by a spreadsheet, and its last digits are lost: format the column as text, "
        .. "and enter the number again\n5\t+919800000004\t\tmap\t919800000004\t\n"
      import("--trunk out --country 91 --dry-run"):says(3, rows, [[
numbers.csv: phone_number from 'Phone Number', mode from 'Mode'; left alone: City
numbers.csv: of 4 numbers 2 cleaned, 1 completed; what stood in the file is in the column original
4 rows: 3 to map, 2 cleaned, 1 completed, 1 refused; nothing was sent
]])
      for _, request in ipairs(sb:requests()) do assert.equal("GET", request.method) end
      local pipe = io.popen("ls " .. paths.folder)
      assert.equal("numbers.csv\n", pipe:read("*a"))
      pipe:close()
    end)

    it("knows what an earlier run has done", function()
      write("phone_number", "+919800000001")
      import("--trunk out"):says(0)
      write("phone_number", "+919800000001", "+919800000002")
      import("--trunk out --dry-run"):says(0, "2\t+919800000001\t\tdone\t\t\n3\t+919800000002\t\tmap\t\t\n",
        "2 rows: 1 to map, 1 mapped already; nothing was sent\n")
      assert.equal("+919800000001", mapped())
    end)

    it("speaks JSON", function()
      write("Phone", "98000 00001", "12")
      local shown = json.decode(import("--trunk out --country 91 --dry-run --json"):says(3, nil, "").out)
      assert.same({ line = 2, phone_number = "+919800000001", original = "98000 00001", action = "map", trunk_sid = sid }, shown.rows[1])
      assert.equal("refused", shown.rows[2].action)
      assert.same({ 2, 1, 1, 0, 1 }, { shown.summary.total, shown.summary.failed, shown.summary.not_tried, shown.summary.sent, shown.summary.completed })
      write("phone_number")
      assert.same({}, json.decode(import("--trunk out --dry-run --json"):says(0).out).rows)
    end)

    it("is a table on a terminal, and shows nothing that controls it", function()
      write("Phone,Mode", "+919800000001,flow", "+91\27[2J9800000002,")
      local shown = command.at_terminal(sb, ("number import %s --trunk out --dry-run"):format(paths.csv)):says(3).out
      assert.truthy(shown:find("\nline    phone_number      mode  action   original              reason\n", 1, true)
        or shown:find("line    phone_number      mode  action   original              reason", 1, true), shown)
      assert.truthy(shown:find("2       +919800000001     flow  map\n", 1, true), shown)
      assert.falsy(shown:find("\27[2J", 1, true))
    end)
  end)

  describe("the rows that failed", function()
    it("can be corrected and imported, and nothing that was corrected is lost", function()
      files.write(paths.csv, "\255\254" .. ("Name;Mobile;Remark\r\nAsha;+919800000001;\r\nVikram;12;\"two\r\nlines; one\"\r\n"):gsub(".", "%0\0"))
      import("--trunk out"):says(3)
      local failed = files.read(in_folder "numbers.failed.csv")
      local sum = failed:match("^\239\187\191Name;Mobile;Remark;reason %(exotel (%x+)%)\n")
      assert.equal(8, #sum)
      assert.truthy(failed:find('\nVikram;12;"two\nlines; one";phone_number must be in E.164', 1, true), failed)
      import("--trunk out"):says(3)
      assert.equal(failed, files.read(in_folder "numbers.failed.csv"))
      local corrected = failed:gsub(";12;", ";+91 98000 00002;")
      files.write(in_folder "numbers.failed.csv", corrected)
      assert.truthy(import("--trunk out"):says(3).out:find("the rows that failed are in numbers.failed-2.csv:", 1, true))
      assert.equal(corrected, files.read(in_folder "numbers.failed.csv"))
      local again = exotel(("number import %s --trunk out"):format(in_folder "numbers.failed.csv")):says(0)
      assert.truthy(again.err:find("left alone: Name, Remark\n", 1, true), again.err)
      assert.equal("+919800000001 +919800000002", mapped())
      assert.is_nil(files.read(in_folder "numbers.failed.failed.csv"))
    end)

    it("are none once the file itself was corrected", function()
      write("phone_number", "+919800000001", "12")
      import("--trunk out"):says(3)
      assert.truthy(files.read(in_folder "numbers.failed.csv"))
      write("phone_number", "+919800000001", "+919800000002")
      import("--trunk out"):says(0, "2 rows: 2 done (1 in an earlier run); each row's outcome is in numbers.results.csv\n", "")
      assert.is_nil(files.read(in_folder "numbers.failed.csv"))
    end)

    it("of a file without a header get one", function()
      write("Asha,+919800000001", "Vikram,+9198000000020000")
      import("--trunk out"):says(3)
      local failed = files.read(in_folder "numbers.failed.csv")
      assert.truthy(failed:find("^column 1,phone_number,reason %(exotel %x+%)\nVikram,%+9198000000020000,"), failed)
    end)

    it("are written where it is said, but not over another file of the import", function()
      write("phone_number", "12")
      import("--trunk out --failed " .. in_folder "f.csv --results " .. in_folder "r.csv"):says(1)
      assert.truthy(files.read(in_folder "f.csv"))
      import("--trunk out --failed " .. paths.csv):says(64, "", "exotel: the rows that failed can't be written to numbers.csv, "
        .. "which is another file of this import: say --failed FILE\n")
      assert.equal("phone_number\n12\n", files.read(paths.csv))
    end)

    it("that can't be written keep anything from being sent", function()
      write("phone_number", "+919800000001", "12")
      import("--trunk out --failed " .. in_folder "no/f.csv"):says(1, "", nil)
      assert.equal("", mapped())
    end)
  end)

  it("--strict sends nothing unless every row can be sent", function()
    write("phone_number", "+919800000001", "12")
    local shown = import("--trunk out --strict"):says(1, "")
    assert.truthy(shown.err:find("exotel: nothing was sent: 1 of 2 rows can't be; they are in numbers.failed.csv\n$"), shown.err)
    assert.equal("", mapped())
    assert.is_nil(files.read(in_folder "numbers.results.csv"))
    write("phone_number", "+919800000001")
    import("--trunk out --strict"):says(0)
  end)

  describe("from standard input", function()
    it("reads what a spreadsheet writes", function()
      local text = files.read("spec/bulk/sheets/excel-unicode-text.txt")
      local line = ("number import - --trunk out --results %s"):format(in_folder "out.csv")
      files.write(paths.csv, text)
      local shown = exotel(line, { shell = ("EXOTEL <%s"):format(paths.csv) }):says(0)
      assert.truthy(shown.err:find("^standard input: phone_number from 'Mobile'; left alone: Name, Remark\n"), shown.err)
      assert.equal("+919800000001 +919800000002 +919800000003", mapped())
      exotel(line, { shell = ("cat %s | EXOTEL"):format(paths.csv) }):says(0)
    end)

    it("asks for the place of the results", function()
      local message = "exotel: numbers that don't come from a file have no place beside which the outcomes can be written: say --results FILE\n"
      exotel("number import - --trunk out"):says(64, "", message)
      exotel("number import /dev/stdin --trunk out"):says(64, "", message)
      exotel("number import - --trunk out --dry-run", { shell = "echo +919800000001 | EXOTEL" }):says(0, "1\t+919800000001\t\tmap\t\t\n")
    end)

    it("ends at once when it is interrupted while it waits for it", function()
      local shell = ("mkfifo %s; { sleep 10 >%s & }; timeout --preserve-status --signal=INT 0.5 EXOTEL <%s")
        :format(in_folder "pipe", in_folder "pipe", in_folder "pipe")
      exotel("number import - --trunk out --results " .. in_folder "r.csv", { shell = shell })
        :says(130, "", "exotel: interrupted: nothing was changed\n")
    end)
  end)

  describe("is called wrongly", function()
    local function refused(arguments, message, status)
      import(arguments):says(status or 64, "", "exotel: " .. message .. "\n")
      assert.equal("", mapped())
    end

    it("with columns that there are not", function()
      write("Phone,Mobile", "+919800000001,+919800000002")
      refused("--trunk out", "numbers.csv, line 1: several columns may be the phone_number: 'Phone' (column 1), 'Mobile' (column 2); "
        .. "--columns says which, as phone_number=Mobile", 1)
      refused("--trunk out --columns phone_number=Mobil", "numbers.csv, line 1: there is no column 'Mobil' for the phone_number; "
        .. "there are 'Phone' (column 1), 'Mobile' (column 2)", 1)
      refused("--trunk out --columns Mobile", "--columns takes FIELD=COLUMN, as phone_number=Mobile, not \"Mobile\"")
      refused("--trunk out --columns phon_number=Mobile", "--columns knows no field \"phon_number\" (did you mean phone_number?); "
        .. "there are phone_number, mode and trunk")
      refused("--trunk out --columns phone_number=1,phone_number=2", "--columns names two columns for the phone_number")
      import("--trunk out --columns phone_number=Mobile,mode="):says(0)
      assert.equal("+919800000002", mapped())
    end)

    it("with another country, separator or file", function()
      write("phone_number", "+919800000001")
      refused("--trunk out --country IN", "'IN' is no country code, as 91")
      refused("--trunk out --country ''", "'' is no country code, as 91")
      refused("--trunk out --separator x", "argument for option '--separator' must be one of 'comma', 'semicolon', 'tab'; see exotel number import --help")
      exotel("number import " .. in_folder "none.csv --trunk out"):says(1, "", "exotel: " .. in_folder "none.csv: No such file or directory\n")
      exotel(("number import %s --trunk out"):format(paths.folder)):says(1, "", ("exotel: %s, line 1: Is a directory\n"):format(paths.folder))
      files.write(paths.csv, "PK\3\4")
      refused("--trunk out", "numbers.csv, line 1: it is a workbook (xlsx, ods), no CSV file: save it as CSV UTF-8", 1)
      files.write(paths.csv, "")
      refused("--trunk out", "numbers.csv, line 1: a header is missing: it names the columns, one of them phone_number", 1)
    end)

    it("reads the file before it asks the service for anything", function()
      write("Name,City", "Asha,Pune")
      sb:reset_requests()
      import("--trunk out"):says(1, "")
      assert.same({}, sb:requests())
    end)
  end)

  describe("says why it waits, and for how long,", function()
    local function start(arguments)
      return command.start(sb, ("number import %s --trunk out %s"):format(paths.csv, arguments))
    end

    it("with --verbose in a line", function()
      write("phone_number", "+919800000001", "+919800000002", "+919800000003", "+919800000004", "+919800000005")
      sb:fault { on = "map_phone_number", status = 429, headers = { ["Retry-After"] = "61" }, times = true }
      local running = start "-v"
      running:wait_for(function(_, err) return err:find("exotel: waiting 2 s before the next request: ", 1, true) end)
      running:signal "INT"
      local result = running:finish()
      assert.equal(130, result.status)
      assert.truthy(result.err:find("\nexotel: waiting 1 s before the next request: map_phone_number: rate_limited %(HTTP 429"), result.err)
    end)

    it("on a terminal in the line of the progress", function()
      local lines = { "phone_number" }
      for i = 1, 210 do lines[#lines + 1] = files.number(i) end
      files.write(paths.csv, table.concat(lines, "\n"))
      local shown = command.at_terminal(sb, ("number import %s --trunk out"):format(paths.csv),
        { "expect:, rate limit: ", "send:\\x03" }):says(130).out
      assert.truthy(shown:find("of 210, %d+ %l+ left, rate limit: %d+ s"), shown)
    end)
  end)
end)
