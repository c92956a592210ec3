--- The specifications of trunks that are about to be deleted, in a file of which `exotel apply` makes them again.
local errors = require "exotel.cli.errors"
local fcntl = require "posix.fcntl"
local provision = require "exotel.provision"
local state = require "exotel.cli.state"
local unistd = require "posix.unistd"

local M = {}

M.options = {
  { name = "--backup", value = "FILE", text = "Write its specification there; else below ~/.local/state/exotel." },
  { name = "--no-backup", text = "Keep no specification." },
}

--- Refuses options that exclude each other.
function M.check(args)
  if args.backup and args.no_backup then errors.usage("--backup and --no-backup exclude each other") end
end

local REMEDY = "nothing was deleted: say where by --backup FILE, or --no-backup"
local OWNER_ONLY = tonumber("600", 8)
local EXISTS = 17

-- Reading -------------------------------------------------------------------------------------------------------------

-- With the letters of a user name that the name of a variable can have; another one for each.
local function variable_of(user_name, taken)
  local base = "EXOTEL_PASSWORD_" .. tostring(user_name):upper():gsub("[^A-Z0-9_]", "_")
  local name, i = base, 1
  while taken[name] do
    i = i + 1
    name = base .. "_" .. i
  end
  taken[name] = true
  return name
end

--- backup.read(app, trunk, taken) → the specification of the trunk, with the name of a variable for each password,
-- which the service never shows; and what an export warns of. Raises when it can't be read. `taken`: the set of
-- variables of the trunks before, which gets those of this one; may be left out.
function M.read(app, trunk, taken)
  local spec, info = provision.export(app:client(), trunk.trunk_sid)
  if not spec then app.out.advice = "nothing was deleted; --no-backup deletes it without keeping its specification" end
  errors.assert(spec, info)
  taken = taken or {}
  for _, credential in ipairs(spec.credentials or {}) do
    credential.password_env = variable_of(credential.user_name, taken)
  end
  return spec, info.warnings
end

-- Writing -------------------------------------------------------------------------------------------------------------

local function comment(lines, format, ...)
  lines[#lines + 1] = "-- " .. format:format(...):gsub("[%c]", " ")
end

-- What is said of one trunk.
local function add_comments(lines, app, entry)
  local trunk = entry.trunk
  comment(lines, "The trunk %s (%s) of the account %s, as it was when it was deleted on %s.",
    tostring(trunk.trunk_name), trunk.trunk_sid, app:account(), os.date("!%Y-%m-%dT%H:%M:%SZ"))
  for _, remark in ipairs(entry.remarks or {}) do comment(lines, "%s", remark) end
  comment(lines, "exotel apply of this file makes it again, with another trunk_sid.")
  for _, credential in ipairs(entry.spec.credentials or {}) do
    comment(lines, "The password of %s is in no file: set %s first.", credential.user_name, credential.password_env)
  end
  for _, warning in ipairs(entry.warnings) do comment(lines, "%s", warning) end
end

local function text_of(app, entries)
  local lines, specs = {}, {}
  for i, entry in ipairs(entries) do
    add_comments(lines, app, entry)
    specs[i] = entry.spec
  end
  return table.concat(lines, "\n") .. "\n" .. provision.format(#specs == 1 and specs[1] or specs, "lua")
end

local function fail(path, message)
  errors.fail("%s can't be written: %s: %s", path, (message:gsub("^.*: ", "")), REMEDY)
end

-- → a descriptor, or nil when something is there already
local function create(path)
  local descriptor, message, code = fcntl.open(path, fcntl.O_WRONLY + fcntl.O_CREAT + fcntl.O_EXCL, OWNER_ONLY)
  if not descriptor and code ~= EXISTS then fail(path, message or "?") end
  return descriptor
end

local function write(path, descriptor, text)
  local at, message = 1, nil
  while at <= #text do
    local written
    written, message = unistd.write(descriptor, text:sub(at, at + 65535))
    if not written then break end
    at = at + written
  end
  if not message and unistd.fsync(descriptor) ~= 0 then message = "it does not reach the disk" end
  unistd.close(descriptor)
  if not message then return end
  os.remove(path)
  fail(path, message)
end

local function default_name(entries)
  local trunk = entries[1].trunk
  if #entries > 1 then return #entries .. "_trunks" end
  return (trunk.trunk_name or "") ~= "" and trunk.trunk_name or trunk.trunk_sid
end

-- A new file, below the state folder unless told where. Two of one name in one second have different endings.
local function new_file(args, entries)
  if args.backup then
    local descriptor = create(args.backup)
    if not descriptor then errors.fail("%s is there already: %s", args.backup, REMEDY) end
    return args.backup, descriptor
  end
  local base = ("%s-%s"):format(default_name(entries), os.date("!%Y%m%dT%H%M%SZ"))
  for i = 1, 100 do
    local path = state.file("deleted", base .. (i > 1 and "-" .. i or "") .. ".lua", REMEDY)
    local descriptor = create(path)
    if descriptor then return path, descriptor end
  end
  errors.fail("no name is left for the specification: %s", REMEDY)
end

--- backup.write(app, args, entries) → the path of a new file. Raises when it can't be written whole. `entries`: an
-- array of { trunk, spec and warnings (as `read` returns them), remarks (an array of sentences, may be left out) }.
function M.write(app, args, entries)
  local path, descriptor = new_file(args, entries)
  write(path, descriptor, text_of(app, entries))
  return path
end

return M
