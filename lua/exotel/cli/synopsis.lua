--- How a command is called: the line at the top of its help and of its section of the manual page, made from the table
-- that the parser is made from.
local words = require "exotel.cli.words"

local M = {}

local FORMS = { ["?"] = "[%s]", ["*"] = "[%s ...]", ["+"] = "%s ..." }

local function argument_text(argument) return (FORMS[argument.args] or "%s"):format(argument.name) end

local function option_text(option)
  local text = option.value and words.long(option) .. " " .. option.value or words.long(option)
  if not option.required then text = "[" .. text .. "]" end
  return option.many and text .. "..." or text
end

--- synopsis.parts(description) → an array of what follows the command's name, none of which should be broken: its
-- options, and its arguments
function M.parts(description)
  local parts = {}
  for _, option in ipairs(description.options or {}) do parts[#parts + 1] = option_text(option) end
  if description.verbs then parts[#parts + 1] = "VERB ..." end
  for _, argument in ipairs(description.arguments or {}) do parts[#parts + 1] = argument_text(argument) end
  return parts
end

return M
