--- Modules that calls need, and `require` of a public module does not: a script loads them when it makes its first
-- client. After that no call reads a module's file, whatever has become of the files or of the root directory.
local M = {}

-- The interpreters set `arg`; a program with Lua inside does not. It starts once and lives long, so that it loads all
-- when it starts: nginx and Kamailio before they fork.
local function in_host() return rawget(_G, "arg") == nil or rawget(_G, "ngx") ~= nil or rawget(_G, "KSR") ~= nil end

local at_once = in_host()

-- Functions that load what has not been loaded.
local loaders = {}

--- later.require(name) → the module, or what stands in its place until the first client, and loads it if one of its
-- fields is asked for before. Only for modules that are tables.
function M.require(name)
  if at_once then return require(name) end
  local metatable = {}
  local function load() metatable.__index = require(name) end
  function metatable.__index(_, field)
    load()
    return metatable.__index[field]
  end
  loaders[#loaders + 1] = load
  return setmetatable({}, metatable)
end

--- later.load(): loads them all, and from now on at once.
function M.load()
  for _, load in ipairs(loaders) do load() end
  loaders, at_once = {}, true
end

return M
