--- The trunks of the specifications that a plan is about, and those that the option `only` leaves out.
local errors = require "exotel.error"

local M = {}

--- subset.title(desired) → what the trunk of a specification is called: one that is to be absent may have no name
-- there.
function M.title(desired) return desired.trunk.fields.trunk_name or desired.trunk.trunk_sid end

local function is_named(desired, names)
  return names[desired.trunk.fields.trunk_name or false] or names[desired.trunk.trunk_sid or false] or false
end

local function has_name(desired_trunks, name)
  for _, desired in ipairs(desired_trunks) do
    if is_named(desired, { [name] = true }) then return true end
  end
  return false
end

local function titles(desired_trunks)
  local names = {}
  for i, desired in ipairs(desired_trunks) do names[i] = M.title(desired) end
  return table.concat(names, ", ")
end

local function unknown(desired_trunks, name)
  return errors.new {
    kind = "invalid_argument", operation = "provision", field = "only",
    message = ("only names %s, which is no trunk of the specification: that has %s"):format(name,
      titles(desired_trunks)),
  }
end

--- subset.split(desired_trunks, only) → those that a plan is about, those that are left out; or nil, err: one of the
-- names is unknown. `only`: a set of names or sids, or nil for all trunks.
function M.split(desired_trunks, only)
  local chosen, left_out = {}, {}
  for name in pairs(only or {}) do
    if not has_name(desired_trunks, name) then return nil, unknown(desired_trunks, name) end
  end
  for _, desired in ipairs(desired_trunks) do
    local list = (not only or is_named(desired, only)) and chosen or left_out
    list[#list + 1] = desired
  end
  return chosen, left_out
end

return M
