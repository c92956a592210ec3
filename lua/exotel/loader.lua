--- Loads the C core, and says in words what the dynamic linker says in symbols.
local M = {}

local name = "exotel.core"

-- luacheck: read globals jit
local function this_lua() return jit and "LuaJIT" or _VERSION end

local function explain(message)
  local file = message:match("'([^'\n]+%.so)'%s*:") or message:match("(%S+%.so): undefined symbol")
  local text = "exotel: %s was built for another Lua, and this is %s: build it with `make build LUA=%s`"
  return text:format(file or name, this_lua(), jit and "jit" or _VERSION:match("%d%.%d"))
end

--- loader.core() → the module exotel.core; raises what is wrong with it.
function M.core()
  local good, core = pcall(require, name)
  if good then return core end
  if tostring(core):find("undefined symbol: lua", 1, true) then error(explain(core), 0) end
  error(core, 0)
end

return M
