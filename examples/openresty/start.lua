--- Starts the example against the sandbox, until Ctrl-C:
--
--     make demo-openresty
--     lua5.4 examples/openresty/start.lua [port]     with the library on Lua's path
--
-- EXOTEL_LIVE=1: against the service, with EXOTEL_* and TRUNKS_TOKEN set.

local HERE = arg[0]:match("^(.*)/[^/]*$") or "."
local PORT = arg[1] or "8088"
local FILES = { "nginx.conf", "trunks.lua" }

local function quote(text) return "'" .. tostring(text):gsub("'", "'\\''") .. "'" end

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*l")
  pipe:close()
  return text
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

-- Sets the port, and removes load_module lines whose file does not exist, as with OpenResty.
local function adapt(text)
  text = text:gsub("127%.0%.0%.1:8088", "127.0.0.1:" .. PORT)
  return (text:gsub("load_module (%S+);\n", function(path) return not exists(path) and "" or nil end))
end

-- nginx writes beside its configuration, so it gets a copy in a folder of its own.
local function copy_example(folder)
  for _, name in ipairs(FILES) do
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write(adapt(read(HERE .. "/" .. name)))
    file:close()
  end
end

-- NGINX_LUA_PATH and NGINX_LUA_CPATH: where LuaJIT finds the library, if it is not installed.
local function command(folder, environment)
  local words = { "cd", quote(folder), "&& exec env -u LUA_PATH_5_4 -u LUA_CPATH_5_4 -u LUA_INIT" }
  for name, value in pairs(environment) do words[#words + 1] = name .. "=" .. quote(value) end
  words[#words + 1] = "nginx -p . -c " .. quote(folder .. "/nginx.conf") .. " -g 'daemon off;'"
  return table.concat(words, " ")
end

local EXAMPLE = [[
Listening on http://127.0.0.1:%s against %s. Try, and stop it with Ctrl-C:

  curl -i -H 'Authorization: Bearer %s' http://127.0.0.1:%s/trunks \
    -d '{"trunk_name":"outbound_trunk","phone_numbers":["+919876543210"],"whitelisted_ips":["203.0.113.10"]}'
]]

local function main()
  local sb
  local live = os.getenv("EXOTEL_LIVE") == "1"
  local environment = {
    LUA_PATH = os.getenv("NGINX_LUA_PATH") or ";;", LUA_CPATH = os.getenv("NGINX_LUA_CPATH") or ";;",
  }
  if not live then
    sb = assert(require("exotel.sandbox").start())
    environment.TRUNKS_TOKEN = os.getenv("TRUNKS_TOKEN") or "demo"
    for name, value in pairs(sb:environment()) do environment[name] = value end
  end
  local folder = output("mktemp -d")
  copy_example(folder)
  local service, token = "the sandbox", environment.TRUNKS_TOKEN
  if live then service, token = "the service", "..." end
  io.write(EXAMPLE:format(PORT, service, token, PORT))
  io.stdout:flush()
  local good = os.execute(command(folder, environment))
  os.execute("rm -rf " .. quote(folder))
  if sb then sb:stop() end
  os.exit(good == true or good == 0)
end

main()
