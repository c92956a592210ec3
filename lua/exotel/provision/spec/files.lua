--- Files of specifications.
local errors = require "exotel.error"
local json = require "exotel.json"
local lua_file = require "exotel.provision.spec.lua_file"

local M = {}

-- Bytes: far more than a specification needs, and what is read at a time.
local SIZE_MAX, PIECE = 16 * 1024 * 1024, 64 * 1024

local function config(message, line)
  return nil, errors.new { kind = "config", operation = "provision", message = message, line = line }
end

-- → text, or nil, message
local function read_all(file)
  local pieces, size = {}, 0
  while true do
    local piece, reason = file:read(PIECE)
    if reason then return nil, reason end
    if not piece then return table.concat(pieces) end
    pieces[#pieces + 1], size = piece, size + #piece
    if size > SIZE_MAX then return nil, "too large for a file of specifications" end
  end
end

-- → text, or nil, message
local function read(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message end
  local text, reason = read_all(file)
  file:close()
  if not text then return nil, path .. ": " .. reason end
  return text
end

local function read_json(text, path)
  local value, message, line = json.decode(text)
  if message then return nil, path .. ": " .. message, line end
  return value
end

local readers = { lua = lua_file.run, json = read_json }

-- One specification, or an array of them. → an array, or nil, err
local function as_array(value, path)
  if type(value) ~= "table" or next(value) == nil then
    return config(path .. ": holds no specification: a table with a trunk_name, or a list of them, is expected")
  end
  if value[1] ~= nil then return value end
  return { value }
end

--- files.load(path) → an array of specifications, or nil, err of kind "config", with `line` where it is known.
function M.load(path)
  if type(path) ~= "string" then error("provision.load takes a path, got " .. type(path), 2) end
  local reader = readers[path:match("%.(%a+)$")]
  if not reader then return config(path .. ": the name of a file of specifications ends in .lua or .json") end
  local text, message = read(path)
  if not text then return config(message) end
  local value, reason, line = reader(text, path)
  if reason then return config(reason, line) end
  return as_array(value, path)
end

return M
