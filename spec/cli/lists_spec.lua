-- Lists: columns, CSV, all trunks, filters; tables as wide as the terminal, whatever the script; waits that are told.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local DATE = "2026-01-02T03:04:05Z"

local function number(phone_number, id, mode) return { phone_number = phone_number, id = id, mode = mode, date_created = DATE } end

describe("a list", function()
  local sb, paths

  setup(function()
    sb, paths = assert(sandbox.start()), files.new()
    sb:put { trunk_name = "out", trunk_sid = "sidout", date_created = DATE, numbers = { number("+919876543210", "11"), number("+918040264208", "12", "flow") },
      ips = { { ip = "44.248.146.11", id = "31", date_created = DATE } },
      destinations = { { destination = "sip:a.example.com:5060", id = "41", priority = 1, weight = 2, date_created = DATE } },
      credentials = { { user_name = "=cmd|' /C calc'!A0", password = "x", friendly_name = "a,\"b\"", id = "51", date_created = DATE } } }
    sb:put { trunk_name = "客服中心", trunk_sid = "sidwide", date_created = DATE, numbers = { number("+918040264209", "13", "flow") } }
    sb:put { trunk_name = "bare", trunk_sid = "sidbare", date_created = DATE }
  end)
  teardown(function()
    sb:stop()
    files.remove(paths)
  end)
  after_each(function() sb:clear_faults() end)

  local function exotel(arguments, options) return command.run(sb, arguments, options) end

  it("has the columns that are asked for, in any form", function()
    exotel("number list out --columns mode,phone_number"):says(0, "flow\t+918040264208\npstn\t+919876543210\n", "")
    exotel("number list out --columns ' ID , Mode' --csv"):says(0, "id,mode\n12,flow\n11,pstn\n", "")
    assert.same({ { id = "12", mode = "flow" }, { id = "11" } }, json.decode(exotel("number list out --columns id,mode --json"):says(0, nil, "").out))
    assert.truthy(exotel("number list out --columns id,mode --json").out:find('"mode": null', 1, true))
    exotel("trunk list --columns trunk_name,auth_type"):says(0, "bare\tIP-WHITELIST\n客服中心\tIP-WHITELIST\nout\tIP-WHITELIST\n", "")
    exotel("ip list out --csv"):says(0, ("ip,mask,id,date_created\n44.248.146.11,32,31,%s\n"):format(DATE), "")
    exotel("destination list out --columns destination,trunk_sid"):says(0, "sip:a.example.com:5060\tsidout\n", "")
  end)

  it("of columns that there are not refuses, names those there are, and asks nothing of the service", function()
    sb:reset_requests()
    exotel("number list out --columns phone_nubmer"):says(64, "", 'exotel: --columns: there is no column "phone_nubmer" (did you mean phone_number?); '
      .. "there are: phone_number, mode, id, date_created, date_updated, trunk_sid\n")
    exotel("trunk list --columns trunk_name,"):says(64, "", "exotel: --columns: a name is empty; there are: trunk_name, trunk_sid, status, date_created, "
      .. "domain_name, nso_code, auth_type, registration_enabled, edge_preference, secure_trunking, date_updated\n")
    exotel("setting list out --columns é"):says(64, "", 'exotel: --columns: there is no column "é"; there are: name, value, date_updated, date_created, trunk_sid\n')
    assert.equal("usage", json.decode(exotel("ip list out --csv --json"):says(64, "").err).error.kind)
    exotel("number list"):says(64, "", "exotel: which trunk? name one, or say --all\n")
    exotel("ip list out --all"):says(64, "", "exotel: say --all or name a trunk, not both\n")
    assert.same({}, sb:requests())
  end)

  it("of all trunks names the trunk, and takes filters", function()
    exotel("number list --all --columns phone_number,trunk,mode"):says(0,
      "+918040264208\tout\tflow\n+919876543210\tout\tpstn\n+918040264209\t客服中心\tflow\n", "")
    exotel("number list --all --mode flow --columns phone_number"):says(0, "+918040264208\n+918040264209\n", "")
    exotel("number list --all --mode pstn"):says(0, ("+919876543210\tout\tpstn\t11\t%s\n"):format(DATE), "")
    exotel("number list out --mode flow --columns id"):says(0, "12\n", "")
    exotel("credential list --all --columns user_name,trunk_sid"):says(0, "=cmd|' /C calc'!A0\tsidout\n", "")
    assert.equal("sidwide", json.decode(exotel("number list --all --json"):says(0).out)[3].trunk_sid)
    exotel("setting list --all --json"):says(0, "[]\n", "")
    exotel("destination list sid:sidbare --json"):says(0, "[]\n", "")
    exotel("number list sid:sidbare --csv"):says(0, "phone_number,mode,id,date_created\n", "")
  end)

  it("of all trunks says which could not be read, and ends with status 3", function()
    sb:fault { on = "list_phone_numbers", status = 403, times = true, skip = 2 }
    local shown = exotel("number list --all --columns trunk_sid"):says(3)
    assert.truthy(shown.err:find("^exotel: warning: [^\n]+ could not be read: list_phone_numbers: permission %(HTTP 403[^\n]+\n$"), shown.err)
  end)

  it("as CSV can be imported again, and holds no formula", function()
    local path = paths.folder .. "/numbers.csv"
    files.write(path, exotel("number list --all --csv"):says(0, nil, "").out)
    local import = exotel("number import " .. path .. " --dry-run"):says(0)
    assert.equal("2\t+918040264208\tflow\tmap\t\t\n3\t+919876543210\tpstn\tmap\t\t\n4\t+918040264209\tflow\tmap\t\t\n", import.out)
    exotel("credential list out --csv"):says(0, ("user_name,friendly_name,id,date_created\n'=cmd|' /C calc'!A0,\"a,\"\"b\"\"\",51,%s\n"):format(DATE), "")
  end)

  it("of the trunk of a number has its name, whatever the answer holds", function()
    exotel("number find +919876543210"):says(0, "+919876543210\tsidout\tout\n", "")
    local function answer(map)
      sb:fault { on = "find_trunk_map", body = ('{"request_id":"r","method":"GET","http_code":200,"response":{"code":200,"status":"success","data":%s}}'):format(map) }
    end
    answer '{"phone_number":"+919876543210","trunk_sid":"sidout"}'
    exotel("number find +919876543210"):says(0, "+919876543210\tsidout\tout\n")
    answer '{"sid":"sidwide","trunk_name":"other"}'
    exotel("number find +919876543210 --csv"):says(0, "exophone,trunk_sid,trunk_name\n+919876543210,sidwide,other\n")
    sb:fault { on = "list_trunks", status = 403 }
    local shown = exotel("number find +919876543210"):says(0, "+919876543210\tsidout\t\n")
    assert.truthy(shown.err:find("^exotel: warning: the names of trunks could not be read: list_trunks: permission"), shown.err)
  end)

  describe("on a terminal", function()
    local function shown_at(width, arguments)
      return command.at_terminal(sb, arguments, { "size:" .. width }, { env = { COLUMNS = "", NO_COLOR = "1" } }):says(0).out
    end

    it("keeps its columns, however wide the letters are", function()
      assert.equal("TRUNK_NAME  TRUNK_SID\nbare        sidbare\n客服中心    sidwide\nout         sidout\n", shown_at(80, "trunk list --columns trunk_name,trunk_sid"))
    end)

    it("has below each line what does not fit beside it", function()
      assert.equal(([[
PHONE_NUMBER   TRUNK     MODE  ID
+918040264208  out       flow  12
  date_created: DATE
+919876543210  out       pstn  11
  date_created: DATE
+918040264209  客服中心  flow  13
  date_created: DATE
]]):gsub("DATE", DATE), shown_at(40, "number list --all"))
      assert.equal(("DESTINATION\nsip:a.example.com:5060\n  priority: 1\n  weight: 2\n  type: public\n  id: 41\n  date_created:\n    %s\n"):format(DATE), shown_at(30, "destination list out"))
    end)
  end)
end)

