---@meta exotel

---The options of a client. An environment variable that is named here counts when the option is absent; of the three addresses only when none of them is given.
---@class exotel.Options
---@field account_sid? string `EXOTEL_ACCOUNT_SID`: as the API settings of the dashboard show it
---@field api_key? string `EXOTEL_API_KEY`
---@field api_token? string `EXOTEL_API_TOKEN`
---@field region? "mumbai"|"singapore" `EXOTEL_REGION`: where the account was opened. There is no default
---@field subdomain? string `EXOTEL_SUBDOMAIN`: instead of the region, the host as the dashboard shows it
---@field base_url? string `EXOTEL_BASE_URL`: instead of both, `https://host[:port]`
---@field timeout? number seconds for one attempt (30)
---@field connect_timeout? number seconds until a connection is established (5)
---@field deadline? number seconds for a whole call with its retries and waits (120)
---@field retries? integer how often a call may be repeated (2)
---@field backoff? number the longest first wait before a repetition, in seconds (0.5)
---@field settle_wait? number seconds in which `ensure` and `provision.apply` look for a write whose reply was lost before they send it again, and for an added destination before they call it done; never past the deadline (5)
---@field rate_limit? integer|false requests in any 60 seconds; false for no limit (200)
---@field max_connections? integer at most 50; further calls wait for a connection (8)
---@field ca_file? string `EXOTEL_CA_FILE`: a PEM file of the issuers to trust, instead of those that `CURL_CA_BUNDLE` or `SSL_CERT_FILE` names, or the system's
---@field proxy? string a proxy's URL, instead of the one in the environment, which is not used for this machine itself
---@field allow_http? boolean permits plain http to other hosts: key and token can be read on the way (false)
---@field json_suffix? boolean appends `.json` to every path (false)
---@field validate? boolean false leaves the checking of values to the service (true)
---@field log? fun(event:exotel.client.Event) is called for every attempt and wait; its errors are ignored, but not Ctrl-C while it runs
---@field on_write? fun(write:exotel.client.Write) is called for every write that was sent, once its outcome is known or given up, for a log of what was changed; errors as of `log`. Where a client is collected that nobody closed it is told nothing of what was under way
---@field sleep? fun(seconds:number) a scheduler's: waits call it instead of blocking
---@field store? exotel.store.Store shares the rate limit with all clients of the account that have the same store, and gives `provision.apply` its lock: see `exotel.store`
---@field store_fallback? integer requests in any 60 seconds while the store can't be had: a quarter of `rate_limit` unless given
---@field wait? fun(client:exotel.client.Client) with `sleep`, a scheduler's function that waits for the client's descriptor or timeout, as `cqueues.poll`: waits for the network call it instead of polling by the clock

---The libraries that clients use.
---@class exotel.Libraries
---@field curl string libcurl's version
---@field tls string its TLS library, with version
---@field ca? string the path of the CA bundle, or of a folder of certificates, that is trusted where no `ca_file` is given; nil when there is none

---Sets up and runs SIP trunks on Exotel: makes clients.
---@class exotel
local M = {}

---JSON null for sending. JSON null is read as nil.
---@type lightuserdata
M.null = nil

---This library's version, as `1.0.0`.
---@type string
M.version = nil

---Makes a client.
---Raises for an unknown option or one of the wrong type.
---@param options? exotel.Options
---@return exotel.client.Client? client
---@return exotel.error.Error? err kind `config`: an error in the environment, and what to do
function M.client(options) end

---Which libraries clients use.
---@return exotel.Libraries libraries
function M.libraries() end

return M
