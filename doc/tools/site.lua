-- Writes what the site is made of: lua site.lua ITEMS SETTINGS FOLDER
-- ITEMS: build/reference-items.lua. SETTINGS: mkdocs' settings but for the navigation. Into FOLDER: the pages, below
-- docs/, and mkdocs.yml.
local text = require "doc.tools.site.text"

local items, settings, folder = assert(arg[1]), assert(arg[2]), assert(arg[3], "usage: site.lua ITEMS SETTINGS FOLDER")
local docs = folder .. "/docs"

local function quoted(title) return '"' .. title:gsub('[\\"]', "\\%0") .. '"' end

local function add_section(lines, title, pages)
  lines[#lines + 1] = ("  - %s:"):format(quoted(title))
  for _, page in ipairs(pages) do lines[#lines + 1] = ("      - %s: %s"):format(quoted(page[1]), page[2]) end
end

local function navigation()
  local lines = { "nav:", "  - Start: index.md" }
  local guides = require("doc.tools.site.documents").write(docs)
  add_section(lines, "Guides", guides)
  add_section(lines, "The command", require("doc.tools.site.command").write(docs))
  local operations = require("doc.tools.site.operations").write(docs)
  operations[#operations + 1] = { "Answers", "reference/operations/answers.md" }
  add_section(lines, "Operations", operations)
  add_section(lines, "Modules", require("doc.tools.site.modules").write(docs, dofile(items)))
  lines[#lines + 1] = "  - Changelog: changelog.md"
  add_section(lines, "Contributing", {
    { "Contributing", "contributing.md" }, { "Architecture", "architecture.md" }, { "Bench", "bench.md" },
  })
  return table.concat(lines, "\n")
end

text.write(folder .. "/mkdocs.yml", text.read(settings) .. "\n" .. navigation() .. "\n")
