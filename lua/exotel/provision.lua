--- Desired state in, changes out: trunks as their specifications say, whatever was there before.
-- @module exotel.provision
local draft = require "exotel.provision.plan.planner"
local changes = require "exotel.provision.plan.changes"
local errors = require "exotel.error"
local exporting = require "exotel.provision.spec.export"
local files = require "exotel.provision.spec.files"
local format = require "exotel.provision.spec.writer"
local guard = require "exotel.provision.plan.safety"
local passwords = require "exotel.provision.plan.passwords"
local plans = require "exotel.provision.plan.plan"
local reports = require "exotel.provision.apply.report"
local run = require "exotel.provision.apply.run"
local specs = require "exotel.provision.spec.reader"

local M = {}

-- Options ------------------------------------------------------------------------------------------------------------

local planning = { prune = "boolean", allow = "table", rotate = "table" }
local applying = { prune = "boolean", allow = "table", rotate = "table", progress = "function", stop = "function" }
-- What is planned already is not asked again.
local applying_plan = { allow = "table", progress = "function", stop = "function" }

local function check_list(options, key)
  for index, value in pairs(options[key] or {}) do
    if type(index) ~= "number" or type(value) ~= "string" then
      error("bad option '" .. key .. "' (a list of strings expected)", 4)
    end
    if key == "allow" and not guard.rules[value] then
      error("bad option 'allow' (unknown rule '" .. value .. "'; known: last_destination, last_ip, shrink)", 4)
    end
  end
end

local function check_options(options, known)
  for key, value in pairs(options) do
    if not known[key] then error("bad option '" .. tostring(key) .. "' (unknown)", 3) end
    if type(value) ~= known[key] then error("bad option '" .. key .. "' (" .. known[key] .. " expected)", 3) end
  end
  check_list(options, "allow")
  check_list(options, "rotate")
end

local function set_of(...)
  local set = {}
  for _, list in ipairs { ... } do
    for _, value in ipairs(list) do set[value] = true end
  end
  return set
end

-- As the draft takes them. `also`: rules that are allowed besides.
local function for_draft(options, also)
  return {
    prune = options.prune or false, allow = set_of(options.allow or {}, also or {}),
    rotate = set_of(options.rotate or {}),
  }
end

-- Files --------------------------------------------------------------------------------------------------------------

--- What a trunk should be. What isn't mentioned, a field or a whole list, is left alone. Of what `update_trunk` and
-- credentials do, only the vendor's samples tell.
-- @table Specification
-- @tfield string trunk_name a trunk of that name is adopted
-- @tfield[opt] string trunk_sid finds the trunk where its name is to change; it has to be there
-- @tfield[opt] string nso_code
-- @tfield[opt] string domain_name
-- @tfield[opt] string auth_type
-- @tfield[opt] string status
-- @tfield[opt] string registration_enabled
-- @tfield[opt] string edge_preference
-- @tfield[opt] string secure_trunking
-- @tfield[opt] (string|exotel.provision.Number)[] phone_numbers
-- @tfield[opt] (string|exotel.provision.Ip)[] whitelisted_ips
-- @tfield[opt] (string|exotel.provision.Destination)[] destinations
-- @tfield[opt] string alias the caller ID in E.164: short for the setting `trunk_external_alias`
-- @tfield[opt] table<string,string> settings values by name
-- @tfield[opt] exotel.provision.Credential[] credentials

--- A phone number that is wanted; a string is short for one without a mode.
-- @table Number
-- @tfield string phone_number in E.164
-- @tfield[opt="pstn"] "pstn"|"flow" mode

--- An IP that is wanted; a string is short for one without a mask.
-- @table Ip
-- @tfield string ip IPv4
-- @tfield[opt=32] integer mask 16 to 32

--- A destination that is wanted; a string is short for one without priority and weight.
-- @table Destination
-- @tfield string destination `<IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>`, with or without `sip:`
-- @tfield[opt] integer priority 0 to 65535
-- @tfield[opt] integer weight 0 to 65535

--- A SIP digest credential that is wanted. Without a password an existing one is left as it is, and a missing one
-- can't be made.
-- @table Credential
-- @tfield string user_name
-- @tfield[opt] string password set when the credential is made, and when it is rotated
-- @tfield[opt] string password_env instead: the environment variable that has it, read when it is needed
-- @tfield[opt] string friendly_name

--- What a plan takes into account.
-- @table PlanOptions
-- @tfield[opt=false] boolean prune also remove what the specification's lists don't hold
-- @tfield[opt] exotel.provision.Rule[] allow rules that may be broken
-- @tfield[opt] string[] rotate user names whose password is set anew

