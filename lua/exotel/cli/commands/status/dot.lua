--- The account as a picture for Graphviz: what calls come from on the left, where they go on the right.
local screen = require "exotel.cli.terminal.screen"
local words = require "exotel.cli.commands.status.words"

local M = {}

-- Entries of one list that a picture has, unless all are asked for.
local SHOWN = 10

local HEAD = [[
digraph exotel {
  rankdir=LR
  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11]
  edge [fontname="sans-serif", fontsize=9]
  graph [fontname="sans-serif", style=rounded, color=gray]
]]

-- Graphviz reads backslashes and entities in labels.
local function escape(text) return (screen.plain(text):gsub("&", "&amp;"):gsub('[\\"]', "\\%0")) end

-- A label of several lines, all to the left.
local function label_of(lines)
  for i, line in ipairs(lines) do lines[i] = escape(line) .. "\\l" end
  return '"' .. table.concat(lines) .. '"'
end

local function add(lines, format, ...) lines[#lines + 1] = format:format(...) end

local function entry_text(list_name, item)
  local name, more = words.item(list_name, item)
  return more == "" and name or name .. "  " .. more
end

local function shown_count(items, full) return not full and #items > SHOWN + 1 and SHOWN or #items end

-- What calls come from: one node for each list.
local function add_sources(lines, trunk, id, list, full)
  local items = trunk[list.name] or {}
  if #items == 0 then return end
  local texts, shown = { words.counted(#items, list.noun) }, shown_count(items, full)
  for i = 1, shown do texts[i + 1] = entry_text(list.name, items[i]) end
  if shown < #items then texts[shown + 2] = ("and %d more"):format(#items - shown) end
  add(lines, "    %s_%s [label=%s]", id, list.name, label_of(texts))
  add(lines, "    %s_%s -> %s", id, list.name, id)
end

local function add_destinations(lines, trunk, id, full)
  local items, odd = trunk.destinations or {}, words.odd_ids(trunk)
  local shown = shown_count(items, full)
  for i = 1, shown do
    local name, more = words.item("destinations", items[i])
    local style = odd[items[i].id] and ", color=red, style=dashed" or ""
    add(lines, "    %s_d%d [label=%s]", id, i, label_of { name })
    add(lines, "    %s -> %s_d%d [label=%s%s]", id, id, i, label_of { more }, style)
  end
  if shown == #items then return end
  add(lines, "    %s_more [label=%s]", id, label_of { ("and %d more"):format(#items - shown) })
  add(lines, "    %s -> %s_more", id, id)
end

local function trunk_lines(trunk)
  local texts = { words.trunk(trunk) }
  if trunk.caller_id then texts[2] = "caller ID " .. tostring(trunk.caller_id) end
  for _, one in ipairs(trunk.unread) do texts[#texts + 1] = "! " .. words.unread(one) end
  for _, one in ipairs(trunk.warnings) do texts[#texts + 1] = "! " .. one.message end
  return texts
end

local function add_trunk(lines, trunk, id, full)
  local odd = #trunk.warnings + #trunk.unread > 0
  add(lines, "  subgraph cluster_%s {", id)
  add(lines, "    label=%s", label_of { words.trunk(trunk) .. " (" .. tostring(trunk.trunk_sid) .. ")" })
  add(lines, "    %s [label=%s, penwidth=2%s]", id, label_of(trunk_lines(trunk)), odd and ", color=red" or "")
  for _, list in ipairs(words.lists) do
    if list.name ~= "destinations" then add_sources(lines, trunk, id, list, full) end
  end
  add_destinations(lines, trunk, id, full)
  add(lines, "  }")
end

--- dot.text(account, full) → the text. Long lists are folded unless `full`.
function M.text(account, full)
  local lines = { HEAD:sub(1, -2) }
  for i, trunk in ipairs(account.trunks) do add_trunk(lines, trunk, "t" .. i, full) end
  lines[#lines + 1] = "}\n"
  return table.concat(lines, "\n")
end

return M
