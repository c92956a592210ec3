-- The log of writes, and exotel log.
local command = require "spec.support.command"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, state, LOG

setup(function() sb = assert(sandbox.start()) end)
teardown(function() sb:stop() end)
before_each(function()
  command.one_trunk(sb)
  state = os.tmpname()
  os.remove(state)
  LOG = state .. "/exotel/log"
end)
after_each(function() os.execute("rm -rf " .. state) end)

local function shell(line) assert(os.execute((line:gsub("LOG", LOG))), line) end

local function read(path)
  local file = io.open(path or LOG, "rb")
  local text = file and file:read("*a") or ""
  if file then file:close() end
  return text
end

local function exotel(arguments, options)
  options = options or {}
  return command.run(sb, arguments, { env = { XDG_STATE_HOME = options.state or state, EXOTEL_STORE = "off" }, shell = options.shell,
    input = options.input })
end

-- → the entries, oldest first
local function entries()
  local list = {}
  for line in read():gmatch("([^\n]*)\n") do list[#list + 1] = assert(json.decode(line)) end
  return list
end

-- "create_trunk done", in order.
local function story()
  local list = {}
  for i, entry in ipairs(entries()) do list[i] = entry.operation .. " " .. entry.outcome end
  return table.concat(list, ", ")
end

describe("the log of writes", function()
  it("has a line for each write: when, who, what, about what, and its outcome", function()
    exotel("number map out +919876543210 --mode flow"):says(0)
    exotel("number map out +919876543210"):says(1)
    exotel("trunk list"):says(0)
    exotel("number map out 12"):says(64)
    local all = entries()
    assert.equal(2, #all)
    local one = all[1]
    assert.truthy(one.time:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$"))
    assert.truthy(one.who:find("^[^@]+@[^@]+$"))
    assert.truthy(one.about.id and one.request_id)
    one.time, one.who, one.about.id, one.request_id = nil, nil, nil, nil
    assert.same({
      account = "sandbox1", command = "number map", operation = "map_phone_number", outcome = "done", status = 200,
      trunk_name = "out", trunk_sid = sb:state().trunks[1].trunk_sid, about = { phone_number = "+919876543210", mode = "flow" },
    }, one)
    assert.same({ "failed", "conflict" }, { all[2].outcome, all[2].kind })
    shell('test "$(stat -c %a LOG)" = 600 && test "$(stat -c %a $(dirname LOG))" = 700')
  end)

  it("has the writes of every command: of files, moves and replacements, too", function()
    shell("mkdir -p $(dirname LOG)")
    shell("printf 'return { trunk_name = \"new\", whitelisted_ips = { \"1.2.3.4\" }, destinations = { \"1.2.3.4:5060\" } }' >LOG.lua")
    shell("printf 'phone_number\\n+919876543210\\n+919876543211\\n' >LOG.csv")
    exotel("apply " .. LOG .. ".lua --yes --quiet"):says(0)
    exotel("number import " .. LOG .. ".csv --trunk out --quiet"):says(0)
    exotel("number move +919876543210 --to new --yes --quiet"):says(0)
    exotel("ip replace new 1.2.3.4 1.2.3.5 --yes --quiet"):says(0)
    exotel("trunk delete out --yes --no-backup --quiet"):says(0)
    assert.equal("create_trunk done, whitelist_ip done, add_destinations done, map_phone_number done, map_phone_number done, "
      .. "unmap_phone_number done, map_phone_number done, whitelist_ip done, add_destinations done, remove_destination done, "
      .. "remove_whitelisted_ip done, delete_trunk done", story())
    local all = entries()
    assert.same({ "new", "number move", "+919876543210" }, { all[7].trunk_name, all[7].command, all[7].about.phone_number })
    assert.equal("+919876543210", all[6].about.phone_number)
    assert.equal("1.2.3.4", all[11].about.ip)
  end)

  it("says what may have had effect, also of a write that is cut off", function()
    sb:fault { after = "whitelist_ip", drop = true }
    exotel("ip add out 1.2.3.4"):says(0)
    assert.equal("whitelist_ip maybe applied", story())
    sb:fault { on = "map_phone_number", delay = 60 }
    local run = command.start(sb, "number map out +919876543210", { env = { XDG_STATE_HOME = state } })
    run:wait_for(function()
      for _, request in ipairs(sb:requests()) do
        if request.method == "POST" and request.path:find("phone%-numbers") then return true end
      end
    end)
    run:signal("INT")
    run:wait_for(function(_, err) return err:find("once more ends at once", 1, true) end)
    run:signal("INT")
    assert.equal(130, run:finish().status)
    assert.equal("whitelist_ip maybe applied, map_phone_number maybe applied", story())
    assert.equal("cancelled", entries()[2].kind)
    sb:clear_faults()
  end)

  it("holds no secret, and no control character", function()
    exotel("credential create out pbx --password-stdin", { input = "S3cretWord\n" }):says(0)
    exotel("trunk update out --status \"$(printf 'a\\033[31m\\nb')\"")
    local text = read()
    for _, secret in ipairs { "S3cretWord", sb.api_key, sb.api_token } do assert.is_nil(text:find(secret, 1, true)) end
    assert.is_nil(text:gsub("\n", ""):find("%c"))
    assert.equal(2, #entries())
    assert.is_nil(exotel("log").out:gsub("[\t\n]", ""):find("%c"))
  end)

  it("that can't be written stops nothing, and says so once", function()
    shell("mkdir -p " .. state .. " && ln -s /dev/full " .. state .. "/exotel")
    local several = "number map out +919876543210 +919876543211"
    local result = exotel(several):says(0)
    assert.truthy(result.err:find("^exotel: what is changed is not logged: [^\n]+\n$"), result.err)
    shell("rm " .. state .. "/exotel && mkdir -p $(dirname LOG) && mkfifo LOG")
    exotel(several .. " --json"):says(0, nil, ("exotel: what is changed is not logged: %s is no file\n"):format(LOG))
    local no_file = ("exotel: %s can't be read: it is no file\n"):format(LOG)
    exotel("log"):says(1, "", no_file)
    shell("rm LOG && ln -s /dev/full LOG")
    exotel("log"):says(1, "", no_file)
    exotel("number map out +919876543212 -q"):says(0, "", "")
    shell("rm LOG && printf '%s' cut >LOG")
    exotel("number map out +919876543213"):says(0)
    assert.truthy(read():find("^cut\n{"))
    assert.equal("exotel: warning: 1 lines of the log are damaged\n", exotel("log").err)
  end)

  it("mixes no lines of several processes, and is renamed when it is large", function()
    shell("mkdir -p $(dirname LOG) && truncate -s 5242880 LOG && printf '\\n' >>LOG")
    exotel("ip add out 9.9.9.1", { shell = "for i in 1 2 3 4 5 6; do EXOTEL --quiet & done; wait" })
    local old, new = read(LOG .. ".1"), read()
    assert.equal(5242881, #old)
    local count = 0
    for line in new:gmatch("([^\n]*)\n") do
      assert.equal("whitelist_ip", json.decode(line).operation)
      count = count + 1
    end
    assert.equal(6, count)
  end)
end)

describe("exotel log", function()
  before_each(function()
    local function line(day, fields)
      local all = { time = ("2026-11-%02dT10:00:00Z"):format(day), account = "acme", who = "ann@pbx", operation = "map_phone_number",
        trunk_sid = "trout1", about = { phone_number = "+91987654321" .. day % 10, id = "7" }, outcome = "done", request_id = "r" .. day }
      for name, value in pairs(fields) do all[name] = value end
      return json.encode(all) .. "\n"
    end
    shell("mkdir -p $(dirname LOG)")
    local old, new = assert(io.open(LOG .. ".1", "w")), assert(io.open(LOG, "w"))
    old:write(line(1, {}))
    new:write(line(2, { trunk_name = "out", profile = "live", outcome = "maybe applied", kind = "timeout" }),
      line(3, { trunk_sid = "trin", trunk_name = "in", operation = "update_destination", about = { id = "9", priority = "3" } }),
      line(4, { account = "other", trunk_sid = "trx", operation = "create_trunk", about = { trunk_name = "x" } }))
    old:close()
    new:close()
  end)

  local ONE = "2026-11-01T10:00:00Z\tacme\tann@pbx\tout\tmap_phone_number\t+919876543211\tdone\tr1\n"
  local TWO = "2026-11-02T10:00:00Z\tacme\tann@pbx\tout\tmap_phone_number\t+919876543212\tmaybe applied (timeout)\tr2\n"
  local THREE = "2026-11-03T10:00:00Z\tacme\tann@pbx\tin\tupdate_destination\tid:9 priority=3\tdone\tr3\n"
  local FOUR = "2026-11-04T10:00:00Z\tother\tann@pbx\tx\tcreate_trunk\t\tdone\tr4\n"

  it("shows the last lines, of both files, oldest first, and chooses", function()
    for arguments, expected in pairs {
      [""] = ONE .. TWO .. THREE .. FOUR, ["-n 1"] = FOUR, ["--trunk out"] = ONE .. TWO, ["--trunk sid:trin"] = THREE,
      ["--since 2026-11-03"] = THREE .. FOUR, ["--since 2026-11-03T10:00:01Z"] = FOUR, ["--since '2026-11-02 10:00' -n 2"] = THREE .. FOUR,
      ["--account other"] = FOUR, ["--profile live"] = TWO, ["--trunk nobody"] = "", ["--trunk name:in --since 1m"] = "",
    } do exotel("log " .. arguments):says(0, expected, "") end
    local all = json.decode(exotel("log --json --trunk out").out)
    assert.same({ 2, "timeout", "7" }, { #all, all[2].kind, all[2].about.id })
    assert.equal("[]\n", exotel("log --json --trunk nobody").out)
    assert.truthy(command.at_terminal(sb, "log --trunk nobody", {}, { env = { XDG_STATE_HOME = state } }).out
      :find("no write is logged of that trunk", 1, true))
    for _, time in ipairs { "yesterday", "2026-13-01", "2026-02-30", "2026-11-03T25:00", "''", "12x", "2026-11-03T10:00:1",
      "2026-11-03T10:00:99", "2026-11-03T10:00:", "2026-11-03T10:0030" } do
      assert.truthy(exotel("log --since " .. time):says(64, "").err:find("^exotel: %-%-since takes a time in UTC"), time)
    end
    assert.equal(0, #entries() - 3)
  end)

  it("shows what somebody has written into it, whatever that is", function()
    local file = assert(io.open(LOG, "a"))
    file:write('{"time":"x\\u001b[31m","account":{},"about":{"id":[],"a":{}},"kind":1,"outcome":[]}\n',
      '[]\n', '7\n', 'null\n', '{"time":1}\n', ("x"):rep(100000) .. "\n")
    file:close()
    local result = exotel("log --all"):says(0)
    assert.is_nil(result.out:gsub("[\t\n]", ""):find("%c"))
    assert.equal(5, select(2, result.out:gsub("\n", "")))
    assert.equal("exotel: warning: 5 lines of the log are damaged\n", result.err)
  end)

  it("needs no account and makes no request", function()
    sb:reset_requests()
    command.run({}, "log", { env = { XDG_STATE_HOME = state } }):says(0, ONE .. TWO .. THREE .. FOUR, "")
    command.run({}, "log", { env = { XDG_STATE_HOME = "", HOME = "" } }):says(1, "", "exotel: there is no log, since HOME is not set\n")
    assert.same({}, sb:requests())
  end)
end)
