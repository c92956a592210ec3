--- Values in a form in which they can be compared: the service may send a number as a string, and the other way round.
-- Names in an order that is always the same.
local M = {}

--- values.text(value) → a string, or nil.
function M.text(value)
  if value ~= nil then return tostring(value) end
end

--- values.number(value) → a number, an integer where it is a whole one; or nil.
function M.number(value)
  local number = tonumber(value)
  if not number then return nil end
  if number ~= math.floor(number) or math.abs(number) >= 2 ^ 53 then return number end
  return tonumber(("%d"):format(number))
end

--- values.sorted_names(fields) → the keys of a table, which are strings, in the order of the alphabet.
function M.sorted_names(fields)
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- values.trunk_title(trunk_name, trunk_sid) → both, or the sid alone where there is no name.
function M.trunk_title(trunk_name, trunk_sid)
  if type(trunk_name) ~= "string" or trunk_name == "" then return trunk_sid end
  return ("%s (%s)"):format(trunk_name, trunk_sid)
end

return M
