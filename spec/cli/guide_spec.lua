-- The guides to the command, run as a reader would: all sh of each is one script, in a fresh shell against the sandbox.
local child = require "spec.support.child"
local markdown = require "spec.support.markdown"
local sandbox = require "exotel.sandbox"

local function read(command)
  local pipe = assert(io.popen(command))
  local line = pipe:read("*l")
  pipe:close()
  return line
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function script(guide)
  local blocks = {}
  for _, block in ipairs(markdown.blocks("doc/guides/" .. guide .. ".md")) do
    if block.language == "sh" then blocks[#blocks + 1] = block.code end
  end
  return "set -e\n" .. table.concat(blocks)
end

describe("a guide to the command", function()
  local sb, folder

  before_each(function()
    sb, folder = assert(sandbox.start()), read("mktemp -d")
    local environment = sb:environment()
    environment.LC_ALL = "C.UTF-8"
    environment.HOME, environment.XDG_CONFIG_HOME, environment.XDG_STATE_HOME = folder, folder .. "/config", folder .. "/state"
    local line = child.command(read("pwd") .. "/bin/exotel", environment)
    write(folder .. "/exotel", "#!/bin/sh\nexec " .. line .. " \"$@\"\n")
    os.execute("chmod +x " .. folder .. "/exotel")
  end)
  after_each(function()
    sb:stop()
    os.execute("rm -rf " .. folder)
  end)

  local function lay_out_files(guide)
    for _, block in ipairs(markdown.blocks("doc/guides/" .. guide .. ".md")) do
      if block.file then write(folder .. "/" .. block.file, block.code) end
    end
  end

  -- As in a shell that `exotel sandbox -- bash` has started.
  local function exports()
    local lines = {}
    for name, value in pairs(sb:environment()) do lines[#lines + 1] = ("export %s=%s\n"):format(name, child.quote(value)) end
    return table.concat(lines)
  end

  local function run_guide(guide)
    lay_out_files(guide)
    write(folder .. "/script", exports() .. script(guide))
    local run = ("cd %s && PATH=$PWD:$PATH sh script"):format(folder)
    local output, status = child.finish(child.start("sh -c " .. child.quote(run)))
    assert.equal(0, status, output)
    return sb:state().trunks, output
  end

  it("runs as it stands: conformance", function()
    local trunks, output = run_guide("conformance")
    assert.equal(0, #trunks)
    assert.truthy(output:find("\nholds\tmask_15\t", 1, true), output)
    assert.truthy(assert(io.open(folder .. "/report.json")):read("*a"):find('"report": "exotel conformance"', 1, true))
  end)

  it("runs as it stands: the command", function()
    local trunks, output = run_guide("command-line")
    assert.equal(1, #trunks)
    assert.equal("outbound_trunk", trunks[1].trunk_name)
    local numbers = {}
    for i, one in ipairs(trunks[1].numbers) do numbers[i] = one.phone_number end
    assert.same({ "+919876543210", "+919876543211", "+918040264208", "+919876543212" }, numbers)
    local tree = markdown.indented("doc/guides/command-line.md", "account sandbox1")
    tree = tree:gsub("127%.0%.0%.1:8080", (sb:environment().EXOTEL_BASE_URL:match("//(.*)$"))):gsub("%(trmum%w+%)", "(" .. trunks[1].trunk_sid .. ")")
    assert.truthy(output:find(tree, 1, true), output)
    assert.truthy(output:find("0 to add, 0 to change, 0 to remove, 0 extra\n", 1, true), output)
    assert.truthy(output:find("\n1 added, 0 changed, 0 removed\n", 1, true), output)
    assert.same({ 2, 1, 1 }, { #trunks[1].ips, #trunks[1].destinations, #trunks[1].settings })
  end)

  -- The sandbox that a command starts is the account of what it runs: the account is a shell's, not the program's.
  it("runs as it stands: testing with the sandbox", function()
    local line = child.command(read("pwd") .. "/bin/exotel", { HOME = folder, XDG_CONFIG_HOME = "/proc/nonexistent" })
    write(folder .. "/exotel", "#!/bin/sh\nexec " .. line .. " \"$@\"\n")
    write(folder .. "/script", exports() .. script("testing-with-the-sandbox"))
    sb:put { trunk_name = "outbound_trunk", phone_numbers = { "+919876543210" } }
    local output, status = child.finish(child.start("sh -c " .. child.quote(("cd %s && PATH=$PWD:$PATH sh script"):format(folder))))
    assert.equal(0, status, output)
    assert.truthy(output:find("^outbound_trunk\t%w+\tactive\t[^\n]+\n%+919876543210\tpstn\t"), output)
    assert.truthy(output:find(" 503 list_trunks fault: status\n", 1, true), output)
    assert.truthy(output:find("mapped +918040264208 to outbound_trunk, mode pstn, id 41513\n", 1, true), output)
    assert.equal(1, #sb:state().trunks[1].numbers)
  end)

  it("runs as it stands: for operators", function()
    local trunks, output = run_guide "operators"
    local by_name = {}
    for _, trunk in ipairs(trunks) do by_name[trunk.trunk_name] = trunk end
    local old, new = by_name.old_trunk, by_name.new_trunk
    assert.same({ 0, 2 }, { #old.numbers, #new.numbers })
    assert.same({ "198.51.100.20", "sip:198.51.100.20:5061;transport=tls" }, { old.ips[1].ip, old.destinations[1].destination })
    assert.same({ 1, "pbx1_b" }, { #new.credentials, new.credentials[1].user_name })
    assert.truthy(output:find("\ndrift:\ntrunk old_trunk\n", 1, true), output)
    assert.same({ 1, 0 }, { #old.ips, #new.ips })
  end)
end)
