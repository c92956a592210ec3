-- A directory beside everything else: it is refreshed while the account changes and requests fail at random, and read by
-- ten processes while it is replaced at full speed and its writer is killed, for a minute in
-- spec/by_hand/directory.lua. A failure names its seed.
local directories = require "spec.support.directories"
local directory = require "exotel.directory"
local random_specs = require "spec.support.random_specs"
local sandbox = require "exotel.sandbox"
local sanitized = require "spec.support.sanitized"
local swapped_directory = require "spec.support.swapped_directory"

local SEEDS = sanitized.fewer(60)

-- Changes of the account ----------------------------------------------------------------------------------------------

local function random_number(random) return ("+91987654%04d"):format(random.below(30)) end

local function random_trunk(random, sb)
  local trunks = sb:state().trunks
  return #trunks > 0 and random.one_of(trunks)
end

local function random_item(random, sb, list)
  local trunk = random_trunk(random, sb)
  local items = trunk and trunk[list] or {}
  if #items > 0 then return trunk.trunk_sid, random.one_of(items) end
end

-- Each takes part in what other operators do; a refusal is as good as a success.
local acts = {
  function(random, _, client) client:create_trunk { trunk_name = "t" .. random.below(5) } end,
  function(random, sb, client)
    local trunk = random_trunk(random, sb)
    if trunk then client:map_phone_number { trunk_sid = trunk.trunk_sid, phone_number = random_number(random), mode = random.one_of { "flow", "pstn" } } end
  end,
  function(random, sb, client)
    local trunk = random_trunk(random, sb)
    if trunk then client:whitelist_ip { trunk_sid = trunk.trunk_sid, ip = "203.0.113." .. random.below(9), mask = random.one_of { 24, 32 } } end
  end,
  function(random, sb, client)
    local trunk = random_trunk(random, sb)
    if not trunk then return end
    client:add_destinations { trunk_sid = trunk.trunk_sid, destinations = { { destination = "pbx" .. random.below(9) .. ".example:5060;transport=tcp" } } }
  end,
  function(random, sb, client)
    local trunk = random_trunk(random, sb)
    if trunk then client:set_settings { trunk_sid = trunk.trunk_sid, settings = { { name = "trunk_external_alias", value = random_number(random) } } } end
  end,
  function(random, sb, client)
    local sid, number = random_item(random, sb, "numbers")
    if sid then client:unmap_phone_number { trunk_sid = sid, id = number.id } end
  end,
  -- A number goes from one trunk to another.
  function(random, sb, client)
    local sid, number = random_item(random, sb, "numbers")
    local other = random_trunk(random, sb)
    if not sid then return end
    client:unmap_phone_number { trunk_sid = sid, id = number.id }
    client:map_phone_number { trunk_sid = other.trunk_sid, phone_number = number.phone_number, mode = number.mode }
  end,
  function(random, sb, client)
    local sid, ip = random_item(random, sb, "ips")
    if sid then client:remove_whitelisted_ip { trunk_sid = sid, id = ip.id } end
  end,
  function(random, sb, client)
    local trunk = random.below(4) == 0 and random_trunk(random, sb)
    if trunk then client:delete_trunk { trunk_sid = trunk.trunk_sid } end
  end,
}

local function change(random, sb, client, count)
  for _ = 1, count do random.one_of(acts)(random, sb, client) end
end

local function spread_faults(random, sb)
  for _ = 1, random.below(6) do
    sb:fault { [random.one_of { "before", "after" }] = random.one_of { "list_trunks", "list_phone_numbers", "list_whitelisted_ips",
      "list_destinations", "list_settings", "find_trunk_map" }, skip = random.below(4), status = random.one_of { 500, 403, 404 } }
  end
end

-- What a directory says of itself.
local function check(d, seed)
  for t in d:trunks() do
    assert(t.age >= 0, seed)
    assert(not t.partial or d:age() >= t.age - 0.001 or d:age() ~= d:age(), seed)
  end
  for n in d:numbers() do assert(d:trunk(n.trunk_sid), seed) end
end

local function run(seed)
  local random = random_specs.randomness(seed)
  local folder, remove = directories.folder()
  local sb = assert(sandbox.start { page_size = random.one_of { 1, 3, 50 } })
  local reader = assert(sb:client { rate_limit = false, retries = random.below(2), backoff = 0 })
  local operator = assert(sb:client { rate_limit = false, retries = 0 })
  local d = assert(directory.open { folder .. "/d", create = true })
  change(random, sb, operator, 20)
  for _ = 1, 6 do
    spread_faults(random, sb)
    local before = directories.of_directory(d)
    local changes, err = d:refresh(reader, { progress = function() change(random, sb, operator, random.below(3)) end })
    if not changes then assert.equal(before, directories.of_directory(d), "seed " .. seed .. ": " .. tostring(err)) end
    check(d, "seed " .. seed)
    sb:clear_faults()
  end
  assert.is_true(assert(d:refresh(reader)).complete)
  assert.equal(directories.of_service(sb), directories.of_directory(d), "seed " .. seed)
  assert.equal(directories.of_service(sb), directories.of_directory(assert(directory.open { folder .. "/d" })), "seed " .. seed)
  operator:close()
  reader:close()
  d:close()
  sb:stop()
  remove()
end

describe("a directory", function()
  it("equals the account after rest, whatever failed and changed meanwhile", function()
    for seed = 1, SEEDS do run(seed) end
  end)

  it("is never seen by halves by ten processes while writers replace it and are killed #plain", function()
    local written, readers = swapped_directory.run { readers = 9, seconds = 3, kills = 10 }
    assert.is_true(written > 20, tostring(written))
    for _, one in ipairs(readers) do assert.is_true(one.seen > 1, tostring(one.seen)) end
  end)
end)
