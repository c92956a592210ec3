--- The account as a file, for what has to be known at every call: which trunk a number is on and in which mode, which
-- trunks whitelist an address, where a trunk's calls go. It answers from memory, also while the service does not.
--
--     local directory = require "exotel.directory"
--     local d = assert(directory.open { path = "/var/lib/exotel/outbound.directory" })
--     local n = d:number("+919876543210")       -- nil when it is on no trunk
--     local sid = d:number("+919876543210", "trunk_sid")
--     if d:ip("203.0.113.77") then … end
--
-- One process refreshes the file (`d:refresh`, `directory.keep` in nginx, `kamailio.setup`, or `exotel directory
-- refresh` in cron); all others read it, and take a newer one by themselves, within a second or two. The file is
-- replaced as a whole; one that is damaged, foreign or of a newer version is not taken, and the one in hand stays in
-- use. It holds no secrets, and its mode is 0640.
-- @module exotel.directory
local checks = require "exotel.calls.options"
local choice = require "exotel.directory.choice"
local core = require "exotel.core"
local errors = require "exotel.error"
local exotel = require "exotel"
local file = require "exotel.directory.file"
local keeper = require "exotel.directory.keeper"
local look_up = require "exotel.directory.look_up"
local quick = require "exotel.directory.quick"
local refresh = require "exotel.directory.refresh"

local Directory = core.directory_methods
local internals = core.directory_internals

local M = {}

-- By directory: { path, memory, random }.
local states = setmetatable({}, { __mode = "k" })

local function state_of(self)
  return states[self] or error("a directory of directory.open is expected", 3)
end

-- Opening -------------------------------------------------------------------------------------------------------------

--- What a directory is opened with.
-- @table Options
-- @tfield string path of the file; as the first element of the table it needs no name
-- @tfield[opt] boolean create true: where there is no file, or a damaged one, an empty one is made; a file that is no
-- directory is not touched
-- @tfield[opt] fun():number random for `destination`: a number from 0 up to, but without 1; `math.random` without it

local TYPES = { path = "string", create = "boolean", random = "function" }

-- Options with names only.
local function named(options, names, level)
  if type(options) ~= "table" then error("a table of options is expected", level + 1) end
  local result = {}
  for key, value in pairs(options) do
    local name = names[key] or key
    if result[name] ~= nil then checks.refuse(name, "given twice", level + 1) end
    result[name] = value
  end
  return result
end

local function check_path(options, level)
  if options.path == nil or options.path == "" then checks.refuse("path", "the path of a file expected", level + 1) end
  if options.path:find("%z") then checks.refuse("path", "it holds a NUL", level + 1) end
end

local function open(options)
  local directory, message, fault = core.directory(options.path)
  if not directory and options.create and (fault == "missing" or fault == "damaged") then
    local good, err = file.create(options.path)
    if not good then return nil, err end
    directory, message = core.directory(options.path)
  end
  if not directory then return nil, file.error(options.path, message) end
  states[directory] = { path = options.path, memory = look_up.new(), random = options.random or math.random }
  return directory
end

--- Opens a directory, and reads all of its file. Each process opens its own; one that was opened before a fork may be
-- used after it.
-- @tparam exotel.directory.Options options
-- @treturn exotel.directory.Directory directory
-- @fails kind `config`: there is no such file, it can't be read, it is damaged, of a newer version, or no directory
-- @raise for an unknown option or one of the wrong type
function M.open(options)
  local given = named(options, { "path" }, 2)
  checks.check(given, TYPES, 2)
  check_path(given, 2)
  return open(given)
end

-- What is known -------------------------------------------------------------------------------------------------------

--- A number of the account.
-- @table Number
-- @tfield string phone_number in E.164
-- @tfield string mode `pstn` or `flow`; `pstn` also where it was never set
-- @tfield[opt] string id of the mapping; nil in what `lookup` found
-- @tfield string trunk_sid
-- @tfield[opt] string trunk_name

