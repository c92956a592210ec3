--- The file of profiles, ~/.config/exotel/config: sections in brackets, `name = value` lines, comments after # or ;.
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local stat = require "posix.sys.stat"

local M = {}

-- What a profile may hold: options of exotel.client of the same names, but for the store.
local KNOWN = {
  account_sid = true, api_key = true, api_token = true, region = true, subdomain = true, base_url = true,
  ca_file = true, proxy = true,
  store = true, -- as exotel.cli.store has it
}
local ADDRESSES = { "region", "subdomain", "base_url" }

--- The path of the file.
function M.path()
  local folder = environment.get("XDG_CONFIG_HOME")
  return (folder or (environment.get("HOME") or "") .. "/.config") .. "/exotel/config"
end

-- Neither the group nor others may have any permission.
local function check_private(path)
  local facts = stat.stat(path)
  if facts and facts.st_mode % 64 ~= 0 then
    errors.config("%s holds keys and can be read by others: chmod 600 %s", path, path)
  end
end

local function complain(path, number, format, ...)
  errors.config("%s, line %d: %s", path, number, format:format(...))
end

-- Adds a line to `profiles`. `section`: the one that the line is in. → the section of the next line
local function read_line(line, section, profiles, where)
  if line == "" or line:find("^[#;]") then return section end
  local name = line:match("^%[%s*([%w_.-]+)%s*%]$")
  if name then
    if profiles[name] then complain(where.path, where.number, "the profile [%s] is there twice", name) end
    profiles[name] = {}
    return name
  end
  local key, value = line:match("^([%w_]+)%s*=%s*(.*)$")
  if not key then complain(where.path, where.number, "neither [profile] nor name = value") end
  if not section then complain(where.path, where.number, "a profile's name in brackets comes first: [default]") end
  if not KNOWN[key] then complain(where.path, where.number, "%s is not known to a profile", key) end
  profiles[section][key] = value
  return section
end

-- → profiles by name, or nil when there is no file
local function read(path)
  local file, _, code = io.open(path)
  if not file and code == 2 then return nil end
  if not file then errors.config("%s can't be read: look at its permissions", path) end
  check_private(path)
  local profiles, section, number = {}, nil, 0
  for line in file:lines() do
    number = number + 1
    section = read_line(line:match("^%s*(.-)%s*$"), section, profiles, { path = path, number = number })
  end
  file:close()
  return profiles
end

local function has_address(profile)
  for _, name in ipairs(ADDRESSES) do
    if profile[name] then return true end
  end
end

-- A profile is never completed from the environment, which may hold the key or region of another account.
local function check_complete(profile, name, path)
  for _, key in ipairs { "account_sid", "api_key", "api_token" } do
    if not profile[key] then errors.config("%s: the profile [%s] has no %s", path, name, key) end
  end
  if has_address(profile) then return end
  errors.config("%s: the profile [%s] has no region: add region = mumbai or region = singapore", path, name)
end

local function names_of(profiles)
  local names = {}
  for name in pairs(profiles) do names[#names + 1] = name end
  table.sort(names)
  return #names > 0 and table.concat(names, ", ") or "none"
end

--- profile.names() → the names of all profiles, sorted; nothing else of the file is read, and nothing is raised.
function M.names()
  local file, names = io.open(M.path()), {}
  for line in file and file:lines() or function() end do
    names[#names + 1] = line:match("^%s*%[%s*([%w_.-]+)%s*%]%s*$")
  end
  if file then file:close() end
  table.sort(names)
  return names
end

--- profile.find(name) → the profile's options for exotel.client; nil when there is no file. Raises an error if the file
-- has no profile of that name, is malformed, or can be read by others.
function M.find(name)
  local path = M.path()
  local profiles = read(path)
  if not profiles then return nil end
  if not profiles[name] then
    errors.config("%s has no profile [%s]; it has %s", path, name, names_of(profiles))
  end
  check_complete(profiles[name], name, path)
  return profiles[name]
end

return M
