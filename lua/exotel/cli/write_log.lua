--- The log of writes: a line of JSON for each write that was sent, by whatever command, in the file `log` of the
-- command's state folder. A log that can't be written stops nothing; that is said once.
local output = require "exotel.cli.terminal.output"
local request_log = require "exotel.cli.request_log"
local file = require "exotel.cli.write_log.file"
local passwd = require "posix.pwd"
local unistd = require "posix.unistd"
local utsname = require "posix.sys.utsname"

local M = {}

-- The names of trunks by their sid, as far as this run has seen them.
local names = {}

--- Tells the log what a trunk is called.
function M.note_trunk(trunk_sid, trunk_name)
  if trunk_sid and (trunk_name or "") ~= "" then names[trunk_sid] = trunk_name end
end

local function who()
  local user = passwd.getpwuid(unistd.geteuid())
  local system = utsname.uname()
  return ("%s@%s"):format(user and user.pw_name or unistd.geteuid(), system and system.nodename or "?")
end

local function outcome_of(write)
  if write.outcome == "ok" then return "done" end
  return write.maybe_applied and "maybe applied" or "failed"
end

-- What is the same in every line of this run.
local function origin_of(args, chosen)
  local command = args._verb and ("%s %s"):format(args._noun, args._verb) or args._noun
  return { account = chosen.account_sid, profile = chosen.profile, who = who(), command = command }
end

local function entry_of(origin, write)
  local entry, about = {}, {}
  for name, value in pairs(origin) do entry[name] = value end
  for name, value in pairs(write.about) do about[name] = value end
  M.note_trunk(about.trunk_sid, about.trunk_name)
  entry.time, entry.operation, entry.outcome = os.date("!%Y-%m-%dT%H:%M:%SZ"), write.operation, outcome_of(write)
  entry.trunk_sid, about.trunk_sid = about.trunk_sid, nil
  entry.trunk_name = names[entry.trunk_sid]
  entry.kind = write.outcome ~= "ok" and write.outcome or nil
  entry.about, entry.status, entry.request_id = about, write.status, write.request_id
  return entry
end

--- write_log.new(args, chosen) → a client's `on_write`. `chosen`: the account, as account.choose has it.
function M.new(args, chosen)
  local origin, told = nil, false
  return function(write)
    origin = origin or origin_of(args, chosen)
    local good, written, message = pcall(function() return file.append(output.line(entry_of(origin, write))) end)
    if good and written or told or args.quiet then return end
    told = true
    request_log.tell("what is changed is not logged: %s", tostring(good and message or written))
  end
end

return M
