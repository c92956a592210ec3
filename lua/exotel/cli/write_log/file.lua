--- The file of the log of writes. Several processes append to it at a time: each line is one write(2). When it is large
-- it is renamed to log.1, in the place of an older one.
local errno = require "posix.errno"
local facts_of = require "exotel.cli.facts"
local fcntl = require "posix.fcntl"
local file_lock = require "exotel.cli.file_lock"
local stat = require "posix.sys.stat"
local state = require "exotel.cli.state"
local unistd = require "posix.unistd"

local M = {}

-- Bytes; some 15,000 lines. The two files together hold as many at least.
local MOST = 5 * 1024 * 1024
local OWNER_ONLY = tonumber("600", 8)

--- → the path of the log, and of the older one; nil where there is no place for it
function M.paths()
  local folder = state.folder()
  if folder then return folder .. "/log", folder .. "/log.1" end
end

local function without_path(message) return ((message or "?"):gsub("^.*: ", "")) end

-- Writing -------------------------------------------------------------------------------------------------------------

-- A pipe is not waited for.
local APPENDING = fcntl.O_RDWR + fcntl.O_APPEND + fcntl.O_CREAT + fcntl.O_NONBLOCK + fcntl.O_CLOEXEC

-- → a descriptor and facts, or nil, message
local function open(path)
  local descriptor, message = fcntl.open(path, APPENDING, OWNER_ONLY)
  if not descriptor then return nil, path .. ": " .. without_path(message) end
  local facts = facts_of(descriptor, path)
  if stat.S_ISREG(facts.st_mode) ~= 0 then return descriptor, facts end
  unistd.close(descriptor)
  return nil, path .. " is no file"
end

local function is_same(a, b) return a ~= nil and a.st_ino == b.st_ino and a.st_dev == b.st_dev end

-- Who has the lock of the file that is there renames it; others find another one then.
local function rotate(path, old_path, descriptor, facts)
  file_lock(descriptor)
  if is_same(stat.stat(path), facts) then os.rename(path, old_path) end
  unistd.close(descriptor)
end

-- What a full disk cut off doesn't take the next line with it.
local function is_cut(descriptor, size)
  if size == 0 or not unistd.lseek(descriptor, size - 1, 0) then return false end
  return unistd.read(descriptor, 1) ~= "\n"
end

local function write(descriptor, path, line)
  local written, message = unistd.write(descriptor, line)
  if written == #line then return true end
  return nil, path .. ": " .. (written and "the disk is full" or without_path(message))
end

--- file.append(line) → true; or nil, message
function M.append(line)
  local path, old_path = M.paths()
  if not path then return nil, "there is no place for the log, since HOME is not set" end
  local made, reason = state.make_folder(state.folder())
  if not made then return nil, ("%s can't be made: %s"):format(state.folder(), without_path(reason)) end
  local descriptor, facts = open(path)
  if descriptor and facts.st_size >= MOST then
    rotate(path, old_path, descriptor, facts)
    descriptor, facts = open(path)
  end
  if not descriptor then return nil, facts end
  local good, message = write(descriptor, path, (is_cut(descriptor, facts.st_size) and "\n" or "") .. line)
  unistd.close(descriptor)
  return good, message
end

-- Reading -------------------------------------------------------------------------------------------------------------

-- → text, or nil, message
local function read_all(descriptor)
  local parts = {}
  while true do
    local part, message = unistd.read(descriptor, 1024 * 1024)
    if not part then return nil, message end
    if part == "" then return table.concat(parts) end
    parts[#parts + 1] = part
  end
end

-- A device or a pipe in its place may have no end.
local function read_file(descriptor, path)
  if stat.S_ISREG(facts_of(descriptor, path).st_mode) == 0 then return nil, "it is no file" end
  return read_all(descriptor)
end

-- → text, "" where there is no file; or nil, message
local function read(path)
  local descriptor, message, code = fcntl.open(path, fcntl.O_RDONLY + fcntl.O_NONBLOCK + fcntl.O_CLOEXEC)
  if not descriptor then
    if code == errno.ENOENT then return "" end
    return nil, ("%s can't be read: %s"):format(path, without_path(message))
  end
  local text, reason = read_file(descriptor, path)
  unistd.close(descriptor)
  if not text then return nil, ("%s can't be read: %s"):format(path, without_path(reason)) end
  return text
end

--- file.read() → the text of both files, the older one first; or nil, message
function M.read()
  local path, old_path = M.paths()
  if not path then return nil, "there is no log, since HOME is not set" end
  local old, old_message = read(old_path)
  if not old then return nil, old_message end
  local new, message = read(path)
  if not new then return nil, message end
  return old .. new
end

return M
