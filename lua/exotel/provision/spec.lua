--- Reads a specification: checks all of it before anything is sent, by the rules of the operations it will need.
local errors = require "exotel.error"
local resources = require "exotel.resources"

local M = {}

local ALIAS = "trunk_external_alias"
-- Stands for the trunk's sid where only the other arguments are checked.
local SOME_TRUNK = "trunk"

local trunk_fields = { trunk_name = true, nso_code = true, domain_name = true }
local known = { alias = true, settings = true }
for name in pairs(trunk_fields) do known[name] = true end
for _, kind in pairs(resources.kinds) do known[kind.spec] = true end

-- Raised inside this module, so that every check can be a plain statement; M.read catches it.
local function refuse(field, message)
  local text = field .. " " .. message
  error(errors.new { kind = "invalid_argument", operation = "provision", field = field, message = text }, 0)
end

local function check(client, operation, arguments, name_of)
  local good, field, message = client:check(operation, arguments)
  if not good then refuse(name_of(field), message) end
end

local function check_keys(spec)
  for key in pairs(spec) do
    if not known[key] then refuse(tostring(key), "is unknown in a specification") end
  end
end

local function read_trunk(client, spec)
  local fields = {}
  for name in pairs(trunk_fields) do fields[name] = spec[name] end
  check(client, "create_trunk", fields, function(field) return field end)
  return fields
end

local function check_list(spec, name)
  local list = spec[name]
  if type(list) ~= "table" then refuse(name, "must be a list") end
  for key in pairs(list) do
    if type(key) ~= "number" or key < 1 or key > #list then refuse(name, "must be a list without holes") end
  end
  return list
end

-- An entry in its long form: a string is short for a table with the one field that names it.
local function long_form(kind, entry, name)
  if type(entry) == "string" then return { [kind.short] = entry } end
  if type(entry) ~= "table" then refuse(name, "must be a string or a table") end
  local copy = {}
  for key, value in pairs(entry) do copy[key] = value end
  return copy
end

-- The service writes "sip:" before a destination and refuses it from others: both are meant by a specification.
local function strip_scheme(entry)
  if type(entry.destination) == "string" then entry.destination = entry.destination:gsub("^[sS][iI][pP]:", "") end
end

local function check_entry(client, kind, entry, name, short)
  local arguments = { trunk_sid = SOME_TRUNK }
  if kind.add == "add_destinations" then arguments.destinations = { entry }
  else for key, value in pairs(entry) do arguments[key] = value end end
  check(client, kind.add, arguments, function(field)
    field = field:gsub("^destinations%[1%]%.?", "")
    if field == "" or (short and field == kind.short) then return name end
    return name .. "." .. field
  end)
end

local function add_want(wants, kind, entry, name)
  local fields = kind.fields(entry)
  local key = kind.key(fields)
  if wants.by_key[key] then refuse(name, "stands in the specification twice: " .. key) end
  local want = { key = key, fields = fields, entry = entry }
  wants.by_key[key] = want
  wants[#wants + 1] = want
end

local function read_list(client, kind, spec)
  local wants = { by_key = {} }
  if spec[kind.spec] == nil then return wants end
  wants.managed = true
  for i, given in ipairs(check_list(spec, kind.spec)) do
    local name = string.format("%s[%d]", kind.spec, i)
    local entry = long_form(kind, given, name)
    strip_scheme(entry)
    check_entry(client, kind, entry, name, type(given) == "string")
    add_want(wants, kind, entry, name)
  end
  return wants
end

local function check_setting(client, name, value, field)
  check(client, "set_settings", { trunk_sid = SOME_TRUNK, settings = { { name = name, value = value } } },
    function() return field end)
end

local function read_settings(client, kind, spec)
  local wants, values = { by_key = {}, managed = spec.settings ~= nil }, {}
  local settings = spec.settings or {}
  if type(settings) ~= "table" then refuse("settings", "must be a table of name = value") end
  for name, value in pairs(settings) do
    check_setting(client, name, value, "settings." .. tostring(name))
    values[name] = value
  end
  if spec.alias ~= nil then
    if values[ALIAS] and values[ALIAS] ~= spec.alias then refuse("alias", "contradicts settings." .. ALIAS) end
    check_setting(client, ALIAS, spec.alias, "alias")
    values[ALIAS] = spec.alias
  end
  local names = {}
  for name in pairs(values) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do add_want(wants, kind, { name = name, value = values[name] }, name) end
  return wants
end

local function read(client, spec)
  if type(spec) ~= "table" then refuse("specification", "must be a table") end
  check_keys(spec)
  local wanted = { trunk = read_trunk(client, spec) }
  for name, kind in pairs(resources.kinds) do
    local reader = name == "setting" and read_settings or read_list
    wanted[name] = reader(client, kind, spec)
  end
  return wanted
end

--- spec.read(client, specification) → what is wanted, kind by kind; or nil, err of kind "invalid_argument" with the
-- field's full name. Makes no request.
function M.read(client, spec)
  local good, result = pcall(read, client, spec)
  if good then return result end
  if errors.is(result) then return nil, result end
  error(result, 0)
end

return M