--- A whitelisted IP.
-- @table Ip
-- @tfield string ip as the service has it
-- @tfield integer mask
-- @tfield string id
-- @tfield string trunk_sid of the trunk that it is on
-- @tfield[opt] string trunk_name

--- A destination of a trunk.
-- @table Destination
-- @tfield string destination the URI, beginning with `sip:`
-- @tfield[opt] integer priority lower ones are tried first
-- @tfield[opt] integer weight the share of calls among those of one priority
-- @tfield[opt] string id

--- A trunk.
-- @table Trunk
-- @tfield string trunk_sid
-- @tfield[opt] string trunk_name
-- @tfield[opt] string status `active` or `inactive`
-- @tfield[opt] string domain_name
-- @tfield[opt] string nso_code
-- @tfield[opt] string auth_type
-- @tfield[opt] string registration_enabled
-- @tfield[opt] string edge_preference
-- @tfield[opt] string secure_trunking
-- @tfield[opt] string date_created
-- @tfield[opt] string date_updated
-- @tfield[opt] string caller_id its setting `trunk_external_alias`
-- @tfield exotel.directory.Destination[] destinations by priority, those of one priority by weight, the highest first
-- @tfield number age seconds since what is on it began to be read; `math.huge`: it never was, or that can't be told
-- @tfield boolean partial true: the last refresh could not read what is on it; this is what was known before

--- What a directory holds.
-- @table Info
-- @tfield[opt] string account_sid nil before the first refresh
-- @tfield[opt] string host the service's
-- @tfield integer trunks how many
-- @tfield integer phone_numbers how many
-- @tfield integer whitelisted_ips how many
-- @tfield integer destinations how many
-- @tfield integer size of the file, in bytes
-- @tfield number age as `age`

--- What a refresh is made with.
-- @table RefreshOptions
-- @tfield[opt] integer requests_per_minute requests in any 60 seconds; half of the client's `rate_limit` without it
-- @tfield[opt] fun(done:integer,total:integer) progress is called after each trunk
-- @tfield[opt] fun():boolean stopped is asked before each request; true: what was not read yet is left as it was
-- @tfield[opt] boolean quiet true: what changed is not listed, which saves the memory for it

--- One difference between the account and what was known of it.
-- @table Change
-- @tfield "came"|"went"|"changed" action
-- @tfield "trunk"|"phone_number"|"whitelisted_ip"|"destination" resource
-- @tfield string trunk_sid
-- @tfield[opt] string trunk_name
-- @tfield[opt] table from the entry as it was; nil of one that came
-- @tfield[opt] table to the entry as it is; nil of one that went

--- A trunk that could not be read.
-- @table Unread
-- @tfield string trunk_sid
-- @tfield[opt] string trunk_name
-- @tfield exotel.error.Error err why

--- What came, went and changed: an array of `exotel.directory.Change`, with the fields
-- @table Changes
-- @tfield boolean complete whether everything was read
-- @tfield exotel.directory.Unread[] unread trunks of which what was known was kept
-- @tfield integer requests how many were made, repetitions not counted

-- In nginx -----------------------------------------------------------------------------------------------------------

--- What a directory is kept with.
-- @table KeepOptions
-- @tfield string path of the file; as the first element of the table it needs no name
-- @tfield[opt=300] number every seconds from one refresh to the next; as the second element it needs no name
-- @tfield[opt] exotel.Options|exotel.client.Client client a client, or the options of one, which the worker that
-- refreshes makes; what is absent comes from the environment
-- @tfield[opt] integer requests_per_minute of a refresh; half of the client's `rate_limit` without it

local KEEP_TYPES = { path = "string", every = "number", requests_per_minute = "number" }
local EVERY = 300

local NOT_HERE = "it is kept in nginx, from init_worker on: elsewhere call its method refresh"

