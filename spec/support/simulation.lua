--- Several actors on one sandbox: coroutines, each with a client of its own, whose turns are chosen by a seed. In a turn
-- an actor reads the reply to its last request, goes on, and sends its next one, which is answered before the turn ends;
-- so the order of the turns is the order in which the service does what it is asked. Time is the sandbox's manual clock.
local core = require "exotel.core"
local process = require "spec.process"
local random_specs = require "spec.support.random_specs"
local sandbox = require "exotel.sandbox"

-- What is shorter (seconds) is a pause between two polls; what is longer is slept by the manual clock.
local POLL = 0.011
-- Seconds that pass with each turn.
local TICK = 0.02

local Simulation = {}
Simulation.__index = Simulation

local simulation = {}

-- Puts a function before one of the library's, until the simulation is closed.
local function replace(self, owner, name, make)
  local original = owner[name]
  self.undo[#self.undo + 1] = function() owner[name] = original end
  owner[name] = make(original)
end

local function note_start(self, call, is_write)
  if not call:finished() then -- else it was refused
    self.started = self.started + 1
    self.calls[call] = is_write
  end
  return call
end

-- Counts the calls that have to be sent. `calls`: those of this turn, and whether they write.
local function watch_starts(self)
  local writes = {}
  for _, operation in ipairs(core.operations) do
    writes[operation.name] = operation.method ~= "GET"
    replace(self, operation, "start", function(start)
      return function(...) return note_start(self, start(...), writes[operation.name]) end
    end)
  end
  replace(self, core.client_methods, "start", function(start)
    return function(client, name, ...) return note_start(self, start(client, name, ...), writes[name]) end
  end)
end

-- A call of this turn is finished for its actor in the next one, however quick the service is.
local function watch_ends(self)
  replace(self, core.call_methods, "finished", function(finished)
    return function(call)
      local thread, is_main = coroutine.running() -- 5.1 returns nothing in the main one
      return finished(call) and (is_main or not thread or self.calls[call] == nil)
    end
  end)
end

--- simulation.new(seed [, sandbox options]) → { sb, random }; call its `close` in the end. Its `after_turn(actor)` is
-- called after each turn, and with nil when time has passed, so that what was late has happened.
function simulation.new(seed, options)
  local given = { clock = "manual", seed = seed }
  for name, value in pairs(options or {}) do given[name] = value end
  local self = setmetatable({
    random = random_specs.randomness(seed), sb = assert(sandbox.start(given)), list = {}, started = 0, now = 0, posts = 0, repeats = 0, forks = 0,
    calls = {}, undo = {}, after_turn = function() end,
  }, Simulation)
  watch_starts(self)
  watch_ends(self)
  return self
end

local function count_events(self)
  return function(event)
    if event.event == "wait" then self.repeats = self.repeats + 1 end
    if event.event == "attempt" and event.method == "POST" then self.posts = self.posts + 1 end
  end
end

--- Adds an actor that does `action(client, actor)`; the results are in the actor that is returned. `unread` in it ends its
-- turns when the service has its request: the reply is still on its way then. `forks` names the turns in
-- which its process forks, by their number: before it has sent anything ("queued"), or before it reads the reply ("sent").
function Simulation:add(name, action, client_options)
  local actor = { name = name, wake_at = 0, turns = 0, forks = {} }
  local options = {
    retries = 1, backoff = 0, rate_limit = false, sleep = coroutine.yield, log = count_events(self), max_connections = 1,
  }
  for key, value in pairs(client_options or {}) do options[key] = value end
  actor.client = assert(self.sb:client(options))
  actor.thread = coroutine.create(function()
    actor.begun = true
    actor.results = { action(actor.client, actor) }
  end)
  self.list[#self.list + 1] = actor
  return actor
end

local function advance(self, seconds)
  self.now = self.now + seconds
  self.sb:advance(seconds)
  self.after_turn(nil)
end

local function resume(actor)
  local good, seconds = coroutine.resume(actor.thread)
  if not good then error(actor.name .. ": " .. debug.traceback(actor.thread, tostring(seconds)), 0) end
  return seconds
end

-- Forks ---------------------------------------------------------------------------------------------------------------

-- In the child: what is inherited and unfinished is lost, and what is started there goes through.
local function is_lost(call, is_write)
  local _, err = call:result()
  return err ~= nil and err.kind == "network" and err.maybe_applied == is_write
end

-- → what is wrong in the child, as an exit status
local function try_inherited(client, unfinished)
  if client:poll(0) > 0 then return 1 end
  for call, is_write in pairs(unfinished) do
    if not call:finished() then return 2 end
    if not is_lost(call, is_write) then return 3 end
  end
  local own = client:start("list_trunks", {}, { retries = 0 })
  while client:poll(0.01) > 0 do end
  local data, err = own:result()
  return (data or err.http_status or err.kind == "network") and 0 or 4
end

local function unfinished_calls(self)
  local unfinished = {}
  for call, is_write in pairs(self.calls) do
    if not call:finished() then unfinished[call] = is_write end
  end
  return unfinished
end

-- The actor's process is forked off; the child uses the client, too, and ends.
local function fork(self, actor)
  local unfinished = unfinished_calls(self)
  local child = process.fork()
  if child == 0 then
    local good, status = pcall(try_inherited, actor.client, unfinished)
    process.exit(good and status or 5)
  end
  local status = process.wait(child)
  if status ~= 0 then error(("%s was forked: wrong in the child (%d)"):format(actor.name, status), 0) end
  self.forks = self.forks + 1
end

-- Turns ---------------------------------------------------------------------------------------------------------------

-- What is sent for its calls in this turn, repetitions included, is with the service.
local function await_requests(self, actor, before)
  local function sent() return self.started - before.started + self.repeats - before.repeats end
  while self.sb:handled() < before.handled + sent() do actor.client:poll(0) end
end

-- Until the service has answered, or for an `unread` one has what it was asked. The actor goes on only when it is resumed.
local function await_service(self, actor, before)
  actor.turns = actor.turns + 1
  local moment = actor.forks[actor.turns]
  if moment == "queued" then fork(self, actor) end
  if actor.unread or moment == "sent" then await_requests(self, actor, before) end
  if moment == "sent" then fork(self, actor) end
  while not actor.unread and actor.client:poll(1) > 0 do end
end

-- One turn of an actor.
local function take_turn(self, actor)
  self.calls = {}
  local before = { started = self.started, repeats = self.repeats, handled = self.sb:handled() }
  repeat
    local seconds = resume(actor)
    if coroutine.status(actor.thread) == "dead" then return end
    if seconds > POLL then
      actor.wake_at = self.now + seconds
      return
    end
  until self.started > before.started
  await_service(self, actor, before)
end

local function runnable(self)
  local ready, wake_at = {}, math.huge
  for _, actor in ipairs(self.list) do
    if coroutine.status(actor.thread) ~= "dead" then
      if actor.wake_at <= self.now then ready[#ready + 1] = actor end
      wake_at = math.min(wake_at, actor.wake_at)
    end
  end
  return ready, wake_at
end

--- Runs until all actors are done.
function Simulation:run()
  while true do
    local ready, wake_at = runnable(self)
    if #ready == 0 and wake_at == math.huge then return end
    if #ready == 0 then
      advance(self, wake_at - self.now + 0.001)
    else
      local actor = self.random.one_of(ready)
      take_turn(self, actor)
      self.after_turn(actor)
      advance(self, TICK)
    end
  end
end

--- Lets all that is late happen.
function Simulation:rest() advance(self, 120) end

function Simulation:close()
  for _, undo in ipairs(self.undo) do undo() end
  for _, actor in ipairs(self.list) do actor.client:close() end
  self.sb:stop()
end

return simulation
