--- What the service does: a function of its state, a request and the time, without any I/O. Times are in seconds since
-- 1970.
--
-- Each rule is marked with its source: S, the vendor's reference, also where there is no mark; V, the vendor's samples
-- and later documentation; L, one report from a live account. What none of them says is marked as this sandbox's
-- reading.

local base64 = require "exotel.sandbox.base64"
local envelope = require "exotel.sandbox.envelope"
local history = require "exotel.sandbox.history"
local ids = require "exotel.sandbox.ids"
local json = require "exotel.sandbox.json"
local late = require "exotel.sandbox.late"
local problem = require "exotel.sandbox.problem"
local put = require "exotel.sandbox.put"
local rate_limiter = require "exotel.sandbox.rate_limiter"
local routes = require "exotel.sandbox.routes"
local trunk = require "exotel.sandbox.trunk"
local ways = require "exotel.sandbox.ways"

local service = {}

-- Functions by name: what each takes and returns is told in operations/trunks.lua.
local operations = {}

for _, name in ipairs({ "trunks", "phone_numbers", "whitelisted_ips", "destinations", "settings", "credentials" }) do
  for operation, perform in pairs(require("exotel.sandbox.operations." .. name)) do operations[operation] = perform end
end

local function set_of(list)
  if not list then return nil end
  local set = {}
  for _, value in ipairs(list) do set[value] = true end
  return set
end

local function has_lag(options) return options.lag ~= nil and options.lag > 0 end

--- Makes the state of a service that holds nothing yet.
-- `options`: account_sid, api_key, api_token, page_size, seed (a number: all ids follow from it), numbers (those of the
-- account; nil: any), bare_mode, rate_limit (requests in 60 seconds; nil: any), lag (seconds by which reads are
-- behind; nil: 0), unknown_trunk (the status for one; nil: 404), ignored_fields (those that update_trunk forgets)
function service.new(options)
  local hex, position = ids.generator(options.seed)
  local state = {
    account_sid = options.account_sid, page_size = options.page_size, bare_mode = options.bare_mode,
    authorization = base64.encode(options.api_key .. ":" .. options.api_token),
    hex = hex, position = position, counters = ids.counters(),
    limiter = rate_limiter.new(options.rate_limit), owned = set_of(options.numbers),
    trunks = {}, by_sid = {}, mapped = {}, orphaned_credentials = {}, late = {},
  }
  state.started = { unknown_trunk = options.unknown_trunk, ignored_fields = options.ignored_fields }
  state.ways = ways.complete(state.started)
  state.history = has_lag(options) and history.new(options.lag, state) or nil
  return state
end

-- Nothing of what it begins with was otherwise before, however far reads are behind.
local function begin_history(state)
  if state.history then state.history = history.new(state.history.lag, state) end
end

--- Has a service that holds nothing yet begin with trunks that put.read has read.
function service.begin_with(state, trunks, now)
  for _, read in ipairs(trunks) do put.into(state, read, ids.date(now)) end
  begin_history(state)
end

--- Has a service that holds nothing yet go on where another one was, as state_file.read returns it.
function service.resume(state, kept, now)
  for kind, number in pairs(state.counters) do state.counters[kind] = math.max(number, kept.ids[kind] or 0) end
  state.hex, state.position = ids.resumed(kept.ids.digits)
  state.orphaned_credentials = kept.orphaned_credentials
  service.begin_with(state, kept.trunks, now)
end

local function is_authorized(state, request)
  local scheme, credentials = (request.headers.authorization or ""):match("^(%a+) +(%S+)$")
  return scheme ~= nil and scheme:lower() == "basic" and credentials == state.authorization
end

-- A path that exists with another method is answered 405: this sandbox's reading.
local function find_operation(call)
  local operation, arguments = routes.find(call.method, call.path)
  if operation and call.ways.missing_operations[operation] then return nil, problem.new(1000) end
  if operation then return operation, arguments end
  return nil, arguments and problem.of_status(405) or problem.new(1000)
end

-- The right key with another account's sid is forbidden; a trunk that is not the account's is unknown, even where it is
-- another account's (V).
local function find_trunk(state, call, arguments)
  if arguments.account_sid ~= state.account_sid then return problem.new(1003) end
  if not arguments.trunk_sid then return nil end
  call.trunk, call.id = state.by_sid[arguments.trunk_sid], arguments.id
  if not call.trunk then return problem.of_unknown_trunk(call.ways.unknown_trunk) end
end

local function check_content_type(request)
  local content_type = request.headers["content-type"] or ""
  if content_type:match("^[^;%s]*"):lower() ~= "application/json" then return problem.new(1011, content_type) end
end

