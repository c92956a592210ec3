--- Desired state in, changes out: trunks as their specifications say, whatever was there before.
-- @module exotel.provision
local checks = require "exotel.calls.options"
local changes = require "exotel.provision.plan.changes"
local check = require "exotel.provision.spec.check"
local export = require "exotel.provision.spec.export"
local files = require "exotel.provision.spec.files"
local locks = require "exotel.provision.apply.lock"
local planner = require "exotel.provision.plan.planner"
local plans = require "exotel.provision.plan.plan"
local reader = require "exotel.provision.spec.reader"
local replace_ip = require "exotel.provision.jobs.replace_ip"
local refusals = require "exotel.provision.plan.refusals"
local reports = require "exotel.provision.apply.report"
local run = require "exotel.provision.apply.run"
local safety = require "exotel.provision.plan.safety"
local waiting = require "exotel.calls.waiting"
local writer = require "exotel.provision.spec.writer"

local M = {}

-- Options -------------------------------------------------------------------------------------------------------------

local planning = { prune = "boolean", allow = "table", rotate = "table", only = "table" }
local checking = { prune = "boolean", allow = "table", rotate = "table", only = "table", extras = "string" }
local applying = {
  prune = "boolean", allow = "table", rotate = "table", only = "table", progress = "function", stop = "function",
  lock = "boolean or number",
}
-- The others were given when the plan was made.
local applying_plan = { allow = "table", progress = "function", stop = "function", lock = "boolean or number" }

local function check_list(options, key)
  for index, value in pairs(options[key] or {}) do
    if type(index) ~= "number" or type(value) ~= "string" then
      checks.refuse(key, "a list of strings expected", 4)
    end
    if key == "allow" and not safety.rules[value] then
      checks.refuse(key, ("unknown rule '%s'; known: %s"):format(value, safety.rule_names), 4)
    end
  end
end

local function check_options(options, known)
  checks.check(options, known, 3)
  check_list(options, "allow")
  check_list(options, "rotate")
  if type(options.lock) == "number" and not (options.lock >= 0 and options.lock <= 86400) then
    checks.refuse("lock", "seconds from 0 to 86400 expected", 3)
  end
  check_list(options, "only")
  if options.only and #options.only == 0 then checks.refuse("only", "at least one trunk expected", 3) end
  if options.extras and options.extras ~= "ignore" then error("bad option 'extras' (\"ignore\" expected)", 3) end
end

local function set_of(...)
  local set = {}
  for _, list in ipairs { ... } do
    for _, value in ipairs(list) do set[value] = true end
  end
  return set
end

-- As the planner takes them. `also`: rules that are allowed besides.
local function for_planner(options, also)
  return {
    prune = options.prune or false, allow = set_of(options.allow or {}, also or {}),
    rotate = set_of(options.rotate or {}), only = options.only and set_of(options.only),
  }
end

-- Files ---------------------------------------------------------------------------------------------------------------

--- What a trunk should be. What isn't mentioned, a field or a whole list, is left alone. What `update_trunk` and
-- credentials do is known from the vendor's samples only.
-- @table Specification
-- @tfield string trunk_name a trunk of that name is adopted
-- @tfield[opt] string trunk_sid finds the trunk when its name changes; it has to exist
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
-- @tfield[opt] string[] as_is names of values that are left to the service to judge, as entries have it: fields of the
-- trunk, `alias`, `settings.NAME`
-- @tfield[opt] boolean absent true: there must be no such trunk, and one that exists is removed with all that it has.
-- Nothing but `trunk_name`, `trunk_sid` or both may stand beside it. A trunk that still has numbers is removed only
-- when the rule `delete_trunk` is allowed; those that go to another trunk of the same plan are moved first

--- A desired phone number; a string is short for one without a mode.
-- @table Number
-- @tfield string phone_number in E.164
-- @tfield[opt="pstn"] "pstn"|"flow" mode
-- @tfield[opt] boolean as_is true leaves its values to the service to judge: `export` marks so what it held although
-- the rules forbid to send it

