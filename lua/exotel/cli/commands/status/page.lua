--- The account as a page that stands for itself: no network, nothing from elsewhere. What is odd comes first, then each
-- trunk, folded where there are many.
local exotel = require "exotel"
local markup = require "exotel.cli.commands.status.markup"
local picture = require "exotel.cli.commands.status.picture"
local script = require "exotel.cli.commands.status.script"
local style = require "exotel.cli.commands.status.style"
local words = require "exotel.cli.commands.status.words"

local M = {}

--- Digests of style and script, as the page's policy names them: nothing else is applied or run.
M.style_digest = "jAV118QSYRInvlB31QRpa5OCu1dtnA27qYe8g+e5rLI="
M.script_digest = "o0MzV1e4k4kge022V3Mc2RKNb7TGjzeJzZ9pW5MhULQ="

-- Trunks that are shown unfolded, and warnings that stand there without being unfolded.
local OPEN, WARNINGS = 3, 12

local format = markup.format

-- The head ------------------------------------------------------------------------------------------------------------

local HEAD = [[
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="exotel %s">
<title>%s: trunks</title>
<style>]]

-- No network, and no style or script but the page's own.
local POLICY = "default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'"

local function head(account)
  local policy = POLICY:format(M.style_digest, M.script_digest)
  return HEAD:format(policy, exotel.version, markup.escape(account.account_sid)) .. style
    .. "</style>\n</head>\n<body>\n"
end

