--- A trunk as a picture in SVG: what calls come from, the trunk, and where they go. There are two: one from left to
-- right for wide screens and paper, one from top to bottom for phones. Both keep the order of their lists, so that no
-- lines cross: inbound calls are above, outbound calls below.
local markup = require "exotel.cli.commands.status.markup"
local words = require "exotel.cli.commands.status.words"

local M = {}

-- Entries of a list that are shown; one more list entry counts those that are not.
local SHOWN = { phone_numbers = 4, whitelisted_ips = 3, credentials = 2, destinations = 5 }

-- What is shown -------------------------------------------------------------------------------------------------------

local function add_rows(rows, trunk, list_name, noun)
  local items, odd = trunk[list_name], words.odd_ids(trunk)
  if not items then
    rows[#rows + 1] = { text = noun .. "s could not be read", bad = true }
    return
  end
  local shown = #items > SHOWN[list_name] + 1 and SHOWN[list_name] or #items
  for i = 1, shown do
    local name = words.item(list_name, items[i])
    rows[#rows + 1] = { text = name, odd = list_name == "destinations" and odd[items[i].id] }
  end
  if shown == #items then return end
  rows[#rows + 1] = { text = "and " .. words.counted(#items - shown, "more " .. noun), more = true }
end

-- A warning is seen where something is missing.
local MISSING = {
  no_numbers = { "inbound", "from", "no numbers" }, no_destinations = { "inbound", "to", "no destinations" },
  no_access = { "outbound", "from", "no IPs, no credentials" },
}

local function add_missing(ways, trunk)
  for _, warning in ipairs(trunk.warnings) do
    local place = MISSING[warning.rule]
    if place then ways[place[1]][place[2]][1] = { text = place[3], odd = true } end
  end
end

-- → { from, to } for inbound and for outbound calls, each an array of rows
local function ways_of(trunk)
  local inbound, outbound = { name = "inbound", from = {}, to = {} }, { name = "outbound", from = {}, to = {} }
  add_rows(inbound.from, trunk, "phone_numbers", "number")
  add_rows(inbound.to, trunk, "destinations", "destination")
  add_rows(outbound.from, trunk, "whitelisted_ips", "IP")
  add_rows(outbound.from, trunk, "credentials", "credential")
  if trunk.caller_id then outbound.to[1] = { text = trunk.caller_id } end
  add_missing({ inbound = inbound, outbound = outbound }, trunk)
  inbound.from.title, inbound.to.title = "Numbers", "Destinations"
  outbound.from.title, outbound.to.title = "IPs and credentials", "Caller ID"
  return { inbound, outbound }
end

local function label_of(trunk)
  local parts = {}
  for _, list in ipairs(words.lists) do
    if trunk[list.name] then parts[#parts + 1] = words.counted(#trunk[list.name], list.noun) end
  end
  return words.trunk(trunk) .. ": " .. table.concat(parts, ", ")
end

local function class_of(row, name)
  local mark = row.bad and " bad" or row.odd and " odd" or row.more and " more" or ""
  return name .. mark
end

-- A text that is cut has the whole one for those who point at it.
local function text(out, x, y, class, value, columns)
  local shown = markup.cut(value, columns)
  local title = shown ~= markup.cut(value, math.huge) and markup.format("<title>%s</title>", value) or ""
  local tag = markup.format('<text x="%.0f" y="%.0f" class="%s">', x, y, class)
  out[#out + 1] = tag .. title .. markup.escape(shown) .. "</text>"
end

local function path(out, class, format, ...)
  out[#out + 1] = ('<path class="%s" d="%s"/>'):format(class, format:format(...))
end

local function dot(out, class, x, y)
  out[#out + 1] = ('<circle class="%s" cx="%.0f" cy="%.0f" r="4"/>'):format(class, x, y)
end

local function frame(class, width, height, trunk, out)
  return markup.format('<svg class="%s" viewBox="0 0 %d %d" role="img" aria-label="%s">', class, width, height,
    label_of(trunk)) .. table.concat(out) .. "</svg>"
end

-- From left to right --------------------------------------------------------------------------------------------------

local ROW, TITLE, GAP = 24, 26, 14
local WIDE = { width = 900, left = 180, box = 272, box_end = 452, right = 544, columns = 24, to_columns = 48 }

local function height_of(rows) return #rows > 0 and TITLE + #rows * ROW or 0 end

-- Both sides of a way stand beside each other, in the middle of the higher one.
local function place(way, top)
  local height = math.max(height_of(way.from), height_of(way.to))
  for _, rows in ipairs { way.from, way.to } do
    rows.top = top + (height - height_of(rows)) / 2
    for i, row in ipairs(rows) do row.y = rows.top + TITLE + (i - 0.5) * ROW end
  end
  way.middle, way.height = top + height / 2, height
  return top + height
end

-- Where the lines of a list meet the trunk: close together, in the same order.
local function port(way, rows, i) return way.middle + (i - (#rows + 1) / 2) * math.min(8, 32 / #rows) end

local function add_side(out, way, rows, x, line, columns)
  if #rows == 0 then return end
  text(out, x, rows.top + 16, "title" .. (rows == way.from and " end" or ""), rows.title, columns)
  for i, row in ipairs(rows) do
    path(out, class_of(row, way.name), line(row.y, port(way, rows, i)))
    dot(out, class_of(row, way.name), rows == way.from and x + 12 or x - 12, row.y)
    text(out, x, row.y + 4, class_of(row, "item") .. (rows == way.from and " end" or ""), row.text, columns)
  end
end

local function add_way(out, way)
  add_side(out, way, way.from, WIDE.left, function(y, to)
    local middle = (WIDE.left + 12 + WIDE.box) / 2
    return ("M%d %.1fC%d %.1f %d %.1f %d %.1f"):format(WIDE.left + 12, y, middle, y, middle, to, WIDE.box, to)
  end, WIDE.columns)
  add_side(out, way, way.to, WIDE.right, function(y, from)
    local middle = (WIDE.box_end + WIDE.right - 12) / 2
    return ("M%d %.1fC%d %.1f %d %.1f %d %.1f"):format(WIDE.box_end, from, middle, from, middle, y, WIDE.right - 12, y)
  end, WIDE.to_columns)
end

local BOX = 72

local function wide(trunk)
  local out, ways = {}, ways_of(trunk)
  local gap = math.max(height_of(ways[1].from), height_of(ways[1].to)) > 0 and GAP or 0
  local bottom = place(ways[2], place(ways[1], 4) + gap)
  local height = math.max(bottom + 8, BOX + 8)
  for _, way in ipairs(ways) do add_way(out, way) end
  local top, last = math.min(ways[1].middle, height / 2) - 28, math.max(ways[2].middle, height / 2) + 28
  top, last = math.max(top, 2), math.min(last, height - 2)
  out[#out + 1] = ('<rect class="trunk" x="%d" y="%.1f" width="%d" height="%.1f" rx="8"/>'):format(WIDE.box, top,
    WIDE.box_end - WIDE.box, last - top)
  text(out, (WIDE.box + WIDE.box_end) / 2, (top + last) / 2 + 5, "name", words.trunk(trunk), 19)
  return frame("picture wide", WIDE.width, height, trunk, out)
end

-- From top to bottom --------------------------------------------------------------------------------------------------

local NARROW = { width = 380, text = 48, columns = 44 }
local RAILS = { inbound = 14, outbound = 30 }
local NAME, SPACE = 44, 8

-- → where the rows end
local function add_stops(out, way, rows, top)
  if #rows == 0 then return top end
  top = top + SPACE
  text(out, NARROW.text, top + 17, "title", rows.title, NARROW.columns)
  for i, row in ipairs(rows) do
    row.y = top + TITLE + (i - 0.5) * ROW
    dot(out, class_of(row, way.name), RAILS[way.name], row.y)
    text(out, NARROW.text, row.y + 4, class_of(row, "item"), row.text, NARROW.columns)
  end
  return top + height_of(rows)
end

local function rail(out, way, from, to) path(out, way.name, "M%d %.1fV%.1f", RAILS[way.name], from, to) end

local function narrow(trunk)
  local out, ways = {}, ways_of(trunk)
  local top = -SPACE
  for _, way in ipairs(ways) do top = add_stops(out, way, way.from, top) end
  local box = top + 10
  local bottom = box + NAME
  for _, way in ipairs(ways) do bottom = add_stops(out, way, way.to, bottom) end
  for _, way in ipairs(ways) do
    if #way.from > 0 then rail(out, way, way.from[1].y, box) end
    if #way.to > 0 then rail(out, way, box + NAME, way.to[#way.to].y) end
  end
  out[#out + 1] = ('<rect class="trunk" x="2" y="%.1f" width="%d" height="%d" rx="8"/>'):format(box, NARROW.width - 4,
    NAME)
  text(out, NARROW.width / 2, box + NAME / 2 + 5, "name", words.trunk(trunk), 36)
  return frame("picture narrow", NARROW.width, bottom + 8, trunk, out)
end

--- picture.svg(trunk) → both.
function M.svg(trunk) return wide(trunk) .. narrow(trunk) end

return M