describe("what a person waits for", function()
  local sb

  setup(function() sb = assert(sandbox.start()) end)
  teardown(function() sb:stop() end)
  after_each(function() sb:clear_faults() end)

  it("is said on a terminal with the seconds that are left, and goes when it is over", function()
    sb:fault { on = "list_trunks", status = 429, headers = { ["Retry-After"] = "3" } }
    local shown = command.at_terminal(sb, "trunk list", { "expect:come back: 3 s", "expect:come back: 2 s" }, { env = { NO_COLOR = "1" } }):says(0).out
    assert.truthy(shown:find("^\r\27%[Kexotel: the service said when to come back: 3 s before list_trunks again\r\27%[Kexotel: [^\r]+\r"), shown)
    assert.truthy(shown:find("\r\27[Kno trunk yet: exotel trunk create NAME\n", 1, true), shown)
  end)

  it("is removed before a failure is told, as after Ctrl-C", function()
    sb:fault { on = "list_trunks", status = 429, headers = { ["Retry-After"] = "30" } }
    local shown = command.at_terminal(sb, "trunk list", { "expect:come back: 30 s", "send:\\x03" }).out
    assert.truthy(shown:find("\r\27[Kexotel: interrupted: nothing was changed\n", 1, true), shown)
  end)

  it("is said once where lines can't be drawn over, and with --verbose, the client's own pacing included", function()
    sb:fault { on = "list_trunks", status = 429, headers = { ["Retry-After"] = "2" } }
    local env = { TERM = "dumb" }
    local shown = command.at_terminal(sb, "trunk list", {}, { env = env }):says(0).out
    assert.equal("exotel: the service said when to come back: 2 s before list_trunks again\nno trunk yet: exotel trunk create NAME\n", shown)
    sb:fault { on = "list_trunks", headers = { ["X-RateLimit-Remaining"] = "0", ["X-RateLimit-Reset"] = tostring(os.time() + 3) } }
    sb:put { trunk_name = "a" }
    shown = command.run(sb, "number list a -v")
    assert.truthy(shown.err:find("\nexotel: waiting %d%.%d s before list_phone_numbers: the service says that no requests are left\n"), shown.err)
  end)

  it("has a bar that is as wide as the terminal, also when that changes", function()
    for i = 1, 12 do sb:put { trunk_name = "t" .. i } end
    sb:fault { on = "*", delay = 0.3, times = true }
    local shown = command.at_terminal(sb, "status", { "size:100", "expect:of 65", "size:34" }, { env = { COLUMNS = "", LC_ALL = "C" } }):says(0).out
    assert.truthy(shown:find("\r\27%[KReading %[#*%.*%] %d+ of 65, [^\r\n]*\r.*\r\27%[KReading %d+ of 65, %d+ s left\r"), shown)
  end)
end)