--- A desired IP; a string is short for one without a mask.
-- @table Ip
-- @tfield string ip IPv4; `203.0.113.0/24` has the mask in it, also where a string is the whole entry
-- @tfield[opt=32] integer mask 16 to 32
-- @tfield[opt] boolean as_is as of a number

--- A desired destination; a string is short for one without priority and weight.
-- @table Destination
-- @tfield string destination `<IPv4 or FQDN>:<port>;transport=<tls, tcp or udp>`, with or without `sip:`
-- @tfield[opt] integer priority 0 to 65535
-- @tfield[opt] integer weight 0 to 65535
-- @tfield[opt] boolean as_is as of a number

--- A desired SIP digest credential. Without a password an existing one is left as it is, and a missing one can't be
-- made.
-- @table Credential
-- @tfield string user_name
-- @tfield[opt] string password set when the credential is made, and when it is rotated
-- @tfield[opt] string password_env instead: the environment variable that has it, read when it is needed
-- @tfield[opt] string friendly_name
-- @tfield[opt] boolean as_is as of a number

--- Something that is wrong, or odd, with a specification. `tostring(problem)` is one line:
-- `trunks.lua:12: error: trunk out: phone_nubmers is unknown in a specification: did you mean phone_numbers?`
-- @table Problem
-- @tfield "error"|"warning"|"note" level a warning is about what works only in part, a note about what can't be told
-- here
-- @tfield exotel.provision.ProblemRule rule
-- @tfield string message begins with the path
-- @tfield[opt] string file of a specification that was loaded
-- @tfield[opt] integer line where the value itself stands in the file; what is computed has none
-- @tfield[opt] string trunk_name
-- @tfield[opt] integer index which one it is, where its file, or what was given, is an array
-- @tfield[opt] string path in its specification, as `phone_numbers[3].mode`
-- @tfield[opt] string field the same among all specifications, as in an error
-- @tfield[opt] string suggestion what was probably meant

--- What a problem is about.
-- @table ProblemRule
-- @field file the file can't be read, or holds no specification
-- @field unknown a name that no specification has
-- @field form a wrong type, or something that is missing
-- @field value a value that breaks its rule; `as_is` leaves it to the service
-- @field range an IP range that isn't one, or has host bits
-- @field twice a name, an entry or a trunk that stands twice
-- @field number_twice a number on two trunks
-- @field ip_missing a destination on an IP that isn't whitelisted
-- @field password a credential without one, or a variable that isn't set here

--- Options of a plan.
-- @table PlanOptions
-- @tfield[opt=false] boolean prune also remove what the specification's lists don't hold
-- @tfield[opt] exotel.provision.Rule[] allow rules that may be broken
-- @tfield[opt] string[] rotate user names of credentials whose password is set again
-- @tfield[opt] string[] only names or sids of trunks: the plan is about these only. All specifications are checked, and
-- a number that would move between one of these and a trunk that is left out is refused, or stays

--- Options of a check.
-- @table CheckOptions
-- @extends exotel.provision.PlanOptions
-- @tfield[opt] "ignore" extras what is there beside the specification's lists is no drift

--- Options of an apply. When it is given a plan: `allow`, `progress` and `stop` only.
-- @table ApplyOptions
-- @extends exotel.provision.PlanOptions
-- @tfield[opt] fun(done:integer,total:integer,change:exotel.provision.Outcome) progress is called after each step;
-- for the destinations of a trunk once they have been read back
-- @tfield[opt] fun():boolean stop is asked before each step: true ends it, and what is left is `not_tried`
-- @tfield[opt] boolean|number lock whether to take the account's lock of the client's store first, so that no
-- other apply runs; or for how many seconds to wait for it (60). Without it: true where the client has a store

--- What prune, and the removal of a trunk, do only when it is allowed, since it would cut calls off.
-- @table Rule
-- @field delete_trunk removing a trunk with phone numbers
-- @field last_ip removing the last whitelisted IP
-- @field last_destination removing the last destination
-- @field shrink leaving less than half of a list

