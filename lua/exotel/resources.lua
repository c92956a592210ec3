--- What a trunk has, kind by kind: how a specification writes it, how the service does, and when the two are equal.
local M = {}

--- The canonical form of a destination URI: without "sip:", host in lower case, port and transport spelled out.
-- Two destinations that send calls to the same place the same way have the same form.
function M.canonical_destination(text)
  local bare = text:gsub("^[sS][iI][pP]:", "")
  local host, port, rest = bare:match("^([^:;]+):?(%d*)(.*)$")
  if not host then return bare end
  local transport = rest:lower():match(";transport=(%a+)") or "udp"
  if port == "" then port = transport == "tls" and "5061" or "5060" end
  return string.format("%s:%s;transport=%s", host:lower(), port, transport)
end

local function setting_arguments(want)
  return { settings = { { name = want.fields.name, value = want.fields.value } } }
end

-- The order that works: IPs before the destinations that need them.
M.order = { "whitelisted_ip", "phone_number", "setting", "destination" }

-- Each kind: `spec` is its key in the specification, `list` reads what is there, `fields` takes what matters of an
-- item, `key` names it. `add`, `update` and `remove` are operations, with the arguments that go with them.
M.kinds = {
  whitelisted_ip = {
    spec = "whitelisted_ips",
    short = "ip",
    list = "list_whitelisted_ips",
    fields = function(item) return { ip = item.ip, mask = item.mask or 32 } end,
    key = function(fields) return fields.ip .. "/" .. fields.mask end,
    add = "whitelist_ip",
    add_arguments = function(want) return { ip = want.fields.ip, mask = want.entry.mask } end,
    remove = "remove_whitelisted_ip",
  },
  phone_number = {
    spec = "phone_numbers",
    short = "phone_number",
    list = "list_phone_numbers",
    -- A mode that was never set behaves as pstn.
    fields = function(item) return { phone_number = item.phone_number, mode = item.mode or "pstn" } end,
    key = function(fields) return fields.phone_number end,
    compared = "mode",
    add = "map_phone_number",
    add_arguments = function(want) return { phone_number = want.fields.phone_number, mode = want.entry.mode } end,
    update = "update_phone_number",
    update_arguments = function(want, have)
      return { id = have.id, phone_number = want.fields.phone_number, mode = want.fields.mode }
    end,
    remove = "unmap_phone_number",
  },
  setting = {
    spec = "settings",
    list = "list_settings",
    fields = function(item) return { name = item.name, value = item.value } end,
    key = function(fields) return fields.name end,
    compared = "value",
    add = "set_settings",
    add_arguments = setting_arguments,
    update = "set_settings",
    update_arguments = setting_arguments,
    remove = "remove_setting",
    remove_arguments = function(have) return { name = have.name } end,
  },
  destination = {
    spec = "destinations",
    short = "destination",
    list = "list_destinations",
    fields = function(item) return { destination = M.canonical_destination(item.destination) } end,
    key = function(fields) return fields.destination end,
    add = "add_destinations",
    add_arguments = function(want) return { destinations = { { destination = want.entry.destination } } } end,
    remove = "remove_destination",
  },
}

--- The item among `items` that has the same key as `fields`, or nil.
function M.find(kind, items, fields)
  local key = kind.key(kind.fields(fields))
  for _, item in ipairs(items) do
    if kind.key(kind.fields(item)) == key then return item end
  end
end

return M
