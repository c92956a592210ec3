--- Runs a program with more environment variables, and waits for it.
local errors = require "exotel.cli.errors"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"
local wait = require "posix.sys.wait"

local M = {}

-- In the new process: never returns.
local function become(command, environment, unset)
  signals.restore()
  for _, name in ipairs(unset) do stdlib.setenv(name, nil) end
  for name, value in pairs(environment) do stdlib.setenv(name, value) end
  local arguments = {}
  for i = 2, #command do arguments[i - 1] = command[i] end
  local _, message = unistd.execp(command[1], arguments)
  io.stderr:write("exotel: ", screen.plain(message), "\n")
  unistd._exit(127)
end

local EINTR = 4

-- A signal that ends this process is passed on to the program.
local function status_of(process)
  local ended, how, status
  repeat
    ended, how, status = wait.wait(process)
    if not ended and signals.stopped() then signals.forward(process) end
  until ended or status ~= EINTR
  return how == "exited" and status or 128 + (tonumber(status) or 0)
end

--- subprocess.run(command, environment, unset) → the exit status of the program `command[1]`, run with the arguments
-- that follow it. `environment`: variables to set for it; `unset`: names of variables to remove first. Ctrl-C is left
-- to the program.
function M.run(command, environment, unset)
  local process, message = unistd.fork()
  if not process then errors.fail("%s can't be started: %s", command[1], message) end
  if process == 0 then become(command, environment, unset) end
  signals.ignore_interrupts()
  return status_of(process)
end

return M
