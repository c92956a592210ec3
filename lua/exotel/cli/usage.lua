--- What is wrong with a command line, and what was probably meant.
local errors = require "exotel.cli.errors"
local suggest = require "exotel.text.suggest"

local M = {}

-- Secrets -------------------------------------------------------------------------------------------------------------

local ACCOUNT = "set EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY and EXOTEL_API_TOKEN, or use a profile"
local PASSWORD = "use the prompt, --password-env NAME or --password-stdin"

-- Where to put what somebody may try to pass as an option.
local SECRETS = {
  key = ACCOUNT, token = ACCOUNT, secret = ACCOUNT, user = ACCOUNT, apikey = ACCOUNT, apitoken = ACCOUNT,
  ["api-key"] = ACCOUNT, ["api-token"] = ACCOUNT, ["auth-token"] = ACCOUNT, password = PASSWORD, pass = PASSWORD,
}

-- The key alone is a name, and good for nothing; who logs in gives the token in another way.
local function takes_key(arguments)
  local words = {}
  for _, argument in ipairs(arguments) do words[argument] = true end
  return words.profile and words.login
end

--- Refuses secrets among the arguments: other users can see them in the list of processes, and the shell's history
-- keeps them. What follows "--" belongs to another program.
function M.refuse_secrets(arguments)
  for _, argument in ipairs(arguments) do
    if argument == "--" then return end
    local name = argument:match("^%-%-([%w_-]+)")
    local advice = name and SECRETS[name:gsub("_", "-")]
    if name == "api-key" and takes_key(arguments) then advice = nil end
    if advice then
      errors.usage("--%s is not taken from the command line, which others can see in the list of processes: %s", name,
        advice)
    end
  end
end

-- Unknown words -------------------------------------------------------------------------------------------------------

local function names_of(list)
  local names = {}
  for i, item in ipairs(list) do names[i] = item.name end
  return names
end

local function option_names(commands, description)
  local names = { "--help", "--version" }
  for _, list in ipairs { commands.options, description and description.options or {} } do
    for _, option in ipairs(list) do names[#names + 1] = option.name:match("%-%-[%w-]+") end
  end
  return names
end

-- The description of the command or verb whose full name is `name`: "exotel trunk create"; nil for "exotel".
local function description_of(commands, name)
  local found
  for word in name:gmatch("%S+") do
    for _, description in ipairs(found and found.verbs or commands.list) do
      if description.name == word then found = description end
    end
  end
  return found
end

-- argparse says what is wrong; its own suggestions allow for one wrong letter only.
local function with_suggestion(commands, message, name)
  local kind, word = message:match("^unknown (%a+) '(.-)'")
  if not kind then return message end
  local description = description_of(commands, name)
  local words = kind == "option" and option_names(commands, description)
    or names_of(description and description.verbs or commands.list)
  local nearest = suggest.nearest(word, words)
  return ("unknown %s %q%s"):format(kind, word, nearest and (": did you mean %s?"):format(nearest) or "")
end

--- Raises argparse's message. `name`: the full name of the command it is about, "exotel trunk create".
function M.fail(commands, message, name)
  errors.usage("%s; see %s --help", with_suggestion(commands, message, name), name)
end

-- Missing words -------------------------------------------------------------------------------------------------------

--- Raises that the command line names no command.
function M.no_command() errors.usage("exotel takes a command, such as `exotel trunk list`; see exotel --help") end

--- Raises that the command line names none of the command's verbs.
function M.no_verb(command)
  errors.usage("exotel %s takes one of these: %s", command.name, table.concat(names_of(command.verbs), ", "))
end

return M