local function check_keep(given, level)
  local client = given.client
  if client ~= nil and type(client) ~= "table" and type(client) ~= "userdata" then
    checks.refuse("client", "a client or its options expected", level + 1)
  end
  local rest = {}
  for key, value in pairs(given) do rest[key] = key ~= "client" and value or nil end
  checks.check(rest, KEEP_TYPES, level + 1)
  check_path(rest, level + 1)
  if (rest.every or EVERY) <= 0 then checks.refuse("every", "seconds expected", level + 1) end
  checks.check_count(rest, "requests_per_minute", level + 1)
end

-- → a function that gives the client
local function client_source(given)
  local client = type(given) == "userdata" and given or nil
  return function()
    local err
    if not client then client, err = exotel.client(given) end
    return client, err
  end
end

local function start_keeper(given, opened)
  local good, message = keeper.start {
    path = given.path, directory = opened, every = given.every or EVERY,
    requests_per_minute = given.requests_per_minute, client_of = client_source(given.client),
  }
  if good then return true end
  return nil, errors.new { kind = "config", message = "no timer can be started: " .. message }
end

--- Opens a directory in an nginx worker, and has it kept up to date: one of the workers that call this refreshes it;
-- when that one ends or is killed another one does, within 5 seconds. To be called in init_worker_by_lua. Failures are
-- logged when they begin.
-- @tparam exotel.directory.KeepOptions options
-- @treturn exotel.directory.Directory directory
-- @fails as `open`, but that a file which is missing or damaged is made anew; kind `config` where it is not nginx
-- @raise for an unknown option or one of the wrong type
function M.keep(options)
  local given = named(options, { "path", "every" }, 2)
  check_keep(given, 2)
  if not keeper.is_possible then return nil, file.error(given.path, NOT_HERE) end
  local opened, err = open { path = given.path, create = true }
  if not opened then return nil, err end
  local good
  good, err = start_keeper(given, opened)
  if not good then return nil, err end
  return opened
end

-- Look-ups -----------------------------------------------------------------------------------------------------------

--- A directory, as `directory.open` makes it. Look-ups never wait and make no requests; they allocate nothing but what
-- they return.
-- @type Directory

--- The trunk that a number is mapped to, and the mode.
-- @function Directory:number
-- @tparam string phone_number in E.164; compared byte by byte
-- @tparam[opt] "trunk_sid"|"trunk_name"|"mode"|"id"|"phone_number" field to have this field alone, without a table
-- @treturn exotel.directory.Number|string number nil when it is on no trunk
-- @raise for what is no string, and for an unknown field

--- The whitelisted IPs that cover an address: the longest mask first, of each trunk one.
-- @function Directory:ip
-- @tparam string address IPv4; nothing covers what is none
-- @tparam[opt] "trunk_sid"|"trunk_name"|"id" field to have this field of the first one alone, without a table
-- @treturn exotel.directory.Ip[]|string ips nil when none covers it
-- @raise for what is no string, and for an unknown field

--- A trunk by its name or sid.
-- @function Directory:trunk
-- @tparam string trunk its name or trunk_sid
-- @tparam[opt] string field to have this field of those that are strings alone, without a table
-- @treturn exotel.directory.Trunk|string trunk nil when there is none
-- @raise for what is no string, and for an unknown field

--- Seconds since all of it was known: since a refresh began that could read everything. It counts while this machine
-- sleeps, and doesn't depend on the wall clock as long as this machine is not restarted.
-- @function Directory:age
-- @treturn number age `math.huge`: it never was, or a clock was turned back so that it can't be told

--- What it holds.
-- @function Directory:info
-- @treturn exotel.directory.Info info

--- Frees its memory; the collector does the same. Closing twice is harmless, and using a closed directory raises.
-- @function Directory:close

--- Why the newest file was not taken: it is gone, damaged, foreign, of a newer version. What was read before stays in
-- use.
-- @treturn exotel.error.Error problem nil: there is none
function Directory:problem()
  local reason = internals.reason(self)
  return reason and file.error(state_of(self).path, reason) or nil
end

