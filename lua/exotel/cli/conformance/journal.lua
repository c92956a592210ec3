--- What a run has made, on disk: a file for each run, below the command's own folder, which is there as long as a trunk
-- may be. A line of JSON is added whenever something changes, before it does; the last whole line counts. The file is
-- locked while its run lives, so that another one does not take its trunk for left over.
local dirent = require "posix.dirent"
local errors = require "exotel.cli.errors"
local fcntl = require "posix.fcntl"
local json = require "exotel.json"
local names = require "exotel.cli.conformance.names"
local state = require "exotel.cli.state"
local unistd = require "posix.unistd"

local M = {}

local FOLDER = "conformance"
local REMEDY = "a trunk that is left over could not be found again: set XDG_STATE_HOME to a folder"
local OWNER_ONLY = tonumber("600", 8)

local Journal = {}
Journal.__index = Journal

-- → whether nobody else has it
local function lock(descriptor)
  local whole = { l_type = fcntl.F_WRLCK, l_whence = unistd.SEEK_SET, l_start = 0, l_len = 0 }
  return fcntl.fcntl(descriptor, fcntl.F_SETLK, whole) == 0
end

local function fail(path, message) errors.fail("%s can't be written: %s: %s", path, tostring(message), REMEDY) end

--- journal.new(account) → a journal for a run. `account`: what tells it from others. Raises where it can't be kept.
function M.new(account)
  local path = state.file(FOLDER, names.new() .. ".jsonl", REMEDY)
  local descriptor, message = fcntl.open(path, fcntl.O_RDWR + fcntl.O_CREAT + fcntl.O_EXCL, OWNER_ONLY)
  if not descriptor then fail(path, message) end
  lock(descriptor)
  return setmetatable({ path = path, descriptor = descriptor, account = account }, Journal)
end

local function copy(trunks)
  local copies = {}
  for i, trunk in ipairs(trunks) do
    copies[i] = { name = trunk.name, other_name = trunk.other_name, sid = trunk.sid }
  end
  return copies
end

--- Keeps which trunks may be there. Raises where that fails.
function Journal:write(trunks)
  local text = "\n" .. json.encode { account = self.account, trunks = json.array(copy(trunks)) } .. "\n"
  local written, message = unistd.write(self.descriptor, text)
  local is_kept = written == #text and unistd.fsync(self.descriptor) == 0
  if not is_kept then fail(self.path, message or "the disk may be full") end
end

--- Ends it. `is_clean`: nothing is left, so the file goes.
function Journal:close(is_clean)
  if is_clean then os.remove(self.path) end
  unistd.close(self.descriptor)
end

-- Those of earlier runs ----------------------------------------------------------------------------------------------

local function read(descriptor)
  local pieces = {}
  repeat
    local piece = unistd.read(descriptor, 65536)
    pieces[#pieces + 1] = piece
  until (piece or "") == ""
  return table.concat(pieces)
end

-- A line that was cut off by a crash is none.
local function last_line(text)
  local last
  for line in text:gmatch("[^\n]+") do last = json.decode(line) or last end
  return type(last) == "table" and type(last.trunks) == "table" and last or nil
end

-- Only what a run can have written: names of its form, each with its sid or without.
local function trunks_of(line)
  local list = {}
  for _, trunk in ipairs(line.trunks) do
    local has_names = type(trunk) == "table" and names.fits(trunk.name)
      and (trunk.other_name == nil or names.fits(trunk.other_name))
    if has_names and (trunk.sid == nil or type(trunk.sid) == "string") then list[#list + 1] = trunk end
  end
  return list
end

-- One without a line is not locked: it may be that of a run that begins, which locks it now.
-- → the journal of an earlier run of the account, nil where there is none in the file; and whether its run lives
local function open(path, account)
  local descriptor = fcntl.open(path, fcntl.O_RDWR)
  if not descriptor then return nil, false end
  local line = last_line(read(descriptor))
  local is_ours = line ~= nil and line.account == account
  if is_ours and lock(descriptor) then
    local journal = { path = path, descriptor = descriptor, account = account, trunks = trunks_of(line) }
    return setmetatable(journal, Journal), false
  end
  unistd.close(descriptor)
  return nil, is_ours
end

--- journal.left(account) → the journals of runs that have ended without deleting what they made, each with `trunks`;
-- and how many runs are under way.
function M.left(account)
  local found, alive = {}, 0
  local folder = state.file(FOLDER, "", REMEDY):gsub("/$", "")
  for _, name in ipairs(dirent.dir(folder) or {}) do
    if name:find("^conf_%l+%.jsonl$") then
      local journal, lives = open(folder .. "/" .. name, account)
      found[#found + 1] = journal
      alive = alive + (lives and 1 or 0)
    end
  end
  return found, alive
end

return M
