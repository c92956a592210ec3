--- Runs a program with more environment variables, and waits for it.
local failure = require "exotel.cli.errors"
local signals = require "exotel.cli.terminal.signals"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"
local wait = require "posix.sys.wait"

local M = {}

-- In the new process: never returns.
local function become(environment, without, command)
  signals.restore()
  for _, name in ipairs(without) do stdlib.setenv(name, nil) end
  for name, value in pairs(environment) do stdlib.setenv(name, value) end
  local arguments = {}
  for i = 2, #command do arguments[i - 1] = command[i] end
  local _, message = unistd.execp(command[1], arguments)
  io.stderr:write("exotel: ", tostring(message), "\n")
  unistd._exit(127)
end

local EINTR = 4

-- A signal that ends this process is for the program, too.
local function status_of(process)
  local ended, how, status
  repeat
    ended, how, status = wait.wait(process)
    if not ended and signals.stopped() then signals.pass_on(process) end
  until ended or status ~= EINTR
  return how == "exited" and status or 128 + (tonumber(status) or 0)
end

--- run_with.environment(variables, without, command) → the exit status of the program `command[1]` with its arguments,
-- which finds these variables in its environment, and those whose names are in `without` not, unless they are among
-- them. Ctrl-C is the program's own affair.
function M.environment(variables, without, command)
  local process, message = unistd.fork()
  if not process then failure.fail("%s can't be started: %s", command[1], message) end
  if process == 0 then become(variables, without, command) end
  signals.leave_interrupts()
  return status_of(process)
end

return M
