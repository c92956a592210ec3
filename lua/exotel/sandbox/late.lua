--- Requests that take effect some time after they came: an array, the next one first.

local clock = require "exotel.sandbox.clock"

local late = {}

--- Of those with one time the first added stays first.
function late.add(queue, request, due)
  local index = #queue + 1
  while index > 1 and queue[index - 1].due > due do index = index - 1 end
  table.insert(queue, index, { request = request, due = due })
end

--- Takes out the next one whose time has come. → { request, due }, or nil
function late.take(queue, now)
  if queue[1] and clock.has_come(queue[1].due, now) then return table.remove(queue, 1) end
end

return late
