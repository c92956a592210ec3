--- The account as a tree, for people.
local environment = require "exotel.cli.environment"
local screen = require "exotel.cli.terminal.screen"
local words = require "exotel.cli.commands.status.words"

local M = {}

-- Numbers of a trunk that a terminal shows.
local SHOWN = 10

-- Branches, where the locale has the characters for them.
local DRAWN = { item = "├── ", last = "└── ", on = "│   ", off = "    " }
local TYPED = { item = "|-- ", last = "`-- ", on = "|   ", off = "    " }

local function branches()
  local locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or ""
  return locale:lower():find("utf%-?8") and DRAWN or TYPED
end

-- Nodes: { text, colour, and the nodes below it } ---------------------------------------------------------------------

local function item_text(list_name, item)
  local name, more = words.item(list_name, item)
  return screen.plain(name) .. (more == "" and "" or "  " .. screen.plain(more))
end

local function list_node(trunk, list, folds)
  local items = trunk[list.name]
  local node = { text = words.counted(#items, list.noun) }
  local shown = folds and #items > SHOWN + 1 and SHOWN or #items
  for i = 1, shown do node[i] = { text = item_text(list.name, items[i]) } end
  if shown < #items then node[shown + 1] = { text = ("and %d more (--full lists them)"):format(#items - shown) } end
  return node
end

local function trunk_node(trunk, folds)
  local name = words.trunk(trunk)
  local sid = name ~= trunk.trunk_sid and (" (%s)"):format(screen.plain(trunk.trunk_sid)) or ""
  local node = { text = screen.plain(name) .. sid, colour = "bold" }
  local function add(child) node[#node + 1] = child end
  for _, one in ipairs(trunk.unread) do add { text = "! " .. screen.plain(words.unread(one)), colour = "red" } end
  for _, one in ipairs(trunk.warnings) do add { text = "! " .. screen.plain(one.message), colour = "yellow" } end
  if trunk.caller_id then add { text = "caller ID " .. screen.plain(trunk.caller_id) } end
  for _, list in ipairs(words.lists) do
    if #(trunk[list.name] or {}) > 0 then add(list_node(trunk, list, folds)) end
  end
  return node
end

-- Lines ---------------------------------------------------------------------------------------------------------------

-- A text that is wider than the screen goes on below itself. The colour is that of the text, not of the branches.
local function add_lines(lines, node, first, following)
  local pieces = { node.text }
  if screen.stdout_is_terminal() then
    pieces = screen.wrap(node.text, 2, math.max(1, screen.width() - screen.text_width(first)))
  end
  for i, piece in ipairs(pieces) do
    lines[#lines + 1] = (i == 1 and first or following) .. screen.paint(node.colour, piece)
  end
end

local function add_node(lines, node, branch, margin, is_last)
  local inner = margin .. (is_last and branch.off or branch.on)
  add_lines(lines, node, margin .. (is_last and branch.last or branch.item), inner)
  for i, child in ipairs(node) do add_node(lines, child, branch, inner, i == #node) end
end

local function add_trunk(lines, trunk, branch, folds)
  local node = trunk_node(trunk, folds)
  lines[#lines + 1] = ""
  add_lines(lines, node, "", "")
  for i, child in ipairs(node) do add_node(lines, child, branch, "", i == #node) end
end

local function head(account, counts)
  local lines = {}
  local text = screen.format("account %s at %s: %s", account.account_sid, account.host, words.summary(counts))
  add_lines(lines, { text = text }, "", "")
  local function add(count, noun, colour)
    if count > 0 then add_lines(lines, { text = "! " .. words.counted(count, noun), colour = colour }, "", "") end
  end
  add(counts.unread, "unread list", "red")
  add(counts.warnings, "warning", "yellow")
  return lines
end

--- tree.text(account, full) → the text. On a terminal long lists of numbers are folded unless `full`.
function M.text(account, full)
  local lines, branch = head(account, words.counts(account)), branches()
  for _, trunk in ipairs(account.trunks) do
    add_trunk(lines, trunk, branch, not full and screen.stdout_is_terminal())
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
