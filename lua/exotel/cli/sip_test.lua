--- Whether destinations answer, for people: what `exotel destination test` does, and `exotel doctor TRUNK` in short.
local environment = require "exotel.cli.environment"
local errors = require "exotel.cli.errors"
local json = require "exotel.json"
local resolve = require "exotel.cli.resolve"
local screen = require "exotel.cli.terminal.screen"
local signals = require "exotel.cli.terminal.signals"
local sip = require "exotel.sip"

local M = {}

M.argument = {
  name = "TARGET", args = "+",
  text = "A SIP URI, as sip:HOST:PORT;transport=tls (without sip: if it has a dot or a colon); or a trunk, by its name "
    .. "or its trunk_sid: all its destinations.",
}

M.options = {
  { name = "--timeout", value = "SECONDS", whole = true, text = "For each step; 5 unless given." },
  { name = "--insecure", text = "Go on with a certificate that can't be trusted; what is wrong with it is said." },
  { name = "--server-name", value = "NAME", text = "What the certificate has to be for, instead of the URI's host." },
  { name = "--ca-file", value = "FILE", text = "A PEM file of the issuers to trust, instead of the system's." },
  { name = "--name-server", value = "ADDRESS", text = "Ask this name server instead of the system's, as 1.1.1.1." },
  { name = "--from", value = "URI", text = "The URI in the request's From." },
}

-- Options -------------------------------------------------------------------------------------------------------------

local function options_of(args)
  if args.timeout == 0 then errors.usage("--timeout takes a whole number of seconds, at least 1") end
  return {
    sleep = signals.sleep, timeout = args.timeout, verify = not args.insecure, server_name = args.server_name,
    ca_file = args.ca_file or environment.get("EXOTEL_CA_FILE"), name_servers = args.name_server, from = args.from,
  }
end

-- What is tested ------------------------------------------------------------------------------------------------------

-- No name of a trunk has any of these characters.
local function is_uri(text)
  local how = (text:match("^(%a+):") or ""):lower()
  if how == "sip" or how == "sips" then return true end
  return how ~= "sid" and how ~= "name" and text:find("[%.:;@%[]") ~= nil
end

--- sip_test.destinations(trunk) → the URIs of its destinations; raises the error
function M.destinations(trunk)
  local list = {}
  for i, destination in ipairs(errors.assert(trunk:list_destinations())) do list[i] = destination.destination end
  return list
end

