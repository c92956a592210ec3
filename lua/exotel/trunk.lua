--- A trunk as an object: its fields, and methods for all that belongs to it.
-- An IP must be whitelisted before a destination on it is added. Methods marked V stand on operations that are known
-- from the vendor's samples, not from its reference.
-- @module exotel.trunk
local core = require "exotel.core"
local later = require "exotel.calls.later"
local plain = require "exotel.text.plain"
require "exotel"

-- Loaded with the first client: without one there is no trunk.
local compare = later.require "exotel.resources.compare"
local ensure = later.require "exotel.resources.ensure"
local errors = later.require "exotel.error"
local kinds = later.require "exotel.resources.kinds"
local pages = later.require "exotel.calls.pages"
local request = later.require "exotel.calls.request"
local settle_wait = later.require "exotel.calls.settle_wait"

local M = {}

local Trunk = {}
local metatable = { __index = Trunk, __name = "exotel.trunk" }

function metatable.__tostring(self)
  return string.format("exotel.trunk: %s (%s)", plain(self.trunk_name or "?"), plain(self.trunk_sid))
end

-- The client of each trunk: not a field, so that a trunk's fields are the service's.
local clients = setmetatable({}, { __mode = "k" })

local function take_fields(self, data)
  for key, value in pairs(data) do self[key] = value end
  return self
end

local function new(client, data)
  local self = take_fields(setmetatable({}, metatable), data)
  clients[self] = client
  return self
end

-- A trunk from a call's data, info, or nil, err.
local function wrap(client, data, info)
  if data == nil then return nil, info end
  return new(client, data), info
end

-- The one item of a batch of one.
local function first(data, info)
  if data == nil then return nil, info end
  return data[1], info
end

local function call(self, operation, arguments, options)
  arguments.trunk_sid = self.trunk_sid
  local client = clients[self]
  return client[operation](client, arguments, options)
end

-- Takes `ensure` out of a call's options. → whether it is asked for, the other options
local function split_options(options)
  if options == nil then return false, nil end
  if type(options) ~= "table" then error("options must be a table, got " .. type(options), 3) end
  if options.ensure ~= nil and type(options.ensure) ~= "boolean" then
    error("bad option 'ensure' (boolean expected)", 3)
  end
  local others = take_fields({}, options)
  others.ensure = nil
  return options.ensure, others
end

local function ensure_item(self, kind, fields, options)
  return ensure.item(clients[self], kinds.by_name[kind], self.trunk_sid, fields, options)
end

-- Module functions ----------------------------------------------------------------------------------------------------

-- The first trunk for which `fits` is true; or nil; or nil, err.
local function search(client, fits, options)
  local next_page = pages.new(client, "list_trunks", {}, options)
  while true do
    local items, err = next_page()
    if not items then return nil, err end
    for _, data in ipairs(items) do
      if fits(data) then return data end
    end
  end
end

-- What create_trunk takes and can differ.
local CREATED = { "nso_code", "domain_name" }

local function trunk_difference(data, fields)
  for _, name in ipairs(CREATED) do
    local desired = fields[name]
    if desired ~= nil and data[name] ~= desired then
      return compare.describe(data.trunk_name, name, data[name], desired)
    end
  end
end

local function ensure_trunk(client, fields, options)
  return ensure.ensure({
    operation = "create_trunk",
    act = function(call_options) return request.make(client, "create_trunk", fields, call_options) end,
    look = function(call_options)
      return search(client, function(data) return data.trunk_name == fields.trunk_name end, call_options)
    end,
    difference = function(data) return trunk_difference(data, fields) end,
  }, settle_wait.new(client, options))
end

--- Options of one call.
-- @table Options
-- @tfield[opt] boolean ensure what exists as asked for is a success with `info.adopted`, also when it was made by a
-- call whose reply was lost; what exists differently is a `conflict`
-- @tfield[opt] number timeout seconds for one attempt
-- @tfield[opt] number deadline seconds for the whole call with its retries and waits
-- @tfield[opt] integer retries how often it may be repeated
-- @tfield[opt] boolean validate false leaves the checking of values to the service
-- @tfield[opt] boolean keep_answer true: `info.answer`, or `err.answer`, is the answer as it came, but for secrets
-- @tfield[opt] string body sent in place of that made from the arguments; see `exotel.client.CallOptions`
-- @tfield[opt] string content_type of the body; "application/json" without it

