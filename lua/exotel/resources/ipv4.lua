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
  return M.network(start, mask) == M.network(address, mask)
end

--- ipv4.text(address) → a number as "44.248.146.11".
function M.text(address)
  local parts = {}
  for i = 4, 1, -1 do
    parts[i] = ("%d"):format(address % 256)
    address = math.floor(address / 256)
  end
  return table.concat(parts, ".")
end

--- ipv4.network(address, mask) → the first address of the network of `mask` bits that it is in.
function M.network(address, mask)
  local size = 2 ^ (32 - mask)
  return math.floor(address / size) * size
end

return M
