--- The command line: an argparse parser, made from the tables in which the commands describe themselves. Each has
--   name, summary, more, examples   for help and the manual page
--   arguments                       array of { name, text, args (how many, as argparse has it), choices }
--   options                         array of { name, text, value (its name in help; a flag has none), choices, many,
--                                   required, whole (a whole number) }
-- and either
--   run(app, args)                  → the exit status, or nil when all went well
--   verbs                           array of such tables
local argparse = require "argparse"
local exotel = require "exotel"
local usage = require "exotel.cli.usage"

local M = {}

local WIDTH = 100

-- The metatable of what is raised when help or the version is asked for: parsing ends there.
local answer = {}

--- The text to show, if what was raised is such an answer, else nil.
function M.answer(reason) return getmetatable(reason) == answer and reason.text or nil end

local function raise_answer(text) error(setmetatable({ text = text .. "\n" }, answer), 0) end

local function add_help(parser)
  parser:flag("-h --help", "Show this help."):action(function() raise_answer(parser:get_help()) end)
end

-- Building ------------------------------------------------------------------------------------------------------------

local function add_argument(parser, argument)
  local element = parser:argument(argument.name):target(argument.name:lower()):description(argument.text)
  if argument.args then element:args(argument.args) end
  if argument.choices then element:choices(argument.choices) end
end

local function whole_number(text)
  local number = text:match("^%d+$") and tonumber(text)
  if number then return number end
  return nil, ("%q is no whole number"):format(text)
end

local function add_option(parser, option)
  if not option.value then return parser:flag(option.name):description(option.text) end
  local element = parser:option(option.name):description(option.text):argname(option.value)
  if option.many then element:count("*") end
  if option.required then element:count(1) end
  if option.choices then element:choices(option.choices) end
  if option.whole then element:convert(whole_number) end
end

local function epilog(command)
  local lines = {}
  if command.more then lines[#lines + 1] = command.more .. "\n" end
  if command.examples then lines[#lines + 1] = "Examples:" end
  for _, example in ipairs(command.examples or {}) do lines[#lines + 1] = "   " .. example end
  return table.concat(lines, "\n")
end

local function add_command(parser, description, target)
  local command = parser:command(description.name):summary(description.summary):add_help(false)
  command:description(description.summary):target("_" .. description.name)
  add_help(command)
  for _, argument in ipairs(description.arguments or {}) do add_argument(command, argument) end
  for _, option in ipairs(description.options or {}) do add_option(command, option) end
  command:epilog(epilog(description))
  if not description.verbs then return end
  command:command_target(target):require_command(false)
  for _, verb in ipairs(description.verbs) do add_command(command, verb) end
end

--- parser.build(commands) → argparse's parser, which can print completion scripts. `commands`: the module
-- exotel.cli.commands.
function M.build(commands)
  local parser = argparse("exotel"):add_help(false):help_max_width(WIDTH):command_target("_noun"):require_command(false)
  parser:description(commands.description):epilog(commands.more)
  add_help(parser)
  parser:flag("--version", "Show the version."):action(function() raise_answer("exotel " .. exotel.version) end)
  for _, option in ipairs(commands.options) do add_option(parser, option) end
  for _, description in ipairs(commands.list) do add_command(parser, description, "_verb") end
  return parser
end

-- Parsing -------------------------------------------------------------------------------------------------------------

local function named(list, name)
  for _, description in ipairs(list) do
    if description.name == name then return description end
  end
end

-- `exotel help trunk create` is `exotel trunk create --help`.
local function with_help(arguments)
  if arguments[1] ~= "help" then return arguments end
  local asked = {}
  for i = 2, #arguments do asked[i - 1] = arguments[i] end
  asked[#asked + 1] = "--help"
  return asked
end

-- The full name of argparse's command: "exotel trunk create".
local function full_name(command) return (command:get_usage():match("^Usage: (exotel[%w ]*)"):gsub(" +$", "")) end

--- parser.parse(commands, arguments) → the description of the command or verb, and what was given, by name. Raises what
-- is wrong, or an answer.
function M.parse(commands, arguments)
  usage.refuse_secrets(arguments)
  local parser = M.build(commands)
  function parser.error(command, message) usage.fail(commands, message, full_name(command)) end
  local result = parser:parse(with_help(arguments))
  local command = named(commands.list, result._noun) or usage.no_command()
  if not command.verbs then return command, result end
  return named(command.verbs, result._verb) or usage.no_verb(command), result
end

return M
