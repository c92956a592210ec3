-- Numbers that change places between trunks while requests fail at random, and while others move the same: each is where
-- the report says, and on no trunk only when it says so. A failure names its seed.
local actors = require "spec.support.actors"
local provision = require "exotel.provision"
local random_specs = require "spec.support.random_specs"
local sanitized = require "spec.support.sanitized"
local world = require "spec.support.world"

describe("moves at random", function()
  local SEEDS, NUMBERS, NAMES = sanitized.fewer(300), 4, { "one", "two", "three" }
  local OPERATIONS = { "unmap_phone_number", "map_phone_number", "list_phone_numbers", "list_trunks" }

  local function number(i) return "+91987654321" .. i end

  -- Each number on one of the trunks.
  local function random_places(random)
    local specs = {}
    for i, name in ipairs(NAMES) do specs[i] = { trunk_name = name, phone_numbers = {} } end
    for i = 1, NUMBERS do table.insert(random.one_of(specs).phone_numbers, number(i)) end
    return specs
  end

  local function random_fault(random)
    local kind, place = random.below(4), random.one_of { "before", "after" }
    local operation = random.one_of(OPERATIONS)
    if kind == 0 then return { before = operation, status = random.one_of { 400, 404, 429, 503 }, skip = random.below(4) } end
    return { [place] = operation, [random.one_of { "drop", "reset" }] = true, skip = random.below(4), times = random.one_of { 1, 1, 2, 9 } }
  end

  local function trunk_of(state, phone_number)
    local found
    for _, trunk in ipairs(state.trunks) do
      for _, mapped in ipairs(trunk.numbers) do
        if mapped.phone_number == phone_number then found = (found and found .. " and " or "") .. trunk.trunk_name end
      end
    end
    return found
  end

  -- What a report says of where a number is must be so; one that is on no trunk is named.
  local function check(report, state, name)
    for _, change in ipairs(report.changes) do
      if change.resource == "phone_number" then
        local place, text = trunk_of(state, change.key), name .. "\n" .. tostring(report)
        local message = change.err and change.err.message or ""
        if change.outcome == "done" or change.outcome == "present" then assert.equal(change.trunk_name, place, text) end
        if not place then assert.truthy(message:find("no trunk now", 1, true) or message:find("not known", 1, true), text) end
        if message:find("no trunk now", 1, true) then assert.is_nil(place, text) end
        if message:find("as before", 1, true) or message:find("again:", 1, true) then assert.equal(change.moved_from, place, text) end
      end
    end
  end

  local function run(seed)
    local random, name = random_specs.randomness(seed), "seed " .. seed
    local w = world.new(nil, { rate_limit = false, backoff = 0, settle_wait = 0 })
    local options = { prune = random.chance(50) }
    assert(provision.apply(w.client, random_places(random)))
    local wanted = random_places(random)
    for _ = 1, random.below(4) do w.sb:fault(random_fault(random)) end
    local report, err, partly = provision.apply(w.client, wanted, options)
    check(report or partly, w.sb:state(), name .. " " .. tostring(err))
    w.sb:clear_faults()
    assert(provision.apply(w.client, wanted, options))
    for i, spec in ipairs(wanted) do
      assert.equal(#spec.phone_numbers, #w.sb:state().trunks[i].numbers, name)
      for _, phone_number in ipairs(spec.phone_numbers) do assert.equal(spec.trunk_name, trunk_of(w.sb:state(), phone_number), name) end
    end
    w:close()
  end

  -- Several who move the same numbers at once, a sixth of their requests lost.
  local function run_at_once(seed, count, losses)
    local random, name = random_specs.randomness(seed), count .. " actors, seed " .. seed
    local w = world.new(nil, { rate_limit = false })
    assert(provision.apply(w.client, random_places(random)))
    local wanted, results, functions, clients = random_places(random), {}, {}, {}
    for i = 0, losses and 40 or 0 do
      if losses and random.chance(16) then w.sb:fault { [random.one_of { "before", "after" }] = "*", drop = true, skip = i } end
    end
    for i = 1, count do
      clients[i] = assert(w.sb:client { retries = 0, backoff = 0, rate_limit = false, sleep = actors.sleep })
      functions[i] = function()
        local report, err, partly = provision.apply(clients[i], wanted)
        results[i] = { report = report or partly, err = err }
      end
    end
    actors.run(seed, functions)
    w.sb:clear_faults()
    for i, result in ipairs(results) do
      for _, change in ipairs(result.report.changes) do
        if change.moved_from and (change.outcome == "done" or change.outcome == "present") then
          assert.equal(change.trunk_name, trunk_of(w.sb:state(), change.key), name .. "\n" .. tostring(result.report))
        end
      end
      if not losses then assert.is_nil(result.err, name .. "\n" .. tostring(result.report)) end
      clients[i]:close()
    end
    assert(provision.apply(w.client, wanted))
    for _, spec in ipairs(wanted) do
      for _, phone_number in ipairs(spec.phone_numbers) do assert.equal(spec.trunk_name, trunk_of(w.sb:state(), phone_number), name) end
    end
    w:close()
  end

  it("end as wanted when several do the same at once, whatever the order of their requests", function()
    for seed = 1, sanitized.fewer(100) do
      for count = 2, 3 do run_at_once(seed, count, seed % 2 == 0) end
    end
  end)

  it(("say where each number is: %d seeds"):format(SEEDS), function()
    for seed = 1, SEEDS do run(seed) end
  end)
end)