--- Creates a trunk. From create_trunk. With `ensure`, one of that name that differs in a field given is a `conflict`.
-- @tparam exotel.client.Client client
-- @tparam exotel.operation.create_trunk.arguments fields
-- @tparam[opt] exotel.trunk.Options options
-- @treturn exotel.trunk.Trunk trunk
-- @treturn exotel.client.Info info
-- @fails
function M.create(client, fields, options)
  local safely, others = split_options(options)
  if safely then return wrap(client, ensure_trunk(client, fields, others)) end
  return wrap(client, client:create_trunk(fields, others))
end

--- Makes a Trunk with nothing but its sid, without any request.
-- @tparam exotel.client.Client client
-- @tparam string trunk_sid
-- @treturn exotel.trunk.Trunk trunk
function M.attach(client, trunk_sid)
  if type(trunk_sid) ~= "string" or trunk_sid == "" then error("trunk.attach takes a trunk_sid", 2) end
  return new(client, { trunk_sid = trunk_sid })
end

--- Reads one trunk. From get_trunk (V).
-- @tparam exotel.client.Client client
-- @tparam string trunk_sid
-- @treturn exotel.trunk.Trunk trunk
-- @treturn exotel.client.Info info
-- @fails
function M.get(client, trunk_sid)
  return wrap(client, client:get_trunk { trunk_sid = trunk_sid })
end

--- Reads all trunks of the account. From list_trunks (V).
-- @tparam exotel.client.Client client
-- @treturn exotel.trunk.Trunk[] trunks
-- @fails
function M.list(client)
  local all, err = pages.all(client, "list_trunks", {})
  if not all then return nil, err end
  for i, data in ipairs(all) do all[i] = new(client, data) end
  return all
end

--- Finds the trunk of a name. From list_trunks (V).
-- @tparam exotel.client.Client client
-- @tparam string trunk_name
-- @treturn exotel.trunk.Trunk trunk or nil when there is none of that name
-- @fails or nil when there is none of that name
function M.find(client, trunk_name)
  if type(trunk_name) ~= "string" then error("trunk.find takes a trunk_name", 2) end
  local data, err = search(client, function(data) return data.trunk_name == trunk_name end)
  if data then return new(client, data) end
  return nil, err
end

--- Tells whether two destination URIs send calls to the same place in the same way: `sip:` or not, capitals in the
-- host, port and transport left out or spelled out are no difference.
-- @tparam string a
-- @tparam string b
-- @treturn boolean same
function M.same_destination(a, b)
  local canonical = kinds.by_name.destination.canonical
  return canonical(a) == canonical(b)
end

-- The rule of an argument, in words.
local function rule_of(operation_name, name)
  for _, operation in ipairs(core.operations) do
    for _, parameter in ipairs(operation.name == operation_name and operation.parameters or {}) do
      if parameter.name == name then return parameter.rule end
    end
  end
end

--- What the password of a credential may hold, in words: `letters, digits or underscores only`.
-- @treturn string rule
function M.password_rule() return rule_of("create_credential", "password") end

-- Letters and digits of a generated password: more than 140 bits.
local PASSWORD_LENGTH = 24

--- Makes a password for a credential: letters and digits, 24 unless another length is given, from the system's source
-- of randomness for secrets, each as likely as any other.
-- @tparam[opt=24] integer length 12 to 256
-- @treturn string password or nil where the system has no such source
-- @raise for another length
function M.generate_password(length)
  length = length or PASSWORD_LENGTH
  if type(length) ~= "number" or length ~= math.floor(length) or length < 12 or length > 256 then
    error("a length of 12 to 256 expected", 2)
  end
  return core.random_text(length)
end

-- → ip, mask; or nil, err
local function split_range(ip, mask)
  local address, bits = kinds.by_name.whitelisted_ip.split(ip, mask)
  if address ~= nil or ip == nil then return address, bits end
  return nil, errors.new {
    kind = "invalid_argument", operation = "whitelist_ip", field = "ip", message = ("ip %s %s"):format(ip, bits),
  }
end

--- Reads an IP or a range as people write it: `44.248.146.11`, `203.0.113.0/24`.
-- @tparam string text
-- @treturn string ip
-- @treturn integer mask or nil where the text has none
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `invalid_argument`: the text has a slash and is no range, or its address has
-- host bits. What stands before the slash is checked when it is sent
function M.read_ip(text)
  if type(text) ~= "string" then error("trunk.read_ip takes a string, got " .. type(text), 2) end
  return split_range(text)
