--- Lists, page by page. A page that can't be fetched is `nil, err`: iterators, which raise, and arrays, which don't,
-- are both made from that.
--
-- A list may change while it is read, and then offsets lead elsewhere: an entry would be left out. So, where offsets
-- count entries, each page is asked for with one entry of overlap. When that is not the last entry of the page before,
-- the list has changed, and is read again from its beginning.
local core = require "exotel.core"
local engine = core.engine
local errors = require "exotel.error"
local request = require "exotel.calls.request"

local M = {}

-- How often in a row a list is read again although that brings nothing new.
local REREADS = 3

local lists = {}
for _, operation in ipairs(core.operations) do
  lists[operation.name] = operation.answer == "list"
end

--- Whether an operation lists; raises for a name that is no operation. `level` is error's.
function M.check_operation(name, level)
  if lists[name] == nil then error("unknown operation '" .. tostring(name) .. "'", level + 1) end
  if not lists[name] then error("'" .. name .. "' does not answer a list", level + 1) end
end

-- What identifies an entry of a list; of trunk maps nothing is known that does.
local identifying = { list_trunks = "trunk_sid", list_settings = "name" }
local function identity_of(name) return identifying[name] or name ~= "find_trunk_map" and "id" or nil end

-- One reading --------------------------------------------------------------------------------------------------------

local Reader = {}
Reader.__index = Reader

local function copy(source)
  local target = {}
  for key, value in pairs(source) do target[key] = value end
  return target
end

-- → a reader of a list; `client[name]` makes the calls. `whole`: each reading gives all entries, not only those that no
-- reading before has given. `make(operation, arguments, options)`, where given, makes the calls instead.
local function new_reader(client, name, arguments, options, whole, make)
  local self = setmetatable({
    client = client, name = name, arguments = arguments, options = options, identity = identity_of(name), whole = whole,
    make = make,
    known = {}, reading = 0, idle = 0,
  }, Reader)
  self:rewind()
  return self
end

function Reader:rewind()
  self.query, self.overlap, self.last, self.read = copy(self.arguments), nil, nil, 0
  self.fresh, self.ended, self.reading = false, false, self.reading + 1
end

function Reader:id(item) return self.identity and item[self.identity] end

function Reader:fail(kind, message)
  return nil, errors.new { kind = kind, operation = self.name, message = message }
end

-- What tells one page from another.
local function keys_of(items)
  local keys = {}
  for i = 1, #items do
    local item = items[i]
    keys[i] = item.id or item.trunk_sid or item.name or i
  end
  return keys
end

local function are_same(keys, others)
  if not others or #keys ~= #others then return false end
  for i = 1, #keys do
    if keys[i] ~= others[i] then return false end
  end
  return true
end

local SAME_PAGE = "the service answered the same page twice"
local NOT_LATER = "the service's next page is not a later one"

-- Whether a page is nothing but its overlap: the service gives one entry at a time.
function Reader:only_overlaps(items) return self.overlap ~= nil and #items == 1 end

-- → nil, or why the pages would never end
local function complaint(self, items, info)
  local keys, least = keys_of(items), self.query.offset or 0
  if #items > 0 and are_same(keys, self.last) and not self:only_overlaps(items) then return SAME_PAGE end
  if self.overlap and #items > 1 then least = least + 1 end
  if info.next and info.next.offset <= least then return NOT_LATER end
  self.last = keys
end

-- What the next page is to begin with, or nil where offsets don't count entries. A page that was nothing but overlap
-- goes before one without.
function Reader:next_overlap(items, info)
  local counts = info.next.offset == (self.query.offset or 0) + #items
  return counts and #items > 0 and not self:only_overlaps(items) and self:id(items[#items]) or nil
end

-- Where the next page begins: one entry earlier than the service says where there is an overlap, beside which the page
-- needs room for another entry.
function Reader:turn_page(items, info)
  local next_page, query = info.next, self.query
  local size = next_page.page_size or query.page_size
  self.overlap = self:next_overlap(items, info)
  query.offset = self.overlap and next_page.offset - 1 or next_page.offset
  query.page_size = self.overlap and #items == 1 and math.max(size or 2, 2) or size
end

