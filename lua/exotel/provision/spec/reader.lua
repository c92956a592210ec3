--- Reads specifications: checks all of them before anything is sent, by the rules of the operations they will need.
local absent = require "exotel.provision.spec.absent"
local core = require "exotel.core"
local kinds = require "exotel.resources.kinds"
local validation = require "exotel.resources.validation"

local M = {}

local raise = validation.raise

-- The fields of a trunk are what update_trunk can change.
local trunk_fields, known = {}, { trunk_sid = true, as_is = true, absent = true }
for _, operation in ipairs(core.operations) do
  for _, parameter in ipairs(operation.name == "update_trunk" and operation.parameters or {}) do
    if parameter.location == "body" then trunk_fields[#trunk_fields + 1] = parameter.name end
  end
end
for _, name in ipairs(trunk_fields) do known[name] = true end
for _, kind in ipairs(kinds.all) do
  for _, key in ipairs(kind.spec_keys) do known[key] = true end
end

--- The names of the trunk's own fields, in the order of the service's.
M.trunk_fields = trunk_fields

local function check_keys(spec, prefix)
  for key in pairs(spec) do
    if not known[key] then raise(prefix .. tostring(key), "is unknown in a specification") end
  end
end

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

-- → the names of the values that are left to the service, as a set
local function read_marks(spec, prefix)
  local path, names = prefix .. "as_is", {}
  for i, name in ipairs(spec.as_is ~= nil and validation.list(spec.as_is, path) or {}) do
    if not has_value(spec, name) then
      raise(("%s[%d]"):format(path, i), "names nothing here: it can be a field of the trunk, alias or settings.NAME")
    end
    names[name] = true
  end
  return names
end

-- Each field alone, so that each has its own error.
local function read_trunk(client, spec, prefix)
  local trunk = { fields = {}, invalid = {}, trunk_sid = spec.trunk_sid, as_is = read_marks(spec, prefix) }
  local function name_of(field) return prefix .. field end
  validation.check(client, "create_trunk", { trunk_name = spec.trunk_name }, name_of)
  if spec.trunk_sid ~= nil then validation.check(client, "get_trunk", { trunk_sid = spec.trunk_sid }, name_of) end
  for _, name in ipairs(trunk_fields) do
    local value = spec[name]
    trunk.fields[name] = value
    if value ~= nil then
      local err = validation.check_on_trunk(client, "update_trunk", { [name] = value }, name_of)
      trunk.invalid[name] = not trunk.as_is[name] and err or nil
    end
  end
  return trunk
end

local function read_one(client, given, prefix)
  if type(given) ~= "table" then raise(prefix == "" and "specification" or prefix:sub(1, -2), "must be a table") end
  local spec = validation.given(given)
  check_keys(spec, prefix)
  local is_absent = spec.absent ~= nil
  local desired = { trunk = is_absent and absent.read_trunk(spec, prefix) or read_trunk(client, spec, prefix) }
  local lists = is_absent and {} or spec
  for _, kind in ipairs(kinds.all) do desired[kind.name] = kind:read_entries(client, lists, prefix) end
  return desired
end

local function check_distinct(desired_trunks, name, value_of)
  local seen = {}
  for i, desired in ipairs(desired_trunks) do
    local value = value_of(desired.trunk)
    if value and seen[value] then
      raise(("specifications[%d].%s"):format(i, name), "stands in the specifications twice: " .. value)
    end
    if value then seen[value] = true end
  end
end

local function read(client, specs)
  if type(specs) ~= "table" or specs[1] == nil then return { read_one(client, specs, "") } end
  local desired_trunks = {}
  for i, spec in ipairs(validation.list(specs, "specifications")) do
    desired_trunks[i] = read_one(client, spec, specs[2] and ("specifications[%d]."):format(i) or "")
  end
  check_distinct(desired_trunks, "trunk_name", function(trunk) return trunk.fields.trunk_name end)
  check_distinct(desired_trunks, "trunk_sid", function(trunk) return trunk.trunk_sid end)
  return desired_trunks
end

--- reader.read(client, specifications) → an array of what is desired, one for each trunk; or nil, err of kind
-- "invalid_argument" with the field's full name. Takes one specification, too. Makes no request. What is desired of a
-- trunk has trunk = { fields, invalid (errors of values, by field), trunk_sid, as_is (the names of the values that are
-- left to the service, as a set), absent (true: there must be none) }, and under the name of each kind of resource its
-- items (see resources.items).
function M.read(client, specs)
  return validation.catch(read, client, specs)
end

return M
