--- The file of a directory: who writes it has a lock, so that of two refreshes neither undoes the other.
local core = require "exotel.core"
local errors = require "exotel.error"

local builder = core.directory_builder

local M = {}

--- file.error(path, message) → an err of kind "config" about the file.
function M.error(path, message)
  return errors.new { kind = "config", message = ("the directory %s can't be used: %s"):format(path, message) }
end

function M.empty() return builder.new():finish() end

--- file.known(path [, in_hand]) → a snapshot of what the file holds. Where it is missing or damaged it is one of the
-- directory `in_hand`, or an empty one; nil, err where there is something else.
function M.known(path, in_hand)
  local snapshot, message, fault = builder.load(path)
  if snapshot then return snapshot end
  if fault == "refused" then return nil, M.error(path, message) end
  return in_hand and core.directory_internals.snapshot(in_hand) or M.empty()
end

-- Beside it, since the file itself is replaced.
local LOCK = ".lock"

--- file.locked(path, pause, action) → what `action()` returns, run while nobody else writes; or nil, err. `pause()`
-- waits a little, and says whether to go on.
function M.locked(path, pause, action)
  local lock, message, is_taken
  repeat
    lock, message, is_taken = core.open_locked(path .. LOCK)
  until lock or not is_taken or not pause()
  if is_taken then
    return nil, errors.new { kind = "conflict", message = ("another process is writing the directory %s"):format(path) }
  end
  if not lock then return nil, M.error(path, ("%s%s: %s"):format(path, LOCK, message)) end
  local good, result, err = pcall(action)
  lock:close()
  if not good then error(result, 0) end
  return result, err
end

--- file.write(path, snapshot) → true; or nil, err
function M.write(path, snapshot)
  local good, message = snapshot:write(path)
  if good then return true end
  return nil, errors.new { kind = "config", message = ("the directory %s can't be written: %s"):format(path, message) }
end

-- Seconds. Workers that start together open it at once, where none of them may yield; it takes one of them a few
-- milliseconds.
local PATIENCE = 2

--- file.create(path) → true; or nil, err: makes an empty one where there is none, or a damaged one.
function M.create(path)
  local began = core.now()
  return M.locked(path, function() return core.now() - began < PATIENCE end, function()
    local known, err = M.known(path)
    if not known then return nil, err end
    return M.write(path, known)
  end)
end

return M
