--- A specification that says of a trunk only that there must be none.
local validation = require "exotel.resources.validation"

local M = {}

local attempt, raise = validation.attempt, validation.raise

-- Only what names the trunk may stand beside `absent`.
local BESIDE = { trunk_name = true, trunk_sid = true, absent = true }

local function check_beside(key, prefix)
  if not BESIDE[key] then raise(prefix .. tostring(key), "can't stand beside absent, which removes the trunk") end
end

local function check_named(spec, prefix)
  if spec.trunk_name == nil and spec.trunk_sid == nil then
    raise(prefix .. "absent", "needs a trunk_name or a trunk_sid beside it")
  end
end

-- A name that breaks the rules may be that of a trunk that exists all the same; none has to be without one.
local function check_name(value, path)
  if value ~= nil and type(value) ~= "string" then raise(path, "must be a string") end
  if value == "" then raise(path, "is empty") end
end

local function check_mark(spec, prefix)
  if spec.absent ~= nil and spec.absent ~= true then raise(prefix .. "absent", "must be true, or left out") end
end

--- absent.is(reading, spec, prefix) → whether the specification says so. Takes down what is neither.
function M.is(reading, spec, prefix)
  attempt(reading, check_mark, spec, prefix)
  return spec.absent == true
end

--- absent.read_trunk(reading, spec, prefix) → what is desired of its trunk, as the reader has it. Takes down what is
-- wrong; what stands beside it is not read any further.
function M.read_trunk(reading, spec, prefix)
  for key in pairs(spec) do attempt(reading, check_beside, key, prefix) end
  attempt(reading, check_named, spec, prefix)
  for _, name in ipairs { "trunk_name", "trunk_sid" } do attempt(reading, check_name, spec[name], prefix .. name) end
  return {
    fields = { trunk_name = spec.trunk_name }, invalid = {}, trunk_sid = spec.trunk_sid, as_is = {}, absent = true,
  }
end

return M
