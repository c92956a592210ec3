-- Generated passwords, and exotel credential rotate.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local json = require "exotel.json"
local sandbox = require "exotel.sandbox"

local sb, paths, file

before_each(function()
  sb, paths = assert(sandbox.start()), files.new()
  file = paths.folder .. "/password"
  sb:put { trunk_name = "out", credentials = { { user_name = "pbx", password = "first_1", friendly_name = "desk" } } }
end)
after_each(function()
  sb:stop()
  files.remove(paths)
end)

local function exotel(arguments, options) return command.run(sb, arguments, options) end

-- "pbx=first_1 (desk)"
local function held()
  local list = {}
  for i, one in ipairs(sb:state().trunks[1].credentials) do
    list[i] = ("%s=%s (%s)"):format(one.user_name, one.password, one.friendly_name or "")
  end
  return table.concat(list, " ")
end

local GENERATED = ("%w"):rep(24)

describe("a generated password", function()
  it("in a pipe is all of standard output", function()
    local made = exotel("credential create out pbx2 --generate-password"):says(0)
    local password = made.out:match("^(" .. GENERATED .. ")\n$")
    assert.truthy(password, made.out)
    assert.truthy(made.err:find("^created the credential pbx2 on out, id %d+\n$"), made.err)
    assert.truthy(held():find("pbx2=" .. password, 1, true))
  end)

  it("on a terminal is shown once, before it is sent", function()
    local shown = command.at_terminal(sb, "credential create out pbx2 --generate-password"):says(0).out
    local password = shown:match("^Password of pbx2, shown once: (" .. GENERATED .. ")\ncreated the credential pbx2 on out, id %d+\n$")
    assert.truthy(password, shown)
    assert.truthy(held():find("pbx2=" .. password, 1, true))
  end)

  it("goes to a new file that is the owner's only", function()
    local made = exotel("credential create out pbx2 --generate-password --password-file " .. file, { shell = "umask 0; EXOTEL" }):says(0)
    assert.truthy(made.out:find("^created the credential pbx2 on out, id %d+\n$"), made.out)
    assert.equal(("the password is in %s\n"):format(file), made.err)
    assert.truthy(held():find("pbx2=" .. files.read(file):match("^(" .. GENERATED .. ")\n$"), 1, true))
    local mode = io.popen("stat -c %a " .. file)
    assert.equal("600\n", mode:read("*a"))
    mode:close()
  end)

  it("never overwrites a file, and is not sent where it can't be written", function()
    files.write(file, "mine")
    sb:reset_requests()
    exotel("credential create out pbx2 --generate-password --password-file " .. file):says(1, "",
      ("exotel: %s is there already, maybe with the password of an earlier run: nothing was sent; take another file\n"):format(file))
    assert.equal("mine", files.read(file))
    os.execute(("ln -s %s/nowhere %s/link"):format(paths.folder, paths.folder))
    exotel(("credential create out pbx2 --generate-password --password-file %s/link"):format(paths.folder)):says(1, "")
    exotel("credential create out pbx2 --generate-password --password-file /dev/null/x"):says(1, "",
      "exotel: /dev/null/x can't be written: Not a directory: nothing was sent\n")
    exotel("credential create out pbx2 --generate-password", { shell = "EXOTEL >/dev/full" }):says(1, "",
      "exotel: the output can't be written: No space left on device\n")
    assert.equal("pbx=first_1 (desk)", held())
  end)

  it("leaves no file when the request certainly failed, and keeps it when that isn't known", function()
    local refused = exotel("credential create out pbx --generate-password --password-file " .. file):says(1, "")
    assert.truthy(refused.err:find(" -- `exotel credential update` changes it\n$"), refused.err)
    assert.is_nil(files.read(file))
    sb:fault { after = "create_credential", drop = true }
    local lost = exotel("credential create out pbx2 --generate-password --password-file " .. file):says(1, "")
    assert.truthy(lost.err:find((" -- it is not known whether the new password holds: keep it (%s)\n"):format(file), 1, true), lost.err)
    assert.truthy(held():find("pbx2=" .. files.read(file):match("%w+"), 1, true))
  end)

  it("is asked for in one way only", function()
    exotel("credential create out pbx2 --generate-password --password-stdin"):says(64, "",
      "exotel: --password-env, --password-stdin and --generate-password exclude each other\n")
    exotel("credential create out pbx2 --password-stdin --password-file x"):says(64, "",
      "exotel: --password-file is where a generated password goes: say --generate-password, too\n")
    local refused = json.decode(exotel("credential create out pbx2 --generate-password --json"):says(64, "").err)
    assert.equal("with --json a generated password goes to a file: say --password-file FILE", refused.error.message)
    local made = exotel("credential create out pbx2 --generate-password --json --password-file " .. file):says(0)
    assert.is_nil((made.out .. made.err):find(files.read(file):match("%w+"), 1, true))
    assert.equal("pbx=first_1 (desk)", (held():gsub(" pbx2.*", "")))
  end)

  it("is never told by -v, nor by a failure", function()
    sb:fault { on = "create_credential", status = 400 }
    local told = exotel("credential create out pbx2 -v --generate-password"):says(1)
    assert.is_nil(told.err:find(told.out:match("%w+"), 1, true))
  end)
end)

