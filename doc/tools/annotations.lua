-- Writes the definition files from which an editor with the Lua language server completes and checks:
-- lua annotations.lua ITEMS FOLDER
local core = require "exotel.core"

local pages = dofile(assert(arg[1], "usage: annotations.lua ITEMS FOLDER"))
local folder = assert(arg[2])

local lines

local function add(format, ...) lines[#lines + 1] = select("#", ...) > 0 and format:format(...) or format end

local function add_text(text)
  if text and text ~= "" then add("---%s", text) end
end

local function with(text) return text and text ~= "" and " " .. text or "" end

-- Types ---------------------------------------------------------------------------------------------------------------

local function described(field)
  local text = field.text or ""
  if not field.default then return with(text) end
  return with((text == "" and "" or text .. " ") .. "(" .. field.default .. ")")
end

local function add_field(field)
  local name = field.name:find("^%d") and "[" .. field.name .. "]" or field.name
  add("---@field %s%s %s%s", name, field.optional and "?" or "", field.type, described(field))
end

local function add_enumeration(page, item)
  add_text(item.text)
  add("---@alias %s.%s", page.name, item.name)
  for _, value in ipairs(item.params) do add('---| "%s" # %s', value.name, value.text) end
  add ""
end

local function add_table(page, item)
  if #item.params > 0 and not item.params[1].type then return add_enumeration(page, item) end
  add_text(item.text)
  add("---@class %s.%s%s", page.name, item.name, item.extends and " : " .. item.extends or "")
  for _, field in ipairs(item.params) do add_field(field) end
  add ""
end

local function add_tables(page)
  for _, item in ipairs(page.items) do
    if item.type == "table" then add_table(page, item) end
  end
end

-- Functions -----------------------------------------------------------------------------------------------------------

-- The first word names what is returned.
local function name_and_text(value)
  local name, text = (value.text or ""):match("^([%w_]+) ?(.*)$")
  return name, text
end

-- All that may stand in one place: of `data, info` or `nil, err` the first is data or nil, the second info or err.
local function union(groups, place)
  local types, optional, seen = {}, false, {}
  for _, group in ipairs(groups) do
    local type = group[place] and group[place].type
    if type == nil or type == "nil" then optional = true
    elseif not seen[type] then
      types[#types + 1], seen[type] = type, true
    end
  end
  local all = table.concat(types, "|")
  if not optional then return all end
  return (#types > 1 or all:find("^fun%(")) and "(" .. all .. ")?" or all .. "?"
end

local function first_named(groups, place)
  for _, group in ipairs(groups) do
    local value = group[place]
    if value and value.type ~= "nil" then return name_and_text(value) end
  end
end

local function add_returns(groups)
  local places = 0
  for _, group in ipairs(groups) do places = math.max(places, #group) end
  for place = 1, places do
    local name, text = first_named(groups, place)
    add("---@return %s%s%s", union(groups, place), with(name), with(text))
  end
end

local function add_parameters(item)
  for _, parameter in ipairs(item.params) do
    add("---@param %s%s %s%s", parameter.name, parameter.optional and "?" or "", parameter.type, described(parameter))
  end
end

local function argument_names(item)
  local names = {}
  for i, parameter in ipairs(item.params) do names[i] = parameter.name end
  return table.concat(names, ", ")
end

local function add_function(item, name)
  add_text(item.text)
  if item.raises then add("---Raises %s.", (item.raises:gsub("%.$", ""))) end
  add_parameters(item)
  add_returns(item.returns)
  add("function %s(%s) end\n", name, argument_names(item))
end

-- Classes and modules -------------------------------------------------------------------------------------------------

local function add_class(page, class)
  add_text(class.text)
  add("---@class %s.%s%s", page.name, class.name, class.extends and " : " .. class.extends or "")
  add("local %s = {}\n", class.name)
  for _, item in ipairs(page.items) do
    if item.class == class.name and item.type == "function" then add_function(item, item.name) end
  end
end

local function add_value(item)
  add_text(item.text)
  add("---@type %s", item.params[1].type)
  add("M.%s = nil\n", item.name)
end

local function add_module(page)
  add_text(page.text)
  add("---@class %s", page.name)
  add("local M = {}\n")
  for _, item in ipairs(page.items) do
    if not item.class and item.type == "function" then add_function(item, "M." .. item.name)
    elseif item.type == "field" then add_value(item) end
  end
end

local function module_file(page)
  lines = { "---@meta " .. page.name, "" }
  add_tables(page)
  for _, class in ipairs(page.classes) do add_class(page, class) end
  add_module(page)
  add("return M")
end

-- Operations and answers, which no module returns --------------------------------------------------------------------

local function add_names(alias, text, wanted)
  add_text(text)
  add("---@alias %s", alias)
  for _, operation in ipairs(core.operations) do
    if wanted(operation) then add('---| "%s" # %s', operation.name, operation.summary) end
  end
  add ""
end

local function operations_file()
  lines = { "---@meta _", "" }
  add_names("exotel.Operation", "The operations of the API.", function() return true end)
  add_names("exotel.ListOperation", "Those that list.", function(operation) return operation.answer == "list" end)
  add("---@class exotel.client.Client")
  add("local Client = {}\n")
  for _, page in ipairs(pages) do
    if page.type == "operation" then
      add_tables(page)
      page.items[1].text = page.text
      add_function(page.items[1], page.items[1].name:gsub("^client", "Client"))
    end
  end
end

local function answers_file(page)
  lines = { "---@meta _", "" }
  add_tables(page)
end

local function save(path)
  os.execute("mkdir -p '" .. path:match("^(.*)/") .. "'")
  local file = assert(io.open(path, "w"))
  file:write((table.concat(lines, "\n"):gsub("\n+$", "")), "\n")
  file:close()
end

local function path_of(page) return folder .. "/" .. page.name:gsub("%.", "/") .. ".lua" end

for _, page in ipairs(pages) do
  if page.type == "module" then
    module_file(page)
    save(path_of(page))
  elseif page.type == "answers" then
    answers_file(page)
    save(path_of(page))
  end
end
operations_file()
save(folder .. "/exotel/operations.lua")
