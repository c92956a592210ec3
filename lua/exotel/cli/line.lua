--- Reads a command line word by word, as the parser takes it, but also when it is not finished or wrong: for
-- completion, and to say what a word that is not known was meant to be.
local words = require "exotel.cli.words"

local Line = {}
Line.__index = Line

local M = {}

local function unknown(line, what, word) line.unknown = line.unknown or { what = what, word = word } end

-- Remembers an option that was given, and whether its value is still to come.
local function give(line, option, has_value)
  line.given[option] = true
  if option == words.help or option == words.version then line.asks = true end
  line.wanted = option.value and not has_value and option or nil
end

local function long_option(line, word)
  local name, value = word:match("^(%-%-[^=]*)=(.*)$")
  local option = words.option(line:options(), name or word)
  if not option then return unknown(line, "option", name or word) end
  give(line, option, value)
  if value then line.values[option] = value end
end

-- "-qv", "-fFILE"
local function short_options(line, word)
  for i = 2, #word do
    local option = words.option(line:options(), "-" .. word:sub(i, i))
    if not option then return unknown(line, "option", "-" .. word:sub(i, i)) end
    give(line, option, i < #word)
    if option.value and i < #word then
      line.values[option] = word:sub(i + 1)
      return
    end
  end
end

local function option_word(line, word)
  line.wanted = nil
  if word == "--" then line.is_rest = true
  elseif word:sub(1, 2) == "--" then long_option(line, word)
  else short_options(line, word) end
end

local function command_word(line, word)
  local noun = words.noun(line.commands, word)
  if not noun then return unknown(line, "noun", word) end
  line.noun, line.description = noun, noun
end

local function verb_word(line, word)
  line.verb = words.verb(line.noun, word)
  if not line.verb then return unknown(line, "verb", word) end
  line.description = line.verb
end

-- A word that is no option.
local function plain_word(line, word)
  if line.unknown and line.unknown.what ~= "option" then
    line.unknown.following = line.unknown.following or word
  elseif line.wanted then
    line.values[line.wanted], line.wanted = word, nil
  elseif not line.noun then command_word(line, word)
  elseif line.noun.verbs and not line.verb then verb_word(line, word)
  else line.arguments[#line.arguments + 1] = word end
end

--- The options that can follow.
function Line:options() return words.options(self.commands, self.description) end

--- "exotel trunk create", as far as it is known.
function Line:title() return words.title(self.noun, self.verb) end

--- line.read(commands, given) → what the words are. `commands`: the module exotel.cli.commands. Fields:
--   noun, verb, description   of the command that they lead to, as far as they do
--   arguments                 array of the words that are its arguments
--   given, values             sets of the options that were given, and their values, by the option's description
--   wanted                    the option whose value comes next, or nil
--   is_rest                   whether "--" was there: all that follows are arguments
--   asks                      whether it asks for help or the version, which ends it
--   unknown                   the first word that is not known: { what, word, following }; what:
--                             "noun", "verb" or "option"
function M.read(commands, given)
  local line = setmetatable({ commands = commands, arguments = {}, given = {}, values = {} }, Line)
  for _, word in ipairs(given) do
    if line.asks then return line end
    local is_option = not line.is_rest and #word > 1 and word:sub(1, 1) == "-"
    if is_option then option_word(line, word) else plain_word(line, word) end
  end
  return line
end

return M
