--- A stand-in for the service: a real HTTP server on a loopback port that keeps the service's rules, in a thread of
-- its own.
--
--     local sandbox = require "exotel.sandbox"
--     local sb = assert(sandbox.start())
--     local client = assert(sb:client())
--     sb:fault { after = "create_trunk", drop = true }   -- the write happens, the reply never comes
--     sb:stop()
--
-- @module exotel.sandbox

local faults = require "exotel.sandbox.faults"
local option_reader = require "exotel.sandbox.options"
local put = require "exotel.sandbox.put"
local fault_text = require "exotel.sandbox.fault_text"
local server = require "exotel.sandbox.server"
local state_file = require "exotel.sandbox.state_file"
local ways = require "exotel.sandbox.ways"

local sandbox = {}

local Sandbox = {}
Sandbox.__index = Sandbox
Sandbox.__name = "exotel.sandbox"

-- Reads what the service begins with, at the level of start's caller.
local function read_beginnings(options)
  for _, name in ipairs { "trunks", "faults" } do
    local read, reader = {}, name == "trunks" and put.read or faults.read
    for i, one in ipairs(options[name] or {}) do
      local fine, result = pcall(reader, one)
      if not fine then error(("option '%s[%d]': %s"):format(name, i, result), 3) end
      read[i] = result
    end
    options[name] = read
  end
end

-- → server, or nil, message. What the handler raises as a table is no misuse: it can't keep its state.
local function start_handler(config)
  local fine, running, message = pcall(server.start, config)
  if fine then return running, message end
  if type(running) == "table" then return nil, running.message end
  error(running, 0)
end

local function start_server(options)
  local config = {
    port = options.port, module = "exotel.sandbox.handler", options = option_reader.for_handler(options),
    path = package.path, cpath = package.cpath,
  }
  if options.tls then
    config.certificate, config.key = server.certificate(type(options.tls) == "table" and options.tls or nil)
  end
  return start_handler(config)
end

--- What a sandbox is started with.
-- @table Options
-- @tfield[opt] boolean|exotel.sandbox.Tls tls true for HTTPS, with a certificate made on the spot for 127.0.0.1, ::1
-- and localhost
-- @tfield[opt=0] integer port to listen on, on 127.0.0.1; 0 for any free one
-- @tfield[opt="sandbox1"] string account_sid what the client must use
-- @tfield[opt="sandbox_key"] string api_key the same
-- @tfield[opt="sandbox_token"] string api_token the same
-- @tfield[opt=50] integer page_size items on a page unless the request says otherwise
-- @tfield[opt] string[] numbers those that the account owns; any valid number without it
-- @tfield[opt] boolean bare_mode true: mapping a number with mode `pstn` is answered with that word unquoted, as in the
-- vendor's example
-- @tfield[opt] integer rate_limit authorized requests allowed in any 60 seconds; no limit without it
-- @tfield[opt] integer seed from which all ids follow, so that a run can be repeated; random without it
-- @tfield[opt=true] boolean keep_requests false: don't record requests, for long runs
-- @tfield[opt="real"] string clock `manual`: the service's clock begins at 2026-01-01T00:00:00Z and stands still until
-- `advance` moves it, so that nothing depends on how fast a test runs
-- @tfield[opt=0] number lag seconds by which reads (every GET) are behind: they are answered with what was there then;
-- writes are judged by what is there
-- @tfield[opt=404] integer unknown_trunk 403: a trunk that doesn't exist, or no longer, is answered with 403 and code
-- 1003, as the vendor's report of a live test has it, instead of 404 and 1000
-- @tfield[opt] exotel.sandbox.Trunk[] trunks those that are there from the beginning, as `put` takes them
-- @tfield[opt] exotel.sandbox.Fault[] faults those that are there from the beginning
-- @tfield[opt] string state the path of a file in which the state is kept: what the service holds, and where its ids
-- are, passwords included, for its owner only. It is written as a whole before a write is answered, and read when
-- another sandbox is started with it: `trunks` counts only where there is no such file yet. Requests that are `late`,
-- and `advance`, are not kept
-- @tfield[opt] boolean log true: a line for each request on standard error: time, method, target, status (`-` where
-- there was no reply), operation, and what a fault did
-- @tfield[opt] string[] ignored_fields those of update_trunk that are accepted, whatever their value, and forgotten

--- A certificate that should not be trusted.
-- @table Tls
-- @tfield[opt] boolean expired true: it expired yesterday
-- @tfield[opt] string name it is for that name only

--- What a client needs to reach a sandbox.
-- @table Fields
-- @tfield string base_url
-- @tfield integer port
-- @tfield string account_sid
-- @tfield string api_key
-- @tfield string api_token
-- @tfield[opt] string ca_file with TLS, the path of a temporary PEM file

--- A request received.
-- @table Request
-- @tfield string method
-- @tfield string path as on the wire
-- @tfield[opt] string query raw
-- @tfield string target path and query
-- @tfield table<string,string> headers by lower-case name
-- @tfield string body "" if there was none
-- @tfield[opt] exotel.Operation operation
-- @tfield[opt] integer status nil while there is no answer, and where a fault leaves none
-- @tfield boolean authorized