--- What an apply takes into account; with a plan that was made before, `allow`, `progress` and `stop` only.
-- @table ApplyOptions
-- @extends exotel.provision.PlanOptions
-- @tfield[opt] fun(done:integer,total:integer,change:exotel.provision.Outcome) progress is called after each step
-- @tfield[opt] fun():boolean stop is asked before each step: true ends it, and what is left is `not_tried`

--- What prune does only when it is allowed, since it would cut calls off.
-- @table Rule
-- @field last_ip removing the last whitelisted IP
-- @field last_destination removing the last destination
-- @field shrink leaving less than half of a list

--- One change.
-- @table Change
-- @tfield "create"|"add"|"update"|"remove" action
-- @tfield "trunk"|"phone_number"|"whitelisted_ip"|"destination"|"setting"|"credential" resource
-- @tfield string key names the thing, in its canonical form
-- @tfield[opt] table from its fields as they are
-- @tfield[opt] table to its fields as they should be
-- @tfield string trunk_name
-- @tfield[opt] string trunk_sid where the trunk is there already
-- @tfield[opt] string id of what is changed or removed

--- One change, and what became of it.
-- @table Outcome
-- @extends exotel.provision.Change
-- @tfield exotel.provision.Result outcome
-- @tfield[opt] exotel.error.Error err

--- What became of a change.
-- @table Result
-- @field done it was made, by this run
-- @field present it was so before
-- @field failed it was refused
-- @field unknown a reply was lost, and reading back failed too
-- @field not_tried it was not sent

--- What apply would refuse.
-- @table Refusal
-- @tfield exotel.provision.Rule|"password" rule `password`, which nothing allows: a credential has to be made, and has
-- none
-- @tfield string trunk_name
-- @tfield string resource
-- @tfield string message
-- @tfield[opt] string field where in the specification it would have to stand

--- An IP that prune leaves, since a destination needs it.
-- @table Kept
-- @tfield string trunk_name
-- @tfield string resource
-- @tfield string key
-- @tfield string needed_by the destination

--- A trunk that a plan or report is about.
-- @table TrunkName
-- @tfield string trunk_name
-- @tfield[opt] string trunk_sid where it is there already

--- What a plan holds.
-- @table PlanFields
-- @tfield exotel.provision.Change[] changes
-- @tfield exotel.provision.Refusal[] refused what apply would refuse; empty mostly
-- @tfield exotel.provision.Kept[] kept
-- @tfield exotel.provision.TrunkName[] trunks
-- @tfield[opt] string trunk_name of the trunk where there is one only
-- @tfield[opt] string trunk_sid of the trunk where there is one only

--- What a report holds.
-- @table ReportFields
-- @tfield exotel.provision.Outcome[] changes all that is wanted, what was present included
-- @tfield exotel.provision.TrunkName[] trunks
-- @tfield[opt] string trunk_name of the trunk where there is one only
-- @tfield[opt] string trunk_sid of the trunk where there is one only

--- Reads a file of specifications. A `.lua` file returns one or an array of them, and runs with no access to anything:
-- no globals, no methods of strings, 2 million instructions and 64 MiB at most. A `.json` file holds the same. What
-- they say is checked when they are planned or applied.
-- @function load
-- @tparam string path
-- @treturn exotel.provision.Specification[] specifications
-- @fails kind `config`, with `line` where it is known: the file can't be read, or is no specification
M.load = files.load

--- Writes a file that `load` reads. Passwords that stand in a specification are written as they stand there.
-- @function format
-- @tparam exotel.provision.Specification|exotel.provision.Specification[] specifications
-- @tparam "lua"|"json" form
-- @treturn string text
M.format = format.text

--- Reads what is there as a specification; planning it changes nothing. It has every list, and no passwords, which the
-- service doesn't show.
-- @function export
-- @tparam exotel.client.Client client
-- @tparam string trunk_sid
-- @treturn exotel.provision.Specification specification
-- @fails
M.export = exporting.export

-- Planning -----------------------------------------------------------------------------------------------------------

local function lists(options)
  return { prune = options.prune or false, allow = options.allow or {}, rotate = options.rotate or {} }
end

local function make_plan(client, given, options)
  local wanteds, err = specs.read(client, given)
  if not wanteds then return nil, err end
  local made
  made, err = draft.make(client, wanteds, for_draft(options))
  if not made then return nil, err end
  return plans.new(client, wanteds, made, lists(options))
end

