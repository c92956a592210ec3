--- The programs that the bench compares: each makes the same calls, and takes the same words as bench/plain.c.
--
-- A program has a name and
--
--   command(prefix, target, mode, calls)  → the shell command that makes so many calls. `prefix` comes before the
--                    program itself; a target is where they go: url, ca (a file, or "-"), and a folder for files
--   startup(prefix)  → the command that only loads what the calls need
--   many, pages      whether it has 32 calls at once, and reads a list page by page
--   missing          what is not there, where the program can't be had
local nginx = require "spec.support.nginx"

local tree = nginx.output("pwd")
local MODULES = ("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;"):format(tree, tree, tree)

local programs = {}

local function words(target, mode, calls) return ("%s %s %s %d"):format(mode, target.url, target.ca, calls) end

local function works(command) return nginx.output(command .. " >/dev/null 2>&1; echo $?") == "0" end

--- → the shell's words that run Lua code or a script with the modules of this tree. `lua`: "lua5.4", "luajit"
function programs.lua(prefix, lua)
  return ("env LUA_PATH='%s' LUA_CPATH='%s/build/%s-plain/?.so;;' %s %s"):format(MODULES, tree, lua, prefix, lua)
end

local function script(name, lua, file, loads)
  return {
    name = name,
    startup = function(prefix) return ("echo '%s' | %s -"):format(loads, programs.lua(prefix, lua)) end,
    command = function(prefix, target, mode, calls)
      return programs.lua(prefix, lua) .. " " .. file .. " " .. words(target, mode, calls)
    end,
  }
end

local function needs(program, what, lua, ...)
  for _, module in ipairs { ... } do
    if not works(("%s -e 'require \"%s\"'"):format(programs.lua("", lua), module)) then program.missing = what end
  end
  return program
end

local PLAIN = "build/c-plain/bench/plain"

--- The yardstick, which `make bench-plain` builds.
function programs.plain()
  return {
    name = "plain C", many = true,
    startup = function(prefix) return prefix .. " " .. PLAIN .. " map http://127.0.0.1 - 0" end,
    command = function(prefix, target, mode, calls)
      return prefix .. " " .. PLAIN .. " " .. words(target, mode, calls)
    end,
  }
end

function programs.exotel(lua)
  local program = script("exotel, " .. lua, lua, "bench/calls.lua", 'require "exotel.trunk"')
  program.many, program.pages = true, true
  return needs(program, "the build for " .. lua .. " (make core)", lua, "exotel.core")
end

local function binding(name, lua, module)
  local program = script(name, lua, "bench/lcurl.lua", ('require "%s" require "cjson"'):format(module))
  return needs(program, ("%s and cjson for %s"):format(module, lua), lua, module, "cjson")
end

--- Lua-cURLv3 with lua-cjson.
function programs.lcurl() return binding("Lua-cURLv3", "lua5.4", "lcurl") end

--- The older binding that Debian has, with lua-cjson.
function programs.luacurl() return binding("lua-curl 0.3", "lua5.1", "curl") end

-- ---- in nginx ------------------------------------------------------------------------------------------------------

-- One process that makes its calls from a timer, and ends.
local NGINX = [[
daemon off;
master_process off;
error_log %s notice;
pid %s.pid;
%s
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path %s.body; proxy_temp_path %s.proxy; fastcgi_temp_path %s.fastcgi;
  uwsgi_temp_path %s.uwsgi; scgi_temp_path %s.scgi;
  lua_package_path "%s/?.lua;;";
  lua_socket_log_errors off;
  %s
  init_worker_by_lua_block { require("bench.nginx_calls").start("%s", "%s", "%s", %d) }
}
]]

local function configuration(target, file, how, mode, calls)
  local trust = target.ca ~= "-" and ("lua_ssl_trusted_certificate %s;"):format(target.ca) or ""
  local text = NGINX:format(file .. ".log", file, nginx.modules, file, file, file, file, file, tree, trust, how, mode,
    target.url, calls)
  local out = assert(io.open(file, "w"))
  out:write(text)
  out:close()
end

local function in_nginx(name, how)
  return {
    name = name,
    command = function(prefix, target, mode, calls)
      local file = ("%s/%s-%s-%d.conf"):format(target.folder, how, mode, calls)
      configuration(target, file, how, mode, calls)
      return ("%s nginx -p %s -c %s"):format(prefix, target.folder, file)
    end,
  }
end

--- nginx's own sockets with cjson.
function programs.sockets()
  return needs(in_nginx("nginx sockets", "sockets"), "lua-cjson", "luajit", "cjson")
end

--- lua-resty-http with cjson.
function programs.resty_http()
  local program = in_nginx("lua-resty-http", "resty")
  local found = works("find $(luajit -e 'print(package.path)' | tr ';?' '\\n*' | grep / | xargs -n 1 dirname) "
    .. "-path '*/resty/http.lua' 2>/dev/null | grep .")
  if not found then program.missing = "resty/http.lua where LuaJIT looks" end
  return program
end

return programs
