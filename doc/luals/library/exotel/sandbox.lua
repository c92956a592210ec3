---@meta exotel.sandbox

---What a sandbox is started with.
---@class exotel.sandbox.Options
---@field tls? boolean|exotel.sandbox.Tls true for HTTPS, with a certificate made on the spot for 127.0.0.1, ::1 and localhost
---@field port? integer to listen on, on 127.0.0.1; 0 for any free one (0)
---@field account_sid? string what the client must use ("sandbox1")
---@field api_key? string the same ("sandbox_key")
---@field api_token? string the same ("sandbox_token")
---@field page_size? integer items on a page unless the request says otherwise (50)
---@field numbers? string[] those that the account owns; any valid number without it
---@field bare_mode? boolean true: mapping a number with mode `pstn` is answered with that word unquoted, as in the vendor's example
---@field rate_limit? integer authorized requests allowed in any 60 seconds; no limit without it
---@field seed? integer from which all ids follow, so that a run can be repeated; random without it
---@field keep_requests? boolean false: don't record requests, for long runs (true)
---@field clock? string `manual`: the service's clock begins at 2026-01-01T00:00:00Z and stands still until `advance` moves it, so that nothing depends on how fast a test runs ("real")
---@field lag? number seconds by which reads (every GET) are behind: they are answered with what was there then; writes are judged by what is there (0)
---@field unknown_trunk? integer 403: a trunk that doesn't exist, or no longer, is answered with 403 and code 1003, as the vendor's report of a live test has it, instead of 404 and 1000 (404)
---@field trunks? exotel.sandbox.Trunk[] those that are there from the beginning, as `put` takes them
---@field faults? exotel.sandbox.Fault[] those that are there from the beginning
---@field state? string the path of a file in which the state is kept: what the service holds, and where its ids are, passwords included, for its owner only. It is written as a whole before a write is answered, and read when another sandbox is started with it: `trunks` counts only where there is no such file yet. Requests that are `late`, and `advance`, are not kept
---@field log? boolean true: a line for each request on standard error: time, method, target, status (`-` where there was no reply), operation, and what a fault did
---@field ignored_fields? string[] those of update_trunk that are accepted, whatever their value, and forgotten

---A certificate that should not be trusted.
---@class exotel.sandbox.Tls
---@field expired? boolean true: it expired yesterday
---@field name? string it is for that name only

---What a client needs to reach a sandbox.
---@class exotel.sandbox.Fields
---@field base_url string
---@field port integer
---@field account_sid string
---@field api_key string
---@field api_token string
---@field ca_file? string with TLS, the path of a temporary PEM file

---A request received.
---@class exotel.sandbox.Request
---@field method string
---@field path string as on the wire
---@field query? string raw
---@field target string path and query
---@field headers table<string,string> by lower-case name
---@field body string "" if there was none
---@field operation? exotel.Operation
---@field status? integer nil while there is no answer, and where a fault leaves none
---@field authorized boolean

---How requests are made to fail. `before`, `after` or `on` says which, by the name of an operation or `*` for any request; the others, at least one of them and together where that makes sense, say how.
---@class exotel.sandbox.Fault
---@field before? string the operation isn't done
---@field after? string it is done, and its reply altered
---@field on? string as `before` where the fault replaces or withholds the reply, else the operation is done
---@field late? number seconds until the operation is done, be it `before`, `after` or `on`; the connection is closed without a reply at once, or `reset` or `hang` says what becomes of it
---@field drop? boolean the connection is closed without a reply
---@field reset? boolean the connection is closed with a TCP RST
---@field hang? boolean no reply until the sandbox is stopped
---@field cut? integer bytes after which the reply's body ends, and the connection with it
---@field delay? number seconds by which the reply is late; other connections don't wait
---@field drip? number seconds between two bytes of the body
---@field status? integer instead of the service's, with the envelope that goes with it unless body is given
---@field body? string instead of the service's; the status stays, or is 200 where the operation isn't done
---@field headers? table<string,string> added to the reply, in place of those of the same name
---@field times? integer|true how many matching requests; true or math.huge for every one (1)
---@field skip? integer how many pass first (0)

---A trunk with what is on it, as `state` shows it, passwords included. `put` takes any part of it, fills in what is left out, but no name, and also takes it written as a specification for `exotel.provision`.
---@class exotel.sandbox.Trunk
---@field trunk_sid? string
---@field trunk_name? string
---@field nso_code? string
---@field domain_name? string
---@field auth_type? string
---@field status? string
---@field registration_enabled? string
---@field edge_preference? string
---@field secure_trunking? string
---@field date_created? string
---@field date_updated? string
---@field destination_uris? string a path, made by the service
---@field whitelisted_ips? string|table[] a path, made by the service; in a specification the ips
---@field phone_numbers? string|table[] a path, made by the service; in a specification the numbers
---@field numbers? table[] each with id, phone_number, mode, trunk_sid, date_created and date_updated
---@field ips? table[] each with id, ip, mask, trunk_sid and the dates
---@field destinations? table[] each with id, destination, type, priority, weight, trunk_sid and the dates. For `put` a string stands for one that was sent, to which the service adds `sip:`; in a table it is taken as it is
---@field settings? table[] each with name, value, trunk_sid and the dates; in a specification the values by name
---@field alias? string in a specification: one more setting, `trunk_external_alias`
---@field credentials? table[] each with id, user_name, password, friendly_name, trunk_sid and the dates

