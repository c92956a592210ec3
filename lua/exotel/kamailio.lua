--- Calls that never block a SIP worker: the worker suspends its transaction and puts a job into a queue, one process
-- (the pump) makes the calls, and the transaction continues in the pump with the result. The configuration for it is in
-- doc/guides/kamailio.md.
--
--     local kamailio = require "exotel.kamailio"
--     kamailio.setup { client = { region = "mumbai" } }
--     exotel_pump = kamailio.pump
--
--     function ksr_request_route()
--       if not kamailio.suspend("get_trunk", { trunk_sid = SID }, "answered") then answered() end
--     end
--
--     function answered()
--       local trunk, err = kamailio.result()
--       KSR.tm.t_reply(trunk and 200 or 503, trunk and "OK" or err.kind)
--     end
--
-- @module exotel.kamailio
local checks = require "exotel.calls.options"
local core = require "exotel.core"
local directory = require "exotel.directory"
local errors = require "exotel.error"
local exotel = require "exotel"
local pump = require "exotel.kamailio.pump"
local wire = require "exotel.kamailio.wire"

-- luacheck: read globals KSR

-- A pump whose heartbeat is this old (seconds) is taken for dead.
local DEAD_AFTER = 5

local M = {}

local DEFAULTS = { timeout = 5, queue = "exotel", queue_size = 1000, heartbeat = "exotel_pump" }
local TYPES = {
  client = "table", timeout = "number", queue = "string", queue_size = "number", heartbeat = "string",
  native = "boolean", directory = "table",
}

local DIRECTORY_TYPES = { path = "string", every = "number", requests_per_minute = "number" }
local EVERY = 300

-- Of this process: what setup was given; its pump, in the one process that runs it; the last result, for result().
local settings, own_pump, outcome

-- Setting up ---------------------------------------------------------------------------------------------------------

local function check_options(options, types, level)
  checks.check(options, types, level + 1)
  if (options.timeout or 1) <= 0 then checks.refuse("timeout", "seconds expected", level + 1) end
end

--- The options of a process.
-- @table Options
-- @tfield[opt] exotel.Options client what is absent comes from the environment
-- @tfield[opt=5] number timeout seconds until a job is answered, including its time in the queue. Keep it below tm's
-- `fr_timer`
-- @tfield[opt="exotel"] string queue the mqueue's name
-- @tfield[opt=1000] integer queue_size jobs that may wait in the queue, and calls that may be under way
-- @tfield[opt="exotel_pump"] string heartbeat the shared variable (`$shv`) in which the pump shows that it is alive
-- @tfield[opt] exotel.kamailio.Directory directory is refreshed by the pump
-- @tfield[opt] boolean native whether routes are those of kamailio.cfg: true without a function `ksr_request_route`

--- What differs for one job.
-- @table JobOptions
-- @tfield[opt] number timeout seconds until it is answered, including its time in the queue

--- The directory that the pump refreshes, and all processes read.
-- @table Directory
-- @tfield string path of the file; as the first element of the table it needs no name
-- @tfield[opt=300] number every seconds from one refresh to the next
-- @tfield[opt] integer requests_per_minute of a refresh; half of the client's `rate_limit` without it

-- → the options of the directory, or nil; raises what is wrong with them
local function directory_options(given, level)
  if not given then return nil end
  local options = {}
  for key, value in pairs(given) do options[key == 1 and "path" or key] = value end
  checks.check(options, DIRECTORY_TYPES, level + 1)
  if (options.path or "") == "" then checks.refuse("directory.path", "the path of a file expected", level + 1) end
  options.every = options.every or EVERY
  if options.every <= 0 then checks.refuse("directory.every", "seconds expected", level + 1) end
  checks.check_count(options, "requests_per_minute", level + 1)
  return options
end

-- A file that can't be read or made keeps Kamailio from starting, as a mistake in the options does.
local function open_directory(options)
  if not options then return nil end
  local opened, err = directory.open { path = options.path, create = true }
  if not opened then error("exotel: " .. tostring(err), 0) end
  options.directory = opened
  return options
end

