-- 10,000 numbers from a CSV with 5 % bad rows, to a service that fails in every twentieth request; and a run that is killed.
local child = require "spec.support.child"
local files = require "spec.support.bulk"
local sandbox = require "exotel.sandbox"

local ROWS, SECONDS = 10000, 120
local MOST_KB = 64 * 1024

-- The same numbers from a seed with every Lua.
local function randomness(seed)
  local state = seed * 7919 % 2147483646 + 1
  return function(n)
    state = state * 16807 % 2147483647
    return state % n
  end
end

local BULK = [[
local exotel, bulk = require "exotel", require "exotel.bulk"
local client = assert(exotel.client { rate_limit = false, backoff = 0.001, timeout = 10 })
local reports, last = 0, nil
local summary, err = bulk.map_numbers(client, os.getenv "CSV", {
  results = os.getenv "RESULTS", trunk_name = "main",
  progress = function(progress) reports, last = reports + 1, progress end,
})
if not summary then error(tostring(err), 0) end
client:close()
for line in io.lines("/proc/self/status") do
  local kb = line:match("^VmHWM:%s+(%d+) kB")
  if kb then print("peak " .. kb) end
end
print(("total %d done %d present %d failed %d unknown %d not_tried %d reports %d"):format(summary.total, summary.done,
  summary.present, summary.failed, summary.unknown, summary.not_tried, reports))
assert(last == nil or last.done == summary.total and last.seconds_left == 0)
]]

