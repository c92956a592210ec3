---@meta _

---The operations of the API.
---@alias exotel.Operation
---| "create_trunk" # Creates a trunk.
---| "delete_trunk" # Deletes a trunk with its numbers, IPs and destinations.
---| "map_phone_number" # Maps a phone number (DID) to a trunk.
---| "list_phone_numbers" # Lists the numbers mapped to a trunk.
---| "update_phone_number" # Changes the routing mode of a mapped number.
---| "whitelist_ip" # Whitelists an IPv4 address (ACL) for outbound calls.
---| "list_whitelisted_ips" # Lists the whitelisted IPs of a trunk.
---| "add_destinations" # Adds destination URIs (origination) for inbound calls.
---| "list_destinations" # Lists the destination URIs of a trunk.
---| "set_settings" # Sets settings of a trunk; trunk_external_alias is the caller ID.
---| "list_trunks" # Lists the account's trunks.
---| "get_trunk" # Reads one trunk.
---| "update_trunk" # Changes fields of a trunk.
---| "unmap_phone_number" # Takes a number off a trunk.
---| "update_whitelisted_ip" # Changes a whitelisted IP.
---| "remove_whitelisted_ip" # Removes a whitelisted IP.
---| "update_destination" # Changes priority or weight of a destination.
---| "remove_destination" # Removes a destination URI.
---| "list_settings" # Lists the settings of a trunk.
---| "remove_setting" # Removes a setting.
---| "create_credential" # Creates a SIP digest credential.
---| "list_credentials" # Lists the credentials of a trunk, without passwords.
---| "update_credential" # Changes a credential.
---| "delete_credential" # Deletes a credential.
---| "find_trunk_map" # Finds the trunk a number is mapped to.

---Those that list.
---@alias exotel.ListOperation
---| "list_phone_numbers" # Lists the numbers mapped to a trunk.
---| "list_whitelisted_ips" # Lists the whitelisted IPs of a trunk.
---| "list_destinations" # Lists the destination URIs of a trunk.
---| "list_trunks" # Lists the account's trunks.
---| "list_settings" # Lists the settings of a trunk.
---| "list_credentials" # Lists the credentials of a trunk, without passwords.
---| "find_trunk_map" # Finds the trunk a number is mapped to.

---@class exotel.client.Client
local Client = {}

---The arguments.
---@class exotel.operation.add_destinations.arguments
---@field trunk_sid string
---@field destinations exotel.operation.add_destinations.destinations[] at least one

---One of the destinations.
---@class exotel.operation.add_destinations.destinations
---@field destination string `<IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>, as in 44.248.146.11:5061;transport=tls`

---Adds destination URIs (origination) for inbound calls. `POST /v2/accounts/<account_sid>/trunks/{trunk_sid}/destination-uris`. Repeated only when it certainly had no effect. Known from: S, the vendor's reference.
---@param arguments exotel.operation.add_destinations.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Destination[]? data an array in the order sent
---@return exotel.client.Info|exotel.error.Error info
function Client:add_destinations(arguments, options) end

---The arguments: `trunk_sid` and the fields.
---@class exotel.operation.create_credential.arguments : exotel.operation.create_credential.fields
---@field trunk_sid string

---The fields.
---@class exotel.operation.create_credential.fields
---@field user_name string `not empty`
---@field password string `letters, digits or underscores only`; never shown in an error or a log
---@field friendly_name? string `1 to 32 letters, digits or underscores`

---Creates a SIP digest credential. `POST /v2/accounts/<account_sid>/trunks/{trunk_sid}/credentials`. Repeated only when it certainly had no effect. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.create_credential.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Credential? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:create_credential(arguments, options) end

---The arguments.
---@class exotel.operation.create_trunk.arguments
---@field trunk_name string `1 to 16 letters, digits or underscores`
---@field nso_code? string `like ANY-ANY: capitals and a hyphen` ("ANY-ANY")
---@field domain_name? string `<account_sid>.pstn.exotel.com` ("{account_sid}.pstn.exotel.com")

