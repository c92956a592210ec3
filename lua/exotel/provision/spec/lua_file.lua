--- Runs a file that is written in Lua with no access to anything: no globals, no methods of strings, no bytecode, and
-- within limits of time and memory that no specification needs to exceed.
local M = {}

local INSTRUCTIONS, STEP = 2000000, 10
-- KiB that it may allocate.
local MEMORY = 64 * 1024
-- Stands for the path in Lua's messages, which cut a long one.
local NAME = "file"

-- → function, or nil, message
local function compile(text)
  if text:find("^\27") then return nil, NAME .. ":1: is compiled Lua; the source is expected" end
  if not setfenv then return load(text, "=" .. NAME, "t", {}) end
  local run, message = loadstring(text, "=" .. NAME) -- luacheck: ignore
  if not run then return nil, message end
  return setfenv(run, {})
end

-- The hook goes first, so that it doesn't stop what restores the state after it.
local function stop(message)
  debug.sethook()
  error(message .. " for a file of specifications", 3)
end

local function limits()
  local count, most = 0, collectgarbage("count") + MEMORY
  return function()
    count = count + STEP
    if count > INSTRUCTIONS then stop("runs too long") end
    if collectgarbage("count") > most then stop("takes too much memory") end
  end
end

-- Code that LuaJIT has compiled asks no hook.
local function stay_interpreted(run)
  if type(jit) == "table" then jit.off(run, true) end
end

-- The host's code never sees strings without methods: nothing in here yields, and no finalizer runs.
local function without_methods(action)
  local strings = getmetatable("")
  local index = strings.__index
  collectgarbage("stop")
  strings.__index = nil
  local good, result = pcall(action)
  debug.sethook()
  strings.__index = index
  collectgarbage("restart")
  return good, result
end

local function confined(run)
  local hook, mask, count = debug.gethook()
  stay_interpreted(run)
  local good, result = without_methods(function()
    debug.sethook(limits(), "", STEP)
    local value = run()
    debug.sethook()
    return value
  end)
  debug.sethook(hook, mask, count)
  return good, result
end

local function failure(message, path)
  local text = tostring(message)
  if text:find("stack overflow", 1, true) then return nil, path .. ": functions call each other too deep" end
  local line = text:match("^" .. NAME .. ":(%d+):")
  if not line then return nil, path .. ": " .. text end
  return nil, path .. text:sub(#NAME + 1), tonumber(line)
end

--- lua_file.run(text, path) → what it returns; or nil, message, line. `path`: for messages. A first line that begins
-- with "#" is a comment.
function M.run(text, path)
  local run, message = compile((text:gsub("^#[^\n]*", "")))
  if not run then return failure(message, path) end
  local good, result = confined(run)
  if good then return result end
  return failure(result, path)
end

return M
