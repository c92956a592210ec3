-- Numbers as spreadsheets write them: bulk.read_numbers.
local bulk = require "exotel.bulk"
local expect = require "spec.support.expect"
local files = require "spec.support.bulk"

local paths

before_each(function() paths = files.new() end)
after_each(function() files.remove(paths) end)

local function read(text, options)
  files.write(paths.csv, text)
  return bulk.read_numbers(paths.csv, options)
end

-- What became of each row: its number, and after it what was done to it or what is wrong.
local function told(numbers)
  local list = {}
  for row in numbers:each() do
    local more = row.problem and "! " .. row.problem.message or row.change and row.change .. " " .. row.original
    list[#list + 1] = row.line .. " " .. (row.phone_number or "") .. (more and " " .. more or "")
  end
  return list
end

local NOT_E164 = "! phone_number must be in E.164, as +919876543210"
local NO_CODE = NOT_E164 .. ": it has no country code (the option country completes national numbers)"
local AS_TEXT = ": format the column as text, and enter the number again"

describe("a cell", function()
  -- the cell, the country → what becomes of it
  local function assert_cells(country, cells)
    for cell, expected in pairs(cells) do
      local numbers = assert(read('phone_number\n"' .. cell:gsub('"', '""') .. '"\n', { country = country }))
      local row = numbers:each()()
      local seen = row.problem and row.problem.message:gsub("^phone_number ", "! ") or row.phone_number
      assert.equal(expected, seen, cell)
      local stood = cell:match("^%s*(.-)%s*$")
      if not row.problem and row.phone_number ~= stood then
        assert.equal(stood, row.original)
        assert.equal(stood:find("+", 1, true) and "cleaned" or "completed", row.change)
      else
        assert.is_nil(row.original)
        assert.is_nil(row.change)
      end
    end
  end

  it("loses what only lays it out", function()
    local number, cells = "+919800000001", {}
    for _, cell in ipairs {
      "+919800000001", " +919800000001 ", "+91 98000 00001", "+91-98000-00001", "(+91) 98000-00001", "+91 (98000) 00001",
      "+91.9800000001", "+91.98000.00001", "[+91] 9800000001", "'+919800000001", "\226\128\153+919800000001", '="+919800000001"',
      '="+91 98000 00001"', "tel:+91-98000-00001", "+91\194\16098000\226\128\17500001", "+91\226\128\14198000\226\128\14700001",
      "\226\128\170+91 98000 00001\226\128\172", "\239\187\191+919800000001", "+91\t98000\t00001", "+91 98000\226\136\14600001",
      "\226\128\139+919800000001", "+91980000\194\1730001", "+919800000001\n",
    } do cells[cell] = number end
    assert_cells(nil, cells)
    assert_cells("91", cells)
  end)

  it("is completed where the country is told, and there is one reading", function()
    local number = "+919800000001"
    assert_cells("91", {
      ["9800000001"] = number, ["98000 00001"] = number, ["09800000001"] = number, ["0 98000-00001"] = number,
      ["919800000001"] = number, ["91 98000 00001"] = number, ["'9800000001"] = number, ["(0980) 0000001"] = number,
      ["080 4026 4208"] = "+918040264208", ["+14155550100"] = "+14155550100", ["9198765432"] = "+919198765432",
      ["9.800.000.001"] = number,
    })
    assert_cells("+91", { ["9800000001"] = number })
    assert_cells("65", { ["61234567"] = "+6561234567", ["6561234567"] = "+6561234567" })
    assert_cells("49", { ["30 1234567"] = "+49301234567" })
  end)

  it("is not completed where that would be a guess", function()
    assert_cells("91", {
      ["980000000"] = "! has 9 digits where country 91 has 10: was a 0 at its beginning lost?",
      ["98000000012"] = "! has 11 digits: a national number of country 91 has 10",
      ["0919800000001"] = "! has 12 digits after its 0: a national number of country 91 has 10",
      ["0123456789"] = "! has 9 digits after its 0: a national number of country 91 has 10",
      ["91980000"] = "! has 8 digits: a national number of country 91 has 10",
      ["0000000000"] = "! begins with 00: write the country code with a +, as +919876543210",
      ["00919800000001"] = "! begins with 00: write the country code with a +, as +919876543210",
      ["12"] = "! has 2 digits: a national number of country 91 has 10",
    })
    assert_cells("49", {
      ["030 1234567"] = "! begins with 0: whether that belongs to the number differs between countries; write +49 and what follows it",
      ["4930123456"] = "! begins with 49: whether that is the country code can't be told; write it with its +",
      ["123"] = "! is too short or too long for a national number",
    })
    local no_code = NO_CODE:gsub("phone_number ", "")
    assert_cells(nil, { ["9800000001"] = no_code, ["919800000001"] = no_code, ["09800000001"] = no_code })
  end)

  it("is refused where a spreadsheet has altered it", function()
    local shortened = "! was shortened by a spreadsheet, and its last digits are lost" .. AS_TEXT
    local decimals, long = "! is a number with decimals" .. AS_TEXT, "! has more than 15 digits, and a spreadsheet replaces those by 0" .. AS_TEXT
    local cells = {
      ["9.19877E+11"] = shortened, ["9,19877E+11"] = shortened, ["9.19877e11"] = shortened, ["+9.19877E+11"] = shortened,
      ["'9.19877E+11"] = shortened, ["9E+11"] = shortened,
      ["9800000001.0"] = decimals, ["+919800000001.00"] = decimals, ["9800000001,00"] = decimals, ["98000.00001"] = decimals,
      ["91980000000100000"] = long, ["+9198000000010000"] = long,
      ["-9800000001"] = "! is negative: a spreadsheet has taken it for a sum" .. AS_TEXT,
      ["\226\136\1469800000001"] = "! is negative: a spreadsheet has taken it for a sum" .. AS_TEXT,
      ["(9800000001)"] = "! is in brackets, as a spreadsheet writes negative sums" .. AS_TEXT,
      ["########"] = "! is too wide for its column, and was lost: make the column wider and save again",
      ["#REF!"] = "! is the error of a formula: correct it in the spreadsheet",
      ["=A1&B1"] = "! is a formula: save its value instead", ["=+919800000001"] = "! is a formula: save its value instead",
      ["2026-01-31"] = "! is a date", ["31.01.2026"] = "! is a date", ["1/31/2026"] = "! is a date",
    }
    assert_cells(nil, cells)
    assert_cells("91", cells)
    assert_cells("65", cells)
  end)

  it("is refused where it has two readings, or is no number", function()
    local several = "! may be several numbers: write each in a row of its own"
    local no_number = NOT_E164:gsub("phone_number ", "")
    local cells = {
      ["+91 (0)98000 00001"] = "! has a 0 in brackets, which is dialled in its own country only: write it without",
      ["+91 ( 0 ) 9800000001"] = "! has a 0 in brackets, which is dialled in its own country only: write it without",
      ["+9109800000001"] = "! has a 0 after +91: it is dialled within India only; write it without",
      ["+09800000001"] = "! has a 0 after its +: no country code begins with 0",
      ["+919800000001/2"] = several, ["+919800000001, +919800000002"] = several, ["+919800000001;+919800000002"] = several,
      ["9800000001\n9800000002"] = several, ["+919800000001 & 02"] = several,
      ["+919800000001 x12"] = "! has an extension: write the number alone", ["9800000001 ext. 5"] = "! has an extension: write the number alone",
      ["n/a"] = several, ["none"] = no_number, ["+"] = no_number, ["98O0000001"] = no_number, ["++919800000001"] = no_number,
      ["91+9800000001"] = no_number, ["\239\188\139919800000001"] = no_number, ["\226\128\174+919800000001"] = no_number,
      ["+12345"] = no_number .. ": it is too short", ["'"] = no_number, ["\27[2J+919800000001"] = no_number,
      [""] = "! is missing",
    }
    cells[""] = nil -- a blank row is none
    assert_cells(nil, cells)
    assert_cells("91", cells)
  end)

  it("that is empty in a row that is not is missing", function()
    local numbers = assert(read("phone_number,mode\n,flow\n"))
    assert.same({ "2  ! phone_number is missing" }, told(numbers))
  end)
end)

describe("a country code", function()
  it("is one that there is", function()
    for _, code in ipairs { "9", "19", "910", "21", "0", "IN", "", "+", "91 ", "0091" } do
      local numbers, err = read("phone_number\n", { country = code })
      expect.failure("invalid_argument", numbers, err)
      assert.equal(("'%s' is no country code, as 91"):format(code), err.message)
    end
    for _, code in ipairs { "1", "7", "91", "+91", "49", "971", "880", "350" } do assert(read("phone_number\n", { country = code })) end
  end)
end)

describe("the file of", function()
  -- a fixture → how it is read, its columns, and its rows
  local function assert_sheet(name, options, expected, rows)
    local numbers = assert(bulk.read_numbers("spec/bulk/sheets/" .. name, options))
    assert.same(expected, { numbers.encoding, numbers.separator, numbers.columns, table.concat(numbers.others, "|") })
    assert.same(rows, told(numbers))
    assert.equal(#rows, numbers.total)
    numbers:close()
  end

  local GERMAN = {
    "2 +919800000001 cleaned +91 98000 00001", "3 +919800000002 cleaned +91-98000-00002",
    "4 9,198E+11 ! phone_number was shortened by a spreadsheet, and its last digits are lost" .. AS_TEXT,
  }
  it("Excel, German settings", function()
    local columns = { phone_number = "Telefonnummer" }
    assert_sheet("excel-german.csv", nil, { "UTF-8", "semicolon", columns, "Kunde|Bemerkung" }, GERMAN)
    assert_sheet("excel-german-utf8.csv", nil, { "UTF-8", "semicolon", columns, "Kunde|Bemerkung" }, GERMAN)
    assert_sheet("excel-sep.csv", nil, { "UTF-8", "semicolon", { phone_number = "Rufnummer", mode = "Modus" }, "" },
      { "3 +919800000001", "4 +919800000002" })
  end)

  it("Excel, US settings", function()
    local rows = {
      "2 +919800000001 cleaned +91 98000 00001", "3 +919800000002 cleaned (+91) 98000-00002",
      "4 9.198E+11 ! phone_number was shortened by a spreadsheet, and its last digits are lost" .. AS_TEXT,
      "5 +919800000004 completed 919800000004",
    }
    for _, name in ipairs { "excel-us.csv", "excel-us-utf8.csv" } do
      assert_sheet(name, { country = "91" }, { "UTF-8", "comma", { phone_number = "Phone Number", mode = "Mode" }, "City" }, rows)
    end
    assert_sheet("excel-mac.csv", nil, { "UTF-8", "comma", { phone_number = "Phone" }, "Name" }, { "2 +919800000001", "3 +919800000002" })
  end)

  it("Excel, Unicode text", function()
    assert_sheet("excel-unicode-text.txt", nil, { "UTF-16LE", "tab", { phone_number = "Mobile" }, "Name|Remark" },
      { "2 +919800000001 cleaned +91 98000 00001", "4 +919800000002 cleaned '+919800000002", "5 +919800000003" })
  end)

  it("LibreOffice", function()
    assert_sheet("libreoffice.csv", nil, { "UTF-8", "comma", { phone_number = "DID", trunk = "Trunk" }, "" },
      { "2 +919800000001", '3 +919800000002 cleaned ="+919800000002"' })
    assert_sheet("libreoffice-quoted.csv", nil, { "UTF-8", "comma", { phone_number = "DID" }, "Remarks" },
      { "2 +919800000001 cleaned +91 98000 00001", "4 +919800000002" })
  end)

  it("Google Sheets", function()
    assert_sheet("google-sheets.csv", { country = "91" }, { "UTF-8", "comma", { phone_number = "Phone Number" }, "Owner" },
      { "2 +919800000001", "3 +919800000002 completed 098000 00002" })
  end)

  it("a CRM with twenty columns", function()
    local others = "Record ID|First Name|Last Name|Company Name|Email|Phone Country|Phone Verified|Fax|Lead Status|Lifecycle Stage"
      .. "|City|State|Postal Code|Country/Region|Owner|Create Date|Last Activity Date|Number of Calls|Notes"
    assert_sheet("crm.csv", { country = "91" }, { "UTF-8", "comma", { phone_number = "Mobile Number" }, others }, {
      "2 +919800000001 completed 98000 00001", "3 +919800000002 completed 09800000002",
      "5 +91 (0)9800000003 ! phone_number has a 0 in brackets, which is dialled in its own country only: write it without",
      "6 00919800000004 ! phone_number begins with 00: write the country code with a +, as +919876543210",
      "7 +919800000001 ! the same number stands in line 2",
      "8 980000000 ! phone_number has 9 digits where country 91 has 10: was a 0 at its beginning lost?",
      "9  ! phone_number is missing",
    })
  end)
end)

describe("an encoding", function()
  local function utf16(text, big) return (text:gsub(".", function(c) return big and "\0" .. c or c .. "\0" end)) end
  local TEXT = "phone_number,mode\r\n+919800000001,flow\r\n+919800000002,\r\n"

  it("is found out, with or without a mark", function()
    for encoding, text in pairs {
      ["UTF-16LE"] = utf16(TEXT), ["UTF-16BE"] = utf16(TEXT, true), ["UTF-8"] = TEXT,
    } do
      local numbers = assert(read(text))
      assert.equal(encoding, numbers.encoding)
      assert.same({ "2 +919800000001", "3 +919800000002" }, told(numbers))
    end
    assert.equal("UTF-16LE", assert(read("\255\254" .. utf16(TEXT))).encoding)
    assert.equal("UTF-16BE", assert(read("\254\255" .. utf16(TEXT, true))).encoding)
  end)

  it("is read across the pieces in which it comes", function()
    local lines = { "Name,Mobile" }
    for i = 1, 3000 do lines[#lines + 1] = ("\240\159\152\128 \195\188 %d,%s"):format(i, files.number(i)) end
    local pairs_of = { ["\240\159\152\128"] = "\61\216\0\222", ["\195\188"] = "\252\0" }
    local text = (table.concat(lines, "\r\n") .. "\r\n"):gsub("[%z\1-\127]", "%0\0")
    for from, to in pairs(pairs_of) do text = text:gsub(from, (to:gsub("%%", "%%%%"))) end
    local numbers = assert(read("\255\254" .. text))
    assert.equal(3000, numbers.total)
    assert.equal(0, numbers.refused)
    local count = 0
    for row in numbers:each() do
      count = count + 1
      assert.equal(files.number(count), row.phone_number)
    end
  end)

  it("is Windows-1252 for values that are no UTF-8", function()
    assert.same({ "Stra\195\159e", "\226\130\172", "Gr\195\182\195\159e" },
      assert(read("Handy;Stra\223e;\128;Gr\195\182\195\159e\n+91\16098000\16000001;;;\n")).others)
    assert.same({ "2 +919800000001 cleaned +91\194\16098000\194\16000001" }, told(assert(read("Handy;Stra\223e\n+91\16098000\16000001;\n"))))
  end)

  it("that ends in the midst of a character is refused", function()
    local numbers, err = read("\255\254" .. utf16(TEXT):sub(1, -2))
    expect.failure("config", numbers, err)
    assert.truthy(err.message:find("it ends in the midst of a character", 1, true), err.message)
    local lines = { "phone_number" }
    for i = 1, 5000 do lines[i + 1] = files.number(i) end
    numbers, err = read("\255\254" .. utf16(table.concat(lines, "\n")) .. "\n")
    expect.failure("config", numbers, err)
    assert.truthy(err.message:find("line 5001: it ends in the midst of a character", 1, true), err.message)
  end)

  it("of what is no text is said", function()
    for text, message in pairs {
      ["PK\3\4\20\0"] = "it is a workbook (xlsx, ods), no CSV file: save it as CSV UTF-8",
      ["\208\207\17\224\161\177\26\225"] = "it is a workbook (xls), no CSV file", ["%PDF-1.7"] = "it is a PDF",
      ["<html><table>"] = "it is HTML or XML", ["\31\139\8"] = "it is compressed", ["\255\254\0\0p\0\0\0"] = "it is in UTF-32",
      ["a\0\0b\1\0\0\0"] = "it is no text",
    } do
      local numbers, err = read(text)
      expect.failure("config", numbers, err)
      assert.truthy(err.message:find(message, 1, true), err.message)
      assert.equal(1, err.line)
    end
  end)
end)

describe("lines", function()
  it("may end in any way, also mixed, and are counted as an editor does", function()
    assert.same({ "2 +919800000001", "3 +919800000002", "5 +919800000003" },
      told(assert(read("phone_number\r\n+919800000001\r+919800000002\n\r\n+919800000003"))))
    for _, stop in ipairs { "\n", "\r\n", "\r" } do
      local lines = { "phone_number" }
      for i = 1, 3000 do lines[i + 1] = files.number(i) end
      local numbers = assert(read(table.concat(lines, stop) .. stop))
      assert.same({ 3000, 0 }, { numbers.total, numbers.refused })
      local last
      for row in numbers:each() do last = row end
      assert.equal(3001, last.line)
    end
  end)

  it("that a file is cut in are refused, where it can be seen", function()
    assert.same({ "2 +919800000001", "3 +9198000 ! the file ends in the midst of this row" },
      told(assert(read("phone_number,name\n+919800000001,Asha\n+9198000"))))
    assert.same({ "2 +919800000001", "3 +919800000002" }, told(assert(read("phone_number,name\n+919800000001\n+919800000002,\n"))))
  end)
end)

describe("the separator", function()
  it("is found out", function()
    for separator, name in pairs { [","] = "comma", [";"] = "semicolon", ["\t"] = "tab" } do
      local text = ("Name%sPhone\nA%s+919800000001\n"):format(separator, separator)
      local numbers = assert(read(text))
      assert.equal(name, numbers.separator)
      assert.same({ "2 +919800000001" }, told(numbers))
    end
    assert.is_nil(assert(read("phone_number\n+919800000001\n")).separator)
  end)

  it("is not another character in a name or value", function()
    local numbers = assert(read('"Name, first";Phone\n"Rao, Asha";+919800000001\n'))
    assert.equal("semicolon", numbers.separator)
    numbers = assert(read("Name, first;Phone\nRao, Asha;+919800000001\nNo comma;+919800000002\n"))
    assert.equal("semicolon", numbers.separator)
    assert.same({ "2 +919800000001", "3 +919800000002" }, told(numbers))
  end)

  it("is the one that makes a known column", function()
    assert.equal("semicolon", assert(read("Name;Phone,alt\nRao;+919800000001,x\n")).separator)
  end)

  it("is found out where a record is longer than what is looked at", function()
    local lines, note = { "Note, long;Phone" }, ("x"):rep(3000)
    for i = 1, 60 do lines[#lines + 1] = note .. (i % 2 == 0 and ", y;" or ";") .. files.number(i) end
    local numbers = assert(read(table.concat(lines, "\n") .. "\n"))
    assert.same({ "semicolon", 60, 0 }, { numbers.separator, numbers.total, numbers.refused })
  end)

  it("is asked for where it can't be found out", function()
    local text = "Phone;Mobile,Name\n+919800000001;1,a\n"
    local numbers, err = read(text, { columns = { phone_number = "Phone" } })
    expect.failure("config", numbers, err)
    assert.truthy(err.message:find("may be separated by comma, semicolon: the option separator says by which", 1, true), err.message)
    assert.same({ "2 +919800000001" }, told(assert(read(text, { separator = "semicolon", columns = { phone_number = 1 } }))))
  end)

  it("may be said by the file", function()
    assert.equal("|", assert(read("sep=|\nPhone|Name, nick;name\n+919800000001|x\n")).separator)
    assert.equal("semicolon", assert(read("\239\187\191sep=;\r\nPhone;A,B\r\n+919800000001;x,y\r\n")).separator)
  end)
end)

describe("the column of the numbers", function()
  local function column(header, options)
    local numbers, err = read(header .. "\n", options)
    return numbers and numbers.columns.phone_number, err
  end

  it("is found by many names", function()
    for _, name in ipairs {
      "phone_number", "Phone Number", "PHONE", "phoneNumber", "phone-number", "Phone No.", "mobile", "Mobile No", "Mobile Phone",
      "DID", "DID Number", "dids", "Exophone", "Telefon", "Telefonnummer", "Rufnummer", "Handy-Nr.", "tel.", "MSISDN", "E.164",
      "Virtual Number", "Contact Number", "Number", "Primary Phone", "Phone 1 - Value", "mobilePhoneNo", "t\195\169l\195\169phone",
    } do assert.equal(name, column("Customer;" .. name .. ";City"), name) end
  end)

  it("is not one that says something about a number", function()
    for _, name in ipairs { "Phone Type", "Phone Country Code", "Mobile Verified", "Phone Status", "Account Number", "Fax", "Number of Calls" } do
      assert.equal("Phone", column(name .. ",Phone"), name)
      local found, err = column(name .. ",City")
      assert.is_nil(found)
      assert.truthy(err.message:find(("a column 'phone_number' is missing: none of '%s' (column 1), 'City' (column 2)"):format(name), 1, true), err.message)
    end
  end)

  it("is asked for where several may be it", function()
    local found, err = column("Name,Phone,Mobile")
    assert.is_nil(found)
    assert.truthy(err.message:find("several columns may be the phone_number: 'Phone' (column 2), 'Mobile' (column 3); "
      .. "the option columns says which, as phone_number=Mobile", 1, true), err.message)
    assert.equal("Mobile", column("Name,Phone,Mobile", { columns = { phone_number = "Mobile" } }))
    assert.equal("Phone", column("Name,Phone,Mobile", { columns = { phone_number = 2 } }))
    assert.equal("Phone", column("Name,Phone,Mobile", { columns = { phone_number = "phone" } }))
    found, err = column("Phone,Phone,Name")
    assert.is_nil(found)
    assert.truthy(err.message:find("as phone_number=2", 1, true), err.message)
  end)

  it("is one that there is", function()
    for _, wanted in ipairs { "Mobil", 3, "0", "-1", "1.5" } do
      local found, err = column("Name,Phone", { columns = { phone_number = wanted } })
      assert.is_nil(found)
      assert.truthy(err.message:find(("there is no column '%s' for the phone_number; there are 'Name' (column 1), 'Phone' (column 2)")
        :format(tostring(wanted)), 1, true), err.message)
    end
  end)

  it("may have a name that is a number", function()
    assert.same({ "2 +919800000001" }, told(assert(read("2,1\nx,+919800000001\n", { columns = { phone_number = "1" } }))))
  end)
end)

describe("other columns", function()
  it("are mode and trunk by their names, and can be told, or told away", function()
    local numbers = assert(read("Phone,Mode,Trunk Name\n+919800000001,flow,main\n"))
    local row = numbers:each()()
    assert.same({ "flow", "main" }, { row.mode, row.trunk })
    assert.same({}, numbers.others)
    numbers = assert(read("Phone,Mode,Art\n+919800000001,flow,pstn\n", { columns = { mode = "Art" } }))
    assert.equal("pstn", numbers:each()().mode)
    assert.same({ "Mode" }, numbers.others)
    for _, none in ipairs { false, "" } do
      numbers = assert(read("Phone,Mode\n+919800000001,flow\n", { columns = { mode = none } }))
      assert.is_nil(numbers:each()().mode)
    end
  end)

  it("that look misspelt are refused", function()
    for _, name in ipairs { "mod", "modes", "moed", "modde", "trunks", "trnuk", "TRUN", "trunk_nmae", "Trunk SDI" } do
      local numbers, err = read("Phone," .. name .. "\n+919800000001,flow\n")
      expect.failure("config", numbers, err)
      assert.truthy(err.message:find("unknown column '" .. name .. "', is it the ", 1, true), err.message)
    end
    for _, name in ipairs { "Model", "Code", "Node", "Truck" } do assert.same({ name }, assert(read("Phone," .. name .. "\n")).others) end
    assert.same({ "mod" }, assert(read("Phone,mod\n", { columns = { mode = "" } })).others)
  end)

  it("may be empty, or have no name", function()
    local numbers = assert(read(",Phone,,\nx,+919800000001,y,\n,+919800000002\n,+919800000003,,,,\n,,,\n"))
    assert.same({ "2 +919800000001", "3 +919800000002", "4 +919800000003" }, told(numbers))
    assert.same({}, numbers.others)
  end)

  it("must not hold more values than there are columns", function()
    assert.same({ "2 +919800000001 ! 2 columns expected, 3 found" }, told(assert(read("Phone,Name\n+919800000001,Rao, Asha\n"))))
  end)
end)

describe("a file without a header", function()
  it("has its numbers in the only column", function()
    for text, expected in pairs {
      ["+919800000001\n+919800000002\n"] = { "1 +919800000001", "2 +919800000002" },
      ["\n\n98000 00001\n"] = { "3 +919800000001 completed 98000 00001" },
      ["9.19877E+11\n"] = { "1 9.19877E+11 ! phone_number was shortened by a spreadsheet, and its last digits are lost" .. AS_TEXT },
    } do
      local numbers = assert(read(text, { country = "91" }))
      assert.is_false(numbers.has_header)
      assert.same(expected, told(numbers))
      assert.same({ phone_number = 1 }, numbers.columns)
    end
  end)

  it("has them in the one with numbers that say their country", function()
    local numbers = assert(read("Asha;9912345678;+91 98000 00001\nVikram;9912345679;+919800000002\n"))
    assert.same({ phone_number = 3 }, numbers.columns)
    assert.same({ "1 +919800000001 cleaned +91 98000 00001", "2 +919800000002" }, told(numbers))
  end)

  it("needs to be told where no column or several may be it", function()
    local numbers, err = read("Asha,9800000001\n", { country = "91" })
    expect.failure("config", numbers, err)
    assert.truthy(err.message:find("as phone_number=", 1, true), err.message)
    assert.falsy((read("+919800000001,+919800000002\n")))
    assert.same({ "1 +919800000001 completed 9800000001" },
      told(assert(read("Asha,9800000001\n", { country = "91", columns = { phone_number = 2 } }))))
    numbers, err = read("Asha,9800000001,flow\n", { country = "91", columns = { phone_number = 2, mode = "Mode" } })
    expect.failure("config", numbers, err)
    assert.truthy(err.message:find("the file has no header: the option columns needs the number of the mode's column", 1, true), err.message)
  end)
end)

describe("a row", function()
  it("with a number that stands before is refused, with what differs", function()
    assert.same({
      "2 +919800000001", "3 +919800000001 ! the same number stands in line 2",
      "4 +919800000001 ! the same number stands in line 2 with another mode and trunk",
    }, told(assert(read("Phone,Mode,Trunk\n+919800000001,,\n+91 98000 00001,,\n9800000001,flow,main\n", { country = "91" }))))
  end)

  it("that is malformed is refused, and one whose quote is never closed refuses the file", function()
    assert.same({ "2  ! something follows the closing quote of value 1", "3 +919800000002" },
      told(assert(read('Phone,Name\n"+919800000001"x,\n+919800000002,\n'))))
    local numbers, err = read('Phone,Name\n+919800000001,"Rao\n+919800000002,\n')
    expect.failure("config", numbers, err)
    assert.equal(2, err.line)
  end)
end)

describe("bulk.read_numbers", function()
  it("reads a file that is open, from where it stands, and what comes through a pipe", function()
    files.write(paths.csv, "# a remark\nphone_number\n+919800000001\n")
    local file = assert(io.open(paths.csv))
    file:read("*l")
    local numbers = assert(bulk.read_numbers(file))
    assert.same({ "2 +919800000001" }, told(numbers))
    numbers:close()
    assert.equal("file", io.type(file))
    file:close()
    local pipe = assert(io.popen("printf 'phone_number\\n+919800000001\\n'"))
    numbers = assert(bulk.read_numbers(pipe))
    assert.equal("standard input", numbers.name)
    assert.same({ "2 +919800000001" }, told(numbers))
    pipe:close()
  end)

  it("ends when it is told to stop", function()
    local lines, asked = { "phone_number" }, 0
    for i = 1, 5000 do lines[i + 1] = files.number(i) end
    local numbers, err = read(table.concat(lines, "\n"), { stop = function()
      asked = asked + 1
      return asked == 2
    end })
    expect.failure("cancelled", numbers, err)
    assert.equal(2, asked)
  end)

  it("raises where it is misused", function()
    expect.raises("takes the path", bulk.read_numbers)
    expect.raises("takes a table of options", bulk.read_numbers, paths.csv, 1)
    expect.raises("bad option 'contry' %(unknown%)", bulk.read_numbers, paths.csv, { contry = "91" })
    expect.raises("bad option 'columns.phone' %(unknown%)", bulk.read_numbers, paths.csv, { columns = { phone = 1 } })
    expect.raises("bad option 'separator' %(comma, semicolon or tab expected%)", bulk.read_numbers, paths.csv, { separator = "," })
  end)
end)
