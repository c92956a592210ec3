-- Checks the site as it was built: lua check.lua SITE. Every link leads to a file of it, and to a place in it, and
-- nothing is fetched from elsewhere.
local text = require "doc.tools.site.text"

local site = assert(arg[1], "usage: check.lua SITE")
local complaints = 0

local function complain(format, ...)
  complaints = complaints + 1
  io.stderr:write(format:format(...), "\n")
end

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function places_of(html)
  local places = { __top = true }
  for id in html:gmatch('%sid="([^"]+)"') do places[id] = true end
  return places
end

local known = {}
local function has_place(path, anchor)
  known[path] = known[path] or places_of(text.read(path))
  return known[path][anchor]
end

local function check_link(path, link)
  local target, anchor = link:match("^([^#?]*)%??[^#]*#?(.*)$")
  if target == "" and anchor == "" then return end
  local full = target == "" and path or path:match("^(.*/)") .. target
  if not exists(full) then return complain("%s: %s leads nowhere", path, link) end
  if anchor ~= "" and not has_place(full, anchor) then complain("%s: there is no place %s", path, link) end
end

-- What a page loads by itself.
local function check_loads(path, html)
  for tag in html:gmatch("<[%w]+[^>]*>") do
    local is_loaded = tag:find("^<link") and not tag:find('rel="canonical"')
    local loaded = tag:match('%ssrc="(%a+://[^"]+)"') or is_loaded and tag:match('href="(%a+://[^"]+)"')
    if loaded then complain("%s: loads %s", path, loaded) end
  end
end

local function check(path)
  local html = text.read(path)
  check_loads(path, html)
  for link in html:gmatch('%shref="([^"]*)"') do
    if not link:find("^%a+:") then check_link(path, (link:gsub("&amp;", "&"))) end
  end
end

local pages = 0
for path in io.popen("find '" .. site .. "' -name '*.html' ! -name 404.html"):lines() do
  pages = pages + 1
  check(path)
end
if pages == 0 then complain("%s has no pages", site) end
if complaints > 0 then os.exit(1) end
