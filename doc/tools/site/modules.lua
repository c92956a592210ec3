--- The pages of the modules, and that of the answers, from what the source's comments say (build/reference-items.lua).
local operations = require "doc.tools.site.operations"
local text = require "doc.tools.site.text"

local M = {}

-- Where a named type is described, for links: "exotel.trunk.Trunk" → { page, anchor }
local places = {}

local function anchor_of(name) return (name:lower():gsub("[^%w_-]", "")) end

local function page_path(page)
  return page.type == "answers" and "reference/operations/answers.md" or "reference/modules/" .. page.name .. ".md"
end

-- A type with links to what it names.
local function linked(type, from)
  local up = ("../"):rep(select(2, from:gsub("/", "")))
  return (text.type(type or "any"):gsub("exotel%.[%w_.]+", function(name)
    local place = places[name]
    if not place then return nil end
    local shown = name:match("^exotel%.operation%.(.*)") or name:match("[^.]+$")
    return ('<a href="%s%s">%s</a>'):format(up, place, shown)
  end))
end

local function html_place(page, anchor) return page_path(page):gsub("%.md$", ".html") .. "#" .. anchor_of(anchor) end

-- Of an operation all tables are on its part of a page.
local function place_of(page, name)
  return page.type == "operation" and operations.place(page.name:match("[^.]+$")) or html_place(page, name)
end

local function note_places(pages)
  for _, page in ipairs(pages) do
    for _, item in ipairs(page.items) do
      if item.type == "table" then places[page.name .. "." .. item.name] = place_of(page, item.name) end
    end
    for _, class in ipairs(page.classes) do places[page.name .. "." .. class.name] = html_place(page, class.name) end
  end
end

local function described(field)
  local notes = text.cell(field.text or "")
  if field.default then notes = notes .. (notes == "" and "" or "; ") .. "default " .. text.code(field.default) end
  return notes
end

local function add_fields(page, titles, fields, from)
  local rows = {}
  for i, field in ipairs(fields) do
    local name = text.code(field.name) .. (field.optional and "?" or "")
    rows[i] = field.type and { name, linked(field.type, from), described(field) } or { name, "", described(field) }
  end
  page:table(titles, rows)
end

-- "err kind `config`" → `err` Error: kind `config`
local function returned(value, from)
  local name, notes = (value.text or ""):match("^([%a_][%w_]*)%s*(.*)$")
  if not name then return linked(value.type, from) end
  return text.code(name) .. " " .. linked(value.type, from) .. (notes == "" and "" or ": " .. notes)
end

local function add_returns(page, item, from)
  if #item.returns == 0 then return end
  page:add("\n**Returns**\n")
  for i, group in ipairs(item.returns) do
    local values = {}
    for k, value in ipairs(group) do values[k] = returned(value, from) end
    page:add("- %s%s", i > 1 and "or " or "", table.concat(values, ", "))
  end
  page:add("")
end

local function argument_names(item)
  local names = {}
  for i, parameter in ipairs(item.params) do names[i] = parameter.name end
  return table.concat(names, ", ")
end

-- "From create_trunk" says which operation stands behind a method.
local function with_operations(markdown, from)
  local up = ("../"):rep(select(2, from:gsub("/", "")))
  return (markdown:gsub("From ([%l_]+)", function(name)
    local place = operations.place(name)
    return place and ("From [%s](%s%s)"):format(name, up, (place:gsub("%.html", ".md")))
  end))
end

local function add_function(page, item, from)
  page:add("\n### %s(%s) { #%s }\n", text.plain(item.name), text.plain(argument_names(item)), anchor_of(item.name))
  page:add("%s\n", with_operations(text.with_examples(item.whole), from))
  add_fields(page, { "parameter", "type", "meaning" }, item.params, from)
  add_returns(page, item, from)
  if item.raises then page:add("Raises %s.\n", (item.raises:gsub("%.$", ""))) end
end

local function add_table(page, item, from)
  page:add("\n### %s { #%s }\n", text.plain(item.name), anchor_of(item.name))
  page:add("%s\n", text.with_examples(item.whole))
  if item.extends then page:add("And the fields of %s.\n", linked(item.extends, from)) end
  add_fields(page, { "field", "type", "meaning" }, item.params, from)
end

local function add_items(page, source, wanted, from)
  for _, item in ipairs(source.items) do
    if wanted(item) then
      if item.type == "table" then add_table(page, item, from) else add_function(page, item, from) end
    end
  end
end

local function add_values(page, source, from)
  local rows = {}
  for _, item in ipairs(source.items) do
    if item.type == "field" then
      rows[#rows + 1] = { text.code(item.name), linked(item.params[1].type, from), text.cell(item.text) }
    end
  end
  page:table({ "value", "type", "meaning" }, rows)
end

local function has(source, wanted)
  for _, item in ipairs(source.items) do
    if wanted(item) then return true end
  end
end

local function section(page, source, title, wanted, from)
  if not has(source, wanted) then return end
  page:add("\n## %s\n", title)
  add_items(page, source, wanted, from)
end

local function page_of(source)
  local from = page_path(source)
  local page = text.page(source.type == "answers" and "Answers" or source.name)
  page:add("%s\n", text.with_examples(source.whole))
  add_values(page, source, from)
  section(page, source, "Functions", function(item) return item.type == "function" and not item.class end, from)
  for _, class in ipairs(source.classes) do
    page:add("\n## %s { #%s }\n", class.name, anchor_of(class.name))
    page:add("%s\n", class.text)
    add_items(page, source, function(item) return item.type == "function" and item.class == class.name end, from)
  end
  local title = source.type == "answers" and "Types" or "Tables"
  section(page, source, title, function(item) return item.type == "table" end, from)
  return page:text()
end

--- Writes them below the folder. `pages`: what build/reference-items.lua returns. → { { title, page } ... } of modules
function M.write(folder, pages)
  note_places(pages)
  local list = {}
  for _, source in ipairs(pages) do
    if source.type ~= "operation" then text.write(folder .. "/" .. page_path(source), page_of(source)) end
    if source.type == "module" then list[#list + 1] = { source.name, page_path(source) } end
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

return M
