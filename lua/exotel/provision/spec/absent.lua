--- A specification that says of a trunk only that there must be none.
local validation = require "exotel.resources.validation"

local M = {}

local raise = validation.raise

-- Only what names the trunk may stand beside `absent`.
local BESIDE = { trunk_name = true, trunk_sid = true, absent = true }

local function check_absent(spec, prefix)
  if spec.absent ~= true then raise(prefix .. "absent", "must be true, or left out") end
  for key in pairs(spec) do
    if not BESIDE[key] then raise(prefix .. tostring(key), "can't stand beside absent, which removes the trunk") end
  end
  if spec.trunk_name == nil and spec.trunk_sid == nil then
    raise(prefix .. "absent", "needs a trunk_name or a trunk_sid beside it")
  end
end

-- A name that breaks the rules may be that of a trunk that exists all the same; none has to be without one.
local function check_names(spec, prefix)
  for _, name in ipairs { "trunk_name", "trunk_sid" } do
    local value = spec[name]
    if value ~= nil and type(value) ~= "string" then raise(prefix .. name, "must be a string") end
    if value == "" then raise(prefix .. name, "is empty") end
  end
end

--- absent.read_trunk(spec, prefix) → what is desired of its trunk, as the reader has it; raises what is wrong.
function M.read_trunk(spec, prefix)
  check_absent(spec, prefix)
  check_names(spec, prefix)
  return {
    fields = { trunk_name = spec.trunk_name }, invalid = {}, trunk_sid = spec.trunk_sid, as_is = {}, absent = true,
  }
end

return M
