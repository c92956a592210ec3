---@meta exotel.overview

---What a reading says of how far it is.
---@class exotel.overview.Progress
---@field done integer lists that have been read, or could not be
---@field total integer five for each trunk, unless only some are wanted
---@field seconds_left? number what the rest will take, as far as it can be known

---A pause.
---@class exotel.overview.Wait
---@field limit "rate " reason
---@field seconds number until the next request may leave; math.huge: until one under way has ended

---Options of a reading.
---@class exotel.overview.Options
---@field trunks? exotel.trunk.Trunk[] only these; all of the account unless given
---@field lists? string[] only these lists: `phone_numbers`, `whitelisted_ips`, `destinations`, `settings`, `credentials`. What depends on another one is not judged then
---@field progress? fun(progress:exotel.overview.Progress) is called after each list
---@field wait? fun(wait:exotel.overview.Wait) is called while no request may leave
---@field stop? fun():boolean whether to end: what has not been read by then is `unread`

---What is odd about a trunk. `tostring` gives its `message`.
---@class exotel.overview.Warning
---@field rule "status"|"unreadable"|"ip_missing"|"duplicate"|"no_numbers"|"no_destinations"|"no_access"|"caller_id"
---@field message string
---@field resource? string the kind that it is about, as in plans: "destination"
---@field key? string the one that it is about, in its canonical form
---@field ids? string[] of the entries that it is about

---A list that could not be read.
---@class exotel.overview.Unread
---@field list "phone_numbers"|"whitelisted_ips"|"destinations"|"settings"|"credentials"
---@field err exotel.error.Error

---A trunk with all that it has: the service's fields (`trunk_name`, `trunk_sid`, `status` and so on) and these. A list that could not be read is nil. Lists are sorted; destinations by their priority first.
---@class exotel.overview.Trunk
---@field trunk_sid string
---@field trunk_name? string
---@field status? string
---@field caller_id? string
---@field phone_numbers? exotel.answers.PhoneNumber[]
---@field whitelisted_ips? exotel.answers.WhitelistedIp[]
---@field destinations? exotel.answers.Destination[]
---@field settings? exotel.answers.Setting[]
---@field credentials? exotel.answers.Credential[]
---@field warnings exotel.overview.Warning[]
---@field unread exotel.overview.Unread[]

---An account.
---@class exotel.overview.Account
---@field account_sid string
---@field host string
---@field trunks exotel.overview.Trunk[] by name
---@field complete boolean false: some list is among a trunk's `unread`

---The account at a glance: its trunks with all that they have, and what is odd about them.
---@class exotel.overview
local M = {}

---Reads trunks with all that they have: many lists at once, as many as the rate limit and the client's connections allow. It changes nothing.
---Raises for an unknown option or one of the wrong type.
---@param client exotel.client.Client
---@param options? exotel.overview.Options
---@return exotel.overview.Account? account also when some lists could not be read
---@return exotel.error.Error? err when the trunks can't be listed, the credentials are refused, or the client is closed meanwhile
function M.read(client, options) end

---Says what is odd about a trunk: a destination on an IP that is not whitelisted; equal destinations; no numbers; no destinations, unless all numbers have the mode `flow`; neither IPs nor credentials; a caller ID that is not among the numbers; a status other than active; entries that can't be understood. Makes no request.
---@param trunk table the lists of an `exotel.overview.Trunk`. One that is nil is not judged, nor what depends on it
---@return exotel.overview.Warning[] warnings none when all is well
function M.warnings(trunk) end

return M
