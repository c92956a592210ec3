--- The objects of one kind on a trunk: an array, oldest first.

local problem = require "exotel.sandbox.problem"

local collection = {}

--- Finds by the id in the request's path. → the object and its index, or nil and the problem
function collection.find(objects, id)
  for index, object in ipairs(objects) do
    if object.id == id then return object, index end
  end
  return nil, problem.new(1000)
end

--- Removes by the id in the request's query; the second time it is not found (V).
-- → the object, or nil and the problem
function collection.remove(objects, query)
  if (query.id or "") == "" then return nil, problem.new(1001, "Id is mandatory") end
  local object, index = collection.find(objects, query.id)
  if not object then return nil, index end
  table.remove(objects, index)
  return object
end

--- Finds an object other than `except` that has all these values. → the object, or nil
function collection.match(objects, values, except)
  for _, object in ipairs(objects) do
    local same = object ~= except
    for name, value in pairs(values) do same = same and object[name] == value end
    if same then return object end
  end
end

--- Sets fields and the date of the update. → the object
function collection.update(object, values, now)
  for name, value in pairs(values) do object[name] = value end
  object.date_updated = now
  return object
end

return collection
