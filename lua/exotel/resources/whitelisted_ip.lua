--- Whitelisted IPs: the hosts and networks that a trunk accepts outbound calls from.
local ipv4 = require "exotel.resources.ipv4"
local kind = require "exotel.resources.kind"
local validation = require "exotel.resources.validation"
local values = require "exotel.resources.values"

local whitelisted_ip = kind.new {
  name = "whitelisted_ip", noun = "whitelisted IP",
  key_fields = { ip = true, mask = true },
  required = { "ip" },

  list = "list_whitelisted_ips", add = "whitelist_ip", remove = "remove_whitelisted_ip",

  spec_key = "whitelisted_ips", short = "ip", entry_names = { "ip", "mask" },
  examples = { ip = "192.0.2.1" }, words = { address = "ip", cidr = "ip", prefix = "mask", length = "mask" },

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

-- Ranges ------------------------------------------------------------------------------------------------------------

--- whitelisted_ip.range_of(ip, mask) → the range that it stands in, as "203.0.113.0/24", when the address has bits
-- beside those of the range; else nil.
function whitelisted_ip.range_of(ip, mask)
  local address = type(ip) == "string" and ipv4.address(ip)
  if not address or type(mask) ~= "number" or mask < 0 or mask > 32 or mask % 1 ~= 0 then return nil end
  local start = ipv4.network(address, mask)
  if start ~= address then return ("%s/%d"):format(ipv4.text(start), mask) end
end

--- whitelisted_ip.split(ip, mask) → ip, mask of "203.0.113.0/24"; those that were given, where there is no slash. Or
-- nil, what is wrong as a sentence without its subject, and a range that may be meant.
function whitelisted_ip.split(ip, mask)
  if type(ip) ~= "string" or not ip:find("/", 1, true) then return ip, mask end
  local address, length = ip:match("^([^/]*)/([1-9]?%d)$")
  if not address then return nil, "must be an IPv4 address, or a range as in 203.0.113.0/24" end
  local bits = tonumber(length)
  if mask ~= nil and mask ~= bits then
    return nil, ("says a mask of %d, and the mask beside it says %s"):format(bits, tostring(mask))
  end
  local range = whitelisted_ip.range_of(address, bits)
  if range then return nil, ("has host bits: %s is the range"):format(range), range end
  return address, bits
end

function whitelisted_ip.normalize(entry, path)
  local ip, mask, meant = whitelisted_ip.split(entry.ip, entry.mask)
  if ip == nil and entry.ip ~= nil then
    local text = ("%s %s"):format(entry.ip, mask)
    validation.raise(path, text, { rule = "range", suggestion = meant })
  end
  entry.ip, entry.mask = ip, mask
end

function whitelisted_ip.remark(item)
  local range = whitelisted_ip.range_of(item.fields.ip, item.fields.mask)
  if range then return ("has host bits: %s is the range"):format(range), range end
end

--- whitelisted_ip.covers(fields, address) → whether this one whitelists an address, a number of ipv4's.
function whitelisted_ip.covers(fields, address)
  local start = ipv4.address(fields.ip)
  return start ~= nil and type(fields.mask) == "number" and ipv4.in_network(address, start, fields.mask)
end

return whitelisted_ip