--- One change.
-- @table Change
-- @tfield "create"|"add"|"update"|"remove" action
-- @tfield "trunk"|"phone_number"|"whitelisted_ip"|"destination"|"setting"|"credential" resource
-- @tfield string key identifies what is changed on its trunk, in canonical form
-- @tfield[opt] table from its fields as they are
-- @tfield[opt] table to its fields as they should be
-- @tfield string trunk_name
-- @tfield[opt] string trunk_sid where the trunk exists already
-- @tfield[opt] string id of what is changed or removed
-- @tfield[opt] "duplicate" reason of a removal that needs no `prune`: a second copy of a destination of the
-- specification. Of several the one with the lowest id stays
-- @tfield[opt] string moved_from the trunk that a number is taken from; `from` is as it is there
-- @tfield[opt] table<string,string[]> contents of a trunk that is removed: the keys of what goes with it, by resource

--- One change, and what became of it.
-- @table Outcome
-- @extends exotel.provision.Change
-- @tfield exotel.provision.Result outcome
-- @tfield[opt] exotel.error.Error err
-- @tfield[opt] string[] warnings what could not be read back, though the outcome is certain
-- @tfield[opt] boolean due true for what this run had to do; what was present before it began has none

--- What became of a change.
-- @table Result
-- @field done it was made by this run
-- @field present it was so before, or somebody else has made it so meanwhile
-- @field ignored the service said success and answered with another value: `err.field` names it
-- @field failed it was refused
-- @field unknown a reply was lost, and reading back failed or found nothing: it may still take effect
-- @field not_tried it was not sent

--- What can't work, and nothing allows.
-- @table Fault
-- @field password a credential has to be made or rotated, and its password is missing, or its variable is not set
-- @field number_twice the specifications have one number on two trunks
-- @field number_elsewhere a number is on another trunk, which is not part of the plan, or whose specification has no
-- `phone_numbers`; with them a number that is not in that list is moved. Only the first 20 numbers that are to be added
-- are looked up; of others apply says it, when the service refuses them. With `only`: one of its two trunks is left out
-- @field other_name a trunk that is to be absent has the `trunk_sid`, but not the `trunk_name` of the specification
-- @field ip_missing a destination is on an IP that is whitelisted neither by the plan nor on the service

--- What apply would refuse.
-- @table Refusal
-- @tfield exotel.provision.Rule|exotel.provision.Fault rule
-- @tfield string trunk_name
-- @tfield string resource
-- @tfield string message
-- @tfield[opt] string field where in the specification it stands, or would have to

--- What is on a trunk beside a list of its specification. Only `prune` removes it.
-- @table Extra
-- @tfield string trunk_name
-- @tfield string trunk_sid
-- @tfield "phone_number"|"whitelisted_ip"|"destination"|"setting"|"credential" resource
-- @tfield string key as of a change
-- @tfield[opt] string id a setting has none
-- @tfield[opt] string wanted_by the trunk whose specification has it, where `only` leaves that out; with `prune` such a
-- plan is refused

--- An IP that prune leaves, since a destination needs it.
-- @table Kept
-- @tfield string trunk_name
-- @tfield string resource
-- @tfield string key
-- @tfield string needed_by the destination

--- A trunk that a plan or report is about.
-- @table TrunkName
-- @tfield string trunk_name
-- @tfield[opt] string trunk_sid where it exists already

--- What a plan holds.
-- @table PlanFields
-- @tfield exotel.provision.Change[] changes
-- @tfield exotel.provision.Refusal[] refused what apply would refuse; empty mostly
-- @tfield exotel.provision.Kept[] kept
-- @tfield exotel.provision.Extra[] extras
-- @tfield exotel.provision.TrunkName[] trunks
-- @tfield exotel.provision.TrunkName[] left_out by `only`; empty mostly
-- @tfield string account which account it is for: its sid, and the host
-- @tfield string made_at when it was made: ISO 8601, UTC
-- @tfield[opt] string trunk_name of the trunk, if there is only one
-- @tfield[opt] string trunk_sid of the trunk, if there is only one