describe("exotel credential rotate", function()
  it("changes a password at once, and says so before", function()
    local asked = "The password of pbx on the trunk out of the account sandbox1 changes at once: logins with the old one fail from then "
      .. "on (--new-user keeps both for a while). Go on? [y/N] "
    command.at_terminal(sb, "credential rotate out pbx --generate-password", { "expect:[y/N] ", "send:n\\n" })
      :says(1, asked .. "n\nexotel: nothing was changed\n")
    assert.equal("pbx=first_1 (desk)", held())
    local shown = command.at_terminal(sb, "credential rotate out pbx --generate-password", { "expect:[y/N] ", "send:y\\n" }):says(0).out
    local password = shown:sub(#asked + 1):match("^y\nPassword of pbx, shown once: (%w+)\nchanged the password of pbx on out: the old one is good no more\n$")
    assert.equal(("pbx=%s (desk)"):format(password), held())
    exotel("credential rotate out pbx --password-stdin"):says(64, "")
    exotel("credential rotate out pbx --password-stdin -y", { input = "second_2\n" }):says(0,
      "changed the password of pbx on out: the old one is good no more\n", "")
    assert.equal("pbx=second_2 (desk)", held())
  end)

  it("makes a second credential, and deletes the first one later", function()
    exotel("credential rotate out pbx --new-user pbx_b --generate-password --password-file " .. file .. " -y"):says(0, nil,
      ("the password is in %s\n"):format(file))
    local password = files.read(file):match("%w+")
    assert.equal(("pbx=first_1 (desk) pbx_b=%s (desk)"):format(password), held())
    exotel("credential rotate out pbx --new-user pbx_b --generate-password -y"):says(1, "", "exotel: pbx_b is there already, and its password is "
      .. "not known here: `exotel credential rotate out pbx_b` sets it, and --delete-old deletes pbx\n")
    exotel("credential rotate out pbx --new-user pbx_b --delete-old -y"):says(0, "out: deleted the credential pbx; pbx_b is good\n", "")
    exotel("credential rotate out pbx --new-user pbx_b --delete-old -y"):says(0, "already so: out has pbx_b, and no pbx\n", "")
    assert.equal(("pbx_b=%s (desk)"):format(password), held())
  end)

  it("deletes nothing before the new one is there, and refuses what is wrong", function()
    exotel("credential rotate out pbx --new-user pbx_b --delete-old -y"):says(1, "", "exotel: pbx_b is not there yet: make it first, without --delete-old\n")
    exotel("credential rotate out pbx --delete-old -y"):says(64, "")
    exotel("credential rotate out pbx --new-user pbx -y"):says(64, "", "exotel: --new-user takes another name than pbx\n")
    exotel("credential rotate out pxb -y --generate-password"):says(1, "",
      'exotel: out has no credential "pxb"; `exotel credential list out` shows those there are\n')
    assert.equal("pbx=first_1 (desk)", held())
  end)

  -- Whatever goes wrong, a password that may be good is known: the old one, or the one in the file.
  for name, way in pairs { refused = { status = 400 }, failed = { status = 503 }, dropped = { drop = true }, done = { drop = true, after = true },
    busy = { status = 429 } } do
    for _, new_user in ipairs { "", " --new-user pbx_b" } do
      it(("loses no password whichever request goes wrong: %s%s"):format(name, new_user), function()
        local fault = { times = 4, [way.after and "after" or "before"] = "*", drop = way.drop, status = way.status, skip = 3 }
        if fault.status == 429 then fault.headers = { ["Retry-After"] = "0" } end
        sb:fault(fault)
        local result = exotel(("credential rotate out pbx%s -y --generate-password --password-file %s"):format(new_user, file))
        local password = (files.read(file) or ""):match("%w+")
        for _, one in ipairs(sb:state().trunks[1].credentials) do
          local known = (one.user_name == "pbx" and one.password == "first_1") or one.password == password
          assert.is_true(known, ("%s=%s, the file has %s"):format(one.user_name, one.password, tostring(password)))
        end
        if result.status == 0 then assert.truthy(password) end
      end)
    end
  end

  it("loses no password by a kill at any request, nor by Ctrl-C", function()
    for i = 1, 8 do
      os.remove(file)
      for _, trunk in ipairs(sb:state().trunks) do assert(sb:client():delete_trunk { trunk_sid = trunk.trunk_sid }) end
      sb:put { trunk_name = "out", credentials = { { user_name = "pbx", password = "first_1" } } }
      sb:reset_requests()
      sb:fault { on = "*", delay = 0.05, times = true }
      local new_user = i % 2 == 0 and " --new-user pbx_b" or ""
      local running = command.start(sb, ("credential rotate out pbx%s -y --generate-password --password-file %s"):format(new_user, file))
      running:wait_for(function() return #sb:requests() >= math.ceil(i / 2) end)
      running:signal(i > 6 and "INT" or "KILL")
      running:finish()
      sb:clear_faults()
      local password = (files.read(file) or ""):match("%w+")
      for _, one in ipairs(sb:state().trunks[1].credentials) do
        local known = (one.user_name == "pbx" and one.password == "first_1") or one.password == password
        assert.is_true(known, ("%d: %s=%s, the file has %s"):format(i, one.user_name, one.password, tostring(password)))
      end
    end
  end)
end)
