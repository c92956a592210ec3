--- exotel help: shows the help of the whole, of a command, of a verb.
local errors = require "exotel.cli.errors"
local line = require "exotel.cli.line"
local parser = require "exotel.cli.parser"
local usage = require "exotel.cli.usage"
local words = require "exotel.cli.words"

-- A verb alone will do where only one command has it.
local function of_verb(commands, asked)
  if #asked ~= 1 or words.noun(commands, asked[1]) then return asked end
  local nouns = words.nouns_with(commands, asked[1])
  return #nouns == 1 and { nouns[1].name, asked[1] } or asked
end

local function check_length(read)
  if #read.arguments == 0 then return end
  errors.usage('too many arguments: there is no help for "%s" below %s', read.arguments[1], read:title())
end

local function help(app, args)
  local read = line.read(app.commands, of_verb(app.commands, args.command))
  usage.refuse_unknown(read)
  check_length(read)
  app.out:text(parser.help(app.commands, read.noun, read.verb) .. "\n")
end

return {
  name = "help",
  summary = "Show help: of exotel, of a command, of a verb.",
  run = help,
  arguments = {
    {
      name = "COMMAND", args = "*", complete = "command",
      text = "A command and its verb; a verb alone where only one command has it.",
    },
  },
  examples = { "exotel help", "exotel help trunk create", "exotel help import" },
}
