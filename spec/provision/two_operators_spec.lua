-- Two and three who apply the same specification at once, in many orders of their requests: none of it is lost, doubled
-- or told otherwise than it is.
local actors = require "spec.support.actors"
local desired = require "spec.support.desired"
local provision = require "exotel.provision"
local random_specs = require "spec.support.random_specs"
local sandbox = require "exotel.sandbox"
local sanitized = require "spec.support.sanitized"

local SEEDS = sanitized.fewer(50)

local job = {
  spec = {
    trunk_name = "outbound_trunk", phone_numbers = { "+919876543210", { phone_number = "+918040264208", mode = "flow" } },
    whitelisted_ips = { "192.0.2.1" }, alias = "+919876543210", secure_trunking = "enabled",
    destinations = { "192.0.2.1:5061;transport=tls", { destination = "sip.example.com:5060", priority = 2, weight = 5 } },
    credentials = { { user_name = "pbx", password = "secret_1", friendly_name = "front" } },
  },
}

-- → the results of all, { report, err }; the report also when it is partial
local function apply_at_once(sb, seed, count)
  local results, functions, clients = {}, {}, {}
  for i = 1, count do
    clients[i] = assert(sb:client { retries = 0, backoff = 0, rate_limit = false, sleep = actors.sleep })
    functions[i] = function()
      local report, err, partly = provision.apply(clients[i], job.spec)
      results[i] = { report = report or partly, err = err }
    end
  end
  actors.run(seed, functions)
  for i = 1, count do clients[i]:close() end
  return results
end

-- Nobody is told done or present of what is not there. What has failed for one may have been done by another.
local function check_claims(results, state, name)
  for _, result in ipairs(results) do
    local claims = { done = true, present = true }
    local lie = desired.lie(result.report, state, claims)
    desired.check(not lie, name, lie)
  end
end

local function in_every_order(title, count, prepare, check)
  it(("%s: %d orders"):format(title, SEEDS), function()
    for seed = 1, SEEDS do
      local sb = assert(sandbox.start())
      local patient = assert(sb:client { rate_limit = false })
      prepare(sb, patient, random_specs.randomness(seed))
      local results = apply_at_once(sb, seed, count)
      check_claims(results, sb:state(), "seed " .. seed)
      check(sb, patient, results, "seed " .. seed)
      patient:close()
      sb:stop()
    end
  end)
end

-- All say that it is done, and so it is, once.
local function is_reached(sb, patient, results, name)
  for _, result in ipairs(results) do desired.check(not result.err, name, result.err, result.report) end
  desired.assert_reached(patient, sb, job, name)
end

-- After one more apply, in peace.
local function is_reached_then(sb, patient, _, name)
  sb:clear_faults()
  local report, err = provision.apply(patient, job.spec)
  desired.check(report, name, err)
  desired.assert_reached(patient, sb, job, name)
end

local function make_trunk(_, patient) assert(patient:create_trunk { trunk_name = "outbound_trunk" }) end

local function nothing() end

local function lose_destinations(count)
  return function(sb, patient)
    make_trunk(sb, patient)
    sb:fault { after = "add_destinations", drop = true, times = count }
  end
end

-- A quarter of the first requests is lost, before or after they take effect. A fault doesn't count the requests that an
-- earlier one has taken.
local function lose_a_quarter(sb, patient, random)
  if random.chance(50) then make_trunk(sb, patient) end
  local count = 0
  for i = 0, 59 do
    if random.chance(25) then
      sb:fault { [random.one_of { "before", "after" }] = "*", drop = true, skip = i - count }
      count = count + 1
    end
  end
end

describe("operators who apply the same specification at once #once", function()
  for count = 2, 3 do
    in_every_order(count .. " on a trunk that is there", count, make_trunk, is_reached)
    in_every_order(count .. " on a trunk that is not there yet", count, nothing, is_reached)
    in_every_order(count .. ", each one's first reply to a destination lost", count, lose_destinations(count), is_reached)
    in_every_order(count .. ", a quarter of the requests lost", count, lose_a_quarter, is_reached_then)
  end
end)
