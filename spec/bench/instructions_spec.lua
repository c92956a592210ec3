-- What a call costs can't creep up unseen: the instructions of a small call and of a list, as multiples of the same calls
-- in plain C (bench/plain.c), are what bench/ratios.lua says. Callgrind counts them, which comes out the same on a busy
-- machine. "#plain": other programs do the work.
local comparison = require "bench.comparison"
local measure = require "bench.measure"
local service = require "bench.service"
local stored = require "bench.ratios"

local SLOWER = "Slower than before. Find out why: callgrind_annotate shows which functions grew (bench/README.md). Store "
  .. "the new ratio in bench/ratios.lua only if what costs more is worth it."
local QUICKER = "Quicker than before. Store the new ratio in bench/ratios.lua, so that it stays so."

local function judge(mode, ratio)
  local off = ratio / stored[mode] - 1
  if math.abs(off) <= comparison.tolerance then return end
  local advice = off > 0 and SLOWER or QUICKER
  error(("%s: %.2f times plain C, and bench/ratios.lua says %.2f. %s"):format(mode, ratio, stored[mode], advice), 0)
end

describe("the instructions of a call, to those of plain C #plain:", function()
  if not measure.has_callgrind() then return pending("no valgrind") end
  local server, ratios

  setup(function()
    server = service.start(120)
    ratios = comparison.ratios(server.targets.http)
  end)
  teardown(function() if server then server:stop() end end)

  it("a small request and answer", function() judge("map", ratios.map) end)
  it("a list of 50", function() judge("list", ratios.list) end)
end)
