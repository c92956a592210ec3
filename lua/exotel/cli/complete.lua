--- What can follow on a command line, for the completion of shells. `complete` in the description of an argument or an
-- option says what its values are:
--   "trunk", "profile", "destination", "target" (either a trunk or a destination), "command" (of exotel),
--   "file", "folder", "program" (with its arguments), or "none"
--   "columns": several of the fields in `columns`, an array of { field = } in the description of the command
--   { "a", "b" }                 these
--   { list = { "a", "b" } }      several of these, with commas between them
--   { "a=", ... , open = true }  beginnings, after which something else is typed
-- Without it `choices` are the values, and some names of values speak for themselves.
local line = require "exotel.cli.line"
local profile = require "exotel.cli.profile"
local trunks = require "exotel.cli.complete.trunks"
local words = require "exotel.cli.words"

local M = {}

-- What values are, by what help calls them.
local BY_NAME = {
  FILE = "file", TRUNK = "trunk", URI = "destination", TARGET = "target", FOLDER = "folder",
  REGION = { "mumbai", "singapore" }, ["A,B,C"] = "columns",
}

--- complete.kind(element) → what the values of an argument or an option are; "none" where nobody can know.
function M.kind(element)
  return element.complete or element.choices or BY_NAME[element.value or element.name] or "none"
end

-- Values --------------------------------------------------------------------------------------------------------------

-- A word of the answer: { text, note (what it is), open (whether it is only a beginning) }.
local function word(text, note, open) return { text = text, note = note, open = open } end

local function fixed(values)
  local list = {}
  for i, value in ipairs(values) do list[i] = word(value, nil, values.open) end
  return list
end

