--- The items of a specification: what it says of one kind of resource, entry by entry, in long form and checked. Items
-- are an array with `by_key` and `managed` (the specification has the whole list); each is { key, fields, entry, path
-- (its name in the specification), invalid (the fault of a value, or nil), as_is (true: its values are left to the
-- service, whatever the rules say) }. What is wrong is taken down by the reading, see resources.validation.
local copies = require "exotel.resources.copies"
local json = require "exotel.json"
local validation = require "exotel.resources.validation"

local M = {}

-- Reading -------------------------------------------------------------------------------------------------------------

--- items.new(managed) → no items yet.
function M.new(managed) return { by_key = {}, managed = managed } end

--- items.add(reading, items, kind, entry, path, invalid, as_is): raises when they have one of the same key. `invalid`:
-- the fault of a value, or nil; one stands for all when the values have to be sent.
function M.add(reading, items, kind, entry, path, invalid, as_is)
  local fields = kind.fields(entry)
  local key = kind.key(fields)
  local first = items.by_key[key]
  if first then
    local text = ("stands in the specification twice: %s is %s, too"):format(key, first.path:sub(#reading.prefix + 1))
    validation.raise(path, text, { rule = "twice" })
  end
  local item = { key = key, fields = fields, entry = entry, path = path, invalid = invalid, as_is = as_is }
  items.by_key[key] = item
  items[#items + 1] = item
end

-- An entry in its long form: a string is short for a table with the one field that names it.
local function long_form(kind, entry, path)
  if type(entry) == "string" and kind.short then return { [kind.short] = entry } end
  if type(entry) ~= "table" then
    validation.raise(path, kind.short and "must be a string or a table" or "must be a table", { rule = "form" })
  end
  return validation.given(entry)
end

-- Takes the mark off an entry. → true, or nil
local function take_mark(entry, path)
  local as_is = entry.as_is
  if as_is ~= nil and as_is ~= true then
    validation.raise(path .. ".as_is", "must be true, or left out", { rule = "form" })
  end
  entry.as_is = nil
  return as_is
end

--- items.namer(path, short) → a function that gives an argument the name it has in the specification. `short`: the
-- entry is a string, which stands for all of its arguments.
function M.namer(path, short)
  return function(argument)
    if argument == "" or short then return path end
    return path .. "." .. argument
  end
end

--- kind:check_entry of a kind whose entries are the arguments of `add`.
function M.check_entry(kind, reading, entry, path, short)
  return validation.check_on_trunk(reading, kind.add, entry, M.namer(path, short))
end

local function take_unknown(kind, reading, entry, path)
  local known = { "as_is" }
  for i = #kind.entry_names, 1, -1 do table.insert(known, 1, kind.entry_names[i]) end
  validation.take_unknown(reading, entry, known, { path = path .. ".", where = "", words = kind.words })
end

local function read_entry(kind, reading, items, one, path)
  local short = type(one) == "string"
  local entry = long_form(kind, one, path)
  take_unknown(kind, reading, entry, path)
  local as_is = validation.attempt(reading, take_mark, entry, path)
  entry.as_is = nil
  kind.normalize(entry, path)
  local faults, others = validation.check_fields(entry, function(fields)
    return kind:check_entry(reading, fields, path, short)
  end, kind)
  if as_is then faults = {} end
  validation.note_all(reading, faults)
  validation.note_all(reading, others)
  if #others == 0 then M.add(reading, items, kind, entry, path, faults[1], as_is) end
end

--- kind:read_entries of a kind that has a list.
function M.read_list(kind, reading, spec, prefix)
  local given, list_path = spec[kind.spec_key], prefix .. kind.spec_key
  local items = M.new(given ~= nil)
  if given == nil then return items end
  for i, one in ipairs(validation.attempt(reading, validation.list, given, list_path) or {}) do
    validation.attempt(reading, read_entry, kind, reading, items, one, ("%s[%d]"):format(list_path, i))
  end
  return items
end

-- Writing -------------------------------------------------------------------------------------------------------------

--- items.mark_value(spec, name): a value that is no entry of a list is left to the service.
function M.mark_value(spec, name)
  spec.as_is = spec.as_is or json.array {}
  table.insert(spec.as_is, name)
end

local function marked(entry)
  local copy = { as_is = true }
  for name, value in pairs(entry) do copy[name] = value end
  return copy
end

--- kind:write_entries of a kind that has a list.
function M.write_list(kind, spec, items)
  if not items.managed then return end
  local list = json.array {}
  for i, item in ipairs(items) do
    local entry = kind.plain_entry(item.entry)
    list[i] = item.as_is and marked(entry) or entry
  end
  spec[kind.spec_key] = list
end

--- kind:mark_as_is of a kind that has a list.
function M.mark_in_list(kind, spec, items, i) spec[kind.spec_key][i] = marked(kind.plain_entry(items[i].entry)) end

--- kind:export_entries of a kind that has a list: by key, so that the same state always makes the same text; of several
-- under one key the one with the lowest id, which stays.
function M.export_list(kind, existing)
  local keys, by_key = {}, copies.staying(kind, existing)
  for key in pairs(by_key) do keys[#keys + 1] = key end
  table.sort(keys)
  local list = json.array {}
  for i, key in ipairs(keys) do list[i] = kind.export_entry(by_key[key], kind.fields(by_key[key])) end
  return list
end

return M