-- V
local function read_body(request, call)
  if request.method ~= "POST" and request.method ~= "PUT" then return nil end
  local refusal = not call.ways.any_content_type and check_content_type(request)
  if refusal then return refusal end
  local body, message = json.decode(request.body)
  if json.kind(body) ~= "object" then return problem.new(1007, message or "the body should be an object") end
  call.body = body
end

local function perform(state, call, operation)
  local form, result = operations[operation](state, call)
  local is_gone = form == "problem" and call.method == "DELETE" and result.code == 1000
  if is_gone and call.ways.repeated_removal == 200 then form, result = "item", nil end
  return envelope[form](call, result)
end

local function answer(state, request, call, operation, arguments)
  local refusal = arguments
  if operation then refusal = find_trunk(state, call, arguments) or read_body(request, call) end
  if refusal then return envelope.problem(call, refusal) end
  return perform(state, call, operation)
end

-- The example in the reference isn't JSON: the word has no quotes.
local function strip_quotes(state, operation, body)
  if not state.bare_mode or operation ~= "map_phone_number" then return body end
  return (body:gsub('"mode":"pstn"', '"mode": pstn'))
end

-- What a request is answered from: a read may see an earlier state, a write is judged by the one there is.
local function state_for(state, request, now)
  if state.history and request.method == "GET" then return history.state_at(state.history, now) end
  return state
end

local function admit(state, request, call, operation, arguments)
  local admitted, headers = rate_limiter.admit(state.limiter, call.time)
  local status, body
  if admitted then
    status, body = answer(state_for(state, request, call.time), request, call, operation, arguments)
  else
    status, body = envelope.rate_limited()
  end
  return status, strip_quotes(state, operation, body), headers
end

local function new_call(state, request, now)
  return {
    method = request.method, path = request.path, query = routes.read_query(request.query),
    request_id = state.hex(32), time = now, now = ids.date(now), ways = state.ways,
  }
end

local function remember(state, now)
  if state.history then history.record(state.history, state, now) end
end

--- → the name of a request's operation, or nil
function service.operation(request)
  return (routes.find(request.method, request.path))
end

--- Whether a request carries the account's key and token.
service.is_authorized = is_authorized

local function handle_now(state, request, now)
  local call = new_call(state, request, now)
  local operation, arguments = find_operation(call)
  local status, body, headers
  if is_authorized(state, request) then
    status, body, headers = admit(state, request, call, operation, arguments)
  else
    status, body = envelope.problem(call, problem.new(1010))
  end
  if request.method ~= "GET" then remember(state, now) end
  headers = headers or {}
  table.insert(headers, 1, { "Content-Type", "application/json" })
  return { status = status, headers = headers, body = body }
end

-- The late requests whose time has come by `now` take effect, each at its own time.
local function catch_up(state, now)
  local next_one = late.take(state.late, now)
  while next_one do
    handle_now(state, next_one.request, next_one.due)
    next_one = late.take(state.late, now)
  end
end

--- Answers a request at the time `now`, and changes the state accordingly.
-- `request`: method, path (as on the wire), query (raw, or nil), headers (by lower-case name), body (a string)
-- → { status, headers = array of { name, value }, body }
function service.handle(state, request, now)
  catch_up(state, now)
  return handle_now(state, request, now)
end

--- From now on behaves as a test asks for, in all else as it was started. `given`: ways that ways.check has let pass
function service.behave(state, given)
  local all = {}
  for _, list in ipairs({ state.started, given }) do
    for name, value in pairs(list) do all[name] = value end
  end
  state.ways = ways.complete(all)
end

--- Has a request take effect at the time `due`. Nobody reads its answer.
function service.postpone(state, request, due)
  late.add(state.late, request, due)
end

--- The answer with a status that a fault asks for; nothing is done.
-- → as service.handle
function service.refuse(state, request, status, now)
  local call = new_call(state, request, now)
  local body = ""
  if status == 429 then
    body = select(2, envelope.rate_limited())
  elseif status < 300 then
    body = select(2, envelope.item(call))
  elseif status ~= 304 then
    body = select(2, envelope.problem(call, problem.of_status(status)))
  end
  if status == 204 then body = "" end
  return { status = status, headers = { { "Content-Type", "application/json" } }, body = body }
end

--- What the service holds at the time `now`, as plain tables: { trunks = as trunk.snapshot has them, credentials with
-- their passwords; orphaned_credentials }, all oldest first.
function service.snapshot(state, now)
  catch_up(state, now)
  local trunks = {}
  for i, held in ipairs(state.trunks) do trunks[i] = trunk.snapshot(held) end
  return { trunks = trunks, orphaned_credentials = trunk.copy_list(state.orphaned_credentials) }
end

--- Puts a trunk there that put.read has read. → the trunk as in service.snapshot
function service.put(state, read, now)
  catch_up(state, now)
  local made = put.into(state, read, ids.date(now))
  remember(state, now)
  return trunk.snapshot(made)
end

return service