---Ways in which the service may be other than its documents say; what is left out is as documented, or as the sandbox was started.
---@class exotel.sandbox.Ways
---@field duplicates? string `409`: with that HTTP status; `made`: there are none, each is made ("in 200")
---@field ids? string `numbers`: IDs are JSON numbers ("strings")
---@field errors? string the shape of refusals: `RestException`, `flat` or `details` ("envelope")
---@field unknown_trunk? integer 403: see `Options` (404)
---@field ignored_fields? string[] see `Options`
---@field unchecked_fields? string[] those whose values are not checked, as `nso_code`
---@field refused_values? table<string,string> by field a Lua pattern of values that are refused, as `{ mask = "^24$" }`
---@field whitelist_first? boolean false: a destination's IP need not be whitelisted (true)
---@field repeated_destinations? string `merged` or `refused`: there are no two equal ones ("appended")
---@field partial_status? integer 200: of a batch in which something failed (207)
---@field any_content_type? boolean true: it is not looked at (false)
---@field repeated_removal? integer 200: what is gone can be removed again (404)
---@field missing_operations? string[] those that the service doesn't have

---What the service holds. All arrays are oldest first.
---@class exotel.sandbox.State
---@field trunks exotel.sandbox.Trunk[]
---@field orphaned_credentials table[] those of deleted trunks, which no request finds

---A sandbox, with the fields of `exotel.sandbox.Fields`. Its methods raise when it is stopped.
---@class exotel.sandbox.Sandbox : exotel.sandbox.Fields
local Sandbox = {}

---Makes a client of this sandbox: `exotel.client` with account, credentials, address and certificate filled in.
---@param options? exotel.Options override those
---@return exotel.client.Client? client
---@return exotel.error.Error? err kind `config`
function Sandbox:client(options) end

---The environment variables with which `exotel.client()` finds this sandbox; with TLS `EXOTEL_CA_FILE` is one.
---@return table<string,string> variables values by name
function Sandbox:environment() end

---The requests received, oldest first, with those that wait for their answer.
---@return exotel.sandbox.Request[] requests
function Sandbox:requests() end

---Forgets the requests received.
function Sandbox:reset_requests() end

---How many requests have come so far, whatever became of them; `reset_requests` doesn't change it. Costs next to nothing.
---@return integer count
function Sandbox:handled() end

---What the service holds, without any lag: a copy of all of it, which stays as it is. What JSON has as null is nil.
---@return exotel.sandbox.State state
function Sandbox:state() end

---Puts a trunk there with all it has, whatever the service's rules say: without a name or with one that is taken, with equal destinations, numbers that another trunk has, values of any form. It takes the place of the trunk with its trunk_sid.
---Raises for a field that is unknown or of a wrong type.
---@param trunk exotel.sandbox.Trunk
---@return exotel.sandbox.Trunk trunk as `state` shows it
function Sandbox:put(trunk) end

---Makes requests fail. Of several faults that match a request the first given applies.
---Raises for a key that is unknown, ill-typed or makes no sense.
---@param spec exotel.sandbox.Fault
function Sandbox:fault(spec) end

---Removes the faults that have not happened yet.
function Sandbox:clear_faults() end

---Has it behave otherwise from now on. What was set before and is left out is as documented again.
---Raises for a way that is unknown, or one of a wrong value.
---@param given exotel.sandbox.Ways
function Sandbox:behave(given) end

---Moves the service's clock forward: dates, the rate limit, lag and late requests follow it. `delay` and `drip` are real time.
---Raises for what isn't a number from 0.
---@param seconds number
function Sandbox:advance(seconds) end

---Stops the server and removes the certificate's file; connections that wait for a reply are closed. Harmless when stopped.
function Sandbox:stop() end

---A stand-in for the service: a real HTTP server on a loopback port that keeps the service's rules, in a thread of its own.
---@class exotel.sandbox
local M = {}

---Starts a sandbox.
---Raises for an unknown option or one of a wrong type.
---@param options? exotel.sandbox.Options
---@return exotel.sandbox.Sandbox? sandbox
---@return string? message when the port can't be had; when the file of `state` is damaged, or can't be read or written
function M.start(options) end

---Reads a fault from a line of text, as the command takes it: `on=map_phone_number,status=500,times=3`. Between commas stand the keys of `exotel.sandbox.Fault` with their values; flags (`drop`, `reset`, `hang`) have none; `times=all` is every request; `header=NAME: VALUE` may come more than once; `body=TEXT` takes all that follows, commas included.
---@param text string
---@return exotel.sandbox.Fault? fault
---@return string? message
---@return string? word the one that is not known; nil where something else is wrong
---@return string[]? known what would stand there; nil likewise
function M.read_fault(text) end

return M
