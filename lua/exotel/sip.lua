--- Whether a SIP server answers: finds its addresses, connects, looks at its certificate, and sends it OPTIONS. No
-- account is needed, and nothing is changed anywhere.
--
--     local sip = require "exotel.sip"
--     local report = assert(sip.test "sip:pbx.example.com:5061;transport=tls")
--     for _, step in ipairs(report.steps) do
--       print(step.ok, step.step, step.text, step.advice)
--     end
--
-- It is done as calls are: blocking, with a scheduler's `sleep` cooperatively, in nginx by nginx's own; see
-- `exotel.Options`. Every wait is bounded by `timeout` and `deadline`.
-- @module exotel.sip
local address = require "exotel.sip.address"
local checks = require "exotel.calls.options"
local core = require "exotel.core"
local errors = require "exotel.error"
local locate = require "exotel.sip.locate"
local run = require "exotel.sip.run"
local uris = require "exotel.sip.uri"
local waiting = require "exotel.calls.waiting"

local M = {}

-- The error's `operation`.
local OPERATION = "sip.test"

-- URIs that are tested at a time.
local AT_ONCE = 16

local DEFAULTS = { timeout = 5, deadline = 30, verify = true }
local TYPES = {
  timeout = "number", deadline = "number", verify = "boolean", ca_file = "string", server_name = "string",
  from = "string", name_servers = "string", sleep = "function", client = "userdata",
}

--- Options of a test.
-- @table Options
-- @tfield[opt=5] number timeout seconds for each step: name resolution, connection with TLS, OPTIONS
-- @tfield[opt=30] number deadline seconds for the whole test of a URI
-- @tfield[opt=true] boolean verify false goes on with a certificate that can't be trusted, and says what is wrong with
-- it; the step is `ok` then
-- @tfield[opt] string ca_file a PEM file of the issuers to trust, instead of the system's: as the client's
-- @tfield[opt] string server_name the name that the certificate has to be for, instead of the URI's host
-- @tfield[opt] string from the SIP URI of From, where a server answers only some; `sip:exotel@` this machine's address
-- @tfield[opt] string name_servers whom to ask instead of the system's name servers and /etc/hosts: addresses, with
-- their ports where they are not 53, with commas between
-- @tfield[opt] fun(seconds:number) sleep a scheduler's: waits call it instead of blocking
-- @tfield[opt] exotel.client.Client client waits as this client does

--- What came of a test.
-- @table Report
-- @tfield string uri as it was given
-- @tfield boolean answers whether all is well: every address that the URI leads to has answered with SIP, whatever the
-- answer says, over a connection that can be trusted. An IPv6 address doesn't count where this machine has no IPv6
-- @tfield number seconds
-- @tfield exotel.sip.Step[] steps in order: the resolution, then those of each address
-- @tfield exotel.sip.Address[] addresses in the order in which they are to be tried
-- @tfield[opt] exotel.sip.Certificate certificate of the first address that has shown one
-- @tfield[opt] exotel.sip.Response response of the first address that has answered

--- A step of a test.
-- @table Step
-- @tfield "resolve"|"connect"|"tls"|"options" step
-- @tfield boolean ok
-- @tfield number seconds
-- @tfield string text what was seen, as the server and libcurl say it: pass it through `exotel.text.plain`, or some
-- such, on its way to a terminal
-- @tfield[opt] string advice what to do; also of a step that is ok, where something is worth a look
-- @tfield[opt] string address of all but "resolve"
-- @tfield[opt] integer port
-- @tfield[opt] "udp"|"tcp"|"tls" transport
-- @tfield[opt] boolean skipped true where the address was left out, which is no failure
-- @tfield[opt] integer sent of an answered OPTIONS: how often it was sent, which over UDP may be more than once

--- An address that the URI leads to.
-- @table Address
-- @tfield string address
-- @tfield "IPv4"|"IPv6" family
-- @tfield integer port
-- @tfield "udp"|"tcp"|"tls" transport
-- @tfield string host the server's name, or the address itself
-- @tfield[opt] integer priority of the SRV record: the lowest one first
-- @tfield[opt] integer weight of the SRV record
-- @tfield boolean answers
-- @tfield boolean skipped not tried: IPv6 from a machine that has none
-- @tfield[opt] exotel.sip.Certificate certificate
-- @tfield[opt] exotel.sip.Response response

