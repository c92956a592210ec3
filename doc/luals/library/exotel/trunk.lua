---@meta exotel.trunk

---Options of one call.
---@class exotel.trunk.Options
---@field ensure? boolean what exists as asked for is a success with `info.adopted`, also when it was made by a call whose reply was lost; what exists differently is a `conflict`
---@field timeout? number seconds for one attempt
---@field deadline? number seconds for the whole call with its retries and waits
---@field retries? integer how often it may be repeated
---@field validate? boolean false leaves the checking of values to the service
---@field keep_answer? boolean true: `info.answer`, or `err.answer`, is the answer as it came, but for secrets
---@field body? string sent in place of that made from the arguments; see `exotel.client.CallOptions`
---@field content_type? string of the body; "application/json" without it

---A trunk. It has the service's fields, of `exotel.answers.Trunk`; one that was attached has only `trunk_sid`.
---@class exotel.trunk.Trunk : exotel.answers.Trunk
local Trunk = {}

---Changes fields of the trunk, and takes them over. From update_trunk (V).
---@param fields exotel.operation.update_trunk.fields
---@return exotel.trunk.Trunk? trunk itself
---@return exotel.client.Info|exotel.error.Error info
function Trunk:update(fields) end

---Deletes the trunk. Numbers, IPs and destinations go with it. From delete_trunk.
---@return exotel.answers.Trunk? deleted
---@return exotel.client.Info|exotel.error.Error info
function Trunk:delete() end

---Maps a phone number to the trunk. From map_phone_number. With `ensure`, a mapping with another mode, or to another trunk, is a `conflict`. The mode may be left out before the options.
---@param phone_number string in E.164
---@param mode? "pstn"|"flow"|exotel.trunk.Options `flow` is the voice bot
---@param options? exotel.trunk.Options
---@return exotel.answers.PhoneNumber? mapping with its id
---@return exotel.client.Info|exotel.error.Error info
function Trunk:map_number(phone_number, mode, options) end

---Changes the mode of a mapped number. From update_phone_number.
---@param id string the mapping's, not the number
---@param phone_number string the number that has this id
---@param mode "pstn"|"flow"
---@return exotel.answers.PhoneNumber? mapping
---@return exotel.client.Info|exotel.error.Error info
function Trunk:set_number_mode(id, phone_number, mode) end

---Takes a number off the trunk. From unmap_phone_number (V).
---@param id string the mapping's, not the number
---@return exotel.answers.PhoneNumber? removed
---@return exotel.client.Info|exotel.error.Error info
function Trunk:unmap_number(id) end

---Whitelists an IP for outbound calls. From whitelist_ip. The mask may be left out before the options.
---@param ip string IPv4, or a range as `203.0.113.0/24`, which has the mask in it
---@param mask? integer|exotel.trunk.Options 16 to 32; the service takes 32
---@param options? exotel.trunk.Options
---@return exotel.answers.WhitelistedIp? entry with its id
---@return exotel.client.Info|exotel.error.Error info
function Trunk:whitelist_ip(ip, mask, options) end

---Tells which destinations would be on an IP that is not whitelisted, if a whitelisted IP were removed, or changed. From list_whitelisted_ips and list_destinations.
---@param id string the entry's, not the IP
---@param other? exotel.provision.Ip what it would be changed to
---@return exotel.answers.Destination[]? destinations those that it needs; none mostly
---@return exotel.error.Error? err
function Trunk:destinations_needing_ip(id, other) end

---Removes a whitelisted IP. From remove_whitelisted_ip (V).
---@param id string the entry's, not the IP
---@return exotel.answers.WhitelistedIp? removed
---@return exotel.client.Info|exotel.error.Error info
function Trunk:remove_ip(id) end

---Adds a destination for inbound calls. From add_destinations. Adding the same one twice leaves two; with `ensure`, one that leads to the same place in the same way is adopted, and none is added. It is read back then: of several that were added at once the one with the lowest id stays.
---@param destination string `<IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>`; an IP must be whitelisted first
---@param options? exotel.trunk.Options
---@return exotel.answers.Destination? added with its id
---@return exotel.client.Info|exotel.error.Error info
function Trunk:add_destination(destination, options) end

---Adds several destinations in one request. From add_destinations.
---@param destinations (string|table)[] as add_destination takes them, or `{ destination = … }`
---@return exotel.answers.Destination[]? added in the order given
---@return exotel.client.Info|exotel.error.Error info
function Trunk:add_destinations(destinations) end

---Removes a destination. From remove_destination (V).
---@param id string
---@return exotel.answers.Destination? removed
---@return exotel.client.Info|exotel.error.Error info
function Trunk:remove_destination(id) end

---Sets settings of the trunk. From set_settings.
---@param settings table<string,string> values by name
---@return exotel.answers.Setting[]? set sorted by name
---@return exotel.client.Info|exotel.error.Error info
function Trunk:set_settings(settings) end