---Creates a trunk. `POST /v2/accounts/<account_sid>/trunks`. Repeated only when it certainly had no effect. Known from: S, the vendor's reference.
---@param arguments exotel.operation.create_trunk.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Trunk? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:create_trunk(arguments, options) end

---The arguments.
---@class exotel.operation.delete_credential.arguments
---@field trunk_sid string
---@field id string|integer `the numeric id that the service gave`

---Deletes a credential. `DELETE /v2/accounts/<account_sid>/trunks/{trunk_sid}/credentials`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.delete_credential.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Credential? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:delete_credential(arguments, options) end

---The arguments.
---@class exotel.operation.delete_trunk.arguments
---@field trunk_sid string `not empty`

---Deletes a trunk with its numbers, IPs and destinations. `DELETE /v2/accounts/<account_sid>/trunks`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: S, the vendor's reference.
---@param arguments exotel.operation.delete_trunk.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Trunk? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:delete_trunk(arguments, options) end

---The arguments.
---@class exotel.operation.find_trunk_map.arguments
---@field exophone string `E.164: "+", then 7 to 15 digits, the first not 0`
---@field trunk_sid? string `not empty`

---Finds the trunk a number is mapped to. `GET /v2/accounts/<account_sid>/trunk-maps`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.find_trunk_map.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.TrunkMap[]? data one page of items; `info.next` has the next page's arguments
---@return exotel.client.Info|exotel.error.Error info
function Client:find_trunk_map(arguments, options) end

---The arguments.
---@class exotel.operation.get_trunk.arguments
---@field trunk_sid string

---Reads one trunk. `GET /v2/accounts/<account_sid>/trunks/{trunk_sid}`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.get_trunk.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Trunk? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:get_trunk(arguments, options) end

---The arguments.
---@class exotel.operation.list_credentials.arguments
---@field trunk_sid string
---@field offset? integer `0 or more`
---@field page_size? integer `1 or more`
---@field id? string|integer `the numeric id that the service gave`

---Lists the credentials of a trunk, without passwords. `GET /v2/accounts/<account_sid>/trunks/{trunk_sid}/credentials`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.list_credentials.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Credential[]? data one page of items; `info.next` has the next page's arguments
---@return exotel.client.Info|exotel.error.Error info
function Client:list_credentials(arguments, options) end

---The arguments.
---@class exotel.operation.list_destinations.arguments
---@field trunk_sid string
---@field offset? integer `0 or more`
---@field page_size? integer `1 or more`

---Lists the destination URIs of a trunk. `GET /v2/accounts/<account_sid>/trunks/{trunk_sid}/destination-uris`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: S, the vendor's reference.
---@param arguments exotel.operation.list_destinations.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Destination[]? data one page of items; `info.next` has the next page's arguments
---@return exotel.client.Info|exotel.error.Error info
function Client:list_destinations(arguments, options) end

---The arguments.
---@class exotel.operation.list_phone_numbers.arguments
---@field trunk_sid string
---@field offset? integer `0 or more`
---@field page_size? integer `1 or more`

---Lists the numbers mapped to a trunk. `GET /v2/accounts/<account_sid>/trunks/{trunk_sid}/phone-numbers`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: S, the vendor's reference.
---@param arguments exotel.operation.list_phone_numbers.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.PhoneNumber[]? data one page of items; `info.next` has the next page's arguments
---@return exotel.client.Info|exotel.error.Error info
function Client:list_phone_numbers(arguments, options) end

---The arguments.
---@class exotel.operation.list_settings.arguments
---@field trunk_sid string

---Lists the settings of a trunk. `GET /v2/accounts/<account_sid>/trunks/{trunk_sid}/settings`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.list_settings.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Setting[]? data one page of items; `info.next` has the next page's arguments
---@return exotel.client.Info|exotel.error.Error info
function Client:list_settings(arguments, options) end

---The arguments.
---@class exotel.operation.list_trunks.arguments
---@field offset? integer `0 or more`
---@field page_size? integer `1 or more`
---@field trunk_sid? string `not empty`