--- How a plan is told.
-- @table TextOptions
-- @tfield[opt=false] boolean fold of more than 10 additions of one kind to one trunk only 3 lines, and how many more
-- there are; nothing else is ever left out
-- @tfield[opt=false] boolean command options are named as the command `exotel` has them: --prune
-- @tfield[opt=false] boolean origin begin with when the plan was made, and for which account
-- @tfield[opt="plan"] "plan"|"drift" words what would change, or how the service is and how it should be

--- How a report is told.
-- @table ReportOptions
-- @tfield[opt=false] boolean fold as of a plan, for what was not tried
-- @tfield[opt=false] boolean command as of a plan
-- @tfield[opt] exotel.provision.Plan plan what was shown before: only what went otherwise is told

--- What a report holds.
-- @table ReportFields
-- @tfield exotel.provision.Outcome[] changes all that is desired, including what was present. An update that completes
-- a creation follows it when they come out differently, and the removal of a copy follows the destination
-- @tfield exotel.provision.TrunkName[] trunks
-- @tfield[opt] string trunk_name of the trunk, if there is only one
-- @tfield[opt] string trunk_sid of the trunk, if there is only one

--- Reads a file of specifications. A `.lua` file returns one or an array of them, and runs in a Lua of its own with no
-- access to anything: no globals, no methods of strings, 2 million instructions, 64 MiB and a second of processor time
-- at most. It returns data only; no table has more than 32,768 names, no list more than 65,536 entries. A `.json` file
-- holds the same. Both are UTF-8, with or without a byte order mark. What they say is checked by `validate`, and when
-- they are planned or applied; what is wrong then has its file and line.
-- @function load
-- @tparam string path `-` is standard input
-- @treturn exotel.provision.Specification[] specifications
-- @fails kind `config`, with `file`, and `line` where it is known: the file can't be read, or is no specification
M.load = files.load

--- Reads several files, and checks what they say, each and together.
-- @function load_all
-- @tparam string[] paths
-- @treturn exotel.provision.Specification[] specifications of all files that can be read
-- @treturn exotel.provision.Problem[] problems
M.load_all = check.load_all

--- Checks specifications as far as that needs no account and no network: names, values, what stands twice, numbers on
-- two trunks, destinations on an IP that the specification doesn't whitelist. An error keeps `apply` from making such a
-- trunk; one with the rule `ip_missing` does so only where the service doesn't whitelist the IP either.
-- @function validate
-- @tparam exotel.provision.Specification|exotel.provision.Specification[] specifications
-- @treturn boolean good true, or nil when there is an error
-- @treturn exotel.provision.Problem[] problems by file and line; warnings and notes, too
M.validate = check.validate

--- Lays a file out anew, for people and version control: two spaces a level, `name = value`, a comma behind each entry,
-- a table on one line where it stood so and fits. Order, comments and single empty lines stay; JSON has each value on a
-- line of its own. It says the same as before, and laying it out again changes nothing.
-- @function reformat
-- @tparam string path as for `load`
-- @treturn string text what the file should hold
-- @treturn string bytes what it holds
-- @fails kind `config`, with `line` where it is known: as `load`, or a file in Lua computes something
M.reformat = files.reformat

--- Writes a file that `load` reads. Passwords that stand in a specification are written as they stand there.
-- @function format
-- @tparam exotel.provision.Specification|exotel.provision.Specification[] specifications
-- @tparam "lua"|"json" form
-- @treturn string text
M.format = writer.text

--- What an export tells besides.
-- @table ExportInfo
-- @tfield string[] warnings what the service may refuse when it has to be made again, marked `as_is`; what can't be
-- understood, and is left out; what is there twice

