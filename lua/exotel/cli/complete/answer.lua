--- Answers the shells' functions (exotel.cli.complete.scripts). `exotel __complete bash BREAKS` reads the line up to
-- the cursor from standard input, `exotel __complete words` a word in each line, of which the last is the one to
-- complete: others see arguments in the list of processes, and somebody may have typed a secret. The first line of the
-- answer is "words", "open" (words after which something else is typed), "files", "folders", "program" or "none"; the
-- others are a word each, after a tab what it is. Nothing that goes wrong is said: it would stand in the line that
-- somebody types.
local complete = require "exotel.cli.complete"
local plain = require "exotel.text.plain"
local shell_line = require "exotel.cli.complete.shell_line"

local M = {}

local function begins(text, start) return text:sub(1, #start) == start end

local function kind_of(list, action)
  if action then return action end
  if #list == 0 then return "none" end
  return list[1].open and "open" or "words"
end

-- For zsh and fish, which take what begins so out of the list, and put it into quotes, by themselves.
local function for_words(commands, input)
  local given = {}
  for one in input:gmatch("([^\n]*)\n") do given[#given + 1] = one end
  local current = table.remove(given)
  local list, action = complete.words(commands, given, current)
  local lines = { kind_of(list, action) }
  for _, one in ipairs(list) do
    lines[#lines + 1] = one.note and ("%s\t%s"):format(one.text, plain(one.note)) or one.text
  end
  return lines
end

-- Variables may be set before the command's name.
local function after_command(words)
  local first = 1
  while words[first] and words[first]:find("^[%a_][%w_]*=") do first = first + 1 end
  local given = {}
  for i = first + 1, #words do given[#given + 1] = words[i] end
  return given
end

local function for_bash(commands, input, breaks)
  local words, word = shell_line.read(input:gsub("\n$", ""), breaks)
  local list, action = complete.words(commands, after_command(words), word.text)
  local lines = { kind_of(list, action) }
  for _, one in ipairs(list) do
    if begins(one.text, word.text) then lines[#lines + 1] = shell_line.quoted(one.text, word) end
  end
  return lines
end

local FORMS = { words = for_words, bash = for_bash }

--- answer.main(commands, arguments): writes the answer. `arguments`: of the command, the first is "__complete".
function M.main(commands, arguments)
  local form = FORMS[arguments[2]]
  if not form then return end
  local good, lines = pcall(form, commands, io.read("*a"), arguments[3])
  if good then io.stdout:write(table.concat(lines, "\n"), "\n") end
end

return M
