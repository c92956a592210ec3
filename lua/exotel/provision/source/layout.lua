--- The canonical layout of a file: what `provision.format` would write, but for the order, the comments and the empty
-- lines, which stay.
local json_source = require "exotel.provision.source.json_source"
local lua_source = require "exotel.provision.source.lua_source"

local M = {}

local STEP, WIDTH = "  ", 100

-- Lua -----------------------------------------------------------------------------------------------------------------

local function has_comments(entry) return #entry.before + #entry.after > 0 end

-- A table that holds no other table, no comment and no text of several lines can stand on one line.
local function is_flat(node)
  if #node.tail > 0 or node.is_broken then return false end
  for _, entry in ipairs(node.entries) do
    local one = entry.node
    if has_comments(entry) or one.type ~= "literal" or one.last_line > one.line then return false end
  end
  return true
end

local node_text

local function entry_text(entry, margin)
  local text = node_text(entry.node, margin)
  return entry.name and entry.name .. " = " .. text or text
end

local function line_of(node)
  local parts = {}
  for i, entry in ipairs(node.entries) do parts[i] = entry_text(entry, "") end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function comment_text(comment) return (comment.text:gsub("[ \t]+$", "")) end

-- On lines of their own. `lines` may be empty: no empty line begins a table.
local function add_comments(lines, comments, margin)
  for _, comment in ipairs(comments) do
    if comment.blank and #lines > 0 then lines[#lines + 1] = "" end
    lines[#lines + 1] = margin .. comment_text(comment)
  end
end

local function behind(comments)
  local parts = { "" }
  for _, comment in ipairs(comments) do parts[#parts + 1] = comment_text(comment) end
  return table.concat(parts, " ")
end

local function add_entry(lines, entry, margin)
  add_comments(lines, entry.before, margin)
  if entry.blank and #lines > 0 then lines[#lines + 1] = "" end
  lines[#lines + 1] = margin .. entry_text(entry, margin) .. "," .. behind(entry.after)
end

local function table_text(node, margin)
  if #node.entries == 0 and #node.tail == 0 then return "{}" end
  local line = margin ~= "" and is_flat(node) and line_of(node)
  if line and #line + #margin < WIDTH then return line end
  local lines, inner = {}, margin .. STEP
  for _, entry in ipairs(node.entries) do add_entry(lines, entry, inner) end
  add_comments(lines, node.tail, inner)
  return "{\n" .. table.concat(lines, "\n") .. "\n" .. margin .. "}"
end

function node_text(node, margin)
  return node.type == "table" and table_text(node, margin) or node.text
end

-- → the line of something that isn't written out, or nil
local function find_computed(node)
  if node.type == "computed" then return node.line end
  for _, entry in ipairs(node.entries or {}) do
    local line = entry.key == nil and entry.line or find_computed(entry.node)
    if line then return line end
  end
end

-- What stands there is laid out only where nothing has to be run.
local function refusal(source)
  local line = source and (source.statement or find_computed(source.root))
  if source and not line then return nil end
  return "computes what it returns, which can't be laid out without loss: only tables that are written out can", line
end

local function head_text(source)
  local lines, head = { source.script }, source.head
  if source.script then table.remove(head, 1) end
  add_comments(lines, head, "")
  if source.blank and #lines > 0 then lines[#lines + 1] = "" end
  return #lines > 0 and table.concat(lines, "\n") .. "\n" or ""
end

local function tail_text(source)
  local tail, trailing, lines = source.tail, "", {}
  if tail[1] and tail[1].line == source.root.last_line then trailing = behind { table.remove(tail, 1) } end
  for _, comment in ipairs(tail) do
    if comment.blank then lines[#lines + 1] = "" end
    lines[#lines + 1] = comment_text(comment)
  end
  return trailing .. "\n" .. (#lines > 0 and table.concat(lines, "\n") .. "\n" or "")
end

local function lua_layout(text)
  local source = lua_source.read(text)
  local message, line = refusal(source)
  if message then return nil, message, line end
  return head_text(source) .. "return " .. table_text(source.root, "") .. tail_text(source)
end

-- JSON ----------------------------------------------------------------------------------------------------------------

local function json_text(node, margin)
  if node.type == "literal" then return node.text end
  local parts, inner = {}, margin .. STEP
  local opening, closing = node.is_array and "[" or "{", node.is_array and "]" or "}"
  for i, entry in ipairs(node.entries) do
    local text = json_text(entry.node, inner)
    parts[i] = inner .. (entry.name and entry.name .. ": " .. text or text)
  end
  if #parts == 0 then return opening .. closing end
  return opening .. "\n" .. table.concat(parts, ",\n") .. "\n" .. margin .. closing
end

local function json_layout(text) return json_text(json_source.read(text).root, "") .. "\n" end

local layouts = { lua = lua_layout, json = json_layout }

--- layout.text(text, form) → the text in its canonical layout; or nil, why that can't be made, and the line. The text
-- can be read as a specification. `form`: "lua" or "json".
function M.text(text, form) return layouts[form](text) end

return M
