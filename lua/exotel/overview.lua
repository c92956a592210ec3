--- The account at a glance: its trunks with all that they have, and what is odd about them.
-- @module exotel.overview
local checks = require "exotel.calls.options"
local judge = require "exotel.overview.judge"
local read = require "exotel.overview.read"

local M = {}

local reading = { trunks = "table", lists = "table", progress = "function", wait = "function", stop = "function" }

-- Reading -------------------------------------------------------------------------------------------------------------

--- What a reading says of how far it is.
-- @table Progress
-- @tfield integer done lists that have been read, or could not be
-- @tfield integer total five for each trunk, unless only some are wanted
-- @tfield[opt] number seconds_left what the rest will take, as far as it can be known

--- A pause.
-- @table Wait
-- @tfield "rate limit" reason
-- @tfield number seconds until the next request may leave; math.huge: until one under way has ended

--- Options of a reading.
-- @table Options
-- @tfield[opt] exotel.trunk.Trunk[] trunks only these; all of the account unless given
-- @tfield[opt] string[] lists only these lists: `phone_numbers`, `whitelisted_ips`, `destinations`, `settings`,
-- `credentials`. What depends on another one is not judged then
-- @tfield[opt] fun(progress:exotel.overview.Progress) progress is called after each list
-- @tfield[opt] fun(wait:exotel.overview.Wait) wait is called while no request may leave
-- @tfield[opt] fun():boolean stop whether to end: what has not been read by then is `unread`

--- What is odd about a trunk. `tostring` gives its `message`.
-- @table Warning
-- @tfield "status"|"unreadable"|"ip_missing"|"duplicate"|"no_numbers"|"no_destinations"|"no_access"|"caller_id" rule
-- @tfield string message
-- @tfield[opt] string resource the kind that it is about, as in plans: "destination"
-- @tfield[opt] string key the one that it is about, in its canonical form
-- @tfield[opt] string[] ids of the entries that it is about

--- A list that could not be read.
-- @table Unread
-- @tfield "phone_numbers"|"whitelisted_ips"|"destinations"|"settings"|"credentials" list
-- @tfield exotel.error.Error err

--- A trunk with all that it has: the service's fields (`trunk_name`, `trunk_sid`, `status` and so on) and these. A list
-- that could not be read is nil. Lists are sorted; destinations by their priority first.
-- @table Trunk
-- @tfield string trunk_sid
-- @tfield[opt] string trunk_name
-- @tfield[opt] string status
-- @tfield[opt] string caller_id
-- @tfield[opt] exotel.answers.PhoneNumber[] phone_numbers
-- @tfield[opt] exotel.answers.WhitelistedIp[] whitelisted_ips
-- @tfield[opt] exotel.answers.Destination[] destinations
-- @tfield[opt] exotel.answers.Setting[] settings
-- @tfield[opt] exotel.answers.Credential[] credentials
-- @tfield exotel.overview.Warning[] warnings
-- @tfield exotel.overview.Unread[] unread

--- An account.
-- @table Account
-- @tfield string account_sid
-- @tfield string host
-- @tfield exotel.overview.Trunk[] trunks by name
-- @tfield boolean complete false: some list is among a trunk's `unread`

local function check_lists(names)
  for _, name in pairs(names) do
    if not read.lists[name] then checks.refuse("lists", ("unknown list '%s'"):format(tostring(name)), 3) end
  end
end

--- Reads trunks with all that they have: many lists at once, as many as the rate limit and the client's connections
-- allow. It changes nothing.
-- @tparam exotel.client.Client client
-- @tparam[opt] exotel.overview.Options options
-- @treturn exotel.overview.Account account also when some lists could not be read
-- @fails when the trunks can't be listed, the credentials are refused, or the client is closed meanwhile
-- @raise for an unknown option or one of the wrong type
function M.read(client, options)
  checks.check(options or {}, reading, 2)
  check_lists(options and options.lists or {})
  return read.read(client, options or {})
end

-- Judging -------------------------------------------------------------------------------------------------------------

--- Says what is odd about a trunk: a destination on an IP that is not whitelisted; equal destinations; no numbers; no
-- destinations, unless all numbers have the mode `flow`; neither IPs nor credentials; a caller ID that is not among the
-- numbers; a status other than active; entries that can't be understood. Makes no request.
-- @tparam table trunk the lists of an `exotel.overview.Trunk`. One that is nil is not judged, nor what depends on it
-- @treturn exotel.overview.Warning[] warnings none when all is well
function M.warnings(trunk)
  if type(trunk) ~= "table" then error("overview.warnings takes a table, got " .. type(trunk), 2) end
  return judge.warnings(trunk)
end

return M