---Lists the account's trunks. `GET /v2/accounts/<account_sid>/trunks`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.list_trunks.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Trunk[]? data one page of items; `info.next` has the next page's arguments
---@return exotel.client.Info|exotel.error.Error info
function Client:list_trunks(arguments, options) end

---The arguments.
---@class exotel.operation.list_whitelisted_ips.arguments
---@field trunk_sid string
---@field offset? integer `0 or more`
---@field page_size? integer `1 or more`

---Lists the whitelisted IPs of a trunk. `GET /v2/accounts/<account_sid>/trunks/{trunk_sid}/whitelisted-ips`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: S, the vendor's reference.
---@param arguments exotel.operation.list_whitelisted_ips.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.WhitelistedIp[]? data one page of items; `info.next` has the next page's arguments
---@return exotel.client.Info|exotel.error.Error info
function Client:list_whitelisted_ips(arguments, options) end

---The arguments.
---@class exotel.operation.map_phone_number.arguments
---@field trunk_sid string
---@field phone_number string `E.164: "+", then 7 to 15 digits, the first not 0`
---@field mode? "pstn"|"flow" `"pstn" or "flow"`

---Maps a phone number (DID) to a trunk. `POST /v2/accounts/<account_sid>/trunks/{trunk_sid}/phone-numbers`. Repeated only when it certainly had no effect. Known from: S, the vendor's reference.
---@param arguments exotel.operation.map_phone_number.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.PhoneNumber? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:map_phone_number(arguments, options) end

---The arguments.
---@class exotel.operation.remove_destination.arguments
---@field trunk_sid string
---@field id string|integer `the numeric id that the service gave`

---Removes a destination URI. `DELETE /v2/accounts/<account_sid>/trunks/{trunk_sid}/destination-uris`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.remove_destination.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Destination? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:remove_destination(arguments, options) end

---The arguments.
---@class exotel.operation.remove_setting.arguments
---@field trunk_sid string
---@field name string `not empty`

---Removes a setting. `DELETE /v2/accounts/<account_sid>/trunks/{trunk_sid}/settings`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.remove_setting.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Setting? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:remove_setting(arguments, options) end

---The arguments.
---@class exotel.operation.remove_whitelisted_ip.arguments
---@field trunk_sid string
---@field id string|integer `the numeric id that the service gave`

---Removes a whitelisted IP. `DELETE /v2/accounts/<account_sid>/trunks/{trunk_sid}/whitelisted-ips`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.remove_whitelisted_ip.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.WhitelistedIp? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:remove_whitelisted_ip(arguments, options) end

---The arguments.
---@class exotel.operation.set_settings.arguments
---@field trunk_sid string
---@field settings exotel.operation.set_settings.settings[] at least one

---One of the settings.
---@class exotel.operation.set_settings.settings
---@field name string `not empty`
---@field value string `of trunk_external_alias E.164: "+", then 7 to 15 digits, the first not 0`

---Sets settings of a trunk; trunk_external_alias is the caller ID. `POST /v2/accounts/<account_sid>/trunks/{trunk_sid}/settings`. Repeated only when it certainly had no effect. Known from: S, the vendor's reference.
---@param arguments exotel.operation.set_settings.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Setting[]? data an array in the order sent
---@return exotel.client.Info|exotel.error.Error info
function Client:set_settings(arguments, options) end

---The arguments.
---@class exotel.operation.unmap_phone_number.arguments
---@field trunk_sid string
---@field id string|integer `the numeric id that the service gave`

---Takes a number off a trunk. `DELETE /v2/accounts/<account_sid>/trunks/{trunk_sid}/phone-numbers`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.unmap_phone_number.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.PhoneNumber? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:unmap_phone_number(arguments, options) end

---The arguments.
---@class exotel.operation.update_credential.arguments
---@field trunk_sid string
---@field id string|integer `the numeric id that the service gave`
---@field user_name? string `not empty`
---@field password? string `letters, digits or underscores only`; never shown in an error or a log
---@field friendly_name? string `1 to 32 letters, digits or underscores`

