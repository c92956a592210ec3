--- An example for each operation in Lua and for the command, and how each can fail: the pages of the site are made from
-- them, and specs run them. They start from `outbound_trunk`, which has one of each (examples.prepare). In Lua `client`,
-- `sid`, `number`, `ip`, `destination` and `credential` are that client, the trunk's trunk_sid, and what is on it.
--
--   text      what is peculiar to it, beside what the table of operations says
--   lua       what calls it
--   command   a command line of `exotel` that makes the same request, among others
--   fails     array of { code (of the service), kind (of the error), when, lua (what fails so) }
local M = {}

local UNKNOWN = ' trunk_sid = "trmum1deadbeef" '

-- Of every operation on a trunk, unless its page says otherwise.
local function no_trunk(call) return { code = 1000, kind = "not_found", when = "there is no such trunk", lua = call } end

local function no_item(what, call)
  return { code = 1000, kind = "not_found", when = "the trunk has no such " .. what, lua = call }
end

local function taken(when, call) return { code = 1008, kind = "conflict", when = when, lua = call } end

local function invalid(when, call) return { code = 1002, kind = "rejected", when = when, lua = call } end

M.operations = {
  create_trunk = {
    text = "A trunk's name is unique in the account. The answer has the `trunk_sid`, by which all other operations know "
      .. "the trunk.",
    lua = 'local data = assert(client:create_trunk { trunk_name = "inbound" })\nprint(data.trunk_sid)',
    command = "exotel trunk create inbound",
    fails = { taken("a trunk of that name exists", 'client:create_trunk { trunk_name = "outbound_trunk" }') },
  },
  list_trunks = {
    text = "`client:each(\"list_trunks\")` goes through all pages.",
    lua = "for _, trunk in ipairs(assert(client:list_trunks { page_size = 50 })) do\n"
      .. "  print(trunk.trunk_sid, trunk.trunk_name)\nend",
    command = "exotel trunk list",
  },
  get_trunk = {
    lua = "local trunk = assert(client:get_trunk { trunk_sid = sid })\nprint(trunk.trunk_name, trunk.status)",
    command = 'exotel trunk show "sid:$SID"',
    fails = { no_trunk("client:get_trunk {" .. UNKNOWN .. "}") },
  },
  update_trunk = {
    lua = 'assert(client:update_trunk { trunk_sid = sid, trunk_name = "main" })',
    command = "exotel trunk update outbound_trunk --trunk-name main",
    fails = { no_trunk("client:update_trunk {" .. UNKNOWN .. ', trunk_name = "main" }') },
  },
  delete_trunk = {
    text = "Its numbers, whitelisted IPs and destinations go with it.",
    lua = "assert(client:delete_trunk { trunk_sid = sid })",
    command = "exotel trunk delete outbound_trunk --yes",
    fails = { no_trunk("client:delete_trunk {" .. UNKNOWN .. "}") },
  },

  map_phone_number = {
    text = "A number (DID) is mapped to one trunk of the account at most. In mode `flow` its calls can be answered by a "
      .. "voice bot.",
    lua = "local mapped = assert(client:map_phone_number {\n"
      .. '  trunk_sid = sid, phone_number = "+918040264208", mode = "flow",\n})\nprint(mapped.id)',
    command = "exotel number map outbound_trunk +918040264208 --mode flow",
    fails = {
      taken("the number is mapped already, to this trunk or another",
        'client:map_phone_number { trunk_sid = sid, phone_number = "+919876543210" }'),
      no_trunk("client:map_phone_number {" .. UNKNOWN .. ', phone_number = "+918040264208" }'),
    },
  },
  list_phone_numbers = {
    lua = "for _, mapped in ipairs(assert(client:list_phone_numbers { trunk_sid = sid })) do\n"
      .. '  print(mapped.id, mapped.phone_number, mapped.mode or "pstn")\nend',
    command = "exotel number list outbound_trunk",
    fails = { no_trunk("client:list_phone_numbers {" .. UNKNOWN .. "}") },
  },
  update_phone_number = {
    text = "It changes the mode; id and number have to belong together.",
    lua = "assert(client:update_phone_number {\n"
      .. '  trunk_sid = sid, id = number.id, phone_number = number.phone_number, mode = "flow",\n})',
    command = "exotel number update outbound_trunk +919876543210 --mode flow",
    fails = {
      no_item("number", "client:update_phone_number { trunk_sid = sid, id = \"1\", phone_number = \"+919876543210\", "
        .. "mode = \"flow\" }"),
      invalid("the id is that of another number", "client:update_phone_number { trunk_sid = sid, id = number.id, "
        .. "phone_number = \"+918040264208\", mode = \"flow\" }"),
    },
  },
  unmap_phone_number = {
    text = "`id` is that of the mapping, not the number.",
    lua = "assert(client:unmap_phone_number { trunk_sid = sid, id = number.id })",
    command = "exotel number unmap outbound_trunk +919876543210 --yes",
    fails = { no_item("number", 'client:unmap_phone_number { trunk_sid = sid, id = "1" }') },
  },

  whitelist_ip = {
    text = "Who calls from a whitelisted IP may make outbound calls (ACL). Without `mask` the service takes one address.",
    lua = 'local entry = assert(client:whitelist_ip { trunk_sid = sid, ip = "203.0.113.0", mask = 24 })\n'
      .. "print(entry.id, entry.ip, entry.mask)",
    command = "exotel ip add outbound_trunk 203.0.113.0/24",
    fails = {
      taken("that IP with that mask is whitelisted already", 'client:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" }'),
      no_trunk("client:whitelist_ip {" .. UNKNOWN .. ', ip = "203.0.113.7" }'),
    },
  },
  list_whitelisted_ips = {
    lua = "for _, entry in ipairs(assert(client:list_whitelisted_ips { trunk_sid = sid })) do\n"
      .. "  print(entry.id, entry.ip, entry.mask)\nend",
    command = "exotel ip list outbound_trunk",
    fails = { no_trunk("client:list_whitelisted_ips {" .. UNKNOWN .. "}") },
  },
  update_whitelisted_ip = {
    lua = 'assert(client:update_whitelisted_ip { trunk_sid = sid, id = ip.id, ip = "44.248.146.12" })',
    command = "exotel ip update outbound_trunk 44.248.146.11 44.248.146.12 --force --yes",
    fails = { no_item("IP", 'client:update_whitelisted_ip { trunk_sid = sid, id = "1", ip = "44.248.146.12" }') },
  },
  remove_whitelisted_ip = {
    lua = "assert(client:remove_whitelisted_ip { trunk_sid = sid, id = ip.id })",
    command = "exotel ip remove outbound_trunk 44.248.146.11 --force --yes",
    fails = { no_item("IP", 'client:remove_whitelisted_ip { trunk_sid = sid, id = "1" }') },
  },

  add_destinations = {
    text = "Where inbound calls go (origination). An IP has to be whitelisted before. The service appends what is there "
      .. "already a second time; [`trunk.add_destination` with `ensure`](../../guides/trunk-objects.md) and the command "
      .. "look first.",
    lua = "assert(client:add_destinations {\n  trunk_sid = sid,\n"
      .. '  destinations = { { destination = "sip.example.com:5060;transport=tcp" } },\n})',
    command = "exotel destination add outbound_trunk 'sip.example.com:5060;transport=tcp'",
    fails = {
      { code = 1002, kind = "partial", when = "its IP is not whitelisted; `err.failed` has the entry",
        lua = 'client:add_destinations { trunk_sid = sid, destinations = { { destination = "203.0.113.9:5060;transport=tcp" } } }' },
      no_trunk("client:add_destinations {" .. UNKNOWN .. ', destinations = { { destination = "sip.example.com:5060;transport=tcp" } } }'),
    },
  },
  list_destinations = {
    lua = "for _, entry in ipairs(assert(client:list_destinations { trunk_sid = sid })) do\n"
      .. "  print(entry.id, entry.destination, entry.priority, entry.weight)\nend",
    command = "exotel destination list outbound_trunk",
    fails = { no_trunk("client:list_destinations {" .. UNKNOWN .. "}") },
  },
  update_destination = {
    text = "Lower priorities are tried first; among those of one priority the weight is the share of calls.",
    lua = "assert(client:update_destination { trunk_sid = sid, id = destination.id, priority = 2 })",
    command = "exotel destination update outbound_trunk '44.248.146.11:5061;transport=tls' --priority 2",
    fails = { no_item("destination", 'client:update_destination { trunk_sid = sid, id = "1", priority = 2 }') },
  },
  remove_destination = {
    lua = "assert(client:remove_destination { trunk_sid = sid, id = destination.id })",
    command = "exotel destination remove outbound_trunk '44.248.146.11:5061;transport=tls' --yes",
    fails = { no_item("destination", 'client:remove_destination { trunk_sid = sid, id = "1" }') },
  },

  set_settings = {
    lua = "assert(client:set_settings {\n  trunk_sid = sid,\n"
      .. '  settings = { { name = "trunk_external_alias", value = "+918040264208" } },\n})',
    command = "exotel alias set outbound_trunk +918040264208",
    fails = { no_trunk("client:set_settings {" .. UNKNOWN
      .. ', settings = { { name = "trunk_external_alias", value = "+919876543210" } } }') },
  },
  list_settings = {
    lua = "for _, setting in ipairs(assert(client:list_settings { trunk_sid = sid })) do\n"
      .. "  print(setting.name, setting.value)\nend",
    command = "exotel setting list outbound_trunk",
    fails = { no_trunk("client:list_settings {" .. UNKNOWN .. "}") },
  },
  remove_setting = {
    lua = 'assert(client:remove_setting { trunk_sid = sid, name = "trunk_external_alias" })',
    command = "exotel alias remove outbound_trunk --yes",
    fails = { no_item("setting", 'client:remove_setting { trunk_sid = sid, name = "none" }') },
  },

  create_credential = {
    text = "For SIP digest authentication. The password is never shown in an error or a log, and the service does not "
      .. "give it back.",
    lua = 'assert(client:create_credential {\n  trunk_sid = sid, user_name = "pbx2", password = os.getenv("PBX_PASSWORD"),\n})',
    command = "exotel credential create outbound_trunk pbx2 --password-env PBX_PASSWORD",
    fails = { taken("the user name is taken on this trunk",
      'client:create_credential { trunk_sid = sid, user_name = "pbx1", password = "secret_1" }') },
  },
  list_credentials = {
    lua = "for _, entry in ipairs(assert(client:list_credentials { trunk_sid = sid })) do\n"
      .. "  print(entry.id, entry.user_name)\nend",
    command = "exotel credential list outbound_trunk",
    fails = { no_trunk("client:list_credentials {" .. UNKNOWN .. "}") },
  },
  update_credential = {
    lua = 'assert(client:update_credential { trunk_sid = sid, id = credential.id, user_name = "office" })',
    command = "exotel credential update outbound_trunk pbx1 --user-name office",
    fails = { no_item("credential", 'client:update_credential { trunk_sid = sid, id = "1", user_name = "office" }') },
  },
  delete_credential = {
    lua = "assert(client:delete_credential { trunk_sid = sid, id = credential.id })",
    command = "exotel credential delete outbound_trunk pbx1 --yes",
    fails = { no_item("credential", 'client:delete_credential { trunk_sid = sid, id = "1" }') },
  },

  find_trunk_map = {
    text = "To which trunk a number is mapped.",
    lua = 'for _, map in ipairs(assert(client:find_trunk_map { exophone = "+919876543210" })) do\n'
      .. "  print(map.trunk_sid)\nend",
    command = "exotel number find +919876543210",
  },
}

