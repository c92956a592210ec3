--- Sets up and runs SIP trunks on Exotel: makes clients.
-- @module exotel
local core = require "exotel.core"
local later = require "exotel.calls.later"
local errors = later.require "exotel.error"
local waiting = later.require "exotel.calls.waiting"
later.require "exotel.client"

-- exotel.store is loaded when it is asked for.
local M = setmetatable({}, {
  __index = function(_, name) return name == "store" and require "exotel.store" or nil end,
})

--- JSON null for sending. JSON null is read as nil.
-- @tfield lightuserdata null
M.null = core.null

--- This library's version, as `1.0.0`.
-- @tfield string version
M.version = core.version

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

-- With an address in the options, those in the environment are ignored.
local function complete(given)
  local options = {}
  for key, value in pairs(given) do options[key] = value end
  from_environment(options, variables)
  if not has_address(options) then from_environment(options, addresses) end
  return options
end

--- The options of a client. An environment variable that is named here counts when the option is absent; of the three
-- addresses only when none of them is given.
-- @table Options
-- @tfield[opt] string account_sid `EXOTEL_ACCOUNT_SID`: as the API settings of the dashboard show it
-- @tfield[opt] string api_key `EXOTEL_API_KEY`
-- @tfield[opt] string api_token `EXOTEL_API_TOKEN`
-- @tfield[opt] "mumbai"|"singapore" region `EXOTEL_REGION`: where the account was opened. There is no default
-- @tfield[opt] string subdomain `EXOTEL_SUBDOMAIN`: instead of the region, the host as the dashboard shows it
-- @tfield[opt] string base_url `EXOTEL_BASE_URL`: instead of both, `https://host[:port]`
-- @tfield[opt=30] number timeout seconds for one attempt
-- @tfield[opt=5] number connect_timeout seconds until a connection is established
-- @tfield[opt=120] number deadline seconds for a whole call with its retries and waits
-- @tfield[opt=2] integer retries how often a call may be repeated
-- @tfield[opt=0.5] number backoff the longest first wait before a repetition, in seconds
-- @tfield[opt=5] number settle_wait seconds in which `ensure` and `provision.apply` look for a write whose reply was
-- lost before they send it again, and for an added destination before they call it done; never past the deadline
-- @tfield[opt=200] integer|false rate_limit requests in any 60 seconds; false for no limit
-- @tfield[opt=8] integer max_connections at most 50; further calls wait for a connection
-- @tfield[opt] string ca_file `EXOTEL_CA_FILE`: a PEM file of the issuers to trust, instead of those that
-- `CURL_CA_BUNDLE` or `SSL_CERT_FILE` names, or the system's
-- @tfield[opt] string proxy a proxy's URL, instead of the one in the environment, which is not used for this machine
-- itself
-- @tfield[opt=false] boolean allow_http permits plain http to other hosts: key and token can be read on the way
-- @tfield[opt=false] boolean json_suffix appends `.json` to every path
-- @tfield[opt=true] boolean validate false leaves the checking of values to the service
-- @tfield[opt] fun(event:exotel.client.Event) log is called for every attempt and wait; its errors are
-- ignored, but not Ctrl-C while it runs
-- @tfield[opt] fun(write:exotel.client.Write) on_write is called for every write that was sent, once its outcome is
-- known or given up, for a log of what was changed; errors as of `log`. Where a client is collected that nobody closed
-- it is told nothing of what was under way
-- @tfield[opt] fun(seconds:number) sleep a scheduler's: waits call it instead of blocking
-- @tfield[opt] exotel.store.Store store shares the rate limit with all clients of the account that have the same store,
-- and gives `provision.apply` its lock: see `exotel.store`
-- @tfield[opt] integer store_fallback requests in any 60 seconds while the store can't be had: a quarter of
-- `rate_limit` unless given
-- @tfield[opt] fun(client:exotel.client.Client) wait with `sleep`, a scheduler's function that waits for the client's
-- descriptor or timeout, as `cqueues.poll`: waits for the network call it instead of polling by the clock

-- A scheduler's wait is for the network alone.
local function check_wait(options)
  if options.wait and not options.sleep then error("bad option 'wait' (it goes with sleep)", 3) end
end

local function check_store(options)
  local good, lease = pcall(function() return options.store == nil or options.store.lease end)
  if not good or not lease then error("bad option 'store' (one of exotel.store expected)", 3) end
end

--- Makes a client.
-- @tparam[opt] exotel.Options options
-- @treturn exotel.client.Client client
-- @fails kind `config`: an error in the environment, and what to do
-- @raise for an unknown option or one of the wrong type
function M.client(options)
  if options ~= nil and type(options) ~= "table" then error("exotel.client takes a table of options", 2) end
  later.load()
  local good, client, message, field = pcall(core.client, complete(options or {}))
  if not good then error(client, 2) end
  check_wait(options or {})
  check_store(options or {})
  if client then
    waiting.choose(client)
    return client
  end
  return nil, errors.new { kind = "config", message = message, field = field ~= "" and field or nil }
end

--- The libraries that clients use.
-- @table Libraries
-- @tfield string curl libcurl's version
-- @tfield string tls its TLS library, with version
-- @tfield[opt] string ca the path of the CA bundle, or of a folder of certificates, that is trusted where no `ca_file`
-- is given; nil when there is none

--- Which libraries clients use.
-- @treturn exotel.Libraries libraries
function M.libraries() return core.libraries() end

return M
