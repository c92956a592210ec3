-- Several actors at once on one service, the order of their requests, what is lost, late and lagging chosen by a seed.
-- Whatever happens: nobody is told of what was never there, nothing wanted is gone without a word, nothing is sent more
-- often than is said, every doubt is said; and after rest one more apply ends with exactly the specification. A failure
-- names its seed: EXO_SEED=… EXO_RUNS=1 replays it.
local simulation = require "spec.support.simulation"
local bulk = require "exotel.bulk"
local bulk_files = require "spec.support.bulk"
local desired = require "spec.support.desired"
local ledger = require "spec.support.ledger"
local provision = require "exotel.provision"
local sanitized = require "spec.support.sanitized"
local trunk = require "exotel.trunk"

local FIRST = tonumber(os.getenv("EXO_SEED")) or 1
local RUNS = tonumber(os.getenv("EXO_RUNS")) or sanitized.is and 300 or 2000
-- A fork may copy a lock of AddressSanitizer's allocator that the sandbox's thread holds. spec/c/test_fork.c has forks with
-- a sanitizer, without such a thread.
local FORKS = sanitized.is and 0 or 8 -- percent of the actors
-- Requests that may fail; later ones don't, so that every run comes to its end.
local HAZARDOUS = 40

-- As by default.
local SETTLE_WAIT = 5

local NAME = "outbound_trunk"
local SPEC = {
  trunk_name = NAME,
  phone_numbers = { "+919876543210", { phone_number = "+919876543211", mode = "flow" } },
  whitelisted_ips = { "192.0.2.1", { ip = "198.51.100.0", mask = 24 } },
  destinations = { "192.0.2.1:5061;transport=tls", "a.example.com:5060;transport=tcp" },
  alias = "+919876543210",
}

local WANTED = {
  "trunk " .. NAME, "phone_number +919876543210", "phone_number +919876543211", "whitelisted_ip 192.0.2.1/32",
  "whitelisted_ip 198.51.100.0/24", "destination 192.0.2.1:5061;transport=tls",
  "destination a.example.com:5060;transport=tcp", "setting trunk_external_alias",
}

-- What the actors do --------------------------------------------------------------------------------------------------

-- Each returns what it was told: an array of { name, action, outcome, err, warned }.
local function told_of_report(report, err)
  local told = {}
  for i, change in ipairs(report and report.changes or {}) do
    local action = change.action == "remove" and "removed" or "made"
    if change.reason == "duplicate" then action = "removed a copy of" end
    told[i] = { name = change.resource .. " " .. change.key, action = action, outcome = change.outcome, err = change.err,
      warned = change.warnings ~= nil }
  end
  if err then told.err = err end
  return told
end

local function apply(options)
  return function(client)
    local report, err, partly = provision.apply(client, SPEC, options)
    return told_of_report(report or partly, err)
  end
end

-- To begin anything with a client that was closed meanwhile would be misuse.
local function is_closed(client) return tostring(client):find("closed", 1, true) ~= nil end

-- The plan is made in one turn, and carried out in later ones.
local function plan_and_apply(client)
  local plan, err = provision.plan(client, SPEC)
  if not plan or is_closed(client) then return { err = err } end
  local report, why, partly = provision.apply(client, plan)
  return told_of_report(report or partly, why)
end

