--- What is odd about a trunk: what keeps its calls from coming in or going out, and what is there twice.
local compare = require "exotel.resources.compare"
local json = require "exotel.json"
local kinds = require "exotel.resources.kinds"
local needs = require "exotel.resources.needs"

local M = {}

local by_name = kinds.by_name

local metatable = { __tostring = function(warning) return warning.message end }

local function warn(found, rule, message, more)
  local warning = { rule = rule, message = message }
  for name, value in pairs(more or {}) do warning[name] = value end
  found[#found + 1] = setmetatable(warning, metatable)
end

local function plural(count, noun) return ("%d %s%s"):format(count, noun, count == 1 and "" or "s") end

-- Also of what can't be understood; nil where it is not known.
local function count_of(trunk, kind_name)
  local list = trunk[by_name[kind_name].spec_key]
  return list and #list
end

-- Each list -----------------------------------------------------------------------------------------------------------

-- → the lists by the kind's name, without what can't be understood; nil for those that are not known
local function readable_lists(found, trunk)
  local lists = {}
  for _, kind in ipairs(kinds.as_written) do
    local list = trunk[kind.spec_key]
    lists[kind.name] = list and compare.readable(kind, list)
    local broken = list and #list - #lists[kind.name] or 0
    if broken > 0 then
      warn(found, "unreadable", ("%s can't be understood"):format(plural(broken, kind.noun)), { resource = kind.name })
    end
  end
  return lists
end

-- Items by key, and the keys in the order in which they first come.
local function group(kind, list)
  local keys, by_key = {}, {}
  for _, item in ipairs(list) do
    local key = compare.key(kind, item)
    if not by_key[key] then keys[#keys + 1], by_key[key] = key, {} end
    table.insert(by_key[key], item)
  end
  return keys, by_key
end

local function ids_of(list)
  local ids = json.array {}
  for _, item in ipairs(list) do ids[#ids + 1] = item.id end
  return ids
end

local function warn_of_copies(found, kind, list)
  local keys, by_key = group(kind, list)
  for _, key in ipairs(keys) do
    local count = #by_key[key]
    if count > 1 then
      warn(found, "duplicate", ("%s is there %d times"):format(key, count),
        { resource = kind.name, key = key, ids = ids_of(by_key[key]) })
    end
  end
end

-- What needs something else -------------------------------------------------------------------------------------------

-- What can't be understood may be what is needed.
local function warn_of_unmet(found, kind, lists, trunk)
  local existing = lists[kind.needs.kind.name]
  if not existing or #existing < #trunk[kind.needs.kind.spec_key] then return end
  local keys, by_key = group(kind, lists[kind.name])
  for _, key in ipairs(keys) do
    if needs.unmet(kind, { key = key }, { [kind.needs.kind.name] = {} }, existing) then
      warn(found, kind.needs.rule, ("%s %s"):format(key, kind.needs.lack),
        { resource = kind.name, key = key, ids = ids_of(by_key[key]) })
    end
  end
end

-- Calls ---------------------------------------------------------------------------------------------------------------

local function are_all_flow(numbers)
  for _, number in ipairs(numbers) do
    if by_name.phone_number.fields(number).mode ~= "flow" then return false end
  end
  return #numbers > 0
end

-- The calls of numbers with the mode flow go to the bot.
local function warn_of_inbound(found, lists, trunk)
  if count_of(trunk, "phone_number") == 0 then
    warn(found, "no_numbers", "no numbers: nobody can call it, and outbound calls have no caller ID")
  end
  if count_of(trunk, "destination") == 0 and lists.phone_number and not are_all_flow(lists.phone_number) then
    warn(found, "no_destinations", "no destinations: inbound calls lead nowhere")
  end
end

local function warn_of_outbound(found, trunk)
  if count_of(trunk, "whitelisted_ip") ~= 0 or count_of(trunk, "credential") ~= 0 then return end
  warn(found, "no_access", "no IPs and no credentials: outbound calls are not possible")
end

--- judge.caller_id(settings) → the caller ID, or nil
function M.caller_id(settings)
  for _, one in ipairs(settings or {}) do
    if one.name == by_name.setting.ALIAS and one.value ~= "" then return one.value end
  end
end

local function warn_of_caller_id(found, lists)
  local caller_id = M.caller_id(lists.setting)
  if not caller_id or not lists.phone_number then return end
  for _, number in ipairs(lists.phone_number) do
    if number.phone_number == caller_id then return end
  end
  warn(found, "caller_id", ("the caller ID %s is not among its numbers"):format(tostring(caller_id)),
    { resource = "setting", key = by_name.setting.ALIAS })
end

local function warn_of_status(found, trunk)
  local status = trunk.status
  if type(status) == "string" and status ~= "" and status ~= "active" then
    warn(found, "status", ("its status is %s"):format(status))
  end
end

--- judge.warnings(trunk) → an array of warnings, see exotel.overview. Only the lists that `trunk` has are judged.
function M.warnings(trunk)
  local found = {}
  warn_of_status(found, trunk)
  local lists = readable_lists(found, trunk)
  for _, kind in ipairs(kinds.as_written) do
    if kind.needs and lists[kind.name] then warn_of_unmet(found, kind, lists, trunk) end
    if kind.appends and lists[kind.name] then warn_of_copies(found, kind, lists[kind.name]) end
  end
  warn_of_inbound(found, lists, trunk)
  warn_of_outbound(found, trunk)
  warn_of_caller_id(found, lists)
  return found
end

return M
