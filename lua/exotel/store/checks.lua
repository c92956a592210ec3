--- Arguments of the stores' methods: a wrong one is misuse, and raises at the caller's line.
local M = {}

local function refuse(method, what, level) error(("%s takes %s"):format(method, what), level + 1) end

local function is_whole(value, least)
  return type(value) == "number" and value >= least and value == math.floor(value)
end

--- Of store:lease; `level` counts as error's does.
function M.lease(account, limit, wanted, level)
  if type(account) ~= "string" or account == "" then refuse("lease", "the account's name first", level + 1) end
  if not is_whole(limit, 1) then refuse("lease", "the limit second: a whole number of at least 1", level + 1) end
  if is_whole(wanted, 0) then return end
  refuse("lease", "third how many are wanted: a whole number of at least 0", level + 1)
end

local function is_seconds(value) return type(value) == "number" and value > 0 and value <= 86400 end

--- Of store:lock.
function M.lock(name, seconds, level)
  if type(name) ~= "string" or name == "" then refuse("lock", "a name first", level + 1) end
  M.seconds("lock", seconds, level + 1)
end

--- How long a lock is to be held.
function M.seconds(method, seconds, level)
  if not is_seconds(seconds) then refuse(method, "seconds, more than 0 and at most 86400", level + 1) end
end

--- The options of a store; `types`: by name.
function M.options(options, types, level)
  if type(options) ~= "table" then error("a store takes a table of options", level + 1) end
  for name, value in pairs(options) do
    if not types[name] then error(("bad option '%s' (unknown)"):format(tostring(name)), level + 1) end
    if type(value) ~= types[name] then error(("bad option '%s' (%s expected)"):format(name, types[name]), level + 1) end
  end
end

return M
