--- Specifications written again: as tables, and as the text of a file.
local core = require "exotel.core"
local items = require "exotel.resources.items"
local json = require "exotel.json"
local kinds = require "exotel.resources.kinds"
local reader = require "exotel.provision.spec.reader"

local M = {}

-- The order in which a person would write them.
local order = { "trunk_name", "trunk_sid", "absent" }
for _, name in ipairs(reader.trunk_fields) do
  if name ~= "trunk_name" then order[#order + 1] = name end
end
for _, list in ipairs { "spec_keys", "entry_names" } do
  for _, kind in ipairs(kinds.as_written) do
    for _, name in ipairs(kind[list]) do order[#order + 1] = name end
  end
end

local rank = {}
for i, name in ipairs(order) do rank[name] = i end

local function before(a, b)
  local i, j = rank[a] or math.huge, rank[b] or math.huge
  return i == j and tostring(a) < tostring(b) or i < j
end

local function sorted_names(value)
  local names = {}
  for name in pairs(value) do
    if type(name) ~= "string" then error("a specification has names, not " .. tostring(name), 0) end
    names[#names + 1] = name
  end
  table.sort(names, before)
  return names
end

-- Lua ----------------------------------------------------------------------------------------------------------------

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true until
  while]]):gmatch("%a+") do keywords[word] = true end

-- The same in every Lua, whatever bytes it holds.
local function string_text(text)
  local function escape(c) return ("\\%03d"):format(c:byte()) end
  return '"' .. core.escape(text:gsub('[%c"\\]', escape), "lua") .. '"'
end

local function name_text(name)
  if name:find("^[%a_][%w_]*$") and not keywords[name] then return name end
  return "[" .. string_text(name) .. "]"
end

local value_text

local function parts_of(value, margin)
  local parts = {}
  if #value > 0 then
    for i, item in ipairs(value) do parts[i] = value_text(item, margin) end
    return parts
  end
  for i, name in ipairs(sorted_names(value)) do
    parts[i] = name_text(name) .. " = " .. value_text(value[name], margin)
  end
  return parts
end

-- What holds no other table stands on one line.
local function is_flat(value)
  for _, item in pairs(value) do
    if type(item) == "table" then return false end
  end
  return true
end

local function table_text(value, margin)
  local parts = parts_of(value, margin .. "  ")
  if #parts == 0 then return "{}" end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if is_flat(value) and #margin > 0 and #line + #margin < 100 then return line end
  local inner = "\n" .. margin .. "  "
  return "{" .. inner .. table.concat(parts, "," .. inner) .. ",\n" .. margin .. "}"
end

function value_text(value, margin)
  local kind = type(value)
  if kind == "string" then return string_text(value) end
  if kind == "table" then return table_text(value, margin) end
  if kind == "boolean" or kind == "number" then return json.encode(value) end
  error("a specification can't hold a " .. kind, 0)
end

-- JSON ---------------------------------------------------------------------------------------------------------------

local is_list = {}
for _, kind in ipairs(kinds.all) do is_list[kind.spec_key] = kind.is_list end

-- A copy whose empty lists are known to be lists.
local function marked(spec)
  local copy = {}
  for name, value in pairs(spec) do
    local empty = is_list[name] and type(value) == "table" and next(value) == nil
    copy[name] = empty and json.array {} or value
  end
  return copy
end

local function json_text(given)
  if given[1] == nil then return json.encode(marked(given), { indent = 2 }) .. "\n" end
  local list = {}
  for i, spec in ipairs(given) do list[i] = marked(spec) end
  return json.encode(list, { indent = 2 }) .. "\n"
end

local forms = {
  lua = function(given) return "return " .. value_text(given, "") .. "\n" end,
  json = json_text,
}

--- writer.text(specifications, form) → text. Raises for another form than "lua" or "json", and for what no
-- specification holds.
function M.text(specifications, form)
  local write = forms[form]
  if not write then error("the form must be \"lua\" or \"json\", not " .. tostring(form), 2) end
  if type(specifications) ~= "table" then
    error("a specification or an array of them expected, got " .. type(specifications), 2)
  end
  local good, text = pcall(write, specifications)
  if good then return text end
  error(text, 2)
end

-- Tables -------------------------------------------------------------------------------------------------------------

--- writer.plain(desired) → the specification that it was read from, in its long form and without passwords.
function M.plain(desired)
  local trunk = desired.trunk
  local spec = { trunk_sid = trunk.trunk_sid, absent = trunk.absent }
  for _, name in ipairs(reader.trunk_fields) do
    spec[name] = trunk.fields[name]
    if trunk.as_is[name] then items.mark_value(spec, name) end
  end
  for _, kind in ipairs(kinds.all) do kind:write_entries(spec, desired[kind.name]) end
  return spec
end

return M
