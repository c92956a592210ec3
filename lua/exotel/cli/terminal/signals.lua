--- Ctrl-C and SIGTERM, seen at well-defined points only: while the command waits.
--
-- While it reads, the first one ends it: nothing was changed. While it writes, the first one lets the write that is
-- under way finish and no other begin; the second one ends it at once, and what became of that write is not known.
local posix_signal = require "posix.signal"
local posix_time = require "posix.time"
local unistd = require "posix.unistd"

local M = {}

-- Seconds between two looks at the signals: one that arrives just before a wait begins doesn't end it.
local SLICE = 0.1

local ENDING = { "SIGINT", "SIGTERM", "SIGHUP" }

local caught = { count = 0, signal = nil }
local writing, told, has_written

local function on_signal(number)
  caught.count, caught.signal = caught.count + 1, number
end

-- A signal that was ignored (as by nohup) stays ignored.
local function take_over(number)
  local before = posix_signal.signal(number, on_signal)
  if before == posix_signal.SIG_IGN then posix_signal.signal(number, before) end
end

--- Takes over SIGINT, SIGTERM and SIGHUP. SIGPIPE is ignored: the write that finds the pipe closed fails.
function M.install()
  for _, name in ipairs(ENDING) do take_over(posix_signal[name]) end
  posix_signal.signal(posix_signal.SIGPIPE, posix_signal.SIG_IGN)
end

--- From now on leaves Ctrl-C to the program that this process runs.
function M.ignore_interrupts() posix_signal.signal(posix_signal.SIGINT, posix_signal.SIG_IGN) end

--- Sends the signal that was caught to another process.
function M.forward(process) posix_signal.kill(process, caught.signal) end

--- From now on the signals taken over end the process, as they do by default.
function M.release()
  for _, name in ipairs(ENDING) do
    local before = posix_signal.signal(posix_signal[name], posix_signal.SIG_DFL)
    if before == posix_signal.SIG_IGN then posix_signal.signal(posix_signal[name], before) end
  end
end

--- Sets all signals as another program expects to find them.
function M.restore()
  M.release()
  posix_signal.signal(posix_signal.SIGPIPE, posix_signal.SIG_DFL)
end

--- Whether a signal has arrived, for the library's `stop` options.
function M.stopped() return caught.count > 0 end

local interrupt = { __tostring = function(self) return self.message end }

--- Whether what was raised is an interruption.
function M.is_interrupt(reason) return getmetatable(reason) == interrupt end

local function message()
  if not writing then return "interrupted: nothing was changed" end
  return "ended at once: whether " .. writing() .. " is not known"
end

-- Being stopped -------------------------------------------------------------------------------------------------------

-- Who has changed the terminal: { before (to be called before the process stops), after (when it goes on) }, and what
-- has arrived.
local stops, stop_wanted, went_on

-- The shell sees a process that was stopped by the signal, as by default.
local function stop()
  stops.before()
  posix_signal.signal(posix_signal.SIGTSTP, posix_signal.SIG_DFL)
  posix_signal.kill(unistd.getpid(), posix_signal.SIGTSTP)
  posix_signal.signal(posix_signal.SIGTSTP, function() stop_wanted = true end)
  went_on = true
end

local function check_stops()
  if not stops then return end
  if stop_wanted then stop() end
  if went_on then stops.after() end
  stop_wanted, went_on = false, false
end

--- Runs `action`, which looks at the signals while it waits. When the process is stopped meanwhile (Ctrl-Z), `before`
-- is called first, and `after` when it goes on; after a stop that can't be seen (SIGSTOP), only that. → what `action`
-- returns
function M.around_stops(before, after, action)
  local on_stop = posix_signal.signal(posix_signal.SIGTSTP, function() stop_wanted = true end)
  local on_continue = posix_signal.signal(posix_signal.SIGCONT, function() went_on = true end)
  if on_stop == posix_signal.SIG_IGN then posix_signal.signal(posix_signal.SIGTSTP, on_stop) end
  stops, stop_wanted, went_on = { before = before, after = after }, false, false
  local good, result = pcall(action)
  stops = nil
  posix_signal.signal(posix_signal.SIGTSTP, on_stop)
  posix_signal.signal(posix_signal.SIGCONT, on_continue)
  if not good then error(result, 0) end
  return result
end

-- Interruptions -------------------------------------------------------------------------------------------------------

local function raise() error(setmetatable({ message = message(), kind = "cancelled" }, interrupt), 0) end

--- From now on writes no messages for people.
function M.silence() told = true end

local function tell()
  if told then return end
  told = true
  io.stderr:write("\nexotel: finishing what is under way and no more; once more ends at once\n")
end

--- Raises an interruption if the command is to end now.
function M.check()
  check_stops()
  if caught.count == 0 then return end
  if not writing or caught.count > 1 then raise() end
  tell()
end

local function nanosleep(seconds)
  local whole = math.floor(seconds)
  posix_time.nanosleep { tv_sec = whole, tv_nsec = math.floor((seconds - whole) * 1e9) }
end

--- Sleeps; raises an interruption if the command is to end now. For the client's `sleep` option.
function M.sleep(seconds)
  repeat
    M.check()
    nanosleep(math.min(seconds, SLICE))
    seconds = seconds - SLICE
  until seconds <= 0
  M.check()
end

--- Runs `action`, which tidies up what it made: a signal does not keep it from beginning, and it asks `stopped` when to
-- end. `unknown()` says what isn't known when it is cut off, as a clause that follows "whether". → what it returns
function M.during_cleanup(unknown, action)
  writing = unknown
  has_written = true
  local a, b, c = action()
  writing = nil
  return a, b, c
end

--- The same for a write, which does not begin when the command is to end.
function M.during_write(unknown, action)
  M.check()
  return M.during_cleanup(unknown, action)
end

--- Whether a write was begun.
function M.has_written() return has_written or false end

--- Ends the process by the signal, or by the one that was caught, as if it hadn't been: a shell's loop ends, too.
function M.die(number)
  posix_signal.signal(number or caught.signal, posix_signal.SIG_DFL)
  posix_signal.kill(unistd.getpid(), number or caught.signal)
end

--- Ends the process as a closed pipe does by default.
function M.die_of_pipe() M.die(posix_signal.SIGPIPE) end

return M
