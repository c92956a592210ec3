-- exotel trunk delete: what it says, the specification that it keeps, and that apply makes an equal trunk of it.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, paths, file, sid

local TRUNK = {
  trunk_name = "out", status = "inactive", edge_preference = "mumbai",
  numbers = {
    { phone_number = "+919876543210", mode = "flow" }, { phone_number = "+919876543211", mode = "pstn" }, { phone_number = "+919876543212" },
  },
  ips = { { ip = "44.248.146.11", mask = 32 }, { ip = "203.0.113.0", mask = 24 } },
  destinations = {
    { destination = "sip:44.248.146.11:5061;transport=tls", priority = 3, weight = 7 },
    { destination = "sip:sip.example.com:5060;transport=tcp", priority = 0, weight = 1 },
  },
  settings = { { name = "trunk_external_alias", value = "+919876543211" } },
  credentials = { { user_name = "pbx", password = "first_1", friendly_name = "desk" }, { user_name = "PBX", password = "second_2" } },
}

before_each(function()
  sb, paths = assert(sandbox.start()), files.new()
  file = paths.folder .. "/out.lua"
  sid = sb:put(TRUNK).trunk_sid
end)
after_each(function()
  sb:stop()
  files.remove(paths)
end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local VOLATILE = { id = true, trunk_sid = true, date_created = true, date_updated = true, phone_numbers = true, whitelisted_ips = true,
  destination_uris = true, credentials = false }
local LISTS = { numbers = "phone_number", ips = "ip", destinations = "destination", settings = "name", credentials = "user_name" }

-- A trunk without what differs each time it is made. A mode that was never set behaves as pstn.
local function lasting(trunk)
  local copy = {}
  for name, value in pairs(trunk) do
    if not VOLATILE[name] then copy[name] = type(value) == "table" and lasting(value) or value end
  end
  if copy.phone_number then copy.mode = copy.mode or "pstn" end
  for name, key in pairs(LISTS) do
    if type(copy[name]) == "table" then table.sort(copy[name], function(a, b) return a[key] < b[key] end) end
  end
  return copy
end

local function held() return sb:state().trunks end

describe("exotel trunk delete", function()
  it("keeps a specification of which apply makes an equal trunk", function()
    local before = lasting(held()[1])
    exotel("trunk delete out -y --backup " .. file):says(0, ("deleted trunk out (%s)\n"):format(sid), ("its specification is in %s\n"):format(file))
    assert.same({}, held())
    local mode = io.popen("stat -c %a " .. file)
    assert.equal("600\n", mode:read("*a"))
    mode:close()
    local text = files.read(file)
    assert.is_nil(text:find("first_1", 1, true))
    assert.truthy(text:find("-- The trunk out (" .. sid .. ") of the account sandbox1, as it was when it was deleted on ", 1, true))
    assert.truthy(text:find("-- The password of pbx is in no file: set EXOTEL_PASSWORD_PBX", 1, true))
    local unset = exotel("apply --yes " .. file):says(1, "")
    assert.truthy(unset.err:find("the environment variable EXOTEL_PASSWORD_PBX", 1, true), unset.err)
    assert.same({}, held())
    local passwords = { EXOTEL_PASSWORD_PBX = "second_2", EXOTEL_PASSWORD_PBX_2 = "first_1" }
    exotel("apply --yes " .. file, { env = passwords }):says(0)
    assert.same(before, lasting(held()[1]))
    exotel("check " .. file, { env = passwords }):says(0)
  end)

  it("says what goes with it, and asks for its name", function()
    local asked = ("This deletes the trunk out (%s) of the account sandbox1, and with it\n"
      .. "  3 numbers, live now and on no trunk then (2 pstn, 1 flow): +919876543210, +919876543211, +919876543212\n"
      .. "  2 IPs, 2 destinations, 2 credentials\n"
      .. "  passwords can't be read: the specification names a variable for each\n"
      .. "Its specification is written to a file first.\nIts name, to go on: "):format(sid)
    command.at_terminal(sb, "trunk delete out --backup " .. file, { "expect:go on: ", "send:oot\\n" })
      :says(1, asked .. "oot\nexotel: that is not its name: nothing was deleted\n")
    assert.is_nil(files.read(file))
    assert.equal(1, #held())
    command.at_terminal(sb, "trunk delete out --backup " .. file, { "expect:go on: ", "send:out\\n" })
      :says(0, asked .. ("out\nits specification is in %s\ndeleted trunk out (%s)\n"):format(file, sid))
    assert.same({}, held())
  end)

  it("deletes nothing when it changed while the question stood", function()
    local change = command.line(sb, "number map out +919876543299")
    command.at_terminal(sb, "trunk delete out --backup " .. file, { "expect:go on: ", "run:" .. change, "send:out\\n" }):says(1)
    assert.equal(1, #held())
    assert.is_nil(files.read(file))
  end)

  it("deletes nothing when the specification can't be read or written", function()
    sb:fault { on = "list_credentials", status = 403 }
    local unread = exotel("trunk delete out -y --backup " .. file):says(1, "")
    assert.truthy(unread.err:find(" -- nothing was deleted; --no-backup deletes it without keeping its specification\n", 1, true), unread.err)
    files.write(file, "mine")
    exotel("trunk delete out -y --backup " .. file):says(1, "", ("exotel: %s is there already: nothing was deleted: say where by --backup FILE, or --no-backup\n"):format(file))
    assert.equal("mine", files.read(file))
    exotel("trunk delete out -y --backup /dev/null/x.lua"):says(1, "",
      "exotel: /dev/null/x.lua can't be written: Not a directory: nothing was deleted: say where by --backup FILE, or --no-backup\n")
    exotel("trunk delete out -y", { env = { XDG_STATE_HOME = "", HOME = "" } }):says(1, "",
      "exotel: there is no place to keep it in, since HOME is not set: nothing was deleted: say where by --backup FILE, or --no-backup\n")
    local full = exotel("trunk delete out -y --backup " .. file .. ".2", { shell = "trap '' XFSZ; ulimit -f 0; EXOTEL" })
    assert.equal(1, full.status)
    assert.is_nil(files.read(file .. ".2"))
    assert.equal(1, #held())
  end)

  it("keeps none when told so", function()
    exotel("trunk delete out -y --no-backup --backup x"):says(64, "", "exotel: --backup and --no-backup exclude each other\n")
    exotel("trunk delete sid:" .. sid .. " -y --no-backup"):says(0, ("deleted trunk out (%s)\n"):format(sid), "")
  end)

  it("takes a trunk without a name by its sid", function()
    local nameless = sb:put({ trunk_name = "", numbers = { { phone_number = "+919876543230" } } }).trunk_sid
    local shown = command.at_terminal(sb, "trunk delete sid:" .. nameless, { "expect:Its sid, to go on: ", "send:" .. nameless .. "\\n" }):says(0).out
    assert.truthy(shown:find("  1 number, live now and on no trunk then (1 pstn): +919876543230\n", 1, true), shown)
    assert.truthy(shown:find(("\ndeleted trunk %s\n"):format(nameless), 1, true), shown)
  end)

  it("tells a program where it is", function()
    local told = json.decode(exotel("trunk delete out -y --json --backup " .. file):says(0, nil, "").out)
    assert.same({ "done", file }, { told.outcome, told.backup })
  end)

  it("marks what the service may refuse, and apply says so", function()
    exotel("trunk delete out -y --no-backup"):says(0)
    sb:put { trunk_name = "odd", destinations = { { destination = "sip:192.0.2.9:5061;transport=tls", priority = 1, weight = 1 } } }
    local deleted = exotel("trunk delete odd -y --backup " .. file):says(0)
    assert.truthy(deleted.err:find("exotel: warning: destinations[1] (192.0.2.9:5061;transport=tls) is on an IP that is not whitelisted; it is left "
      .. "to the service to judge (as_is)\n", 1, true), deleted.err)
    local applied = exotel("apply --yes " .. file)
    assert.truthy(applied.status == 1 or applied.status == 3, applied.status)
    assert.truthy((applied.out .. applied.err):find("192.0.2.9", 1, true))
  end)

  it("leaves either the trunk or its specification after a kill at any request", function()
    for i = 1, 9 do
      local path = file .. i
      if #held() == 0 then sb:put(TRUNK) end
      sb:reset_requests()
      sb:fault { on = "*", delay = 0.02, times = true }
      local running = command.start(sb, "trunk delete out -y --backup " .. path)
      running:wait_for(function() return #sb:requests() >= i or (#held() == 0) end)
      running:signal "KILL"
      running:finish()
      sb:clear_faults()
      if #held() == 0 then assert.truthy(files.read(path):find("}\n$"), i) end
    end
  end)
end)