describe("numbers of a CSV file", function()
  local paths, sb, client, main

  before_each(function()
    paths = files.new()
    sb = assert(sandbox.start())
    client = assert(sb:client { rate_limit = false })
    main = assert(client:create_trunk { trunk_name = "main" }).trunk_sid
    assert(client:create_trunk { trunk_name = "other" })
  end)
  after_each(function()
    client:close()
    sb:stop()
    files.remove(paths)
  end)

  local BAD = { "9812345678,,", "+98,,", "%s,IVR,", "%s,,nowhere", "%s", "\"%s\"x,," }

  -- → the text; every twentieth row is bad: in a value, in its form, or since its number stands above it
  local function csv(count, random)
    local lines = { "phone_number,mode,trunk" }
    for i = 1, count do
      local number = files.number(i)
      if i % 20 ~= 0 then
        lines[#lines + 1] = number .. "," .. ({ "", "pstn", "flow" })[random(3) + 1] .. "," .. ({ "", "main", "other" })[random(3) + 1]
      elseif i % 140 == 0 then lines[#lines + 1] = files.number(i - 1) .. ",,"
      else lines[#lines + 1] = (BAD[i / 20 % 7]):format(number) end
    end
    return table.concat(lines, "\r\n") .. "\r\n"
  end

  local function random_fault(random)
    local kind = random(8)
    local place = random(2) == 0 and "before" or "after"
    if kind == 0 then return { before = "*", status = 429 } end
    if kind == 1 then return { on = "*", cut = random(120) } end
    if kind <= 3 then return { [place] = "*", drop = true } end
    if kind == 4 then return { [place] = "*", reset = true } end
    if kind <= 6 then return { [place] = "*", status = ({ 500, 502, 503, 504 })[random(4) + 1] } end
    return { [place] = "*", status = 200, body = "<html>" }
  end

  -- One fault in about twenty requests. One isn't asked about requests that an earlier one has taken.
  local function spread_faults(random, requests)
    local at, count = 1, 0
    while true do
      at = at + 1 + random(39)
      if at > requests then return end
      local fault = random_fault(random)
      fault.skip = at - count
      sb:fault(fault)
      count = count + 1
    end
  end

  local function environment()
    local settings = sb:environment()
    settings.CSV, settings.RESULTS = paths.csv, paths.results
    return settings
  end

  local function assert_true(count)
    local outcomes, lines = files.results(paths.results)
    local held = files.held(sb:state())
    assert.equal(count, lines)
    for _, result in pairs(outcomes) do assert.is_nil(files.lie(result, held)) end
    return outcomes
  end

  it("are mapped once each, every outcome is true, and memory stays below 64 MB #plain", function()
    local random = randomness(1)
    files.write(paths.csv, csv(ROWS, random))
    -- Some are there before, as wanted or otherwise.
    for i = 1, 60 do assert(client:map_phone_number { trunk_sid = main, phone_number = files.number(i * 50 + 1), mode = "pstn" }) end
    spread_faults(random, ROWS)
    local output, status = child.run(BULK, environment(), SECONDS)
    assert.equal(0, status, output)
    local outcomes = assert_true(ROWS)
    local counts = { done = 0, present = 0, failed = 0, unknown = 0 }
    for _, result in pairs(outcomes) do counts[result.outcome] = counts[result.outcome] + 1 end
    assert.equal(0, counts.unknown)
    local _, held = files.held(sb:state())
    assert.is_true(counts.failed >= ROWS / 20 and counts.present > 0, output)
    assert.is_true(held >= counts.done + counts.present)
    assert.equal(ROWS, counts.done + counts.present + counts.failed)
    local summary = ("total %d done %d present %d failed %d unknown 0 not_tried 0 reports %d\n"):format(ROWS, counts.done,
      counts.present, counts.failed, ROWS)
    assert.equal(summary, output:match("total.*"))
    assert.is_true(tonumber(output:match("peak (%d+)")) < MOST_KB, output)
  end)

  -- A hundred thousand rows of twenty columns, whose numbers have to be completed; all but the last are done.
  local LARGE, LEFT = 100000, 2000
  local LARGE_RUN = [[
    local exotel, bulk = require "exotel", require "exotel.bulk"
    local client = assert(exotel.client { rate_limit = false })
    local options = { results = os.getenv "RESULTS", failed = os.getenv "RESULTS" .. ".failed", trunk_name = "main", country = "91" }
    local summary, err = bulk.map_numbers(client, os.getenv "CSV", options)
    if not summary then error(tostring(err), 0) end
    for line in io.lines("/proc/self/status") do
      local kb = line:match("^VmHWM:%s+(%d+) kB")
      if kb then print("peak " .. kb) end
    end
    print(("total %d done %d failed %d sent %d completed %d"):format(summary.total, summary.done, summary.failed, summary.sent,
      summary.completed))
  ]]

  local function write_large()
    local source, results = assert(io.open(paths.csv, "w")), assert(io.open(paths.results, "w"))
    source:write("Mobile", (",Column"):rep(19), "\r\n")
    results:write("line,phone_number,trunk_sid,mode,outcome,id,kind,message,original\n")
    for i = 1, LARGE do
      local number = files.number(i)
      source:write(number:sub(4), (",a value of some length"):rep(19), "\r\n")
      if i <= LARGE - LEFT then results:write(("%d,%s,%s,,done,%d,,,%s\n"):format(i + 1, number, main, i, number:sub(4))) end
    end
    source:write("12345", (","):rep(19), "\r\n")
    source:close()
    results:close()
  end

  it("are a hundred thousand in less than 64 MB #plain", function()
    write_large()
    local output, status = child.run(LARGE_RUN, environment(), SECONDS)
    assert.equal(0, status, output)
    assert.equal(("total %d done %d failed 1 sent %d completed %d\n"):format(LARGE + 1, LARGE, LEFT, LARGE), output:match("total.*"))
    assert.is_true(tonumber(output:match("peak (%d+)")) < MOST_KB, output)
    local _, held = files.held(sb:state())
    assert.equal(LEFT, held)
    os.remove(paths.results .. ".failed")
  end)

  -- Kills itself in the midst of things: when so many requests have been answered, before anything is made of the last.
  local KILLED = [[
    local exotel, bulk = require "exotel", require "exotel.bulk"
    local left = tonumber(os.getenv "KILL_AFTER")
    local client = assert(exotel.client { rate_limit = false, backoff = 0.001, log = function()
      left = left - 1
      if left == 0 then os.execute "kill -9 $PPID" end
    end })
    local summary, err = bulk.map_numbers(client, os.getenv "CSV", {
      results = os.getenv "RESULTS", failed = os.getenv "RESULTS" .. ".failed", trunk_name = "main",
    })
    if not summary then error(tostring(err)) end
  ]]

  -- The numbers whose rows need no sending any more.
  local function settled(path)
    local numbers = {}
    for _, result in pairs(files.results(path)) do
      local open = result.outcome == "unknown" or result.message:find("the same number stands", 1, true)
      if not open then numbers[result.phone_number] = true end
    end
    return numbers
  end

  local function assert_not_sent(numbers)
    for _, request in ipairs(sb:requests()) do
      local number = request.operation == "map_phone_number" and request.body:match('"phone_number":"([^"]+)"')
      assert.is_falsy(number and numbers[number], number)
    end
  end

  it("are all settled by the last of several runs, the others of which are killed #plain", function()
    local random, kills = randomness(2), 0
    files.write(paths.csv, csv(600, random))
    spread_faults(random, 600)
    local status = 1
    while status ~= 0 do
      local before = settled(paths.results)
      sb:reset_requests()
      local settings = environment()
      settings.KILL_AFTER = tostring(1 + random(150))
      local output
      output, status = child.run(KILLED, settings, SECONDS)
      -- A fault may also meet the question for the trunks, which comes before everything else.
      assert.is_true(status == 0 or status == 137 or output:find(": list_trunks: ", 1, true) ~= nil, output)
      assert_not_sent(before)
      kills = kills + (status == 137 and 1 or 0)
    end
    assert.is_true(kills >= 4, kills .. " kills")
    local failed = 0
    for _, result in pairs(assert_true(600)) do failed = failed + (result.outcome == "failed" and 1 or 0) end
    assert.equal(failed + 1, select(2, files.read(paths.results .. ".failed"):gsub("\n", "")))
  end)
end)
