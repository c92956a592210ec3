--- Files that the command keeps by itself, for their owner only: below $XDG_STATE_HOME/exotel, or
-- ~/.local/state/exotel.
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local stat = require "posix.sys.stat"

local M = {}

local OWNER_ONLY = tonumber("700", 8)
local EXISTS = 17

local function base()
  local state, home = environment.get("XDG_STATE_HOME"), environment.get("HOME")
  if state and state:sub(1, 1) == "/" then return state end
  return home and home .. "/.local/state"
end

--- state.make_folder(path): makes a folder for its owner only, and those above it. → true, or nil, message
function M.make_folder(path)
  if stat.stat(path) then return true end
  local good, message = M.make_folder(path:match("^(.+)/[^/]+$") or "/")
  if not good then return nil, message end
  local made, reason, code = stat.mkdir(path, OWNER_ONLY)
  if not made and code ~= EXISTS then return nil, reason end
  return true
end

--- state.folder() → the command's folder, which need not be there; nil where there is no place for it: HOME is not set.
function M.folder()
  local above = base()
  return above and above .. "/exotel"
end

--- state.file(folder, name, remedy, only_read) → the path of a file in one of the command's folders, made where
-- it isn't there, unless the file is to be read only. `remedy`: what to do where it can't be, for the message that is
-- raised. What a name may not have becomes "_".
function M.file(folder, name, remedy, only_read)
  local above = M.folder()
  if not above then errors.fail("there is no place to keep it in, since HOME is not set: %s", remedy) end
  local path = above .. "/" .. folder
  local good, message = only_read, nil
  if not only_read then good, message = M.make_folder(path) end
  if not good then errors.fail("%s can't be made: %s: %s", path, message, remedy) end
  return path .. "/" .. name:gsub("[^%w_.-]", "_")
end

return M
