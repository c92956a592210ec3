--- Whitelisted IPs: the hosts and networks that a trunk accepts outbound calls from.
local ipv4 = require "exotel.resources.ipv4"
local kind = require "exotel.resources.kind"
local values = require "exotel.resources.values"

local whitelisted_ip = kind.new {
  name = "whitelisted_ip", noun = "whitelisted IP",
  key_fields = { ip = true, mask = true },
  required = { "ip" },

  list = "list_whitelisted_ips", add = "whitelist_ip", remove = "remove_whitelisted_ip",

  spec_key = "whitelisted_ips", short = "ip", entry_names = { "ip", "mask" },

  safety = { last = "last_ip" },
}

function whitelisted_ip.is_readable(existing) return existing.mask == nil or tonumber(existing.mask) ~= nil end

function whitelisted_ip.fields(source)
  return { ip = values.text(source.ip), mask = values.number(source.mask) or 32 }
end

function whitelisted_ip.key(fields) return fields.ip .. "/" .. fields.mask end

function whitelisted_ip.add_arguments(item) return { ip = item.fields.ip, mask = item.entry.mask } end

function whitelisted_ip.export_entry(_, fields)
  return fields.mask == 32 and fields.ip or { ip = fields.ip, mask = fields.mask }
end

--- whitelisted_ip.covers(fields, address) → whether this one whitelists an address, a number of ipv4's.
function whitelisted_ip.covers(fields, address)
  local start = ipv4.address(fields.ip)
  return start ~= nil and type(fields.mask) == "number" and ipv4.in_network(address, start, fields.mask)
end

return whitelisted_ip
