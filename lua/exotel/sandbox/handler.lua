--- Answers the server's requests, in a Lua state of its own: records them, and puts the faults between them and the
-- service.

local clock = require "exotel.sandbox.clock"
local faults = require "exotel.sandbox.faults"
local ids = require "exotel.sandbox.ids"
local request_log = require "exotel.sandbox.request_log"
local service = require "exotel.sandbox.service"
local state_keeper = require "exotel.sandbox.state_keeper"

local handler = {}

-- A header that came more than once is one whose values are joined by commas (RFC 9110).
local function headers_by_name(list)
  local headers = {}
  for _, header in ipairs(list) do
    local name, value = header[1]:lower(), header[2]
    headers[name] = headers[name] and headers[name] .. ", " .. value or value
  end
  return headers
end

local function read_request(raw)
  local path, query = raw.target:match("^([^?]*)%??(.*)$")
  return {
    method = raw.method, target = raw.target, path = path, query = raw.target:find("?", 1, true) and query or nil,
    headers = headers_by_name(raw.headers), body = raw.body,
  }
end

-- The reply that a fault is applied to. `reply`: the service's, nil when the operation isn't done.
local function replacement(state, request, now, fault, reply)
  if fault.status then return service.refuse(state, request, fault.status, now) end
  if reply then return reply end
  return { status = 200, headers = { { "Content-Type", "application/json" } }, body = "" }
end

local function reply_to(state, request, now, fault)
  if not fault then return service.handle(state, request, now) end
  local reply
  if fault.late then service.postpone(state, request, now + fault.late) end
  if fault.after or not fault.replaces then reply = service.handle(state, request, now) end
  return faults.apply(fault, replacement(state, request, now, fault, reply))
end

-- The server dates its answers by the machine's clock unless they are dated.
local function date(reply, now)
  for _, header in ipairs(reply.headers) do
    if header[1]:lower() == "date" then return end
  end
  reply.headers[#reply.headers + 1] = { "Date", ids.http_date(now) }
end

local function answered_status(reply)
  if not (reply.drop or reply.reset or reply.hang) then return reply.status end
end

-- What the service begins with: what was kept, else the trunks that were given.
local function begin(state, options, now)
  if options.kept then return service.resume(state, options.kept, now) end
  service.begin_with(state, options.trunks or {}, now)
end

-- What may have changed the state: a write, and a late one that a read finds due.
local function may_change(state, request) return request.method ~= "GET" or #state.late > 0 end

-- → why the state could not be kept, or nil. The answer may not say then that a write was done: it will be forgotten
-- with this process.
local function not_kept(keep)
  local fine, problem = pcall(keep)
  if fine then return nil end
  return type(problem) == "table" and problem.message or problem
end

--- `options`: those of service.new; `keep_requests`; `trunks` and `faults` to begin with, as put.read and faults.read
-- return them; `state`, the path where the state is kept, and `kept`, what state_file.read found there; `log`, true: a
-- line for each request on standard error; `clock`, a function → seconds since 1970, and `manual_clock`, true where it
-- isn't used; `random_seed`, used when there is no `seed`.
-- → table of functions for the server to call: serve takes a request { method, target, headers, body } and returns
-- the reply { status, headers, body, drop, reset, hang, cut, delay, drip }; the others are those of exotel.sandbox.
function handler.new(options)
  options.seed = options.seed or options.random_seed
  local state, timepiece = service.new(options), clock.new(options.clock, options.manual_clock)
  local requests, pending, handled = {}, options.faults or {}, 0
  local functions = {}
  begin(state, options, clock.now(timepiece))
  local keep = state_keeper.new(state, options)

  function functions.serve(raw)
    local request, now = read_request(raw), clock.now(timepiece)
    handled = handled + 1
    request.operation, request.authorized = service.operation(request), service.is_authorized(state, request)
    if options.keep_requests then requests[#requests + 1] = request end
    local fault, changes = faults.take(pending, request.operation), may_change(state, request)
    local reply = reply_to(state, request, now, fault)
    if timepiece.is_moved then date(reply, now) end
    request.status = answered_status(reply)
    local problem = changes and not_kept(keep)
    if problem then request.status = 500 end
    if options.log then request_log.write(request, fault, now, problem) end
    return problem and error(problem, 0) or reply
  end

  function functions.requests() return requests end

  function functions.reset_requests() requests = {} end

  function functions.handled() return handled end

  function functions.state() return service.snapshot(state, clock.now(timepiece)) end

  function functions.put(read)
    local put = service.put(state, read, clock.now(timepiece))
    local problem = not_kept(keep)
    return problem and error(problem, 0) or put
  end

  function functions.behave(given) service.behave(state, given) end

  function functions.fault(fault) pending[#pending + 1] = fault end

  function functions.clear_faults() pending = {} end

  function functions.advance(seconds) clock.advance(timepiece, seconds) end

  return functions
end

return handler
