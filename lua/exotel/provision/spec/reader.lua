--- Reads specifications: checks all of them before anything is sent, by the rules of the operations they will need.
local absent = require "exotel.provision.spec.absent"
local core = require "exotel.core"
local kinds = require "exotel.resources.kinds"
local origin = require "exotel.provision.source.origin"
local problems = require "exotel.provision.spec.problems"
local validation = require "exotel.resources.validation"

local M = {}

-- The fields of a trunk are what update_trunk can change.
local trunk_fields = {}
for _, operation in ipairs(core.operations) do
  for _, parameter in ipairs(operation.name == "update_trunk" and operation.parameters or {}) do
    if parameter.location == "body" then trunk_fields[#trunk_fields + 1] = parameter.name end
  end
end

local known = { "trunk_sid" }
for _, name in ipairs(trunk_fields) do known[#known + 1] = name end
for _, kind in ipairs(kinds.as_written) do
  for _, name in ipairs(kind.spec_keys) do known[#known + 1] = name end
end
known[#known + 1] = "as_is"
known[#known + 1] = "absent"

-- What people call them.
local words = {
  name = "trunk_name", trunk = "trunk_name", domain = "domain_name", caller_id = "alias", callerid = "alias",
  trunk_external_alias = "alias", acl = "whitelisted_ips", dids = "phone_numbers", did = "phone_numbers",
  origination = "destinations", uris = "destinations", users = "credentials", secure = "secure_trunking",
}

--- The names of the trunk's own fields, in the order of the service's.
M.trunk_fields = trunk_fields

-- What is no entry of a list, and so can't be marked itself: a field of the trunk, a setting.
local function has_value(spec, name)
  for _, field in ipairs(trunk_fields) do
    if field == name then return spec[field] ~= nil end
  end
  for _, kind in ipairs(kinds.all) do
    if kind.has_value and kind.has_value(spec, name) then return true end
  end
  return false
end

local function check_mark(spec, name, path)
  if has_value(spec, name) then return true end
  local text = "names nothing here: it can be a field of the trunk, alias or settings.NAME"
  validation.raise(path, text, { rule = "form" })
end

-- → the names of the values that are left to the service, as a set. Leaves in the specification those that are.
local function read_marks(reading, spec, prefix)
  local path, names, list = prefix .. "as_is", {}, {}
  local given = spec.as_is ~= nil and validation.attempt(reading, validation.list, spec.as_is, path) or {}
  for i, name in ipairs(given) do
    if validation.attempt(reading, check_mark, spec, name, ("%s[%d]"):format(path, i)) then
      names[name], list[#list + 1] = true, name
    end
  end
  spec.as_is = #list > 0 and list or nil
  return names
end

local function read_field(reading, trunk, name, value, name_of)
  local fault = validation.check_on_trunk(reading, "update_trunk", { [name] = value }, name_of)
  trunk.fields[name] = value
  if trunk.as_is[name] or not fault then return end
  trunk.invalid[name] = fault
  validation.note(reading, fault)
end

-- Each field alone, so that each has its own fault.
local function read_trunk(reading, spec, prefix)
  local trunk = { fields = {}, invalid = {}, as_is = read_marks(reading, spec, prefix) }
  local function name_of(field) return prefix .. field end
  if spec.trunk_name == nil then
    validation.attempt(reading, validation.check, reading, "create_trunk", {}, name_of)
  end
  if spec.trunk_sid ~= nil then
    local arguments = { trunk_sid = spec.trunk_sid }
    validation.attempt(reading, validation.check, reading, "get_trunk", arguments, name_of)
    trunk.trunk_sid = spec.trunk_sid
  end
  for _, name in ipairs(trunk_fields) do
    if spec[name] ~= nil then
      validation.attempt(reading, read_field, reading, trunk, name, spec[name], name_of)
    end
  end
  return trunk
end

-- In JSON {} is no empty list, and [] no empty table of names.
local function refuse_empty(kind, value, path)
  local is_array = getmetatable(value) == core.array_metatable
  if type(value) ~= "table" or next(value) ~= nil or is_array == kind.is_list then return end
  validation.raise(path, kind.is_list and "must be a list" or "must be a table of name = value", { rule = "form" })
end

local function take_empty(reading, spec, prefix)
  for _, kind in ipairs(kinds.as_written) do
    local key = kind.spec_key
    validation.attempt(reading, refuse_empty, kind, spec[key], prefix .. key)
  end
end

local function read_one(reading, given, prefix)
  if type(given) ~= "table" then
    validation.raise(prefix == "" and "specification" or prefix:sub(1, -2), "must be a table", { rule = "form" })
  end
  reading.prefix = prefix
  local spec = validation.given(given)
  local settings = { path = prefix, where = " in a specification", words = words }
  validation.take_unknown(reading, spec, known, settings)
  local file = origin.file(given)
  if file and file.form == "json" then take_empty(reading, spec, prefix) end
  local is_absent = absent.is(reading, spec, prefix)
  local read = is_absent and absent.read_trunk or read_trunk
  local desired = { trunk = read(reading, spec, prefix) }
  local lists = is_absent and {} or spec
  for _, kind in ipairs(kinds.as_written) do desired[kind.name] = kind:read_entries(reading, lists, prefix) end
  return desired
end

-- Reading on after a fault: what there is of it is desired.
local function read_or_note(reading, given, prefix, index)
  reading.trunk, reading.prefix = index, ""
  return validation.attempt(reading, read_one, reading, given, prefix)
end

local function note_twice(reading, name, value, index, first)
  reading.trunk, reading.prefix = index, ("specifications[%d]."):format(index)
  validation.note(reading, validation.fault(reading.prefix .. name,
    "stands in the specifications twice: " .. tostring(value), { rule = "twice", other = first }))
end

local function check_distinct(reading, desired_trunks, count, name, value_of)
  local seen = {}
  for i = 1, count do
    local value = desired_trunks[i] and value_of(desired_trunks[i].trunk)
    if value ~= nil and seen[value] then note_twice(reading, name, value, i, seen[value]) end
    if value ~= nil then seen[value] = seen[value] or i end
  end
end

local function read_list(reading, specs)
  local desired_trunks = {}
  for i, spec in ipairs(specs) do
    local prefix = specs[2] ~= nil and ("specifications[%d]."):format(i) or ""
    desired_trunks[i] = read_or_note(reading, spec, prefix, i)
  end
  check_distinct(reading, desired_trunks, #specs, "trunk_name", function(trunk) return trunk.fields.trunk_name end)
  check_distinct(reading, desired_trunks, #specs, "trunk_sid", function(trunk) return trunk.trunk_sid end)
  return desired_trunks
end

--- reader.list(specifications) → them as an array, where it is one.
function M.list(specs)
  if type(specs) == "table" and specs[1] ~= nil then return specs end
  return { specs }
end

--- reader.examine(client, specifications) → an array of what is desired, with holes where a specification can't be
-- read at all; and the reading, with all faults (see resources.validation). `client`: nil for the rules alone.
function M.examine(client, specs)
  local reading = validation.reading(client)
  if M.list(specs) ~= specs then return { read_or_note(reading, specs, "", 1) }, reading end
  local list = validation.attempt(reading, validation.list, specs, "specifications")
  return list and read_list(reading, list) or {}, reading
end

--- reader.read(client, specifications) → an array of what is desired, one for each trunk; or nil, err of kind
-- "invalid_argument" with the field's full name, and all `problems`. Takes one specification, too. Makes no request.
-- What is desired of a trunk has trunk = { fields, invalid (faults of values, by field), trunk_sid, as_is (the names of
-- the values that are left to the service, as a set), absent (true: there must be none) }, and under the name of each
-- kind of resource its items (see resources.items).
function M.read(client, specs)
  local desired_trunks, reading = M.examine(client, specs)
  for _, fault in ipairs(reading.faults) do
    if not fault.by_value then return nil, problems.error(M.list(specs), reading.faults, fault) end
  end
  return desired_trunks
end

return M
