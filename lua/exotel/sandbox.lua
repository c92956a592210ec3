--- A stand-in for the service: a real HTTP server on a loopback port that keeps the service's rules, in a thread of
-- its own.
--
--     local sandbox = require "exotel.sandbox"
--     local sb = assert(sandbox.start())
--     local client = assert(sb:client())
--     sb:fault { after = "create_trunk", drop = true }   -- the write happens, the reply never comes
--     sb:stop()

local faults = require "exotel.sandbox.faults"
local server = require "exotel.sandbox.server"

local sandbox = {}

local Sandbox = {}
Sandbox.__index = Sandbox
Sandbox.__name = "exotel.sandbox"

local function is_whole(value, least, most)
  return type(value) == "number" and value == math.floor(value) and value >= least and value <= most
end

local function is_word(value) return type(value) == "string" and value:find("^[%w_-]+$") ~= nil end

local function is_list_of_strings(value)
  if type(value) ~= "table" then return false end
  for key, item in pairs(value) do
    if type(key) ~= "number" or type(item) ~= "string" then return false end
  end
  return true
end

local function is_boolean(value) return type(value) == "boolean" end

-- Of each option what it should be, and whether a value is that.
local OPTIONS = {
  tls = { "a boolean or a table", function(value) return is_boolean(value) or type(value) == "table" end },
  port = { "a whole number from 0 to 65535", function(value) return is_whole(value, 0, 65535) end },
  account_sid = { "a string of letters, digits, - and _", is_word },
  api_key = { "a string without a colon", function(value) return type(value) == "string" and not value:find(":") end },
  api_token = { "a string", function(value) return type(value) == "string" end },
  page_size = { "a whole number from 1", function(value) return is_whole(value, 1, 1e9) end },
  numbers = { "a list of strings", is_list_of_strings },
  bare_mode = { "a boolean", is_boolean },
  rate_limit = { "a whole number from 1", function(value) return is_whole(value, 1, 1e9) end },
  seed = { "a whole number from 0", function(value) return is_whole(value, 0, 2 ^ 53) end },
  keep_requests = { "a boolean", is_boolean },
}

local TLS_OPTIONS = {
  expired = { "a boolean", is_boolean },
  name = { "a string", function(value) return type(value) == "string" and value ~= "" end },
}

local DEFAULTS = {
  port = 0, account_sid = "sandbox1", api_key = "sandbox_key", api_token = "sandbox_token", page_size = 50,
  keep_requests = true,
}

local function check_options(options, known, prefix)
  for name, value in pairs(options) do
    local rule = known[name]
    if not rule then error(("unknown option '%s%s'"):format(prefix, tostring(name)), 4) end
    if not rule[2](value) then error(("option '%s%s' should be %s"):format(prefix, name, rule[1]), 4) end
  end
end

local function read_options(given)
  if type(given) ~= "table" then error("options should be a table", 3) end
  check_options(given, OPTIONS, "")
  if type(given.tls) == "table" then check_options(given.tls, TLS_OPTIONS, "tls.") end
  local options = {}
  for name, value in pairs(DEFAULTS) do options[name] = value end
  for name, value in pairs(given) do options[name] = value end
  return options
end

local function service_options(options)
  local kept = {}
  for name, value in pairs(options) do
    if name ~= "tls" and name ~= "port" then kept[name] = value end
  end
  return kept
end

local function start_server(options)
  local config = {
    port = options.port, module = "exotel.sandbox.front", service = service_options(options),
    path = package.path, cpath = package.cpath,
  }
  if options.tls then
    config.certificate, config.key = server.certificate(type(options.tls) == "table" and options.tls or nil)
  end
  return server.start(config)
end

--- Starts a sandbox.
-- `options`, all optional:
--   tls            true for HTTPS, with a certificate made on the spot for 127.0.0.1, ::1 and localhost; or a table:
--                  expired = true (it was good until yesterday), name = "wrong.example" (it is for that name only)
--   port           the port to listen on, on 127.0.0.1 (0: any free one)
--   account_sid, api_key, api_token   what the client must use ("sandbox1", "sandbox_key", "sandbox_token")
--   page_size      items on a page unless the request says otherwise (50)
--   numbers        list of the telephone numbers that the account owns (nil: every valid one)
--   bare_mode      true: mapping a number with mode "pstn" is answered with that word unquoted, as in the vendor's
--                  example
--   rate_limit     authorized requests allowed in any 60 seconds (nil: no limit)
--   seed           a number from which all ids follow, so that a run can be repeated (nil: random)
--   keep_requests  false: don't record requests, for long runs (true)
-- → sandbox, or nil and a message when the port can't be had. Raises for an unknown option or one of a wrong type.
-- The sandbox has base_url, port, account_sid, api_key, api_token and, with TLS, ca_file: the path of a temporary PEM
-- file.
function sandbox.start(options)
  options = read_options(options or {})
  local running, message = start_server(options)
  if not running then return nil, message end
  local port = running:port()
  return setmetatable({
    server = running, port = port, ca_file = running:certificate_file(),
    base_url = (options.tls and "https" or "http") .. "://127.0.0.1:" .. ("%d"):format(port),
    account_sid = options.account_sid, api_key = options.api_key, api_token = options.api_token,
  }, Sandbox)
