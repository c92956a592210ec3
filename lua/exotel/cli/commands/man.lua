--- exotel man: prints the manual page, made from the tables that the parser is made from.
local exotel = require "exotel"
local sections = require "exotel.cli.commands.man.sections"
local synopsis = require "exotel.cli.synopsis"
local words = require "exotel.cli.words"

local function escaped(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("\n%.", "\n\\&."):gsub("^%.", "\\&."))
end

local function add(lines, format, ...) lines[#lines + 1] = format:format(...) end

local function add_option(lines, option)
  add(lines, ".TP")
  local name = escaped((option.name:gsub(" ", ", ")))
  add(lines, option.value and "\\fB%s\\fR \\fI%s\\fR" or "\\fB%s\\fR", name, option.value or nil)
  add(lines, "%s", escaped(option.text))
end

-- A part of it is broken neither at its spaces nor within a word. What is typed is bold, what stands for something
-- italic.
local function part_text(part)
  local text = escaped(part):gsub("%u[%u=]+", "\\fI%0\\fR")
  return "\\%" .. text:gsub("\\%-\\%-[%w\\-]+", "\\fB%0\\fR"):gsub(" ", "\\ ")
end

local function add_synopsis(lines, title, command)
  local parts = { "\\fB" .. title .. "\\fR" }
  for _, part in ipairs(synopsis.parts(command)) do parts[#parts + 1] = part_text(part) end
  add(lines, ".ad l\n%s\n.ad\n.PP", table.concat(parts, " "))
end

local function add_examples(lines, command)
  add(lines, ".PP\n.nf\n.RS")
  for _, example in ipairs(command.examples or {}) do add(lines, "%s", escaped(example)) end
  add(lines, ".RE\n.fi")
end

local function add_command(lines, noun, verb)
  local command, title = verb or noun, words.title(noun, verb)
  local alias = verb and words.alias(noun, verb)
  add(lines, ".SS \\fB%s\\fR", title)
  add_synopsis(lines, title, command)
  add(lines, "%s%s", escaped(command.summary), alias and (" Also: \\fB%s\\fR."):format(alias) or "")
  for _, argument in ipairs(command.arguments or {}) do add_option(lines, argument) end
  for _, option in ipairs(command.options or {}) do add_option(lines, option) end
  if command.more then add(lines, ".PP\n%s", escaped(command.more)) end
  add_examples(lines, command)
end

local function add_commands(lines, commands)
  add(lines, ".SH COMMANDS")
  for _, noun in ipairs(commands.list) do
    if not noun.verbs then add_command(lines, noun) end
    for _, verb in ipairs(noun.verbs or {}) do add_command(lines, noun, verb) end
  end
end

local function man(app)
  local commands, lines = app.commands, {}
  add(lines, ".TH EXOTEL 1 \"\" \"exotel %s\" \"User Commands\"", exotel.version)
  add(lines, ".SH NAME\nexotel \\- %s", escaped((commands.description:gsub("%.$", ""):gsub("^S", "s"))))
  add(lines, ".SH SYNOPSIS\n\\fBexotel\\fR \\fICOMMAND\\fR [\\fIVERB\\fR] [options] [arguments]")
  add(lines, ".SH OPTIONS\nOf every command:")
  for _, option in ipairs(words.options(commands)) do add_option(lines, option) end
  add_commands(lines, commands)
  add(lines, "%s", sections)
  app.out:text(table.concat(lines, "\n") .. "\n")
end

return {
  name = "man",
  summary = "Print the manual page, for man.",
  run = man,
  examples = { "exotel man | man -l -" },
}
