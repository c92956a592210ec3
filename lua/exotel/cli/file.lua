--- Files that commands read and write; a file is written whole or not at all.
local errors = require "exotel.cli.errors"
local write = require "exotel.files.write"

local M = {}

--- Writes a file; a new one only its owner can read. Raises an error if it can't be written; the old one stays then.
function M.write(path, text)
  local good, message = write(path, text)
  if not good then errors.fail("%s can't be written: %s", path, message) end
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
