--- Runs the command `exotel` as a process, and looks at what it printed and at its exit status.
local assert = require "luassert"
local child = require "spec.support.child"

local command = {}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  os.remove(path)
  return text
end

-- What the command keeps by itself: a folder for all tests of this process, which goes with it.
local STATE = os.tmpname() .. ".state"
command.cleanup = setmetatable({}, { __gc = function() os.execute("rm -rf " .. STATE .. " " .. STATE:gsub("%.state$", "")) end })

--- Where the command keeps files by itself.
command.state = STATE .. "/exotel"

-- Nothing of the configuration of whoever runs the tests.
local NEUTRAL = {
  HOME = "/proc/nonexistent", XDG_CONFIG_HOME = "/proc/nonexistent", XDG_STATE_HOME = STATE, TERM = "xterm", NO_COLOR = "", COLUMNS = "80",
}

local function environment_of(account, more)
  local all = {}
  for _, list in ipairs { NEUTRAL, account and account.environment and account:environment() or account or {}, more or {} } do
    for name, value in pairs(list) do all[name] = value end
  end
  return all
end

--- The shell command that runs `exotel ARGUMENTS`. `account`: a sandbox, or a table of environment variables; `more`:
-- further variables.
function command.line(account, arguments, more)
  return child.command("bin/exotel " .. arguments, environment_of(account, more))
end

local Result = {}
Result.__index = Result

--- Asserts the exit status, and exactly what was printed on standard output and standard error (nil: anything).
function Result:says(status, out, err)
  local all = ("%s\nstatus %s\nout: %s\nerr: %s"):format(self.line, self.status, self.out, self.err)
  assert.equal(status, self.status, all)
  if out then assert.equal(out, self.out, all) end
  if err then assert.equal(err, self.err, all) end
  return self
end

--- Runs it. `options`: `env` (variables), `input` (text for standard input; else it is empty), `shell` (a script for bash
-- in which EXOTEL stands for the command). → { out, err, status }
function command.run(account, arguments, options)
  options = options or {}
  local out, err, input = os.tmpname(), os.tmpname(), child.write(options.input or "")
  local line = command.line(account, arguments, options.env)
  local inner = (options.shell or "EXOTEL"):gsub("EXOTEL", function() return line end)
  inner = ("{ %s; } >%s 2>%s <%s"):format(inner, out, err, input)
  local _, status = child.finish(child.start("bash -c " .. child.quote(inner)))
  os.remove(input)
  return setmetatable({ out = read(out), err = read(err), status = status, line = "exotel " .. arguments }, Result)
end

-- So wide that no question has more lines than its text.
local WIDE = { COLUMNS = "200" }

--- Runs it at a terminal, and follows the steps: { "expect:Name:", "send:x\\n" }. → { out, status }; `out` is all that the
-- terminal showed. `options`: `env` (COLUMNS is how wide it is; empty: as the step size says), `program` (a shell command
-- to run instead of exotel)
function command.at_terminal(account, arguments, steps, options)
  local words = {}
  for i, step in ipairs(steps or {}) do words[i] = child.quote(step) end
  local env = {}
  for _, list in ipairs { WIDE, options and options.env or {} } do
    for name, value in pairs(list) do env[name] = value end
  end
  local program = options and options.program or command.line(account, arguments, env)
  local line = ("perl spec/support/terminal.pl %s -- %s"):format(table.concat(words, " "), program)
  local out, status = child.finish(child.start(line))
  return setmetatable({ out = out, err = "", status = status, line = "exotel " .. arguments .. " (terminal)" }, Result)
end

--- Leaves the sandbox with a single trunk, called out, without faults and recorded requests. → its trunk_sid
function command.one_trunk(sb)
  sb:clear_faults()
  for _, trunk in ipairs(sb:state().trunks) do
    command.run(sb, "trunk delete --yes sid:" .. trunk.trunk_sid):says(0)
  end
  local sid = command.run(sb, "trunk create out"):says(0).out:match("^created trunk out %((%w+)%)\n$")
  sb:reset_requests()
  return sid
end

local Running = {}
Running.__index = Running

--- Starts it. → a running command, for `signal`, `wait_for` and `finish`
function command.start(account, arguments, options)
  local out, err = os.tmpname(), os.tmpname()
  local line = command.line(account, arguments, options and options.env)
  local pipe = child.start("bash -c " .. child.quote(("echo $$; exec %s >%s 2>%s </dev/null"):format(line, out, err)))
  return setmetatable({ pipe = pipe, pid = pipe:read("*l"), out = out, err = err, line = "exotel " .. arguments }, Running)
end

--- Sends it a signal: "INT". Who kills at any moment may come too late: KILL is no error then.
function Running:signal(name)
  local sent = os.execute(("kill -%s %s"):format(name, self.pid))
  assert(sent or name == "KILL")
end

--- Waits until `fits(what it wrote to standard output, and to standard error)`.
function Running:wait_for(fits)
  for _ = 1, 2000 do
    local out, err = assert(io.open(self.out)), assert(io.open(self.err))
    local good = fits(out:read("*a"), err:read("*a"))
    out:close()
    err:close()
    if good then return end
    os.execute("sleep 0.005")
  end
  error("waited in vain: " .. self.line, 2)
end

--- Waits for its end. → as command.run
function Running:finish()
  local _, status = child.finish(self.pipe)
  return setmetatable({ out = read(self.out), err = read(self.err), status = status, line = self.line }, Result)
end

return command
