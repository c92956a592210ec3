--- The password of a credential. The service never shows it; a specification has it, or names a variable of the
-- environment that holds it.
local engine = require("exotel.core").engine
local errors = require "exotel.error"
local validation = require "exotel.resources.validation"

local M = {}

-- Stands for a password where only the other arguments are checked.
local SOME_PASSWORD = "x"

--- How a plan shows that a password is set anew.
M.before, M.after = "(set)", "(new)"

local function copy(entry)
  local result = {}
  for name, value in pairs(entry) do result[name] = value end
  return result
end

-- In a specification --------------------------------------------------------------------------------------------------

local function check_variable(entry, path)
  local variable = entry.password_env
  if variable == nil then return end
  local field, more = path .. ".password_env", { rule = "form", argument = "password_env" }
  if entry.password ~= nil then validation.raise(field, "and password exclude each other", more) end
  if type(variable) ~= "string" or not variable:find("^[%a_][%w_]*$") then
    validation.raise(field, "must be the name of an environment variable", more)
  end
end

--- password.checked_entry(entry, path) → the entry as the operations take it, with some password where it has none.
-- Raises when it has both a password and a variable, or what can't be the name of one.
function M.checked_entry(entry, path)
  check_variable(entry, path)
  local result = copy(entry)
  result.password_env = nil
  if result.password == nil then result.password = SOME_PASSWORD end
  return result
end

--- password.plain_entry(entry) → a copy without the password.
function M.plain_entry(entry)
  local result = copy(entry)
  result.password = nil
  return result
end

--- password.in_clear(item) → whether it stands in the specification itself.
function M.in_clear(item) return item.entry.password ~= nil end

--- password.is_missing(item) → whether the specification neither says it nor names a variable.
function M.is_missing(item) return item.entry.password == nil and item.entry.password_env == nil end

-- Sending it ----------------------------------------------------------------------------------------------------------

--- password.of(item) → the password, once it has been fetched where the specification names a variable.
function M.of(item) return item.password or item.entry.password end

local function config(item, message)
  return errors.new {
    kind = "config", operation = "provision", field = item.path .. ".password_env",
    message = ("the environment variable %s, the password of %s, %s"):format(item.entry.password_env, item.key,
      message),
  }
end

-- → the variable's value, or nil, err
local function read_variable(client, item)
  local value = os.getenv(item.entry.password_env)
  if value == nil or value == "" then return nil, config(item, "is not set") end
  local arguments = { trunk_sid = "trunk", id = "1", password = value }
  local good, _, message = engine.check(client, "update_credential", arguments)
  if not good then return nil, config(item, message) end
  return value
end

--- password.fault(client, item) → nil, or err of kind "config": the specification names a variable that can't be used.
function M.fault(client, item)
  if item.entry.password_env == nil then return nil end
  local _, err = read_variable(client, item)
  return err
end

--- password.fetch(client, item) → nil, or err of kind "config". Reads the variable, where the specification names one,
-- and keeps its value in the item.
function M.fetch(client, item)
  if item.entry.password_env == nil or item.password ~= nil then return nil end
  local err
  item.password, err = read_variable(client, item)
  return err
end

return M
