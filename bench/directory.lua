--- What a directory costs: 100,000 numbers on 200 trunks. Prints a table; see bench/README.md. Run by `make
-- bench-directory` in Lua 5.4 and LuaJIT.
--
--     directory.lua          the measures
--     directory.lua write PATH SECONDS    replaces the file again and again, for the measure of swaps
local core = require "exotel.core"
local directory = require "exotel.directory"
local made = require "bench.made_directory"

local TRUNKS, EACH, SECONDS = made.TRUNKS, made.EACH, 5

local number_text, trunk_of, write = made.number_text, made.trunk_of, made.write

-- Measures ------------------------------------------------------------------------------------------------------------

local function say(what, format, ...) print(("%-52s %s"):format(what, format:format(...))) end

local function best_of(times, action, clock)
  local best = math.huge
  for _ = 1, times do
    local began = clock()
    action()
    best = math.min(best, clock() - began)
  end
  return best
end

local function resident()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^VmRSS:%s+(%d+)")
    if kilobytes then return tonumber(kilobytes) / 1024 end
  end
end

local function collected_resident()
  collectgarbage()
  collectgarbage()
  return resident()
end

-- The same as a table by number, as an embedder would write it.
local function plain_table()
  local all = {}
  for t = 1, TRUNKS do
    local trunk = trunk_of(t)
    for i = (t - 1) * EACH + 1, t * EACH do
      all[number_text(i)] = {
        phone_number = number_text(i), mode = i % 2 == 0 and "flow" or "pstn", id = tostring(41512 + i),
        trunk_name = trunk.trunk_name, trunk_sid = trunk.trunk_sid,
      }
    end
  end
  return all
end

-- First of all: memory that was used before would be used again.
local function measure_memory(path)
  local before = collected_resident()
  local d = assert(directory.open { path })
  local own = collected_resident() - before
  before = collected_resident()
  local all = plain_table()
  local plain = collected_resident() - before
  say("memory of an open directory", "%.1f MB (file: %.1f MB)", own, d:info().size / 1e6)
  say("memory of a plain Lua table with the numbers alone", "%.1f MB, %.1f times", plain, plain / own)
  assert(all[number_text(1)])
  d:close()
end

local function rate(d, field, order)
  local count = #order
  local seconds = best_of(30, function() -- of CPU: others may be at work, and use up the caches
    for i = 1, count do
      if not d:number(order[i], field) then error "a number is missing" end
    end
  end, os.clock)
  return count / seconds / 1e6
end

local function measure_rates(d)
  local sorted, mixed, seed = {}, {}, 1
  for i = 1, TRUNKS * EACH do sorted[i] = number_text(i) end
  for i = 1, #sorted do
    seed = seed * 16807 % 2147483647
    mixed[i] = sorted[seed % #sorted + 1]
  end
  say("d:number(n, \"trunk_sid\"), one after the other", "%.1f million a second", rate(d, "trunk_sid", sorted))
  say("d:number(n, \"trunk_sid\"), in random order", "%.1f million a second", rate(d, "trunk_sid", mixed))
  say("d:number(n), a table", "%.2f million a second", rate(d, nil, mixed))
end

-- The time of each look-up, in steps of 0.1 µs.
local function measure_times(d, path)
  local counts, total, now, number = {}, 0, core.now, number_text(4711)
  local writer = assert(io.popen(("%s %s write %s %d"):format(arg[-1], arg[0], path, SECONDS)))
  local stop, swaps, size = now() + SECONDS, 0, nil
  repeat
    local began = now()
    d:number(number, "trunk_sid")
    local step = math.floor((now() - began) * 1e7)
    counts[step] = (counts[step] or 0) + 1
    total = total + 1
    if total % 100000 == 0 then
      local age = d:age()
      if size and age < size then swaps = swaps + 1 end
      size = age
    end
  until now() > stop
  writer:close()
  local steps = {}
  for step in pairs(counts) do steps[#steps + 1] = step end
  table.sort(steps)
  local function below(share)
    local seen = 0
    for _, step in ipairs(steps) do
      seen = seen + counts[step]
      if seen >= total * share then return (step + 1) / 10 end
    end
  end
  say(("of %d look-ups while the file was replaced %d times"):format(total, swaps),
    "p50 %.1f µs, p99.9 %.1f µs, longest %.0f µs", below(0.5), below(0.999), below(1))
end

local function measure(path)
  write(path)
  measure_memory(path)
  local d = assert(directory.open { path })
  say("file of 100,000 numbers on 200 trunks", "%.2f MB", d:info().size / 1e6)
  say("opened in", "%.1f ms", best_of(5, function() assert(directory.open { path }):close() end, core.now) * 1e3)
  measure_rates(d)
  measure_times(d, path)
  d:close()
end

if arg[1] == "write" then
  local stop = core.now() + tonumber(arg[3])
  repeat write(arg[2]) until core.now() > stop
else
  local path = os.tmpname()
  os.remove(path)
  print(_VERSION .. (rawget(_G, "jit") and " (LuaJIT)" or ""))
  measure(path)
  os.remove(path)
end
