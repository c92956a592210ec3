---@meta exotel.directory

---What a directory is opened with.
---@class exotel.directory.Options
---@field path string of the file; as the first element of the table it needs no name
---@field create? boolean true: where there is no file, or a damaged one, an empty one is made; a file that is no directory is not touched
---@field random? fun():number for `destination`: a number from 0 up to, but without 1; `math.random` without it

---A number of the account.
---@class exotel.directory.Number
---@field phone_number string in E.164
---@field mode string `pstn` or `flow`; `pstn` also where it was never set
---@field id? string of the mapping; nil in what `lookup` found
---@field trunk_sid string
---@field trunk_name? string

---A whitelisted IP.
---@class exotel.directory.Ip
---@field ip string as the service has it
---@field mask integer
---@field id string
---@field trunk_sid string of the trunk that it is on
---@field trunk_name? string

---A destination of a trunk.
---@class exotel.directory.Destination
---@field destination string the URI, beginning with `sip:`
---@field priority? integer lower ones are tried first
---@field weight? integer the share of calls among those of one priority
---@field id? string

---A trunk.
---@class exotel.directory.Trunk
---@field trunk_sid string
---@field trunk_name? string
---@field status? string `active` or `inactive`
---@field domain_name? string
---@field nso_code? string
---@field auth_type? string
---@field registration_enabled? string
---@field edge_preference? string
---@field secure_trunking? string
---@field date_created? string
---@field date_updated? string
---@field caller_id? string its setting `trunk_external_alias`
---@field destinations exotel.directory.Destination[] by priority, those of one priority by weight, the highest first
---@field age number seconds since what is on it began to be read; `math.huge`: it never was, or that can't be told
---@field partial boolean true: the last refresh could not read what is on it; this is what was known before

---What a directory holds.
---@class exotel.directory.Info
---@field account_sid? string nil before the first refresh
---@field host? string the service's
---@field trunks integer how many
---@field phone_numbers integer how many
---@field whitelisted_ips integer how many
---@field destinations integer how many
---@field size integer of the file, in bytes
---@field age number as `age`

---What a refresh is made with.
---@class exotel.directory.RefreshOptions
---@field requests_per_minute? integer requests in any 60 seconds; half of the client's `rate_limit` without it
---@field progress? fun(done:integer,total:integer) is called after each trunk
---@field stopped? fun():boolean is asked before each request; true: what was not read yet is left as it was
---@field quiet? boolean true: what changed is not listed, which saves the memory for it

---One difference between the account and what was known of it.
---@class exotel.directory.Change
---@field action "came"|"went"|"changed"
---@field resource "trunk"|"phone_number"|"whitelisted_ip"|"destination"
---@field trunk_sid string
---@field trunk_name? string
---@field from? table the entry as it was; nil of one that came
---@field to? table the entry as it is; nil of one that went

---A trunk that could not be read.
---@class exotel.directory.Unread
---@field trunk_sid string
---@field trunk_name? string
---@field err exotel.error.Error why

---What came, went and changed: an array of `exotel.directory.Change`, with the fields
---@class exotel.directory.Changes
---@field complete boolean whether everything was read
---@field unread exotel.directory.Unread[] trunks of which what was known was kept
---@field requests integer how many were made, repetitions not counted

---What a directory is kept with.
---@class exotel.directory.KeepOptions
---@field path string of the file; as the first element of the table it needs no name
---@field every? number seconds from one refresh to the next; as the second element it needs no name (300)
---@field client? exotel.Options|exotel.client.Client a client, or the options of one, which the worker that refreshes makes; what is absent comes from the environment
---@field requests_per_minute? integer of a refresh; half of the client's `rate_limit` without it

---A directory, as `directory.open` makes it. Look-ups never wait and make no requests; they allocate nothing but what they return.
---@class exotel.directory.Directory
local Directory = {}

---The trunk that a number is mapped to, and the mode.
---Raises for what is no string, and for an unknown field.
---@param phone_number string in E.164; compared byte by byte
---@param field? "trunk_sid"|"trunk_name"|"mode"|"id"|"phone_number" to have this field alone, without a table
---@return exotel.directory.Number|string number nil when it is on no trunk
function Directory:number(phone_number, field) end

---The whitelisted IPs that cover an address: the longest mask first, of each trunk one.
---Raises for what is no string, and for an unknown field.
---@param address string IPv4; nothing covers what is none
---@param field? "trunk_sid"|"trunk_name"|"id" to have this field of the first one alone, without a table
---@return exotel.directory.Ip[]|string ips nil when none covers it
function Directory:ip(address, field) end

