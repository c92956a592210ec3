-- Every link of the documents leads to a file of this tree, and to a place in it; every path that the documents for
-- contributors name is there.
local markdown = require "spec.support.markdown"

local function documents()
  local list, pipe = {}, assert(io.popen("ls *.md doc/*.md doc/guides/*.md examples/*/*.md"))
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

-- The folders in which a path of this tree begins.
local TOP = { bin = true, csrc = true, doc = true, examples = true, lua = true, spec = true }

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function check(path, link)
  local target, anchor = link:match("^([^#]*)#?(.*)$")
  local full = target == "" and path or (path:match("^(.*/)") or "") .. target
  assert.is_true(exists(full), path .. ": " .. link .. " is not there")
  if anchor ~= "" then
    assert.is_true(markdown.anchors(markdown.read(full))[anchor], path .. ": " .. link .. " has no such heading")
  end
end

describe("the links", function()
  for _, path in ipairs(documents()) do
    it("of " .. path .. " lead somewhere", function()
      for _, link in ipairs(markdown.links(markdown.read(path))) do
        if not link:find("^https?://") then check(path, link) end
      end
    end)
  end

  it("of the README lead to every guide", function()
    local links = {}
    for _, link in ipairs(markdown.links(markdown.read("README.md"))) do links[link] = true end
    for _, path in ipairs(documents()) do
      if path:find("^doc/guides/") then assert.is_true(links[path], path .. " is not linked") end
    end
  end)

  for _, path in ipairs { "CONTRIBUTING.md", "doc/architecture.md" } do
    it("and the paths that " .. path .. " names are there", function()
      local named = 0
      for name in markdown.read(path):gmatch("`([%w_./]+)`") do
        if TOP[name:match("^([%w_]+)/")] then
          named = named + 1
          assert.is_true(exists(name), path .. ": " .. name .. " is not there")
        end
      end
      assert.is_true(named > 0)
    end)
  end
end)
