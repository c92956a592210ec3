-- Ctrl-C, once and twice, in what changes trunks that run: ip replace, credential rotate, trunk delete, apply of absent
-- trunks; and fmt, which writes a file whole or not at all.
local command = require "spec.support.command"
local files = require "spec.support.bulk"
local sandbox = require "exotel.sandbox"

local sb, paths

before_each(function()
  sb, paths = assert(sandbox.start()), files.new()
  sb:put {
    trunk_name = "out", numbers = { { phone_number = "+919876543210", mode = "flow" } }, ips = { { ip = "44.248.146.11", mask = 32 } },
    destinations = { { destination = "sip:44.248.146.11:5061;transport=tls", priority = 3, weight = 7 } },
    credentials = { { user_name = "pbx", password = "first_1" } },
  }
  files.write(paths.folder .. "/absent.lua", 'return { trunk_name = "out", absent = true }')
end)
after_each(function()
  sb:stop()
  files.remove(paths)
end)

local FINISHING = "exotel: finishing what is under way and no more; once more ends at once\n"

local function has_arrived(operation)
  return function()
    for _, request in ipairs(sb:requests()) do
      if request.operation == operation then return true end
    end
  end
end

-- Starts it, and sends it Ctrl-C when the operation has arrived, whose answer takes a while.
local function interrupt(arguments, operation)
  sb:fault { after = operation, delay = 1.5 }
  local running = command.start(sb, (arguments:gsub("FOLDER", function() return paths.folder end)))
  running:wait_for(has_arrived(operation))
  running:signal "INT"
  return running:finish()
end

-- The same with an answer that never comes, and another Ctrl-C when the first one was seen.
local function interrupt_twice(arguments, operation)
  sb:fault { after = operation, hang = true }
  local running = command.start(sb, (arguments:gsub("FOLDER", function() return paths.folder end)))
  running:wait_for(has_arrived(operation))
  running:signal "INT"
  running:wait_for(function(_, err) return err:find(FINISHING, 1, true) end)
  running:signal "INT"
  return running:finish()
end

local function held() return sb:state().trunks[1] end

local REPLACE = "ip replace out 44.248.146.11 198.51.100.20 --yes"

describe("Ctrl-C", function()
  it("ends ip replace after the step under way, before anything is removed; run again, it is completed", function()
    local result = interrupt(REPLACE, "whitelist_ip")
    assert.equal(130, result.status, result.out .. result.err)
    assert.same({ 2, 1 }, { #held().ips, #held().destinations })
    sb:clear_faults()
    command.run(sb, REPLACE):says(0)
    assert.same({ 1, "198.51.100.20", 1 }, { #held().ips, held().ips[1].ip, #held().destinations })
    assert.same({ "sip:198.51.100.20:5061;transport=tls", 3, 7 },
      { held().destinations[1].destination, held().destinations[1].priority, held().destinations[1].weight })
  end)

  it("twice ends ip replace at once, with nothing removed, and says what isn't known", function()
    local result = interrupt_twice(REPLACE, "add_destinations")
    assert.equal(130, result.status)
    assert.truthy(result.err:find("exotel: ended at once: whether all was done (the same command again completes it) is not known\n", 1, true), result.err)
    assert.same({ 2, "44.248.146.11" }, { #held().ips, held().ips[1].ip })
    sb:clear_faults()
    command.run(sb, REPLACE):says(0)
    assert.same({ 1, 1, 3 }, { #held().ips, #held().destinations, held().destinations[1].priority })
  end)

  it("lets a credential's rotation finish, and its password is known", function()
    local result = interrupt("credential rotate out pbx --yes --generate-password --password-file FOLDER/password", "update_credential")
    assert.equal(130, result.status)
    assert.truthy(result.out:find("^changed the password of pbx on out"), result.out)
    assert.equal(files.read(paths.folder .. "/password"), held().credentials[1].password .. "\n")
  end)

  it("twice ends it at once; the password stays in its file", function()
    local result = interrupt_twice("credential rotate out pbx --yes --generate-password --password-file FOLDER/password", "update_credential")
    assert.equal(130, result.status)
    assert.truthy(result.err:find("whether the password of pbx was changed is not known", 1, true), result.err)
    assert.equal(files.read(paths.folder .. "/password"), held().credentials[1].password .. "\n")
  end)

  it("twice ends a rotation with an overlap at once; the old credential stays", function()
    interrupt_twice("credential rotate out pbx --new-user pbx2 --yes --generate-password --password-file FOLDER/password", "create_credential")
    assert.same({ "pbx", "pbx2" }, { held().credentials[1].user_name, held().credentials[2].user_name })
    assert.equal(files.read(paths.folder .. "/password"), held().credentials[2].password .. "\n")
  end)

  for name, arguments in pairs {
    ["trunk delete"] = "trunk delete out --yes --backup FOLDER/kept.lua", apply = "apply FOLDER/absent.lua --yes --allow delete_trunk --backup FOLDER/kept.lua",
  } do
    it("before a deletion changes nothing: " .. name, function()
      local before = sb:state()
      local result = interrupt(arguments, "list_credentials")
      assert.equal(130, result.status)
      assert.truthy(result.err:find("exotel: interrupted: nothing was changed\n", 1, true), result.err)
      assert.same(before, sb:state())
      assert.is_nil(files.read(paths.folder .. "/kept.lua"))
    end)

    it("lets a deletion finish, whose specification is kept: " .. name, function()
      local result = interrupt(arguments, "delete_trunk")
      assert.equal(130, result.status, result.err)
      assert.same({}, sb:state().trunks)
      assert.truthy(files.read(paths.folder .. "/kept.lua"):find("}\n$"))
    end)

    it("twice ends a deletion at once, and says what isn't known: " .. name, function()
      local result = interrupt_twice(arguments, "delete_trunk")
      assert.equal(130, result.status)
      assert.truthy(result.err:find("exotel: ended at once: whether .+ is not known\n"), result.err)
      assert.truthy(files.read(paths.folder .. "/kept.lua"):find("}\n$"))
    end)
  end

  it("at any moment leaves a file that fmt rewrites as it was, or in its layout, and no other", function()
    local lines = { "return { trunk_name='out', phone_numbers={" }
    for i = 1, 3000 do lines[#lines + 1] = ("'+9198765%05d',"):format(i) end
    local text = table.concat(lines) .. "} }"
    local path = paths.folder .. "/big.lua"
    files.write(path, text)
    command.run({}, "fmt " .. path):says(0)
    local laid_out = files.read(path)
    for i = 1, 25 do
      files.write(path, text)
      local signal = i % 2 == 0 and "INT" or "KILL"
      command.run({}, "fmt " .. path, { shell = ("timeout --preserve-status --signal=%s 0.%03d EXOTEL"):format(signal, 8 * i) })
      local now = files.read(path)
      assert.is_true(now == text or now == laid_out, i)
    end
    local list = io.popen("ls -A " .. paths.folder)
    for name in list:lines() do assert.truthy(name == "big.lua" or name == "absent.lua" or name:find("^%.") or name:find("tmp"), name) end
    list:close()
  end)
end)