--- Says what would change. Reads only.
-- @tparam exotel.client.Client client
-- @tparam exotel.provision.Specification|exotel.provision.Specification[] specifications
-- @tparam[opt] exotel.provision.PlanOptions options
-- @treturn exotel.provision.Plan plan
-- @fails
-- @raise for an option that is none
function M.plan(client, specifications, options)
  options = options or {}
  check_options(options, planning)
  return make_plan(client, specifications, options)
end

--- Whether there is drift. Without `prune` what was added by hand is none.
-- @tparam exotel.client.Client client
-- @tparam exotel.provision.Specification|exotel.provision.Specification[] specifications
-- @tparam[opt] exotel.provision.PlanOptions options
-- @treturn boolean fine true when there is nothing to change, false when there is
-- @treturn exotel.provision.Plan plan when there is something to change
-- @fails
function M.check(client, specifications, options)
  options = options or {}
  check_options(options, planning)
  local plan, err = make_plan(client, specifications, options)
  if not plan then return nil, err end
  if #plan.changes == 0 then return true end
  return false, plan
end

--- Reads a plan that was saved.
-- @tparam string text what `plan:save` made
-- @treturn exotel.provision.Plan plan
-- @fails kind `config`: the text is no saved plan
function M.restore(text)
  if type(text) ~= "string" then error("provision.restore takes a string, got " .. type(text), 2) end
  return plans.restore(text)
end

-- Applying -----------------------------------------------------------------------------------------------------------

local function refusal(refused)
  local messages = {}
  for i, one in ipairs(refused) do messages[i] = one.message end
  return errors.new {
    kind = "invalid_argument", operation = "provision", field = refused[1].field or "allow",
    message = table.concat(messages, "; "),
  }
end

-- What there is to do, and why it can't be done. → draft, options for it; or nil, err
local function prepare(client, subject, options)
  local from_plan = plans.is(subject)
  local wanteds, more
  if from_plan then wanteds, more = plans.content(subject, client) else wanteds, more = specs.read(client, subject) end
  if not wanteds then return nil, more end
  local for_it = for_draft(from_plan and more or options, options.allow)
  local made, err = draft.make(client, wanteds, for_it)
  if not made then return nil, err end
  err = from_plan and plans.conflict(subject, made.steps)
  if err then return nil, err end
  return made, for_it
end

-- → nil, or why nothing may be written
local function objection(client, made)
  if #made.refused > 0 then return refusal(made.refused) end
  return passwords.fetch_all(client, made.steps)
end

local function no_report(subject)
  local name = type(subject) == "table" and rawget(subject, "trunk_name") or nil
  return reports.new(name ~= nil and { { trunk_name = tostring(name) } } or {}, {})
end

--- Plans, then does what is missing, in an order that works; removals come last, and only when all else went well.
-- After a reply that was lost it reads the service and goes on from what is true. Of a plan it does exactly what it
-- says: when something else would be due, since the service has changed, err is of kind `conflict`. Neither that, nor
-- what `plan.refused` holds (kind `invalid_argument`), leaves anything written.
-- @tparam exotel.client.Client client
-- @tparam exotel.provision.Specification|exotel.provision.Specification[]|exotel.provision.Plan subject
-- @tparam[opt] exotel.provision.ApplyOptions options
-- @treturn exotel.provision.Report report
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `cancelled` when `stop` ended it
-- @treturn[2] exotel.provision.Report report what became of every change
-- @raise for an option that is none
function M.apply(client, subject, options)
  options = options or {}
  check_options(options, plans.is(subject) and applying_plan or applying)
  local made, more = prepare(client, subject, options)
  if not made then return nil, more, no_report(subject) end
  local report = reports.new(changes.trunks(made.places), made.steps)
  local err = objection(client, made)
    or run.all(client, made, report, function(place) return draft.again(client, made, place, more) end, options)
  if err then return nil, err, report end
  return report
end

-- What plans and reports can do: exotel.provision.plan and exotel.provision.report ------------------------------------

--- A plan, with the fields of `exotel.provision.PlanFields`. `tostring(plan)` is for people.
-- @type Plan
-- @extends exotel.provision.PlanFields

--- How many changes there are, in words.
-- @function summary
-- @treturn string text

--- Makes text of it, JSON, which `restore` reads. It holds no password: name a variable with `password_env`.
-- @function save
-- @treturn string text
-- @fails kind `config`: a password that would be needed stands in the specification itself

--- A report, with the fields of `exotel.provision.ReportFields`. `tostring(report)` is for people.
-- @type Report
-- @extends exotel.provision.ReportFields

--- How many changes came to which outcome, in words.
-- @function summary
-- @treturn string text

return M
