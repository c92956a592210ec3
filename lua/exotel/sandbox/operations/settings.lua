--- A trunk's settings, of which one is documented: trunk_external_alias, the caller ID.

local json = require "exotel.sandbox.json"
local paging = require "exotel.sandbox.paging"
local problem = require "exotel.sandbox.problem"
local rules = require "exotel.sandbox.rules"
local shapes = require "exotel.sandbox.shapes"
local shelf = require "exotel.sandbox.shelf"

local settings = {}

local FIELDS = { "name", "value" }

-- Setting again what is set leaves the same state (S): there is one of each name.
local function set(call, values)
  local setting = shelf.match(call.trunk.settings, { name = values.name })
  if not setting then
    setting = { name = values.name, trunk_sid = call.trunk.fields.trunk_sid, date_created = call.now }
    call.trunk.settings[#call.trunk.settings + 1] = setting
  end
  return { data = shapes.setting(shelf.update(setting, values, call.now)) }
end

local function set_item(call, item)
  local values, refusal = rules.read(item, FIELDS)
  if not values then return { problem = refusal } end
  return set(call, values)
end

local function check_item_types(items)
  for _, item in ipairs(items) do
    if json.kind(item) ~= "object" then return problem.new(1007, "Settings should hold objects") end
    local refusal = rules.check_types(item, FIELDS)
    if refusal then return refusal end
  end
end

function settings.set_settings(_, call)
  local values, refusal = rules.read(call.body, { "settings" })
  if values and #values.settings == 0 then refusal = problem.new(1001, "Settings is empty") end
  refusal = refusal or check_item_types(values.settings)
  if refusal then return "problem", refusal end
  local results = {}
  for i, item in ipairs(values.settings) do results[i] = set_item(call, item) end
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
  for place, setting in ipairs(call.trunk.settings) do
    if setting.name == name then return "item", shapes.setting(table.remove(call.trunk.settings, place)) end
  end
  return "problem", problem.new(1000)
end

return settings
