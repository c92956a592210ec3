--- exotel: sets up and runs SIP trunks on Exotel.
local core = require "exotel.core"
local errors = require "exotel.error"
require "exotel.client"

local M = {
  --- JSON null for sending. JSON null is read as nil.
  null = core.null,
  version = core.version,
}

local variables = {
  account_sid = "EXOTEL_ACCOUNT_SID",
  api_key = "EXOTEL_API_KEY",
  api_token = "EXOTEL_API_TOKEN",
  ca_file = "EXOTEL_CA_FILE",
}

local addresses = { region = "EXOTEL_REGION", subdomain = "EXOTEL_SUBDOMAIN", base_url = "EXOTEL_BASE_URL" }

local function from_environment(options, names)
  for option, variable in pairs(names) do
    local value = os.getenv(variable)
    if options[option] == nil and value ~= nil and value ~= "" then options[option] = value end
  end
end

local function has_address(options)
  return options.region ~= nil or options.subdomain ~= nil or options.base_url ~= nil
end

-- An address given in the options stands for itself: the environment's other ways to say it don't contradict it.
local function complete(given)
  local options = {}
  for key, value in pairs(given) do options[key] = value end
  from_environment(options, variables)
  if not has_address(options) then from_environment(options, addresses) end
  return options
end

--- exotel.client([options]) → client, or nil, err of kind "config" for what an environment can get wrong.
-- Options and their environment variables: README, "Options". An unknown option or one of the wrong type raises.
function M.client(given)
  if given ~= nil and type(given) ~= "table" then error("exotel.client takes a table of options", 2) end
  local good, client, message, field = pcall(core.client, complete(given or {}))
  if not good then error(client, 2) end
  if client then return client end
  return nil, errors.new { kind = "config", message = message, field = field ~= "" and field or nil }
end

--- What a client is made of.
-- @table Libraries
-- @tfield string curl libcurl's version
-- @tfield string tls its TLS library, with version
-- @tfield[opt] string ca the path of the CA bundle, or of a folder of certificates, that is trusted where no `ca_file`
-- is given; nil when there is none

--- Tells what clients are made of.
-- @treturn exotel.Libraries libraries
function M.libraries() return core.libraries() end

return M
