--- What a call costs by this library, beside the same call in plain C and by others: prints ratios. See
-- bench/README.md.
--
--     make bench [ARGS=<runs>]
local comparison = require "bench.comparison"
local measure = require "bench.measure"
local nginx = require "spec.support.nginx"
local programs = require "bench.programs"
local rows = require "bench.rows"
local service = require "bench.service"

local RUNS = tonumber(arg[1] or 5)
-- After which the server ends, whatever happens.
local SECONDS = 3600

local function available()
  local all = {
    programs.plain(), programs.exotel "lua5.4", programs.exotel "luajit", programs.lcurl(), programs.luacurl(),
    programs.sockets(), programs.resty_http(),
  }
  local there = {}
  for _, program in ipairs(all) do
    if program.missing then print(("left out: %s (not found: %s)"):format(program.name, program.missing))
    else there[#there + 1] = program end
  end
  return there
end

local compared, server

-- A value for each program, false where `get` gives none.
local function of_each(get)
  local values = {}
  for i, program in ipairs(compared) do values[i] = get(program) or false end
  return values
end

-- ---- calls ---------------------------------------------------------------------------------------------------------

-- What is measured: the mode of bench/plain.c, over what, and the numbers of calls for instructions and for time.
local CASES = {
  { "small, HTTP", "map", "http", { 20, 220 }, { 100, 2100 } },
  { "list of 50, HTTP", "list", "http", { 5, 35 }, { 20, 220 } },
  { "small, HTTPS", "map", "https", { 20, 220 }, { 100, 2100 } },
  { "list of 50, HTTPS", "list", "https", { 5, 35 }, { 20, 220 } },
  { "small, HTTP, 32 at once", "many", "http", { 100, 1100 }, { 200, 2200 } },
}

local function can(program, case) return case[2] ~= "many" or program.many end

local function instructions()
  rows.head("instructions a call", compared)
  for _, case in ipairs(CASES) do
    rows.row(case[1], of_each(function(program)
      return can(program, case)
        and measure.instructions_a_call(program, server.targets[case[3]], case[2], case[4][1], case[4][2])
    end))
  end
end

-- Microseconds in the columns of all programs, of those that were measured.
local function in_columns(measured, seconds)
  local by_program = {}
  for i, program in ipairs(measured) do by_program[program] = seconds[i] * 1e6 end
  return of_each(function(program) return by_program[program] end)
end

local function times_of(case)
  local measured = {}
  for _, program in ipairs(compared) do
    if can(program, case) then measured[#measured + 1] = program end
  end
  local walls, cpus = measure.seconds_a_call(measured, server.targets[case[3]], case[2], case[5][1], case[5][2], RUNS)
  return in_columns(measured, walls), in_columns(measured, cpus)
end

local function times()
  local walls = {}
  rows.head("CPU a call", compared)
  for i, case in ipairs(CASES) do
    local wall, cpu = times_of(case)
    rows.row(case[1], cpu, " us")
    walls[i] = wall
  end
  rows.head("time a call", compared)
  for i, case in ipairs(CASES) do rows.row(case[1], walls[i], " us") end
end

-- ---- start-up ------------------------------------------------------------------------------------------------------

-- Bash starts it 20 times, since once is too short to measure.
local STARTS = 20

local function startup_seconds(program)
  local cpus = {}
  for i = 1, RUNS do
    local _, cpu = measure.seconds(function()
      return ("bash -c 'for i in {1..%d}; do %s; done'"):format(STARTS, (program.startup(""):gsub("'", "'\\''")))
    end)
    cpus[i] = cpu / STARTS * 1e6
  end
  return measure.median(cpus)
end

-- Without any call: it only makes what makes them, a client or a handle.
local function ready(program)
  return function(prefix) return program.command(prefix, server.targets.http, "map", 0) end
end

local function startup_instructions()
  rows.row("instructions", of_each(function(program)
    return program.startup and measure.instructions { program.startup }[1]
  end))
  rows.row("and a client or handle", of_each(function(program)
    return program.startup and measure.instructions { ready(program) }[1]
  end))
end

local function startup()
  rows.head("start-up", compared)
  if measure.has_callgrind() then startup_instructions() end
  rows.row("CPU", of_each(function(program) return program.startup and startup_seconds(program) end), " us")
end

-- ---- growth --------------------------------------------------------------------------------------------------------

local function run_lua(lua, words) return nginx.output(programs.lua("timeout 300", lua) .. " " .. words .. " 2>&1") end

-- → what reading a list needs at its peak as a multiple of its tables; or nil where this library refuses it
local function memory(name)
  local target = server.targets.http
  local answer = run_lua("lua5.4", ("bench/memory.lua %s %s %s"):format(name, target.url, target.ca))
  local count, peak, tables = answer:match("^(%d+) (%-?%d+) (%d+)$")
  if count then return tonumber(peak) / tonumber(tables) end
  print(("  a page of %d entries: %s"):format(service.lists[name], answer:match("[^\n]*")))
end

-- The most entries in one page that this library reads.
local function longest_page()
  for _, name in ipairs { "large", "most" } do
    local ratio = memory(name)
    if ratio then return name, ratio end
  end
end

local function per_entry(program, name, calls)
  local target = server.targets.http
  if measure.has_callgrind() then
    return measure.instructions_a_call(program, target, name, calls[1], calls[2]) / service.lists[name]
  end
  local _, cpus = measure.seconds_a_call({ program }, target, name, calls[1], 10 * calls[2], RUNS)
  return cpus[1] / service.lists[name]
end

-- In the column of this library on Lua 5.4.
local function ours(title, ratio)
  rows.ratios(title, of_each(function(program) return program.name == "exotel, lua5.4" and ratio end))
end

local function lists()
  local name, ratio = longest_page()
  local title = ("an entry of %d : of 50"):format(service.lists[name])
  rows.ratios(title, of_each(function(program)
    return per_entry(program, name, { 1, 2 }) / per_entry(program, "list", { 5, 35 })
  end))
  ours("peak memory : Lua tables", ratio)
end

-- Only this library reads a list page by page.
local function paged()
  rows.ratios("an entry of 200 pages of 50", of_each(function(program)
    return program.pages and per_entry(program, "paged", { 1, 2 }) / per_entry(program, "list", { 5, 35 })
  end))
  ours("peak memory, 200 pages", memory "paged")
end

local function poll_seconds(waiting)
  local values = {}
  for i = 1, RUNS do
    local answer = run_lua("lua5.4", ("bench/waiting.lua %d %s 1000"):format(waiting, server.targets.http.url))
    values[i] = assert(tonumber(answer), answer)
  end
  return measure.median(values)
end

local function growth()
  rows.head("growth", compared)
  lists()
  paged()
  ours("poll, 10,000 : 10 waiting", poll_seconds(10000) / poll_seconds(10))
end

-- ---- all of it -----------------------------------------------------------------------------------------------------

local function in_nginx()
  print("\nin nginx (bench/openresty.lua)")
  io.stdout:flush()
  assert(os.execute(programs.lua("", "lua5.4") .. " bench/openresty.lua 1"))
end

local function compare()
  print("The numbers of plain C, and the others as multiples of them. A call's cost is a difference of two runs.")
  compared = available()
  if measure.has_callgrind() then instructions()
  else print("no instructions are counted: there is no valgrind") end
  times()
  startup()
  growth()
  if measure.has_callgrind() then
    io.write("\nbench/ratios.lua: ", comparison.text(comparison.ratios(server.targets.http)))
  end
  if programs.sockets().missing == nil then in_nginx() end
end

server = service.start(SECONDS)
local good, reason = xpcall(compare, debug.traceback)
server:stop()
assert(good, reason)
