--- The real Kamailio on a free port, in a folder of its own, driven by sipsak and sipp.
local child = require "spec.support.child"

local Host = {}
Host.__index = Host

local kamailio = {}

-- What a shell command prints, and its exit status.
local function sh(command, ...)
  local pipe = assert(io.popen("{ " .. command:format(...) .. "\n} 2>&1; echo \" status $?\""))
  local text, status = pipe:read("*a"):match("^(.*) status (%d+)\n$")
  pipe:close()
  return text, tonumber(status)
end
kamailio.sh = sh

-- Below the range that the system gives to connections, so that none takes it before Kamailio does.
local FREE = [[perl -MIO::Socket::INET -e '
  while (1) {
    my $port = 20000 + int rand 12000;
    my %here = (LocalAddr => "127.0.0.1", LocalPort => $port);
    my $udp = IO::Socket::INET->new(%here, Proto => "udp") or next;
    my $tcp = IO::Socket::INET->new(%here, Proto => "tcp", Listen => 1) or next;
    print $port; exit;
  }']]

--- A port that nobody has, by UDP or TCP.
function kamailio.free_port() return tonumber((sh((FREE:gsub("%%", "%%%%"))))) end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- Twice: what is filled in may hold a place itself.
local function fill(text, values)
  for _ = 1, 2 do
    text = text:gsub("@([%u_]+)@", function(name) return values[name] and tostring(values[name]) end)
  end
  return text
end

-- The modules as this tree has them, and the build for Kamailio's Lua.
local function environment(options)
  local tree = sh("pwd"):gsub("\n", "")
  local settings = {
    LUA_PATH = tree .. "/lua/?.lua;" .. tree .. "/lua/?/init.lua",
    LUA_CPATH = tree .. "/build/" .. (options.build or "lua5.1-plain") .. "/?.so",
  }
  for name, value in pairs(options.environment or {}) do settings[name] = value end
  local words = {}
  for name, value in pairs(settings) do words[#words + 1] = name .. "=" .. child.quote(value) end
  return "env -u LD_PRELOAD -u LUA_INIT " .. table.concat(words, " ")
end

-- Ended after a while whatever happens to the test.
local function launch(self)
  sh("cd %s && { %s timeout --foreground --kill-after=5 %d kamailio %s -DD -E -P %s/k.pid -Y %s -w %s >log 2>&1 &"
    .. " echo $! >pid; }", self.folder, self.command, self.seconds, self.arguments, self.folder, self.folder, self.folder)
  self.pid = tonumber((sh("cat %s/pid", self.folder)))
end

function Host:log()
  local file = assert(io.open(self.folder .. "/log"))
  local text = file:read("*a")
  file:close()
  return text
end

--- Waits until `done()` is true. → what it returned; fails after `seconds` (10).
function Host:wait(what, done, seconds)
  for _ = 1, (seconds or 10) * 20 do
    local value = done()
    if value then return value end
    sh("sleep 0.05")
  end
  error(what .. " did not come:\n" .. self:log(), 2)
end

-- Who nobody waits for may stay as a zombie.
local function is_running(self)
  return select(2, sh("test -e /proc/%d && ! grep -q '^State:.Z' /proc/%d/status", self.pid, self.pid)) == 0
end

--- Waits for a text in the log.
function Host:logged(text, seconds)
  return self:wait("'" .. text .. "'", function() return self:log():find(text, 1, true) end, seconds)
end

--- kamailio.start { config =, script =, arguments =, build =, environment =, values = } → host. `@FOLDER@` and `@PORT@` in
-- the texts and in the command's arguments are filled in, and what is in `values`. Waits until it answers; with `fails = true` until it has given up. `seconds` (120): it is ended after that.
function kamailio.start(options)
  local self = setmetatable({ folder = sh("mktemp -d"):gsub("\n", ""), port = kamailio.free_port(), seconds = options.seconds or 120 }, Host)
  local values = { FOLDER = self.folder, PORT = self.port }
  for name, value in pairs(options.values or {}) do values[name] = value end
  if options.config then write(self.folder .. "/kamailio.cfg", fill(options.config, values)) end
  if options.script then write(self.folder .. "/script.lua", fill(options.script, values)) end
  self.command, self.arguments = environment(options), fill(options.arguments or "-f kamailio.cfg", values)
  launch(self)
  if options.fails then
    self:wait("its end", function() return not is_running(self) end)
  else
    self:wait("its answer", function() return not is_running(self) or self:send("ping").code end)
    assert(is_running(self), self:log())
  end
  return self
end

--- Ends it, and starts it again on the same port with what it has in its folder; the log begins anew.
function Host:restart()
  self:terminate()
  launch(self)
  self:wait("its answer", function() return self:send("ping").code end)
end

--- One OPTIONS to sip:<user>@host by sipsak. → { code, result (the header X-Result), milliseconds, text }
function Host:send(user) return self:start(user)() end

local function parse(text)
  local code
  for found in text:gmatch("\nSIP/2%.0 (%d%d%d)") do code = tonumber(found) end
  return {
    code = code, result = text:match("\nX%-Result: ([^\r\n]*)"), text = text,
    milliseconds = tonumber(text:match("reply received after ([%d.]+) ms")),
  }
end

--- As send, without waiting. → a function that waits, 20 seconds or as many as given, and returns what send does
function Host:start(user, seconds)
  local pipe = assert(io.popen(("env -u LD_PRELOAD timeout %d sipsak -vv -s 'sip:%s@127.0.0.1:%d' 2>&1"):format(seconds or 20, user,
    self.port)))
  return function()
    local text = pipe:read("*a")
    pipe:close()
    return parse("\n" .. text)
  end
end

--- Many at once: `count` requests to sip:<user>@…, `parallel` of them open at a time, by sipp. → nil, or sipp's words
-- when not all of them were answered by 200.
function Host:load(user, count, parallel)
  write(self.folder .. "/load.xml", fill(kamailio.OPTIONS, { USER = user }))
  local text, status = sh("cd %s && env -u LD_PRELOAD timeout 100 sipp -sf load.xml -m %d -l %d -r 5000 -nostdin"
    .. " -i 127.0.0.1 127.0.0.1:%d </dev/null", self.folder, count, parallel, self.port)
  if status ~= 0 then return text end
end

--- Starts sipp with a scenario's file on a free port. → the port, and a function that waits for its end and says
-- whether it went well
function kamailio.sipp(scenario, arguments)
  local port = kamailio.free_port()
  local pipe = assert(io.popen(("cd ${TMPDIR:-/tmp} && env -u LD_PRELOAD timeout 20 sipp -sf %s -i 127.0.0.1 -p %d -m 1"
    .. " -nostdin %s >/dev/null 2>&1 </dev/null; echo $?"):format(scenario, port, arguments or "")))
  return port, function()
    local status = pipe:read("*l")
    pipe:close()
    return status == "0"
  end
end

kamailio.OPTIONS = [[
<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="options">
  <send retrans="500"><![CDATA[
    OPTIONS sip:@USER@@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
    From: <sip:sipp@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:@USER@@[remote_ip]:[remote_port]>
    Call-ID: [call_id]
    CSeq: 1 OPTIONS
    Max-Forwards: 70
    Content-Length: 0

  ]].."]]"..[[></send>
  <recv response="200" timeout="30000"/>
</scenario>
]]

-- What a server that is well never writes.
local BAD = { " ERROR: ", " CRITICAL: ", " ALERT: ", " BUG: ", "BUG:", "exited by a signal", "core was generated" }

--- The lines of the log that tell of something wrong, in one text; "" when there is none.
function Host:complaints()
  local lines = {}
  for line in self:log():gmatch("[^\n]+") do
    for _, bad in ipairs(BAD) do
      if line:find(bad, 1, true) then
        lines[#lines + 1] = line
        break
      end
    end
  end
  return table.concat(lines, "\n")
end

--- Ends the server.
function Host:terminate()
  sh("kill %d", self.pid)
  self:wait("its end", function() return not is_running(self) end)
end

--- Ends it and removes its folder. → whether it was there until now, and what it complained of while it was at work:
-- processes that end before others make it complain, too.
function Host:stop()
  local fine, complaints = is_running(self), self:complaints()
  if fine then self:terminate() end
  local crash = self:log():match("[^\n]*core was generated[^\n]*") or self:log():match("[^\n]*exited by a signal[^\n]*")
  sh("rm -rf %s", self.folder)
  return fine and not crash, complaints
end

return kamailio
