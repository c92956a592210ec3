--- What is wrong with a command line, and what was probably meant.
local errors = require "exotel.cli.errors"
local words = require "exotel.cli.words"

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
  local given = {}
  for _, argument in ipairs(arguments) do given[argument] = true end
  return given.profile and given.login
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

-- No command, verb or option is longer: what follows would only fill the screen.
local LONGEST = 64

local function shown(word) return #word > LONGEST and word:sub(1, LONGEST) .. "..." or word end

local function fail(kind, word, guess, title)
  local meant = guess and (": did you mean %s?"):format(guess) or ""
  errors.usage('unknown %s "%s"%s; see %s --help', kind, shown(word), meant, title)
end

local function unknown_option(found, line)
  fail("option", found.word, words.meant_option(line:options(), found.word), line:title())
end

-- Where a verb came first and many nouns have it: "list".
local function several_nouns(word, nouns)
  errors.usage('"%s" comes after what it is about (%s): exotel %s %s; see exotel --help', shown(word),
    table.concat(words.names(nouns), ", "), nouns[1].name, words.verb(nouns[1], word).name)
end

local function unknown_noun(found, line)
  local noun, verb, nouns = words.meant(line.commands, found.word, found.following)
  if not noun and #nouns > 0 then several_nouns(found.word, nouns) end
  fail("command", found.word, verb and words.title(noun, verb) or noun and noun.name, line:title())
end

local function unknown_verb(found, line)
  local noun, verb = words.meant_verb(line.commands, line.noun, found.word, found.following)
  local is_here = noun == line.noun and verb
  fail("command", found.word, is_here and verb.name or noun and words.title(noun, verb), line:title())
end

local UNKNOWN = { option = unknown_option, noun = unknown_noun, verb = unknown_verb }

--- Raises that a word of the command line is not known, if there is one, and what was probably meant. `line`: as
-- exotel.cli.line reads it.
function M.refuse_unknown(line)
  if line.unknown then UNKNOWN[line.unknown.what](line.unknown, line) end
end

--- Raises argparse's message. `title`: the full name of the command it is about, "exotel trunk create".
function M.fail(message, title) errors.usage("%s; see %s --help", message, title) end

-- Missing words -------------------------------------------------------------------------------------------------------

--- Raises that the command line names no command.
function M.no_command() errors.usage("exotel takes a command, such as `exotel trunk list`; see exotel --help") end

--- Raises that the command line names none of the command's verbs.
function M.no_verb(command)
  errors.usage("exotel %s takes one of these: %s", command.name, table.concat(words.names(command.verbs), ", "))
end

return M
