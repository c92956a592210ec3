--- What is wrong with specifications beside the rules of their values: with each other, and within one. It asks no
-- service, so what that may have is nothing that can be judged here.
local kinds = require "exotel.resources.kinds"
local needs = require "exotel.resources.needs"
local origin = require "exotel.provision.source.origin"
local validation = require "exotel.resources.validation"

local M = {}

-- Takes down what is wrong with an item. `more` has `level`, `rule` and others of a fault.
local function note(reading, trunk, path, text, more)
  reading.trunk, reading.prefix = trunk, ""
  validation.note(reading, validation.fault(path, text, more))
end

local function local_path(item) return (item.path:gsub("^specifications%[%d+%]%.", "")) end

-- On two trunks, or twice on one in two spellings ---------------------------------------------------------------------

local function name_of(desired) return desired.trunk.fields.trunk_name end

local function note_second(reading, all, i, item, first)
  local path, more = local_path(item), { other = first.trunk, other_path = first.path }
  if first.trunk == i then
    more.rule = "twice"
    return note(reading, i, path, ("stands in the specification twice: %s is the same number"):format(first.key), more)
  end
  local name = name_of(all[first.trunk])
  if name == name_of(all[i]) then return end
  more.rule = "number_twice"
  note(reading, i, path, ("is %s, which can be on one trunk only, and is on %s, too"):format(item.key, tostring(name)),
    more)
end

-- However they are written, the same digits are one number.
local function note_numbers(reading, all, count, kind)
  local first = {}
  for i = 1, count do
    for _, item in ipairs(all[i] and all[i][kind.name] or {}) do
      local digits = item.key:gsub("%D", ""):gsub("^0+", "")
      if first[digits] then note_second(reading, all, i, item, first[digits]) end
      if digits ~= "" then first[digits] = first[digits] or { trunk = i, path = local_path(item), key = item.key } end
    end
  end
end

-- What needs something else -------------------------------------------------------------------------------------------

-- What can't be read may be what is needed.
local function is_readable(reading, trunk, list)
  for _, fault in ipairs(reading.faults) do
    if fault.trunk == trunk and fault.path:sub(1, #list) == list then return false end
  end
  return true
end

local function note_unmet(reading, i, desired, kind, item)
  if item.as_is or item.invalid or not needs.unmet(kind, item, desired) then return end
  local list, path = kind.needs.kind.spec_key, local_path(item)
  if desired[kind.needs.kind.name].managed then
    return note(reading, i, path, kind.needs.lack .. " in this specification", { rule = kind.needs.rule })
  end
  note(reading, i, path, ("is on an IP, and there are no %s here: it works if the trunk has it"):format(list),
    { level = "note", rule = kind.needs.rule })
end

local function note_needs(reading, i, desired, kind)
  if not is_readable(reading, i, kind.needs.kind.spec_key) then return end
  for _, item in ipairs(desired[kind.name]) do note_unmet(reading, i, desired, kind, item) end
end

-- Passwords -----------------------------------------------------------------------------------------------------------

local function note_password(reading, i, item, password)
  local path = local_path(item)
  if password.is_missing(item) then
    local text = "has neither password nor password_env: it can't be made, only left as it is"
    return note(reading, i, path, text, { level = "warning", rule = "password" })
  end
  local err = password.fault(nil, item)
  if not err then return end
  local text = "can't be used here: " .. err.message
  note(reading, i, path .. ".password_env", text, { level = "note", rule = "password" })
end

-- All of it -----------------------------------------------------------------------------------------------------------

local function note_remark(reading, i, kind, item)
  local text, meant = kind.remark(item)
  if text then note(reading, i, local_path(item), text, { level = "warning", rule = "value", suggestion = meant }) end
end

local function note_trunk(reading, i, desired)
  for _, kind in ipairs(kinds.as_written) do
    if kind.needs then note_needs(reading, i, desired, kind) end
    for _, item in ipairs(desired[kind.name]) do
      if kind.password then note_password(reading, i, item, kind.password) end
      if not item.invalid then note_remark(reading, i, kind, item) end
    end
  end
end

local function note_twice(reading, i, spec)
  for _, one in ipairs(origin.twice(spec)) do
    local text = ("stands twice in one table, which keeps one of them only: also in line %d"):format(one.first_line)
    note(reading, i, one.path, text, { rule = "twice", line = one.line })
  end
end

--- advice.add(reading, specs, all): takes down what is wrong with an array of specifications beside their values.
-- `all`: what is desired, as reader.examine gives it.
function M.add(reading, specs, all)
  for _, kind in ipairs(kinds.all) do
    if kind.one_trunk then note_numbers(reading, all, #specs, kind) end
  end
  for i, spec in ipairs(specs) do
    if all[i] then note_trunk(reading, i, all[i]) end
    note_twice(reading, i, spec)
  end
end

return M