--- Reads a trunk as a specification; planning that changes nothing, but for second copies of a destination. It has
-- every list, and no passwords, which the service doesn't show.
-- @function export
-- @tparam exotel.client.Client client
-- @tparam string trunk_sid
-- @treturn exotel.provision.Specification specification
-- @treturn exotel.provision.ExportInfo info
-- @fails
M.export = export.export

local exporting = { progress = "function", wait = "function" }

--- Options of an export of several trunks.
-- @table ExportOptions
-- @tfield[opt] fun(progress:exotel.overview.Progress) progress is called after each trunk; it counts trunks
-- @tfield[opt] fun(wait:exotel.overview.Wait) wait is called while no request may leave

--- Reads several trunks as specifications, many at once, as `export` reads one.
-- @tparam exotel.client.Client client
-- @tparam string[] trunk_sids
-- @tparam[opt] exotel.provision.ExportOptions options
-- @treturn exotel.provision.Specification[] specifications in the order given
-- @treturn exotel.provision.ExportInfo[] infos
-- @fails when one can't be read
-- @raise for an unknown option or one of the wrong type
function M.export_all(client, trunk_sids, options)
  checks.check(options or {}, exporting, 2)
  return export.all(client, trunk_sids, options or {})
end

-- Planning ------------------------------------------------------------------------------------------------------------

local function lists(options)
  return {
    prune = options.prune or false, allow = options.allow or {}, rotate = options.rotate or {}, only = options.only,
  }
end

-- The account is asked for first: somebody may close the client while it reads.
local function make_plan(client, given, options)
  local account = plans.account(client)
  local desired_trunks, err = reader.read(client, given)
  if not desired_trunks then return nil, err end
  local changeset
  changeset, err = planner.make(client, desired_trunks, for_planner(options))
  if not changeset then return nil, err end
  return plans.new(account, desired_trunks, changeset, lists(options))
end

--- Says what would change. Reads only.
-- @tparam exotel.client.Client client
-- @tparam exotel.provision.Specification|exotel.provision.Specification[] specifications
-- @tparam[opt] exotel.provision.PlanOptions options
-- @treturn exotel.provision.Plan plan
-- @fails
-- @raise for an unknown option or one of the wrong type
function M.plan(client, specifications, options)
  options = options or {}
  check_options(options, planning)
  return make_plan(client, specifications, options)
end

--- Tells whether the service differs from the specification: something would change, or is extra.
-- @tparam exotel.client.Client client
-- @tparam exotel.provision.Specification|exotel.provision.Specification[] specifications
-- @tparam[opt] exotel.provision.CheckOptions options
-- @treturn boolean fine true when it is as specified, false when it differs
-- @treturn exotel.provision.Plan plan what differs; without a change where nothing does
-- @fails
function M.check(client, specifications, options)
  options = options or {}
  check_options(options, checking)
  local plan, err = make_plan(client, specifications, options)
  if not plan then return nil, err end
  if options.extras == "ignore" then plan.extras = {} end
  return #plan.changes == 0 and #plan.extras == 0, plan
end

--- Reads a plan that was saved. Its digest tells of accidents only: who means harm can compute it, too.
-- @tparam string text what `plan:save` made
-- @treturn exotel.provision.Plan plan
-- @fails kind `config`: the text is no saved plan, was edited or damaged, or is another version's
function M.restore(text)
  if type(text) ~= "string" then error("provision.restore takes a string, got " .. type(text), 2) end
  return plans.restore(text)
end

-- Applying ------------------------------------------------------------------------------------------------------------

-- → desired trunks, and the options to plan with; or nil, err
local function read_subject(client, subject, options)
  if plans.is(subject) then return plans.content(subject, client) end
  local desired_trunks, err = reader.read(client, subject)
  if not desired_trunks then return nil, err end
  return desired_trunks, options
end

-- → changeset, and the planner's options that made it; or nil, err
local function prepare(client, subject, options)
  local desired_trunks, planned = read_subject(client, subject, options)
  if not desired_trunks then return nil, planned end
  local planner_options = for_planner(planned, options.allow)
  local changeset, err = planner.make(client, desired_trunks, planner_options)
  if not changeset then return nil, err end
  err = plans.is(subject) and plans.conflict(subject, changeset.steps)
  if err then return nil, err end
  return changeset, planner_options
