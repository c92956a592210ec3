--- exotel sandbox: runs the sandbox, until a signal or the end of the program that is run with it.
local beginnings = require "exotel.cli.commands.sandbox.beginnings"
local errors = require "exotel.cli.errors"
local signals = require "exotel.cli.terminal.signals"
local stat = require "posix.sys.stat"
local subprocess = require "exotel.cli.commands.sandbox.subprocess"

local VARIABLES = { "EXOTEL_ACCOUNT_SID", "EXOTEL_API_KEY", "EXOTEL_API_TOKEN", "EXOTEL_BASE_URL", "EXOTEL_CA_FILE" }
-- Would override or contradict them if they were set already.
local UNSET = { "EXOTEL_REGION", "EXOTEL_SUBDOMAIN", "EXOTEL_PROFILE", "EXOTEL_CA_FILE" }

local function load_sandbox()
  local found, sandbox = pcall(require, "exotel.sandbox")
  if found then return sandbox end
  errors.fail("the sandbox is not installed: make install-sandbox, or the rock exotel-sandbox (%s)",
    sandbox:match("^[^\n]*"))
end

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function exports(environment)
  local lines = { "unset " .. table.concat(UNSET, " ") .. "\n" }
  for _, name in ipairs(VARIABLES) do
    if environment[name] then lines[#lines + 1] = ("export %s=%s\n"):format(name, quoted(environment[name])) end
  end
  return table.concat(lines)
end

local function announce(app, sb)
  if app.out.json then return app.out:value(sb:environment()) end
  app.out:text(exports(sb:environment()))
  app.out:note("# The sandbox answers at %s; Ctrl-C ends it.", sb.base_url)
end

-- A signal is its normal end.
local function serve(app, sb)
  announce(app, sb)
  local good, reason = pcall(function()
    while true do signals.sleep(3600) end
  end)
  sb:stop()
  if not good and not signals.is_interrupt(reason) then error(reason, 0) end
end

-- A device or a pipe has no end that it could be read to.
local function check_state(path)
  if path == "" then errors.usage("--state takes the name of a file") end
  local facts = path and stat.stat(path)
  if facts and stat.S_ISREG(facts.st_mode) == 0 then errors.fail("the state %s can't be read: it is no file", path) end
end

-- What is kept counts; where nothing is there yet it begins with what is loaded.
local function trunks_of(app, args)
  local kept = args.state and io.open(args.state, "rb")
  if not kept then return beginnings.trunks(args.load) end
  kept:close()
  if #args.load > 0 then app.out:note("# %s is there: what --load names is left aside.", args.state) end
end

local function refuse(message, port)
  local is_port = message:find("^can't listen") ~= nil
  errors.fail("%s%s", is_port and ("the sandbox can't start on port %d: "):format(port) or "", message)
end

local function start(app, args)
  local port, module = args.port or 0, load_sandbox()
  if port > 65535 then errors.usage("--port is a number from 0 to 65535") end
  check_state(args.state)
  local faults = beginnings.faults(module, args.fault)
  local good, sb, message = pcall(module.start, {
    port = port, tls = args.tls or nil, state = args.state, log = args.log or nil, trunks = trunks_of(app, args),
    faults = faults,
  })
  if not good then errors.fail("--load: %s", (sb:gsub("^.*option '(trunks%[%d+%])': put: ", "%1: "))) end
  if not sb then refuse(message, port) end
  return sb
end

local function sandbox(app, args)
  local sb = start(app, args)
  if #args.command == 0 then return serve(app, sb) end
  local status = subprocess.run(args.command, sb:environment(), UNSET)
  sb:stop()
  return status
end

return {
  name = "sandbox",
  summary = "Run a stand-in for the service on this machine: no account needed.",
  run = sandbox,
  arguments = {
    {
      name = "COMMAND", args = "*", complete = "program",
      text = "After --: run this with the sandbox as its account, and end with it.",
    },
  },
  options = {
    { name = "--port", value = "PORT", whole = true, text = "The port, on 127.0.0.1; any free one unless given." },
    { name = "--tls", text = "HTTPS, with a certificate made on the spot." },
    {
      name = "--load", value = "FILE", many = true,
      text = "Begin with these trunks: specifications, in Lua or JSON, or a state that --state has kept.",
    },
    {
      name = "--state", value = "FILE",
      text = "Keep there what it holds, passwords included, for the next one that is started with it.",
    },
    {
      name = "--fault", value = "SPEC", many = true,
      text = "Have requests fail, as on=create_trunk,status=503,times=2: see below.",
    },
    { name = "--log", text = "A line for each request on standard error." },
  },
  more = "Prints the environment variables by which exotel and the library find it, as lines for a shell.\n"
    .. "A file of --state is written as a whole before a write is answered; once it is there it counts, and not "
    .. "--load. A damaged one is refused.\n"
    .. "SPEC of a fault: with commas between them on=OPERATION (before=: it isn't done; after=: it is done; * is any "
    .. "operation), and drop, reset, hang, status=N, body=TEXT, header=NAME: VALUE, delay=SECONDS, late=SECONDS, "
    .. "cut=BYTES, drip=SECONDS, times=N (1; all), skip=N; body= takes all that follows. "
    .. "Operations have the names that the README lists.",
  examples = {
    "exotel sandbox                                  # and paste its lines into another terminal",
    "exotel sandbox -- bash                          # a shell with the sandbox as its account",
    "exotel sandbox --load trunks.lua --state ~/sandbox.json --log",
    "exotel sandbox --fault on=list_trunks,status=503,times=2 -- exotel trunk list",
    "exotel sandbox -- make test",
  },
}
