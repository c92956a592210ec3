--- The pages of a list, one after the other. A page that can't be fetched is `nil, err`: iterators, which raise, and
-- arrays, which don't, are both made from that.
local core = require "exotel.core"
local errors = require "exotel.error"

local M = {}

local lists = {}
for _, operation in ipairs(core.operations) do
  lists[operation.name] = operation.answer == "list"
end

--- Whether an operation lists; raises for a name that is no operation. `level` is error's.
function M.check_operation(name, level)
  if lists[name] == nil then error("unknown operation '" .. tostring(name) .. "'", level + 1) end
  if not lists[name] then error("'" .. name .. "' does not answer a list", level + 1) end
end

local function repeats(operation, message)
  return nil, errors.new { kind = "protocol", operation = operation, message = message }
end

-- Tells one page from another, by the names of its items.
local function fingerprint(items)
  local keys = {}
  for i, item in ipairs(items) do
    keys[i] = tostring(item.id or item.trunk_sid or item.name or i)
  end
  return table.concat(keys, "\0")
end

local function copy(source)
  local target = {}
  for key, value in pairs(source) do target[key] = value end
  return target
end

--- pages.new(client, operation, arguments [, options]) → a function that returns the items of the next page, nil after
-- the last, or nil, err; called once more after an err, it fetches the same page again. Pages that repeat, which would
-- never end, are an error of kind "protocol".
function M.new(client, name, arguments, options)
  local query, last, ended = copy(arguments), nil, false
  return function()
    if ended then return nil end
    local items, info = client[name](client, query, options)
    if not items then return nil, info end
    ended = true
    local print = fingerprint(items)
    if #items > 0 and print == last then return repeats(name, "the service answered the same page twice") end
    if not info.next then return items end
    if info.next.offset <= (query.offset or 0) then
      return repeats(name, "the service's next page is not a later one")
    end
    query.offset, query.page_size = info.next.offset, info.next.page_size or query.page_size
    last, ended = print, false
    return items
  end
end

--- pages.each(client, operation, arguments) → an iterator over the items of all pages; raises the error object.
function M.each(client, name, arguments)
  local next_page = M.new(client, name, arguments)
  local items, index = {}, 0
  return function()
    while items and index >= #items do
      local err
      items, err = next_page()
      index = 0
      if err then error(err, 0) end
    end
    index = index + 1
    return items and items[index]
  end
end

--- pages.all(client, operation, arguments [, options]) → an array of the items of all pages, or nil, err.
function M.all(client, name, arguments, options)
  local all, next_page = {}, M.new(client, name, arguments, options)
  while true do
    local items, err = next_page()
    if err then return nil, err end
    if not items then return all end
    for _, item in ipairs(items) do all[#all + 1] = item end
  end
end

return M