--- A server's certificate. What is not known is nil.
-- @table Certificate
-- @tfield[opt] string name its subject
-- @tfield string[] names all that it is for, where libcurl tells (with OpenSSL)
-- @tfield[opt] string issuer
-- @tfield[opt] integer not_before seconds since 1970
-- @tfield[opt] integer not_after seconds since 1970
-- @tfield[opt] integer days_left negative when it has expired

--- A server's answer to OPTIONS.
-- @table Response
-- @tfield integer status 200 to 699
-- @tfield string reason
-- @tfield[opt] string user_agent the server's software, as it says: Server, or User-Agent
-- @tfield[opt] string allow the methods that it takes, as it says

-- Options -------------------------------------------------------------------------------------------------------------

local function check_seconds(options, name)
  local seconds = options[name]
  if seconds ~= nil and not (seconds > 0 and seconds <= 3600) then
    checks.refuse(name, "seconds expected, above 0 and up to 3600", 4)
  end
end

local function check_options(options)
  if type(options) ~= "table" then error("options must be a table, got " .. type(options), 3) end
  checks.check(options, TYPES, 3)
  check_seconds(options, "timeout")
  check_seconds(options, "deadline")
  if options.client and core.engine.closed(options.client) then error("the client is closed", 3) end
end

local function strategy_of(options)
  if options.client then return core.engine.state(options.client) end
  return waiting.strategy { sleep = options.sleep }
end

-- What users may have got wrong, though they called it right.
local function problem_of(options)
  if options.from and not uris.read(options.from) then return "from", "must be a SIP URI" end
  local name = options.server_name
  if name and not name:find("^[%w%.%-_]+$") then return "server_name", "must be a host's name" end
  if options.name_servers and not options.name_servers:find("^[%x%.:,%[%]]+$") then
    return "name_servers", "must be addresses, with commas between"
  end
end

local function invalid(field, message)
  return nil, errors.new {
    kind = "invalid_argument", operation = OPERATION, field = field, message = field .. " " .. message,
  }
end

-- Reports -------------------------------------------------------------------------------------------------------------

local function answered(result)
  for _, step in ipairs(result.steps) do
    if not step.ok then return false end
  end
  return result.response ~= nil
end

local function address_of(result)
  local entry = {}
  for key, value in pairs(result.target) do entry[key] = value end
  entry.answers, entry.skipped = answered(result), result.skipped or false
  entry.certificate, entry.response = result.certificate, result.response
  return entry
end

