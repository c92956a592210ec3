--- What a command runs with: the client, made when it is first needed; the output; and how writes are run.
local account = require "exotel.cli.account"
local errors = require "exotel.cli.errors"
local request_log = require "exotel.cli.request_log"
local signals = require "exotel.cli.terminal.signals"

local App = {}
App.__index = App

local M = {}

--- app.new(commands, args, out) → an App. Fields: `out`, the output; `commands`, the module exotel.cli.commands.
function M.new(commands, args, out)
  out.json, out.quiet = args.json, args.quiet
  if args.json then signals.silence() end
  return setmetatable({ commands = commands, args = args, out = out }, App)
end

--- The client of the account that was chosen. Raises what is wrong with the account.
function App:client()
  if not self.made then
    self.made, self.has_default_store = account.client(self.args.profile, request_log.new(self.args), function(message)
      if not self.args.quiet then request_log.tell("neither the rate limit nor a lock is shared: %s", message) end
    end)
  end
  return self.made
end

--- How questions name the account, and its sid.
function App:account() return account.title(self.args.profile) end

--- Whether long work may show a progress bar.
function App:has_bar() return not (self.args.quiet or self.args.json or self.args.verbose) end

--- Runs `action(client)`, a write that the first Ctrl-C lets finish. `what`: what is not known when the second one cuts
-- it off, as a clause that follows "whether". `advice`: what to do about a failure, by the error's kind. → data, info;
-- raises the error
function App:write(what, action, advice)
  local client = self:client()
  local data, info = signals.during_write(function() return what end, function() return action(client) end)
  if data == nil and advice then self.out.advice = advice[info.kind] end
  return errors.assert(data, info)
end

--- Tells people what the service answered other than it was sent, or could not be found out.
function App:remark(info)
  for _, warning in ipairs(info.warnings) do self.out:note("but %s", warning) end
end

--- Says that a write was done: the service's `data`, a sentence, and the warnings of its `info`.
function App:done(info, data, format, ...)
  if not self.out.json then
    self.out:done("done", data, format, ...)
    return self:remark(info)
  end
  self.out:value { outcome = "done", data = data, warnings = #info.warnings > 0 and info.warnings or nil }
end

return M
