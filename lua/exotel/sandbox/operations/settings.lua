--- A trunk's settings, of which one is documented: trunk_external_alias, the caller ID.

local collection = require "exotel.sandbox.collection"
local paging = require "exotel.sandbox.paging"
local problem = require "exotel.sandbox.problem"
local rules = require "exotel.sandbox.rules"
local shapes = require "exotel.sandbox.shapes"

local settings = {}

local FIELDS = { "name", "value" }

-- Setting again what is set leaves the same state (S): there is one of each name.
local function set(call, values)
  local setting = collection.match(call.trunk.settings, { name = values.name })
  if not setting then
    setting = { name = values.name, trunk_sid = call.trunk.fields.trunk_sid, date_created = call.now }
    call.trunk.settings[#call.trunk.settings + 1] = setting
  end
  return { data = shapes.setting(collection.update(setting, values, call.now)) }
end

local function set_item(call, item)
  local values, refusal = rules.read(item, call.ways, FIELDS)
  if not values then return { problem = refusal } end
  return set(call, values)
end

function settings.set_settings(_, call)
  local items, refusal = rules.read_items(call.body, call.ways, "settings", "Settings", FIELDS)
  if not items then return "problem", refusal end
  local results = {}
  for i, item in ipairs(items) do results[i] = set_item(call, item) end
  return "batch", { results = results, of_settings = true }
end

-- V
function settings.list_settings(state, call)
  local page, refusal = paging.cut(call.trunk.settings, call.query, shapes.setting, state.page_size)
  if not page then return "problem", refusal end
  return "page", page
end

-- V
function settings.remove_setting(_, call)
  local name = call.query.name or ""
  if name == "" then return "problem", problem.new(1001, "Name is mandatory") end
  for index, setting in ipairs(call.trunk.settings) do
    if setting.name == name then return "item", shapes.setting(table.remove(call.trunk.settings, index)) end
  end
  return "problem", problem.new(1000)
end

return settings
