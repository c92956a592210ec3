--- Which account to use: the profile that was asked for, else the environment, else the profile [default].
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local profile = require "exotel.cli.profile"
local signals = require "exotel.cli.terminal.signals"

local M = {}

local CREDENTIALS = { "EXOTEL_ACCOUNT_SID", "EXOTEL_API_KEY", "EXOTEL_API_TOKEN" }

local function first_set(names)
  for _, name in ipairs(names) do
    if environment.get(name) then return name end
  end
end

local function named(name)
  local options = profile.find(name)
  if not options then errors.config("there is no profile [%s]: %s does not exist", name, profile.path()) end
  return options, ("the profile [%s] of %s"):format(name, profile.path())
end

local function no_account()
  errors.config("no account: set EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN and EXOTEL_REGION, or write "
    .. "them to %s (`exotel --help` shows how)", profile.path())
end

local function from_default_profile()
  local options = profile.find("default")
  if options then return options, "the profile [default] of " .. profile.path() end
  no_account()
end

--- account.find(name) → options for exotel.client (none when the environment has them), and where they come from.
-- `name`: the profile asked for by --profile, or nil. Raises what is wrong.
function M.find(name)
  if name then return named(name) end
  local variable, chosen = first_set(CREDENTIALS), environment.get("EXOTEL_PROFILE")
  if variable and chosen then
    errors.config("EXOTEL_PROFILE and %s are both set, and name two accounts: unset one", variable)
  end
  if chosen then return named(chosen) end
  if variable then return {}, "the environment" end
  return from_default_profile()
end

--- account.title(name) → how questions name that account: its sid, and the profile where there is one; the sid alone.
function M.title(name)
  local options, source = M.find(name)
  local sid = options.account_sid or environment.get("EXOTEL_ACCOUNT_SID") or "?"
  local profile_name = source:match("^the profile %[(.-)%]")
  return profile_name and ("%s (profile %s)"):format(sid, profile_name) or sid, sid
end

--- account.client(name [, log]) → a client of that account; raises what is wrong with it.
function M.client(name, log)
  local options = {}
  for key, value in pairs(M.find(name)) do options[key] = value end
  options.sleep, options.log = signals.sleep, log
  return errors.assert(exotel.client(options))
end

return M
