--- The words of the command line: nouns and verbs by their names and aliases, and options; what each of them is, and
-- which one was probably meant.
local suggest = require "exotel.text.suggest"

local M = {}

-- Names and aliases ---------------------------------------------------------------------------------------------------

-- Of verbs. Where a noun has two verbs of one alias, neither has it.
local ALIASES = { list = "ls", delete = "rm", remove = "rm", unmap = "rm" }

--- words.alias(noun, verb) → the other name of a verb, or nil. Both are descriptions.
function M.alias(noun, verb)
  local alias, count = ALIASES[verb.name], 0
  for _, other in ipairs(noun.verbs) do
    if ALIASES[other.name] == alias or other.name == alias then count = count + 1 end
  end
  return count == 1 and alias or nil
end

local function named(list, name)
  for _, item in ipairs(list) do
    if item.name == name then return item end
  end
end

--- words.noun(commands, word) → the command of that name, or nil. `commands`: the module exotel.cli.commands.
function M.noun(commands, word) return named(commands.list, word) end

--- words.verb(noun, word) → the verb of that name or alias, or nil
function M.verb(noun, word)
  for _, verb in ipairs(noun.verbs or {}) do
    if verb.name == word or (word ~= nil and M.alias(noun, verb) == word) then return verb end
  end
end

--- words.title(noun, verb) → "exotel trunk create"; `verb` may be nil, and both.
function M.title(noun, verb)
  local title = noun and "exotel " .. noun.name or "exotel"
  return verb and title .. " " .. verb.name or title
end

-- Options -------------------------------------------------------------------------------------------------------------

--- Options of every command that the parser knows besides those in exotel.cli.commands.
M.help = { name = "-h --help", text = "Show this help." }
M.version = { name = "--version", text = "Show the version." }

--- words.options(commands, description) → an array of all options that can be given with a command (nil: with none).
function M.options(commands, description)
  local all = {}
  for _, list in ipairs { description and description.options or {}, commands.options, { M.help, M.version } } do
    for _, option in ipairs(list) do all[#all + 1] = option end
  end
  return all
end

--- words.long(option) → its long name: "--yes" of "-y --yes"
function M.long(option) return option.name:match("%-%-[%w-]+") or option.name end

--- words.option(options, name) → the option of that name, "-y" or "--yes", or nil
function M.option(options, name)
  for _, option in ipairs(options) do
    for one in option.name:gmatch("%S+") do
      if one == name then return option end
    end
  end
end

-- What was meant ------------------------------------------------------------------------------------------------------

-- Verbs that people say for one another.
local ALIKE = {
  { "create", "add", "map", "set", "new", "make", "insert" },
  { "delete", "remove", "unmap", "rm", "del", "destroy", "unset", "drop" },
  { "list", "ls", "all", "index" },
  { "show", "get", "describe", "view", "info", "read" },
  { "update", "edit", "change", "modify", "rename", "set", "put" },
}

-- Nouns that people say for ours.
local NOUNS = {
  did = "number", phone = "number", ["phone-number"] = "number", exophone = "number",
  acl = "ip", whitelist = "ip", ["whitelisted-ip"] = "ip", address = "ip",
  uri = "destination", dest = "destination", ["destination-uri"] = "destination", origination = "destination",
  ["caller-id"] = "alias", callerid = "alias", cred = "credential", user = "credential", password = "credential",
  account = "profile", diff = "plan", drift = "check", format = "fmt", lint = "validate", complete = "completion",
}

local function names_of(list)
  local names = {}
  for i, item in ipairs(list) do names[i] = item.name end
  return names
end
M.names = names_of

local function plain(word) return (word:lower():gsub("_", "-")) end

-- "numbers" is "number", "aliases" is "alias".
local function singular(word) return word:match("^(.*s)es$") or word:match("^(.+)s$") or word end

-- → the noun that is called so, be it in the plural or by another word
local function known_noun(commands, word)
  for _, form in ipairs { plain(word), singular(plain(word)) } do
    local found = named(commands.list, NOUNS[form] or form)
    if found then return found end
  end
end

local function meant_noun(commands, word)
  return known_noun(commands, word) or named(commands.list, suggest.nearest(word, names_of(commands.list)))
end

local function is_in(list, word)
  for _, one in ipairs(list) do
    if one == word then return true end
  end
end

-- → the verb of this noun that means what `word` says
local function verb_alike(noun, word)
  for _, alike in ipairs(ALIKE) do
    if is_in(alike, word) then
      for _, verb in ipairs(noun.verbs) do
        if is_in(alike, verb.name) then return verb end
      end
    end
  end
end

local function meant_verb(noun, word)
  if not noun.verbs then return nil end
  return M.verb(noun, word) or named(noun.verbs, suggest.nearest(word, names_of(noun.verbs)))
    or verb_alike(noun, plain(word))
end

--- words.nouns_with(commands, word) → an array of the commands that have a verb of exactly this name
function M.nouns_with(commands, word)
  local found = {}
  for _, noun in ipairs(commands.list) do
    if M.verb(noun, word) then found[#found + 1] = noun end
  end
  return found
end

-- A verb that came first: "list numbers", "lst numbers", "import".
local function from_verb(commands, word, following, nouns)
  local noun = following and known_noun(commands, following) or #nouns == 1 and nouns[1] or nil
  return noun, noun and meant_verb(noun, word)
end

--- words.meant(commands, word, following) → the noun and the verb that somebody meant who began with `word`, which is
-- no noun: the verb is nil where only the noun is clear; nil, nil and the nouns that have such a verb where that is all
-- that is known. `following`: the next word, or nil
function M.meant(commands, word, following)
  local nouns = M.nouns_with(commands, word)
  local noun, verb = from_verb(commands, word, following, nouns)
  if verb then return noun, verb, nouns end
  return #nouns == 0 and meant_noun(commands, word) or nil, nil, nouns
end

--- words.meant_verb(commands, noun, word, following) → the noun and the verb that somebody meant who said `word`, which
-- is no verb of this noun; nil when that is not clear
function M.meant_verb(commands, noun, word, following)
  local other, nouns = known_noun(commands, word), M.nouns_with(commands, word)
  if other then return other, following and meant_verb(other, following) or nil end
  if #nouns == 1 then return nouns[1], M.verb(nouns[1], word) end
  local verb = meant_verb(noun, word)
  return verb and noun, verb
end

--- words.meant_option(options, name) → the long name of the option that was probably meant, or nil
function M.meant_option(options, name)
  local names = {}
  for i, option in ipairs(options) do names[i] = M.long(option) end
  return suggest.nearest(name, names)
end

return M
