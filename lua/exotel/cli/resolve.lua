--- Finds what the command line names: a trunk by its name or sid, an item of a trunk by its key or id. A text that
-- matches nothing, or more than one thing, is refused, so that nothing is done to the wrong one.
local errors = require "exotel.cli.errors"
local suggest = require "exotel.text.suggest"
local trunks = require "exotel.trunk"
local write_log = require "exotel.cli.write_log"

local M = {}

-- Trunks --------------------------------------------------------------------------------------------------------------

-- Of a trunk; every sid is longer.
local LONGEST_NAME = 16

local function by_sid(client, sid)
  local trunk, err = trunks.get(client, sid)
  if not trunk and err.kind == "not_found" then
    errors.not_found("no trunk has the sid %q; `exotel trunk list` shows those there are", sid)
  end
  return errors.assert(trunk, err)
end

local function fits(trunk, word, field)
  if field then return trunk[field] == word end
  return trunk.trunk_name == word or trunk.trunk_sid == word
end

local function no_trunk(word, all)
  local names = {}
  for i, trunk in ipairs(all) do names[i] = tostring(trunk.trunk_name or "") end
  local guess = suggest.nearest(word, names)
  errors.not_found("no trunk is called %q%s; `exotel trunk list` shows those there are", word,
    guess and (" (did you mean %q?)"):format(guess) or "")
end

local function in_list(all, word, field)
  local found = {}
  for _, trunk in ipairs(all) do
    if fits(trunk, word, field) then found[#found + 1] = trunk end
  end
  if #found == 0 then no_trunk(word, all) end
  if #found == 1 then return found[1] end
  errors.ambiguous("%q is %s and %s: say which by sid:SID", word, found[1].trunk_sid, found[2].trunk_sid)
end

--- resolve.title(trunk_name, trunk_sid) → both, or the sid alone where there is no name.
function M.title(trunk_name, trunk_sid)
  if type(trunk_name) ~= "string" or trunk_name == "" then return trunk_sid end
  return ("%s (%s)"):format(trunk_name, trunk_sid)
end

--- resolve.name(trunk) → what messages call it: its name, or its sid where it has none.
function M.name(trunk) return (trunk.trunk_name or "") ~= "" and trunk.trunk_name or trunk.trunk_sid end

--- resolve.argument(trunk) → how a command line names it.
function M.argument(trunk)
  return (trunk.trunk_name or "") ~= "" and trunk.trunk_name or "sid:" .. trunk.trunk_sid
end

--- resolve.word(trunk) → what is typed to agree that a trunk goes, and what that is: "name", or "sid" where it has
-- none.
function M.word(trunk)
  if (trunk.trunk_name or "") ~= "" then return trunk.trunk_name, "name" end
  return trunk.trunk_sid, "sid"
end

-- `list()` → all trunks.
local function find(client, list, text)
  local how, word = text:match("^(%a+):(.*)$")
  if text == "" or word == "" and (how == "sid" or how == "name") then
    errors.usage("the trunk's name is empty; sid:SID names one that has no name")
  end
  if how == "sid" then return by_sid(client, word) end
  if how == "name" then return in_list(list(), word, "trunk_name") end
  if #text > LONGEST_NAME then return by_sid(client, text) end
  return in_list(list(), text)
end

--- resolve.trunks(client, texts) → the Trunks that they name, each once; all of the account when there are no texts.
function M.trunks(client, texts)
  local all
  local function list()
    all = all or errors.assert(trunks.list(client))
    return all
  end
  if #texts == 0 then return list() end
  local found, seen = {}, {}
  for _, text in ipairs(texts) do
    local trunk = find(client, list, text)
    if not seen[trunk.trunk_sid] then found[#found + 1], seen[trunk.trunk_sid] = trunk, true end
  end
  return found
end

--- resolve.trunk(client, text) → the Trunk that `text` names: its name or its trunk_sid; name:NAME or sid:SID says
-- which of the two.
function M.trunk(client, text)
  local trunk = find(client, function() return errors.assert(trunks.list(client)) end, text)
  write_log.note_trunk(trunk.trunk_sid, trunk.trunk_name)
  return trunk
end

-- Items of a trunk ----------------------------------------------------------------------------------------------------

local function found_in(items, text, matches)
  local id, found = text:match("^id:(.*)$"), {}
  for _, item in ipairs(items) do
    if id and item.id == id or not id and (item.id == text or matches(item, text)) then found[#found + 1] = item end
  end
  return found
end

local function ids_of(items)
  local ids = {}
  for i, item in ipairs(items) do ids[i] = "id:" .. tostring(item.id) end
  return table.concat(ids, ", ")
end

--- resolve.item(trunk, items, text, kind) → the one of `items` that `text` names: `kind.matches(item, text)`, or its
-- id, which id:ID says explicitly. For messages: `kind.noun`, and the command that lists such items, `kind.lister` or
-- else `kind.command`.
function M.item(trunk, items, text, kind)
  if text == "" or text == "id:" then errors.usage("which %s? the text that names it is empty", kind.noun) end
  local found = found_in(items, text, kind.matches)
  if #found == 1 then return found[1] end
  local name = M.name(trunk)
  if #found == 0 then
    errors.not_found("%s has no %s %q; `exotel %s list %s` shows those there are", name, kind.noun, text,
      kind.lister or kind.command, M.argument(trunk))
  end
  errors.ambiguous("%s has more than one %s %q: say which by %s", name, kind.noun, text, ids_of(found))
end

return M
