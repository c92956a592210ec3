--- Runs a profile's api_token_command, whose first line of standard output is the token. What it asks, it asks the
-- user: it has the terminal, and as much time as it wants; Ctrl-C ends it. The token is in no message.
local errors = require "exotel.cli.errors"
local fcntl = require "posix.fcntl"
local poll = require "posix.poll"
local posix_signal = require "posix.signal"
local signals = require "exotel.cli.terminal.signals"
local unistd = require "posix.unistd"
local wait = require "posix.sys.wait"

local M = {}

-- Milliseconds between two looks at the signals, and at whether it has ended.
local SLICE = 100
-- Bytes. A token has some tens; what prints more is no such command.
local MOST = 64 * 1024

-- What stands on standard input otherwise (numbers to be imported, a password) is not for it.
local function keep_input()
  if unistd.isatty(0) ~= 1 then unistd.dup2(fcntl.open("/dev/null", fcntl.O_RDONLY), 0) end
end

-- In the new process: never returns.
local function become(command, output)
  signals.restore()
  keep_input()
  unistd.dup2(output, 1)
  unistd.close(output)
  unistd.execp("/bin/sh", { "-c", command })
  unistd._exit(127)
end

-- → process, the descriptor of its output
local function start(command)
  local input, output = unistd.pipe()
  if not input then errors.fail("no pipe: %s", output) end
  local process, message = unistd.fork()
  if not process then errors.fail("api_token_command can't be started: %s", message) end
  if process == 0 then
    unistd.close(input)
    become(command, output)
  end
  unistd.close(output)
  return process, input
end

-- A command that is being run. Fields: process, input, text, how and status (once it has ended)
local Run = {}
Run.__index = Run

function Run:has_ended()
  if self.how then return true end
  local process, how, status = wait.wait(self.process, wait.WNOHANG)
  if process == self.process and how ~= "running" then self.how, self.status = how, status end
  return self.how ~= nil
end

-- Reads what is there. → whether there may be more
function Run:read()
  local part = unistd.read(self.input, 4096)
  if not part or part == "" then return false end
  self.text = self.text .. part
  return #self.text <= MOST
end

-- What it has left behind may keep its output open: when it has ended, what it has written is all.
function Run:read_all()
  while true do
    signals.check()
    local ended = self:has_ended()
    local is_readable = poll.rpoll(self.input, ended and 0 or SLICE) == 1
    if is_readable and not self:read() then return end
    if ended and not is_readable then return end
  end
end

-- It may close its output and go on.
function Run:wait()
  while not self:has_ended() do
    signals.check()
    poll.poll({}, SLICE)
  end
end

function Run:kill()
  if not self:has_ended() then posix_signal.kill(self.process, posix_signal.SIGTERM) end
end

local function finish(run)
  run:read_all()
  if #run.text > MOST then return end
  run:wait()
end

local function refuse(name, format, ...)
  errors.config("the api_token_command of the profile [%s] %s", name, format:format(...))
end

local function check(run, name)
  if #run.text > MOST then refuse(name, "printed more than a token") end
  if run.how ~= "exited" then refuse(name, "was ended by signal %s", tostring(run.status)) end
  if run.status ~= 0 then refuse(name, "ended with status %d: what it says stands above", run.status) end
end

--- token_command.run(command, name) → the token. Raises what went wrong. `name`: of the profile.
function M.run(command, name)
  local process, input = start(command)
  local run = setmetatable({ process = process, input = input, text = "" }, Run)
  local good, reason = pcall(finish, run)
  unistd.close(input)
  if not good or #run.text > MOST then run:kill() end
  if not good then error(reason, 0) end
  check(run, name)
  local token = run.text:match("^[^\r\n]*")
  if token == "" then refuse(name, "printed no token") end
  return token
end

return M
