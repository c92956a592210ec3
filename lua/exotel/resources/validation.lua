--- What is wrong with specifications, found by the rules of the operations that they will need. A reading collects all
-- of it: { client (or nil: by the rules), faults }. A fault is an error object with `path` (its name in its
-- specification), `text` (the message without the path), `rule`, `suggestion`, `trunk` (the index of the specification)
-- and `by_value`: only the rule of a value is broken.
local core = require "exotel.core"
local errors = require "exotel.error"
local suggest = require "exotel.text.suggest"

local M = {}

-- Stands for the trunk's sid where only the other arguments are checked.
local SOME_TRUNK = "trunk"

-- Faults --------------------------------------------------------------------------------------------------------------

--- validation.fault(field, text, more) → a fault. `more`: its other fields; the rule is "value" unless they say.
function M.fault(field, text, more)
  local fields = {
    kind = "invalid_argument", operation = "provision", field = field, message = field .. " " .. text, text = text,
    rule = "value",
  }
  for name, value in pairs(more or {}) do fields[name] = value end
  return errors.new(fields)
end

--- validation.raise(field, text, more): raises a fault, which ends the reading of what validation.attempt reads.
function M.raise(field, text, more) error(M.fault(field, text, more), 0) end

-- Readings ------------------------------------------------------------------------------------------------------------

--- validation.reading(client) → a reading that has found nothing yet; `prefix` and `trunk` are those of the
-- specification that is read.
function M.reading(client) return { client = client, faults = {}, prefix = "", trunk = 1 } end

