--- Trunks that a test puts there with all they have, whatever the rules say.

local ids = require "exotel.sandbox.ids"
local shapes = require "exotel.sandbox.shapes"
local trunk = require "exotel.sandbox.trunk"

local put = {}

-- By the list's name: the kind of its objects, the field that tells them apart, and what the service sets by itself.
local LISTS = {
  numbers = { kind = "phone_number", key = "phone_number" },
  ips = { kind = "whitelisted_ip", key = "ip", defaults = { mask = 32 } },
  destinations = {
    kind = "destination", key = "destination", defaults = { type = "public", priority = 0, weight = 1 },
  },
  settings = { kind = "setting", key = "name" },
  credentials = { kind = "credential", key = "user_name" },
}

-- The names that a specification for exotel.provision has for some of them.
local ALIASES = { phone_numbers = "numbers", whitelisted_ips = "ips" }

local WHOLE_NUMBERS = { mask = true, priority = true, weight = true }

local function set_of(names, more)
  local set = {}
  for _, name in ipairs(names) do set[name] = true end
  if more then set[more] = true end
  return set
end

local TRUNK_FIELDS = set_of(shapes.fields.trunk)

for _, list in pairs(LISTS) do
  list.fields = set_of(shapes.fields[list.kind], list.kind == "credential" and "password")
end

local function fail(message, ...)
  error("put: " .. message:format(...), 0)
end

local function is_whole(value)
  return type(value) == "number" and value == math.floor(value) and math.abs(value) < 2 ^ 53
end

local function read_value(value, name, path)
  if WHOLE_NUMBERS[name] then
    if not is_whole(value) then fail("%s should be a whole number", path) end
    return value
  end
  if name == "id" and is_whole(value) then return ("%d"):format(value) end
  if type(value) ~= "string" then fail("%s should be a string", path) end
  return value
end

-- A string stands for the object that the service makes of it: it puts `sip:` before a destination, and a range is an
-- IP with a mask.
local function expand(item, list)
  if type(item) ~= "string" then return item end
  local ip, mask = item:match("^(.*)/(%d+)$")
  if list.kind == "whitelisted_ip" and ip then return { ip = ip, mask = tonumber(mask) } end
  if list.kind == "destination" and not item:find("^sip:") then item = "sip:" .. item end
  return { [list.key] = item }
end

local function read_object(item, list, path)
  item = expand(item, list)
  if type(item) ~= "table" then fail("%s should be a table", path) end
  local object = {}
  for name, value in pairs(item) do
    if not list.fields[name] then fail("unknown field '%s.%s'", path, tostring(name)) end
    object[name] = read_value(value, name, path .. "." .. name)
  end
  if object[list.key] == nil then fail("%s.%s is missing", path, list.key) end
  return object
end

local function is_array(value)
  if type(value) ~= "table" then return false end
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  return count == #value
end

-- Of settings a specification has the values by name.
local function list_settings(values)
  local names = {}
  for name in pairs(values) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  local items = {}
  for i, name in ipairs(names) do items[i] = { name = name, value = values[name] } end
  return items
end

local function read_list(items, list, path)
  if list.kind == "setting" and type(items) == "table" and items[1] == nil then items = list_settings(items) end
  if not is_array(items) then fail("%s should be an array", path) end
  local objects = {}
  for i, item in ipairs(items) do objects[i] = read_object(item, list, ("%s[%d]"):format(path, i)) end
  return objects
end

-- The service has paths under some of the lists' names: they are the trunk's own, and made anew.
local function read_entry(read, name, value)
  local list = ALIASES[name] or name
  if LISTS[list] and not (TRUNK_FIELDS[name] and type(value) == "string") then
    if read[list] then fail("%s is there under two names", name) end
    read[list] = read_list(value, LISTS[list], name)
  elseif TRUNK_FIELDS[name] then
    read.fields[name] = read_value(value, name, name)
  else
    fail("unknown field '%s'", tostring(name))
  end
end

local function add_alias(read, value)
  if value == nil then return end
  read.settings = read.settings or {}
  table.insert(read.settings, { name = "trunk_external_alias", value = read_value(value, "value", "alias") })
end

--- Checks a trunk as a test gives it. → the trunk as put.into takes it: `fields`, and those of trunk.lists that are
-- given. Raises a message that names what is wrong.
function put.read(spec)
  if type(spec) ~= "table" then fail("needs a table, not a %s", type(spec)) end
  local read = { fields = {} }
  for name, value in pairs(spec) do
    if name ~= "alias" then read_entry(read, name, value) end
  end
  add_alias(read, spec.alias)
  return read
end

local function complete(state, object, list, owner, now)
  if list.kind ~= "setting" then object.id = ids.take(state.counters, list.kind, object.id) end
  for name, value in pairs(list.defaults or {}) do
    if object[name] == nil then object[name] = value end
  end
  object.trunk_sid = owner.fields.trunk_sid
  object.date_created = object.date_created or now
  object.date_updated = object.date_updated or now
  return object
end

local function add_defaults(state, fields)
  fields.nso_code = fields.nso_code or "ANY-ANY"
  fields.domain_name = fields.domain_name or state.account_sid .. ".pstn.exotel.com"
  return fields
end

--- Puts a trunk there that put.read has read, in place of the one that has its trunk_sid. `now`: the date
-- → the trunk
function put.into(state, read, now)
  local made = trunk.new(state, add_defaults(state, read.fields), now)
  for name, list in pairs(LISTS) do
    for i, object in ipairs(read[name] or {}) do made[name][i] = complete(state, object, list, made, now) end
  end
  local replaced = state.by_sid[made.fields.trunk_sid]
  trunk.add(state, made, replaced and trunk.remove(state, replaced))
  return made
end

return put