---A trunk by its name or sid.
---Raises for what is no string, and for an unknown field.
---@param trunk string its name or trunk_sid
---@param field? string to have this field of those that are strings alone, without a table
---@return exotel.directory.Trunk|string trunk nil when there is none
function Directory:trunk(trunk, field) end

---Seconds since all of it was known: since a refresh began that could read everything. It counts while this machine sleeps, and doesn't depend on the wall clock as long as this machine is not restarted.
---@return number age `math.huge`: it never was, or a clock was turned back so that it can't be told
function Directory:age() end

---What it holds.
---@return exotel.directory.Info info
function Directory:info() end

---Frees its memory; the collector does the same. Closing twice is harmless, and using a closed directory raises.
function Directory:close() end

---Why the newest file was not taken: it is gone, damaged, foreign, of a newer version. What was read before stays in use.
---@return exotel.error.Error problem nil: there is none
function Directory:problem() end

---Iterates over all trunks. A newer file that comes meanwhile is not taken before the next look-up.
---@return fun():exotel.directory.Trunk iterator
function Directory:trunks() end

---Iterates over all numbers, in no order.
---@return fun():exotel.directory.Number iterator
function Directory:numbers() end

---Iterates over all whitelisted IPs, those with the longest mask first.
---@return fun():exotel.directory.Ip iterator
function Directory:ips() end

---Chooses where a call of a trunk is sent, by priority and weight as RFC 2782 has it: one of the lowest priority of which not all are down, by chance in proportion to the weights.
---@param trunk string its name or trunk_sid
---@param down? string[]|table<string,boolean> destinations that are not to be chosen: a list, or a set. `sip:` or not, capitals in the host, and a port or transport left out are no difference
---@return string destination its URI; nil when the trunk is not known, or all of its destinations are down
---@return exotel.directory.Destination entry
function Directory:destination(trunk, down) end

---Reads the account, and writes the file: all trunks, and the numbers, IPs, destinations and the caller ID of each. Waits as the client does. A trunk that can't be read keeps what was known of it; after three in a row, or where credentials are refused, the others are not tried. Of two refreshes at once neither undoes the other.
---Raises for an unknown option or one of the wrong type; an error of the progress function.
---@param client exotel.client.Client
---@param options? exotel.directory.RefreshOptions
---@return exotel.directory.Changes? changes
---@return exotel.error.Error? err the list of trunks could not be read; kind `config` when the file can't be written, or is another account's; kind `conflict` when another process did not end writing it. The file stays as it was
function Directory:refresh(client, options) end

---A number that may not be in the directory yet: the directory is asked first, then the service, by `find_trunk_map` (V; the form of its answer is not documented). Its answer is remembered for a minute, also that there is none; a failure for 5 seconds. At most 30 numbers are asked for in a minute.
---@param client exotel.client.Client
---@param phone_number string in E.164
---@return exotel.directory.Number? number nil when it is on no trunk
---@return exotel.error.Error? err kind `rate_limited` without a request when too many were asked for
function Directory:lookup(client, phone_number) end

---The account as a file, for what has to be known at every call: which trunk a number is on and in which mode, which trunks whitelist an address, where a trunk's calls go. It answers from memory, also while the service does not. One process refreshes the file (`d:refresh`, `directory.keep` in nginx, `kamailio.setup`, or `exotel directory refresh` in cron); all others read it, and take a newer one by themselves, within a second or two. The file is replaced as a whole; one that is damaged, foreign or of a newer version is not taken, and the one in hand stays in use. It holds no secrets, and its mode is 0640.
---@class exotel.directory
local M = {}

---Opens a directory, and reads all of its file. Each process opens its own; one that was opened before a fork may be used after it.
---Raises for an unknown option or one of the wrong type.
---@param options exotel.directory.Options
---@return exotel.directory.Directory? directory
---@return exotel.error.Error? err kind `config`: there is no such file, it can't be read, it is damaged, of a newer version, or no directory
function M.open(options) end

---Opens a directory in an nginx worker, and has it kept up to date: one of the workers that call this refreshes it; when that one ends or is killed another one does, within 5 seconds. To be called in init_worker_by_lua. Failures are logged when they begin.
---Raises for an unknown option or one of the wrong type.
---@param options exotel.directory.KeepOptions
---@return exotel.directory.Directory? directory
---@return exotel.error.Error? err as `open`, but that a file which is missing or damaged is made anew; kind `config` where it is not nginx
function M.keep(options) end

return M
