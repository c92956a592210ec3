--- The store of one machine: a small file, which the processes lock and change one after another. See
-- csrc/exotel/base/shared_file.h for how it outlives them, and exotel.store.window for how it counts.
local checks = require "exotel.store.checks"
local core = require "exotel.core"
local errors = require "exotel.error"
local locks = require "exotel.store.lock"
local owner = require "exotel.store.owner"
local window = require("exotel.store.window").functions
local words = require "exotel.store.words"

local M = {}

local File = {}
File.__index = File

--- To ask it takes less time than a request does, so nothing is gained by asking for more than is needed.
File.is_near = true

local function refuse(message) return nil, errors.new { kind = "config", operation = "store", message = message } end

-- The text ------------------------------------------------------------------------------------------------------------

-- A line each: "clock NAME NOW TOKEN" (the last one that was given), "window ACCOUNT UNTIL STATE", "lock NAME TOKEN
-- UNTIL OWNER". Times are milliseconds.
local readers = {}

function readers.clock(content, name, rest)
  local now, token = rest:match("^(%d+) (%d+)$")
  content.clock, content.now, content.token = name, tonumber(now), tonumber(token)
  return token ~= nil
end

function readers.window(content, name, rest)
  local gone, state = rest:match("^(%d+) (.*)$")
  content.windows[name] = { gone = tonumber(gone), text = state }
  return state ~= nil and window.decode(state) ~= nil
end

function readers.lock(content, name, rest)
  local token, gone, holder = rest:match("^(%d+) (%d+) (.*)$")
  content.locks[name] = { token = tonumber(token), gone = tonumber(gone), owner = holder }
  return holder ~= nil
end

-- → the content; nil when a line can't be read
local function parse(text)
  local content = { windows = {}, locks = {}, token = 0 }
  for line in text:gmatch("[^\n]+") do
    local kind, name, rest = line:match("^(%l+) (%S+) (.*)$")
    if not (readers[kind] and readers[kind](content, name, rest)) then return nil end
  end
  return content
end

local function render(content, now)
  local lines = { ("clock %s %.0f %.0f"):format(content.clock, now, content.token) }
  for name, one in pairs(content.windows) do
    if one.gone > now then lines[#lines + 1] = ("window %s %.0f %s"):format(name, one.gone, one.text) end
  end
  for name, lock in pairs(content.locks) do
    local line = ("lock %s %.0f %.0f %s"):format(name, lock.token, lock.gone, lock.owner)
    if lock.gone > now then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- The clock -----------------------------------------------------------------------------------------------------------

local function read_state(one, now) return one and window.decode(one.text) or window.new(now) end

-- After a restart nobody knows how much time has passed: as far as the file goes, none.
local function take_over(content, now)
  for _, one in pairs(content.windows) do
    local state = read_state(one, now)
    window.turn(state, now, true)
    one.text, one.gone = window.encode(state), now + window.life_of(state)
  end
  for _, lock in pairs(content.locks) do lock.gone = lock.gone + now - content.now end
end

local function shared_by_machines(self)
  return ("the store %s is used by another machine, or container, as well: take exotel.store.redis for several hosts")
    :format(self.path)
end

local function damaged(self)
  return ("the store %s is damaged, or was made by another version of exotel: remove it while nothing uses it")
    :format(self.path)
end

-- → nil, or what is wrong
local function check_clock(self, content, name, now)
  if content.clock and content.clock ~= name then
    if self.has_written then return shared_by_machines(self) end
    take_over(content, now)
  end
  content.clock = name
end

-- Changing it ---------------------------------------------------------------------------------------------------------

local function in_milliseconds(seconds) return math.floor(seconds * 1000 + 0.5) end

local function change(self, file, action)
  local seconds, name, wall = core.shared_clock()
  local now, content = math.floor(seconds * 1000), parse(file:text())
  local problem = not content and damaged(self) or check_clock(self, content, name, now)
  if problem then return refuse(problem) end
  local results = { action(content, now, math.floor(wall * 1000)) }
  local good, message = file:write(render(content, now))
  if not good then return refuse(message) end
  self.has_written = true
  return results[1], results[2], results[3]
end

local function finish(file, good, ...)
  file:close()
  if not good then error(..., 0) end
  return ...
end

-- Runs action(content, now, wall) while the file is locked, and keeps what it has changed. → what it returns; or nil,
-- err
local function with_content(self, action)
  local file, message = core.open_shared(self.path)
  if not file then return refuse(message) end
  return finish(file, pcall(change, self, file, action))
end

-- The store's methods -------------------------------------------------------------------------------------------------

local WINDOW = 60

local function reports_of(details)
  local reports = {}
  for i, report in ipairs(details.reports or {}) do
    reports[i] = { lease = report.lease, count = report.count, used = report.used, age = in_milliseconds(report.age) }
  end
  return reports
end

local function in_seconds(more)
  more.learning, more.paused = more.learning / 1000, more.paused / 1000
  return more
end

function File:lease(account, limit, wanted, details)
  checks.lease(account, limit, wanted, 2)
  details = details or {}
  local name = words.escape(account)
  local granted, wait, more = with_content(self, function(content, now)
    local state = read_state(content.windows[name], now)
    window.turn(state, now, false)
    local count, milliseconds, known = window.lease(state, {
      limit = limit, wanted = wanted, who = details.who, life = in_milliseconds(details.life or WINDOW),
      reports = reports_of(details), paused = details.paused and in_milliseconds(details.paused),
      has_lost = details.has_lost,
    })
    content.windows[name] = { gone = now + window.life_of(state), text = window.encode(state) }
    return count, milliseconds, known
  end)
  if not granted then return nil, wait end
  return granted, wait / 1000, in_seconds(more)
end

-- Runs act(locks, word, now) where the lock of that name still has this token. → whether it has; or nil, err
local function with_own_lock(self, name, token, act)
  local word = words.escape(name)
  return (with_content(self, function(content, now)
    local is_own = window.is_own(content.locks[word], now, token)
    if is_own then act(content.locks, word, now) end
    return is_own
  end))
end

local function new_lock(self, name, token, seconds)
  return locks.new(name, token, seconds, {
    renew = function(more)
      return with_own_lock(self, name, token, function(list, word, now)
        list[word].gone = now + in_milliseconds(more)
      end)
    end,
    release = function() return with_own_lock(self, name, token, function(list, word) list[word] = nil end) end,
  })
end

function File:lock(name, seconds)
  checks.lock(name, seconds, 2)
  local word = words.escape(name)
  local lock, held = with_content(self, function(content, now, wall)
    local before = content.locks[word]
    local taken, other = window.take_lock(before, now, wall, {
      life = in_milliseconds(seconds), owner = owner.text(), is_gone = before ~= nil and owner.is_gone(before.owner),
      token = content.token,
    })
    content.locks[word] = taken or other
    content.token = math.max(content.token, content.locks[word].token)
    return taken or false, other
  end)
  if lock then return new_lock(self, name, lock.token, seconds) end
  return nil, lock == nil and held or owner.conflict(name, held.owner)
end

function File:__tostring() return "exotel.store: file " .. self.path end

--- file(options) → a store; or nil, err
function M.new(options)
  checks.options(options, { path = "string" }, 3)
  local path, message = options.path, nil
  if not path then path, message = core.shared_path() end
  if not path then return refuse(message) end
  local self = setmetatable({ path = path }, File)
  local file, reason = core.open_shared(path)
  if not file then return refuse(reason) end
  local is_good = parse(file:text()) ~= nil
  file:close()
  if not is_good then return refuse(damaged(self)) end
  return self
end

return M