local function told_of(name, data, info)
  if data then
    return { { name = name, action = "made", outcome = info.adopted and "present" or "done", warned = #info.warnings > 0 } }
  end
  local outcome = info.maybe_applied and "unknown" or "failed"
  return { { name = name, action = "made", outcome = outcome, err = info }, err = info }
end

-- The trunk, which somebody else may be about to make.
local function with_trunk(action)
  return function(client, actor)
    local t, err = trunk.find(client, NAME)
    if is_closed(client) then return { err = err } end
    if t then return action(t, client, actor) end
    return { err = err }
  end
end

local function ensure_number(t)
  return told_of("phone_number +919876543210", t:map_number("+919876543210", { ensure = true }))
end

local function ensure_destination(t)
  local uri = "a.example.com:5060;transport=tcp"
  return told_of("destination " .. uri, t:add_destination(uri, { ensure = true }))
end

local function ensure_ip(t) return told_of("whitelisted_ip 192.0.2.1/32", t:whitelist_ip("192.0.2.1", { ensure = true })) end

local function remove_number(t, client)
  local numbers, err = t:list_numbers()
  local number = numbers and numbers[1]
  if not number or is_closed(client) then return { err = err } end
  local name = "phone_number " .. number.phone_number
  local data, why = t:unmap_number(number.id)
  return { { name = name, action = "removed", outcome = data and "done" or "unknown", err = why } }
end

local function delete_trunk(t)
  local data, err = t:delete()
  return { { name = "trunk " .. NAME, action = "removed", outcome = data and "done" or "unknown", err = err } }
end

-- The same by a specification.
local function make_absent(client)
  local report, err, partly = provision.apply(client, { trunk_name = NAME, absent = true }, { allow = { "delete_trunk" } })
  return told_of_report(report or partly, err)
end

-- Both numbers, from a file; what it was told is what the results file says.
local function import(client)
  local paths = bulk_files.new()
  bulk_files.write(paths.csv, "phone_number,mode\n+919876543210,\n+919876543211,flow\n")
  local _, err = bulk.map_numbers(client, paths.csv, { results = paths.results, trunk_name = NAME, concurrency = 2 })
  local told = { err = err }
  for _, row in pairs((bulk_files.results(paths.results))) do
    told[#told + 1] = { name = "phone_number " .. row.phone_number, action = "made", outcome = row.outcome }
  end
  bulk_files.remove(paths)
  return told
end

-- To use a client that is closed is misuse; this one is closed while it is used.
local function close_under(actor, turns)
  return function()
    while not actor.begun do coroutine.yield(0.03) end
    for _ = 1, turns do coroutine.yield(0.03) end
    actor.client:close()
    return {}
  end
end

local ACTIONS = {
  apply(), apply(), apply(), apply { prune = true, allow = { "shrink", "last_ip", "last_destination" } },
  with_trunk(ensure_number), with_trunk(ensure_destination), with_trunk(ensure_destination), with_trunk(ensure_ip),
  with_trunk(remove_number), with_trunk(delete_trunk), make_absent, plan_and_apply, plan_and_apply, import, import,
}

-- What goes wrong -----------------------------------------------------------------------------------------------------

-- Seconds; the last is longer than any actor waits.
local LATE = { 0.3, 1.2, 3, 8 }
local WRITES = { "create_trunk", "map_phone_number", "whitelist_ip", "add_destinations" }

local function random_fault(random, late)
  local kind = random.below(10)
  if kind < 3 then return { after = "*", drop = true } end
  if kind < 5 then return { before = "*", drop = true } end
  if kind < 7 then return { on = "*", late = late } end
  if kind < 8 then return { before = "*", status = random.one_of { 401, 429, 500, 503 } } end
  return { after = "*", status = random.one_of { 500, 502, 504 } }
end

local function spread_faults(random, sb, percent, late)
  local taken = 0
  for i = 0, HAZARDOUS - 1 do
    if random.chance(percent) then
      local fault = random_fault(random, late)
      fault.skip = i - taken
      sb:fault(fault)
      taken = taken + 1
    end
  end
end

-- A write that is on its way when its repetition is refused.
local function doubt_write(random, sb, late)
  local operation = random.one_of(WRITES)
  sb:fault { on = operation, late = late }
  sb:fault { before = operation, status = random.one_of { 400, 401, 503 }, times = 1 + random.below(4) }
end

-- → how late a request may be
local function add_faults(random, sb)
  local percent, late = random.one_of { 0, 0, 0, 10, 25 }, random.one_of(LATE)
  if percent == 0 and not random.chance(50) then return 0 end
  if percent == 0 then doubt_write(random, sb, late) else spread_faults(random, sb, percent, late) end
  return late
end

-- A run ---------------------------------------------------------------------------------------------------------------

local function put_some(random, sb)
  local one = { trunk_name = NAME }
  if random.chance(40) then one.whitelisted_ips = { "192.0.2.1" } end
  if random.chance(40) then one.phone_numbers = { "+919876543210" } end
  if random.chance(30) then one.destinations = { "a.example.com:5060;transport=tcp" } end
  sb:put(one)
end

-- → how many clients will be closed under their actors
local function start(world, random)
  local count, closed = 2 + random.below(2), 0
  for i = 1, count do
    local actor = world:add("actor " .. i, random.one_of(ACTIONS), { retries = random.below(3) })
    if random.chance(10) then
      closed, actor.unread = closed + 1, true
      world:add("closer of " .. i, close_under(actor, random.below(12)))
    end
    if random.chance(FORKS) then actor.forks[1 + random.below(10)] = random.one_of { "queued", "sent" } end
  end
  return closed
end

local function count_posts(sb)
  local count = 0
  for _, request in ipairs(sb:requests()) do
    if request.method == "POST" then count = count + 1 end
  end
  return count
end

-- After rest and one more apply the service holds exactly the specification.
local function check_end(world, context)
  world.sb:clear_faults()
  local function sleep(seconds) if seconds > 0.011 then world.sb:advance(seconds) end end
  local last = assert(world.sb:client { sleep = sleep, rate_limit = false })
  local report, err = provision.apply(last, SPEC)
  assert(report, ("%s: %s"):format(context, tostring(err)))
  world:rest()
  desired.assert_reached(last, world.sb, { spec = { SPEC } }, context)
  last:close()
end

local function play(world, context)
  local random = world.random
  if random.chance(70) then put_some(random, world.sb) end
  local closed = start(world, random)
  local late = add_faults(random, world.sb)
  local book = ledger.new(world, {
    trunk_name = NAME, context = context, settle_wait = SETTLE_WAIT, mixed = closed > 0,
  })
  world.after_turn = function(actor) book:note(actor) end
  world:run()
  -- A client that is closed tells no more of what is under way: one request, as it has one connection.
  assert(count_posts(world.sb) <= world.posts + closed, context .. ": a POST was sent more often than is said")
  world:rest()
  book:check(WANTED, late)
  check_end(world, context)
end

local function run(seed)
  local world = simulation.new(seed, {
    lag = seed % 3 == 0 and 0.3 or nil, unknown_trunk = seed % 2 == 0 and 403 or nil, page_size = seed % 5 == 0 and 1 or nil,
  })
  local good, reason = pcall(play, world, "seed " .. seed)
  world:close() -- also after a failure, for what it replaces in the library
  if not good then error(reason, 0) end
end

describe("several actors at once", function()
  for first = FIRST, FIRST + RUNS - 1, 100 do
    local last = math.min(first + 99, FIRST + RUNS - 1)
    it(("end as they should: seeds %d to %d"):format(first, last), function()
      for seed = first, last do run(seed) end
    end)
  end
end)