--- Sets up this process, at the script's top level. Makes no request.
-- @tparam[opt] exotel.kamailio.Options options
-- @raise for an error in the options or the environment, so that Kamailio doesn't start with it
function M.setup(options)
  check_options(options or {}, TYPES, 2)
  settings = {}
  for key, value in pairs(DEFAULTS) do settings[key] = value end
  for key, value in pairs(options or {}) do settings[key] = value end
  settings.directory = open_directory(directory_options(settings.directory, 2))
  local client, err = exotel.client(settings.client)
  if not client then error("exotel: " .. tostring(err), 0) end
  client:close()
  -- When the script is reloaded, calls under way go on.
  if own_pump then own_pump.settings = settings end
end

--- The directory of `setup`, for all routes: look-ups in it never wait.
-- @treturn exotel.directory.Directory directory
-- @raise where `setup` was given none
function M.directory()
  if not (settings and settings.directory) then error("setup was given no directory", 2) end
  return settings.directory.directory
end

local function is_native()
  if settings.native ~= nil then return settings.native end
  return _G.ksr_request_route == nil
end

-- Results ------------------------------------------------------------------------------------------------------------

-- A native configuration reads $var(exotel_kind), "" for a success, and $var(exotel_message).
local function export(err)
  if not is_native() then return end
  KSR.pv.sets("$var(exotel_kind)", err and err.kind or "")
  KSR.pv.sets("$var(exotel_message)", err and tostring(err) or "")
end

local function remember(data, info)
  outcome = { data, info }
  export(data == nil and info or nil)
end

local function forget()
  outcome = nil
  export(nil)
end

--- The result of the job that this route continues, as the client's method would return it.
-- @treturn table data
-- @treturn exotel.client.Info info
-- @fails
-- @raise in any other route
function M.result()
  if not outcome then error("there is no result here: it is for the route that a job goes on in", 2) end
  return outcome[1], outcome[2]
end

-- Workers ------------------------------------------------------------------------------------------------------------

local operations = {}
for _, operation in ipairs(core.operations) do operations[operation.name] = true end

local function unavailable(operation, message)
  return errors.new { kind = "unavailable", operation = operation, message = "not sent: " .. message, retryable = true }
end

local function pump_problem()
  local seen = KSR.pv.get("$shv(" .. settings.heartbeat .. ")")
  if type(seen) ~= "number" or seen == 0 then
    return "no pump has run yet: is there an rtimer for it, and modparam(\"pv\", \"shvset\", \"" .. settings.heartbeat
      .. "=i:0\")?"
  end
  local silent = core.now() - seen
  if silent > DEAD_AFTER then return ("the pump has not moved for %d seconds"):format(math.floor(silent)) end
end

-- → nil when a job can be taken now, else an error. Workers check concurrently, so that the mqueue may get a few jobs
-- more than queue_size: its own limit must not be smaller.
local function check_available(operation)
  local waiting = KSR.mqueue.mq_size(settings.queue)
  if waiting < 0 then
    return unavailable(operation, ("there is no mqueue %q: modparam(\"mqueue\", \"mqueue\", \"name=%s\")"):format(
      settings.queue, settings.queue))
  end
  local problem = pump_problem()
  if problem then return unavailable(operation, problem) end
  if waiting < settings.queue_size then return nil end
  return unavailable(operation, ("the queue is full, %d jobs wait"):format(waiting))
end

local function check_call(operation, arguments, options)
  if not settings then error("exotel.kamailio is not set up: call its setup first", 3) end
  if not operations[operation] then error("unknown operation '" .. tostring(operation) .. "'", 3) end
  if type(arguments) ~= "table" then error(operation .. " takes a table of arguments", 3) end
  check_options(options or {}, { timeout = "number" }, 3)
end

local function new_job(operation, arguments, options)
  local timeout = options and options.timeout or settings.timeout
  return { operation = operation, arguments = arguments, due = core.now() + timeout, boot = KSR.pv.get("$Tb") }
end

local function enqueue(job)
  return KSR.mqueue.mq_add(settings.queue, job.operation, wire.encode(job)) == 1
end

local function fail(err)
  remember(nil, err)
  return nil, err
end

-- → true when there is a transaction; false for a retransmission of a request that has one already; nil when there can
-- be none
local function has_transaction()
  local made = KSR.tm.t_newtran()
  if made > 0 then return true end
  if made == 0 then return false end
  return KSR.pv.get("$T(id_label)") ~= nil or nil
end

local function suspend(job)
  if KSR.tmx.t_suspend() < 0 then return nil end
  job.index, job.label = KSR.pv.get("$T(id_index)"), KSR.pv.get("$T(id_label)")
  return job.index ~= nil
end