-- The last one of several is completed; those before it are not offered again.
local function several(values, current)
  local before, list, given = current:match("^(.*,)") or "", {}, {}
  for one in before:gmatch("[^,]+") do given[one] = true end
  for _, value in ipairs(values) do
    if not given[value] then list[#list + 1] = word(before .. value, nil, true) end
  end
  return list
end

-- Of trunks, those longer are sids to the command. What begins like an option, or as sid: and name: do, needs name:.
local LONGEST = 16

local function title_of(name)
  if #name > LONGEST or name:find("^%a+:") or name:find("^-") then return "name:" .. name end
  return name
end

local function count_names(list)
  local count = {}
  for _, trunk in ipairs(list) do count[trunk.trunk_name] = (count[trunk.trunk_name] or 0) + 1 end
  return count
end

local function trunk_words(found, current)
  local all = trunks.all(M.profile(found))
  local list, count, how = {}, count_names(all), current:match("^(%a+):")
  for _, trunk in ipairs(all) do
    local name, sid = trunk.trunk_name, trunk.trunk_sid
    local is_by_sid = how == "sid" or name == "" or how ~= "name" and count[name] > 1
    if is_by_sid then list[#list + 1] = word("sid:" .. sid, name ~= "" and name or nil)
    else list[#list + 1] = word(how == "name" and "name:" .. name or title_of(name), sid) end
  end
  return list
end

local TRANSPORTS = { "tls", "tcp", "udp" }

-- After HOST:PORT; which host nobody can know.
local function destinations(current)
  local list, place = {}, current:match("^(.-:%d+);") or current:match("^.-:%d+$")
  for i, transport in ipairs(place and TRANSPORTS or {}) do list[i] = word(place .. ";transport=" .. transport) end
  return list
end

local function columns(found, current)
  local names = {}
  for i, column in ipairs(found.description.columns or {}) do names[i] = column.field end
  return several(names, current)
end

local function targets(found, current)
  local list = destinations(current)
  return #list > 0 and list or trunk_words(found, current)
end

local function profiles()
  local good, names = pcall(profile.names)
  return good and fixed(names) or {}
end

local function command_words(list, noun, current)
  local all = {}
  for i, description in ipairs(list) do
    local alias = noun and words.alias(noun, description)
    all[i] = word(alias == current and alias or description.name, description.summary)
  end
  return all
end

-- Of the command, then of its verb. `found`: the line so far
local function next_command(found, current)
  if found.unknown then return {} end
  if not found.noun then return command_words(found.commands.list, nil, current) end
  return not found.verb and command_words(found.noun.verbs or {}, found.noun, current) or {}
end

local function asked_commands(found, current)
  return next_command(line.read(found.commands, found.arguments), current)
end

local WORDS = {
  trunk = trunk_words, target = targets, columns = columns, profile = profiles, command = asked_commands,
  destination = function(_, current) return destinations(current) end,
}

-- Those that are done by the shell.
local ACTIONS = { file = "files", folder = "folders", program = "program" }

-- → an array of words, and what else the shell has to do
local function values(element, found, current)
  local kind = M.kind(element)
  if type(kind) == "table" then return kind.list and several(kind.list, current) or fixed(kind) end
  return WORDS[kind] and WORDS[kind](found, current) or {}, ACTIONS[kind]
end

-- Names ---------------------------------------------------------------------------------------------------------------

-- Those that were given, and can't be given again, are left out; the version is asked for without a command.
local function option_words(found)
  local list = {}
  for _, option in ipairs(found:options()) do
    local is_here = option ~= words.version or not found.noun
    if is_here and (option.many or not found.given[option]) then
      list[#list + 1] = word(words.long(option), option.text)
    end
  end
  return list
end

-- The argument that comes next; the last one may take several.
local function next_argument(found)
  local list = found.description.arguments or {}
  local last = list[#list]
  return list[#found.arguments + 1] or (last and (last.args == "*" or last.args == "+") and last or nil)
end

-- What was named is not named again.
local function without(list, given)
  local left, is_given = {}, {}
  for _, text in ipairs(given) do is_given[text] = true end
  for _, one in ipairs(list) do
    if not is_given[one.text] then left[#left + 1] = one end
  end
  return left
end

-- Where nothing is known of an argument, or none is left, the options are shown. A program comes after "--" only.
local function argument_words(found, current)
  local argument = next_argument(found)
  local is_early = argument and M.kind(argument) == "program" and not found.is_rest
  if not argument or is_early then return found.is_rest and {} or option_words(found) end
  local list, action = values(argument, found, current)
  return M.kind(argument) == "command" and list or without(list, found.arguments), action
end

-- Both ----------------------------------------------------------------------------------------------------------------

--- complete.profile(line) → the name of the profile that the line gives, or nil
function M.profile(found)
  for option, value in pairs(found.values) do
    if words.long(option) == "--profile" then return value end
  end
end

-- "--mode=fl": the value of an option in one word with it.
local function joined_value(found, current)
  local name, value = current:match("^(%-%-[^=]+)=(.*)$")
  local option = name and not found.is_rest and words.option(found:options(), name)
  if not option then return nil end
  if not option.value then return {} end
  local list, action = values(option, found, value)
  for _, one in ipairs(list) do one.text = name .. "=" .. one.text end
  return list, action
end

local function candidates(found, current)
  local joined, action = joined_value(found, current)
  if joined then return joined, action end
  if found.wanted then return values(found.wanted, found, current) end
  if not found.is_rest and current:sub(1, 1) == "-" then return option_words(found) end
  if not found.noun or found.noun.verbs and not found.verb then return next_command(found, current) end
  return argument_words(found, current)
end

--- complete.words(commands, given, current) → an array of { text, note, open } that can stand for the word `current`
-- after those that were given; and what the shell has to add: "files", "folders", "program" or nil. Where nothing can
-- follow, the array is empty. `commands`: the module exotel.cli.commands.
function M.words(commands, given, current)
  local found = line.read(commands, given)
  if found.unknown or found.asks then return {} end
  return candidates(found, current)
end

--- complete.forget(commands, given): forgets what is kept of the account that a command has changed.
function M.forget(commands, given) trunks.forget(M.profile(line.read(commands, given))) end

return M
