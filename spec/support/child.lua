--- Programs in a process of their own: what an environment variable or a signal does can be seen only there.
local child = {}

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end
child.quote = quote

--- The interpreter that runs this.
-- luacheck: read globals jit
child.lua = jit and "luajit" or "lua" .. _VERSION:match("%d%.%d")

--- Lua 5.1 itself: LuaJIT does some things as later Luas do.
child.is_plain_5_1 = child.lua == "lua5.1"

--- A file with this text, which the caller removes. → its path
function child.write(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

-- None of the caller's EXOTEL_ variables reaches a child, and none of the vendor's.
local CLEAN = "for v in $(env | sed -n 's/^\\(EXO\\(TEL\\)\\{0,1\\}_[A-Z_]*\\)=.*/\\1/p'); do unset $v; done; "

--- The shell command that runs a Lua script. `environment`: variables by name. The modules are found where the caller
-- finds them.
function child.command(script, environment)
  local settings = { "LUA_PATH=" .. quote(package.path), "LUA_CPATH=" .. quote(package.cpath) }
  for name, value in pairs(environment or {}) do settings[#settings + 1] = name .. "=" .. quote(value) end
  return "env " .. table.concat(settings, " ") .. " " .. child.lua .. " " .. script
end

--- Starts a shell command, ended after 20 seconds, or as many as given, whatever happens. → a pipe for child.finish
function child.start(command, seconds)
  return assert(io.popen(CLEAN .. "timeout --foreground " .. (seconds or 20) .. " " .. command .. " 2>&1; echo \" status $?\""))
end

--- The command with a GiB of memory at most: of addresses, or in fact under a sanitizer, which reserves far more.
function child.limited(command)
  local sanitized = (os.getenv("LD_PRELOAD") or ""):find("asan", 1, true)
  local limit = sanitized and 'ASAN_OPTIONS="$ASAN_OPTIONS:hard_rss_limit_mb=1000"; ' or "ulimit -v 1000000; "
  return "sh -c " .. quote(limit .. command)
end

--- Reads to the end. → what was written, standard error included, and the exit status
function child.finish(pipe)
  local text, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  return text, tonumber(status)
end

--- What a shell command writes, without its last line end.
function child.output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("\n$", ""))
end

--- Where `require` would find a module in C.
function child.module_path(name)
  for template in package.cpath:gmatch("[^;]+") do
    local path = template:gsub("%?", (name:gsub("%.", "/")))
    local file = io.open(path, "rb")
    if file then
      file:close()
      return path
    end
  end
  error("no module " .. name, 2)
end

--- Runs Lua code. → as child.finish
function child.run(code, environment, seconds)
  local script = child.write(code)
  local text, status = child.finish(child.start(child.command(script, environment), seconds))
  os.remove(script)
  return text, status
end

return child
