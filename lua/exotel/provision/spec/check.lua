--- Specifications checked without a service.
local advice = require "exotel.provision.spec.advice"
local files = require "exotel.provision.spec.files"
local problems = require "exotel.provision.spec.problems"
local reader = require "exotel.provision.spec.reader"

local M = {}

--- check.validate(specifications) → true, or nil when something is wrong; and an array of problems.
function M.validate(specifications)
  local list = reader.list(specifications)
  local all, reading = reader.examine(nil, specifications)
  advice.add(reading, list, all)
  local found = problems.of(list, reading.faults)
  return not problems.has_error(found) or nil, found
end

local function append(list, more)
  for _, item in ipairs(more) do list[#list + 1] = item end
end

-- → specifications, problems, and the order of the files by their names
local function load_each(paths)
  local specs, found, order = {}, {}, {}
  for i, path in ipairs(paths) do
    local loaded, wrong = files.load_some(path)
    local name = files.name(path)
    order[name] = order[name] or i
    append(specs, loaded)
    for _, err in ipairs(wrong) do found[#found + 1] = problems.of_file(err, name) end
  end
  return specs, found, order
end

--- check.load_all(paths) → the specifications of all files that can be read, and an array of problems.
function M.load_all(paths)
  local specs, found, order = load_each(paths)
  if #specs > 0 then append(found, select(2, M.validate(specs))) end
  return specs, problems.sort(found, order)
end

return M