end

local function no_report(subject)
  local name = type(subject) == "table" and rawget(subject, "trunk_name") or nil
  return reports.new(name ~= nil and { { trunk_name = tostring(name) } } or {}, {})
end

local function apply(client, subject, options, lock)
  local changeset, more = prepare(client, subject, options)
  if not changeset then return nil, more, no_report(subject) end
  local report = reports.new(changes.trunks(changeset.targets), changeset.steps)
  local function refresh(target) return planner.refresh(client, changeset, target, more) end
  if #changeset.refused > 0 then return nil, refusals.error(changeset.refused), report end
  local err = run.all(client, changeset, report, refresh, options, lock)
  if err then return nil, err, report end
  return report
end

-- The lock goes with whatever ends the run.
local function apply_locked(client, subject, options, lock)
  local report, err, partly
  waiting.protect(client, function() report, err, partly = apply(client, subject, options, lock) end,
    function() lock:release() end)
  lock:release()
  return report, err, partly
end

--- Plans, then does what is missing, in an order that works; removals come last, and only when all else went well.
-- After a reply that was lost it reads the service and goes on from what is true; what somebody else makes meanwhile is
-- taken as it is, and a copy of a destination that both have added is removed. A plan is applied exactly as it is:
-- when something else would be due, since the service has changed, err is of kind `conflict`. Then, and when
-- `plan.refused` holds something (kind `invalid_argument`), nothing is written. With a store one apply on an account
-- runs at a time: see the option `lock`. One that has lost its lock makes no further write.
-- @tparam exotel.client.Client client
-- @tparam exotel.provision.Specification|exotel.provision.Specification[]|exotel.provision.Plan subject
-- @tparam[opt] exotel.provision.ApplyOptions options
-- @treturn exotel.provision.Report report
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `cancelled` when `stop` ended it; `conflict` with `host`, `user`, `process`
-- and `since` when somebody else held the lock for too long
-- @treturn[2] exotel.provision.Report report what became of every change
-- @raise for an unknown option or one of the wrong type
function M.apply(client, subject, options)
  options = options or {}
  check_options(options, plans.is(subject) and applying_plan or applying)
  if options.lock and not locks.has_store(client) then checks.refuse("lock", "the client has no store", 2) end
  local lock, err = locks.take(client, options.lock, options.stop)
  if lock == nil then return nil, err, no_report(subject) end
  if not lock then return apply(client, subject, options) end
  return apply_locked(client, subject, options, lock)
end

-- Jobs ---------------------------------------------------------------------------------------------------------------

local replacing = { keep_old = "boolean", progress = "function", stop = "function" }

local function check_replacement(trunk_sid, old, new, options)
  for _, value in pairs { trunk_sid = trunk_sid, old = old, new = new } do
    if type(value) ~= "string" then error("a trunk_sid and two IPs expected, as strings", 3) end
  end
  if not (trunk_sid and old and new) then error("a trunk_sid and two IPs expected, as strings", 3) end
  checks.check(options, replacing, 3)
end

--- Options of a replacement.
-- @table ReplaceOptions
-- @tfield[opt=false] boolean keep_old adds what is new and removes nothing: run again without it, it completes
-- @tfield[opt] fun(done:integer,total:integer,change:exotel.provision.Outcome) progress as of an apply
-- @tfield[opt] fun():boolean stop is asked before each step: true ends it, and what is left is `not_tried`

--- What a replacement would do. `tostring(replacement)` is for people.
-- @table Replacement
-- @tfield exotel.provision.Change[] changes in the order in which they are made
-- @tfield exotel.provision.Kept[] kept the old IP, when a destination needs it that is not understood
-- @tfield exotel.provision.Refusal[] refused what would be refused; empty mostly
-- @tfield exotel.provision.TrunkName[] trunks
-- @tfield string trunk_name
-- @tfield string trunk_sid

