--- What the service accepts only while something of another kind is there: a destination on an IP, while that is
-- whitelisted.
local M = {}

local function is_met(needs, need, list, fields_of)
  for _, one in ipairs(list) do
    if needs.is_met_by(fields_of(one), need) then return true end
  end
  return false
end

local function fields_of_item(item) return item.fields end

--- needs.unmet(kind, item, desired [, existing]) → whether the item needs something that neither the desired items of
-- that kind are nor those that exist.
function M.unmet(kind, item, desired, existing)
  local needs = kind.needs
  local need = needs and needs.of(item.key)
  if not need or is_met(needs, need, desired[needs.kind.name], fields_of_item) then return false end
  return not is_met(needs, need, existing or {}, needs.kind.fields)
end

return M
