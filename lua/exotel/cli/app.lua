--- What a command runs with: the client, made when it is first needed; the output; and how writes are run.
local account = require "exotel.cli.account"
local consent = require "exotel.cli.consent"
local errors = require "exotel.cli.errors"
local request_log = require "exotel.cli.request_log"
local signals = require "exotel.cli.terminal.signals"
local write_log = require "exotel.cli.write_log"

local App = {}
App.__index = App

local M = {}

--- app.new(commands, args, out) → an App. Fields: `out`, the output; `commands`, the module exotel.cli.commands.
function M.new(commands, args, out)
  out.json, out.quiet = args.json, args.quiet
  if args.json then signals.silence() end
  return setmetatable({ commands = commands, args = args, out = out }, App)
end

--- Which account it is, as account.choose has it. Raises what is wrong with it, and when it is another one than
-- --account names.
function App:chosen()
  if not self.found then
    self.found = account.choose(self.args.profile)
    consent.check_account(self.found, self.args.account)
  end
  return self.found
end

local function hooks_of(self)
  return { log = request_log.new(self.args), on_write = write_log.new(self.args, self:chosen()) }
end

--- The client of the account that was chosen. Raises what is wrong with the account.
function App:client()
  if not self.made then
    self.made, self.has_default_store = account.client(self:chosen(), hooks_of(self), function(message)
      if not self.args.quiet then request_log.tell("neither the rate limit nor a lock is shared: %s", message) end
    end)
  end
  return self.made
end

--- How questions name the account, and its sid.
function App:account() return account.title(self:chosen()) end

--- Asks for the account's sid before the first change with a protected profile, once; raises when nobody agrees. To be
-- called where something is done before a write that depends on it (a password is made, a backup written); `write` and
-- `during_write` call it by themselves.
function App:consent()
  if not self.has_consent then consent.get(self:chosen(), self.args.account) end
  self.has_consent = true
end

--- To be called at the end, also after a failure: what a call that was cut off has done is still to be logged.
function App:finish()
  if self.made then pcall(self.made.poll, self.made, 0) end
end

--- Whether long work may show a progress bar.
function App:has_bar() return not (self.args.quiet or self.args.json or self.args.verbose) end

--- Runs `action`, which writes, as signals.during_write does, once the account's owner has agreed.
function App:during_write(unknown, action)
  self:consent()
  return signals.during_write(unknown, action)
end

--- Runs `action(client)`, a write that the first Ctrl-C lets finish. `what`: what is not known when the second one cuts
-- it off, as a clause that follows "whether". `advice`: what to do about a failure, by the error's kind. → data, info;
-- raises the error
function App:write(what, action, advice)
  local client = self:client()
  local data, info = self:during_write(function() return what end, function() return action(client) end)
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
