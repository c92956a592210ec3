--- Random specifications, the same from a seed with every Lua, and trunks made by hand as one of them says.
local trunk = require "exotel.trunk"

local random_specs = {}

local HOSTS = { "a.example.com", "b.example.com", "c.example.com" }
local TRANSPORTS = { "", ";transport=tls", ";transport=tcp", ";transport=udp" }
local ALIASES = { "+918040264200", "+918040264201" }

--- → { below(n): 0 to n - 1, one_of(list), chance(percent) }
function random_specs.randomness(seed)
  local state = seed * 7919 % 2147483646 + 1
  local function below(n)
    state = state * 16807 % 2147483647
    return state % n
  end
  local random = { below = below }
  function random.one_of(list) return list[below(#list) + 1] end
  function random.chance(percent) return below(100) < percent end
  return random
end

-- ---- specifications ----

-- Some of the first `count` entries, each made by `make(i)`.
local function some(random, count, make)
  local list = {}
  for i = 1, count do
    if random.chance(60) then list[#list + 1] = make(i) end
  end
  return list
end

local function number_entry(random, i)
  local number = "+91987654321" .. i
  local mode = random.one_of { false, "pstn", "flow" }
  if not mode and random.chance(50) then return number end
  return { phone_number = number, mode = mode or nil }
end

local function ip_entry(random, i)
  local ip = ("192.0.%d.0"):format(i)
  return random.chance(50) and ip or { ip = ip, mask = random.one_of { 24, 32 } }
end

local function ip_of(entry) return type(entry) == "table" and entry.ip or entry end

-- `exact`: nothing is left open, since the service may hold something else already.
local function destination_entry(random, text, exact)
  if not exact and random.chance(50) then return text end
  return { destination = text, priority = random.below(4), weight = random.below(4) }
end

local function destination_entries(random, ips, exact)
  local list, hosts = {}, {}
  for i, host in ipairs(HOSTS) do hosts[i] = host end
  for _, entry in ipairs(ips) do hosts[#hosts + 1] = ip_of(entry) end
  for i, host in ipairs(hosts) do
    if random.chance(40) then
      local text = ("%s:%d%s"):format(host, 5060 + i, random.one_of(TRANSPORTS))
      list[#list + 1] = destination_entry(random, text, exact)
    end
  end
  return list
end

local function credential_entry(random, i, exact)
  local friendly_name = random.one_of { "front", "back", not exact and "" or "front" }
  return { user_name = "user" .. i, password = "secret_" .. i, friendly_name = friendly_name ~= "" and friendly_name or nil }
end

local function trunk_fields(random, spec)
  spec.status = random.one_of { "active", "inactive" }
  spec.secure_trunking = random.one_of { "enabled", "disabled" }
  spec.domain_name = random.one_of { "sandbox1", "other" } .. ".pstn.exotel.com"
end

-- A number is on at most one of several trunks: each takes those for which `mine` is true.
local function random_spec(random, name, exact, mine)
  local ips = some(random, 3, function(i) return ip_entry(random, i) end)
  local spec = {
    trunk_name = name, whitelisted_ips = ips, phone_numbers = {},
    destinations = destination_entries(random, ips, exact),
    settings = random.chance(50) and { trunk_external_alias = random.one_of(ALIASES) } or {},
    credentials = some(random, 3, function(i) return credential_entry(random, i, exact) end),
  }
  for i = 1, 4 do
    if mine(i) and random.chance(60) then table.insert(spec.phone_numbers, number_entry(random, i)) end
  end
  if exact or random.chance(30) then trunk_fields(random, spec) end
  return spec
end

--- Specifications of trunks with these names. `exact`: nothing is left open, since the service may hold something else.
function random_specs.make(random, names, exact)
  local owners, specs = {}, {}
  for i = 1, 4 do owners[i] = random.one_of(names) end
  for k, name in ipairs(names) do specs[k] = random_spec(random, name, exact, function(i) return owners[i] == name end) end
  return specs
end

-- ---- trunks that exist already, and differ ----

local function add_destinations(random, client, t, destinations)
  for _, entry in ipairs(destinations) do
    for _ = 1, random.one_of { 1, 1, 2 } do
      local added = assert(t:add_destination(type(entry) == "table" and entry.destination or entry))
      if type(entry) == "table" then
        assert(client:update_destination { trunk_sid = t.trunk_sid, id = added.id, priority = entry.priority, weight = entry.weight })
      end
    end
  end
end

--- Makes a trunk as an exact specification says; of some destinations there may be two. → the trunk
function random_specs.prepare(random, client, spec)
  local t = assert(trunk.create(client, { trunk_name = spec.trunk_name, domain_name = spec.domain_name }))
  assert(t:update { status = spec.status, secure_trunking = spec.secure_trunking })
  for _, entry in ipairs(spec.phone_numbers) do
    if type(entry) == "table" then assert(t:map_number(entry.phone_number, entry.mode)) else assert(t:map_number(entry)) end
  end
  for _, entry in ipairs(spec.whitelisted_ips) do assert(t:whitelist_ip(ip_of(entry), type(entry) == "table" and entry.mask or nil)) end
  add_destinations(random, client, t, spec.destinations)
  for name, value in pairs(spec.settings) do assert(t:set_settings { [name] = value }) end
  for _, entry in ipairs(spec.credentials) do assert(t:create_credential(entry)) end
  return t
end

return random_specs
