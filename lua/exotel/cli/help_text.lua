--- The help of a command: argparse's lists of arguments, options and verbs, between a synopsis and remarks of our own.
local screen = require "exotel.cli.terminal.screen"
local synopsis = require "exotel.cli.synopsis"
local words = require "exotel.cli.words"

local M = {}

-- Columns before the descriptions in lists; where a terminal is narrow they begin below the names.
local MARGIN, NARROW, NARROW_MARGIN = 25, 60, 8

-- Lines that are not indented are one paragraph, however long they are in the source.
local function wrapped(text)
  local lines = {}
  for line in (text:gsub("([^\n])\n(%S)", "%1 %2") .. "\n"):gmatch("([^\n]*)\n") do
    local pieces = screen.wrap(line, #line:match("^ *"))
    for _, piece in ipairs(#pieces > 0 and pieces or { "" }) do lines[#lines + 1] = piece end
  end
  return table.concat(lines, "\n")
end

local USAGE = "Usage: "

-- A part of a synopsis is not broken at its spaces.
local function usage(title, parts)
  local lines = { USAGE .. title }
  for _, part in ipairs(parts) do
    local last = lines[#lines]
    if #last + 1 + #part <= screen.width() then lines[#lines] = last .. " " .. part
    else lines[#lines + 1] = (" "):rep(#USAGE) .. part end
  end
  return table.concat(lines, "\n")
end

local WHOLE = { "[options]", "COMMAND [VERB] ..." }

--- help_text.prepare(parser, noun, verb): tells argparse's parser of a command how its help looks.
function M.prepare(parser, noun, verb)
  local width, description = screen.width(), verb or noun
  parser:help_max_width(width):help_description_margin(width < NARROW and NARROW_MARGIN or MARGIN)
  parser.get_usage = function()
    return usage(words.title(noun, verb), description and synopsis.parts(description) or WHOLE)
  end
end

-- Examples are not broken: they are there to be copied.
local function examples(list)
  local lines = { "Examples:" }
  for _, example in ipairs(list) do lines[#lines + 1] = "   " .. example end
  return table.concat(lines, "\n")
end

local function common(commands)
  local names = {}
  for i, option in ipairs(commands.options) do
    names[i] = (option.name:gsub(" ", ", ")) .. (option.value and " " .. option.value or "")
  end
  return "Options of every command: " .. table.concat(names, "; ") .. ". See exotel --help."
end

--- help_text.of(parser, commands, description) → the help. `description`: of the command or verb; nil for the whole
function M.of(parser, commands, description)
  local blocks = { parser:get_help() }
  local told = description or commands
  if told.more then blocks[#blocks + 1] = wrapped(told.more) end
  if description and not description.verbs then blocks[#blocks + 1] = wrapped(common(commands)) end
  if told.examples then blocks[#blocks + 1] = examples(told.examples) end
  return table.concat(blocks, "\n\n")
end

return M