local function add_result(report, result)
  for _, step in ipairs(result.steps) do report.steps[#report.steps + 1] = step end
  local entry = address_of(result)
  report.addresses[#report.addresses + 1] = entry
  report.certificate = report.certificate or entry.certificate
  report.response = report.response or entry.response
  if not (entry.answers or entry.skipped) then report.answers = false end
end

-- What was found is a step, and each problem is.
local function add_resolved(report, seconds, text, problems)
  local steps = report.steps
  if text ~= "" then steps[1] = { step = "resolve", ok = true, seconds = seconds, text = text } end
  for _, problem in ipairs(problems) do
    report.answers = false
    steps[#steps + 1] = {
      step = "resolve", ok = false, seconds = seconds, text = problem.text, advice = problem.advice,
    }
  end
end

-- Tests ---------------------------------------------------------------------------------------------------------------

-- What is the same for all addresses, with the ends of the whole.
local function new_test(options)
  local test = {}
  for name, value in pairs(DEFAULTS) do test[name] = value end
  for name, value in pairs(options) do test[name] = value end
  test.ends = core.now() + test.deadline
  test.step_ends = core.now() + math.min(test.timeout, test.deadline)
  test.timeout = math.min(test.timeout, test.deadline)
  return test
end

-- The jobs of a URI: its resolution starts one for each address; the last of them to end makes the report, and calls
-- `after`.
local function start(jobs, options, uri, report, after)
  jobs:start(function()
    local test, began = new_test(options), core.now()
    local targets, text, problems = locate.locate(test, uri)
    local results, left = {}, #targets
    add_resolved(report, core.now() - began, text, problems)
    local function finish()
      for _, result in ipairs(results) do add_result(report, result) end
      report.answers = report.answers and report.response ~= nil
      report.seconds = core.now() - began
      after()
    end
    if left == 0 then return finish() end
    for i, target in ipairs(targets) do
      jobs:start(function()
        results[i] = address.test(test, uri, target)
        left = left - 1
        if left == 0 then finish() end
      end)
    end
  end)
end

-- A URI that can't be read leads nowhere.
local function unreadable(report, problem)
  report.answers, report.seconds = false, 0
  report.steps[1] = {
    step = "resolve", ok = false, seconds = 0, text = "the URI " .. problem, advice = "correct the URI",
  }
end

-- A URI begins when another one has ended: descriptors are limited.
local function run_jobs(list, options, strategy)
  local jobs, reports, i = run.new(strategy), {}, 0
  local function start_next()
    i = i + 1
    if not list[i] then return end
    local report = { uri = list[i], answers = true, steps = {}, addresses = {} }
    reports[i] = report
    local uri, problem = uris.read(report.uri)
    if uri then return start(jobs, options, uri, report, start_next) end
    unreadable(report, problem)
    return start_next()
  end
  for _ = 1, AT_ONCE do start_next() end
  jobs:until_finished()
  return reports
end

local function run_all(list, options)
  local field, problem = problem_of(options)
  if field then return invalid(field, problem) end
  local strategy = strategy_of(options)
  local refusal = strategy:refusal(OPERATION)
  if refusal then return nil, refusal end
  return run_jobs(list, options, strategy)
end

local function check_uri(uri)
  if type(uri) ~= "string" then error("a SIP URI must be a string, got " .. type(uri), 3) end
end

--- Checks a URI, and tests nothing.
-- @tparam string uri as of `test`
-- @treturn boolean good true
-- @fails kind `invalid_argument`
-- @raise for a URI that is no string
function M.check(uri)
  check_uri(uri)
  local good, problem = uris.read(uri)
  if good then return true end
  return invalid("uri", problem)
end

--- Tests a URI.
-- @tparam string uri `sip:HOST:PORT;transport=tls`, as a destination also without `sip:`. Without a port SRV says
-- which servers there are, by RFC 3263; NAPTR is not asked for. Without a transport it is udp, or tls of `sips:`
-- @tparam[opt] exotel.sip.Options options
-- @treturn exotel.sip.Report report
-- @fails kind `invalid_argument`: the URI, or the form of an option; `config`: a phase of nginx in which nothing can
-- wait. That nobody answers is no failure of the test
-- @raise for a URI that is no string, an unknown option or one of the wrong type
function M.test(uri, options)
  check_uri(uri)
  check_options(options or {})
  local good, err = M.check(uri)
  if not good then return nil, err end
  local reports
  reports, err = run_all({ uri }, options or {})
  if not reports then return nil, err end
  return reports[1]
end

local function check_list(list)
  if type(list) ~= "table" then error("test_all takes a list of SIP URIs", 3) end
  for i, uri in ipairs(list) do
    if type(uri) ~= "string" then error(("SIP URI %d must be a string, got %s"):format(i, type(uri)), 3) end
  end
end

--- Tests many URIs at once, up to 16 at a time. Those of a trunk:
--
--     local list = {}
--     for destination in trunk:destinations() do list[#list + 1] = destination.destination end
--     local reports = assert(sip.test_all(list))
--
-- @tparam string[] list of URIs. One that is malformed is a failure in its report, since the service may have it so
-- @tparam[opt] exotel.sip.Options options
-- @treturn exotel.sip.Report[] reports in the order given
-- @fails as `test`
-- @raise as `test`
function M.test_all(list, options)
  check_list(list)
  check_options(options or {})
  return run_all(list, options or {})
end

return M