---Sets the caller ID of outbound calls. From set_settings with `trunk_external_alias`.
---@param phone_number string in E.164
---@return exotel.answers.Setting? setting
---@return exotel.client.Info|exotel.error.Error info
function Trunk:set_alias(phone_number) end

---Creates a SIP digest credential. From create_credential (V).
---@param fields exotel.operation.create_credential.fields
---@return exotel.answers.Credential? credential without its password
---@return exotel.client.Info|exotel.error.Error info
function Trunk:create_credential(fields) end

---Gives a credential a new password. The service has one password for a user name, so the old one ends at once, and there is no time in which both are good; what that does to calls and registrations under way it doesn't say. With a new user name a second credential is made beside the old one, with its friendly name: both are good until delete_credential ends the old one. From list_credentials, and update_credential or create_credential (V).
---@param user_name string
---@param password string the new one
---@param new_user_name? string
---@return exotel.answers.Credential? credential the one that has the new password
---@return exotel.client.Info|exotel.error.Error info
function Trunk:rotate_credential(user_name, password, new_user_name) end

---Deletes a credential. From delete_credential (V).
---@param id string
---@return exotel.answers.Credential? deleted
---@return exotel.client.Info|exotel.error.Error info
function Trunk:delete_credential(id) end

---Iterates over the numbers. From list_phone_numbers.
---@return fun():exotel.answers.PhoneNumber iterator which raises the error object
function Trunk:numbers() end

---Iterates over the whitelisted IPs. From list_whitelisted_ips.
---@return fun():exotel.answers.WhitelistedIp iterator which raises the error object
function Trunk:ips() end

---Iterates over the destinations. From list_destinations.
---@return fun():exotel.answers.Destination iterator which raises the error object
function Trunk:destinations() end

---Reads all numbers. From list_phone_numbers.
---@return exotel.answers.PhoneNumber[]? numbers
---@return exotel.error.Error? err
function Trunk:list_numbers() end

---Reads all whitelisted IPs. From list_whitelisted_ips.
---@return exotel.answers.WhitelistedIp[]? ips
---@return exotel.error.Error? err
function Trunk:list_ips() end

---Reads all destinations. From list_destinations.
---@return exotel.answers.Destination[]? destinations
---@return exotel.error.Error? err
function Trunk:list_destinations() end

---Reads all settings. From list_settings (V).
---@return exotel.answers.Setting[]? settings
---@return exotel.error.Error? err
function Trunk:list_settings() end

---Reads all credentials, without their passwords. From list_credentials (V).
---@return exotel.answers.Credential[]? credentials
---@return exotel.error.Error? err
function Trunk:list_credentials() end

---A trunk as an object: its fields, and methods for all that belongs to it. An IP must be whitelisted before a destination on it is added. Methods marked V stand on operations that are known from the vendor's samples, not from its reference.
---@class exotel.trunk
local M = {}

---Creates a trunk. From create_trunk. With `ensure`, one of that name that differs in a field given is a `conflict`.
---@param client exotel.client.Client
---@param fields exotel.operation.create_trunk.arguments
---@param options? exotel.trunk.Options
---@return exotel.trunk.Trunk? trunk
---@return exotel.client.Info|exotel.error.Error info
function M.create(client, fields, options) end

---Makes a Trunk with nothing but its sid, without any request.
---@param client exotel.client.Client
---@param trunk_sid string
---@return exotel.trunk.Trunk trunk
function M.attach(client, trunk_sid) end

---Reads one trunk. From get_trunk (V).
---@param client exotel.client.Client
---@param trunk_sid string
---@return exotel.trunk.Trunk? trunk
---@return exotel.client.Info|exotel.error.Error info
function M.get(client, trunk_sid) end

---Reads all trunks of the account. From list_trunks (V).
---@param client exotel.client.Client
---@return exotel.trunk.Trunk[]? trunks
---@return exotel.error.Error? err
function M.list(client) end

---Finds the trunk of a name. From list_trunks (V).
---@param client exotel.client.Client
---@param trunk_name string
---@return exotel.trunk.Trunk? trunk or nil when there is none of that name
---@return exotel.error.Error? err or nil when there is none of that name
function M.find(client, trunk_name) end

---Tells whether two destination URIs send calls to the same place in the same way: `sip:` or not, capitals in the host, port and transport left out or spelled out are no difference.
---@param a string
---@param b string
---@return boolean same
function M.same_destination(a, b) end

---What the password of a credential may hold, in words: `letters, digits or underscores only`.
---@return string rule
function M.password_rule() end

---Makes a password for a credential: letters and digits, 24 unless another length is given, from the system's source of randomness for secrets, each as likely as any other.
---Raises for another length.
---@param length? integer 12 to 256 (24)
---@return string password or nil where the system has no such source
function M.generate_password(length) end

---Reads an IP or a range as people write it: `44.248.146.11`, `203.0.113.0/24`.
---@param text string
---@return string? ip
---@return integer|exotel.error.Error mask or nil where the text has none
function M.read_ip(text) end

return M