--- Says what `replace_ip` would do. Reads only.
-- @tparam exotel.client.Client client
-- @tparam string trunk_sid
-- @tparam string old an IP, or a range as `203.0.113.0/24`
-- @tparam string new the same
-- @tparam[opt] exotel.provision.ReplaceOptions options
-- @treturn exotel.provision.Replacement replacement
-- @fails kind `conflict` when a destination is on a range, so that its new address can't be told; `not_found` when the
-- old IP is not there and the new one neither
-- @raise on misuse
function M.plan_ip_replacement(client, trunk_sid, old, new, options)
  options = options or {}
  check_replacement(trunk_sid, old, new, options)
  return replace_ip.plan(client, trunk_sid, old, new, options, M.plan)
end

--- Replaces an IP of a trunk, such as that of a PBX, in an order that keeps calls up: whitelists the new one, adds each
-- destination of the old one with the new address (port, parameters, priority and weight stay), reads all of it back,
-- and only then removes the old destinations and, at the end, the old IP. When something new could not be added, or it
-- is not known whether it was, nothing is removed. Run again, it completes what was begun. The old IP stays while
-- another destination needs it.
-- @tparam exotel.client.Client client
-- @tparam string trunk_sid
-- @tparam string old an IP, or a range that no destination is on
-- @tparam string new the same
-- @tparam[opt] exotel.provision.ReplaceOptions options
-- @treturn exotel.provision.Report report
-- @treturn[2] nil
-- @treturn[2] exotel.error.Error err kind `cancelled` when `stop` ended it
-- @treturn[2] exotel.provision.Report report what became of every change, or nil when nothing was tried
-- @raise on misuse
function M.replace_ip(client, trunk_sid, old, new, options)
  options = options or {}
  check_replacement(trunk_sid, old, new, options)
  local replacement, err = replace_ip.plan(client, trunk_sid, old, new, options, M.plan)
  if not replacement then return nil, err end
  if #replacement.refused > 0 then return nil, refusals.error(replacement.refused) end
  return replace_ip.run(client, replacement, options, M.apply)
end

-- What plans and reports can do: exotel.provision.plan and exotel.provision.report ------------------------------------

--- A plan, with the fields of `exotel.provision.PlanFields`. `tostring(plan)` is for people.
-- @type Plan
-- @extends exotel.provision.PlanFields

--- How many changes and extras there are: "3 to add, 1 to change, 0 to remove, 2 extra". A number's move is one change.
-- @function Plan:summary
-- @treturn string text

--- What a person reads: a line for each change, extra and refusal under the name of its trunk; nothing of a trunk that
-- stays as it is; the summary. `tostring(plan)` is the same without options.
-- @function Plan:text
-- @tparam[opt] exotel.provision.TextOptions options
-- @treturn string text
-- @raise for an unknown option or one of the wrong type

--- The same as Markdown, for a pull request, the summary first. Nothing that comes from the service or a file is
-- markup, a link or a mention in it.
-- @function Plan:markdown
-- @tparam[opt] exotel.provision.TextOptions options
-- @treturn string text
-- @raise for an unknown option or one of the wrong type

--- Makes text of it, JSON, which `restore` reads. It holds no password: name a variable with `password_env`.
-- @function Plan:save
-- @treturn string text
-- @fails kind `config`: a password that would be needed stands in the specification itself

--- A report, with the fields of `exotel.provision.ReportFields`. `tostring(report)` is for people.
-- @type Report
-- @extends exotel.provision.ReportFields

--- What was done, and how many changes came to another outcome: "3 added, 1 changed, 0 removed, 1 failed". What was
-- present before is not counted.
-- @function Report:summary
-- @treturn string text

--- What a person reads: a line for each change that was due, with its outcome; the summary. `tostring(report)` is the
-- same without options.
-- @function Report:text
-- @tparam[opt] exotel.provision.ReportOptions options
-- @treturn string text
-- @raise for an unknown option or one of the wrong type

return M
