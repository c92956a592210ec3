--- IPv4 addresses as numbers.
local M = {}

--- ipv4.address(text) → "44.248.146.11" as a number, or nil when it is no address.
function M.address(text)
  local parts, address = { text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$") }, 0
  if #parts ~= 4 then return nil end
  for _, part in ipairs(parts) do address = address * 256 + tonumber(part) end
  return address
end

--- ipv4.in_network(address, start, mask) → whether both addresses are in one network of `mask` bits.
function M.in_network(address, start, mask)
  local size = 2 ^ (32 - mask)
  return math.floor(start / size) == math.floor(address / size)
end

return M
