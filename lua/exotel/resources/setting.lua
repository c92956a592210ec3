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

local function check_value(reading, name, value, path)
  local arguments = { settings = { { name = name, value = value } } }
  return validation.check_on_trunk(reading, setting.add, arguments, function() return path end)
end

-- What `as_is` and errors call a setting that stands among `settings`.
local function path_of(name) return "settings." .. tostring(name) end

function setting.has_value(spec, name)
  if name == "alias" then return spec.alias ~= nil end
  for key in pairs(type(spec.settings) == "table" and spec.settings or {}) do
    if name == path_of(key) then return true end
  end
  return false
end

-- → the names of the settings that `as_is` names, as a set
local function read_marks(spec)
  local marks = {}
  for _, name in ipairs(spec.as_is or {}) do
    local key = name == "alias" and ALIAS or name:match("^settings%.(.*)$")
    if key then marks[key] = true end
  end
  return marks
end

local function read_setting(reading, values_of, name, value, path)
  local fault = check_value(reading, name, value, path)
  values_of[name] = { value = value, path = path, faults = { fault } }
end

-- → { value, path, faults } by name
local function read_settings(reading, given, path, prefix)
  local by_name, names = {}, {}
  if type(given) ~= "table" then validation.raise(path, "must be a table of name = value", { rule = "form" }) end
  given = validation.given(given)
  for name in pairs(given) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    validation.attempt(reading, read_setting, reading, by_name, name, given[name], prefix .. path_of(name))
  end
  return by_name
end

local function read_alias(reading, by_name, alias, path)
  if by_name[ALIAS] and by_name[ALIAS].value ~= alias then
    validation.raise(path, "contradicts settings." .. ALIAS, { rule = "twice" })
  end
  read_setting(reading, by_name, ALIAS, alias, path)
end

function setting:read_entries(reading, spec, prefix)
  local list, names, marks, path = items.new(spec.settings ~= nil), {}, read_marks(spec), prefix .. "settings"
  local given = spec.settings
  local by_name = given ~= nil and validation.attempt(reading, read_settings, reading, given, path, prefix) or {}
  if spec.alias ~= nil then validation.attempt(reading, read_alias, reading, by_name, spec.alias, prefix .. "alias") end
  for name in pairs(by_name) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local one = by_name[name]
    items.add(reading, list, self, { name = name, value = one.value }, prefix .. path_of(name), one.faults, marks[name])
  end
  return list
end

function setting:write_entries(spec, list)
  local by_name = {}
  for _, item in ipairs(list) do
    by_name[item.key] = item.fields.value
    if item.as_is then items.mark_value(spec, list.managed and path_of(item.key) or "alias") end
  end
  if list.managed then spec[self.spec_key] = by_name else spec.alias = by_name[ALIAS] end
end

function setting.mark_as_is(_, spec, list, i) items.mark_value(spec, path_of(list[i].key)) end

function setting:export_entries(existing)
  local by_name = {}
  for _, one in ipairs(existing) do
    local fields = self.fields(one)
    by_name[fields.name] = fields.value
  end
  return by_name
end

return setting
