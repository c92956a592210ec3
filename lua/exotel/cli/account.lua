--- Which account to use: the profile that was asked for, else the environment, else the profile [default].
local countdown = require "exotel.cli.terminal.countdown"
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local profile = require "exotel.cli.profile"

local store = require "exotel.cli.store"

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

-- → options, and where they come from
local function find(name)
  if name then return named(name) end
  local variable, chosen = first_set(CREDENTIALS), environment.get("EXOTEL_PROFILE")
  if variable and chosen then
    errors.config("EXOTEL_PROFILE and %s are both set, and name two accounts: unset one", variable)
  end
  if chosen then return named(chosen) end
  if variable then return {}, "the environment" end
  return from_default_profile()
end

--- account.find(name) → options for exotel.client (none when the environment has them), where they come from, and the
-- profile's store, as text or nil. `name`: the profile asked for by --profile, or nil. Raises what is wrong.
function M.find(name)
  local found, source = find(name)
  local options, own_store = {}, found.store
  for key, value in pairs(found) do options[key] = value end
  options.store = nil
  return options, source, own_store
end

-- The environment has it where nothing comes from a profile.
local function address_of(options)
  if next(options) == nil then return environment.get("EXOTEL_BASE_URL") end
  return options.base_url
end

--- account.title(name) → how questions name that account: its sid, and the profile where there is one; the sid alone.
function M.title(name)
  local options, source = M.find(name)
  local sid = options.account_sid or environment.get("EXOTEL_ACCOUNT_SID") or "?"
  local profile_name = source:match("^the profile %[(.-)%]")
  return profile_name and ("%s (profile %s)"):format(sid, profile_name) or sid, sid
end

--- account.client(name, log, note) → a client of that account, and whether its store is one that nobody asked for;
-- raises what is wrong with it. `note(message)` is told why there is no store.
function M.client(name, log, note)
  local options, _, own_store = M.find(name)
  local is_default
  options.store, is_default = store.open(own_store, address_of(options), note)
  options.sleep, options.log = countdown.sleep, log
  return errors.assert(exotel.client(options)), is_default
end

return M
