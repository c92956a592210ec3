--- The command line: an argparse parser, made from the tables in which the commands describe themselves. Each has
--   name, summary, more, examples   for help and the manual page
--   arguments                       array of { name, text, args (how many, as argparse has it), choices, complete }
--   options                         array of { name, text, value (its name in help; a flag has none), choices, many,
--                                   required, whole (a whole number), complete }; complete: see exotel.cli.complete
-- and either
--   run(app, args)                  → the exit status, or nil when all went well
--   verbs                           array of such tables
local argparse = require "argparse"
local exotel = require "exotel"
local help_text = require "exotel.cli.help_text"
local line = require "exotel.cli.line"
local suggest = require "exotel.text.suggest"
local usage = require "exotel.cli.usage"
local words = require "exotel.cli.words"

local M = {}

-- The metatable of what is raised when help or the version is asked for: parsing ends there.
local answer = {}

--- The text to show, if what was raised is such an answer, else nil.
function M.answer(reason) return getmetatable(reason) == answer and reason.text or nil end

local function raise_answer(text) error(setmetatable({ text = text .. "\n" }, answer), 0) end

-- Building ------------------------------------------------------------------------------------------------------------

-- Adds the flags that are answered at once. `noun`, `verb`: the command's descriptions, as words.title takes them.
local function add_help(parser, commands, noun, verb)
  help_text.prepare(parser, noun, verb)
  parser:flag(words.help.name, words.help.text):action(function()
    raise_answer(help_text.of(parser, commands, verb or noun))
  end)
end

local function whole_number(text)
  local number = text:match("^%d+$") and tonumber(text)
  if number then return number end
  return nil, ("%q is no whole number"):format(text)
end

-- argparse would not say which of the choices was probably meant. `what`: how messages call the argument or option.
local function one_of(choices, what)
  return function(text)
    for _, choice in ipairs(choices) do
      if text == choice then return text end
    end
    local guess = suggest.nearest(text, choices)
    return nil, ("%s must be one of '%s'%s"):format(what, table.concat(choices, "', '"),
      guess and (": did you mean %s?"):format(guess) or "")
  end
end

local function add_argument(parser, argument)
  local element = parser:argument(argument.name):target(argument.name:lower()):description(argument.text)
  if argument.args then element:args(argument.args) end
  if argument.choices then element:convert(one_of(argument.choices, ("argument '%s'"):format(argument.name))) end
end

local function add_option(parser, option)
  if not option.value then return parser:flag(option.name):description(option.text) end
  local element = parser:option(option.name):description(option.text):argname(option.value)
  if option.many then element:count("*") end
  if option.required then element:count(1) end
  if option.choices then
    element:convert(one_of(option.choices, ("argument for option '%s'"):format(words.long(option))))
  end
  if option.whole then element:convert(whole_number) end
end

local function name_of(noun, description)
  local alias = description ~= noun and words.alias(noun, description)
  return alias and description.name .. " " .. alias or description.name
end

-- Adds a noun, or one of its verbs. `made`: what build returns. `target`: the parser's field for the verb's name.
local function add_command(made, parser, noun, description, target)
  local command = parser:command(name_of(noun, description)):summary(description.summary):add_help(false)
  command:description(description.summary):target("_" .. description.name)
  local verb = description ~= noun and description or nil
  made.titles[command] = words.title(noun, verb)
  add_help(command, made.commands, noun, verb)
  for _, argument in ipairs(description.arguments or {}) do add_argument(command, argument) end
  for _, option in ipairs(description.options or {}) do add_option(command, option) end
  if not description.verbs then return end
  command:command_target(target):require_command(false)
  for _, one in ipairs(description.verbs) do add_command(made, command, noun, one) end
end

local function add_version(parser)
  parser:flag(words.version.name, words.version.text):action(function() raise_answer("exotel " .. exotel.version) end)
end

-- → { commands, parser (argparse's), titles ("exotel trunk create" by argparse's command) }. `commands`: the module
-- exotel.cli.commands; `only`: the one of them that the line names, which saves making all others, or nil
local function build(commands, only)
  local parser = argparse("exotel"):add_help(false):command_target("_noun"):require_command(false)
  local made = { commands = commands, parser = parser, titles = { [parser] = words.title() } }
  parser:description(commands.description)
  add_help(parser, commands)
  add_version(parser)
  for _, option in ipairs(commands.options) do add_option(parser, option) end
  for _, noun in ipairs(only and { only } or commands.list) do add_command(made, parser, noun, noun, "_verb") end
  return made
end

--- parser.help(commands, noun, verb) → the help of a command, of its verb, or of the whole. `noun`, `verb`:
-- descriptions.
function M.help(commands, noun, verb)
  for command, title in pairs(build(commands, noun).titles) do
    if title == words.title(noun, verb) then return help_text.of(command, commands, verb or noun) end
  end
end

-- Parsing -------------------------------------------------------------------------------------------------------------

--- parser.parse(commands, arguments) → the description of the command or verb, and what was given, by name. Raises what
-- is wrong, or an answer. `commands`: the module exotel.cli.commands.
function M.parse(commands, arguments)
  usage.refuse_secrets(arguments)
  if #arguments == 0 then raise_answer(M.help(commands)) end
  local found = line.read(commands, arguments)
  usage.refuse_unknown(found)
  local made = build(commands, found.noun)
  function made.parser.error(command, message) usage.fail(message, made.titles[command]) end
  local result = made.parser:parse(arguments)
  local noun = words.noun(commands, result._noun) or usage.no_command()
  if not noun.verbs then return noun, result end
  return words.verb(noun, result._verb) or usage.no_verb(noun), result
end

return M
