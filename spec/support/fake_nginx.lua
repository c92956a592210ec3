--- As much of nginx as the pump uses: coroutines, semaphores, timers and a clock that moves when nobody can run; and,
-- when asked for, sockets and what writes to them. It shows the pump's rules without a server; spec/hosts has the real one.
local engine = require("exotel.core").engine

local fake = {}

local Nginx = {}
Nginx.__index = Nginx

-- Semaphores ----------------------------------------------------------------------------------------------------------

local Semaphore = {}
Semaphore.__index = Semaphore

-- As ngx.semaphore counts: below 0 is how many wait.
function Semaphore:count() return self.value - #self.waiting end

function Semaphore:post(n)
  self.value = self.value + n
  while self.value > 0 and #self.waiting > 0 do
    self.value = self.value - 1
    local sleeper = table.remove(self.waiting, 1)
    sleeper.ready, sleeper.good = true, true
  end
end

function Semaphore:wait(seconds)
  if self.value > 0 then
    self.value = self.value - 1
    return true
  end
  local sleeper = self.nginx.running
  sleeper.due, sleeper.semaphore, sleeper.good = self.nginx:after(seconds), self, false
  table.insert(self.waiting, sleeper)
  coroutine.yield()
  if sleeper.good then return true end
  return nil, "timeout"
end

-- nginx's timers count milliseconds: those of a pump and of its waits may be due in the same one.
function Nginx:after(seconds) return math.floor((self.now + seconds) * 1000 + 0.5) / 1000 end

-- Coroutines ----------------------------------------------------------------------------------------------------------

local function leave(semaphore, sleeper)
  for i, other in ipairs(semaphore and semaphore.waiting or {}) do
    if other == sleeper then return table.remove(semaphore.waiting, i) end
  end
end

--- Starts a light thread. → it: { done, result (what the function returned), failure }
function Nginx:spawn(f, ...)
  local arguments, thread = { n = select("#", ...), ... }, { ready = true }
  local unpack = table.unpack or unpack -- luacheck: compat
  thread.coroutine = coroutine.create(function() return f(unpack(arguments, 1, arguments.n)) end)
  table.insert(self.threads, thread)
  return thread
end

--- As when its request is gone: it never runs again, and waits on nothing.
function Nginx.kill(_, thread)
  leave(thread.semaphore, thread)
  thread.done, thread.ready = true, false
end

local function resume(self, thread)
  thread.ready, thread.due, thread.semaphore, self.running = false, nil, nil, thread
  local good, result = coroutine.resume(thread.coroutine)
  self.running = nil
  if coroutine.status(thread.coroutine) ~= "dead" then return end
  thread.done = true
  if good then thread.result = result else thread.failure = result end
end

local function run_ready(self)
  local ran = false
  for _, thread in ipairs(self.threads) do
    if thread.ready and not thread.done then
      resume(self, thread)
      ran = true
    end
  end
  return ran
end

-- Those whose time has come wait no longer, before any of them runs.
local function move_clock(self, stop)
  local soonest
  for _, thread in ipairs(self.threads) do
    if not thread.done and thread.due and (not soonest or thread.due < soonest) then soonest = thread.due end
  end
  if not soonest or soonest > stop then
    self.now = stop
    return false
  end
  self.now = soonest
  for _, thread in ipairs(self.threads) do
    if not thread.done and thread.due == soonest then
      leave(thread.semaphore, thread)
      thread.ready = true
    end
  end
  return true
end

--- Runs until so many seconds have passed on its clock.
function Nginx:run(seconds)
  local stop = self.now + seconds
  repeat
    while run_ready(self) do end -- luacheck: ignore 542
  until not move_clock(self, stop)
end

-- The notifier -------------------------------------------------------------------------------------------------------

local FOREVER = 1e9

local Socket = {}
Socket.__index = Socket

function Socket.settimeouts() end
function Socket:connect() return not self.nginx.refuses_sockets end
function Socket:close() self.closed = true end

function Socket:receiveany()
  self.bytes:wait(FOREVER)
  if self.shut then return nil, "closed" end
  return "."
