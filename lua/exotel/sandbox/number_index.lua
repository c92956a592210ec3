--- The mappings of all trunks by their number. The rules allow one of each number; what a test puts there may be more.

local number_index = {}

--- → array of a number's mappings, or nil for none
function number_index.find(index, phone_number)
  return index[phone_number]
end

function number_index.add(index, mapping)
  local found = index[mapping.phone_number]
  if found then found[#found + 1] = mapping else index[mapping.phone_number] = { mapping } end
end

function number_index.remove(index, mapping)
  local found = index[mapping.phone_number]
  for i, other in ipairs(found) do
    if other == mapping then table.remove(found, i) break end
  end
  if #found == 0 then index[mapping.phone_number] = nil end
end

return number_index
