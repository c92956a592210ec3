--- Which whitelisted IPs which destinations need: a destination on an IP is only accepted while that is whitelisted.
local M = {}

-- "44.248.146.11" as a number, or nil.
local function address_of(text)
  local parts, address = { text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$") }, 0
  if #parts ~= 4 then return nil end
  for _, part in ipairs(parts) do address = address * 256 + tonumber(part) end
  return address
end

--- addresses.of_destination(key) → the address of a destination in canonical form, or nil when it has a name.
function M.of_destination(key)
  return address_of(key:match("^([%d.]+):") or "")
end

--- addresses.covers(fields, address) → whether a whitelisted { ip, mask } holds that address.
function M.covers(fields, address)
  local start = address_of(fields.ip)
  if not start or type(fields.mask) ~= "number" then return false end
  local block = 2 ^ (32 - fields.mask)
  return math.floor(start / block) == math.floor(address / block)
end

return M
