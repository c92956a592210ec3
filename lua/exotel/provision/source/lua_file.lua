--- Runs a file that is written in Lua with no access to anything: no globals, no methods of strings, no bytecode, and
-- within limits of time and memory that no specification needs to exceed: csrc/lua/lua_file.c does it, within the
-- limits of csrc/lua/lua_limits.c.
local core = require "exotel.core"

local M = {}

-- Stands for the path in Lua's messages, which cut a long one.
local NAME = "file"
-- Bytes of a message: it may quote the file.
local LONGEST = 300

local function failure(message, path)
  if message:find("stack overflow", 1, true) then return nil, path .. ": functions call each other too deep" end
  local text = message:sub(1, LONGEST)
  local line = text:match("^" .. NAME .. ":(%d+):")
  if not line then return nil, path .. ": " .. text end
  return nil, path .. text:sub(#NAME + 1), tonumber(line)
end

--- lua_file.run(text, path) → what it returns; or nil, message, line. `path`: for messages. A first line that begins
-- with "#" is a comment.
function M.run(text, path)
  if text:find("^\27") then return failure(NAME .. ":1: is compiled Lua; the source is expected", path) end
  local value, message = core.run_file((text:gsub("^#[^\n]*", "")))
  if message then return failure(message, path) end
  return value
end

return M
