--- Which store the command shares the account's rate limit and lock in: EXOTEL_STORE, else `store` of the profile, else
-- a file of this user's.
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local redis = require "exotel.cli.redis"
local store = require "exotel.store"

local M = {}

local FORMS = "redis://host:port, the absolute path of a file, or off"

-- Reading it; nothing that may hold a password is shown ---------------------------------------------------------------

local function unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function bad_url(name)
  errors.config("%s is no URL of a Redis: redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER]", name)
end

local function port_of(text, name)
  local port = text == "" and 6379 or tonumber(text:match("^:(%d+)$") or "")
  if not port or port < 1 or port > 65535 then bad_url(name) end
  return port
end

-- → user, password
local function credentials_of(text)
  local user, password = text:match("^([^:]*):(.*)$")
  if not password then return nil, text ~= "" and unescape(text) or nil end
  return user ~= "" and unescape(user) or nil, unescape(password)
end

local function read_url(rest, name)
  local place, database = rest:match("^([^/]*)/?(%d*)$")
  local credentials, address = (place or ""):match("^(.*)@(.-)$")
  address = address or place
  local host, port = (address or ""):match("^%[([%x:.]+)%](.*)$")
  if not host then host, port = (address or ""):match("^([%w%-._]+)(.*)$") end
  if not host then bad_url(name) end
  local user, password = credentials_of(credentials or "")
  return { host = host, port = port_of(port, name), user = user, password = password,
    database = database ~= "" and database or nil }
end

-- Making it -----------------------------------------------------------------------------------------------------------

local function open_file(path)
  return errors.assert(store.file { path = path })
end

local function open_redis(rest, name)
  local options = read_url(rest, name)
  return store.redis { connect = function() return redis.connect(options) end }
end

local function open_named(value, name)
  local scheme, rest = value:match("^(%a[%w+.-]*)://(.*)$")
  local known = scheme and scheme:lower()
  if value == "off" then return nil end
  if known == "redis" or known == "valkey" then return open_redis(rest, name) end
  if known == "file" then value, scheme = rest, nil end
  if value:sub(1, 1) == "/" then return open_file(value) end
  if scheme then errors.config("%s: %s:// is not known: it may be %s", name, scheme, FORMS) end
  errors.config("%s may be %s", name, FORMS)
end

-- A service on this machine, such as the sandbox, is not the one whose limit all have to share.
local function is_local(url)
  local host = (url or ""):lower():match("^https?://([^/]*)") or ""
  return host:find("^127%.") ~= nil or host:find("^localhost") ~= nil or host:find("^%[::1%]") ~= nil
end

local function without_limit(whole)
  return {
    lease = function(_, _, _, wanted) return wanted, 0 end,
    lock = function(_, name, seconds) return whole:lock(name, seconds) end,
  }
end

--- store.open(of_profile, base_url, note) → the store, or nil; and whether it is one that nobody asked for. Raises
-- what is
-- wrong with one that was asked for; where there can be none by default `note(message)` is told. `of_profile`: what the
-- profile says, or nil; `base_url`: of the service, or nil
function M.open(of_profile, base_url, note)
  local value = environment.get("EXOTEL_STORE")
  if value then return open_named(value, "EXOTEL_STORE"), false end
  if of_profile then return open_named(of_profile, "store of the profile"), false end
  local default, err = store.file()
  if not default then note(err.message) end
  if default and is_local(base_url) then default = without_limit(default) end
  return default, true
end

return M
