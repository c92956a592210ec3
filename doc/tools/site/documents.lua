--- The documents of the tree as pages: README, guides, changelog, and those for contributors, with links between pages.
local text = require "doc.tools.site.text"

local M = {}

-- Where each is on the site. Guides, and examples, keep their place.
local PAGES = {
  ["README.md"] = "index.md", ["CHANGELOG.md"] = "changelog.md", ["CONTRIBUTING.md"] = "contributing.md",
  ["doc/architecture.md"] = "architecture.md", ["bench/README.md"] = "bench.md", ["LICENSE"] = "LICENSE",
}

local function page_of(path)
  return PAGES[path] or path:match("^doc/(guides/.*)") or path:match("^examples/.*")
end

local function folder_of(path) return path:match("^(.*/)[^/]*$") or "" end

-- a/b/../c → a/c
local function resolved(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if part == ".." then table.remove(parts) elseif part ~= "." then parts[#parts + 1] = part end
  end
  return table.concat(parts, "/")
end

local function relative(from, to) return ("../"):rep(select(2, from:gsub("/", ""))) .. to end

-- A link of a file of the tree, as a link of its page.
local function link_of(path, link)
  if link:find("^%a+:") or link:find("^#") then return link end
  local target, anchor = link:match("^([^#]*)(.*)$")
  local full = resolved(folder_of(path) .. target)
  local page = page_of(full) or error(("%s: %s leads to no page of the site"):format(path, link))
  return relative(page_of(path), page) .. anchor
end

-- Code blocks stay as they are.
local function outside_code(markdown, change)
  local parts, position = {}, 1
  while true do
    local start, finish = markdown:find("\n```.-\n```[^\n]*\n", position)
    parts[#parts + 1] = change(markdown:sub(position, (start or 0) - 1))
    if not start then return table.concat(parts) end
    parts[#parts + 1] = markdown:sub(start, finish)
    position = finish + 1
  end
end

-- What forges take for a list, though no empty line is before it.
local function with_list_starts(markdown)
  return (("\n" .. markdown):gsub("(\n[^%s|#>%-*][^\n]*)(\n%- )", "%1\n%2"):sub(2))
end

local function convert(path)
  return outside_code(text.read(path), function(part)
    part = part:gsub("%]%(([^)%s]+)%)", function(link) return "](" .. link_of(path, link) .. ")" end)
    return with_list_starts(part)
  end)
end

local function files(command)
  local list, pipe = {}, assert(io.popen(command))
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

--- The guides in the order of the README's table: { { title, page } ... }. Raises when one is missing there.
local function guides()
  local list, seen = {}, {}
  local rows = text.read("README.md"):match("\n## Guides\n(.-)\n\n[^|]") or error("README.md has no table of guides")
  for title, name in rows:gmatch("%[([^%]]+)%]%(doc/guides/([%w_-]+%.md)%)") do
    list[#list + 1], seen[name] = { title, "guides/" .. name }, true
  end
  for _, path in ipairs(files("ls doc/guides/*.md")) do
    local name = path:match("[^/]+$")
    if not seen[name] then error(path .. " is not in README.md's table of guides") end
  end
  return list
end

--- Writes all of them below the folder. → the guides: { { title, page } ... }
function M.write(folder)
  for path, page in pairs(PAGES) do
    text.write(folder .. "/" .. page, path == "LICENSE" and text.read(path) or convert(path))
  end
  local list = guides()
  for _, guide in ipairs(list) do text.write(folder .. "/" .. guide[2], convert("doc/" .. guide[2])) end
  for _, path in ipairs(files("find examples -type f | sort")) do
    text.write(folder .. "/" .. path, path:find("%.md$") and convert(path) or text.read(path))
  end
  return list
end

return M
