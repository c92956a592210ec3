--- Where specifications come from: the file, and the lines in which their values stand. A line is told only where the
-- text itself has the value; one that was computed, or has been changed since it was read, has none.
local core = require "exotel.core"
local json_source = require "exotel.provision.source.json_source"
local lua_source = require "exotel.provision.source.lua_source"
local tree = require "exotel.provision.source.tree"

local M = {}

local sources = { lua = lua_source, json = json_source }

-- By specification: { file (shared by all of one file), index (of an array of specifications) }.
local origins = setmetatable({}, { __mode = "k" })

--- origin.remember(specs, is_list, file): that they come from a file, { name, form, text }.
function M.remember(specs, is_list, file)
  for i, spec in ipairs(specs) do
    if type(spec) == "table" then origins[spec] = { file = file, index = is_list and i or nil } end
  end
end

--- origin.file(spec) → { name, form, text }, or nil: it comes from no file.
function M.file(spec)
  local origin = type(spec) == "table" and origins[spec]
  return origin and origin.file or nil
end

-- Read when it is first asked for, which is when something is wrong.
local function root_of(file)
  if file.root == nil then
    local source = sources[file.form].read(file.text)
    file.root = source and source.root or false
  end
  return file.root
end

-- → the node of a specification, or nil
local function node_of(spec)
  local origin = type(spec) == "table" and origins[spec]
  local root = origin and root_of(origin.file)
  if not root or not origin.index then return root or nil end
  local entry = tree.entry(root, origin.index)
  return entry and entry.node
end

--- origin.entry_line(file, i) → the line of the i-th entry of the list that a file holds, or nil.
function M.entry_line(file, i)
  local root = root_of(file)
  local entry = root and tree.entry(root, i)
  return entry and entry.line
end

--- origin.index(spec) → which of its file's list it is; nil where the file holds one.
function M.index(spec)
  local origin = type(spec) == "table" and origins[spec]
  return origin and origin.index or nil
end

-- Paths ---------------------------------------------------------------------------------------------------------------

-- A name may hold a dot or a bracket itself: the longest that is there counts.
local function first_name(value, path)
  if value[path] ~= nil then return path, "" end
  local name, rest = path:match("^([^.%[]+)(.*)$")
  if name and (value[name] ~= nil or rest == "") then return name, rest end
  for key in pairs(value) do
    local is_first = type(key) == "string" and #key > #(name or "") and path:sub(1, #key) == key
    if is_first and path:find("^[.%[]", #key + 1) then name, rest = key, path:sub(#key + 1) end
  end
  return name, rest or ""
end

-- → the key in `value` that a path begins with, and the rest of the path; nil when it is empty
local function step(value, path)
  local index, rest = path:match("^%[(%d+)%](.*)$")
  if index then return tonumber(index), rest end
  if path:find('^%[""%]') then return "", path:sub(5) end
  path = path:gsub("^%.", "")
  if path == "" then return nil end
  return first_name(value, path)
end

local function is_same(file, node, value)
  if node.type == "table" or type(value) == "table" then return node.type == "table" and type(value) == "table" end
  if node.type ~= "literal" then return false end
  if value == core.null then return node.text == "null" end
  return tostring(sources[file.form].value(node.text)) == tostring(value)
end

-- Whether a table holds what the text says, as far as that needs no look into tables in it.
local function is_unchanged(file, node, value)
  if node.has_computed_keys or #node.twice > 0 then return false end
  for key, one in pairs(value) do
    local entry = node.fields[key]
    if not entry or not is_same(file, entry.node, one) then return false end
  end
  return true
end

-- What is missing may stand there as nil or null.
local function line_of_missing(file, node, value, key, line)
  if not is_unchanged(file, node, value) then return nil end
  local entry = node.fields[key]
  return not entry and line or is_same(file, entry.node, nil) and entry.line or nil
end

-- The line of what a path names; of what is missing, that of the table where it would stand.
local function find_line(file, node, value, path, line)
  while true do
    if not is_same(file, node, value) then return nil end
    local key, rest = nil, nil
    if type(value) == "table" then key, rest = step(value, path) end
    if key == nil then return line end
    if value[key] == nil then return line_of_missing(file, node, value, key, line) end
    local entry = tree.entry(node, key)
    if not entry then return nil end
    node, value, path, line = entry.node, value[key], rest, entry.line
  end
end

--- origin.line(spec, path) → the line of a path in its file, or nil where that isn't certain.
function M.line(spec, path)
  local node = node_of(spec)
  if not node then return nil end
  return find_line(M.file(spec), node, spec, path, node.line)
end

local function path_to(path, key)
  if type(key) == "number" then return ("%s[%d]"):format(path, key) end
  return path == "" and key or path .. "." .. key
end

local function add_twice(found, node, path)
  for _, one in ipairs(node.twice) do
    found[#found + 1] = { path = path_to(path, one.key), line = one.line, first_line = one.first_line }
  end
  for _, entry in ipairs(node.entries) do
    if entry.key ~= nil and entry.node.type == "table" then add_twice(found, entry.node, path_to(path, entry.key)) end
  end
end

--- origin.twice(spec) → an array of { path ("" for the specification itself), line, first_line }: names that stand
-- twice in one table of a file in Lua, of which Lua keeps one only.
function M.twice(spec)
  local file, found = M.file(spec), {}
  if not file or file.form ~= "lua" then return found end -- JSON with one isn't read at all
  local root, node = root_of(file), node_of(spec)
  for _, one in ipairs(root and root.twice or {}) do
    if one.key == M.index(spec) then found[1] = { path = "", line = one.line, first_line = one.first_line } end
  end
  if node and node.type == "table" then add_twice(found, node, "") end
  return found
end

return M
