--- Destinations: where a trunk sends inbound calls.
local ipv4 = require "exotel.resources.ipv4"
local items = require "exotel.resources.items"
local kind = require "exotel.resources.kind"
local validation = require "exotel.resources.validation"
local values = require "exotel.resources.values"
local whitelisted_ip = require "exotel.resources.whitelisted_ip"

-- Stands for an id where only the other arguments are checked.
local SOME_ID = "1"

local destination = kind.new {
  name = "destination", noun = "destination",
  key_fields = { destination = true },
  required = { "destination" },
  compared = { "priority", "weight" },

  list = "list_destinations", add = "add_destinations", update = "update_destination", remove = "remove_destination",
  updated_after_add = true,
  appends = true,

  spec_key = "destinations", short = "destination", entry_names = { "destination", "priority", "weight" },
  examples = { destination = "sip.example.com:5060" }, words = { uri = "destination", host = "destination" },

  safety = { last = "last_destination" },
}

-- The service writes "sip:" before a destination, and refuses it from others.
local function without_scheme(text) return (text:gsub("^[sS][iI][pP]:", "")) end

--- destination.canonical(text) → the canonical form of a destination URI: without "sip:", host in lower case, port and
-- transport spelled out. Two destinations that send calls to the same place the same way have the same form. What is no
-- <host>:<port> with parameters (sips:, IPv6) stays as it is.
function destination.canonical(text)
  local bare = without_scheme(text)
  local host, port, rest = bare:match("^([^:;]+):?(%d*)(.*)$")
  if not host or not (rest == "" or rest:find("^;")) then return bare end
  local transport = rest:lower():match(";transport=(%a+)") or "udp"
  if port == "" then port = transport == "tls" and "5061" or "5060" end
  return string.format("%s:%s;transport=%s", host:lower(), port, transport)
end

function destination.fields(source)
  return {
    destination = destination.canonical(values.text(source.destination)), priority = values.number(source.priority),
    weight = values.number(source.weight),
  }
end

function destination.key(fields) return fields.destination end

function destination.add_arguments(item) return { destinations = { { destination = item.entry.destination } } } end

function destination.added(data) return data[1] end

function destination.update_arguments(item, existing)
  return { id = existing.id, priority = item.fields.priority, weight = item.fields.weight }
end

-- The service accepts a destination on an IP only while that is whitelisted.
destination.needs = {
  kind = whitelisted_ip,
  of = function(key) return ipv4.address(key:match("^([%d.]+):") or "") end,
  is_met_by = whitelisted_ip.covers,
  rule = "ip_missing", lack = "is on an IP that is not whitelisted",
}

-- In a specification --------------------------------------------------------------------------------------------------

function destination.normalize(entry)
  if type(entry.destination) == "string" then entry.destination = without_scheme(entry.destination) end
end

-- → the compared fields of an entry, or nil when it has none; its other fields
local function split(entry)
  local levels, rest = {}, {}
  for name, value in pairs(entry) do rest[name] = value end
  for _, name in ipairs(destination.compared) do
    levels[name], rest[name] = rest[name], nil
  end
  return next(levels) and levels or nil, rest
end

-- What add takes is checked by its rules, and the rest by those of update.
function destination:check_entry(reading, entry, path, short)
  local levels, rest = split(entry)
  local name_of = items.namer(path, short)
  local fault = validation.check_on_trunk(reading, self.add, { destinations = { rest } }, function(argument)
    return name_of((argument:gsub("^destinations%[1%]%.?", "")))
  end)
  if fault or not levels then return fault end
  levels.id = SOME_ID
  return validation.check_on_trunk(reading, self.update, levels, name_of)
end

function destination.export_entry(existing, fields)
  fields.destination = without_scheme(existing.destination)
  return fields.priority == nil and fields.weight == nil and fields.destination or fields
end

return destination
