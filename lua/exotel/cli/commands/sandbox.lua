--- exotel sandbox: runs the sandbox, until a signal or the end of the program that is run with it.
local errors = require "exotel.cli.errors"
local signals = require "exotel.cli.terminal.signals"
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

local function start(args)
  local port = args.port or 0
  if port > 65535 then errors.usage("--port is a number from 0 to 65535") end
  local sb, message = load_sandbox().start { port = port, tls = args.tls or nil }
  if not sb then errors.fail("the sandbox can't start on port %d: %s", port, message) end
  return sb
end

local function sandbox(app, args)
  local sb = start(args)
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
  },
  more = "Prints the environment variables by which exotel and the library find it, as lines for a shell.",
  examples = {
    "exotel sandbox                                  # and paste its lines into another terminal",
    "exotel sandbox -- bash                          # a shell with the sandbox as its account",
    "exotel sandbox -- make test",
  },
}
