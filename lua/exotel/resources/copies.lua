--- Of several that exist under one key, the one that stays: everybody who reads them keeps the same one, whoever made
-- which.
local compare = require "exotel.resources.compare"

local M = {}

-- Without leading zeros, or nil.
local function digits_of(id) return tostring(id):match("^0*(%d+)$") end

--- copies.is_before(a, b) → whether the one that exists as `a` stays rather than `b`: that with the lower id. Ids are
-- numbers of any length, and come before all other text.
function M.is_before(a, b)
  local one, other = digits_of(a.id), digits_of(b.id)
  if not (one and other) then return one ~= nil or (other == nil and tostring(a.id) < tostring(b.id)) end
  if #one ~= #other then return #one < #other end
  return one < other
end

--- copies.staying(kind, existing) → those that stay, by key.
function M.staying(kind, existing)
  local by_key = {}
  for _, one in ipairs(existing) do
    local key = compare.key(kind, one)
    if not by_key[key] or M.is_before(one, by_key[key]) then by_key[key] = one end
  end
  return by_key
end

--- copies.of(kind, existing, key) → the one of that key that stays, or nil; an array of its copies
function M.of(kind, existing, key)
  local stays, copies = nil, {}
  for _, one in ipairs(compare.readable(kind, existing)) do
    if compare.key(kind, one) == key then
      local is_first = stays == nil or M.is_before(one, stays)
      copies[#copies + 1] = is_first and stays or not is_first and one or nil
      stays = is_first and one or stays
    end
  end
  return stays, copies
end

return M
