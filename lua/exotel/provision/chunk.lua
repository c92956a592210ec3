--- Runs a file that is written in Lua with no access to anything: no globals, no methods of strings, no bytecode, and
-- not longer or larger than a specification can need.
local M = {}

local INSTRUCTIONS, STEP = 2000000, 10
-- KiB that may come to be while it runs.
local MEMORY = 64 * 1024

-- → function, or nil, message
local function compile(text, path)
  if text:find("^\27") then return nil, path .. ": is compiled Lua; the source is expected" end
  local environment = {}
  if not setfenv then return load(text, "@" .. path, "t", environment) end
  local run, message = loadstring(text, "@" .. path) -- luacheck: ignore
  if not run then return nil, message end
  return setfenv(run, environment)
end

-- Code that LuaJIT has compiled asks no hook.
local function stay_interpreted(run)
  if type(jit) == "table" then jit.off(run, true) end
end

local function limits()
  local count, most = 0, collectgarbage("count") + MEMORY
  return function()
    count = count + STEP
    if count > INSTRUCTIONS then error("runs too long for a file of specifications", 2) end
    if collectgarbage("count") > most then error("takes too much memory for a file of specifications", 2) end
  end
end

-- Nothing in here yields or waits, so that nobody else sees strings without methods.
local function confined(run)
  local strings = getmetatable("")
  local index = strings.__index
  local hook, mask, count = debug.gethook()
  stay_interpreted(run)
  strings.__index = nil
  debug.sethook(limits(), "", STEP)
  local good, result = pcall(run)
  debug.sethook(hook, mask, count)
  strings.__index = index
  return good, result
end

--- chunk.run(text, path) → what it returns; or nil, message, line. `path`: for messages. A first line that begins with
-- "#" is a comment.
function M.run(text, path)
  local run, message = compile((text:gsub("^#[^\n]*", "")), path)
  if not run then return nil, message, tonumber(message:match(":(%d+):")) end
  local good, result = confined(run)
  if good then return result end
  return nil, tostring(result), tonumber(tostring(result):match(":(%d+):"))
end

return M