---Changes a credential. `PUT /v2/accounts/<account_sid>/trunks/{trunk_sid}/credentials/{id}`. Repeated after a failure that may pass: doing it twice is as doing it once. At least one of the fields that change something has to be given. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.update_credential.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Credential? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:update_credential(arguments, options) end

---The arguments.
---@class exotel.operation.update_destination.arguments
---@field trunk_sid string
---@field id string|integer `the numeric id that the service gave`
---@field priority? integer `0 to 65535`
---@field weight? integer `0 to 65535`

---Changes priority or weight of a destination. `PUT /v2/accounts/<account_sid>/trunks/{trunk_sid}/destination-uris/{id}`. Repeated after a failure that may pass: doing it twice is as doing it once. At least one of the fields that change something has to be given. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.update_destination.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Destination? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:update_destination(arguments, options) end

---The arguments.
---@class exotel.operation.update_phone_number.arguments
---@field trunk_sid string
---@field id string|integer `the numeric id that the service gave`
---@field phone_number string `E.164: "+", then 7 to 15 digits, the first not 0`
---@field mode "pstn"|"flow" `"pstn" or "flow"`

---Changes the routing mode of a mapped number. `PUT /v2/accounts/<account_sid>/trunks/{trunk_sid}/phone-numbers/{id}`. Repeated after a failure that may pass: doing it twice is as doing it once. Known from: S, the vendor's reference.
---@param arguments exotel.operation.update_phone_number.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.PhoneNumber? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:update_phone_number(arguments, options) end

---The arguments: `trunk_sid` and the fields.
---@class exotel.operation.update_trunk.arguments : exotel.operation.update_trunk.fields
---@field trunk_sid string

---The fields.
---@class exotel.operation.update_trunk.fields
---@field trunk_name? string `1 to 16 letters, digits or underscores`
---@field nso_code? string `like ANY-ANY: capitals and a hyphen`
---@field domain_name? string `<account_sid>.pstn.exotel.com`
---@field auth_type? string `not empty`
---@field status? string `not empty`
---@field registration_enabled? string `not empty`
---@field edge_preference? string `not empty`
---@field secure_trunking? string `not empty`

---Changes fields of a trunk. `PUT /v2/accounts/<account_sid>/trunks/{trunk_sid}`. Repeated after a failure that may pass: doing it twice is as doing it once. At least one of the fields that change something has to be given. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.update_trunk.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.Trunk? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:update_trunk(arguments, options) end

---The arguments.
---@class exotel.operation.update_whitelisted_ip.arguments
---@field trunk_sid string
---@field id string|integer `the numeric id that the service gave`
---@field ip? string `an IPv4 address, as in 44.248.146.11`
---@field mask? integer `16 to 32`

---Changes a whitelisted IP. `PUT /v2/accounts/<account_sid>/trunks/{trunk_sid}/whitelisted-ips/{id}`. Repeated after a failure that may pass: doing it twice is as doing it once. At least one of the fields that change something has to be given. Known from: V, the vendor's samples; its reference does not have it.
---@param arguments exotel.operation.update_whitelisted_ip.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.WhitelistedIp? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:update_whitelisted_ip(arguments, options) end

---The arguments.
---@class exotel.operation.whitelist_ip.arguments
---@field trunk_sid string
---@field ip string `an IPv4 address, as in 44.248.146.11`
---@field mask? integer `16 to 32`

---Whitelists an IPv4 address (ACL) for outbound calls. `POST /v2/accounts/<account_sid>/trunks/{trunk_sid}/whitelisted-ips`. Repeated only when it certainly had no effect. Known from: S, the vendor's reference.
---@param arguments exotel.operation.whitelist_ip.arguments
---@param options? exotel.client.CallOptions
---@return exotel.answers.WhitelistedIp? data the item
---@return exotel.client.Info|exotel.error.Error info
function Client:whitelist_ip(arguments, options) end
