--- Reads specifications: checks all of them before anything is sent, by the rules of the operations they will need.
local core = require "exotel.core"
local errors = require "exotel.error"
local json = require "exotel.json"
local resources = require "exotel.resources"

local M = {}

local ALIAS = "trunk_external_alias"
-- Stand for a trunk's sid, a thing's id and a password where only the other arguments are checked.
local SOME_TRUNK, SOME_ID, SOME_PASSWORD = "trunk", "1", "x"

-- The fields of a trunk are what update_trunk can change.
local trunk_fields, known = {}, { alias = true, trunk_sid = true }
for _, operation in ipairs(core.operations) do
  for _, parameter in ipairs(operation.name == "update_trunk" and operation.parameters or {}) do
    if parameter.place == "body" then trunk_fields[#trunk_fields + 1] = parameter.name end
  end
end
for _, name in ipairs(trunk_fields) do known[name] = true end
for _, kind in pairs(resources.kinds) do known[kind.spec] = true end

--- The names of the trunk's own fields, in the order of the service's.
M.trunk_fields = trunk_fields

-- Refusals -----------------------------------------------------------------------------------------------------------

local function refusal(field, message)
  return errors.new {
    kind = "invalid_argument", operation = "provision", field = field, message = field .. " " .. message,
  }
end

-- Raised inside this module, so that every check can be a plain statement; M.read catches it.
local function refuse(field, message) error(refusal(field, message), 0) end

-- Raises for a name, a type or a lack. A value that its rule refuses is returned as the refusal: it only has to be
-- right when it must be sent, since what is on the service may be odder than the rules.
local function check(client, operation, arguments, name_of)
  local good, field, message, by_value = client:check(operation, arguments)
  if good then return nil end
  local err = refusal(name_of(field), message)
  if not by_value then error(err, 0) end
  return err
end

-- Entries of lists ---------------------------------------------------------------------------------------------------

-- A copy without what is JSON null, which is the same as not given.
local function given_fields(source)
  local copy = {}
  for key, value in pairs(source) do
    if value ~= core.null then copy[key] = value end
  end
  return copy
end

-- An entry in its long form: a string is short for a table with the one field that names it.
local function long_form(kind, entry, name)
  if type(entry) == "string" and kind.short then return { [kind.short] = entry } end
  if type(entry) ~= "table" then refuse(name, kind.short and "must be a string or a table" or "must be a table") end
  return given_fields(entry)
end

-- The service writes "sip:" before a destination and refuses it from others: both are meant by a specification.
local function strip_scheme(entry)
  if type(entry.destination) == "string" then entry.destination = entry.destination:gsub("^[sS][iI][pP]:", "") end
end

-- Takes fields out of an entry. → what was taken, or nil; the rest
local function split(entry, names)
  local taken, rest, any = {}, {}, false
  for key, value in pairs(entry) do rest[key] = value end
  for _, name in ipairs(names) do
    taken[name], rest[name], any = rest[name], nil, any or rest[name] ~= nil
  end
  return any and taken or nil, rest
end

-- → nil, or the refusal of a value
local function check_fields(client, operation, fields, name, short)
  local arguments = { trunk_sid = SOME_TRUNK }
  for key, value in pairs(fields) do arguments[key] = value end
  return check(client, operation, arguments, function(field)
    field = field:gsub("^destinations%[1%]%.?", "")
    if field == "" or field == short then return name end
    return name .. "." .. field
  end)
end

local function check_destination(client, kind, entry, name, short)
  local levels, rest = split(entry, kind.compared)
  local err = check_fields(client, kind.add, { destinations = { rest } }, name, short)
  if not levels then return err end
  levels.id = SOME_ID
  return check_fields(client, kind.update, levels, name) or err
end

local function check_variable(entry, name)
  local variable = entry.password_env
  if variable == nil then return end
  if entry.password ~= nil then refuse(name .. ".password_env", "and password exclude each other") end
  if type(variable) ~= "string" or not variable:find("^[%a_][%w_]*$") then
    refuse(name .. ".password_env", "must be the name of an environment variable")
  end
end

local function check_credential(client, kind, entry, name)
  check_variable(entry, name)
  local _, rest = split(entry, { "password_env" })
  if rest.password == nil then rest.password = SOME_PASSWORD end
  return check_fields(client, kind.add, rest, name)
end

local checks = { destination = check_destination, credential = check_credential }

local function check_entry(client, kind, entry, name, short)
  return check_fields(client, kind.add, entry, name, short)
end

-- Lists --------------------------------------------------------------------------------------------------------------

local function check_list(list, name)
  if type(list) ~= "table" then refuse(name, "must be a list") end
  for key in pairs(list) do
    if type(key) ~= "number" or key < 1 or key > #list then refuse(name, "must be a list without holes") end
  end
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
    local entry = long_form(kind, given, name)
    strip_scheme(entry)
    local short = type(given) == "string" and kind.short or nil
    add_want(wants, kind, entry, name, (checks[resource] or check_entry)(client, kind, entry, name, short))
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
  local values, refusals = {}, {}
  if type(spec.settings or {}) ~= "table" then refuse(prefix .. "settings", "must be a table of name = value") end
  for name, value in pairs(given_fields(spec.settings or {})) do
    refusals[name] = check_setting(client, name, value, prefix .. "settings." .. tostring(name))
    values[name] = value
  end
  if spec.alias == nil then return values, refusals end
  if values[ALIAS] and values[ALIAS] ~= spec.alias then
    refuse(prefix .. "alias", "contradicts settings." .. ALIAS)
  end
  refusals[ALIAS] = check_setting(client, ALIAS, spec.alias, prefix .. "alias")
  values[ALIAS] = spec.alias
  return values, refusals
end

local function read_settings(client, spec, kind, prefix)
  local wants, names = { by_key = {}, managed = spec.settings ~= nil }, {}
  local values, refusals = setting_values(client, spec, prefix)
  for name in pairs(values) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    add_want(wants, kind, { name = name, value = values[name] }, prefix .. name, refusals[name])
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
  local spec = given_fields(given)
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
    wanteds[i] = read_one(client, spec, ("specifications[%d]."):format(i))
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
  local good, result = pcall(read, client, specs)
  if good then return result end
  if errors.is(result) then return nil, result end
  error(result, 0)
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
