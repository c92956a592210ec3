--- Pages of a list, newest first as in the vendor's examples. An offset counts entries, not pages (V).

local problem = require "exotel.sandbox.problem"

local paging = {}

local function read_count(query, name, label, least, default)
  local text = query[name]
  if text == nil then return default end
  local count = text:find("^%d%d?%d?%d?%d?%d?%d?%d?%d?$") and tonumber(text)
  if not count or count < least then return nil, problem.new(1002, label .. " is invalid") end
  return count
end

local function take(items, offset, size, show)
  local shown = {}
  for i = #items - offset, math.max(1, #items - offset - size + 1), -1 do shown[#shown + 1] = show(items[i]) end
  return shown
end

--- Cuts a page out of a list.
-- `items`: oldest first; `show`: a function that makes the record of an item; `filter`: the part of the query that the
-- links must keep, or nil. → page for envelope.page, or nil and the problem
function paging.cut(items, query, show, default_size, filter)
  local offset, refusal = read_count(query, "offset", "Offset", 0, 0)
  if not offset then return nil, refusal end
  local size
  size, refusal = read_count(query, "page_size", "PageSize", 1, default_size)
  if not size then return nil, refusal end
  local more = offset + size < #items
  return { items = take(items, offset, size, show), offset = offset, size = size, more = more, filter = filter }
end

return paging