--- How requests are made to fail. `before`, `after` or `on` says which, by the name of an operation or `*` for any
-- request; the others, at least one of them and together where that makes sense, say how.
-- @table Fault
-- @tfield[opt] string before the operation isn't done
-- @tfield[opt] string after it is done, and its reply altered
-- @tfield[opt] string on as `before` where the fault replaces or withholds the reply, else the operation is done
-- @tfield[opt] number late seconds until the operation is done, be it `before`, `after` or `on`; the connection is
-- closed without a reply at once, or `reset` or `hang` says what becomes of it
-- @tfield[opt] boolean drop the connection is closed without a reply
-- @tfield[opt] boolean reset the connection is closed with a TCP RST
-- @tfield[opt] boolean hang no reply until the sandbox is stopped
-- @tfield[opt] integer cut bytes after which the reply's body ends, and the connection with it
-- @tfield[opt] number delay seconds by which the reply is late; other connections don't wait
-- @tfield[opt] number drip seconds between two bytes of the body
-- @tfield[opt] integer status instead of the service's, with the envelope that goes with it unless body is given
-- @tfield[opt] string body instead of the service's; the status stays, or is 200 where the operation isn't done
-- @tfield[opt] table<string,string> headers added to the reply, in place of those of the same name
-- @tfield[opt=1] integer|true times how many matching requests; true or math.huge for every one
-- @tfield[opt=0] integer skip how many pass first

--- A trunk with what is on it, as `state` shows it, passwords included. `put` takes any part of it, fills in what is
-- left out, but no name, and also takes it written as a specification for `exotel.provision`.
-- @table Trunk
-- @tfield[opt] string trunk_sid
-- @tfield[opt] string trunk_name
-- @tfield[opt] string nso_code
-- @tfield[opt] string domain_name
-- @tfield[opt] string auth_type
-- @tfield[opt] string status
-- @tfield[opt] string registration_enabled
-- @tfield[opt] string edge_preference
-- @tfield[opt] string secure_trunking
-- @tfield[opt] string date_created
-- @tfield[opt] string date_updated
-- @tfield[opt] string destination_uris a path, made by the service
-- @tfield[opt] string|table[] whitelisted_ips a path, made by the service; in a specification the ips
-- @tfield[opt] string|table[] phone_numbers a path, made by the service; in a specification the numbers
-- @tfield[opt] table[] numbers each with id, phone_number, mode, trunk_sid, date_created and date_updated
-- @tfield[opt] table[] ips each with id, ip, mask, trunk_sid and the dates
-- @tfield[opt] table[] destinations each with id, destination, type, priority, weight, trunk_sid and the dates. For
-- `put` a string stands for one that was sent, to which the service adds `sip:`; in a table it is taken as it is
-- @tfield[opt] table[] settings each with name, value, trunk_sid and the dates; in a specification the values by name
-- @tfield[opt] string alias in a specification: one more setting, `trunk_external_alias`
-- @tfield[opt] table[] credentials each with id, user_name, password, friendly_name, trunk_sid and the dates

--- Ways in which the service may be other than its documents say; what is left out is as documented, or as the sandbox
-- was started.
-- @table Ways
-- @tfield[opt="in 200"] string duplicates `409`: with that HTTP status; `made`: there are none, each is made
-- @tfield[opt="strings"] string ids `numbers`: IDs are JSON numbers
-- @tfield[opt="envelope"] string errors the shape of refusals: `RestException`, `flat` or `details`
-- @tfield[opt=404] integer unknown_trunk 403: see `Options`
-- @tfield[opt] string[] ignored_fields see `Options`
-- @tfield[opt] string[] unchecked_fields those whose values are not checked, as `nso_code`
-- @tfield[opt] table<string,string> refused_values by field a Lua pattern of values that are refused, as
-- `{ mask = "^24$" }`
-- @tfield[opt=true] boolean whitelist_first false: a destination's IP need not be whitelisted
-- @tfield[opt="appended"] string repeated_destinations `merged` or `refused`: there are no two equal ones
-- @tfield[opt=207] integer partial_status 200: of a batch in which something failed
-- @tfield[opt=false] boolean any_content_type true: it is not looked at
-- @tfield[opt=404] integer repeated_removal 200: what is gone can be removed again
-- @tfield[opt] string[] missing_operations those that the service doesn't have

--- What the service holds. All arrays are oldest first.
-- @table State
-- @tfield exotel.sandbox.Trunk[] trunks
-- @tfield table[] orphaned_credentials those of deleted trunks, which no request finds

--- Starts a sandbox.
-- @tparam[opt] exotel.sandbox.Options options
-- @treturn exotel.sandbox.Sandbox sandbox
-- @treturn[2] nil
-- @treturn[2] string message when the port can't be had; when the file of `state` is damaged, or can't be read or
-- written
-- @raise for an unknown option or one of a wrong type
function sandbox.start(options)
  options = option_reader.read(options or {})
  read_beginnings(options)
  local wrong
  if options.state then options.kept, wrong = state_file.read(options.state) end
  if wrong then return nil, wrong end
  local running, message = start_server(options)
  if not running then return nil, message end
  local port = running:port()
  return setmetatable({
    server = running, port = port, ca_file = running:certificate_file(),
    base_url = (options.tls and "https" or "http") .. "://127.0.0.1:" .. ("%d"):format(port),
    account_sid = options.account_sid, api_key = options.api_key, api_token = options.api_token,
  }, Sandbox)