-- An iterator over what an internal function gives for 1, 2, 3 …
local function each(self, entry_at)
  local i = 0
  return function()
    i = i + 1
    return entry_at(self, i)
  end
end

--- Iterates over all trunks. A newer file that comes meanwhile is not taken before the next look-up.
-- @treturn fun():exotel.directory.Trunk iterator
function Directory:trunks()
  state_of(self)
  return each(self, internals.trunk_at)
end

--- Iterates over all numbers, in no order.
-- @treturn fun():exotel.directory.Number iterator
function Directory:numbers()
  state_of(self)
  return each(self, internals.number_at)
end

--- Iterates over all whitelisted IPs, those with the longest mask first.
-- @treturn fun():exotel.directory.Ip iterator
function Directory:ips()
  state_of(self)
  return each(self, internals.ip_at)
end

-- Begins again where a newer file was taken in between.
local function choose_of_up(self, trunk, down, random)
  local uri, entry
  repeat
    local found, serial = internals.destinations(self, trunk)
    if not found then return nil end
    uri, entry = internals.choose(self, trunk, random(), choice.flags(found, down), serial)
  until uri ~= false
  if uri then return uri, entry end
end

--- Chooses where a call of a trunk is sent, by priority and weight as RFC 2782 has it: one of the lowest priority of
-- which not all are down, by chance in proportion to the weights.
-- @tparam string trunk its name or trunk_sid
-- @tparam[opt] string[]|table<string,boolean> down destinations that are not to be chosen: a list, or a set. `sip:` or
-- not, capitals in the host, and a port or transport left out are no difference
-- @treturn string destination its URI; nil when the trunk is not known, or all of its destinations are down
-- @treturn exotel.directory.Destination entry
function Directory:destination(trunk, down)
  if down ~= nil and type(down) ~= "table" then error("destination takes a list of what is down", 2) end
  local state = state_of(self)
  if down and next(down) ~= nil then return choose_of_up(self, trunk, down, state.random) end
  return internals.choose(self, trunk, state.random())
end

Directory.number = quick.method(Directory.number)

-- Refreshing ----------------------------------------------------------------------------------------------------------

local REFRESH_TYPES = {
  requests_per_minute = "number", progress = "function", stopped = "function", quiet = "boolean",
}

--- Reads the account, and writes the file: all trunks, and the numbers, IPs, destinations and the caller ID of each.
-- Waits as the client does. A trunk that can't be read keeps what was known of it; after three in a row, or where
-- credentials are refused, the others are not tried. Of two refreshes at once neither undoes the other.
-- @tparam exotel.client.Client client
-- @tparam[opt] exotel.directory.RefreshOptions options
-- @treturn exotel.directory.Changes changes
-- @fails the list of trunks could not be read; kind `config` when the file can't be written, or is another account's;
-- kind `conflict` when another process did not end writing it. The file stays as it was
-- @raise for an unknown option or one of the wrong type; an error of the progress function
function Directory:refresh(client, options)
  options = options or {}
  local state = state_of(self)
  checks.check(options, REFRESH_TYPES, 2)
  checks.check_count(options, "requests_per_minute", 2)
  if core.engine.closed(client) then error("the client is closed", 2) end
  local changes, err = refresh.run(state.path, self, client, options)
  if not changes then return nil, err end
  internals.update(self)
  return changes
end

--- A number that may not be in the directory yet: the directory is asked first, then the service, by `find_trunk_map`
-- (V; the form of its answer is not documented). Its answer is remembered for a minute, also that there is none; a
-- failure for 5 seconds. At most 30 numbers are asked for in a minute.
-- @tparam exotel.client.Client client
-- @tparam string phone_number in E.164
-- @treturn exotel.directory.Number number nil when it is on no trunk
-- @fails kind `rate_limited` without a request when too many were asked for
function Directory:lookup(client, phone_number)
  local state = state_of(self)
  local found = self:number(phone_number)
  if found or phone_number == nil then return found end
  return state.memory:find(self, client, phone_number)
end

return M
