--- nginx with its Lua module, in a process of its own: in a folder of its own, on free loopback ports, ended by its pid.
local child = require "spec.support.child"
local curl = require "spec.support.curl"

local quote = child.quote

local nginx = {}

local Server = {}
Server.__index = Server

-- Nothing of a sanitizer preloaded for the caller, nor of its Lua paths.
local CLEAN = "env -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH -u LUA_INIT "
nginx.clean = CLEAN

local output = child.output
nginx.output = output

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end
nginx.read = read

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- Waits until `happened()` gives something true, 15 seconds at most. → that
function nginx.wait_for(what, happened)
  for _ = 1, 1500 do
    local result = happened()
    if result then return result end
    os.execute("sleep 0.01")
  end
  error("this never happened: " .. what, 2)
end

-- Ports that were free a moment ago, all different.
local function free_ports(count)
  local code = "use IO::Socket::INET; my @s = map { IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) } 1 .. "
    .. count .. "; print join(' ', map { $_->sockport } @s)"
  local ports = {}
  for port in output(CLEAN .. "perl -e " .. quote(code)):gmatch("%d+") do ports[#ports + 1] = port end
  return ports
end
nginx.free_ports = free_ports

-- Debian keeps the Lua module apart; OpenResty has it built in.
local function load_modules()
  local folder = output(CLEAN .. "nginx -V 2>&1"):match("%-%-modules%-path=(%S+)")
  local lines = {}
  for _, name in ipairs { "ndk_http_module.so", "ngx_http_lua_module.so" } do
    local path = (folder or "") .. "/" .. name
    if read(path) then lines[#lines + 1] = "load_module " .. path .. ";" end
  end
  return table.concat(lines, "\n")
end

--- What loads it in a configuration.
nginx.modules = load_modules()

local tree = output("pwd")

-- The build for LuaJIT stands beside this one's: build/lua5.4-plain/?.so, build/luajit-plain/?.so.
nginx.module_paths = ('lua_package_path "%s/lua/?.lua;%s/lua/?/init.lua;;"; lua_package_cpath "%s/build/luajit-plain/?.so;;";')
  :format(tree, tree, tree)

local MAIN = [[
daemon off;
worker_processes %d;
error_log %s/error.log notice;
pid %s/nginx.pid;
%s
%s
%s
worker_shutdown_timeout 15s;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path %s/body;
  proxy_temp_path %s/proxy;
  fastcgi_temp_path %s/fastcgi;
  uwsgi_temp_path %s/uwsgi;
  scgi_temp_path %s/scgi;
  %s
  %s
}
]]

local function configuration(self, options)
  local folder = self.folder
  local user = output("id -u") == "0" and "user root;" or ""
  local http = options.http:gsub("%$PORT(%d?)", function(n) return self.ports[tonumber(n) or 1] end)
    :gsub("%$FOLDER", folder)
  return MAIN:format(options.workers or 1, folder, folder, user, nginx.modules, options.main or "", folder, folder, folder, folder, folder,
    options.paths or nginx.module_paths, http)
end

local function environment_words(environment)
  local words = {}
  for name, value in pairs(environment or {}) do words[#words + 1] = name .. "=" .. quote(value) end
  return table.concat(words, " ")
end

-- nginx in the background, its own last words in a file. → its pid
local function launch(self, command)
  local words = ("cd %s && %s %s %s > %s/words 2>&1 & echo $!"):format(quote(self.folder), CLEAN,
    environment_words(self.environment), command, self.folder)
  return tonumber(output(words))
end

--- Whether a process is there, and not merely one that its parent has not yet buried.
function nginx.is_alive(pid)
  local state = output("ps -o stat= -p " .. pid)
  return state ~= "" and not state:find("^Z")
end

function Server:is_alive() return nginx.is_alive(self.pid) end

--- Writes the configuration and a folder for it. `options`: http (what stands in http {}; $PORT, $PORT2, $FOLDER),
-- main (what stands outside), workers (1), paths, files (text by name), environment, seconds. → a server that is not started
function nginx.new(options)
  local self = setmetatable({ folder = output("mktemp -d"), environment = options.environment, seconds = options.seconds or 120 }, Server)
  self.ports = free_ports(3)
  self.url = "http://127.0.0.1:" .. self.ports[1]
  for name, text in pairs(options.files or {}) do write(self.folder .. "/" .. name, text) end
  self.conf = self.folder .. "/nginx.conf"
  write(self.conf, configuration(self, options))
  return self
end

--- Starts it with a configuration that it has to refuse. → what it said
function Server:refuse()
  local words, status = child.finish(child.start(("env -u LD_PRELOAD -u LUA_PATH -u LUA_CPATH %s nginx -p %s -c %s")
    :format(environment_words(self.environment), self.folder, self.conf)))
  if status ~= 1 then error("nginx did not refuse to start, but ended with status " .. tostring(status) .. ": " .. words, 2) end
  return words
end

--- Starts it and waits until it answers. Ended after `seconds` (120), whatever happens.
function Server:start()
  self.pid = launch(self, ("timeout --foreground --signal=QUIT --kill-after=10 %d nginx -p %s -c %s"):format(self.seconds, self.folder, self.conf))
  nginx.wait_for("nginx starts", function()
    if not self:is_alive() then error("nginx ended: " .. self:log()) end
    return curl.request(self.url .. "/").exit == 0
  end)
  self.master = tonumber(read(self.folder .. "/nginx.pid"))
  return self
end

--- nginx.start(options) → a server that answers; options as for nginx.new.
function nginx.start(options) return nginx.new(options):start() end

--- GET by curl. → as curl.request
function Server:get(path, options) return curl.request(self.url .. path, options) end

--- Starts a GET. → as curl.start
function Server:start_get(path, options) return curl.start(self.url .. path, options) end

--- All that it logged, and what it said before it had opened its log.
function Server:log() return (read(self.folder .. "/words") or "") .. (read(self.folder .. "/error.log") or "") end

--- The lines of the error log that tell of trouble: warnings and worse, workers that died.
function Server:troubles()
  local lines = {}
  for line in self:log():gmatch("[^\n]+") do
    local level = line:match("^%S+ %S+ %[(%a+)%]")
    local quiet = level == "notice" or level == "info"
    if not quiet or line:find("exited on signal", 1, true) or line:find("exited with code [^0]") then
      lines[#lines + 1] = line
    end
  end
  return lines
end

--- The pids of the workers.
function Server:workers()
  local pids = {}
  for pid in output("ps -o pid= --ppid " .. self.master):gmatch("%d+") do pids[#pids + 1] = tonumber(pid) end
  return pids
end

--- Sends the master a signal: "HUP" reloads, "QUIT" ends it when all is answered, "TERM" at once.
function Server:signal(name) os.execute(("kill -%s %d 2>/dev/null"):format(name, self.master)) end

--- Ends it and removes its folder; harmless twice. What was logged stays readable.
function Server:stop()
  if self.master and self:is_alive() then
    self:signal("QUIT")
    nginx.wait_for("nginx ends", function() return not self:is_alive() end)
  end
  self.master = nil
  if self.folder then
    local log = self:log()
    os.execute("rm -rf " .. quote(self.folder))
    self.log = function() return log end
    self.folder = nil
  end
end

return nginx
