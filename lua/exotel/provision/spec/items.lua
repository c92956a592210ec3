--- The entries of a specification's lists: in their long form, and checked.
local core = require "exotel.core"
local refusals = require "exotel.provision.spec.validation"
local resources = require "exotel.resources.kinds"

local M = {}

local refuse = refusals.raise

-- Stand for a trunk's sid, a thing's id and a password where only the other arguments are checked.
local SOME_TRUNK, SOME_ID, SOME_PASSWORD = "trunk", "1", "x"

--- entries.given_fields(table) → a copy without what is JSON null, which is the same as not given.
function M.given_fields(source)
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
  return M.given_fields(entry)
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
  if fields.trunk_sid ~= nil then refuse(name .. ".trunk_sid", "is an unknown argument") end
  for key, value in pairs(fields) do arguments[key] = value end
  return refusals.check(client, operation, arguments, function(field)
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

--- entries.read(client, resource, given, name) → the entry in its long form, and the refusal of a value or nil. `name`:
-- its place, "phone_numbers[1]". Raises a refusal for a name, a type or a lack.
function M.read(client, resource, given, name)
  local kind = resources.kinds[resource]
  local entry = long_form(kind, given, name)
  strip_scheme(entry)
  local short = type(given) == "string" and kind.short or nil
  return entry, (checks[resource] or check_entry)(client, kind, entry, name, short)
end

return M
