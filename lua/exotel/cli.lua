--- The command `exotel`: runs one command line. Each command has a file of its own, exotel.cli.commands.<name>.
local answer = require "exotel.cli.complete.answer"
local app = require "exotel.cli.app"
local commands = require "exotel.cli.commands"
local complete = require "exotel.cli.complete"
local errors = require "exotel.cli.errors"
local output = require "exotel.cli.terminal.output"
local parser = require "exotel.cli.parser"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"

local M = {}

-- Whether JSON was asked for, before the command line is known to be right.
local function wants_json(arguments)
  for _, argument in ipairs(arguments) do
    if argument == "--json" then return true end
  end
end

local BUG = "internal" -- a kind of the command's own
local bug = { __tostring = function(self) return "a mistake in exotel itself: " .. self.message end }

-- A string was raised by Lua itself: a bug in the command, for which its author needs the traceback.
local function on_raise(reason)
  if type(reason) == "table" then return reason end
  return setmetatable({ kind = BUG, message = debug.traceback(tostring(reason), 2) }, bug)
end

local function run(arguments, out)
  local command, args = parser.parse(commands, arguments)
  local one = app.new(commands, args, out)
  local good, result = xpcall(function() return command.run(one, args) or errors.status.done end, on_raise)
  one:finish()
  if not good then error(result, 0) end
  return result
end

-- Failures ------------------------------------------------------------------------------------------------------------

local function end_interrupted(out, reason)
  if reason then out:fail(reason) end
  signals.die()
end

-- Which exit status goes with what was raised. An argument that is wrong in a file is no wrong use of the command.
local function status_of(reason)
  local is_usage = reason.kind == "invalid_argument" and reason.operation ~= "provision"
  return reason.status or is_usage and errors.status.usage or errors.status.failed
end

-- Shows what was raised. → the exit status
local function conclude(out, reason)
  local text = parser.answer(reason)
  if text then
    out:text(text)
    return errors.status.done
  end
  if signals.is_interrupt(reason) then end_interrupted(out, reason) end
  out:fail(reason)
  return status_of(reason)
end

-- Showing it may fail in its turn: the disk may be full.
local function run_and_conclude(arguments, out)
  local good, result = xpcall(function() return run(arguments, out) end, on_raise)
  if good then return result end
  good, result = xpcall(function() return conclude(out, result) end, on_raise)
  if good then return result end
  out:fail(result)
  return errors.status.failed
end

--- cli.main(arguments) → the exit status. After an interruption the process ends by the signal instead.
function M.main(arguments)
  if arguments[1] == "__complete" then
    answer.main(commands, arguments)
    return errors.status.done
  end
  screen.reserve_descriptors()
  signals.install()
  local out = output.new { json = wants_json(arguments) }
  local status = run_and_conclude(arguments, out)
  if signals.has_written() then complete.forget(commands, arguments) end
  signals.release() -- no Lua runs any more that could see them
  if signals.stopped() then end_interrupted(out) end
  return status
end

return M