end

local function running_server(self)
  if not self.server then error("the sandbox is stopped", 3) end
  return self.server
end

--- Makes a client of this sandbox: exotel.client with account, credentials, address and certificate filled in.
-- `options`: as for exotel.client; they win. → as exotel.client
function Sandbox:client(options)
  running_server(self)
  local merged = {
    account_sid = self.account_sid, api_key = self.api_key, api_token = self.api_token, base_url = self.base_url,
    ca_file = self.ca_file,
  }
  for name, value in pairs(options or {}) do merged[name] = value end
  return require("exotel").client(merged)
end

--- → table of the environment variables with which exotel.client() finds this sandbox; with TLS EXOTEL_CA_FILE is one
function Sandbox:environment()
  running_server(self)
  return {
    EXOTEL_ACCOUNT_SID = self.account_sid, EXOTEL_API_KEY = self.api_key, EXOTEL_API_TOKEN = self.api_token,
    EXOTEL_BASE_URL = self.base_url, EXOTEL_CA_FILE = self.ca_file,
  }
end

--- → array of the requests received, oldest first: { method, path (as on the wire), query (raw, or nil), target (both),
-- headers (by lower-case name), body ("" if none), operation (or nil), status (nil when nothing was answered),
-- authorized }. One that waits for its answer is among them.
function Sandbox:requests()
  return running_server(self):call("requests")
end

--- Forgets the requests received.
function Sandbox:reset_requests()
  running_server(self):call("reset_requests")
end

--- → what the service holds: { trunks = { … } } in order of creation, each with its fields and arrays numbers, ips,
-- destinations, settings and credentials. What the service calls null is nil.
function Sandbox:state()
  return running_server(self):call("state")
end

--- Makes requests fail. One of these says which, by the name of an operation or "*" for any request:
--   before   the operation isn't done
--   after    it is done, and then the reply is spoiled
--   on       as before when the reply is replaced or withheld; else the request is dealt with as ever
-- and at least one of these, together where that makes sense, says how:
--   drop = true      the connection is closed without a reply
--   reset = true     and the client gets a TCP RST
--   hang = true      no reply until the sandbox is stopped
--   cut = bytes      the reply's body ends after so many bytes, and the connection with it
--   delay = seconds  the reply comes so much later; other connections go on
--   drip = seconds   between two bytes of the body
--   status = number  instead of the service's, with the envelope that goes with it unless body is given
--   body = string    instead of the service's; the status stays, or is 200 where the operation isn't done
--   headers = table  added to the reply, in place of those of the same name
-- times: how many matching requests (1; math.huge or true: every one); skip: let so many pass first (0).
-- Of several faults the first given that matches counts. Raises for a key that is unknown, ill-typed or makes no sense.
function Sandbox:fault(spec)
  local running = running_server(self)
  local fine, fault = pcall(faults.read, spec)
  if not fine then error(fault, 2) end
  running:call("fault", fault)
end

--- Takes back the faults that have not happened yet.
function Sandbox:clear_faults()
  running_server(self):call("clear_faults")
end

--- Puts the service's clock ahead: dates and the rate limit follow it, delays don't.
function Sandbox:advance(seconds)
  local running = running_server(self)
  if type(seconds) ~= "number" then error("advance: seconds should be a number", 2) end
  running:call("advance", seconds)
end

--- Stops the server and removes the certificate's file; replies that hang or wait are dropped. Harmless when stopped.
function Sandbox:stop()
  if self.server then self.server:stop() end
  self.server = nil
end

Sandbox.__gc = Sandbox.stop
Sandbox.__close = Sandbox.stop

function Sandbox:__tostring()
  return ("exotel.sandbox: %s%s"):format(self.base_url, self.server and "" or " (stopped)")
end

return sandbox
