--- Text from elsewhere in HTML and SVG.
local screen = require "exotel.cli.terminal.screen"

local M = {}

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- markup.escape(value) → its text as it may stand between tags, and in quotes within one. What would turn the
-- direction of writing, or hides what is written, is spelled out, as on a terminal.
function M.escape(value) return (screen.plain(value):gsub("[&<>\"']", ENTITIES)) end

--- markup.format(format, ...) → as string.format, with the arguments escaped.
function M.format(format, ...)
  local arguments = { n = select("#", ...), ... }
  for i = 1, arguments.n do
    if type(arguments[i]) ~= "number" then arguments[i] = M.escape(arguments[i]) end
  end
  return format:format((table.unpack or unpack)(arguments, 1, arguments.n))
end

-- A character of UTF-8.
local CHARACTER = "[%z\1-\127\194-\244][\128-\191]*"

--- markup.cut(value, columns) → its plain text, cut to so many columns, with an ellipsis where something is missing.
function M.cut(value, columns)
  local text, kept, width = screen.plain(value), {}, 0
  if screen.text_width(text) <= columns then return text end
  for character in text:gmatch(CHARACTER) do
    width = width + screen.text_width(character)
    if width > columns - 1 then break end
    kept[#kept + 1] = character
  end
  return table.concat(kept) .. "…"
end

return M
