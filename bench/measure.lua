--- What a program costs: instructions by callgrind, which come out the same each time, and time, which does not.
-- A call's cost is the difference of two runs with different numbers of calls, so that starting doesn't count.
local nginx = require "spec.support.nginx"

local measure = {}

-- No program runs longer, in seconds.
local LIMIT = "timeout --foreground --kill-after=5 300"
local CALLGRIND = LIMIT .. " valgrind --tool=callgrind --callgrind-out-file=/dev/null"

--- Whether instructions can be counted here.
function measure.has_callgrind() return nginx.output("command -v valgrind") ~= "" end

local function start(command) return assert(io.popen("{ " .. command .. "\n} 2>&1; echo \" status $?\"")) end

local function finish(pipe)
  local text, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  if status == "0" then return text end
  error(("a program of the bench ended with status %s:\n%s"):format(status, text), 0)
end

local function collected(text) return tonumber((assert(text:match("Collected : (%d+)"), text))) end

--- Counts several runs at once. `commands`: functions of a prefix. → a list of instruction counts
function measure.instructions(commands)
  local pipes, counts = {}, {}
  for i, command in ipairs(commands) do pipes[i] = start(command(CALLGRIND)) end
  for i, pipe in ipairs(pipes) do counts[i] = collected(finish(pipe)) end
  return counts
end

--- → what a run took, in seconds: wall clock, CPU
function measure.seconds(command)
  local text = finish(start("bash -c " .. ("'TIMEFORMAT=\" took %%R %%U %%S\"; time %s'"):format(
    (command(LIMIT):gsub("'", "'\\''")))))
  local wall, user, system = text:match(" took ([%d.]+) ([%d.]+) ([%d.]+)%s*$")
  return tonumber(wall), tonumber(user) + tonumber(system)
end

function measure.median(values)
  table.sort(values)
  return values[math.ceil(#values / 2)]
end

-- → a function of a prefix: the command that makes so many calls
local function calling(program, target, mode, calls)
  return function(prefix) return program.command(prefix, target, mode, calls) end
end

--- → the instructions of one call, counted with `few` and `many` calls
function measure.instructions_a_call(program, target, mode, few, many)
  local counts = measure.instructions {
    calling(program, target, mode, few), calling(program, target, mode, many),
  }
  return (counts[2] - counts[1]) / (many - few)
end

-- → the seconds of one call, wall clock and CPU
local function seconds_a_call(program, target, mode, few, many)
  local wall_few, cpu_few = measure.seconds(calling(program, target, mode, few))
  local wall_many, cpu_many = measure.seconds(calling(program, target, mode, many))
  return (wall_many - wall_few) / (many - few), (cpu_many - cpu_few) / (many - few)
end

--- Times several programs in turns, so that what else the machine does meets all of them.
-- → for each the seconds of one call, wall clock and CPU: medians of so many runs
function measure.seconds_a_call(compared, target, mode, few, many, runs)
  local walls, cpus = {}, {}
  for i = 1, #compared do walls[i], cpus[i] = {}, {} end
  for run = 1, runs do
    for i, program in ipairs(compared) do
      walls[i][run], cpus[i][run] = seconds_a_call(program, target, mode, few, many)
    end
  end
  for i = 1, #compared do walls[i], cpus[i] = measure.median(walls[i]), measure.median(cpus[i]) end
  return walls, cpus
end

return measure
