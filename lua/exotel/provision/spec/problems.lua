--- What is wrong with specifications, for people and programs: faults of a reading, each with its place.
local errors = require "exotel.error"
local origin = require "exotel.provision.source.origin"
local plain = require "exotel.text.plain"

local M = {}

-- Words ---------------------------------------------------------------------------------------------------------------

-- What a rule calls a thing of Lua, and what JSON calls it: the longer first.
local IN_JSON = {
  { "a table of name = value", "an object of names and values" }, { "a table with named fields", "an object" },
  { "a list of tables", "an array of objects" }, { "a list, and has a name in it: .*", "an array" },
  { "a list", "an array" },
  { "a table", "an object" },
}

-- Behind a quotation mark stands what somebody else has written.
local function in_json(text)
  local own, others = text:match('^([^"]*)(.*)$')
  for _, pair in ipairs(IN_JSON) do own = own:gsub(pair[1], pair[2]) end
  return own .. others
end

-- Places --------------------------------------------------------------------------------------------------------------

local function place_of(problem)
  if not problem.file then return "" end
  return problem.file .. ":" .. (problem.line and problem.line .. ":" or "") .. " "
end

local metatable = { __name = "exotel.provision.problem" }

-- One line: file, line, level, trunk, message.
function metatable.__tostring(problem)
  local level = problem.level and problem.level .. ": " or ""
  local name = problem.trunk_name or problem.index
  local trunk = name and ("trunk %s: "):format(name) or ""
  return plain(place_of(problem) .. level .. trunk .. problem.message)
end

local function name_of(spec)
  local name = type(spec) == "table" and spec.trunk_name
  return type(name) == "string" and name ~= "" and name or nil
end

-- Where else it stands, of what stands twice.
local function other_place(spec, path)
  local file, name = origin.file(spec), name_of(spec)
  local line = file and origin.line(spec, path)
  if line then return (" (also %s:%d)"):format(file.name, line) end
  if file then return (" (also in %s)"):format(file.name) end
  return name and (" (also of the trunk %s)"):format(name) or ""
end

--- problems.new(specs, fault) → a problem, as exotel.provision.Problem has it. A fault may have `level` ("error"
-- otherwise), `line` where it knows it, and `other`, the index of a specification that says the same, with
-- `other_path`.
function M.new(specs, fault)
  local spec = specs[fault.trunk]
  local file = origin.file(spec)
  local text = file and file.form == "json" and in_json(fault.text) or fault.text
  local message = fault.path ~= "" and fault.path .. " " .. text or text
  if fault.other then message = message .. other_place(specs[fault.other], fault.other_path or fault.path) end
  return setmetatable({
    level = fault.level or "error", rule = fault.rule, message = message, file = file and file.name or nil,
    line = fault.line or file and origin.line(spec, fault.path) or nil, trunk_name = name_of(spec),
    index = origin.index(spec) or not file and #specs > 1 and fault.trunk or nil,
    path = fault.path, field = fault.field, suggestion = fault.suggestion,
  }, metatable)
end

-- The message of a file's error begins with its name, and its line.
local function without_place(message, name)
  if message:sub(1, #name + 1) ~= name .. ":" then return message end
  return (message:sub(#name + 2):gsub("^%d+:", ""):gsub("^ ", ""))
end

--- problems.of_file(err, name) → the one problem of a file that provision.load refuses.
function M.of_file(err, name)
  return setmetatable({
    level = "error", rule = "file", message = without_place(err.message, name), file = name, line = err.line,
  }, metatable)
end

-- All of them ---------------------------------------------------------------------------------------------------------

-- The order of files in which they come first.
local function file_order(list)
  local order, count = {}, 0
  for _, problem in ipairs(list) do
    local file = problem.file or ""
    if not order[file] then count, order[file] = count + 1, count end
  end
  return order
end

--- problems.sort(problems [, order]) → the same array: by file, then by line; without a line, last. `order`: numbers by
-- the files' names.
function M.sort(list, order)
  local keys = {}
  order = order or file_order(list)
  for i, one in ipairs(list) do keys[one] = { order[one.file or ""] or math.huge, one.line or math.huge, i } end
  table.sort(list, function(a, b)
    local k, one, other = 1, keys[a], keys[b]
    while k < 3 and one[k] == other[k] do k = k + 1 end
    return one[k] < other[k]
  end)
  return list
end

--- problems.of(specs, faults) → an array of problems. `specs`: an array of specifications.
function M.of(specs, faults)
  local list = {}
  for i, fault in ipairs(faults) do list[i] = M.new(specs, fault) end
  return M.sort(list)
end

--- problems.has_error(problems) → whether one of them is more than a warning.
function M.has_error(list)
  for _, problem in ipairs(list) do
    if problem.level == "error" then return true end
  end
  return false
end

--- problems.error(specs, faults, first) → the error of a plan: it has the field and the message of the first one that
-- keeps from planning, and all `problems`.
function M.error(specs, faults, first)
  local list, place = M.of(specs, faults), M.new(specs, first)
  local more = #list > 1 and (" (and %d more)"):format(#list - 1) or ""
  return errors.new {
    kind = "invalid_argument", operation = "provision", field = first.field, message = place_of(place) .. first.message
      .. more, file = place.file, line = place.line, problems = list,
  }
end

return M
