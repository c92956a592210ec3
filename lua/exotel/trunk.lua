--- A trunk as an object: its fields, and methods for all that belongs to it.
local pages = require "exotel.pages"
local resources = require "exotel.resources"
local settle = require "exotel.settle"
require "exotel"

local M = {}

local Trunk = {}
local metatable = { __index = Trunk, __name = "exotel.trunk" }

function metatable.__tostring(self)
  return string.format("exotel.trunk: %s (%s)", self.trunk_name or "?", self.trunk_sid)
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

local function differs(what, field, have, want)
  return string.format("%s exists with %s %s, not %s", what, field, tostring(have), tostring(want))
end

-- A write of one of the trunk's things, made safe to repeat: `fields` are the thing's own.
local function ensure(self, kind, fields, options, more)
  local action = { operation = kind.add }
  function action.act()
    local arguments = kind.add_arguments { fields = kind.fields(fields), entry = fields }
    local data, info = call(self, kind.add, arguments, options)
    if kind.add == "add_destinations" then return first(data, info) end
    return data, info
  end
  function action.look()
    local items, err = pages.all(clients[self], kind.list, { trunk_sid = self.trunk_sid }, options)
    if not items then return nil, err end
    return resources.find(kind, items, fields)
  end
  function action.difference(item)
    local want = kind.fields(fields)
    local field = resources.difference(kind, item, want)
    if field then return differs(kind.key(want), field, kind.fields(item)[field], want[field]) end
  end
  return settle.ensure(take_fields(action, more or {}))
end

-- Module functions ---------------------------------------------------------------------------------------------------

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

local function ensure_trunk(client, fields, options)
  return settle.ensure {
    operation = "create_trunk",
    act = function() return client:create_trunk(fields, options) end,
    look = function()
      return search(client, function(data) return data.trunk_name == fields.trunk_name end, options)
    end,
    difference = function(data)
      for _, name in ipairs { "nso_code", "domain_name" } do
        local have, want = data[name], fields[name]
        if want ~= nil and have ~= want then return differs(data.trunk_name, name, have, want) end
      end
    end,
  }
end

--- trunk.create(client, fields [, options]) → Trunk, info, or nil, err. Fields: trunk_name (1 to 16 letters, digits,
-- "_"), nso_code ("ANY-ANY"), domain_name ("<account_sid>.pstn.exotel.com"). From create_trunk.
-- `ensure = true`: a trunk of that name that exists, or came to be by a reply that was lost, is a success with
-- info.adopted; one that differs in a field given is a "conflict".
function M.create(client, fields, options)
  local safely, others = split_options(options)
  if safely and type(fields) == "table" then return wrap(client, ensure_trunk(client, fields, others)) end
  return wrap(client, client:create_trunk(fields, others))
end

--- trunk.attach(client, trunk_sid) → Trunk with nothing but its sid; no request is made.
function M.attach(client, trunk_sid)
  if type(trunk_sid) ~= "string" or trunk_sid == "" then error("trunk.attach takes a trunk_sid", 2) end
  return new(client, { trunk_sid = trunk_sid })
end

--- trunk.get(client, trunk_sid) → Trunk, info, or nil, err. From get_trunk.
function M.get(client, trunk_sid)
  return wrap(client, client:get_trunk { trunk_sid = trunk_sid })
end

--- trunk.list(client) → an array of all Trunks of the account, or nil, err. From list_trunks.
function M.list(client)
  local all, err = pages.all(client, "list_trunks", {})
  if not all then return nil, err end
  for i, data in ipairs(all) do all[i] = new(client, data) end
  return all
end

--- trunk.find(client, trunk_name) → Trunk; nil, nil when there is none of that name; or nil, err. From list_trunks.
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
  return resources.canonical_destination(a) == resources.canonical_destination(b)
end

-- The trunk itself ---------------------------------------------------------------------------------------------------

--- trunk:update(fields) → the trunk with its new fields, info, or nil, err. From update_trunk.
function Trunk:update(fields)
  local arguments = take_fields({}, fields)
  local data, info = call(self, "update_trunk", arguments)
  if data == nil then return nil, info end
  return take_fields(self, data), info
end

--- trunk:delete() → what was deleted, info, or nil, err. Numbers, IPs and destinations go with it. From delete_trunk.
function Trunk:delete()
  return call(self, "delete_trunk", {})
end

-- Numbers ------------------------------------------------------------------------------------------------------------

-- A number that conflicts without being on this trunk is on another one.
local function number_elsewhere(self, phone_number)
  local maps = clients[self]:find_trunk_map { exophone = phone_number }
  for _, map in ipairs(maps or {}) do
    if map.trunk_sid and map.trunk_sid ~= self.trunk_sid then
      return phone_number .. " is mapped to another trunk, " .. map.trunk_sid
    end
  end
end

--- trunk:map_number(phone_number [, mode] [, options]) → the mapping with its id, info, or nil, err. phone_number in
-- E.164, mode "pstn" or "flow" (voice bot). From map_phone_number.
-- `ensure = true`: a mapping that exists, or came to be by a reply that was lost, is a success with info.adopted; one
-- with another mode, or to another trunk, is a "conflict".
function Trunk:map_number(phone_number, mode, options)
  if type(mode) == "table" and options == nil then mode, options = nil, mode end
  local safely, others = split_options(options)
  local fields = { phone_number = phone_number, mode = mode }
  if not safely then return call(self, "map_phone_number", fields, others) end
  return ensure(self, resources.kinds.phone_number, fields, others, {
    elsewhere = function() return number_elsewhere(self, phone_number) end,
  })
