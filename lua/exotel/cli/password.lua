--- Passwords of credentials: where one comes from, and where one that was generated goes. None is ever an argument.
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local fcntl = require "posix.fcntl"
local prompt = require "exotel.cli.terminal.prompt"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"
local trunks = require "exotel.trunk"
local unistd = require "posix.unistd"

local M = {}

M.options = {
  { name = "--password-env", value = "NAME", text = "Take the password from this environment variable." },
  { name = "--password-stdin", text = "Take the password from the first line of standard input." },
}
M.generating = {
  { name = "--generate-password", text = "Make a password, and print it once." },
  { name = "--password-file", value = "FILE", text = "Write it to this new file instead (mode 600)." },
}

-- Where it comes from -------------------------------------------------------------------------------------------------

local function from_variable(name)
  local password = environment.get(name)
  if not password then errors.usage("the environment variable %s holds no password", name) end
  return password
end

local function from_input()
  local password = prompt.read_line()
  if not password or password == "" then errors.usage("standard input holds no password") end
  return password
end

local function asked(app, trunk, user_name)
  if not screen.can_ask() then
    errors.usage("there is no terminal to ask for the password on: take --password-env NAME or --password-stdin")
  end
  return prompt.new_password(user_name, resolve.name(trunk), (app:account()), trunks.password_rule())
end

--- Refuses options that exclude each other.
function M.check(app, args)
  local sources = 0
  for _, name in ipairs { "password_env", "password_stdin", "generate_password" } do
    sources = sources + (args[name] and 1 or 0)
  end
  if sources > 1 then errors.usage("--password-env, --password-stdin and --generate-password exclude each other") end
  if args.password_file and not args.generate_password then
    errors.usage("--password-file is where a generated password goes: say --generate-password, too")
  end
  if args.generate_password and app.out.json and not args.password_file then
    errors.usage("with --json a generated password goes to a file: say --password-file FILE")
  end
end

--- The password for a user of a trunk: from a variable or standard input as the arguments say, else asked for.
function M.given(app, args, trunk, user_name)
  app:consent()
  if args.password_env then return from_variable(args.password_env) end
  if args.password_stdin then return from_input() end
  return asked(app, trunk, user_name)
end

-- Where a generated one goes, before it is sent, so that it can't be lost
-- ----------------------------------------------

local OWNER_ONLY = tonumber("600", 8)
local EXISTS = 17

local function open_file(path)
  local flags = fcntl.O_WRONLY + fcntl.O_CREAT + fcntl.O_EXCL
  local descriptor, message, code = fcntl.open(path, flags, OWNER_ONLY)
  if descriptor then return descriptor end
  if code == EXISTS then
    errors.fail("%s is there already, maybe with the password of an earlier run: nothing was sent; take another file",
      path)
  end
  errors.fail("%s can't be written: %s: nothing was sent", path, (message or ""):gsub("^.*: ", ""))
end

local function write_all(descriptor, text)
  local written, message = unistd.write(descriptor, text)
  if written ~= #text then return nil, message or "the disk is full" end
  return unistd.fsync(descriptor)
end

local function write_file(path, password)
  local descriptor = open_file(path)
  local good, message = write_all(descriptor, password .. "\n")
  unistd.close(descriptor)
  if good then return end
  os.remove(path)
  errors.fail("%s can't be written: %s: nothing was sent", path, (message or ""):gsub("^.*: ", ""))
end

local function show(app, args, user_name, password)
  if args.password_file then return write_file(args.password_file, password) end
  if not screen.stdout_is_terminal() then return app.out:text(password .. "\n") end
  app.out:text(screen.format("Password of %s, shown once: %s\n", user_name, password))
end

-- → a password that was written or shown
local function generate(app, args, user_name)
  local password = trunks.generate_password() or errors.fail("this system has no randomness for passwords")
  show(app, args, user_name, password)
  return password
end

-- What failed for certain left nothing that the password would be good for.
local function is_certain(reason) return type(reason) == "table" and reason.operation and not reason.maybe_applied end

local function after_failure(app, args, reason)
  if not args.generate_password then return end
  local file = args.password_file
  if is_certain(reason) then return file and os.remove(file) end
  app.out.advice = ("it is not known whether the new password holds: keep it%s"):format(
    file and (" (" .. screen.plain(file) .. ")") or "")
end

--- Runs `action(password)`, which sends it, with the password that the arguments say; a generated one is in its file,
-- or shown, before. → what `action` returns; raises what it raises
function M.send(app, args, trunk, user_name, action)
  app:consent()
  local password = args.generate_password and generate(app, args, user_name) or M.given(app, args, trunk, user_name)
  local good, data, info = pcall(action, password)
  if good then return data, info end
  after_failure(app, args, data)
  error(data, 0)
end

--- Says that a write was done. Where standard output has the password, and nothing else, people are told elsewhere.
function M.done(app, args, info, data, format, ...)
  local alone = args.generate_password and not args.password_file and not screen.stdout_is_terminal()
  if alone then
    app.out:note(format, ...)
    app:remark(info)
  else
    app:done(info, data, format, ...)
  end
  if args.password_file then app.out:note("the password is in %s", args.password_file) end
end

return M
