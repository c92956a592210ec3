--- The store of several hosts, in Redis or Valkey: one script, which counts as exotel.store.window says.
local checks = require "exotel.store.checks"
local core = require "exotel.core"
local errors = require "exotel.error"
local locks = require "exotel.store.lock"
local owner = require "exotel.store.owner"
local window = require "exotel.store.window"

local M = {}

local Redis = {}
Redis.__index = Redis

-- Before Redis 5 a script has to ask that its changes, not its commands, go to the replicas: it reads the clock. Keys
-- are forgotten when nothing in them matters any more.
local SCRIPT = window.source .. [==[
if redis.replicate_commands then pcall(redis.replicate_commands) end
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function keep(key, text, life)
  redis.call("SET", key, text, "PX", ("%.0f"):format(math.max(1, life)))
end

local commands = {}

function commands.lease(key, limit, wanted, who, life, paused, has_lost, ...)
  local text = redis.call("GET", key)
  local state = text and window.decode(text) or window.new(now)
  window.turn(state, now, false)
  local reports, words = {}, { ... }
  for i = 1, #words, 4 do
    reports[#reports + 1] = {
      lease = tonumber(words[i]), count = tonumber(words[i + 1]),
      used = words[i + 2] == "1", age = tonumber(words[i + 3]),
    }
  end
  local granted, wait, more = window.lease(state, {
    limit = tonumber(limit), wanted = tonumber(wanted), who = who ~= "" and who or nil, life = tonumber(life),
    paused = tonumber(paused), has_lost = has_lost == "1", reports = reports,
  })
  keep(key, window.encode(state), window.life_of(state) + 1000)
  return ("%.0f %.0f %.0f %.0f %.0f %.0f %.0f"):format(granted, wait, more.lease, more.left, more.born, more.learning,
    more.paused)
end

local function held_lock(key)
  local token, gone, text = (redis.call("GET", key) or ""):match("^(%d+) (%d+) (.*)$")
  return token and { token = tonumber(token), gone = tonumber(gone), owner = text } or nil
end

-- It is kept for a day after its end, so that tokens grow.
local function keep_lock(key, lock)
  keep(key, ("%.0f %.0f %s"):format(lock.token, lock.gone, lock.owner), lock.gone - now + 86400000)
end

function commands.lock(key, life, text)
  local lock, held = window.take_lock(held_lock(key), now, now, { life = tonumber(life), owner = text })
  if not lock then return "held " .. held.owner end
  keep_lock(key, lock)
  return ("token %.0f"):format(lock.token)
end

local function with_own(key, token, life)
  local lock = held_lock(key)
  if not window.is_own(lock, now, tonumber(token)) then return "lost" end
  lock.gone = now + tonumber(life)
  keep_lock(key, lock)
  return "own"
end

function commands.renew(key, token, life) return with_own(key, token, life) end
function commands.release(key, token) return with_own(key, token, 0) end

return commands[ARGV[1]](KEYS[1], unpack(ARGV, 2))
]==]

-- The connection ------------------------------------------------------------------------------------------------------

local function trouble(message)
  message = "Redis: " .. tostring(message)
  return errors.new { kind = "network", operation = "store", message = message, retryable = true }
end

-- Lua 5.1 cannot yield across a pcall; all others can. There what a client raises goes through. LuaJIT is not tried:
-- nginx makes no coroutine in init_worker.
local yields_across_pcall = rawget(_G, "jit") ~= nil
  or coroutine.wrap(function() return (pcall(coroutine.yield, true)) end)()

local function try(f, ...)
  if not yields_across_pcall and coroutine.running() then return true, f(...) end
  return pcall(f, ...)
end

-- What was raised, without the place in a client's own code.
local function without_place(reason) return (tostring(reason):gsub("^[^\n]-%.lua:%d+: ", "")) end

-- The one that was kept, or a new one. It is nobody else's while it is used: two that wait at once would take each
-- other's answers, and so would a process that was forked off, which leaves its parent's alone. → a client, or nil, err
local function take_client(self)
  local kept, process = self.client, core.process_id()
  self.client = nil
  if kept and self.process == process then return kept end
  self.process = process
  local good, client, reason = try(self.connect)
  if not good then return nil, trouble(without_place(client)) end
  if type(client) ~= "table" and type(client) ~= "userdata" then
    return nil, trouble(reason or "there is no connection")
  end
  return client
end

local function close(client)
  if type(client.close) == "function" then try(client.close, client)
  elseif type(client.quit) == "function" then try(client.quit, client) end
end

-- In nginx a socket belongs to the request that has opened it: it goes back into nginx's pool.
local function keep(self, client)
  if type(client.set_keepalive) == "function" then try(client.set_keepalive, client, 10000, 16)
  elseif self.client then close(client)
  else self.client = client end
end

-- One call of the script ----------------------------------------------------------------------------------------------

