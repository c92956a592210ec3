--- The command `exotel`: runs one command line. What each command does is in a file of its own, exotel.cli.<name>.
local account = require "exotel.cli.account"
local errors = require "exotel.cli.errors"
local output = require "exotel.cli.terminal.output"
local parser = require "exotel.cli.parser"
local request_log = require "exotel.cli.request_log"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"

local M = {}

-- What a command runs with: the client, made when it is first needed, the output, and the frame of its writes.
local App = {}
App.__index = App

local function new(args, out)
  out.json, out.quiet = args.json, args.quiet
  if args.json then signals.silence() end
  return setmetatable({ args = args, out = out }, App)
end

--- The client of the account that was chosen. Raises what is wrong with it.
function App:client()
  if not self.made then self.made = account.client(self.args.profile, request_log.new(self.args)) end
  return self.made
end

--- Whether long work may show a bar.
function App:has_bar() return not (self.args.quiet or self.args.json or self.args.verbose) end

--- Runs `action(client)`, a write that Ctrl-C lets finish. `what` follows "whether". `advice`: what to do, by kinds of
-- errors. → its data, info; raises its error
function App:write(what, action, advice)
  local client = self:client()
  local data, info = signals.during_write(function() return what end, function() return action(client) end)
  if data == nil and advice then self.out.advice = advice[info.kind] end
  return errors.assert(data, info)
end

-- Whether JSON was asked for, before the command line is known to be right.
local function wants_json(arguments)
  for _, argument in ipairs(arguments) do
    if argument == "--json" then return true end
  end
end

-- Ends the process by the signal.
local function end_interrupted(out, reason)
  if reason then out:fail(reason) end
  signals.die()
end

local MISTAKE = "internal"
local mistake = { __tostring = function(self) return "a mistake in exotel itself: " .. self.message end }

-- A message from Lua itself is a mistake in here, of which its author wants to see the place.
local function on_raise(reason)
  if type(reason) == "table" then return reason end
  return setmetatable({ kind = MISTAKE, message = debug.traceback(tostring(reason), 2) }, mistake)
end

-- What was raised → the exit status.
local function conclude(out, reason)
  local text = parser.answer(reason)
  if text then
    out:text(text)
    return errors.status.done
  end
  if signals.is_interrupt(reason) then end_interrupted(out, reason) end
  out:fail(reason)
  local wrongly = reason.kind == "invalid_argument" and reason.operation ~= "provision" -- which is a file's fault
  return reason.status or wrongly and errors.status.usage or errors.status.failed
end

local function run(arguments, out)
  local command, args = parser.parse(arguments)
  return command.run(new(args, out), args) or errors.status.done
end

--- cli.main(arguments) → the exit status. After an interruption the process ends by its signal instead.
function M.main(arguments)
  screen.reserve_descriptors()
  signals.install()
  local out = output.new { json = wants_json(arguments) }
  local good, result = xpcall(function() return run(arguments, out) end, on_raise)
  if not good then
    local shown
    shown, result = xpcall(function() return conclude(out, result) end, on_raise)
    if not shown then
      out:fail(result)
      result = errors.status.failed
    end
  end
  signals.release() -- what comes now must find no Lua to run: it is about to end
  if signals.stopped() then end_interrupted(out) end
  return result
end

return M
