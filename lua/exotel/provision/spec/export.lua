--- What is there as a specification.
local json = require "exotel.json"
local pages = require "exotel.calls.pages"
local resources = require "exotel.resources.kinds"
local specs = require "exotel.provision.spec.reader"

local M = {}

-- An entry for each kind, from an item and what matters of it; short where a string says it all.
local entries = {
  whitelisted_ip = function(_, fields)
    return fields.mask == 32 and fields.ip or { ip = fields.ip, mask = fields.mask }
  end,
  credential = function(_, fields) return fields end,
  phone_number = function(_, fields) return fields.mode == "pstn" and fields.phone_number or fields end,
  destination = function(item, fields)
    fields.destination = item.destination:gsub("^[sS][iI][pP]:", "")
    return fields.priority == nil and fields.weight == nil and fields.destination or fields
  end,
}

-- By key, so that the same state always makes the same text; one of each.
local function sorted_entries(resource, items)
  local kind, keys, by_key = resources.kinds[resource], {}, {}
  for _, item in ipairs(items) do
    local fields = kind.fields(item)
    local key = kind.key(fields)
    if not by_key[key] then
      keys[#keys + 1] = key
      by_key[key] = entries[resource](item, fields)
    end
  end
  table.sort(keys)
  local list = json.array {}
  for i, key in ipairs(keys) do list[i] = by_key[key] end
  return list
end

local function settings_of(items)
  local settings = {}
  for _, item in ipairs(items) do
    local fields = resources.kinds.setting.fields(item)
    settings[fields.name] = fields.value
  end
  return settings
end

local function trunk_fields(trunk)
  local spec = {}
  for _, name in ipairs(specs.trunk_fields) do
    if type(trunk[name]) == "string" then spec[name] = trunk[name] end
  end
  return spec
end

--- export.export(client, trunk_sid) → specification, or nil, err.
function M.export(client, trunk_sid)
  local trunk, err = client:get_trunk { trunk_sid = trunk_sid }
  if not trunk then return nil, err end
  local spec = trunk_fields(trunk)
  for _, resource in ipairs(resources.order) do
    local kind = resources.kinds[resource]
    local items
    items, err = pages.all(client, kind.list, { trunk_sid = trunk_sid })
    if not items then return nil, err end
    items = resources.named(kind, items)
    spec[kind.spec] = resource == "setting" and settings_of(items) or sorted_entries(resource, items)
  end
  return spec
end

return M
