--- Settings of a trunk: values by name. The alias, the caller ID of outbound calls, is one that a specification may
-- write by itself.
local items = require "exotel.resources.items"
local kind = require "exotel.resources.kind"
local suggest = require "exotel.text.suggest"
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

-- In a specification --------------------------------------------------------------------------------------------------

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

local function read_setting(reading, by_name, name, value, path, as_is)
  local fault = check_value(reading, name, value, path)
  if as_is then fault = nil end
  if fault then validation.note(reading, fault) end
  by_name[name] = { value = value, invalid = fault }
end

-- → { value, invalid } by name
local function read_settings(reading, given, path, prefix, marks)
  local by_name, names = {}, {}
  if type(given) ~= "table" or given[1] ~= nil then
    validation.raise(path, "must be a table of name = value", { rule = "form" })
  end
  given = validation.given(given)
  for name in pairs(given) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    local field = prefix .. path_of(name)
    validation.attempt(reading, read_setting, reading, by_name, name, given[name], field, marks[name])
  end
  return by_name
end

local function read_alias(reading, by_name, alias, path, as_is)
  if by_name[ALIAS] and by_name[ALIAS].value ~= alias then
    validation.raise(path, "contradicts settings." .. ALIAS, { rule = "twice" })
  end
  read_setting(reading, by_name, ALIAS, alias, path, as_is)
end

function setting:read_entries(reading, spec, prefix)
  local list, names, by_name, marks = items.new(spec.settings ~= nil), {}, {}, read_marks(spec)
  if spec.settings ~= nil then
    local path = prefix .. "settings"
    by_name = validation.attempt(reading, read_settings, reading, spec.settings, path, prefix, marks) or {}
  end
  if spec.alias ~= nil then
    validation.attempt(reading, read_alias, reading, by_name, spec.alias, prefix .. "alias", marks[ALIAS])
  end
  for name in pairs(by_name) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local one, path = by_name[name], prefix .. path_of(name)
    items.add(reading, list, self, { name = name, value = one.value }, path, one.invalid, marks[name])
  end
  return list
end

-- Names are free, and one is known.
function setting.remark(item)
  if item.key == ALIAS or not suggest.nearest(item.key, { ALIAS }) then return nil end
  return ("is no setting that is known: did you mean %s?"):format(ALIAS), ALIAS
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
