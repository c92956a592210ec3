--- Of several that exist under one key, the one that stays: everybody who reads them keeps the same one, whoever made
-- which.
local compare = require "exotel.resources.compare"

local M = {}

local function digits_of(id) return tostring(id):match("^0*(%d+)$") end

--- copies.is_before(a, b) → whether the one that exists as `a` stays rather than `b`: that with the lower id. Ids are
-- numbers of any length.
function M.is_before(a, b)
  local one, other = digits_of(a.id), digits_of(b.id)
  if not (one and other) then return tostring(a.id) < tostring(b.id) end
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

return M
