--- What a trunk has, kind by kind: how a specification writes it, how the service does, and when the two are equal.
local M = {}

--- The canonical form of a destination URI: without "sip:", host in lower case, port and transport spelled out.
-- Two destinations that send calls to the same place the same way have the same form. What is no <host>:<port> with
-- parameters (sips:, IPv6) stays as it is.
function M.canonical_destination(text)
  local bare = text:gsub("^[sS][iI][pP]:", "")
  local host, port, rest = bare:match("^([^:;]+):?(%d*)(.*)$")
  if not host or not (rest == "" or rest:find("^;")) then return bare end
  local transport = rest:lower():match(";transport=(%a+)") or "udp"
  if port == "" then port = transport == "tls" and "5061" or "5060" end
  return string.format("%s:%s;transport=%s", host:lower(), port, transport)
end

-- Values as they can be compared: the service may send a number as a string, and the other way round -----------------

local function text_of(value)
  if value ~= nil then return tostring(value) end
end

local function number_of(value)
  local number = tonumber(value)
  if not number then return nil end
  if number ~= math.floor(number) or math.abs(number) >= 2 ^ 53 then return number end
  return tonumber(("%d"):format(number))
end

-- The kinds ----------------------------------------------------------------------------------------------------------

local function setting_arguments(want)
  return { settings = { { name = want.fields.name, value = want.fields.value } } }
end

--- The order that works: IPs before the destinations that need them.
M.order = { "whitelisted_ip", "credential", "phone_number", "setting", "destination" }

--- Each kind: `spec` is its key in the specification, `short` the field that a string stands for, `identity` the
-- fields that each item has; one that lacks them or isn't `readable` is left alone. `list` reads what is there,
-- `fields` takes what matters of an item or an entry, `key` names it, `naming` are the fields in the key, `compared`
-- those that can differ under one key; what an entry leaves out (nil) is left alone. `add`, `update` and `remove` are
-- operations, with the arguments that go with them; `add_lacks`: add takes no compared fields, so that what they should
-- be is set by an update after it.
M.kinds = {
  whitelisted_ip = {
    spec = "whitelisted_ips",
    short = "ip",
    identity = { "ip" },
    readable = function(item) return item.mask == nil or tonumber(item.mask) ~= nil end,
    list = "list_whitelisted_ips",
    fields = function(item) return { ip = text_of(item.ip), mask = number_of(item.mask) or 32 } end,
    key = function(fields) return fields.ip .. "/" .. fields.mask end,
    naming = { ip = true, mask = true },
    compared = {},
    add = "whitelist_ip",
    add_arguments = function(want) return { ip = want.fields.ip, mask = want.entry.mask } end,
    remove = "remove_whitelisted_ip",
  },
  credential = {
    spec = "credentials",
    identity = { "user_name" },
    list = "list_credentials",
    -- Never the password: the service doesn't show it, nor does anything made of these fields.
    fields = function(item)
      return { user_name = text_of(item.user_name), friendly_name = text_of(item.friendly_name) }
    end,
    key = function(fields) return fields.user_name end,
    naming = { user_name = true },
    compared = { "friendly_name" },
    add = "create_credential",
    add_arguments = function(want)
      return { user_name = want.fields.user_name, password = want.password, friendly_name = want.fields.friendly_name }
    end,
    update = "update_credential",
    update_arguments = function(want, have, step)
      local password = step.rotates and want.password or nil
      return { id = have.id, friendly_name = want.fields.friendly_name, password = password }
    end,
    remove = "delete_credential",
  },
  phone_number = {
    spec = "phone_numbers",
    short = "phone_number",
    identity = { "phone_number" },
    list = "list_phone_numbers",
    -- A mode that was never set behaves as pstn.
    fields = function(item)
      return { phone_number = text_of(item.phone_number), mode = text_of(item.mode) or "pstn" }
    end,
    key = function(fields) return fields.phone_number end,
    naming = { phone_number = true },
    compared = { "mode" },
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
    identity = { "name", "value" }, -- one without a value is not set
    list = "list_settings",
    fields = function(item) return { name = text_of(item.name), value = text_of(item.value) } end,
    key = function(fields) return fields.name end,
    naming = { name = true },
    compared = { "value" },
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
    identity = { "destination" },
    list = "list_destinations",
    fields = function(item)
      return {
        destination = M.canonical_destination(text_of(item.destination)), priority = number_of(item.priority),
        weight = number_of(item.weight),
      }
    end,
    key = function(fields) return fields.destination end,
    naming = { destination = true },
    compared = { "priority", "weight" },
    add = "add_destinations",
    add_arguments = function(want) return { destinations = { { destination = want.entry.destination } } } end,
    add_lacks = true,
    update = "update_destination",
    update_arguments = function(want, have)
      return { id = have.id, priority = want.fields.priority, weight = want.fields.weight }
    end,
    remove = "remove_destination",
  },
}

local function has_all(item, names)
  for _, name in ipairs(names) do
    if item[name] == nil then return false end
  end
  return true
end

--- Those of the items that have what names them, so that something can be said of them.
function M.named(kind, items)
  local named = {}
  for _, item in ipairs(items) do
    local readable = not kind.readable or kind.readable(item)
    if readable and has_all(item, kind.identity) then named[#named + 1] = item end
  end
  return named
end

--- The name of a compared field in which an item is not as the fields say; nil when it is in all that they hold.
function M.difference(kind, item, fields)
  local have = kind.fields(item)
  for _, name in ipairs(kind.compared) do
    if fields[name] ~= nil and fields[name] ~= have[name] then return name end
  end
end

--- The item among `items` that has the same key as `fields`, or nil.
function M.find(kind, items, fields)
  local key = kind.key(kind.fields(fields))
  for _, item in ipairs(M.named(kind, items)) do
    if kind.key(kind.fields(item)) == key then return item end
  end
end

return M
