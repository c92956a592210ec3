--- exotel profile login: asks for an account, tests it, and keeps it as a profile.
local errors = require "exotel.cli.errors"
local names = require "exotel.cli.commands.profile.names"
local probe = require "exotel.cli.probe"
local profile = require "exotel.cli.profile"
local prompt = require "exotel.cli.terminal.prompt"
local screen = require "exotel.cli.terminal.screen"
local text = require "exotel.cli.profile.text"
local token_command = require "exotel.cli.profile.token_command"
local values = require "exotel.cli.commands.profile.values"

-- Before anything is asked --------------------------------------------------------------------------------------------

-- At most one of these options.
local function refuse_several(args, ...)
  local given
  for _, name in ipairs { ... } do
    if args[name] and given then
      errors.usage("--%s and --%s exclude each other", (given:gsub("_", "-")), (name:gsub("_", "-")))
    end
    given = args[name] and name or given
  end
end

local function check_arguments(args)
  refuse_several(args, "region", "subdomain", "base_url")
  refuse_several(args, "api_token_stdin", "api_token_env", "api_token_command")
  if args.account and args.account_sid and args.account ~= args.account_sid then
    errors.usage("--account and --account-sid name two accounts")
  end
end

local function confirm_replacing(args, name, fields)
  if args.yes then return end
  if not screen.can_ask() then
    errors.usage("the profile [%s] is there already: say --yes to give it other keys", name)
  end
  local agreed = prompt.confirm("The profile %s of %s is there, for the account %s. Give it the account and keys that "
    .. "you type now?", name, profile.path(), fields.account_sid or "?")
  if not agreed then errors.fail("nothing was written") end
end

-- The account ---------------------------------------------------------------------------------------------------------

-- → fields of a profile, as they were given or typed
local function collect(args, name)
  if screen.can_ask() then
    prompt.tell(("For the profile %s, as the API settings page of the dashboard shows them:\n"):format(name))
  end
  local fields = { account_sid = values.account_sid(args) }
  local address, kind = values.address(args)
  fields[kind] = address
  fields.api_key = values.api_key(args)
  if args.api_token_command then fields.api_token_command = values.api_token_command(args)
  else fields.api_token = values.api_token(args) end
  return fields
end

-- What the test needs besides, of the profile as it is.
local function options_of(fields, before, name)
  local options = { ca_file = before.ca_file, proxy = before.proxy }
  for key, value in pairs(fields) do options[key] = value end
  options.api_token_command = nil
  if fields.api_token_command then options.api_token = token_command.run(fields.api_token_command, name) end
  return options
end

local function test(app, options)
  app.out.in_vain = "nothing was written"
  local client = errors.assert(probe.client(options))
  local good, info = probe.read(client)
  if not good then
    app.out.advice = probe.advice(info, options)
    if info.kind ~= "authentication" then app.out.advice = app.out.advice .. "; --no-test writes it untested" end
  end
  errors.assert(good, info)
  app.out.in_vain = nil
end

-- Keeping it ----------------------------------------------------------------------------------------------------------

local ORDER = {
  "account_sid", "api_key", "api_token", "api_token_command", "region", "subdomain", "base_url", "protected",
}

-- What the profile is no longer to have, too.
local function lines_of(args, fields)
  local all = { api_token = false, api_token_command = false, region = false, subdomain = false, base_url = false }
  for key, value in pairs(fields) do all[key] = value end
  if args.protected then all.protected = "true" end
  return all
end

-- A profile that has come to be while this one was typed is not replaced unseen. The first one is the one that counts.
local function keep(args, name, fields, was_there)
  profile.change(function(content)
    local found = text.parse(content, profile.path())
    if found.profiles[name] and not was_there and not args.yes then
      errors.fail("the profile [%s] has been made meanwhile: nothing was written", name)
    end
    local written = text.with_profile(content, name, lines_of(args, fields), ORDER)
    return #found.names == 0 and name ~= "default" and text.with_choice(written, name) or written
  end)
end

local function tell(app, name, fields)
  app.out:done("done", { profile = name, account_sid = fields.account_sid, file = profile.path() },
    "the profile %s is in %s: account %s, %s", name, profile.path(), fields.account_sid, (profile.address(fields)))
  if profile.chosen(profile.load()) ~= name then
    app.out:note("`exotel profile use %s` makes it the one that counts without --profile", name)
  end
end

local function login(app, args)
  check_arguments(args)
  local name = names.given(args) or "default"
  local found = profile.load()
  local before = found and found.profiles[name]
  if before then confirm_replacing(args, name, before) end
  local fields = collect(args, name)
  if not args.no_test then test(app, options_of(fields, before or {}, name)) end
  keep(args, name, fields, before ~= nil)
  tell(app, name, fields)
end

return {
  name = "login", run = login,
  summary = "Keep an account as a profile: asks for it, and tests it before it is written.",
  arguments = { { name = "NAME", args = "?", text = "The profile; default unless given." } },
  options = {
    { name = "--account-sid", value = "SID", text = "The account, instead of asking." },
    { name = "--region", value = "REGION", text = "mumbai or singapore, instead of asking." },
    { name = "--subdomain", value = "HOST", text = "Instead of a region the host, as api.in.exotel.com." },
    { name = "--base-url", value = "URL", text = "Instead of both, https://HOST[:PORT]; the sandbox's, for example." },
    { name = "--api-key", value = "KEY", text = "The API key, instead of asking: a name; the secret is the token." },
    { name = "--api-token-stdin", text = "Take the API token from the first line of standard input." },
    { name = "--api-token-env", value = "NAME", text = "Take the API token from this environment variable." },
    {
      name = "--api-token-command", value = "COMMAND",
      text = "Keep no token, but this command, which prints it: 'pass show exotel'.",
    },
    { name = "--protected", text = "Changes with this profile ask for the account SID." },
    { name = "--no-test", text = "Don't try the credentials before they are written." },
    { name = "-y --yes", text = "Don't ask whether a profile that is there gets other keys." },
  },
  more = "The test is one harmless read; credentials that are refused are not written. The file has mode 600, and its "
    .. "folder 700; other profiles, comments, and other lines of this one stay as they are. The first profile is the "
    .. "one that counts without --profile. Where there is no terminal all values come from options.",
  examples = {
    "exotel profile login",
    "exotel profile login live --protected",
    "exotel profile login ci --account-sid acme --region mumbai --api-key KEY --api-token-stdin <token",
    "exotel profile login live --api-token-command 'pass show exotel'",
  },
}
