--- The passwords of credentials: when one is needed, and where it comes from.
local engine = require("exotel.core").engine
local errors = require "exotel.error"

local M = {}

--- passwords.needed(step) → whether the step sends a password: a credential is made, or its password set anew.
function M.needed(step)
  return step.resource == "credential" and not step.present and (step.action == "add" or step.rotates or false)
end

--- passwords.lacking(step) → whether it needs one, and the specification says nothing of any.
function M.lacking(step)
  return M.needed(step) and step.want.password == nil and step.want.password_env == nil
end

local function complain(want, message)
  return errors.new {
    kind = "config", operation = "provision", field = want.place .. ".password_env",
    message = ("the environment variable %s, the password of %s, %s"):format(want.password_env, want.key, message),
  }
end

--- passwords.fetch(client, step) → nil, or err of kind "config". Takes the password of a step that needs one from the
-- environment, where the specification says so, into what is wanted; from then on it is known there.
function M.fetch(client, step)
  local want = step.want
  if not M.needed(step) or want.password ~= nil or want.password_env == nil then return nil end
  local value = os.getenv(want.password_env)
  if value == nil or value == "" then return complain(want, "is not set") end
  local arguments = { trunk_sid = "trunk", id = "1", password = value }
  local good, _, message = engine.check(client, "update_credential", arguments)
  if not good then return complain(want, message) end
  want.password = value
end

--- passwords.fetch_all(client, steps) → nil, or the first err.
function M.fetch_all(client, steps)
  for _, step in ipairs(steps) do
    local err = M.fetch(client, step)
    if err then return err end
  end
end

return M
