--- Which account to use: the profile that was asked for, else the environment, else the profile that the file of
-- profiles chooses.
local countdown = require "exotel.cli.terminal.countdown"
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local profile = require "exotel.cli.profile"
local store = require "exotel.cli.store"
local token_command = require "exotel.cli.profile.token_command"
local variables = require "exotel.cli.account_variables"

local M = {}

-- Choosing ------------------------------------------------------------------------------------------------------------

local function of_profile(name, fields)
  return {
    profile = name, fields = fields, account_sid = fields.account_sid, is_protected = fields.protected == "true",
    source = ("the profile [%s] of %s"):format(name, profile.path()),
  }
end

local function named(name)
  local fields = profile.find(name)
  if not fields then errors.config("there is no profile [%s]: %s does not exist", name, profile.path()) end
  return of_profile(name, fields)
end

local function of_environment(found)
  return {
    fields = found.options, account_sid = found.account_sid, source = "the environment", variables = found.variables,
  }
end

local function from_default_profile()
  local name, fields = profile.default()
  if name then return of_profile(name, fields) end
  errors.config("no account: `exotel profile login` asks for one and keeps it in %s; or set EXOTEL_ACCOUNT_SID, "
    .. "EXOTEL_API_KEY, EXOTEL_API_TOKEN and EXOTEL_REGION", profile.path())
end

-- Two names of an account are no choice. The vendor's variables are no name where ours names one.
local function from_environment(chosen)
  if chosen then
    profile.check_name(chosen, "EXOTEL_PROFILE")
    if variables.has_ours() then
      errors.config("EXOTEL_PROFILE and %s are both set, and name two accounts: unset one",
        variables.find().variables[1])
    end
    return named(chosen)
  end
  local found = variables.find()
  return found and of_environment(found)
end

--- account.choose(name) → which account that is: { account_sid (nil where it isn't said), profile (its name; nil: it
-- comes from the environment), is_protected, source (where it comes from, for messages), variables (of the environment,
-- that it comes from), fields (of the profile; of the environment options of exotel.client) }. Raises what is wrong.
-- Runs nothing. `name`: the profile asked for by --profile, or nil.
function M.choose(name)
  if not name then return from_environment(environment.get("EXOTEL_PROFILE")) or from_default_profile() end
  profile.check_name(name, "--profile")
  return named(name)
end

--- account.title(chosen) → how questions name an account that was chosen: its sid, and the profile where there is one;
-- the sid alone.
function M.title(chosen)
  local sid = chosen.account_sid or "?"
  return chosen.profile and ("%s (profile %s)"):format(sid, chosen.profile) or sid, sid
end

-- Using it ------------------------------------------------------------------------------------------------------------

-- What is for the command, and not for exotel.client.
local OWN = { "store", "protected", "api_token_command" }

--- account.options(chosen) → options for exotel.client (none when the library reads them from the environment). Runs
-- the profile's api_token_command, which may ask the user, once.
function M.options(chosen)
  local options = {}
  for key, value in pairs(chosen.fields) do options[key] = value end
  for _, key in ipairs(OWN) do options[key] = nil end
  local command = chosen.fields.api_token_command
  if command then
    chosen.token = chosen.token or token_command.run(command, chosen.profile)
    options.api_token = chosen.token
  end
  return options
end

-- The environment has it where nothing comes from a profile.
local function address_of(fields)
  if next(fields) == nil then return environment.get("EXOTEL_BASE_URL") end
  return fields.base_url
end

--- account.client(chosen, hooks, note) → a client of an account that was chosen, and whether its store is one that
-- nobody asked for; raises what is wrong with it. `hooks`: { log, on_write } for the client; `note(message)` is told
-- why there is no store.
function M.client(chosen, hooks, note)
  local shared, is_default = store.open(chosen.fields.store, address_of(chosen.fields), note)
  local options = M.options(chosen)
  options.store, options.sleep, options.log, options.on_write = shared, countdown.sleep, hooks.log, hooks.on_write
  return errors.assert(exotel.client(options)), is_default
end

return M
