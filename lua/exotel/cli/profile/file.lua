--- The file of profiles on the disk. It holds keys, so it has to be this user's own, and nobody else may read it; it is
-- never waited for, whatever stands in its place.
local errno = require "posix.errno"
local errors = require "exotel.cli.errors"
local facts_of = require "exotel.cli.facts"
local fcntl = require "posix.fcntl"
local file_lock = require "exotel.cli.file_lock"
local stat = require "posix.sys.stat"
local state = require "exotel.cli.state"
local unistd = require "posix.unistd"
local write = require "exotel.files.write"

local M = {}

-- Bytes. A file of profiles has some hundreds.
local MOST = 1024 * 1024
local OWNER_ONLY = tonumber("600", 8)
local ROOT = 0

local function fail(path, format, ...) errors.config("%s %s", path, format:format(...)) end

-- Reading -------------------------------------------------------------------------------------------------------------

local REASONS = {
  [errno.EACCES] = "can't be read: look at its permissions, and at those of the folders above it",
  [errno.ELOOP] = "can't be read: it is a symbolic link that leads back to itself",
}

-- Nothing is waited for: opening a pipe would be.
local function open(path)
  local descriptor, message, code = fcntl.open(path, fcntl.O_RDONLY + fcntl.O_NONBLOCK + fcntl.O_CLOEXEC)
  if descriptor or code == errno.ENOENT then return descriptor end
  fail(path, "%s", REASONS[code] or "can't be read: " .. (message or "?"):gsub("^.*: ", ""))
end

local function check_type(path, facts)
  if stat.S_ISREG(facts.st_mode) ~= 0 then return end
  fail(path, "is %s: profiles stand in a file", stat.S_ISDIR(facts.st_mode) ~= 0 and "a folder" or "a pipe or a device")
end

-- Neither the group nor others may have any permission.
local function check_owner(path, facts)
  if facts.st_uid ~= unistd.geteuid() and facts.st_uid ~= ROOT then
    fail(path, "belongs to another user (uid %d), who could put another account into it: it is not read", facts.st_uid)
  end
  if facts.st_mode % 64 ~= 0 then fail(path, "holds keys and can be read by others: chmod 600 %s", path) end
end

local function check(path, facts)
  check_type(path, facts)
  check_owner(path, facts)
  if facts.st_size > MOST then fail(path, "has %d bytes: that is no file of profiles", facts.st_size) end
end

local function read_all(path, descriptor)
  local parts, size = {}, 0
  repeat
    local part, message = unistd.read(descriptor, 65536)
    if not part then fail(path, "can't be read: %s", message or "?") end
    parts[#parts + 1], size = part, size + #part
  until part == "" or size > MOST
  return table.concat(parts)
end

--- file.read(path) → its text, or nil where there is no file. Raises what is wrong with it.
function M.read(path)
  local descriptor = open(path)
  if not descriptor then return nil end
  local good, result = pcall(function()
    check(path, facts_of(descriptor, path))
    return read_all(path, descriptor)
  end)
  unistd.close(descriptor)
  if not good then error(result, 0) end
  return result
end

-- Writing -------------------------------------------------------------------------------------------------------------

local function same_file(a, b) return a ~= nil and b ~= nil and a.st_ino == b.st_ino and a.st_dev == b.st_dev end

local WRITING = fcntl.O_WRONLY + fcntl.O_CREAT + fcntl.O_NONBLOCK + fcntl.O_CLOEXEC

-- Who has the lock removes it; who has waited for one that was removed begins again.
local function lock(path)
  while true do
    local descriptor, message = fcntl.open(path, WRITING, OWNER_ONLY)
    if not descriptor then errors.fail("%s can't be written: %s", path, (message or "?"):gsub("^.*: ", "")) end
    file_lock(descriptor)
    if same_file(facts_of(descriptor, path), stat.stat(path)) then return descriptor end
    unistd.close(descriptor)
  end
end

local function make_folder(path)
  local folder = path:match("^(.+)/[^/]+$")
  local good, message = state.make_folder(folder)
  if not good then errors.fail("%s can't be made: %s", folder, message) end
end

--- file.change(path, action): writes what `action(text)` makes of the file's text ("" where there is no file), as a
-- whole or not at all; others that do the same wait meanwhile. A new file has mode 600, and new folders 700. Raises
-- what is wrong.
function M.change(path, action)
  make_folder(path)
  local lock_path = path .. ".lock"
  local descriptor = lock(lock_path)
  local good, reason = pcall(function()
    local done, message = write(path, action(M.read(path) or ""))
    if not done then errors.fail("%s can't be written: %s", path, message) end
  end)
  os.remove(lock_path)
  unistd.close(descriptor)
  if not good then error(reason, 0) end
end


return M
