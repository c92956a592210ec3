--- exotel man: prints the manual page, made from the tables that the parser is made from.
local exotel = require "exotel"
local sections = require "exotel.cli.commands.man.sections"

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

local function synopsis(name, command)
  local parts = { "\\fBexotel " .. name .. "\\fR" }
  for _, argument in ipairs(command.arguments or {}) do parts[#parts + 1] = "\\fI" .. argument.name .. "\\fR" end
  if #(command.options or {}) > 0 then parts[#parts + 1] = "[options]" end
  return table.concat(parts, " ")
end

local function add_examples(lines, command)
  add(lines, ".PP\n.nf\n.RS")
  for _, example in ipairs(command.examples or {}) do add(lines, "%s", escaped(example)) end
  add(lines, ".RE\n.fi")
end

local function add_command(lines, name, command)
  add(lines, ".SS %s", synopsis(name, command))
  add(lines, "%s", escaped(command.summary))
  for _, argument in ipairs(command.arguments or {}) do add_option(lines, argument) end
  for _, option in ipairs(command.options or {}) do add_option(lines, option) end
  if command.more then add(lines, ".PP\n%s", escaped(command.more)) end
  add_examples(lines, command)
end

local function add_commands(lines, commands)
  add(lines, ".SH COMMANDS")
  for _, command in ipairs(commands.list) do
    for _, verb in ipairs(command.verbs or { command }) do
      add_command(lines, command.verbs and command.name .. " " .. verb.name or command.name, verb)
    end
  end
end

local function man(app)
  local commands, lines = app.commands, {}
  add(lines, ".TH EXOTEL 1 \"\" \"exotel %s\" \"User Commands\"", exotel.version)
  add(lines, ".SH NAME\nexotel \\- %s", escaped((commands.description:gsub("%.$", ""):gsub("^S", "s"))))
  add(lines, ".SH SYNOPSIS\n\\fBexotel\\fR \\fICOMMAND\\fR [\\fIVERB\\fR] [options] [arguments]")
  add(lines, ".SH OPTIONS\nOf every command:")
  for _, option in ipairs(commands.options) do add_option(lines, option) end
  add_option(lines, { name = "-h --help", text = "Show help: of exotel, of a command, of a verb." })
  add_option(lines, { name = "--version", text = "Show the version." })
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
