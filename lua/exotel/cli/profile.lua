--- Profiles: accounts that the user keeps in a file, ~/.config/exotel/config. exotel.cli.profile.text says what stands
-- in it.
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local file = require "exotel.cli.profile.file"
local suggest = require "exotel.text.suggest"
local text = require "exotel.cli.profile.text"

local M = {}

local ADDRESSES = { "region", "subdomain", "base_url" }

--- The path of the file.
function M.path()
  local folder = environment.get("XDG_CONFIG_HOME")
  return (folder or (environment.get("HOME") or "") .. "/.config") .. "/exotel/config"
end

--- profile.change(action): writes the file anew, as file.change does.
function M.change(action)
  if not (environment.get("XDG_CONFIG_HOME") or environment.get("HOME")) then
    errors.fail("there is no place for profiles, since HOME is not set: nothing was written")
  end
  file.change(M.path(), action)
end

--- profile.load() → what stands in the file, as text.parse has it; nil when there is no file. Raises what is wrong.
function M.load()
  local path = M.path()
  local content = file.read(path)
  return content and text.parse(content, path)
end

--- profile.names() → the names of the profiles, in the order of the file; none where the file is damaged, too: for
-- completion.
function M.names()
  local good, found = pcall(M.load)
  return good and found and found.names or {}
end

--- Refuses what can't be the name of a profile. `where`: what names it, for the message.
function M.check_name(name, where)
  if name == "" then errors.usage("%s names no profile: the name is empty", where) end
  if text.is_name(name) then return end
  errors.usage("%s: a profile's name has letters, digits, \"_\", \"-\" and \".\" only", where)
end

-- Which one ----------------------------------------------------------------------------------------------------------

local function list_of(names)
  local sorted = {}
  for i, name in ipairs(names) do sorted[i] = name end
  table.sort(sorted)
  return #sorted > 0 and table.concat(sorted, ", ") or "none"
end

-- `said`: what asks for it, where that is the file itself.
local function not_there(name, found, said)
  local guess = suggest.nearest(name, found.names)
  local more = said and (", which its line %q names"):format(said) or guess and (" (did you mean %s?)"):format(guess)
  errors.config("%s has no profile [%s]%s; it has %s", M.path(), name, more or "", list_of(found.names))
end

--- The address of a profile's fields: what stands in region, subdomain or base_url, and which of them; nil without one.
function M.address(fields)
  for _, name in ipairs(ADDRESSES) do
    if fields[name] then return fields[name], name end
  end
end

--- profile.fault(fields) → what a profile lacks, or has too much of, as a clause that follows its name; or nil.
function M.fault(fields)
  for _, key in ipairs { "account_sid", "api_key" } do
    if not fields[key] then return "has no " .. key end
  end
  if fields.api_token and fields.api_token_command then
    return "has an api_token and an api_token_command: leave one of them out"
  end
  if not (fields.api_token or fields.api_token_command) then return "has no api_token" end
  if not M.address(fields) then return "has no region: add region = mumbai or region = singapore" end
end

-- A profile is never completed from the environment, which may hold the key or region of another account.
local function check_complete(fields, name)
  local fault = M.fault(fields)
  if fault then errors.config("%s: the profile [%s] %s", M.path(), name, fault) end
end

--- profile.find(name) → the profile's fields; nil when there is no file. Raises an error if the file has no profile of
-- that name, or it is not whole, and what is wrong with the file.
function M.find(name)
  local found = M.load()
  if not found then return nil end
  local fields = found.profiles[name] or not_there(name, found)
  check_complete(fields, name)
  return fields
end

--- profile.chosen(found) → the name of the profile that counts when none is asked for: as the file says, else "default"
-- where that is there; or nil. `found`: as `load` returns it.
function M.chosen(found)
  return found.chosen or found.profiles.default and "default" or nil
end

--- profile.default() → the profile that counts when none is asked for: its name and fields; nil when there are no
-- profiles. Raises as `find` does, and when there are some and none of them counts.
function M.default()
  local found = M.load()
  if not found or #found.names == 0 then return nil end
  local name = M.chosen(found)
  if not name then
    errors.config("which account? %s has the profile%s %s: --profile NAME takes one, `exotel profile use NAME` for "
      .. "good", M.path(), #found.names == 1 and "" or "s", list_of(found.names))
  end
  if not found.profiles[name] then not_there(name, found, "profile = " .. name) end
  check_complete(found.profiles[name], name)
  return name, found.profiles[name]
end

return M