-- The list has changed: it is read again, as long as that brings entries that were not seen before.
function Reader:read_again(items)
  self.idle = self.fresh and 0 or self.idle + 1
  if self.idle <= REREADS then
    self:rewind()
    return {}, "again"
  end
  if are_same(keys_of(items), self.last) then return self:fail("protocol", SAME_PAGE) end
  return self:fail("conflict", "the list changed each time it was read")
end

-- → the entries from the `first` on that are to be given: each once
function Reader:take(items, first)
  local identity, known, reading, rest = self.identity, self.known, self.reading, {}
  for i = first, #items do
    local item = items[i]
    local id = identity and item[identity]
    local seen = id and known[id]
    if not seen or (self.whole and seen ~= reading) then rest[#rest + 1] = item end
    if id and not seen then self.fresh = true end
    if id then known[id] = reading end
  end
  return rest
end

-- The entries of the list so far against the total that the service names.
function Reader:finish(info)
  local total = tonumber(info.metadata and info.metadata.total)
  self.ended = true
  if total and self.read < total and not self.arguments.offset then
    self.short = ("the list ends after %d of %d entries"):format(self.read, total)
  end
end

-- To read a list of a closed client is misuse, and raises; not when it was closed meanwhile.
function Reader:fetch()
  local client, name = self.client, self.name
  if self.make then return self.make(name, self.query, self.options) end
  if self.begun then return request.make(client, name, self.query, self.options) end
  self.begun = true
  return client[name](client, self.query, self.options)
end

-- → the entries of the next page that were not given before, and "again" when the list is read from its beginning once
-- more; nil after the last page; or nil, err: called once more it fetches the same page again.
function Reader:page()
  if self.ended then return nil end
  local items, info = self:fetch()
  if not items then return nil, info end
  local overlap = self.overlap
  if overlap and (not items[1] or self:id(items[1]) ~= overlap) then return self:read_again(items) end
  local message = complaint(self, items, info)
  if message then return self:fail("protocol", message) end
  local first = overlap and 2 or 1
  self.read = self.read + #items - first + 1
  if info.next then self:turn_page(items, info) else self:finish(info) end
  return self:take(items, first)
end

-- Entries, each once -------------------------------------------------------------------------------------------------

local function incomplete(name, reason)
  return errors.new { kind = "protocol", operation = name, message = reason }
end

--- pages.new(client, operation, arguments [, options]) → a function that returns the items of the next page, nil after
-- the last, or nil, err; called once more after an err, it fetches the same page again. Each entry is returned once,
-- also when the list changes meanwhile. Pages that repeat, which would never end, and a list that is not complete are
-- an error of kind "protocol", a list that changes each time it is read one of kind "conflict".
function M.new(client, name, arguments, options)
  local reader = new_reader(client, name, arguments, options)
  return function()
    local items, err = reader:page()
    if items then return items end
    if err or not reader.short then return nil, err end
    err, reader.short = incomplete(name, reader.short), nil
    reader:rewind()
    return nil, err
  end
end

--- pages.each(client, operation, arguments) → an iterator over the items of all pages; raises the error object.
function M.each(client, name, arguments)
  local reader, items, index = new_reader(client, name, arguments), {}, 0
  return function()
    index = index + 1
    while items and not items[index] do
      local err
      items, err = reader:page()
      index = 1
      if not items and err then error(err, 0) end
    end
    return items and items[index]
  end
end

--- pages.all(client, operation, arguments [, options [, make]]) → an array of the items of all pages, and why it is
-- not complete, or nil; or nil, err. When the list changed meanwhile they are those of the last reading.
-- `make(operation, arguments, options)` → data, info, or nil, err: makes the calls, where the client isn't to make them
-- by itself.
function M.all(client, name, arguments, options, make)
  local reader = new_reader(client, name, arguments, options, true, make)
  local all = {}
  while true do
    local items, state = reader:page()
    if not items and state then return nil, state end
    if not items then return all, reader.short end
    if state == "again" then all = {} end
    for i = 1, #items do all[#all + 1] = items[i] end
  end
end

--- pages.complete(client, operation, arguments [, options [, make]]) → an array of all items, or nil, err: also when
-- the list is not complete, or the client was closed meanwhile. For what is decided by what a list doesn't hold.
function M.complete(client, name, arguments, options, make)
  if engine.closed(client) then return nil, request.cancelled(name) end
  local all, reason = M.all(client, name, arguments, options, make)
  if all and reason then return nil, incomplete(name, reason) end
  return all, reason
end

return M
