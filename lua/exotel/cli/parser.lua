--- The command line: argparse, from the tables in which each command describes itself.
local argparse = require "argparse"
local commands = require "exotel.cli.command_list"
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local suggest = require "exotel.cli.suggest"

local M = {}

local WIDTH = 100

-- Help or version was asked for: raised, since the parse is over then. The metatable of what is raised.
local answer = {}

--- What was raised → the text to show when help or the version was asked for, else nil.
function M.answer(reason) return getmetatable(reason) == answer and reason.text or nil end

local function raise_answer(text) error(setmetatable({ text = text .. "\n" }, answer), 0) end

local function add_help(parser)
  parser:flag("-h --help", "Show this help."):action(function() raise_answer(parser:get_help()) end)
end

-- Elements ------------------------------------------------------------------------------------------------------------

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

-- A command that has verbs is one of nouns; what runs has `run`.
local function add_command(parser, description, target)
  local command = parser:command(description.name):summary(description.summary):add_help(false)
  command:description(description.description or description.summary):target("_" .. description.name)
  add_help(command)
  for _, argument in ipairs(description.arguments or {}) do add_argument(command, argument) end
  for _, option in ipairs(description.options or {}) do add_option(command, option) end
  command:epilog(epilog(description))
  if not description.verbs then return end
  command:command_target(target):require_command(false)
  for _, verb in ipairs(description.verbs) do add_command(command, verb) end
end

--- The whole parser; `M.parse` uses it, completion scripts are made from it.
function M.build()
  local parser = argparse("exotel"):add_help(false):help_max_width(WIDTH):command_target("_noun"):require_command(false)
  parser:description(commands.description):epilog(commands.more)
  add_help(parser)
  parser:flag("--version", "Show the version."):action(function() raise_answer("exotel " .. exotel.version) end)
  for _, option in ipairs(commands.options) do add_option(parser, option) end
  for _, description in ipairs(commands.list) do add_command(parser, description, "_verb") end
  return parser
end

-- What can be wrong ---------------------------------------------------------------------------------------------------

local SECRET = {
  key = true, token = true, password = true, pass = true, secret = true, ["api-key"] = true, ["api-token"] = true,
  ["auth-token"] = true, apikey = true, apitoken = true, user = true,
}

local function refuse_secret(name)
  errors.usage("--%s is not taken from the command line, which others can see in the list of processes: %s", name,
    name:find("pass") and "use the prompt, --password-env NAME or --password-stdin"
      or "set EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY and EXOTEL_API_TOKEN, or use a profile")
end

-- What stands on a command line stands in the list of processes and in the shell's history. After "--" it is another
-- program's.
local function refuse_secrets(arguments)
  for _, argument in ipairs(arguments) do
    if argument == "--" then return end
    local name = argument:match("^%-%-([%w_-]+)")
    if name and SECRET[name:gsub("_", "-")] then refuse_secret(name) end
  end
end

local function names_of(list)
  local names = {}
  for i, item in ipairs(list) do names[i] = item.name end
  return names
end

local function described(result)
  for _, description in ipairs(commands.list) do
    if description.name == result._noun then return description end
  end
end

local function verb_of(description, result)
  for _, verb in ipairs(description.verbs) do
    if verb.name == result._verb then return verb end
  end
  errors.usage("exotel %s takes one of these: %s", description.name, table.concat(names_of(description.verbs), ", "))
end

local function option_names(description)
  local names = { "--help", "--version" }
  for _, list in ipairs { commands.options, description and description.options or {} } do
    for _, option in ipairs(list) do names[#names + 1] = option.name:match("%-%-[%w-]+") end
  end
  return names
end

-- argparse says what is wrong; what was probably meant is found here, since its own guess takes no second letter.
local function guess(message, where)
  local kind, word = message:match("^unknown (%a+) '(.-)'")
  if not kind then return message end
  local description = where.description
  local words = kind == "option" and option_names(description)
    or names_of(description and description.verbs or commands.list)
  local near = suggest.nearest(word, words)
  local hint = near and ("did you mean %s?"):format(near)
  return ("unknown %s %q%s"):format(kind, word, hint and ": " .. hint or "")
end

-- Where the parse has come to, by the full name of argparse's command: "exotel trunk create".
local function place_of(name)
  local place = { name = name }
  for word in name:gmatch("%S+") do
    local list = place.description and place.description.verbs or commands.list
    for _, description in ipairs(list or {}) do
      if description.name == word then place.description = description end
    end
  end
  return place
end

local function on_error(command, message)
  local name = command:get_usage():match("^Usage: (exotel[%w ]*)"):gsub("%s+$", "")
  errors.usage("%s; see %s --help", guess(message, place_of(name)), name)
end

-- `exotel help trunk create` is `exotel trunk create --help`.
local function with_help(arguments)
  if arguments[1] ~= "help" then return arguments end
  local asked = {}
  for i = 2, #arguments do asked[i - 1] = arguments[i] end
  asked[#asked + 1] = "--help"
  return asked
end

--- parser.parse(arguments) → the command's description, and what was given, by name. Raises a failure, or an answer.
function M.parse(arguments)
  refuse_secrets(arguments)
  local parser = M.build()
  parser.error = on_error
  local result = parser:parse(with_help(arguments))
  local description = described(result)
  if not description then errors.usage("exotel takes a command, such as `exotel trunk list`; see exotel --help") end
  if description.verbs then return verb_of(description, result), result end
  return description, result
end

return M
