-- A move of numbers against a service on which any one request, or two of them, go wrong in any way: no number is ever on
-- no trunk without being named, none is doubled, what is said is true, and the next run completes it.
local bulk = require "exotel.bulk"
local moves = require "spec.support.moves"
local sanitized = require "spec.support.sanitized"

-- How a request can go wrong. What is done late is waited for by the sandbox's own clock, which `wait` moves.
local WAYS = {
  refused = { status = 400, on = "before" }, forbidden = { status = 403, on = "before" }, busy = { status = 429, on = "before" },
  failed = { status = 503, on = "before" }, failed_after = { status = 503, on = "after" }, gone = { status = 404, on = "before" },
  dropped_before = { drop = true, on = "before" }, dropped_after = { drop = true, on = "after" },
  reset = { reset = true, on = "after" }, cut = { cut = 30, on = "after" }, late = { late = 0.02, on = "before" },
}
local NAMES = {}
for name in pairs(WAYS) do NAMES[#NAMES + 1] = name end
table.sort(NAMES)

local COUNT = 4

local function fault_of(way, skip)
  local fault = { skip = skip }
  for key, value in pairs(WAYS[way]) do if key ~= "on" then fault[key] = value end end
  fault[WAYS[way].on] = "*"
  return fault
end

local t

-- Everything that is said of one run is true, and the next ones complete it. `all_on_trunks`: and it left none on no
-- trunk.
local function prove(title, options, all_on_trunks)
  local plan, plan_err = bulk.plan_move(t.w.client, t.numbers, { to = t.new, results = t.paths.results })
  local summary, err, partly
  if plan then summary, err, partly = bulk.move(t.w.client, plan, options) end
  summary = summary or partly
  if summary then t:assert_true(summary, title)
  else
    assert.truthy(plan_err or err, title)
    assert.equal(COUNT, t:count(t.old), title .. "nothing was moved")
  end
  if all_on_trunks then assert.equal(COUNT, t:count(t.old) + t:count(t.new), title .. "on no trunk") end
  t.w.sb:clear_faults()
  for _ = 1, 3 do t:run() end
  t:assert_all_moved(title)
  assert.same({}, bulk.open_moves(t.paths.results), title)
end

describe("a move of which", function()
  after_each(function()
    t:close()
    t = nil
  end)

  local function begin(settle)
    if t then t:close() end
    t = moves.new(COUNT, { settle_wait = settle or 0, retries = 1 })
  end

  for _, way in ipairs(NAMES) do
    it("one request goes wrong: " .. way, function()
      for skip = 0, 2 + 2 * COUNT + 2, sanitized.is and 4 or 1 do
        begin(way == "late" and 0.2 or 0)
        t.w.sb:fault(fault_of(way, skip))
        prove(("request %d %s: "):format(skip + 1, way), { concurrency = 1 }, true)
      end
    end)
  end

  it("one request goes wrong again and again", function()
    for _, way in ipairs { "refused", "gone", "dropped_after", "dropped_before", "failed", "late" } do
      for skip = 2, 8, sanitized.is and 3 or 1 do
        begin(way == "late" and 0.2 or 0)
        local fault = fault_of(way, skip)
        fault.times = 3
        t.w.sb:fault(fault)
        prove(("requests from %d %s: "):format(skip + 1, way), { concurrency = 1 })
      end
    end
  end)

  it("two requests go wrong, and several are under way", function()
    math.randomseed(7)
    for i = 1, sanitized.fewer(60) do
      begin(0.1)
      local ways = {}
      for n = 1, 2 do
        ways[n] = NAMES[math.random(#NAMES)]
        t.w.sb:fault(fault_of(ways[n], math.random(2, 12)))
      end
      prove(("%d, %s and %s: "):format(i, ways[1], ways[2]), { concurrency = 3 })
    end
  end)

  it("the reads are behind", function()
    for _, way in ipairs { "dropped_after", "dropped_before", "late" } do
      for skip = 2, 8, sanitized.is and 3 or 1 do
        if t then t:close() end
        t = nil
        -- The service's time goes on while the client waits.
        local function sleep(seconds)
          if t then t.w.sb:advance(seconds) end
        end
        t = moves.new(COUNT, { settle_wait = 5, retries = 1, sleep = sleep }, { lag = 1, clock = "manual" })
        t.w.sb:advance(2)
        t.w.sb:fault(fault_of(way, skip))
        local plan = assert(bulk.plan_move(t.w.client, t.numbers, { to = t.new, results = t.paths.results }))
        local summary, _, partly = bulk.move(t.w.client, plan, { concurrency = 1 })
        t:assert_true(summary or partly, way .. " " .. skip .. ": ")
      end
    end
  end)
end)
