--- A trunk as the state holds it: `fields`, those of its data, and an array for each kind of object that is on it,
-- oldest first.

local ids = require "exotel.sandbox.ids"
local number_index = require "exotel.sandbox.number_index"

local trunk = {}

--- The names of those arrays.
trunk.lists = { "numbers", "ips", "destinations", "settings", "credentials" }

local function add_uris(state, fields)
  local base = "/v2/accounts/" .. state.account_sid .. "/trunks/" .. fields.trunk_sid
  fields.destination_uris = base .. "/destination-uris"
  fields.whitelisted_ips = base .. "/whitelisted-ips"
  fields.credentials = base .. "/credentials"
  fields.phone_numbers = base .. "/phone-numbers"
end

local function make_fields(state, values, now)
  local fields = {
    trunk_sid = values.trunk_sid or ids.trunk_sid(state.hex), status = "active", auth_type = "IP-WHITELIST",
    edge_preference = "auto", registration_enabled = "disabled", secure_trunking = "disabled", date_created = now,
    date_updated = now,
  }
  for name, value in pairs(values) do fields[name] = value end
  add_uris(state, fields)
  return fields
end

--- Makes a trunk with nothing on it. `values`: fields given; `now`: the date
function trunk.new(state, values, now)
  local made = { fields = make_fields(state, values, now) }
  for _, list in ipairs(trunk.lists) do made[list] = {} end
  return made
end

--- Adds it to the state's trunks, at `index` or as the youngest.
function trunk.add(state, added, index)
  table.insert(state.trunks, index or #state.trunks + 1, added)
  state.by_sid[added.fields.trunk_sid] = added
  for _, mapping in ipairs(added.numbers) do number_index.add(state.mapped, mapping) end
end

--- Removes it from the state. → the index it had
function trunk.remove(state, removed)
  state.by_sid[removed.fields.trunk_sid] = nil
  for _, mapping in ipairs(removed.numbers) do number_index.remove(state.mapped, mapping) end
  for index, other in ipairs(state.trunks) do
    if other == removed then
      table.remove(state.trunks, index)
      return index
    end
  end
end

local function copy(values)
  local copied = {}
  for name, value in pairs(values) do copied[name] = value end
  return copied
end

--- → a copy of an array of objects
function trunk.copy_list(objects)
  local copied = {}
  for i, object in ipairs(objects) do copied[i] = copy(object) end
  return copied
end

local function copy_lists(from, to)
  for _, list in ipairs(trunk.lists) do to[list] = trunk.copy_list(from[list]) end
  return to
end

--- → a copy, which nothing done to the original changes
function trunk.copy(original)
  return copy_lists(original, { fields = copy(original.fields) })
end

--- → the trunk as plain tables: its fields, and the arrays beside them. What the service calls null is absent.
function trunk.snapshot(original)
  return copy_lists(original, copy(original.fields))
end

return trunk
