-- exotel apply of trunks that are to be absent: what it keeps of them, and what it asks.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, paths, kept, absent

local function write(name, text)
  local path = paths.folder .. "/" .. name
  files.write(path, text)
  return path
end

before_each(function()
  sb, paths = assert(sandbox.start()), files.new()
  kept = paths.folder .. "/kept.lua"
  absent = write("absent.lua", 'return { trunk_name = "old", absent = true }')
end)
after_each(function()
  sb:stop()
  files.remove(paths)
end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

local function put(name, more)
  local trunk = { trunk_name = name, ips = { { ip = "44.248.146.11", mask = 32 } }, credentials = { { user_name = "pbx", password = "first_1" } } }
  for field, value in pairs(more or {}) do trunk[field] = value end
  return sb:put(trunk).trunk_sid
end

local function names()
  local list = {}
  for i, trunk in ipairs(sb:state().trunks) do list[i] = trunk.trunk_name end
  table.sort(list)
  return table.concat(list, " ")
end

local REMEDY = "nothing was deleted: say where by --backup FILE, or --no-backup\n"

describe("exotel apply, before it removes a trunk,", function()
  it("keeps a specification of which apply makes it again", function()
    local sid = put("old")
    local before = exotel("export old"):says(0).out
    exotel("apply -y --backup " .. kept .. " " .. absent):says(0, nil, ("the specification of the trunk old (%s) is in %s\n"):format(sid, kept))
    assert.equal("", names())
    local text = files.read(kept)
    assert.truthy(text:find("-- The trunk old (" .. sid .. ") of the account sandbox1, as it was when it was deleted on ", 1, true), text)
    assert.is_nil(text:find("first_1", 1, true))
    exotel("apply -y " .. kept, { env = { EXOTEL_PASSWORD_PBX = "first_1" } }):says(0)
    assert.equal(before, exotel("export old"):says(0).out)
  end)

  it("does so below the state folder unless told where, and for a plan that was kept", function()
    put "old"
    exotel(("plan %s --out %s/old.plan"):format(absent, paths.folder)):says(0)
    local told = exotel(("apply -y --plan %s/old.plan"):format(paths.folder)):says(0).err
    local path = told:match("^the specification of the trunk old %(%w+%) is in (.+)\n$")
    assert.equal(command.state .. "/deleted/old-", path:sub(1, #command.state + 13))
    assert.truthy(files.read(path):find("44.248.146.11", 1, true))
  end)

  it("keeps several in one file, with a variable for each password", function()
    put "old"
    put("older", { ips = { { ip = "44.248.146.12", mask = 32 } } })
    local both = write("both.lua", 'return { { trunk_name = "old", absent = true }, { trunk_name = "older", absent = true } }')
    exotel(("apply -y --backup %s %s"):format(kept, both)):says(0, nil, ("the specifications of 2 trunks are in %s\n"):format(kept))
    assert.truthy(files.read(kept):find("EXOTEL_PASSWORD_PBX_2", 1, true))
    local passwords = { EXOTEL_PASSWORD_PBX = "first_1", EXOTEL_PASSWORD_PBX_2 = "second_2" }
    exotel("apply -y " .. kept, { env = passwords }):says(0)
    assert.equal("old older", names())
    exotel("check " .. kept, { env = passwords }):says(0, "", "")
  end)

  it("leaves out the numbers that the same plan gives to another trunk", function()
    put("old", { numbers = { { phone_number = "+919876543210", mode = "flow" } } })
    local moving = write("moving.lua", 'return { { trunk_name = "old", absent = true }, { trunk_name = "new", phone_numbers = { "+919876543210" } } }')
    exotel(("apply -y --backup %s %s"):format(kept, moving)):says(0)
    assert.truthy(files.read(kept):find("\n-- +919876543210 went to the trunk new.\n", 1, true), files.read(kept))
    exotel("apply -y " .. kept, { env = { EXOTEL_PASSWORD_PBX = "first_1" } }):says(0)
    assert.equal("new old", names())
  end)

  it("changes nothing where it can't be read or written", function()
    put "old"
    local before = sb:state()
    files.write(kept, "mine")
    exotel(("apply -y --backup %s %s"):format(kept, absent)):says(1, nil, ("exotel: %s is there already: %s"):format(kept, REMEDY))
    assert.equal("mine", files.read(kept))
    exotel("apply -y --backup /dev/null/x.lua " .. absent):says(1, nil, "exotel: /dev/null/x.lua can't be written: Not a directory: " .. REMEDY)
    exotel("apply -y " .. absent, { env = { XDG_STATE_HOME = "", HOME = "" } }):says(1, nil,
      "exotel: there is no place to keep it in, since HOME is not set: " .. REMEDY)
    exotel(("apply -y --backup %s.2 %s"):format(kept, absent), { shell = "trap '' XFSZ; ulimit -f 0; EXOTEL" })
    assert.is_nil(files.read(kept .. ".2"))
    exotel(("apply -y --no-backup --backup %s %s"):format(kept, absent)):says(64, "", "exotel: --backup and --no-backup exclude each other\n")
    assert.same(before, sb:state())
    sb:fault { on = "list_credentials", status = 403, skip = 1 }
    local unread = exotel(("apply -y --backup %s.3 %s"):format(kept, absent)):says(1).err
    assert.truthy(unread:find(" -- nothing was deleted; --no-backup deletes it without keeping its specification\n", 1, true), unread)
    assert.is_nil(files.read(kept .. ".3"))
    assert.same(before, sb:state())
  end)

  it("keeps none when told so", function()
    put "old"
    exotel("apply -y --no-backup " .. absent):says(0, nil, "")
    assert.equal("", names())
  end)

  it("tells a program where it is", function()
    put "old"
    local told = json.decode(exotel(("apply -y --json --backup %s %s"):format(kept, absent)):says(0, nil, "").out)
    assert.equal(kept, told.backup)
  end)

  it("asks for its name, with account and profile", function()
    local sid = put "old"
    local profile = ("[live]\naccount_sid = %s\napi_key = %s\napi_token = %s\nbase_url = %s\n"):format(sb.account_sid, sb.api_key, sb.api_token, sb.base_url)
    assert(os.execute("mkdir -p " .. paths.folder .. "/exotel"))
    local path = write("exotel/config", profile)
    os.execute("chmod 600 " .. path)
    local config = { XDG_CONFIG_HOME = paths.folder }
    local steps = { "expect:[y/N] ", "send:y\\n", "expect:go on: ", "send:odl\\n" }
    local shown = command.at_terminal(config, "apply --profile live " .. absent, steps):says(1).out
    local asked = "This deletes the trunk old (%s) of the account %s (profile live) with all that it has.\n"
      .. "Its specification is written to a file first.\nIts name, to go on: odl\nexotel: that is not its name: nothing was changed\n"
    assert.truthy(shown:find(asked:format(sid, sb.account_sid), 1, true), shown)
    shown = command.at_terminal(config, "credential create old pbx2 --profile live", { "expect:: ", "send:\\n" }):says(64).out
    assert.truthy(shown:find("Password for pbx2 on the trunk old of the account " .. sb.account_sid .. " (profile live): ", 1, true), shown)
  end)

  it("asks for the sid of one without a name", function()
    local sid = put ""
    local nameless = write("nameless.lua", ('return { trunk_sid = %q, absent = true }'):format(sid))
    local steps = { "expect:[y/N] ", "send:y\\n", "expect:Its sid, to go on: ", "send:" .. sid .. "\\n" }
    local shown = command.at_terminal(sb, ("apply --backup %s %s"):format(kept, nameless), steps):says(0).out
    assert.truthy(shown:find(("\nThis deletes the trunk %s of the account sandbox1 with all that it has.\n"):format(sid), 1, true), shown)
    assert.equal("", names())
  end)

  -- Runs it with what `change` does while the last of the specification is read.
  local function apply_during(arguments, change)
    sb:fault { on = "list_destinations", delay = 1, skip = 1 }
    local running = command.start(sb, ("apply -y --backup %s %s"):format(kept, arguments))
    running:wait_for(function()
      local count = 0
      for _, request in ipairs(sb:requests()) do count = count + (request.operation == "list_destinations" and 1 or 0) end
      return count == 2
    end)
    change()
    return running:finish()
  end

  it("removes no trunk that somebody has made meanwhile", function()
    put "old"
    local both = write("both.lua", 'return { { trunk_name = "old", absent = true }, { trunk_name = "gone", absent = true } }')
    apply_during("--only old --only gone " .. both, function() put "gone" end):says(0)
    assert.equal("gone", names())
  end)

  it("removes no other trunk of that name", function()
    local sid = put "old"
    apply_during(absent, function()
      local client = assert(sb:client())
      assert(client:delete_trunk { trunk_sid = sid })
      client:close()
      put "old"
    end):says(0)
    assert.equal("old", names())
  end)

  it("leaves either the trunk or its specification after a kill at any request", function()
    for i = 1, 14 do
      local path = kept .. i
      if names() == "" then put "old" end
      sb:reset_requests()
      sb:fault { on = "*", delay = 0.02, times = true }
      local running = command.start(sb, ("apply -y --backup %s %s"):format(path, absent))
      running:wait_for(function() return #sb:requests() >= i or names() == "" end)
      running:signal "KILL"
      running:finish()
      sb:clear_faults()
      if names() == "" then assert.truthy(files.read(path):find("}\n$"), i) end
    end
  end)
end)
