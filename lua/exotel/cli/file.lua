--- Files that commands read and write; a file is written whole or not at all.
local errors = require "exotel.cli.errors"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local write = require "exotel.files.write"

local M = {}

--- Writes a file; a new one only its owner can read. Raises an error if it can't be written; the old one stays then.
function M.write(path, text)
  local good, message = write(path, text)
  if not good then errors.fail("%s can't be written: %s", path, message) end
end

--- Raises an error if a file can't be written there at all: before long work whose result it will hold.
function M.check(path)
  local folder = path:match("^(.*)/[^/]*$") or "."
  local facts = stat.stat(path)
  if facts and stat.S_ISDIR(facts.st_mode) ~= 0 then errors.fail("%s can't be written: it is a folder", path) end
  local _, message = unistd.access(folder == "" and "/" or folder, "w")
  if message then errors.fail("%s can't be written: %s", path, (message:gsub("^.*: ", ""))) end
end

-- Lua's message has the path before it.
local function reason(message, path)
  if not message then return "it is no file" end
  return message:sub(1, #path + 2) == path .. ": " and message:sub(#path + 3) or message
end

--- The text of a file. Raises an error if it can't be read.
function M.read(path)
  local file, message = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  if not text then errors.fail("%s can't be read: %s", path, reason(message, path)) end
  return text
end

return M
