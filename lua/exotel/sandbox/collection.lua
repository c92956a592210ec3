--- What stands on a trunk: arrays of objects that have an id, oldest first.

local problem = require "exotel.sandbox.problem"

local shelf = {}

--- Finds by an id of the request's path. → the object and its place, or nil and the problem
function shelf.find(objects, id)
  for place, object in ipairs(objects) do
    if object.id == id then return object, place end
  end
  return nil, problem.new(1000)
end

--- Removes by the id of the request's query; the second time it is not found (V).
-- → the object, or nil and the problem
function shelf.remove(objects, query)
  if (query.id or "") == "" then return nil, problem.new(1001, "Id is mandatory") end
  local object, place = shelf.find(objects, query.id)
  if not object then return nil, place end
  table.remove(objects, place)
  return object
end

--- Whether any object but `except` has all these values. → the object, or nil
function shelf.match(objects, values, except)
  for _, object in ipairs(objects) do
    local same = object ~= except
    for name, value in pairs(values) do same = same and object[name] == value end
    if same then return object end
  end
end

--- Sets fields and the date of the update.
function shelf.update(object, values, now)
  for name, value in pairs(values) do object[name] = value end
  object.date_updated = now
  return object
end

return shelf
