-- A filter for ldoc: writes what it read out of the comments as a Lua file, for check.lua and annotations.lua.
-- REFERENCE_ITEMS is the file's path.
local M = {}

local function plain(text)
  if type(text) ~= "string" then return nil end
  return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- Without examples, which are indented.
local function joined(summary, description)
  return plain((summary or "") .. " " .. (description or ""):gsub("\n    [^\n]*", ""))
end

-- With them, and with its paragraphs, as it stands in the comment.
local function whole(summary, description) return (((summary or "") .. " " .. (description or "")):gsub("^%s+", "")) end

local function modifiers_of(item, name)
  local all = item.modifiers[item.parameter]
  return all and rawget(all, name) or {}
end

local function params_of(item)
  local params = {}
  for i, name in ipairs(item.params or {}) do
    local modifiers = modifiers_of(item, name)
    local optional = modifiers.opt or modifiers.optchain
    params[i] = {
      name = name, type = modifiers.type, optional = optional and true or nil,
      default = type(optional) == "string" and optional or nil, text = plain(item.params.map[name]),
    }
  end
  return params
end

local function returns_of(item)
  local groups = {}
  for i, group in ipairs(item.retgroups or {}) do
    groups[i] = {}
    for k, value in ipairs(group) do groups[i][k] = { type = value.type, text = plain(value.text) } end
  end
  return groups
end

local function extends_of(item)
  local extends = item.tags.extends
  return plain(extends and extends[1])
end

local function item_of(item)
  return {
    name = item.name, type = item.type, class = (item.section or ""):match("^Class (.*)"), line = item.lineno,
    text = joined(item.summary, item.description), whole = whole(item.summary, item.description),
    params = params_of(item), returns = returns_of(item),
    raises = plain(item.raise), extends = extends_of(item),
  }
end

local function class_of(section)
  return { name = section.name, text = joined(section.summary, section.description), extends = extends_of(section) }
end

local function page_of(module)
  local page = { name = module.name, type = module.type, file = module.file, items = {}, classes = {},
    text = joined(module.summary, module.description), whole = whole(module.summary, module.description) }
  for _, section in ipairs(module.sections) do
    if section.type == "type" then page.classes[#page.classes + 1] = class_of(section) end
  end
  for i, item in ipairs(module.items) do page.items[i] = item_of(item) end
  return page
end

-- What is written are arrays and records, never mixed.
local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function write(file, value, indent)
  if type(value) == "string" then return file:write(("%q"):format(value)) end
  if type(value) ~= "table" then return file:write(tostring(value)) end
  file:write("{\n")
  for _, key in ipairs(sorted_keys(value)) do
    file:write(indent, type(key) == "number" and "" or key .. " = ")
    write(file, value[key], indent .. " ")
    file:write(",\n")
  end
  file:write(indent, "}")
end

function M.write(modules)
  local pages = {}
  for i, module in ipairs(modules) do pages[i] = page_of(module) end
  local file = assert(io.open(os.getenv("REFERENCE_ITEMS"), "w"))
  file:write("return ")
  write(file, pages, "")
  file:write("\n")
  file:close()
end

return M
