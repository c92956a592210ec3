--- exotel profile: list, show, use, login, test.
local account = require "exotel.cli.account"
local errors = require "exotel.cli.errors"
local login = require "exotel.cli.commands.profile.login"
local names = require "exotel.cli.commands.profile.names"
local environment = require "exotel.cli.environment"
local probe = require "exotel.cli.probe"
local profile = require "exotel.cli.profile"
local text = require "exotel.cli.profile.text"
local variables = require "exotel.cli.account_variables"

-- What is shown of a profile: no secret ------------------------------------------------------------------------------

-- The beginning tells one key from another.
local function key_text(key) return key and #key >= 12 and key:sub(1, 4) .. "..." or key and "set" or nil end

local function token_text(fields)
  if fields.api_token_command then return "by api_token_command" end
  return fields.api_token and "set" or nil
end

-- A store's and a proxy's URL may hold a password.
local function description_of(name, fields, in_use)
  return {
    profile = name, in_use = in_use, account_sid = fields.account_sid, address = (profile.address(fields)),
    api_key = key_text(fields.api_key), api_token = token_text(fields), protected = fields.protected == "true",
    ca_file = fields.ca_file, proxy = fields.proxy and "set", store = fields.store and "set",
    problem = profile.fault(fields), file = profile.path(),
  }
end

-- list ----------------------------------------------------------------------------------------------------------------

local COLUMNS = {
  { field = "profile" }, { field = "in_use" }, { field = "account_sid" }, { field = "address" },
  { field = "protected" }, { field = "api_token" }, { field = "problem" },
}

-- → the name of the profile that commands take here; or nil, and why it is none
local function used_here(app)
  local good, chosen = pcall(app.chosen, app)
  if not good then
    if type(chosen) ~= "table" then error(chosen, 0) end
    return nil, tostring(chosen)
  end
  return chosen.profile, not chosen.profile
    and ("commands take the account %s from the environment (%s)"):format(chosen.account_sid or "?",
      table.concat(chosen.variables, ", "))
end

local function list(app)
  local found, rows = profile.load() or { names = {}, profiles = {} }, {}
  local used, reason = used_here(app)
  for i, name in ipairs(found.names) do rows[i] = description_of(name, found.profiles[name], name == used) end
  app.out:list(COLUMNS, rows, "no profile yet: `exotel profile login` makes one")
  if reason and #rows > 0 then app.out:note("%s", reason) end
end

-- show ----------------------------------------------------------------------------------------------------------------

local FIELDS = {
  "profile", "in_use", "file", "account_sid", "address", "api_key", "api_token", "protected", "ca_file", "proxy",
  "store", "problem",
}
local ENVIRONMENT_FIELDS = { "account_sid", "source", "variables" }

local function of_file(name)
  local found = profile.load()
  local fields = found and found.profiles[name]
  return fields or profile.find(name) or errors.config("there is no profile [%s]: %s does not exist", name,
    profile.path())
end

local function show(app, args)
  local name = names.given(args)
  local chosen = not name and app:chosen()
  if chosen and not chosen.profile then
    return app.out:item(ENVIRONMENT_FIELDS, {
      account_sid = chosen.account_sid, source = chosen.source, variables = table.concat(chosen.variables, ", "),
    })
  end
  name = name or chosen.profile
  app.out:item(FIELDS, description_of(name, of_file(name), name == used_here(app)))
end

-- use -----------------------------------------------------------------------------------------------------------------

-- What wins over it here and now.
local function tell_of_others(app, name)
  local other = environment.get("EXOTEL_PROFILE")
  if other and other ~= name then return app.out:note("but EXOTEL_PROFILE is set, and names %s", other) end
  local good, found = pcall(variables.find)
  if good and found and not other then app.out:note("but %s is set, and names an account", found.variables[1]) end
end

local function use(app, args)
  profile.check_name(args.name, "NAME")
  if not profile.find(args.name) then
    errors.config("there is no profile [%s]: %s does not exist", args.name, profile.path())
  end
  local outcome = "present"
  if profile.chosen(profile.load()) ~= args.name then
    profile.change(function(content) return text.with_choice(content, args.name) end)
    outcome = "done"
  end
  app.out:done(outcome, { profile = args.name }, outcome == "done" and "commands take the profile %s now"
    or "already so: commands take the profile %s", args.name)
  tell_of_others(app, args.name)
end

-- test ----------------------------------------------------------------------------------------------------------------

local function test(app, args)
  args.profile = names.given(args)
  local chosen = app:chosen()
  local options = account.options(chosen)
  local client = errors.assert(probe.client(options))
  local good, info = probe.read(client)
  if not good then app.out.advice = probe.advice(info, options) end
  errors.assert(good, info)
  app.out:done("done", { account_sid = chosen.account_sid, profile = chosen.profile, seconds = info.elapsed },
    "%s: the credentials are good, the service answers in %.2f s", (account.title(chosen)), info.elapsed)
end

local NAME = { name = "NAME", args = "?", text = "The profile; without it the account that commands take." }

return {
  name = "profile",
  summary = "Accounts that are kept in a file: list, show, use, login, test.",
  verbs = {
    {
      name = "list", summary = "List the profiles, without secrets.", run = list,
      more = "Columns, for scripts: profile, in_use, account_sid, address, protected, api_token, problem.",
      examples = { "exotel profile list" },
    },
    {
      name = "show", summary = "Show a profile, or where the account comes from; no secrets.", run = show,
      arguments = { NAME }, examples = { "exotel profile show", "exotel profile show live" },
    },
    {
      name = "use", summary = "Choose the profile that counts without --profile.", run = use,
      arguments = { { name = "NAME", text = "The profile." } },
      more = "It is written to the file's first line, profile = NAME. --profile, EXOTEL_PROFILE and an account in the "
        .. "environment win over it.",
      examples = { "exotel profile use live" },
    },
    login,
    {
      name = "test", summary = "Find out whether the credentials are good, by one harmless read.", run = test,
      arguments = { NAME }, examples = { "exotel profile test", "exotel profile test live" },
    },
  },
}
