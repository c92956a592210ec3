-- The README's example, run as a reader would: in a fresh process against the sandbox.
local child = require "spec.support.child"
local core = require "exotel.core"
local files = require "spec.support.bulk"
local markdown = require "spec.support.markdown"
local provision = require "exotel.provision"
local sandbox = require "exotel.sandbox"

local PRELUDE = [[
local exotel = require "exotel"
local trunk = require "exotel.trunk"
local client = assert(exotel.client())
local t = assert(trunk.create(client, { trunk_name = "example" }))
]]

local readme = markdown.read("README.md")

local function blocks()
  local list = {}
  for _, block in ipairs(markdown.blocks("README.md")) do
    if block.language == "lua" then list[#list + 1] = block.code end
  end
  return list
end

-- In a folder of its own, in case an example makes files.
local function run(code, environment)
  local script, folder = child.write(code), files.new().folder
  local command = "cd " .. folder .. " && " .. child.command(script, environment)
  local output, status = child.finish(child.start("sh -c " .. child.quote(command)))
  os.remove(script)
  files.remove({ folder = folder })
  return output, status
end

describe("README.md", function()
  local sb

  before_each(function() sb = assert(sandbox.start()) end)
  after_each(function() sb:stop() end)

  for i, code in ipairs(blocks()) do
    it("example " .. i .. " runs", function()
      local alone = code:find("exotel.client()", 1, true) or code:find("exotel.sandbox", 1, true)
      local output, status = run((alone and "" or PRELUDE) .. code, sb:environment())
      assert.equal(0, status, output)
    end)
  end

  it("has the example it is read for, in ten lines", function()
    assert.equal(1, #blocks())
    assert.equal(10, select(2, blocks()[1]:gsub("\n", "")))
  end)

  -- The guide's files, in the folder.
  local function guide_files(folder)
    local paths = {}
    for _, block in ipairs(markdown.blocks("doc/guides/provisioning-as-code.md")) do
      if block.file then
        paths[#paths + 1] = folder .. "/" .. block.file
        local file = assert(io.open(paths[#paths], "w"))
        file:write(block.code)
        file:close()
      end
    end
    return paths
  end

  it("makes in ten lines the trunk of the guide's specification", function()
    local output, status = run(blocks()[1], sb:environment())
    assert.equal(0, status, output)
    local given = files.new()
    local paths = guide_files(given.folder)
    assert.equal(2, #paths)
    local client = assert(sb:client())
    assert.is_true(provision.check(client, assert(provision.load(paths[1]))))
    -- The longer one adds to it, and changes nothing of it.
    local plan = assert(provision.plan(client, assert(provision.load(paths[2]))))
    assert.same({ {}, true }, { plan.extras, #plan.changes > 0 })
    for _, change in ipairs(plan.changes) do assert.truthy(change.action == "add" or change.action == "create", change.key) end
    for _, path in ipairs(paths) do
      local text, bytes = assert(provision.reformat(path))
      assert.equal(bytes, text)
      local _, problems = provision.load_all { path }
      for _, problem in ipairs(problems) do assert.equal("note", problem.level, tostring(problem)) end
    end
    client:close()
    files.remove(given)
  end)

  it("lists every operation with its arguments, as the core has them", function()
    for _, operation in ipairs(core.operations) do
      local arguments = {}
      for i, parameter in ipairs(operation.parameters) do
        local optional = not parameter.required
        arguments[i] = "`" .. parameter.name .. "`" .. (optional and "?" or "")
      end
      local row = string.format("| `%s` | %s | %s %s | %s |", operation.name, table.concat(arguments, ", "),
        operation.method, operation.path, operation.source)
      assert.is_truthy(readme:find("\n" .. row .. "\n", 1, true), "missing: " .. row)
    end
  end)
end)
