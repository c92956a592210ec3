--- The trunks of the account, for completion: from a file that is kept for a minute, else from the service, which is
-- asked by a process of its own, so that nobody waits longer for it than a second. Nothing here fails, or says a word.
local account = require "exotel.cli.account"
local environment = require "exotel.cli.environment"
local fcntl = require "posix.fcntl"
local plain = require "exotel.text.plain"
local poll = require "posix.poll"
local signal = require "posix.signal"
local stat = require "posix.sys.stat"
local state = require "exotel.cli.state"
local time = require "posix.time"
local trunks = require "exotel.trunk"
local unistd = require "posix.unistd"
local write = require "exotel.files.write"

local M = {}

-- Seconds: for which what was read is good; for which it will do where the service says nothing; between two questions
-- to a service that says nothing; after which the process that asks is ended.
local FRESH, USABLE, AGAIN, LONGEST = 60, 600, 10, 8

-- Milliseconds for which the one who presses the key waits, and the most bytes that are read from the file.
local WAIT, LARGEST = 900, 4 * 1024 * 1024

-- The account ---------------------------------------------------------------------------------------------------------

local function place_in_environment()
  for _, name in ipairs { "EXOTEL_BASE_URL", "EXOTEL_SUBDOMAIN", "EXOTEL_REGION" } do
    if environment.get(name) then return environment.get(name) end
  end
end

-- → { account (as account.choose has it), sid, place }; raises what is wrong with it
local function choose(name)
  local found = account.choose(name)
  local fields = found.fields
  local is_in_environment = next(fields) == nil
  return {
    account = found, sid = found.account_sid,
    place = fields.base_url or fields.subdomain or fields.region or is_in_environment and place_in_environment(),
  }
end

-- A command that gives the token may ask the user for something.
local function may_ask(chosen) return chosen.account.fields.api_token_command == nil end

local function client_of(chosen) return (account.client(chosen.account, {}, function() end)) end

-- The file ------------------------------------------------------------------------------------------------------------

local function folder()
  local cache, home = environment.get("XDG_CACHE_HOME"), environment.get("HOME")
  if cache and cache:sub(1, 1) == "/" then return cache .. "/exotel/trunks" end
  return home and home .. "/.cache/exotel/trunks"
end

-- The longest name that file systems take, with what is written beside it.
local LONGEST_NAME = 200

-- Of an account there is a file for each place that it may be at. → its path, or nil
local function path_of(chosen)
  local name = (("%s@%s"):format(chosen.sid or "", chosen.place or "")):gsub("[^%w@_-]", function(letter)
    return ("%%%02X"):format(letter:byte())
  end)
  local above = folder()
  return above and #name <= LONGEST_NAME and above .. "/" .. name or nil
end

-- → how many seconds ago a file was written, or nil where there is none that is this user's alone
local function age_of(path)
  local facts = path and stat.lstat(path)
  local is_ours = facts and stat.S_ISREG(facts.st_mode) ~= 0 and facts.st_uid == unistd.geteuid()
  if not is_ours or facts.st_mode % 64 ~= 0 or facts.st_size > LARGEST then return nil end
  local age = os.time() - facts.st_mtime
  return age >= 0 and age or nil
end

local function parse(text)
  local list = {}
  for sid, name in text:gmatch("([^\t\n]+)\t([^\n]*)\n") do list[#list + 1] = { trunk_sid = sid, trunk_name = name } end
  return list
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a") or ""
  if file then file:close() end
  return parse(text)
end

-- A name with control characters, or that is no UTF-8, is no use to anybody who types.
local function typeable(text) return type(text) == "string" and plain(text) == text end

local function render(list)
  local lines = {}
  for _, trunk in ipairs(list) do
    if typeable(trunk.trunk_sid) then
      lines[#lines + 1] = ("%s\t%s\n"):format(trunk.trunk_sid, typeable(trunk.trunk_name) and trunk.trunk_name or "")
    end
  end
  return table.concat(lines)
end

-- Beside the file stands one that is as old as the last question.
local function asked_path(path) return path .. ".asked" end

local function keep(path, text)
  if not path or not state.make_folder(path:match("^(.*)/")) then return end
  write(path, text)
end

-- The service ---------------------------------------------------------------------------------------------------------

-- Its own session, without the terminal: nothing that goes wrong is shown, and no Ctrl-C reaches it.
local function leave_terminal(pipe)
  unistd.setpid("s")
  local null = fcntl.open("/dev/null", fcntl.O_RDWR)
  for descriptor = 0, 2 do unistd.dup2(null, descriptor) end
  unistd.close(pipe)
end

local function ask(chosen, path, pipe)
  local list = trunks.list(client_of(chosen))
  if not list then return end
  local text = render(list)
  keep(path, text)
  signal.signal(signal.SIGPIPE, signal.SIG_IGN)
  local sent = 0
  while sent < #text do
    local count = unistd.write(pipe, text:sub(sent + 1))
    if not count then return end
    sent = sent + count
  end
end

local function in_child(chosen, path, reading, writing)
  unistd.alarm(LONGEST)
  leave_terminal(reading)
  pcall(ask, chosen, path, writing)
  unistd._exit(0)
end

local function now()
  local at = time.clock_gettime(time.CLOCK_MONOTONIC)
  return at.tv_sec * 1000 + at.tv_nsec / 1e6
end

-- → all that comes from a pipe until it is closed, or nil if that takes too long
local function receive(pipe)
  local parts, ends = {}, now() + WAIT
  while true do
    local left = math.floor(ends - now())
    if left <= 0 or poll.rpoll(pipe, left) ~= 1 then return nil end
    local bytes = unistd.read(pipe, 65536)
    if not bytes or bytes == "" then return table.concat(parts) end
    parts[#parts + 1] = bytes
  end
end

local function from_service(chosen, path)
  local reading, writing = unistd.pipe()
  local process = reading and unistd.fork()
  if process == 0 then in_child(chosen, path, reading, writing) end
  if not process then return nil end
  unistd.close(writing)
  local text = receive(reading)
  return text and parse(text)
end

-- Both ----------------------------------------------------------------------------------------------------------------

local function all(name)
  local chosen = choose(name)
  local path = path_of(chosen)
  local age = age_of(path)
  if age and age < FRESH then return read(path) end
  local asked = path and age_of(asked_path(path))
  local list
  if may_ask(chosen) and (not asked or asked >= AGAIN) then
    keep(path and asked_path(path), "")
    list = from_service(chosen, path)
  end
  if list and #list > 0 then return list end
  return age and age < USABLE and read(path) or list or {}
end

--- trunks.all(profile) → an array of { trunk_sid, trunk_name ("" where it has none that can be typed) }, empty where
-- nothing can be found out. `profile`: the name given by --profile, or nil.
function M.all(profile)
  local good, list = pcall(all, profile)
  return good and list or {}
end

--- trunks.forget(profile): after a change what was kept is not good any more.
function M.forget(profile)
  pcall(function()
    local path = path_of(choose(profile))
    if path then os.remove(path) os.remove(asked_path(path)) end
  end)
end

return M
