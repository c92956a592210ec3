--- Refreshes a directory within the pump: in a coroutine that goes on between jobs, with the pump's own client.
local core = require "exotel.core"

-- luacheck: read globals KSR

-- Seconds until it is tried again after a failure; sooner than usual where that is rarer.
local RETRY = 30

local Refresh = {}
Refresh.__index = Refresh

local M = {}

--- The option `sleep` of the pump's client: only a refresh ever waits with it.
function M.sleep(seconds) coroutine.yield(seconds) end

--- refresh.new(settings) → a refresh. `settings`: `path`, `every` and `requests_per_minute`, as of the option
-- `directory`; `directory`, an open one.
function M.new(settings)
  local age = settings.directory:age()
  return setmetatable({ settings = settings, due = core.now() + math.max(0, settings.every - age) }, Refresh)
end

-- One line when it begins to fail in a new way, and one when it is well again. `kind` is nil when it is well.
local function log(self, kind, text)
  if kind == self.logged then return end
  if text then KSR.err("exotel: the directory " .. self.settings.path .. " is not up to date: " .. text .. "\n")
  else KSR.info("exotel: the directory " .. self.settings.path .. " is up to date again\n") end
  self.logged = kind
end

-- → the kind of what is wrong, and a text; nil when nothing is
local function trouble(good, changes, err)
  if not good then return "raised", tostring(changes) end
  if not changes then return err.kind, tostring(err) end
  local first = changes.unread[1]
  if first then return "unread", ("%d trunks could not be read: %s"):format(#changes.unread, tostring(first.err)) end
end

local function finish(self, good, changes, err)
  local kind, text = trouble(good, changes, err)
  log(self, kind, text)
  self.thread = nil
  self.due = math.max(self.due + self.settings.every, core.now())
  if kind then self.due = core.now() + math.min(RETRY, self.settings.every) end
end

-- A refresh that is late follows at once, but not several.
local function start(self, client)
  local settings = self.settings
  self.due = core.now()
  self.thread = coroutine.create(function()
    return settings.directory:refresh(client, { requests_per_minute = settings.requests_per_minute, quiet = true })
  end)
end

local function go_on(self)
  local good, seconds, err = coroutine.resume(self.thread)
  if coroutine.status(self.thread) == "dead" then return finish(self, good, seconds, err) end
  self.wake_at = core.now() + seconds
end

--- refresh:step(client_of): goes on with a refresh, or begins one, if it is time. `client_of()` → the client, or
-- nil, err
function Refresh:step(client_of)
  local now = core.now()
  if self.thread then
    if now >= self.wake_at then go_on(self) end
    return
  end
  if now < self.due then return end
  local client, err = client_of()
  if not client then return finish(self, true, nil, err) end
  start(self, client)
  go_on(self)
end

return M