end

-- The trunk itself ----------------------------------------------------------------------------------------------------

--- A trunk. It has the service's fields, of `exotel.answers.Trunk`; one that was attached has only `trunk_sid`.
-- @type Trunk
-- @extends exotel.answers.Trunk

--- Changes fields of the trunk, and takes them over. From update_trunk (V).
-- @tparam exotel.operation.update_trunk.fields fields
-- @treturn exotel.trunk.Trunk trunk itself
-- @treturn exotel.client.Info info
-- @fails
function Trunk:update(fields)
  local arguments = take_fields({}, fields)
  local data, info = call(self, "update_trunk", arguments)
  if data == nil then return nil, info end
  return take_fields(self, data), info
end

--- Deletes the trunk. Numbers, IPs and destinations go with it. From delete_trunk.
-- @treturn exotel.answers.Trunk deleted
-- @treturn exotel.client.Info info
-- @fails
function Trunk:delete()
  return call(self, "delete_trunk", {})
end

-- Numbers -------------------------------------------------------------------------------------------------------------

--- Maps a phone number to the trunk. From map_phone_number. With `ensure`, a mapping with another mode, or to another
-- trunk, is a `conflict`. The mode may be left out before the options.
-- @tparam string phone_number in E.164
-- @tparam[opt] "pstn"|"flow"|exotel.trunk.Options mode `flow` is the voice bot
-- @tparam[opt] exotel.trunk.Options options
-- @treturn exotel.answers.PhoneNumber mapping with its id
-- @treturn exotel.client.Info info
-- @fails
function Trunk:map_number(phone_number, mode, options)
  if type(mode) == "table" and options == nil then mode, options = nil, mode end
  local safely, others = split_options(options)
  local fields = { phone_number = phone_number, mode = mode }
  if not safely then return call(self, "map_phone_number", fields, others) end
  return ensure_item(self, "phone_number", fields, others)
end

--- Changes the mode of a mapped number. From update_phone_number.
-- @tparam string id the mapping's, not the number
-- @tparam string phone_number the number that has this id
-- @tparam "pstn"|"flow" mode
-- @treturn exotel.answers.PhoneNumber mapping
-- @treturn exotel.client.Info info
-- @fails
function Trunk:set_number_mode(id, phone_number, mode)
  return call(self, "update_phone_number", { id = id, phone_number = phone_number, mode = mode })
end

--- Takes a number off the trunk. From unmap_phone_number (V).
-- @tparam string id the mapping's, not the number
-- @treturn exotel.answers.PhoneNumber removed
-- @treturn exotel.client.Info info
-- @fails
function Trunk:unmap_number(id)
  return call(self, "unmap_phone_number", { id = id })
end

-- IPs -----------------------------------------------------------------------------------------------------------------

--- Whitelists an IP for outbound calls. From whitelist_ip. The mask may be left out before the options.
-- @tparam string ip IPv4, or a range as `203.0.113.0/24`, which has the mask in it
-- @tparam[opt] integer|exotel.trunk.Options mask 16 to 32; the service takes 32
-- @tparam[opt] exotel.trunk.Options options
-- @treturn exotel.answers.WhitelistedIp entry with its id
-- @treturn exotel.client.Info info
-- @fails
function Trunk:whitelist_ip(ip, mask, options)
  if type(mask) == "table" and options == nil then mask, options = nil, mask end
  local safely, others = split_options(options)
  local address, bits = split_range(ip, mask)
  if address == nil and ip ~= nil then return nil, bits end
  local fields = { ip = address, mask = bits }
  if not safely then return call(self, "whitelist_ip", fields, others) end
  return ensure_item(self, "whitelisted_ip", fields, others)
end

local function list_of(self, kind)
  local list, err = pages.complete(clients[self], kind.list, { trunk_sid = self.trunk_sid })
  if not list then return nil, err end
  return compare.readable(kind, list)
end

