--- The values of an account: from options, or typed, each with its rule said before. The rules are those of
-- exotel.client.
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local exotel = require "exotel"
local prompt = require "exotel.cli.terminal.prompt"
local screen = require "exotel.cli.terminal.screen"

local M = {}

-- Rules ---------------------------------------------------------------------------------------------------------------

-- Stand for the values that are not looked at.
local OTHERS = { account_sid = "account", api_key = "key", api_token = "token", region = "mumbai" }
local IS_ADDRESS = { region = true, subdomain = true, base_url = true }

-- The variables that a message of the library names are not where these values come from.
local function without_variables(message)
  return (message:gsub(":? ?check EXOTEL_[%u_]+$", ""):gsub(" into EXOTEL_[%u_]+$", ""))
end

-- → nil, or what is wrong with the value of an option of exotel.client
local function fault(name, value)
  if value == "" then return "it is empty" end
  if value:find("%c") then return "it holds a control character: copy it again" end
  local options = {}
  for other, stand_in in pairs(OTHERS) do options[other] = stand_in end
  if IS_ADDRESS[name] then options.region = nil end
  options[name] = value
  local client, err = exotel.client(options)
  if client then client:close() end
  if err and err.field == name then return without_variables(err.message) end
end

-- Asking --------------------------------------------------------------------------------------------------------------

local function trimmed(text) return (text:match("^%s*(.-)%s*$")) end

-- Asks until `check(value)` finds no fault. `ask`: prompt.ask or prompt.secret. → value
local function typed(ask, question, check)
  while true do
    local answer = ask("%s", question)
    if not answer then errors.fail("nothing was written: not all was typed") end
    local value = trimmed(answer)
    local what = check(value)
    if not what then return value end
    prompt.show(screen.format("  %s\n", what))
  end
end

local function need_terminal(what, option)
  if screen.can_ask() then return end
  errors.usage("there is no terminal to ask for the %s on: say --%s", what, option)
end

-- A value that an option gave.
local function given(name, value)
  local what = fault(name, value)
  if what then errors.usage("--%s: %s", (name:gsub("_", "-")), what) end
  return value
end

-- Values --------------------------------------------------------------------------------------------------------------

local function is_good(name) return function(value) return fault(name, value) end end

function M.account_sid(args)
  local option = args.account_sid or args.account
  if option then return given("account_sid", option) end
  need_terminal("account SID", "account-sid SID")
  return typed(prompt.ask, "Account SID (letters, digits, \"-\" and \"_\"): ", is_good("account_sid"))
end

-- What kind of address a text is: an option of exotel.client.
local function kind_of(address)
  if address:find("^%a+://") then return "base_url" end
  return address:find("[.@]") and "subdomain" or "region"
end

--- → the address, and which option of exotel.client it is
function M.address(args)
  for _, name in ipairs { "region", "subdomain", "base_url" } do
    if args[name] then return given(name, args[name]), name end
  end
  need_terminal("region", "region mumbai or --region singapore")
  local address = typed(prompt.ask, "Region (mumbai or singapore), or the subdomain, as api.in.exotel.com: ",
    function(value) return fault(kind_of(value), value) end)
  return address, kind_of(address)
end

function M.api_key(args)
  if args.api_key then return given("api_key", args.api_key) end
  need_terminal("API key", "api-key KEY")
  return typed(prompt.ask, "API key (no spaces, no colon): ", is_good("api_key"))
end

local function token_given(args)
  if args.api_token_stdin then return prompt.read_line() or "" end
  if args.api_token_env then
    return environment.get(args.api_token_env)
      or errors.usage("the environment variable %s holds no token", args.api_token_env)
  end
end

--- It has one line of the file; a second one would be read as something else, or make the file unreadable.
function M.api_token_command(args)
  local text = args.api_token_command
  if not text:find("%S") then errors.usage("--api-token-command: it is empty") end
  if text:find("[\r\n]") then errors.usage("--api-token-command: it has several lines: put them into a script") end
  return text
end

--- The token is in no message.
function M.api_token(args)
  local token = token_given(args)
  if token then
    local value = trimmed(token)
    local what = fault("api_token", value)
    if what then errors.usage("the API token can't be right: %s", what) end
    return value
  end
  need_terminal("API token", "api-token-stdin or --api-token-env NAME")
  return typed(prompt.secret, "API token (no spaces; it is not shown): ", is_good("api_token"))
end

return M
