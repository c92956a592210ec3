--- Files that commands read and write; a file is written whole or not at all.
local errors = require "exotel.cli.errors"
local stat = require "posix.sys.stat"
local stdio = require "posix.stdio"
local unistd = require "posix.unistd"

local M = {}

-- `message`: the system's, which may begin with the name of the file.
local function complain(path, message)
  errors.fail("%s can't be written: %s", path, (tostring(message):gsub("^.*: ", "")))
end

-- → nil, or the message of what went wrong
local function fill(path, text)
  local mask = stat.umask(63) -- 077
  local file, message = io.open(path, "w")
  stat.umask(mask)
  if not file then return message end
  local good, reason = file:write(text)
  if good then good, reason = file:flush() end
  file:close()
  return not good and reason or nil
end

-- Devices, pipes and links (such as /dev/stdout) are written to, not replaced.
local function is_special(path)
  local facts = stat.lstat(path)
  return facts and stat.S_ISREG(facts.st_mode) == 0
end

--- Writes a file that only its owner can read, and replaces the old one. Raises an error if it can't be written; the
-- old one stays then.
function M.write(path, text)
  local special = is_special(path)
  local temporary = special and path or ("%s.%d"):format(path, unistd.getpid())
  local message = fill(temporary, text)
  if not message and not special then message = select(2, stdio.rename(temporary, path)) end
  if message and not special then unistd.unlink(temporary) end
  if message then complain(path, message) end
end

--- The text of a file. Raises an error if it can't be read.
function M.read(path)
  local file, message = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  if not text then errors.fail("%s can't be read: %s", path, message or "it is no file") end
  return text
end

return M
