-- exotel directory: each command line is a process.
local command = require "spec.support.command"
local directories = require "spec.support.directories"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

describe("exotel directory", function()
  local folder, remove, sb, file

  before_each(function()
    folder, remove = directories.folder()
    file = folder .. "/d"
    sb = assert(sandbox.start())
    sb:put { trunk_sid = "sid_one", trunk_name = "one", numbers = { { id = "41512", phone_number = "+919876543210", mode = "flow" } },
      ips = { { id = "7", ip = "203.0.113.0", mask = 24 } }, settings = { { name = "trunk_external_alias", value = "+919876543210" } },
      destinations = { { id = "9", destination = "sip:a.example:5060;transport=tcp", priority = 1, weight = 2 } } }
    sb:put { trunk_sid = "sid_two", trunk_name = "two" }
  end)
  after_each(function()
    sb:stop()
    remove()
  end)

  local function exotel(arguments, options) return command.run(sb, "directory " .. arguments, options) end
  local function with_file(arguments) return exotel(arguments .. " --file " .. file) end

  it("refresh reads the account, and says what is new", function()
    with_file("refresh"):says(0, table.concat({ "+ two: trunk", "+ one: trunk", "+ one: +919876543210 mode flow", "+ one: IP 203.0.113.0/24",
      "+ one: destination sip:a.example:5060;transport=tcp", "5 came, 0 changed, 0 went", "" }, "\n"), "")
    with_file("refresh"):says(0, "0 came, 0 changed, 0 went\n", "")
    with_file("refresh -q"):says(0, "", "")
    local report = json.decode(with_file("refresh --json"):says(0, nil, "").out)
    assert.same({ changes = {}, complete = true, requests = 9, unread = {} }, report)
  end)

  it("refresh says which trunks it could not read, with a status of its own", function()
    with_file("refresh"):says(0)
    sb:fault { before = "list_phone_numbers", status = 403 }
    local result = with_file("refresh"):says(3, "0 came, 0 changed, 0 went\n")
    assert.matches("^exotel: warning: two could not be read, and stays as it was: list_phone_numbers: permission", result.err)
    sb:fault { before = "list_phone_numbers", status = 403 }
    local report = json.decode(with_file("refresh --json"):says(3).out)
    assert.same({ false, "two", "permission" }, { report.complete, report.unread[1].trunk_name, report.unread[1].kind })
    sb:fault { before = "list_trunks", status = 403 }
    with_file("refresh"):says(1, "")
  end)

  it("refresh shows the first of many", function()
    local numbers = {}
    for i = 1, 60 do numbers[i] = { phone_number = ("+9112345%05d"):format(i) } end
    sb:put { trunk_name = "many", numbers = numbers }
    local out = with_file("refresh"):says(0).out
    assert.equal(52, select(2, out:gsub("\n", "")))
    assert.matches("\n%.%.%. and 16 more\n66 came, 0 changed, 0 went\n$", out)
  end)

  it("show, number and ip answer without the service", function()
    with_file("refresh"):says(0)
    sb:stop()
    sb = { environment = function() return {} end, stop = function() end }
    local result = with_file("show"):says(0)
    assert.matches("^two\tsid_two\t0\t0\t0\t\t%d+ s ago\none\tsid_one\t1\t1\t1\t%+919876543210\t%d+ s ago\n$", result.out)
    assert.matches("^account sandbox1 at 127.0.0.1:%d+, 1 numbers on 2 trunks, complete: %d+ s ago\n$", result.err)
    local shown = json.decode(with_file("show --json"):says(0, nil, "").out)
    assert.same({ "sandbox1", 2, 1, false }, { shown.account_sid, #shown.trunks, shown.trunks[2].phone_numbers, shown.trunks[2].partial })
    with_file("number +919876543210"):says(0, "phone_number\t+919876543210\nmode\tflow\nid\t41512\ntrunk_name\tone\ntrunk_sid\tsid_one\n", "")
    with_file("number +911140000000"):says(1, "", "exotel: +911140000000 is on no trunk of the directory\n")
    with_file("ip 203.0.113.77"):says(0, "one\tsid_one\t203.0.113.0\t24\t7\n", "")
    with_file("ip 1.2.3.4"):says(1, "", "exotel: no trunk of the directory whitelists 1.2.3.4\n")
    assert.same({ phone_number = "+919876543210", mode = "flow", id = "41512", trunk_name = "one", trunk_sid = "sid_one" },
      json.decode(with_file("number +919876543210 --json").out))
  end)

  it("says what is wrong with the file and the words", function()
    with_file("show"):says(1, "", ("exotel: the directory %s can't be used: there is no such file\n"):format(file))
    exotel("show"):says(64, "", "exotel: which file? say --file FILE, or set EXOTEL_DIRECTORY\n")
    with_file("number 919876543210"):says(64)
    with_file("ip 203.0.113"):says(64)
    with_file("refresh --requests-per-minute 0"):says(64)
    directories.write(file, "something else\n")
    with_file("refresh"):says(1, "", ("exotel: the directory %s can't be used: it is no directory of exotel's\n"):format(file))
    assert.equal("something else\n", directories.read(file))
  end)

  it("takes the file from the environment", function()
    exotel("refresh -q", { env = { EXOTEL_DIRECTORY = file } }):says(0, "", "")
    exotel("number +919876543210", { env = { EXOTEL_DIRECTORY = file } }):says(0)
  end)

  it("shows nothing hostile of what the service has", function()
    sb:put { trunk_sid = "sid_bad", trunk_name = "\27[31mred", numbers = { { phone_number = "+911\27]0;x\7" } } }
    for _, words in ipairs { "refresh", "show" } do assert.is_nil(with_file(words).out:find("\27", 1, true)) end
  end)
end)
