--- Files that the command writes: whole, or not at all.
local failure = require "exotel.cli.failure"
local stat = require "posix.sys.stat"
local stdio = require "posix.stdio"
local unistd = require "posix.unistd"

local M = {}

local function give_up(path, temporary, message)
  unistd.unlink(temporary)
  failure.fail("%s can't be written: %s", path, tostring(message))
end

--- Writes a file that only its owner reads, in place of what was there. Raises when it can't be written; what was there
-- is left then.
function M.write(path, text)
  local temporary = ("%s.%d"):format(path, unistd.getpid())
  local mask = stat.umask(63) -- 077
  local file, message = io.open(temporary, "w")
  stat.umask(mask)
  if not file then failure.fail("%s can't be written: %s", path, message) end
  local good
  good, message = file:write(text)
  if good then good, message = file:flush() end
  file:close()
  if not good then give_up(path, temporary, message) end
  good, message = stdio.rename(temporary, path)
  if not good then give_up(path, temporary, message) end
end

--- The text of a file; raises when it can't be read.
function M.read(path)
  local file, message = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  if not text then failure.fail("%s can't be read: %s", path, message or "it is no file") end
  return text
end

return M