-- 10000 → "10,000"
local function grouped(count)
  local text = ("%d"):format(count)
  local first = text:sub(1, (#text - 1) % 3 + 1)
  return first .. text:sub(#first + 1):gsub("%d%d%d", ",%0")
end

local function counts_list(counts)
  local trunks = counts.trunks == 1 and "trunk" or "trunks"
  local parts = { ("<li><b>%s</b> %s</li>"):format(grouped(counts.trunks), trunks) }
  for _, list in ipairs(words.lists) do
    parts[#parts + 1] = ("<li><b>%s</b> %s</li>"):format(words.amount(counts, list, grouped))
  end
  return '<ul class="counts">' .. table.concat(parts) .. "</ul>\n"
end

local function header(account, counts, time)
  return format("<header>\n<h1><bdi>%s</bdi></h1>\n", account.account_sid)
    .. format('<p class="muted">%s, read %s</p>\n', account.host, os.date("!%d %b %Y, %H:%M UTC", time))
    .. counts_list(counts) .. "</header>\n"
end

-- What is odd ---------------------------------------------------------------------------------------------------------

local function note_items(account, field, sentence)
  local items = {}
  for i, trunk in ipairs(account.trunks) do
    for _, one in ipairs(trunk[field]) do
      local name = words.trunk(trunk)
      items[#items + 1] = format('<li><a href="#t%d"><bdi>%s</bdi></a>: %s</li>\n', i, name, sentence(one))
    end
  end
  return items
end

local function note_list(items, from, to) return "<ul>\n" .. table.concat(items, "", from, to) .. "</ul>\n" end

-- The first ones, and the others folded.
local function note(class, title, items)
  if #items == 0 then return "" end
  local shown = #items > WARNINGS + 1 and WARNINGS or #items
  local rest = shown < #items and ("<details><summary>%d more</summary>\n%s</details>\n"):format(#items - shown,
    note_list(items, shown + 1, #items)) or ""
  return ('<section class="%s">\n<h2>%s</h2>\n%s%s</section>\n'):format(class, title, note_list(items, 1, shown), rest)
end

local function message_of(warning) return warning.message end

local function notes(account, counts)
  return note("note bad", words.counted(counts.unread, "list") .. " could not be read",
      note_items(account, "unread", words.unread_briefly))
    .. note("note", words.counted(counts.warnings, "warning"), note_items(account, "warnings", message_of))
    .. (counts.warnings + counts.unread == 0 and '<p class="muted">No warnings.</p>\n' or "")
end

-- A trunk -------------------------------------------------------------------------------------------------------------

-- A cell for each list, so that those of all trunks stand below each other.
local function has_text(trunk)
  local parts = {}
  for _, list in ipairs(words.lists) do
    local count = #(trunk[list.name] or {}) -- one that could not be read is marked
    parts[#parts + 1] = count > 0 and "<span>" .. words.counted(count, list.noun) .. "</span>" or "<span></span>"
  end
  return table.concat(parts)
end

local function marks(trunk)
  local unread, warnings = #trunk.unread, #trunk.warnings
  if unread > 0 then return ('<span class="mark bad">%d unread</span>'):format(unread) end
  return warnings > 0 and ('<span class="mark">%s</span>'):format(words.counted(warnings, "warning")) or ""
end

local function item_line(list_name, item, odd)
  local name, more = words.item(list_name, item)
  local class = list_name == "destinations" and odd[item.id] and ' class="odd"' or ""
  local rest = more ~= "" and format(' <span class="more">%s</span>', more) or ""
  return "<li" .. class .. format("><code><bdi>%s</bdi></code>", name) .. rest .. "</li>"
end

local function list_section(trunk, list, odd)
  local items, lines = trunk[list.name], {}
  if not items or #items == 0 then return "" end
  for i, item in ipairs(items) do lines[i] = item_line(list.name, item, odd) end
  local class = list.name == "destinations" and "items long" or "items"
  return ('<h3>%s</h3>\n<ul class="%s">%s</ul>\n'):format(words.counted(#items, list.noun), class, table.concat(lines))
end

local function own_notes(class, list, sentence)
  if #list == 0 then return "" end
  local lines = {}
  for i, one in ipairs(list) do lines[i] = format("<li>%s</li>", sentence(one)) end
  return ('<div class="%s"><ul>%s</ul></div>\n'):format(class, table.concat(lines))
end

local function inside(trunk)
  local parts, odd = {}, words.odd_ids(trunk)
  local caller_id = trunk.caller_id and format(", caller ID <code>%s</code>", trunk.caller_id) or ""
  parts[1] = format('<p class="muted"><span class="sid">%s</span>', trunk.trunk_sid) .. caller_id .. "</p>\n"
  parts[#parts + 1] = own_notes("note bad", trunk.unread, words.unread)
  parts[#parts + 1] = own_notes("note", trunk.warnings, message_of)
  parts[#parts + 1] = picture.svg(trunk) .. "\n"
  for _, list in ipairs(words.lists) do parts[#parts + 1] = list_section(trunk, list, odd) end
  return table.concat(parts)
end

local function section(trunk, i, open)
  local names = words.trunk(trunk) .. " " .. tostring(trunk.trunk_sid)
  return format('<details class="trunk" id="t%d" data-name="%s"', i, names)
    .. (open and " open>\n" or ">\n") .. format('<summary><span class="name"><bdi>%s</bdi></span>', words.trunk(trunk))
    .. marks(trunk) .. ('<span class="has">%s</span></summary>\n<div class="inside">\n'):format(has_text(trunk))
    .. inside(trunk) .. "</div>\n</details>\n"
end

-- The whole -----------------------------------------------------------------------------------------------------------

local TOOLS = [[
<div class="tools" hidden>
<input type="search" aria-label="Search" placeholder="Number, trunk, IP, destination" autocomplete="off"
  spellcheck="false">
<button type="button">Unfold all</button><output aria-live="polite"></output>
</div>
]]

--- page.text(account, time) → the page. `time`: when the account was read, in seconds since 1970.
function M.text(account, time)
  local counts = words.counts(account)
  local parts = { head(account), header(account, counts, time), notes(account, counts), TOOLS, "<main>\n" }
  for i, trunk in ipairs(account.trunks) do parts[#parts + 1] = section(trunk, i, #account.trunks <= OPEN) end
  parts[#parts + 1] = "</main>\n<footer>Made by exotel status. It needs no network.</footer>\n<script>"
  parts[#parts + 1] = script .. "</script>\n</body>\n</html>\n"
  return table.concat(parts)
end

return M
