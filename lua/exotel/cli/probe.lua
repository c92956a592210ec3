--- Whether an account's credentials are good: one harmless read, and what to do when it fails.
local exotel = require "exotel"
local signals = require "exotel.cli.terminal.signals"

local M = {}

-- Seconds.
local TIMEOUT = 10

--- probe.client(options, changes) → a client with these options and changes that waits for no long; or nil, err
function M.client(options, changes)
  local all = { sleep = signals.sleep, retries = 0, timeout = TIMEOUT }
  for _, list in ipairs { options, changes or {} } do
    for key, value in pairs(list) do all[key] = value end
  end
  return exotel.client(all)
end

local OTHER = { mumbai = "singapore", singapore = "mumbai" }

-- A key that one region refuses may belong to the other.
local function region_advice(options)
  local region = options.region or os.getenv("EXOTEL_REGION")
  local other = not (options.base_url or options.subdomain) and OTHER[region]
  local client = other and M.client(options, { region = other })
  if client and client:list_trunks { page_size = 1 } then
    return ("the key is good in %s: set the region to %s"):format(other, other)
  end
  return "compare key, token and region with the API settings page of the dashboard"
end

local ADVICE = {
  network = "check the network, a firewall or proxy, and the region or address",
  timeout = "check the network, a firewall or proxy, and the region or address",
  tls = "check the clock, the CA bundle (EXOTEL_CA_FILE), and whether a proxy replaces certificates",
  permission = "ask Exotel to enable SIP trunking for this account",
  rate_limited = "wait a minute: the account's requests are used up",
  not_found = "check the account sid, and the address",
  server = "the service has a fault: try again later",
}

--- probe.advice(err, options) → what to do about a failure of the read. May ask another region.
function M.advice(err, options)
  if err.kind == "authentication" then return region_advice(options) end
  return ADVICE[err.kind] or "see the message"
end

--- probe.read(client) → true, info; or nil, err
function M.read(client)
  local data, info = client:list_trunks { page_size = 1 }
  return data and true, info
end

return M
