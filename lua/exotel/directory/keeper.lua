--- Keeps a directory up to date within nginx: of all workers the one that has the lock refreshes it. The lock is the
-- system's, so that a worker that was killed loses it.
local core = require "exotel.core"

local ngx = rawget(_G, "ngx")

-- Seconds between two attempts to get the lock, or to refresh what could not be refreshed.
local RETRY = 5

-- Beside the file, as the one for writing is.
local LOCK = ".keeper"

local Keeper = {}
Keeper.__index = Keeper

local M = {}

M.is_possible = type(ngx) == "table" and ngx.timer ~= nil and ngx.worker ~= nil

local function is_exiting() return ngx.worker.exiting() end

-- One line when it begins to fail in a new way, and one when it is well again. `kind` is nil when it is well.
local function log(self, kind, text)
  if kind == self.logged then return end
  if text then ngx.log(ngx.ERR, "exotel: the directory ", self.path, " is not up to date: ", text)
  else ngx.log(ngx.NOTICE, "exotel: the directory ", self.path, " is up to date again") end
  self.logged = kind
end

local function has_lock(self)
  if not self.lock then self.lock = core.open_locked(self.path .. LOCK) or nil end
  return self.lock ~= nil
end

local function release(self)
  if self.lock then self.lock:close() end
  self.lock = nil
end

-- → the kind of what is wrong, and a text; nil when nothing is
local function refresh(self)
  local client, err = self.client_of()
  if not client then return err.kind, tostring(err) end
  local options = { requests_per_minute = self.requests_per_minute, quiet = true, stopped = is_exiting }
  local changes
  changes, err = self.directory:refresh(client, options)
  if not changes then return err.kind, tostring(err) end
  local first = changes.unread[1]
  if first then return "unread", ("%d trunks could not be read: %s"):format(#changes.unread, tostring(first.err)) end
end

-- → seconds until the next one
local function refresh_if_due(self)
  local wait = self.every - self.directory:age()
  if wait > 0 and not self.logged then return wait end
  local began = core.now()
  local good, kind, text = pcall(refresh, self)
  if is_exiting() then return 0 end
  if good then log(self, kind, text) else log(self, "raised", tostring(kind)) end
  return self.logged and math.min(RETRY, self.every) or math.max(0, self.every - (core.now() - began))
end

local function round(premature, self)
  if premature or is_exiting() then return release(self) end
  local wait = has_lock(self) and refresh_if_due(self) or math.min(RETRY, self.every)
  local good, message = ngx.timer.at(math.max(wait, 0.01), round, self)
  if not good then
    release(self)
    if message ~= "process exiting" then ngx.log(ngx.ERR, "exotel: the directory is not kept: ", message) end
  end
end

--- keeper.start(fields): `path`, `directory`, `every`, `requests_per_minute`, `client_of()` → client, or nil, err.
-- → true; or nil, message
function M.start(fields) return ngx.timer.at(0, round, setmetatable(fields, Keeper)) end

return M
