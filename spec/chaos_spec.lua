-- Random specifications against a service of which up to 30 % of all requests fail, each in a random way: applied until
-- it says done, the service holds exactly what was asked for. A failure names its seed.
local desired = require "spec.support.desired"
local sandbox = require "exotel.sandbox"
local trunk = require "exotel.trunk"

local SEEDS = 500
-- Requests that may fail; later ones don't, so that every run comes to its end.
local HAZARDOUS = 150
local HOSTS = { "a.example.com", "b.example.com", "c.example.com" }
local TRANSPORTS = { "", ";transport=tls", ";transport=tcp", ";transport=udp" }
local ALIASES = { "+918040264200", "+918040264201" }

-- The same numbers from a seed with every Lua.
local function randomness(seed)
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

-- Some of the first `count` things, each made by `make(i)`.
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

-- A number is wanted by at most one of several: each takes those for which `mine` says so.
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

local function random_specs(random, names, exact)
  local owners, specs = {}, {}
  for i = 1, 4 do owners[i] = random.one_of(names) end
  for k, name in ipairs(names) do specs[k] = random_spec(random, name, exact, function(i) return owners[i] == name end) end
  return specs
end

-- ---- trunks that are there already, and differ ----

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

local function prepare_one(random, client, spec)
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

-- → what is to be, and how to apply it. Of trunks that are there one may get another name.
local function changing_job(random, client, names)
  local trunks = {}
  for i, spec in ipairs(random_specs(random, names, true)) do trunks[i] = prepare_one(random, client, spec) end
  local job = {
    spec = random_specs(random, names, true),
    options = { prune = true, allow = { "last_ip", "last_destination", "shrink" }, rotate = {} },
  }
  if random.chance(30) then job.spec[1].trunk_name, job.spec[1].trunk_sid = "renamed", trunks[1].trunk_sid end
  for _, credential in ipairs(job.spec[1].credentials) do
    if random.chance(30) then
      table.insert(job.options.rotate, credential.user_name)
      for _, spec in ipairs(job.spec) do
        for _, same in ipairs(spec.credentials) do
          if same.user_name == credential.user_name then same.password = "changed" end
        end
      end
    end
  end
  return job
end

-- ---- faults ----

local STATUSES = { 500, 502, 503, 504, 501 }

local function random_fault(random)
  local place = random.one_of { "before", "after" }
  local kind = random.below(60)
  if kind == 0 then return { [place] = "*", hang = true } end
  if kind < 10 then return { before = "*", status = 429 } end
  if kind < 20 then return { on = "*", cut = random.below(120) } end
  if kind < 30 then return { [place] = "*", drop = true } end
  if kind < 40 then return { [place] = "*", reset = true } end
  if kind < 50 then return { [place] = "*", status = random.one_of(STATUSES) } end
  return { [place] = "*", status = random.one_of { 200, 502 }, body = random.one_of { "", "<html>", '{"request_id":', "busy", "{}" } }
end

-- Each of the next requests fails with this chance. A fault isn't asked about requests that an earlier one has taken.
local function spread_faults(random, sb, percent)
  local count = 0
  for i = 0, HAZARDOUS - 1 do
    if random.chance(percent) then
      local fault = random_fault(random)
      fault.skip = i - count
      sb:fault(fault)
      count = count + 1
    end
  end
end

-- ---- a run ----

local function run(seed)
  local random = randomness(seed)
  local name, changing = "seed " .. seed, seed % 2 == 0
  local sb = assert(sandbox.start { page_size = random.one_of { 1, 3, 50 } })
  local patient = assert(sb:client { rate_limit = false })
  local hasty = assert(sb:client { retries = random.below(3), backoff = 0, rate_limit = false, timeout = 0.25 })
  local names = random.chance(30) and { "inbound_trunk", "outbound_trunk" } or { "outbound_trunk" }
  local job = changing and changing_job(random, patient, names) or { spec = random_specs(random, names) }
  spread_faults(random, sb, random.below(31))
  desired.apply_until_done(hasty, sb, job, name, { times = HAZARDOUS })
  desired.assert_settled(patient, sb, job, name)
  hasty:close()
  patient:close()
  sb:stop()
end

describe("a service that fails at random", function()
  for first = 1, SEEDS, 100 do
    it(("ends as it should: seeds %d to %d"):format(first, first + 99), function()
      for seed = first, first + 99 do run(seed) end
    end)
  end
end)
