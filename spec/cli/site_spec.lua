-- What the site is made of: every guide, command, operation and module has a page and a place in the navigation, and links
-- lead somewhere. mkdocs, which makes HTML of it, is not needed here; `make site` checks what it has made.
local child = require "spec.support.child"
local commands = require "exotel.cli.commands"
local core = require "exotel.core"
local markdown = require "spec.support.markdown"

local function sh(command, ...)
  local pipe = assert(io.popen("{ " .. command:format(...) .. "\n} 2>&1; echo \" status $?\""))
  local output, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  return (output:gsub("\n$", "")), tonumber(status)
end

local function must(...)
  local output, status = sh(...)
  assert(status == 0, output)
  return output
end

local function lines(text)
  local list = {}
  for line in text:gmatch("[^\n]+") do list[#list + 1] = line end
  return list
end

describe("the site", function()
  local folder, docs, settings, pages

  -- In a copy of what it is made from.
  local function make(change)
    folder = must("mktemp -d")
    must("cp -R doc lua examples bench *.md LICENSE %s", folder)
    if change then must("cd %s && %s", folder, change) end
    local run = "cd %s && export RUN_LUA=%s LUA_CPATH='%s' && unset LUA_INIT && doc/tools/reference.sh items && LUA_PATH='lua/?.lua;"
      .. "lua/?/init.lua;?.lua;;' %s doc/tools/site.lua build/reference-items.lua doc/site/mkdocs.yml site"
    return sh(run, folder, child.lua, package.cpath, child.lua)
  end

  local function remove() must("rm -rf %s", folder) end

  setup(function()
    local output, status = make()
    assert(status == 0, output)
    docs = folder .. "/site/docs"
    settings = markdown.read(folder .. "/site/mkdocs.yml")
    pages = lines(must("cd %s && find . -name '*.md' | sed 's,^./,,' | sort", docs))
  end)
  teardown(function() remove() end)

  local function page(path) return markdown.read(docs .. "/" .. path) end

  it("has every page in its navigation once, and no page there that is none", function()
    local named = {}
    for path in settings:match("\nnav:\n(.*)$"):gmatch(": (%S+%.md)\n") do
      assert.is_nil(named[path], path)
      named[path] = true
    end
    for _, path in ipairs(pages) do
      if not path:find("^examples/") then
        assert.is_true(named[path], path .. " is not in the navigation")
        named[path] = nil
      end
    end
    assert.is_nil(next(named))
  end)

  it("has every guide, and every command with each of its verbs, arguments, options and examples", function()
    for path in must("ls doc/guides"):gmatch("%S+") do assert.truthy(page("guides/" .. path)) end
    for _, command in ipairs(commands.list) do
      local text = page("command/" .. command.name .. ".md")
      for _, verb in ipairs(command.verbs or { command }) do
        local name = command.verbs and command.name .. " " .. verb.name or command.name
        assert.truthy(text:find("\nexotel " .. name, 1, true), name)
        for _, option in ipairs(verb.options or {}) do assert.truthy(text:find(option.name:match("%-%-[%w-]+"), 1, true), option.name) end
        for _, argument in ipairs(verb.arguments or {}) do assert.truthy(text:find("| `" .. argument.name .. "` |", 1, true), argument.name) end
        for _, example in ipairs(verb.examples or {}) do assert.truthy(text:find(example, 1, true), example) end
      end
    end
  end)

  it("has every operation with request, examples, answer and errors", function()
    local all = {}
    for _, path in ipairs(pages) do
      if path:find("^reference/operations/") then all[#all + 1] = page(path) end
    end
    all = table.concat(all, "\n")
    for _, operation in ipairs(core.operations) do
      local start = assert(all:find("\n## " .. operation.name .. "\n", 1, true), operation.name)
      local part = all:sub(start + 1, (all:find("\n##? ", start + 5) or 0) - 1)
      assert.truthy(part:find("\n" .. operation.method .. " /v2/accounts/<account_sid>" .. operation.path .. "\n", 1, true), part)
      assert.truthy(part:find("\n```lua\n.-client:" .. operation.name .. "[ ({].-\n```sh\nexotel .-\n```json\n.-\n%*%*Errors%*%*"), part)
    end
  end)

  it("has the examples of the comments as code in Lua", function()
    assert.truthy(page("reference/modules/exotel.sip.md"):find('\n```lua\nlocal sip = require "exotel.sip"\n', 1, true))
    assert.truthy(page("reference/modules/exotel.sip.md"):find("Those of a trunk:\n\n```lua\nlocal list = {}\nfor ", 1, true))
  end)

  it("is the same each time: ids and dates of its answers are the sandbox's first ones", function()
    assert.truthy(page("reference/operations/trunks.md"):find('"date_created": "2026-01-01T00:00:00Z"', 1, true))
    local first = must("cd %s && cat $(find . -type f | sort) | sha256sum", docs)
    must("cd %s && rm -rf site && LUA_CPATH='%s' LUA_PATH='lua/?.lua;lua/?/init.lua;?.lua;;' %s doc/tools/site.lua build/reference-items.lua doc/site/mkdocs.yml site",
      folder, package.cpath, child.lua)
    assert.equal(first, must("cd %s && cat $(find . -type f | sort) | sha256sum", docs))
  end)

  it("says what people look for", function()
    for _, words in ipairs { "map_number", "1008", "caller ID" } do
      assert.not_equal("", must("grep -rlF '%s' %s/reference %s/guides", words, docs, docs), words)
    end
  end)

  it("has no macro of man's in it", function()
    for _, path in ipairs(pages) do
      if path:find("^command/") then
        assert.is_nil(page(path):find("\n%.%u%u"), path)
        assert.is_nil(page(path):find("\\f[BIR]"), path)
      end
    end
  end)

  -- As the generator names the place of a heading: what stands in braces, or what a forge takes.
  local function places(text)
    local set = markdown.anchors(text)
    for place in text:gmatch("\n#[^\n]* { #([%w_-]+) }\n") do set[place] = true end
    return set
  end

  it("links only to pages and places that are there", function()
    for _, path in ipairs(pages) do
      local text = page(path)
      local links = markdown.links(text)
      for link in text:gmatch('<a href="([^"]+)"') do links[#links + 1] = link:gsub("%.html", ".md") end
      for _, link in ipairs(links) do
        if not link:find("^https?:") then
          local target, anchor = link:match("^([^#]*)#?(.*)$")
          local full = target == "" and path or (path:match("^.*/") or "") .. target
          local file = assert(io.open(docs .. "/" .. full), path .. ": " .. link)
          local there = file:read("*a")
          file:close()
          if anchor ~= "" then assert.is_true(places("\n" .. there)[anchor], path .. ": " .. link) end
        end
      end
    end
  end)

  describe("is refused", function()
    for what, wrong in pairs {
      ["with a guide that the README doesn't name"] = { "echo '# New' > doc/guides/new-one.md", "doc/guides/new-one.md is not in README.md's table of guides" },
      ["with a link that leads to no page"] = { "echo '[x](../nowhere.md)' >> doc/guides/kamailio.md", "doc/guides/kamailio.md: ../nowhere.md leads to no page of the site" },
      ["with a macro of man's that it doesn't know"] = { "sed -i 's/^.SH ENVIRONMENT/.XX y/' lua/exotel/cli/commands/man/sections.lua", "a macro that the site does not know: .XX" },
    } do
      it(what, function()
        local kept = folder
        local output, status = make(wrong[1])
        remove()
        folder = kept
        assert.not_equal(0, status)
        assert.truthy(output:find(wrong[2], 1, true), output)
      end)
    end
  end)
end)
