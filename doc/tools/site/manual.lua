--- The manual page's sections, written in man's macros, as Markdown. A macro that is not known here is an error.
local text = require "doc.tools.site.text"

local M = {}

-- \fBbold\fR is what is typed, \fIitalic\fR what stands for something or is a path.
local function inline(line)
  line = line:gsub("\\%-", "-")
  local parts, position = {}, 1
  for before, font, words, after in line:gmatch("()\\f([BI])(.-)\\fR()") do
    parts[#parts + 1] = text.plain(line:sub(position, before - 1))
    parts[#parts + 1] = (font == "B" and "`%s`" or "*%s*"):format(font == "B" and words or text.plain(words))
    position = after
  end
  parts[#parts + 1] = text.plain(line:sub(position))
  return (table.concat(parts):gsub("\\\\e", "\\\\"))
end

local function title_of(words) return words:sub(1, 1) .. words:sub(2):lower() end

-- By macro: what it becomes. `state.literal`: between .nf and .fi.
local MACROS = {
  SH = function(words) return "\n## " .. title_of(words) .. "\n" end,
  SS = function(words) return "\n### " .. inline(words) .. "\n" end,
  PP = function() return "" end,
  RS = function() end,
  RE = function() end,
  nf = function(_, state)
    state.literal = true
    return "\n```text"
  end,
  fi = function(_, state)
    state.literal = false
    return "```\n"
  end,
  IP = function(words) return ("\n- %s:"):format((words:gsub('^"?([^"]-)"?%s*%d*$', "`%1`"))) end,
  TP = function(_, state) state.item = true end,
}

local function line_of(line, state)
  local macro, words = line:match("^%.(%a+) ?(.*)$")
  if macro then
    local become = MACROS[macro] or error("the manual page has a macro that the site does not know: ." .. macro)
    return become(words, state)
  end
  if state.literal then return (line:gsub("\\f[BIR]", ""):gsub("\\%-", "-"):gsub("\\e", "\\")) end
  if state.item then
    state.item = false
    return "\n- " .. inline(line) .. ":"
  end
  return inline(line)
end

function M.markdown(roff)
  local lines, state = {}, {}
  for line in (roff .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line_of(line, state) end
  return table.concat(lines, "\n") .. "\n"
end

return M
