--- Numbers that are not in the directory yet, asked for one by one. What was found is remembered for a while, that
-- there is nothing, too, and for a shorter one that the service could not be asked: a number that nobody knows may be
-- called again and again.
local core = require "exotel.core"
local errors = require "exotel.error"
local pace = require "exotel.directory.pace"
local request = require "exotel.calls.request"
local waiting = require "exotel.calls.waiting"

-- Seconds.
local REMEMBERED, FAILURE_REMEMBERED = 60, 5

-- Who wants a number that is being asked for waits for that answer: looks after so long, and no longer than that. The
-- other one may be gone.
local LOOK, PATIENCE = 0.02, 10

-- Numbers that are remembered at most: strangers choose what they call.
local MOST = 10000

-- Requests in any 60 seconds.
local REQUESTS = 30

local Memory = {}
Memory.__index = Memory

local M = {}

--- look_up.new() → a memory
function M.new()
  return setmetatable({ entries = {}, count = 0, pace = pace.new(REQUESTS), asking = {} }, Memory)
end

-- Forgets what is too old, or everything when that leaves too much.
local function make_room(self, now)
  local left, count = {}, 0
  for number, entry in pairs(self.entries) do
    if entry.until_when > now then left[number], count = entry, count + 1 end
  end
  if count >= MOST then left, count = {}, 0 end
  self.entries, self.count = left, count
end

local function remember(self, number, entry, seconds)
  local now = core.now()
  if self.count >= MOST then make_room(self, now) end
  if not self.entries[number] then self.count = self.count + 1 end
  entry.until_when = now + seconds
  self.entries[number] = entry
  return entry
end

-- The form of the answer is not documented: what has no trunk_sid is nothing found.
local function read(directory, number, maps)
  for _, map in ipairs(maps) do
    local sid = map.trunk_sid
    if type(sid) == "string" and sid ~= "" then
      return {
        phone_number = number, mode = type(map.mode) == "string" and map.mode or "pstn", trunk_sid = sid,
        trunk_name = directory:trunk(sid, "trunk_name"),
      }
    end
  end
end

local function ask(directory, client, number)
  local maps, err = request.make(client, "find_trunk_map", { exophone = number })
  if maps then return { found = read(directory, number, maps) }, REMEMBERED end
  if err.kind == "not_found" then return {}, REMEMBERED end
  return { err = err }, FAILURE_REMEMBERED
end

local function copy(found)
  local result = {}
  for key, value in pairs(found) do result[key] = value end
  return result
end

local TOO_MANY = "not sent: more than %d numbers were looked up in a minute"

local function too_many()
  return nil, errors.new { kind = "rate_limited", operation = "find_trunk_map", message = TOO_MANY:format(REQUESTS) }
end

-- What is remembered of a number, or nil.
local function recall(self, number)
  local entry = self.entries[number]
  return entry and entry.until_when > core.now() and entry or nil
end

-- → what somebody else has found out meanwhile, or nil
local function await_other(self, client, number)
  local entry
  while not entry and (self.asking[number] or 0) > core.now() and not core.engine.closed(client) do
    waiting.pause(client, LOOK)
    entry = recall(self, number)
  end
  return entry
end

-- → what there is to remember; nil when too much was asked for
local function find_out(self, directory, client, number)
  if not self.pace:take() then return nil end
  self.asking[number] = core.now() + PATIENCE
  local entry = remember(self, number, ask(directory, client, number))
  self.asking[number] = nil
  return entry
end

--- memory:find(directory, client, number) → as directory:number, or nil: there is none; or nil, err
function Memory:find(directory, client, number)
  local entry = recall(self, number) or await_other(self, client, number) or find_out(self, directory, client, number)
  if not entry then return too_many() end
  if entry.found then return copy(entry.found) end
  return nil, entry.err
end

return M
