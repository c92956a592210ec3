--- Reads specifications: checks all of them before anything is sent, by the rules of the operations they will need.
local core = require "exotel.core"
local entries = require "exotel.provision.spec.items"
local json = require "exotel.json"
local refusals = require "exotel.provision.spec.validation"
local resources = require "exotel.resources.kinds"

local M = {}

local refuse, check = refusals.raise, refusals.check

local ALIAS = "trunk_external_alias"
-- Stands for the trunk's sid where only the other arguments are checked.
local SOME_TRUNK = "trunk"

-- The fields of a trunk are what update_trunk can change.
local trunk_fields, known = {}, { alias = true, trunk_sid = true }
for _, operation in ipairs(core.operations) do
  for _, parameter in ipairs(operation.name == "update_trunk" and operation.parameters or {}) do
    if parameter.location == "body" then trunk_fields[#trunk_fields + 1] = parameter.name end
  end
end
for _, name in ipairs(trunk_fields) do known[name] = true end
for _, kind in pairs(resources.kinds) do known[kind.spec] = true end

--- The names of the trunk's own fields, in the order of the service's.
M.trunk_fields = trunk_fields

-- Lists --------------------------------------------------------------------------------------------------------------

local function check_list(list, name)
  if type(list) ~= "table" then refuse(name, "must be a list") end
  local count = 0
  for key in pairs(list) do
    count = count + 1
    if type(key) ~= "number" or key < 1 or key > #list then refuse(name, "must be a list without holes") end
  end
  if count ~= #list then refuse(name, "must be a list without holes") end
  return list
end

local function add_want(wants, kind, entry, name, err)
  local fields = kind.fields(entry)
  local key = kind.key(fields)
  if wants.by_key[key] then refuse(name, "stands in the specification twice: " .. key) end
  local want = { key = key, fields = fields, entry = entry, place = name, refusal = err }
  want.password, want.password_env = entry.password, entry.password_env
  wants.by_key[key] = want
  wants[#wants + 1] = want
end

local function read_list(client, spec, resource, kind, prefix)
  local wants = { by_key = {} }
  if spec[kind.spec] == nil then return wants end
  wants.managed = true
  local list_name = prefix .. kind.spec
  for i, given in ipairs(check_list(spec[kind.spec], list_name)) do
    local name = ("%s[%d]"):format(list_name, i)
    local entry, err = entries.read(client, resource, given, name)
    add_want(wants, kind, entry, name, err)
  end
  return wants
end

-- Settings -----------------------------------------------------------------------------------------------------------

local function check_setting(client, name, value, field)
  local arguments = { trunk_sid = SOME_TRUNK, settings = { { name = name, value = value } } }
  return check(client, "set_settings", arguments, function() return field end)
end

-- The alias is a setting with a name of its own. → values and refusals, both by the setting's name
local function setting_values(client, spec, prefix)
  local values, refused = {}, {}
  if type(spec.settings or {}) ~= "table" then refuse(prefix .. "settings", "must be a table of name = value") end
  for name, value in pairs(entries.given_fields(spec.settings or {})) do
    refused[name] = check_setting(client, name, value, prefix .. "settings." .. tostring(name))
    values[name] = value
  end
  if spec.alias == nil then return values, refused end
  if values[ALIAS] and values[ALIAS] ~= spec.alias then
    refuse(prefix .. "alias", "contradicts settings." .. ALIAS)
  end
  refused[ALIAS] = check_setting(client, ALIAS, spec.alias, prefix .. "alias")
  values[ALIAS] = spec.alias
  return values, refused
end

local function read_settings(client, spec, kind, prefix)
  local wants, names = { by_key = {}, managed = spec.settings ~= nil }, {}
  local values, refused = setting_values(client, spec, prefix)
  for name in pairs(values) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    add_want(wants, kind, { name = name, value = values[name] }, prefix .. name, refused[name])
  end
  return wants
end

-- Trunks -------------------------------------------------------------------------------------------------------------

local function check_keys(spec, prefix)
  for key in pairs(spec) do
    if not known[key] then refuse(prefix .. tostring(key), "is unknown in a specification") end
  end
end

-- Each field alone, so that each has its own refusal.
local function read_trunk(client, spec, prefix)
  local trunk = { fields = {}, refusals = {}, trunk_sid = spec.trunk_sid }
  local function name_of(field) return prefix .. field end
  check(client, "create_trunk", { trunk_name = spec.trunk_name }, name_of)
  if spec.trunk_sid ~= nil then check(client, "get_trunk", { trunk_sid = spec.trunk_sid }, name_of) end
  for _, name in ipairs(trunk_fields) do
    trunk.fields[name] = spec[name]
    local arguments = { trunk_sid = SOME_TRUNK, [name] = spec[name] }
    if spec[name] ~= nil then trunk.refusals[name] = check(client, "update_trunk", arguments, name_of) end
  end
  return trunk
end

local function read_one(client, given, prefix)
  if type(given) ~= "table" then refuse(prefix == "" and "specification" or prefix:sub(1, -2), "must be a table") end
  local spec = entries.given_fields(given)
  check_keys(spec, prefix)
  local wanted = { trunk = read_trunk(client, spec, prefix) }
  for resource, kind in pairs(resources.kinds) do
    if resource == "setting" then wanted.setting = read_settings(client, spec, kind, prefix)
    else wanted[resource] = read_list(client, spec, resource, kind, prefix) end
  end
  return wanted
end

local function check_distinct(wanteds, name, value_of)
  local seen = {}
  for i, wanted in ipairs(wanteds) do
    local value = value_of(wanted.trunk)
    if value and seen[value] then
      refuse(("specifications[%d].%s"):format(i, name), "stands in the specifications twice: " .. value)
    end
    if value then seen[value] = true end
  end
end

local function read(client, specs)
  if type(specs) ~= "table" or specs[1] == nil then return { read_one(client, specs, "") } end
  local wanteds = {}
  for i, spec in ipairs(check_list(specs, "specifications")) do
    wanteds[i] = read_one(client, spec, specs[2] and ("specifications[%d]."):format(i) or "")
  end
  check_distinct(wanteds, "trunk_name", function(trunk) return trunk.fields.trunk_name end)
  check_distinct(wanteds, "trunk_sid", function(trunk) return trunk.trunk_sid end)
  return wanteds
end

--- spec.read(client, specifications) → an array of what is wanted, one for each trunk; or nil, err of kind
-- "invalid_argument" with the field's full name. Takes one specification, too. Makes no request. What is wanted has
-- trunk = { fields, refusals (by field), trunk_sid } and for each kind its wants, an array with `by_key` and `managed`
-- (the specification has the list), each { key, fields, entry, place (its name), refusal (of a value, or nil) }.
function M.read(client, specs)
  return refusals.catch(read, client, specs)
end

-- Writing them again -------------------------------------------------------------------------------------------------

local function plain_entry(entry)
  local copy = {}
  for key, value in pairs(entry) do
    if key ~= "password" then copy[key] = value end
  end
  return copy
end

--- spec.plain(wanted) → the specification that it was read from, in its long form and without passwords.
function M.plain(wanted)
  local spec = { trunk_sid = wanted.trunk.trunk_sid }
  for name, value in pairs(wanted.trunk.fields) do spec[name] = value end
  for resource, kind in pairs(resources.kinds) do
    local wants, list = wanted[resource], {}
    for i, want in ipairs(wants) do
      if resource == "setting" then list[want.key] = want.fields.value else list[i] = plain_entry(want.entry) end
    end
    if wants.managed then spec[kind.spec] = resource == "setting" and list or json.array(list)
    elseif resource == "setting" then spec.alias = list[ALIAS] end
  end
  return spec
end

return M