--- Suspends the transaction (created where there is none yet) until the job is answered.
-- @tparam exotel.Operation operation
-- @tparam table arguments as of the operation
-- @tparam string resume the route in which it continues, in the pump's process: of a native configuration, or the
-- function of that name
-- @tparam[opt] exotel.kamailio.JobOptions options
-- @treturn boolean suspended true: the route that called should end
-- @fails kind `unavailable`: nothing was suspended or sent. `result` returns this error, so that `resume` can be called
-- at once
-- @raise on misuse, with nothing suspended
function M.suspend(operation, arguments, resume, options)
  check_call(operation, arguments, options)
  if type(resume) ~= "string" then error("suspend takes the name of the route to go on in", 2) end
  if not is_native() and type(_G[resume]) ~= "function" then error("there is no function " .. resume, 2) end
  local job = new_job(operation, arguments, options)
  job.resume = resume
  wire.encode(job) -- raises while nothing is suspended
  -- First: a request that is retransmitted while its transaction is suspended must not be refused.
  local made = has_transaction()
  forget()
  if made == false then return true end
  local err = check_available(operation)
  if err then return fail(err) end
  if not (made and suspend(job)) then return fail(unavailable(operation, "there is no transaction to suspend")) end
  if enqueue(job) then return true end
  KSR.tm.t_reply(503, "Out of memory")
  return true
end

--- Queues a job without waiting for its result.
-- @tparam exotel.Operation operation
-- @tparam table arguments as of the operation
-- @tparam[opt] string callback the global function that is called in the pump's process with arguments, data, info, or
-- with arguments, nil, err
-- @tparam[opt] exotel.kamailio.JobOptions options
-- @treturn boolean queued true
-- @fails kind `unavailable`: it was not queued
-- @raise on misuse
function M.post(operation, arguments, callback, options)
  check_call(operation, arguments, options)
  if callback ~= nil and type(_G[callback]) ~= "function" then
    error("there is no function " .. tostring(callback), 2)
  end
  local job = new_job(operation, arguments, options)
  job.callback = callback
  wire.encode(job)
  local err = check_available(operation)
  if err == nil and not enqueue(job) then err = unavailable(operation, "no shared memory is left for it") end
  if err then return fail(err) end
  forget()
  return true
end

-- The pump -----------------------------------------------------------------------------------------------------------

local function call_back(finished)
  local name = finished.job.callback
  if type(_G[name]) ~= "function" then return KSR.err("exotel: there is no function " .. name .. "\n") end
  local good, message = pcall(_G[name], finished.job.arguments, finished.data, finished.info)
  if not good then KSR.err("exotel: " .. name .. ": " .. tostring(message) .. "\n") end
end

-- A transaction that has ended meanwhile (cancelled, or after tm's fr_timer) is no error here: tm logs it.
local function resume(job)
  if not is_native() then
    KSR.tmx.t_continue(job.index, job.label, job.resume)
    outcome = nil
    return
  end
  KSR.pv.seti("$var(exotel_index)", job.index)
  KSR.pv.seti("$var(exotel_label)", job.label)
  KSR.pv.sets("$var(exotel_route)", job.resume)
end

local function deliver(finished)
  remember(finished.data, finished.info)
  if finished.job.callback then call_back(finished)
  elseif finished.job.index then resume(finished.job) end
end

-- Kamailio ends a while loop after 100 iterations (max_while_loops), and a transaction handed out in the last one would
-- be lost.
local ITERATIONS = 50
local iterations = 0

-- Hands the route one transaction to continue, or none.
local function next_for_route()
  KSR.pv.sets("$var(exotel_route)", "")
  iterations = iterations + 1
  local finished
  repeat
    finished = iterations < ITERATIONS and own_pump:next()
    if finished then deliver(finished) end
  until not finished or finished.job.index
  if not finished then iterations = 0 end
end

--- Takes jobs from the queue, makes their calls and delivers their results; run by one rtimer. In a native
-- configuration it hands out one transaction at a time, in `$var(exotel_index)`, `$var(exotel_label)` and
-- `$var(exotel_route)`: "" in the last one when there is none for now.
-- @treturn integer success 1, for Kamailio
function M.pump()
  if not settings then error("exotel.kamailio is not set up: call its setup first", 2) end
  own_pump = own_pump or pump.new(settings)
  if is_native() then
    next_for_route()
  else
    for finished in own_pump.next, own_pump do deliver(finished) end
  end
  return 1
end

return M