end

--- Reads a fault from a line of text, as the command takes it: `on=map_phone_number,status=500,times=3`. Between commas
-- stand the keys of `exotel.sandbox.Fault` with their values; flags (`drop`, `reset`, `hang`) have none; `times=all` is
-- every request; `header=NAME: VALUE` may come more than once; `body=TEXT` takes all that follows, commas included.
-- @tparam string text
-- @treturn exotel.sandbox.Fault fault
-- @treturn[2] nil
-- @treturn[2] string message
-- @treturn[2] string word the one that is not known; nil where something else is wrong
-- @treturn[2] string[] known what would stand there; nil likewise
function sandbox.read_fault(text)
  if type(text) ~= "string" then error("read_fault: needs a string, not a " .. type(text), 2) end
  return fault_text.read(text)
end

local function running_server(self)
  if not self.server then error("the sandbox is stopped", 3) end
  return self.server
end

--- A sandbox, with the fields of `exotel.sandbox.Fields`. Its methods raise when it is stopped.
-- @type Sandbox
-- @extends exotel.sandbox.Fields

--- Makes a client of this sandbox: `exotel.client` with account, credentials, address and certificate filled in.
-- @tparam[opt] exotel.Options options override those
-- @treturn exotel.client.Client client
-- @fails kind `config`
function Sandbox:client(options)
  running_server(self)
  local merged = {
    account_sid = self.account_sid, api_key = self.api_key, api_token = self.api_token, base_url = self.base_url,
    ca_file = self.ca_file,
  }
  for name, value in pairs(options or {}) do merged[name] = value end
  return require("exotel").client(merged)
end

--- The environment variables with which `exotel.client()` finds this sandbox; with TLS `EXOTEL_CA_FILE` is one.
-- @treturn table<string,string> variables values by name
function Sandbox:environment()
  running_server(self)
  return {
    EXOTEL_ACCOUNT_SID = self.account_sid, EXOTEL_API_KEY = self.api_key, EXOTEL_API_TOKEN = self.api_token,
    EXOTEL_BASE_URL = self.base_url, EXOTEL_CA_FILE = self.ca_file,
  }
end

--- The requests received, oldest first, with those that wait for their answer.
-- @treturn exotel.sandbox.Request[] requests
function Sandbox:requests()
  return running_server(self):call("requests")
end

--- Forgets the requests received.
function Sandbox:reset_requests()
  running_server(self):call("reset_requests")
end

--- How many requests have come so far, whatever became of them; `reset_requests` doesn't change it. Costs next to
-- nothing.
-- @treturn integer count
function Sandbox:handled()
  return running_server(self):call("handled")
end

--- What the service holds, without any lag: a copy of all of it, which stays as it is. What JSON has as null is nil.
-- @treturn exotel.sandbox.State state
function Sandbox:state()
  return running_server(self):call("state")
end

--- Puts a trunk there with all it has, whatever the service's rules say: without a name or with one that is taken, with
-- equal destinations, numbers that another trunk has, values of any form. It takes the place of the trunk with its
-- trunk_sid.
-- @tparam exotel.sandbox.Trunk trunk
-- @treturn exotel.sandbox.Trunk trunk as `state` shows it
-- @raise for a field that is unknown or of a wrong type
function Sandbox:put(trunk)
  local running = running_server(self)
  local fine, read = pcall(put.read, trunk)
  if not fine then error(read, 2) end
  return running:call("put", read)
end

--- Makes requests fail. Of several faults that match a request the first given applies.
-- @tparam exotel.sandbox.Fault spec
-- @raise for a key that is unknown, ill-typed or makes no sense
function Sandbox:fault(spec)
  local running = running_server(self)
  local fine, fault = pcall(faults.read, spec)
  if not fine then error(fault, 2) end
  running:call("fault", fault)
end

--- Removes the faults that have not happened yet.
function Sandbox:clear_faults()
  running_server(self):call("clear_faults")
end

--- Has it behave otherwise from now on. What was set before and is left out is as documented again.
-- @tparam exotel.sandbox.Ways given
-- @raise for a way that is unknown, or one of a wrong value
function Sandbox:behave(given)
  local running = running_server(self)
  local fine, message = pcall(ways.check, given)
  if not fine then error(message, 2) end
  running:call("behave", given)
end

--- Moves the service's clock forward: dates, the rate limit, lag and late requests follow it. `delay` and `drip` are
-- real time.
-- @tparam number seconds
-- @raise for what isn't a number from 0
function Sandbox:advance(seconds)
  local running = running_server(self)
  if not option_reader.is_seconds(seconds) then error("advance: seconds should be a number from 0", 2) end
  running:call("advance", seconds)
end

--- Stops the server and removes the certificate's file; connections that wait for a reply are closed. Harmless when
-- stopped.
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