-- `tests`: an array of { uri, trunk_name (nil for a URI that was given) }
local function add_trunk(app, tests, text)
  local trunk = resolve.trunk(app:client(), text)
  local list = M.destinations(trunk)
  if #list == 0 then
    errors.not_found("%s has no destinations: there is nothing to test", resolve.name(trunk))
  end
  for _, uri in ipairs(list) do tests[#tests + 1] = { uri = uri, trunk_name = resolve.name(trunk) } end
end

-- URIs are checked before any trunk is looked for.
local function find_tests(app, targets)
  for _, text in ipairs(targets) do
    if is_uri(text) then errors.assert(sip.check(text)) end
  end
  local tests = {}
  for _, text in ipairs(targets) do
    if is_uri(text) then tests[#tests + 1] = { uri = text } else add_trunk(app, tests, text) end
  end
  return tests
end

-- What the library's options are called here.
local NAMES = { from = "--from", server_name = "--server-name", name_servers = "--name-server" }

local function raise(err)
  local name = NAMES[err.field]
  if not name then error(err, 0) end
  errors.usage("%s %s", name, err.message:match("^[%w_]+ (.*)$"))
end

-- By the library's option: what the command has in its place.
local OPTIONS = { server_name = "--server-name", ca_file = "--ca-file" }

--- The same for commands that have no options for a test.
M.elsewhere = { server_name = "`exotel destination test --server-name`", ca_file = "EXOTEL_CA_FILE" }

local function put_into_words(steps, names)
  for _, step in ipairs(steps) do step.advice = step.advice and step.advice:gsub("the option ([%w_]+)", names) end
end

--- sip_test.reports(uris, options, names) → reports of exotel.sip; raises the error. `names`: what the library's
-- options are called in what it advises; those of `exotel destination test` unless given
function M.reports(uris, options, names)
  local reports, err = sip.test_all(uris, options)
  if not reports then raise(err) end
  for _, report in ipairs(reports) do
    put_into_words(report.steps, names or OPTIONS)
    json.array(report.steps)
    json.array(report.addresses)
    for _, entry in ipairs(report.addresses) do
      if entry.certificate then json.array(entry.certificate.names) end
    end
  end
  return reports
end

-- Text ----------------------------------------------------------------------------------------------------------------

local INDENT = (" "):rep(18)

local function mark_of(step)
  if step.skipped then return "--   " end
  return step.ok and screen.paint("green", "ok") .. "   " or screen.paint("red", "WRONG")
end

-- A connection says where to.
local function text_of(step)
  if step.step ~= "connect" then return step.text end
  return ("%s port %d by %s: %s"):format(step.address, step.port, step.transport, step.text)
end

local function details_of(entry)
  local lines, certificate = {}, entry.certificate
  if certificate then
    if #certificate.names > 0 then lines[1] = "certificate for " .. table.concat(certificate.names, ", ") end
    if certificate.not_after then lines[#lines + 1] = os.date("!certificate until %Y-%m-%d", certificate.not_after) end
  end
  if entry.response and entry.response.allow then lines[#lines + 1] = "Allow: " .. entry.response.allow end
  return lines
end

-- Broken between words at a terminal.
local function add_advice(lines, advice)
  local line = INDENT .. "-> " .. screen.plain(advice)
  local pieces = screen.stdout_is_terminal() and screen.wrap(line, #INDENT + 3) or { line }
  for _, piece in ipairs(pieces) do lines[#lines + 1] = piece end
end

local function add_step(lines, step)
  local text = screen.plain(text_of(step))
  lines[#lines + 1] = ("  %s  %-7s  %6.3f s  %s"):format(mark_of(step), step.step, step.seconds, text)
  if step.advice then add_advice(lines, step.advice) end
end

local function lines_of(report, args)
  local verdict = report.answers and "answers" or "does NOT answer as it should"
  local colour = report.answers and "green" or "red"
  local lines = { screen.plain(report.uri) .. "  " .. screen.paint(colour, verdict) }
  for _, step in ipairs(report.steps) do
    if not (args.quiet and step.ok) then add_step(lines, step) end
  end
  for _, entry in ipairs(args.verbose and report.addresses or {}) do
    for _, text in ipairs(details_of(entry)) do
      lines[#lines + 1] = ("%s%s: %s"):format(INDENT, screen.plain(entry.address), screen.plain(text))
    end
  end
  return lines
end

local function show(app, reports, good)
  if app.out.json then return app.out:value(json.array(reports)) end
  local lines = {}
  for _, report in ipairs(reports) do
    if not (app.args.quiet and report.answers) then
      for _, line in ipairs(lines_of(report, app.args)) do lines[#lines + 1] = line end
    end
  end
  if #reports > 1 and not app.args.quiet then lines[#lines + 1] = ("%d of %d answer"):format(good, #reports) end
  if #lines > 0 then app.out:text(table.concat(lines, "\n") .. "\n") end
end

-- In short ------------------------------------------------------------------------------------------------------------

--- sip_test.summary(report) → a line, and what to do about it (nil: nothing)
function M.summary(report)
  for _, step in ipairs(report.steps) do
    if not step.ok then return ("%s: %s: %s"):format(report.uri, step.step, text_of(step)), step.advice end
  end
  if not report.response then return report.uri .. ": no address could be tried" end
  local days = report.certificate and report.certificate.days_left
  return ("%s answers %d %s in %.2f s%s"):format(report.uri, report.response.status, report.response.reason,
    report.seconds, days and (", certificate for %d days"):format(days) or "")
end

-- The command ---------------------------------------------------------------------------------------------------------

function M.run(app, args)
  local options, uris, good = options_of(args), {}, 0
  local tests = find_tests(app, args.target)
  for i, test in ipairs(tests) do uris[i] = test.uri end
  local reports = M.reports(uris, options)
  for i, report in ipairs(reports) do
    report.trunk_name = tests[i].trunk_name
    if report.answers then good = good + 1 end
  end
  show(app, reports, good)
  return good == #reports and errors.status.done or errors.status.failed
end

return M