--- Makes the trunk that the examples start from. → its trunk_sid, and what is on it, by the examples' names
function M.prepare(client)
  local sid = assert(client:create_trunk { trunk_name = "outbound_trunk" }).trunk_sid
  return sid, {
    ip = assert(client:whitelist_ip { trunk_sid = sid, ip = "44.248.146.11" }),
    number = assert(client:map_phone_number { trunk_sid = sid, phone_number = "+919876543210" }),
    destination = assert(client:add_destinations { trunk_sid = sid,
      destinations = { { destination = "44.248.146.11:5061;transport=tls" } } })[1],
    setting = assert(client:set_settings { trunk_sid = sid,
      settings = { { name = "trunk_external_alias", value = "+919876543210" } } })[1],
    credential = assert(client:create_credential { trunk_sid = sid, user_name = "pbx1", password = "secret_1" }),
  }
end

-- A client that hands what its operations return to `see`, too.
local function watched(client, see)
  return setmetatable({}, { __index = function(_, name)
    return function(_, ...)
      local data, info = client[name](client, ...)
      see(data)
      return data, info
    end
  end })
end

local NAMES = "local client, sid, number, ip, destination, credential, print, os = ...\n"

--- Runs Lua of an example. → what its last call returned, what the code returned
function M.run(code, client, sid, items)
  local answer
  local chunk = assert((loadstring or load)(NAMES .. code))
  local environment = { getenv = function(name) return name == "PBX_PASSWORD" and "secret_2" or nil end }
  local see = function(data) answer = data end
  local first, second = chunk(watched(client, see), sid, items.number, items.ip, items.destination, items.credential,
    function() end, environment)
  return answer, first, second
end

return M
