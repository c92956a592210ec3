--- Ctrl-C and SIGTERM, seen at well-defined points only: while the command waits.
--
-- While it reads, the first one ends it: nothing was changed. While it writes, the first one lets the write that is
-- under way finish and no other begin; the second one ends it at once, and what became of that write is not known.
local posix_signal = require "posix.signal"
local posix_time = require "posix.time"
local unistd = require "posix.unistd"

local M = {}

-- A wait is cut into such parts (seconds): a signal may come just before one of them begins.
local SLICE = 0.1

local ENDING = { "SIGINT", "SIGTERM", "SIGHUP" }

local caught = { count = 0, signal = nil }
local writing, told

local function on_signal(number)
  caught.count, caught.signal = caught.count + 1, number
end

-- What was to be ignored (nohup does that) stays so.
local function take_over(number)
  local before = posix_signal.signal(number, on_signal)
  if before == posix_signal.SIG_IGN then posix_signal.signal(number, before) end
end

--- Takes over SIGINT, SIGTERM and SIGHUP. A closed pipe is an error of the write, not a signal.
function M.install()
  for _, name in ipairs(ENDING) do take_over(posix_signal[name]) end
  posix_signal.signal(posix_signal.SIGPIPE, posix_signal.SIG_IGN)
end

--- From now on Ctrl-C is for a program that this one runs.
function M.ignore_interrupts() posix_signal.signal(posix_signal.SIGINT, posix_signal.SIG_IGN) end

--- Passes the signal that was caught on to another process.
function M.forward(process) posix_signal.kill(process, caught.signal) end

--- From now on the signals taken over end the process as they do any other.
function M.release()
  for _, name in ipairs(ENDING) do
    local before = posix_signal.signal(posix_signal[name], posix_signal.SIG_DFL)
    if before == posix_signal.SIG_IGN then posix_signal.signal(posix_signal[name], before) end
  end
end

--- Leaves all signals as another program expects to find them.
function M.restore()
  M.release()
  posix_signal.signal(posix_signal.SIGPIPE, posix_signal.SIG_DFL)
end

--- Whether the command is to end: what the library's `stop` options ask.
function M.stopped() return caught.count > 0 end

local interrupt = { __tostring = function(self) return self.message end }

--- Whether what was raised is an interruption.
function M.is_interrupt(reason) return getmetatable(reason) == interrupt end

local function message()
  if not writing then return "interrupted: nothing was changed" end
  return "ended at once: whether " .. writing() .. " is not known"
end

local function raise() error(setmetatable({ message = message(), kind = "cancelled" }, interrupt), 0) end

--- Says nothing to people from now on: the output is a program's.
function M.silence() told = true end

local function tell()
  if told then return end
  told = true
  io.stderr:write("\nexotel: finishing what is under way and no more; once more ends at once\n")
end

--- Raises when the command is to end now.
function M.check()
  if caught.count == 0 then return end
  if not writing or caught.count > 1 then raise() end
  tell()
end

local function pause(seconds)
  local whole = math.floor(seconds)
  posix_time.nanosleep { tv_sec = whole, tv_nsec = math.floor((seconds - whole) * 1e9) }
end

--- Waits so many seconds, unless the command is to end now: the client's `sleep`.
function M.sleep(seconds)
  repeat
    M.check()
    pause(math.min(seconds, SLICE))
    seconds = seconds - SLICE
  until seconds <= 0
  M.check()
end

--- Runs `action` as a write. `unknown`: a function of nothing that says, after "whether", what isn't known when the
-- write is cut off. → what `action` returns
function M.during_write(unknown, action)
  M.check()
  writing = unknown
  local a, b, c = action()
  writing = nil
  return a, b, c
end

--- Ends the process by the signal that was caught, as if nothing had caught it: so a shell's loop ends, too.
function M.die(number)
  posix_signal.signal(number or caught.signal, posix_signal.SIG_DFL)
  posix_signal.kill(unistd.getpid(), number or caught.signal)
end

--- Ends the process as a closed pipe does.
function M.die_of_pipe() M.die(posix_signal.SIGPIPE) end

return M