local function says_no_script(reason) return tostring(reason):find("NOSCRIPT", 1, true) ~= nil end

-- → its answer; or nil, why
local function answer_of(good, answer, reason)
  if not good then return nil, without_place(answer) end
  if type(answer) == "table" and answer.err then return nil, answer.err end
  if type(answer) ~= "string" then return nil, reason or "it answered something else than text" end
  return answer
end

-- What Redis calls the script, once somebody has asked it.
local digest

-- Seconds: an answer that came as quickly leaves time for a second question.
local QUICK = 0.1

-- What Redis answers with an error has reached it, and the connection is good.
local function is_reply(reason)
  local text = tostring(reason)
  return text:find("^%-?%u[%u%d]+ ") ~= nil or text:find("ERR ", 1, true) ~= nil
end

-- → whether the connection is still good: a client that did not wait for its answer would take it for the next one
local function learn_digest(client)
  if digest or type(client.evalsha) ~= "function" or type(client.script) ~= "function" then return true end
  local answer, reason = answer_of(try(client.script, client, "LOAD", SCRIPT))
  if answer and answer:find("^%x+$") and #answer == 40 then digest = answer end
  return answer ~= nil or is_reply(reason)
end

-- → the answer, or nil and why; whether the connection is still good
local function evaluate(client, ...)
  local began = core.now()
  if digest and type(client.evalsha) == "function" then
    local answer, reason = answer_of(try(client.evalsha, client, digest, 1, ...))
    if answer or not says_no_script(reason) then return answer, reason, answer ~= nil or is_reply(reason) end
  end
  local answer, reason = answer_of(try(client.eval, client, SCRIPT, 1, ...))
  if not answer then return nil, reason, is_reply(reason) end
  return answer, nil, core.now() - began > QUICK or learn_digest(client)
end

-- → the script's answer; or nil, err
local function run(self, command, key, ...)
  local client, err = take_client(self)
  if not client then return nil, err end
  local answer, reason, is_good = evaluate(client, key, command, ...)
  if is_good then keep(self, client) else close(client) end
  if not answer then return nil, trouble(reason) end
  return answer
end

-- The store's methods -------------------------------------------------------------------------------------------------

local WINDOW = 60

local function in_milliseconds(seconds) return ("%.0f"):format(seconds * 1000) end

local function report_words(details)
  local list = {}
  for _, report in ipairs(details.reports or {}) do
    list[#list + 1] = ("%.0f"):format(report.lease)
    list[#list + 1] = ("%.0f"):format(report.count)
    list[#list + 1] = report.used and "1" or "0"
    list[#list + 1] = in_milliseconds(report.age)
  end
  return list
end

local unpack_all = unpack or table.unpack -- luacheck: ignore

function Redis:lease(account, limit, wanted, details)
  checks.lease(account, limit, wanted, 2)
  details = details or {}
  local answer, err = run(self, "lease", self.prefix .. "window:" .. account, ("%.0f"):format(limit),
    ("%.0f"):format(wanted), details.who or "", in_milliseconds(details.life or WINDOW),
    details.paused and in_milliseconds(details.paused) or "", details.has_lost and "1" or "0",
    unpack_all(report_words(details)))
  if not answer then return nil, err end
  local granted, wait, lease, left, born, learning, paused = answer:match(("(%d+) "):rep(6) .. "(%d+)$")
  if not granted then return nil, trouble("it answered something else than a lease") end
  return tonumber(granted), wait / 1000, {
    lease = tonumber(lease), left = tonumber(left), born = tonumber(born), learning = learning / 1000,
    paused = paused / 1000,
  }
end

local function is_own(answer, err)
  if not answer then return nil, err end
  return answer == "own"
end

local function new_lock(self, key, name, token, seconds)
  local text = ("%.0f"):format(token)
  return locks.new(name, token, seconds, {
    renew = function(more) return is_own(run(self, "renew", key, text, in_milliseconds(more))) end,
    release = function() return is_own(run(self, "release", key, text)) end,
  })
end

function Redis:lock(name, seconds)
  checks.lock(name, seconds, 2)
  local key = self.prefix .. "lock:" .. name
  local answer, err = run(self, "lock", key, in_milliseconds(seconds), owner.text())
  if not answer then return nil, err end
  local token = answer:match("^token (%d+)$")
  if token then return new_lock(self, key, name, tonumber(token), seconds) end
  return nil, owner.conflict(name, answer:gsub("^held ", ""))
end

function Redis:__tostring() return "exotel.store: redis " .. self.prefix end

--- redis(options) → a store
function M.new(options)
  checks.options(options, { connect = "function", prefix = "string" }, 3)
  if not options.connect then error("bad option 'connect' (function expected)", 3) end
  return setmetatable({ connect = options.connect, prefix = options.prefix or "exotel:" }, Redis)
end

return M
