--- Several actors on one service: coroutines that take turns, one request each, in an order that a seed chooses. So every
-- order of their requests can be had, and had again.
local client_methods = require("exotel.core").client_methods
local operations = require("exotel.core").operations
local random_specs = require "spec.support.random_specs"

local actors = {}

-- A pause between polls is shorter, and gives no turn to anybody else.
local SHORTEST_WAIT = 0.1

local waits = {}

--- The option `sleep` of an actor's client: waits take no time, and everybody else may have a turn.
function actors.sleep(seconds)
  if seconds < SHORTEST_WAIT then return end
  waits[#waits + 1] = seconds
  coroutine.yield()
end

-- While actors are at work every request waits for its turn.
local function take_turns()
  local originals = {}
  for _, operation in ipairs(operations) do
    local name, original = operation.name, client_methods[operation.name]
    originals[name] = original
    client_methods[name] = function(...)
      coroutine.yield()
      return original(...)
    end
  end
  return function()
    for name, original in pairs(originals) do client_methods[name] = original end
  end
end

local function run_in_turns(random, threads)
  while #threads > 0 do
    local i = random.below(#threads) + 1
    local good, reason = coroutine.resume(threads[i])
    if not good then error(reason, 0) end
    if coroutine.status(threads[i]) == "dead" then table.remove(threads, i) end
  end
end

--- actors.run(seed, functions) → the seconds that they waited, when all have come to their end.
function actors.run(seed, functions)
  local threads = {}
  for i, f in ipairs(functions) do threads[i] = coroutine.create(f) end
  waits = {}
  local restore = take_turns()
  local good, reason = pcall(run_in_turns, random_specs.randomness(seed), threads)
  restore()
  if not good then error(reason, 0) end
  return waits
end

return actors