--- validation.note(reading, fault): takes a fault down.
function M.note(reading, fault)
  local has_prefix = fault.field:sub(1, #reading.prefix) == reading.prefix
  fault.path = has_prefix and fault.field:sub(#reading.prefix + 1) or fault.field
  fault.trunk = fault.trunk or reading.trunk
  reading.faults[#reading.faults + 1] = fault
end

--- validation.attempt(reading, action, …) → what action(…) returns, or nil when it raised a fault, which is taken down.
function M.attempt(reading, action, ...)
  local good, result = pcall(action, ...)
  if good then return result end
  if not errors.is(result) then error(result, 0) end
  M.note(reading, result)
end

--- validation.note_all(reading, faults)
function M.note_all(reading, faults)
  for _, fault in ipairs(faults) do M.note(reading, fault) end
end

-- Names ---------------------------------------------------------------------------------------------------------------

local function sorted(names)
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  return names
end

-- A specification has too many names to list.
local function unknown_text(name, known, meant, where)
  if meant then return ("is unknown%s: did you mean %s?"):format(where, meant) end
  if type(name) ~= "string" then return ("is unknown%s: a name is expected"):format(where) end
  return where ~= "" and "is unknown" .. where or ("is unknown (known: %s)"):format(table.concat(known, ", "))
end

-- Looking for what is meant takes time, which a file of nonsense isn't worth.
local MOST_SUGGESTIONS = 100

local function what_is_meant(name, known, words)
  return type(name) == "string" and (words[name:lower()] or suggest.meant(name, known)) or nil
end

local function field_of(path, name)
  if type(name) ~= "number" and name ~= "" then return path .. tostring(name) end
  return ("%s[%s]"):format((path:gsub("%.$", "")), name == "" and '""' or tostring(name))
end

--- validation.take_unknown(reading, given, known, settings): takes down every name in `given` that isn't in the array
-- `known`, and takes it out. `settings`: { path (before the name), where (added to "is unknown"), words (a table of
-- what others call a known name) }
function M.take_unknown(reading, given, known, settings)
  local unknown, is_known = {}, {}
  for _, name in ipairs(known) do is_known[name] = true end
  for name in pairs(given) do
    if not is_known[name] then unknown[#unknown + 1] = name end
  end
  for i, name in ipairs(sorted(unknown)) do
    local meant = i <= MOST_SUGGESTIONS and what_is_meant(name, known, settings.words) or nil
    local text = unknown_text(name, known, meant, settings.where)
    M.note(reading, M.fault(field_of(settings.path, name), text, { rule = "unknown", suggestion = meant }))
    given[name] = nil
  end
end

-- Values --------------------------------------------------------------------------------------------------------------

-- The fault of an argument that the engine refuses.
local function refused(name_of, argument, text, by_value)
  local more = { argument = argument, by_value = by_value or nil, rule = by_value and "value" or "form" }
  return M.fault(name_of(argument), text, more)
end

--- validation.check(reading, operation, arguments, name_of) → nil, or the fault of a value that breaks its own rule. It
-- matters only when the value has to be sent, since the service may hold values that the rules forbid. Raises the fault
-- of an unknown or missing argument and of a wrong type. `name_of(argument)`: what the specification calls it.
function M.check(reading, operation, arguments, name_of)
  local good, argument, text, by_value = core.engine.check(reading.client, operation, arguments)
  if good then return nil end
  local fault = refused(name_of, argument, text, by_value)
  if not by_value then error(fault, 0) end
  return fault
end

--- validation.check_on_trunk(reading, operation, arguments, name_of): the same for arguments that lack the trunk's sid.
function M.check_on_trunk(reading, operation, arguments, name_of)
  local all = { trunk_sid = SOME_TRUNK }
  for name, value in pairs(arguments) do all[name] = value end
  return M.check(reading, operation, all, name_of)
end

local function with_suggestion(fault, value, choices)
  local meant = choices and type(value) == "string" and suggest.nearest(value, choices) or nil
  if not meant then return fault end
  local more = { rule = fault.rule, by_value = fault.by_value, argument = fault.argument, suggestion = meant }
  return M.fault(fault.field, ("%s: did you mean %s?"):format(fault.text, meant), more)
end

local function shallow_copy(fields)
  local copy = {}
  for name, value in pairs(fields) do copy[name] = value end
  return copy
end

-- → nil, or the fault that check(fields) returns or raises
local function fault_of(check, fields)
  local good, fault = pcall(check, fields)
  if not good and not errors.is(fault) then error(fault, 0) end
  return fault
end

-- What is refused is replaced by its example, until nothing is. → the names of fields that are refused, in the order in
-- which they were; the fields with the examples; or a fault that is of no field
local function find_refused(fields, check, examples)
  local names, seen, rest = {}, {}, shallow_copy(fields)
  while true do
    local fault = fault_of(check, rest)
    if not fault then return names, rest end
    local name = fault.argument and fault.argument:match("[%w_]+$")
    if not name or seen[name] then return names, nil, fault end
    names[#names + 1], seen[name], rest[name] = name, true, examples[name]
  end
end

--- validation.check_fields(fields, check, kind) → an array of the faults of values, and one of all others: each field
-- has its own. check(fields) answers as validation.check does. `kind` has `examples`, values of the fields that can't
-- be left out, and `choices`, of some fields all values that they can have.
function M.check_fields(fields, check, kind)
  local names, good, whole = find_refused(fields, check, kind.examples)
  if whole then return {}, { whole } end
  local by_value, others = {}, {}
  for _, name in ipairs(names) do
    local one = shallow_copy(good)
    one[name] = fields[name]
    local fault = with_suggestion(fault_of(check, one), fields[name], kind.choices[name])
    table.insert(fault.by_value and by_value or others, fault)
  end
  return by_value, others
end

-- Forms ---------------------------------------------------------------------------------------------------------------

--- validation.given(fields) → a copy without those that are JSON null, which is the same as not given.
function M.given(fields)
  local copy = {}
  for name, value in pairs(fields) do
    if value ~= core.null then copy[name] = value end
  end
  return copy
end

local function refuse_form(path, text) M.raise(path, text, { rule = "form" }) end

-- → the first index below `count` that is missing, or nil
local function first_hole(value, count)
  for i = 1, count do
    if value[i] == nil then return i end
  end
end

--- validation.list(value, path) → the value. Raises unless it is an array.
function M.list(value, path)
  if type(value) ~= "table" then refuse_form(path, "must be a list") end
  local count = 0
  for index in pairs(value) do
    count = count + 1
    if type(index) ~= "number" then refuse_form(path, "must be a list, and has a name in it: " .. tostring(index)) end
  end
  local hole = first_hole(value, count)
  if hole then refuse_form(path, ("must be a list without holes: [%d] is missing"):format(hole)) end
  return value
end

return M