end

local function shut(socket)
  socket.shut = true
  socket.bytes:post(1)
end

local Notifier = {}
Notifier.__index = Notifier

function Notifier.path() return "/nowhere" end
function Notifier:start() return not self.nginx.refuses_sockets end

function Notifier:stop()
  self.stopped = true
  shut(self.nginx.socket)
end

--- As when something happens to a client that is watched.
function Nginx:notify() self.socket.bytes:post(1) end

--- As when nginx closes its connections.
function Nginx:shut_socket() shut(self.socket) end

-- What it takes the place of, until fake.stop.
local real

-- `due`: seconds after which a client is to be polled; nil when it can't be watched.
local function fake_engine(self)
  real = { notifier = engine.notifier, watch = engine.watch, unwatch = engine.unwatch }
  function engine.notifier()
    self.notifiers = self.notifiers + 1
    return setmetatable({ nginx = self }, Notifier)
  end
  function engine.watch() return self.due end
  function engine.unwatch() end
end

local function new_socket(self)
  self.socket = setmetatable({ nginx = self, bytes = require("ngx.semaphore").new(0) }, Socket)
  return self.socket
end

--- How many coroutines are left.
function Nginx:count_threads()
  local count = 0
  for _, thread in ipairs(self.threads) do count = count + (thread.done and 0 or 1) end
  return count
end

--- Gives it sockets, and the pump a notifier with them.
function Nginx:open_sockets()
  self.due, self.notifiers = math.huge, 0
  rawget(_G, "ngx").socket = { tcp = function() return new_socket(self) end }
  fake_engine(self)
end

--- Puts an nginx in the place of the globals, and loads the pump in it. → it: { now, pump, timers (the threads of all
-- timers so far), refuses_timers, exiting, sleep(seconds) }
function fake.start()
  local self = setmetatable({ now = 0, threads = {}, timers = {} }, Nginx)
  local function sleep(seconds) require("ngx.semaphore").new(0):wait(seconds) end
  self.sleep = sleep
  rawset(_G, "ngx", { get_phase = function() return "timer" end, sleep = sleep, timer = { at = function(_, f, ...)
    if self.refuses_timers then return nil, "too many pending timers" end
    self.timers[#self.timers + 1] = self:spawn(f, false, ...)
    return true
  end }, worker = { exiting = function() return self.exiting end },
    thread = { spawn = function(f, ...) return self:spawn(f, ...) end } })
  package.loaded["ngx.semaphore"] = {
    new = function(n) return setmetatable({ value = n, waiting = {}, nginx = self }, Semaphore) end,
  }
  package.loaded["exotel.calls.nginx_pump"], package.loaded["exotel.calls.nginx_notifier"] = nil, nil
  self.pump = require "exotel.calls.nginx_pump"
  return self
end

--- The strategy of waiting as a worker has it.
function fake.strategy()
  local loaded = package.loaded["exotel.calls.nginx"]
  package.loaded["exotel.calls.nginx"] = nil
  local strategy = require "exotel.calls.nginx"
  package.loaded["exotel.calls.nginx"] = loaded
  return strategy
end

--- The module that chooses it there. → it, and the strategy
function fake.waiting()
  local waiting, nginx = package.loaded["exotel.calls.waiting"], package.loaded["exotel.calls.nginx"]
  package.loaded["exotel.calls.waiting"], package.loaded["exotel.calls.nginx"] = nil, fake.strategy()
  local there, strategy = require "exotel.calls.waiting", package.loaded["exotel.calls.nginx"]
  package.loaded["exotel.calls.waiting"], package.loaded["exotel.calls.nginx"] = waiting, nginx
  return there, strategy
end

function fake.stop()
  for name, f in pairs(real or {}) do engine[name] = f end
  real = nil
  rawset(_G, "ngx", nil)
  for _, name in ipairs { "ngx.semaphore", "exotel.calls.nginx_pump", "exotel.calls.nginx_notifier" } do
    package.loaded[name] = nil
  end
end

return fake
