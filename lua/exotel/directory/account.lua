--- What a refresh reads: trunks, and what is on each.
local builder = require("exotel.core").directory_builder
local errors = require "exotel.error"
local pages = require "exotel.calls.pages"
local setting = require("exotel.resources.kinds").by_name.setting

local M = {}

local LISTS = {
  phone_numbers = "list_phone_numbers", ips = "list_whitelisted_ips", destinations = "list_destinations",
  settings = "list_settings",
}
local ORDER = { "phone_numbers", "ips", "destinations", "settings" }

-- The longest text that a directory takes.
local LONGEST = 1000

-- What an entry has to have, and what else is taken of it.
local NEEDED = { phone_numbers = "phone_number", ips = "ip", destinations = "destination", settings = "name" }
local TAKEN = { "id", "mode", "value", "phone_number", "ip", "destination", "name" }

-- Numbers are also taken from strings of digits, as IDs come.
local function mask_of(item) return tonumber(item.mask) or 32 end

local function unfit(operation, key)
  local message = ("an entry has no %s that can be kept"):format(key)
  return errors.new { kind = "protocol", operation = operation, message = message }
end

local function is_fit(value) return type(value) == "string" and value ~= "" and #value <= LONGEST end

-- → nil, or what is wrong with an entry
local function check(item, list)
  local key = NEEDED[list]
  if not is_fit(item[key]) then return unfit(LISTS[list], key) end
  for _, name in ipairs(TAKEN) do
    if type(item[name]) == "string" and #item[name] > LONGEST then return unfit(LISTS[list], name) end
  end
  if list == "ips" and not builder.is_ip(item.ip, mask_of(item)) then return unfit(LISTS.ips, "address") end
end

-- → the list, or nil, err
local function read_list(run, trunk_sid, list)
  local items, err = pages.complete(run.client, LISTS[list], { trunk_sid = trunk_sid }, nil, run.make)
  if not items then return nil, err end
  for _, item in ipairs(items) do
    err = check(item, list)
    if err then return nil, err end
  end
  return items
end

--- account.trunks(run) → all trunks, or nil, err. `run`: { client, make (makes each call), stopped }
function M.trunks(run)
  local trunks, err = pages.complete(run.client, "list_trunks", {}, nil, run.make)
  if not trunks then return nil, err end
  for _, trunk in ipairs(trunks) do
    if not is_fit(trunk.trunk_sid) then return nil, unfit("list_trunks", "trunk_sid") end
  end
  return trunks
end

--- account.lists(run, trunk_sid) → { began, phone_numbers, ips, destinations, settings }, or nil, err
function M.lists(run, trunk_sid)
  local lists = { began = builder.clock() }
  for _, list in ipairs(ORDER) do
    local items, err = read_list(run, trunk_sid, list)
    if not items then return nil, err end
    lists[list] = items
  end
  return lists
end

-- A trunk's fields, as far as they can be kept.
local function fields_of(trunk, lists)
  local fields = {}
  for name, value in pairs(trunk) do
    if type(value) == "string" and #value <= LONGEST then fields[name] = value end
  end
  fields.caller_id = nil
  for _, item in ipairs(lists and lists.settings or {}) do
    if item.name == setting.ALIAS and item.value ~= "" then fields.caller_id = item.value end
  end
  return fields
end

-- A mode that was never set behaves as pstn.
local function add_lists(made, index, lists)
  for _, item in ipairs(lists.phone_numbers) do made:number(index, item.phone_number, item.mode or "pstn", item.id) end
  for _, item in ipairs(lists.ips) do made:ip(index, item.ip, mask_of(item), item.id) end
  for _, item in ipairs(lists.destinations) do
    made:destination(index, item.destination, tonumber(item.priority), tonumber(item.weight), item.id)
  end
end

--- account.add(made, trunk, lists) → the trunk's number in the builder `made`. `lists`: nil when they could not be
-- read.
function M.add(made, trunk, lists)
  local index = made:trunk(fields_of(trunk, lists), lists and lists.began)
  if lists then add_lists(made, index, lists) end
  return index
end

return M