end

--- trunk:set_number_mode(id, phone_number, mode) → the mapping, info, or nil, err. `id` is the mapping's, not the
-- number. From update_phone_number.
function Trunk:set_number_mode(id, phone_number, mode)
  return call(self, "update_phone_number", { id = id, phone_number = phone_number, mode = mode })
end

--- trunk:unmap_number(id) → what was removed, info, or nil, err. From unmap_phone_number.
function Trunk:unmap_number(id)
  return call(self, "unmap_phone_number", { id = id })
end

-- IPs ----------------------------------------------------------------------------------------------------------------

--- trunk:whitelist_ip(ip [, mask] [, options]) → the ACL entry with its id, info, or nil, err. IPv4, mask 16 to 32
-- (the service takes 32). From whitelist_ip.
-- `ensure = true`: an entry that exists, or came to be by a reply that was lost, is a success with info.adopted.
function Trunk:whitelist_ip(ip, mask, options)
  if type(mask) == "table" and options == nil then mask, options = nil, mask end
  local safely, others = split_options(options)
  local fields = { ip = ip, mask = mask }
  if not safely then return call(self, "whitelist_ip", fields, others) end
  return ensure(self, resources.kinds.whitelisted_ip, fields, others)
end

--- trunk:remove_ip(id) → what was removed, info, or nil, err. From remove_whitelisted_ip.
function Trunk:remove_ip(id)
  return call(self, "remove_whitelisted_ip", { id = id })
end

-- Destinations -------------------------------------------------------------------------------------------------------

-- Destinations append: what was there before tells a doubled one from an old one.
local function ensure_destination(self, fields, options)
  local client, kind = clients[self], resources.kinds.destination
  local arguments = { trunk_sid = self.trunk_sid, destinations = { fields } }
  if not client:check(kind.add, arguments, options) then return client:add_destinations(arguments, options) end
  local known, err = settle.destination_ids(client, self.trunk_sid, options)
  if not known then return nil, err end
  local key = kind.key(kind.fields(fields))
  return ensure(self, kind, fields, options, {
    appends = true,
    repeated = function(item) return settle.drop_doubles(client, self.trunk_sid, key, known, item.id) end,
  })
end

--- trunk:add_destination(destination [, options]) → the destination with its id, info, or nil, err (kind "partial" when
-- the service refused it). "<IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>"; an IP must be whitelisted first. Adding
-- the same one twice leaves two. From add_destinations.
-- `ensure = true`: one that leads to the same place in the same way is a success with info.adopted, and none is added.
function Trunk:add_destination(destination, options)
  local safely, others = split_options(options)
  local fields = { destination = destination }
  if safely and type(destination) == "string" then return ensure_destination(self, fields, others) end
  return first(call(self, "add_destinations", { destinations = { fields } }, others))
end

--- trunk:add_destinations { destination, … } → an array in the order given, info, or nil, err. Takes strings, or
-- tables { destination = … }. From add_destinations.
function Trunk:add_destinations(destinations)
  local list = {}
  for i, destination in ipairs(destinations) do
    list[i] = type(destination) == "table" and destination or { destination = destination }
  end
  return call(self, "add_destinations", { destinations = list })
end

--- trunk:remove_destination(id) → what was removed, info, or nil, err. From remove_destination.
function Trunk:remove_destination(id)
  return call(self, "remove_destination", { id = id })
end

-- Settings -----------------------------------------------------------------------------------------------------------

local function settings_list(settings)
  local list = {}
  for name, value in pairs(settings) do list[#list + 1] = { name = name, value = value } end
  table.sort(list, function(a, b) return tostring(a.name) < tostring(b.name) end)
  return list
end

--- trunk:set_settings { name = value } → an array sorted by name, info, or nil, err. From set_settings.
function Trunk:set_settings(settings)
  return call(self, "set_settings", { settings = settings_list(settings) })
end

--- trunk:set_alias(phone_number) → the setting, info, or nil, err. The caller ID of outbound calls, in E.164.
-- From set_settings with trunk_external_alias.
function Trunk:set_alias(phone_number)
  return first(call(self, "set_settings", { settings = { { name = "trunk_external_alias", value = phone_number } } }))
end

-- Credentials --------------------------------------------------------------------------------------------------------

--- trunk:create_credential { user_name=, password=, friendly_name= } → the credential without its password, info, or
-- nil, err. From create_credential.
function Trunk:create_credential(fields)
  return call(self, "create_credential", take_fields({}, fields))
end

--- trunk:delete_credential(id) → what was deleted, info, or nil, err. From delete_credential.
function Trunk:delete_credential(id)
  return call(self, "delete_credential", { id = id })
end

-- Lists: a plain noun is an iterator that raises; list_… is an array, or nil, err ------------------------------------

local iterators = { numbers = "list_phone_numbers", ips = "list_whitelisted_ips", destinations = "list_destinations" }

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
