-- Random specifications against a service of which up to 30 % of all requests fail, each in a random way: applied until
-- it says done, the service holds exactly what was asked for. A failure names its seed.
local desired = require "spec.support.desired"
local random_specs = require "spec.support.random_specs"
local sandbox = require "exotel.sandbox"
local sanitized = require "spec.support.sanitized"

local SEEDS = sanitized.fewer(500)
-- Requests that may fail; later ones don't, so that every run comes to its end.
local HAZARDOUS = 150

-- → specifications for existing trunks, one of which may get another name, and the options to apply them with.
local function changing_job(random, client, names)
  local trunks = {}
  for i, spec in ipairs(random_specs.make(random, names, true)) do trunks[i] = random_specs.prepare(random, client, spec) end
  local job = {
    spec = random_specs.make(random, names, true),
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

-- Each of the next requests fails with this probability. A fault doesn't see the requests that an earlier one has taken.
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
  local random = random_specs.randomness(seed)
  local name, changing = "seed " .. seed, seed % 2 == 0
  local sb = assert(sandbox.start { page_size = random.one_of { 1, 3, 50 } })
  local patient = assert(sb:client { rate_limit = false })
  local hasty = assert(sb:client { retries = random.below(3), backoff = 0, settle_wait = random.one_of { 0, 0.01 }, rate_limit = false, timeout = 0.25 })
  local names = random.chance(30) and { "inbound_trunk", "outbound_trunk" } or { "outbound_trunk" }
  local job = changing and changing_job(random, patient, names) or { spec = random_specs.make(random, names) }
  spread_faults(random, sb, random.below(31))
  desired.apply_until_done(hasty, sb, job, name, { times = HAZARDOUS })
  desired.assert_reached(patient, sb, job, name)
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
