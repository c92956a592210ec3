--- Reads the account into a directory. Nothing is dropped because of an error: a trunk whose lists can't be read keeps
-- what was known of it, with its age.
local account = require "exotel.directory.account"
local core = require "exotel.core"
local file = require "exotel.directory.file"
local pace = require "exotel.directory.pace"
local request = require "exotel.calls.request"
local waiting = require "exotel.calls.waiting"

local engine, builder = core.engine, core.directory_builder

local M = {}

-- Failures that all further calls would have, and how many trunks in a row may fail in other ways.
local HOPELESS = { config = true, authentication = true, cancelled = true }
local FAILURES = 3

-- Requests a minute where the client has no limit.
local REQUESTS = 100

-- Numbers that went are asked for one by one, to find those that were moved while the lists were read.
local ASKED = 100

-- Seconds that another process's write is waited for, and between two looks.
local PATIENCE, LOOK = 10, 0.05

-- Reading -------------------------------------------------------------------------------------------------------------

-- One refresh: what account.trunks takes; `made`, the builder, and the numbers in it of the trunks, by sid.
local function new_run(client, options)
  local _, _, _, limit = engine.capacity(client)
  local own = pace.new(options.requests_per_minute or limit and math.max(1, math.floor(limit / 2)) or REQUESTS)
  local run = { client = client, options = options, pace = own, unread = {}, indexes = {}, failures = 0 }
  run.stopped = options.stopped or function() return false end
  function run.make(operation, arguments, call_options)
    own:wait(client, run.stopped)
    return request.make(client, operation, arguments, call_options)
  end
  return run
end

local function note_unread(run, trunk, err)
  local unread = run.unread
  unread[#unread + 1] = { trunk_sid = trunk.trunk_sid, trunk_name = trunk.trunk_name, err = err }
  run.failures = run.failures + 1
  if HOPELESS[err.kind] or run.failures >= FAILURES then run.given_up = err end
end

-- → the lists of a trunk, or nil
local function lists_of(run, trunk)
  local lists, err
  if run.stopped() then run.given_up = run.given_up or request.cancelled("list_phone_numbers") end
  if run.given_up then err = run.given_up else lists, err = account.lists(run, trunk.trunk_sid) end
  if lists then run.failures = 0 else note_unread(run, trunk, err) end
  return lists
end

local function add_trunks(run, trunks)
  for i, trunk in ipairs(trunks) do
    run.indexes[trunk.trunk_sid] = account.add(run.made, trunk, lists_of(run, trunk))
    if run.options.progress then run.options.progress(i, #trunks) end
  end
end

local function snapshot_of(run)
  local complete = #run.unread == 0 and run.began or nil
  return run.made:finish(run.began, complete)
end

-- Numbers that were moved meanwhile -----------------------------------------------------------------------------------

-- Those that are in none of the lists any more, though a trunk that had one before was read.
local function gone_numbers(run, before)
  local snapshot, gone = snapshot_of(run), {}
  local merged = snapshot:merge(before)
  for _, change in ipairs(merged:changes(before, "went")) do
    if change.resource == "phone_number" then gone[#gone + 1] = change.from end
  end
  snapshot:close()
  merged:close()
  return gone
end

local function ask(run, number)
  local maps = run.make("find_trunk_map", { exophone = number.phone_number })
  for _, map in ipairs(maps or {}) do
    local index = run.indexes[map.trunk_sid]
    if index then return index, type(map.mode) == "string" and map.mode or number.mode end
  end
end

-- A number that goes from one trunk to another between the readings of their lists is in neither.
local function find_moved(run, before)
  for i, number in ipairs(gone_numbers(run, before)) do
    if i > ASKED or run.given_up or run.stopped() then return end
    local index, mode = ask(run, number)
    if index then run.made:number(index, number.phone_number, mode) end
  end
end

-- Writing -------------------------------------------------------------------------------------------------------------

local function check_account(path, snapshot, client)
  local own, host = snapshot:account()
  local other, other_host = engine.account(client)
  if not own or (own == other and host == other_host) then return true end
  return nil, file.error(path, ("it is of the account %s at %s, and the client's is %s at %s"):format(own, host, other,
    other_host))
end

-- What is known, of the client's account; or nil, err
local function known(path, directory, client)
  local snapshot, err = file.known(path, directory)
  if not snapshot then return nil, err end
  local good
  good, err = check_account(path, snapshot, client)
  if not good then return nil, err end
  return snapshot
end

-- Together with what another refresh may have written meanwhile.
local function write(path, directory, client, read, options)
  local before, err = known(path, directory, client)
  if not before then return nil, err end
  local merged = assert(read:merge(before))
  local changes = options.quiet and {} or merged:changes(before)
  local good
  good, err = file.write(path, merged)
  before:close()
  merged:close()
  if not good then return nil, err end
  return changes
end

-- Returns whether the client could be waited with.
local function pause_for(run)
  local waited = 0
  return function()
    if waited >= PATIENCE or engine.closed(run.client) then return false end
    waited = waited + waiting.pause(run.client, LOOK)
    return true
  end
end

local function read_all(run, before)
  run.made = builder.new(engine.account(run.client))
  run.began = builder.clock()
  local trunks, err = account.trunks(run)
  if not trunks then return nil, err end
  add_trunks(run, trunks)
  if #run.unread < #trunks then find_moved(run, before) end
  return snapshot_of(run)
end

local function report(run, changes)
  changes.unread, changes.complete, changes.requests = run.unread, #run.unread == 0, run.pace.requests
  return changes
end

--- refresh.run(path, directory, client, options) → changes, or nil, err; see exotel.directory. `directory`: what is
-- known where the file is damaged. Options: `requests_per_minute`, `progress`; `stopped()`, whether to
-- give up; `quiet`: changes are not listed.
function M.run(path, directory, client, options)
  local before, err = known(path, directory, client)
  if not before then return nil, err end
  local run = new_run(client, options)
  local read, failure = read_all(run, before)
  before:close()
  if not read then return nil, failure end
  if engine.closed(client) then return nil, request.cancelled("list_trunks") end
  local changes
  changes, err = file.locked(path, pause_for(run), function() return write(path, directory, client, read, options) end)
  read:close()
  if not changes then return nil, err end
  return report(run, changes)
end

return M
