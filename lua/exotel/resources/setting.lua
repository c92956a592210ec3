--- Settings of a trunk: values by name. The alias, the caller ID of outbound calls, is one that a specification may
-- write by itself.
local items = require "exotel.resources.items"
local kind = require "exotel.resources.kind"
local validation = require "exotel.resources.validation"
local values = require "exotel.resources.values"

local ALIAS = "trunk_external_alias"

-- No safety rules: removing a setting cuts no calls off.
local setting = kind.new {
  name = "setting", noun = "setting",
  key_fields = { name = true },
  required = { "name", "value" }, -- one without a value is not set
  compared = { "value" },

  list = "list_settings", add = "set_settings", update = "set_settings", remove = "remove_setting",

  spec_key = "settings", spec_keys = { "alias", "settings" }, is_list = false,
}

--- The name of the alias.
setting.ALIAS = ALIAS

function setting.fields(source) return { name = values.text(source.name), value = values.text(source.value) } end

function setting.key(fields) return fields.name end

function setting.add_arguments(item)
  return { settings = { { name = item.fields.name, value = item.fields.value } } }
end

setting.update_arguments = setting.add_arguments

function setting.added(data) return data[1] end

function setting.remove_arguments(existing) return { name = existing.name } end

-- In a specification -------------------------------------------------------------------------------------------------

local function check_value(client, name, value, path)
  local arguments = { settings = { { name = name, value = value } } }
  return validation.check_on_trunk(client, setting.add, arguments, function() return path end)
end

-- → values, and the errors of values, both by name
local function read_settings(client, spec, prefix)
  local by_name, invalid = {}, {}
  local given, path = spec.settings or {}, prefix .. "settings"
  if type(given) ~= "table" then validation.raise(path, "must be a table of name = value") end
  for name, value in pairs(validation.given(given)) do
    by_name[name], invalid[name] = value, check_value(client, name, value, path .. "." .. tostring(name))
  end
  return by_name, invalid
end

local function add_alias(client, spec, prefix, by_name, invalid)
  local path = prefix .. "alias"
  if by_name[ALIAS] and by_name[ALIAS] ~= spec.alias then
    validation.raise(path, "contradicts settings." .. ALIAS)
  end
  by_name[ALIAS], invalid[ALIAS] = spec.alias, check_value(client, ALIAS, spec.alias, path)
end

function setting:read_entries(client, spec, prefix)
  local list, names = items.new(spec.settings ~= nil), {}
  local by_name, invalid = read_settings(client, spec, prefix)
  if spec.alias ~= nil then add_alias(client, spec, prefix, by_name, invalid) end
  for name in pairs(by_name) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    items.add(list, self, { name = name, value = by_name[name] }, prefix .. name, invalid[name])
  end
  return list
end

function setting:write_entries(spec, list)
  local by_name = {}
  for _, item in ipairs(list) do by_name[item.key] = item.fields.value end
  if list.managed then spec[self.spec_key] = by_name else spec.alias = by_name[ALIAS] end
end

function setting:export_entries(existing)
  local by_name = {}
  for _, one in ipairs(existing) do
    local fields = self.fields(one)
    by_name[fields.name] = fields.value
  end
  return by_name
end

return setting
