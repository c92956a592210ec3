--- The ratios that spec/bench holds: instructions of a call by exotel on Lua 5.4 to those of the same call in plain C,
-- over HTTP. Counted the same way by the bench and by the test, so that both come to the same.
local measure = require "bench.measure"
local programs = require "bench.programs"

local comparison = {}

-- By the mode of bench/plain.c: between which numbers of calls.
local CALLS = { map = { 20, 220 }, list = { 5, 35 } }

comparison.tolerance = 0.1

local function command(program, target, mode, calls)
  return function(prefix) return program.command(prefix, target, mode, calls) end
end

--- → by mode: exotel's instructions a call divided by plain C's
function comparison.ratios(target)
  local commands, order = {}, {}
  for mode, calls in pairs(CALLS) do
    order[#order + 1] = mode
    for _, program in ipairs { programs.exotel "lua5.4", programs.plain() } do
      for i = 1, 2 do commands[#commands + 1] = command(program, target, mode, calls[i]) end
    end
  end
  local counts, ratios = measure.instructions(commands), {}
  for i, mode in ipairs(order) do
    local at = 4 * (i - 1)
    ratios[mode] = (counts[at + 2] - counts[at + 1]) / (counts[at + 4] - counts[at + 3])
  end
  return ratios
end

--- → the ratios as bench/ratios.lua has them
function comparison.text(ratios) return ("return { map = %.2f, list = %.2f }\n"):format(ratios.map, ratios.list) end

return comparison