-- The whitelist as it would be.
local function whitelist_without(ips, id, other)
  local left = { other and kinds.by_name.whitelisted_ip.fields(other) }
  for _, ip in ipairs(ips) do
    if tostring(ip.id) ~= tostring(id) then left[#left + 1] = kinds.by_name.whitelisted_ip.fields(ip) end
  end
  return left
end

local function is_whitelisted(whitelist, address)
  for _, fields in ipairs(whitelist) do
    if kinds.by_name.whitelisted_ip.covers(fields, address) then return true end
  end
  return false
end

--- Tells which destinations would be on an IP that is not whitelisted, if a whitelisted IP were removed, or changed.
-- From list_whitelisted_ips and list_destinations.
-- @tparam string id the entry's, not the IP
-- @tparam[opt] exotel.provision.Ip other what it would be changed to
-- @treturn exotel.answers.Destination[] destinations those that it needs; none mostly
-- @fails
function Trunk:destinations_needing_ip(id, other)
  local ips, err = list_of(self, kinds.by_name.whitelisted_ip)
  if not ips then return nil, err end
  local destinations
  destinations, err = list_of(self, kinds.by_name.destination)
  if not destinations then return nil, err end
  local before, after, needing = whitelist_without(ips), whitelist_without(ips, id, other), {}
  for _, one in ipairs(destinations) do
    local address = kinds.by_name.destination.needs.of(compare.key(kinds.by_name.destination, one))
    local needs = address and is_whitelisted(before, address) and not is_whitelisted(after, address)
    if needs then needing[#needing + 1] = one end
  end
  return needing
end

--- Removes a whitelisted IP. From remove_whitelisted_ip (V).
-- @tparam string id the entry's, not the IP
-- @treturn exotel.answers.WhitelistedIp removed
-- @treturn exotel.client.Info info
-- @fails
function Trunk:remove_ip(id)
  return call(self, "remove_whitelisted_ip", { id = id })
end

-- Destinations --------------------------------------------------------------------------------------------------------

--- Adds a destination for inbound calls. From add_destinations. Adding the same one twice leaves two; with `ensure`,
-- one that leads to the same place in the same way is adopted, and none is added. It is read back then: of several that
-- were added at once the one with the lowest id stays.
-- @tparam string destination `<IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>`; an IP must be whitelisted first
-- @tparam[opt] exotel.trunk.Options options
-- @treturn exotel.answers.Destination added with its id
-- @treturn exotel.client.Info info
-- @fails kind `partial` when the service refused it
function Trunk:add_destination(destination, options)
  local safely, others = split_options(options)
  local fields = { destination = destination }
  if safely and type(destination) == "string" then return ensure_item(self, "destination", fields, others) end
  return first(call(self, "add_destinations", { destinations = { fields } }, others))
end

--- Adds several destinations in one request. From add_destinations.
-- @tparam (string|table)[] destinations as add_destination takes them, or `{ destination = … }`
-- @treturn exotel.answers.Destination[] added in the order given
-- @treturn exotel.client.Info info
-- @fails kind `partial` when the service refused some
function Trunk:add_destinations(destinations)
  local list = {}
  for i, destination in ipairs(destinations) do
    list[i] = type(destination) == "table" and destination or { destination = destination }
  end
  return call(self, "add_destinations", { destinations = list })
end

--- Removes a destination. From remove_destination (V).
-- @tparam string id
-- @treturn exotel.answers.Destination removed
-- @treturn exotel.client.Info info
-- @fails
function Trunk:remove_destination(id)
  return call(self, "remove_destination", { id = id })
end

-- Settings ------------------------------------------------------------------------------------------------------------

local function settings_list(settings)
  local list = {}
  for name, value in pairs(settings) do list[#list + 1] = { name = name, value = value } end
  table.sort(list, function(a, b) return tostring(a.name) < tostring(b.name) end)
  return list
end

--- Sets settings of the trunk. From set_settings.
-- @tparam table<string,string> settings values by name
-- @treturn exotel.answers.Setting[] set sorted by name
-- @treturn exotel.client.Info info
-- @fails kind `partial` when the service refused some
function Trunk:set_settings(settings)
  return call(self, "set_settings", { settings = settings_list(settings) })
end

--- Sets the caller ID of outbound calls. From set_settings with `trunk_external_alias`.
-- @tparam string phone_number in E.164
-- @treturn exotel.answers.Setting setting
-- @treturn exotel.client.Info info
-- @fails
function Trunk:set_alias(phone_number)
  local name = kinds.by_name.setting.ALIAS
  return first(call(self, "set_settings", { settings = { { name = name, value = phone_number } } }))
end

-- Credentials ---------------------------------------------------------------------------------------------------------

--- Creates a SIP digest credential. From create_credential (V).
-- @tparam exotel.operation.create_credential.fields fields
-- @treturn exotel.answers.Credential credential without its password
-- @treturn exotel.client.Info info
-- @fails
function Trunk:create_credential(fields)
  return call(self, "create_credential", take_fields({}, fields))
end

-- → the credential of that user name, or nil; or nil, err
local function find_credential(self, user_name)
  local list, err = pages.complete(clients[self], "list_credentials", { trunk_sid = self.trunk_sid })
  if not list then return nil, err end
  for _, one in ipairs(list) do
    if one.user_name == user_name then return one end
  end
end

local function no_credential(user_name)
  return errors.new {
    kind = "not_found", operation = "rotate_credential",
    message = "no credential of this trunk is called " .. user_name,
  }
end

-- The new one, beside the old one. A name that is taken is refused, unless it was taken by a request of this call whose
-- reply was lost: which of two passwords holds then is settled by setting it.
local function create_successor(self, old, password, new_user_name)
  local data, info = self:create_credential {
    user_name = new_user_name, password = password, friendly_name = old.friendly_name,
  }
  if data or not info.maybe_applied then return data, info end
  local made = find_credential(self, new_user_name)
  if not made then return nil, info end
  return call(self, "update_credential", { id = made.id, password = password })
end

--- Gives a credential a new password. The service has one password for a user name, so the old one ends at once, and
-- there is no time in which both are good; what that does to calls and registrations under way it doesn't say. With a
-- new user name a second credential is made beside the old one, with its friendly name: both are good until
-- delete_credential ends the old one. From list_credentials, and update_credential or create_credential (V).
-- @tparam string user_name
-- @tparam string password the new one
-- @tparam[opt] string new_user_name
-- @treturn exotel.answers.Credential credential the one that has the new password
-- @treturn exotel.client.Info info
-- @fails with `maybe_applied` either password may be good
function Trunk:rotate_credential(user_name, password, new_user_name)
  if type(user_name) ~= "string" or type(password) ~= "string" then
    error("rotate_credential takes a user name and a password", 2)
  end
  local old, err = find_credential(self, user_name)
  if not old then return nil, err or no_credential(user_name) end
  if new_user_name then return create_successor(self, old, password, new_user_name) end
  return call(self, "update_credential", { id = old.id, password = password })
end

--- Deletes a credential. From delete_credential (V).
-- @tparam string id
-- @treturn exotel.answers.Credential deleted
-- @treturn exotel.client.Info info
-- @fails
function Trunk:delete_credential(id)
  return call(self, "delete_credential", { id = id })
end

-- Lists: a plain noun is an iterator that raises; list_… is an array, or nil, err -------------------------------------

--- Iterates over the numbers. From list_phone_numbers.
-- @function Trunk:numbers
-- @treturn fun():exotel.answers.PhoneNumber iterator which raises the error object

--- Iterates over the whitelisted IPs. From list_whitelisted_ips.
-- @function Trunk:ips
-- @treturn fun():exotel.answers.WhitelistedIp iterator which raises the error object

--- Iterates over the destinations. From list_destinations.
-- @function Trunk:destinations
-- @treturn fun():exotel.answers.Destination iterator which raises the error object

local iterators = { numbers = "list_phone_numbers", ips = "list_whitelisted_ips", destinations = "list_destinations" }

--- Reads all numbers. From list_phone_numbers.
-- @function Trunk:list_numbers
-- @treturn exotel.answers.PhoneNumber[] numbers
-- @fails

--- Reads all whitelisted IPs. From list_whitelisted_ips.
-- @function Trunk:list_ips
-- @treturn exotel.answers.WhitelistedIp[] ips
-- @fails

--- Reads all destinations. From list_destinations.
-- @function Trunk:list_destinations
-- @treturn exotel.answers.Destination[] destinations
-- @fails

--- Reads all settings. From list_settings (V).
-- @function Trunk:list_settings
-- @treturn exotel.answers.Setting[] settings
-- @fails

--- Reads all credentials, without their passwords. From list_credentials (V).
-- @function Trunk:list_credentials
-- @treturn exotel.answers.Credential[] credentials
-- @fails

local arrays = {
  list_numbers = "list_phone_numbers",
  list_ips = "list_whitelisted_ips",
  list_destinations = "list_destinations",
  list_settings = "list_settings",
  list_credentials = "list_credentials",
}

for name, operation in pairs(iterators) do
  Trunk[name] = function(self) return pages.each(clients[self], operation, { trunk_sid = self.trunk_sid }) end
end

for name, operation in pairs(arrays) do
  Trunk[name] = function(self) return pages.all(clients[self], operation, { trunk_sid = self.trunk_sid }) end
end

return M
