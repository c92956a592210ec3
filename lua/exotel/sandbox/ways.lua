--- Ways in which the service may be other than its documents say, or in which these contradict each other: what a test
-- has the sandbox do instead. Nothing says that the service does so, unless it is marked.

local routes = require "exotel.sandbox.routes"
local rules = require "exotel.sandbox.rules"

local ways = {}

local function one_of(...)
  local allowed, words = {}, {}
  for i, value in ipairs({ ... }) do allowed[value], words[i] = true, tostring(value) end
  return { table.concat(words, " or "), function(value) return allowed[value] == true end }
end

local function list_of(what, is_item)
  return { "a list of " .. what, function(value)
    if type(value) ~= "table" then return false end
    for key, item in pairs(value) do
      if type(key) ~= "number" or not is_item(item) then return false end
    end
    return true
  end }
end

local function is_updatable(value)
  for _, name in ipairs(rules.updatable) do
    if name == value then return true end
  end
  return false
end

local function is_field(value) return rules.fields[value] ~= nil end

local REFUSED = { "a table of patterns by field", function(value)
  if type(value) ~= "table" then return false end
  for name, pattern in pairs(value) do
    if not is_field(name) or type(pattern) ~= "string" then return false end
  end
  return true
end }

-- By name: what the value should be, and a function that checks it.
local KNOWN = {
  duplicates = one_of("in 200", "409", "made"),
  ids = one_of("strings", "numbers"),
  errors = one_of("envelope", "RestException", "flat", "details"),
  unknown_trunk = one_of(404, 403),
  ignored_fields = list_of("fields of update_trunk: " .. table.concat(rules.updatable, ", "), is_updatable),
  unchecked_fields = list_of("fields", is_field),
  refused_values = REFUSED,
  whitelist_first = one_of(true, false),
  repeated_destinations = one_of("appended", "merged", "refused"),
  partial_status = one_of(207, 200),
  any_content_type = one_of(true, false),
  repeated_removal = one_of(404, 200),
  missing_operations = list_of("operations", function(value) return routes.operations[value] == true end),
}

--- The checks of two that are also options of sandbox.start.
ways.unknown_trunk, ways.ignored_fields = KNOWN.unknown_trunk, KNOWN.ignored_fields

--- Checks ways as a test gives them. Raises a message that names what is wrong.
function ways.check(given)
  if type(given) ~= "table" then error(("behave: needs a table, not a %s"):format(type(given)), 0) end
  for name, value in pairs(given) do
    local rule = KNOWN[name]
    if not rule then error(("behave: unknown way '%s'"):format(tostring(name)), 0) end
    if not rule[2](value) then error(("behave: %s should be %s"):format(name, rule[1]), 0) end
  end
end

local SETS = { "ignored_fields", "unchecked_fields", "missing_operations" }

local function set_of(list)
  local set = {}
  for _, value in ipairs(list or {}) do set[value] = true end
  return set
end

--- → the ways as the service looks at them, complete: those given, and what is documented. Lists are sets.
function ways.complete(given)
  local all = {
    duplicates = "in 200", ids = "strings", errors = "envelope", unknown_trunk = 404, refused_values = {},
    whitelist_first = true, repeated_destinations = "appended", partial_status = 207, repeated_removal = 404,
  }
  for name, value in pairs(given) do all[name] = value end
  for _, name in ipairs(SETS) do all[name] = set_of(given[name]) end
  return all
end

return ways
