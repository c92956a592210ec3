--- Desired state in, changes out: trunks as their specifications say, whatever was there before.
local draft = require "exotel.provision.draft"
local changes = require "exotel.provision.changes"
local errors = require "exotel.error"
local exporting = require "exotel.provision.export"
local files = require "exotel.provision.files"
local format = require "exotel.provision.format"
local guard = require "exotel.provision.guard"
local passwords = require "exotel.provision.passwords"
local plans = require "exotel.provision.plan"
local reports = require "exotel.provision.report"
local run = require "exotel.provision.run"
local specs = require "exotel.provision.spec"

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

--- provision.load(path) → an array of specifications; or nil, err of kind "config" when the file can't be read or is no
-- specification (`err.line` where it is known). A `.lua` file returns a specification or an array of them, and runs
-- with no access to anything: no globals, no methods of strings, 2 million instructions and 64 MiB at most. A `.json`
-- file holds the same. What the specifications say is checked when they are planned or applied.
M.load = files.load

--- provision.format(specs, "lua" or "json") → the text of a file that provision.load reads, one specification or an
-- array of them in it. Passwords that stand in a specification are written as they stand there.
M.format = format.text

--- provision.export(client, trunk_sid) → the specification of what is there, or nil, err. Planning it changes nothing.
-- It has every list, and no passwords, which the service doesn't show.
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

--- provision.plan(client, specs [, options]) → a plan, or nil, err. `specs`: one specification or an array of them.
-- Reads only. plan.changes is an array of { action = "create", "add", "update" or "remove", resource, key, from, to,
-- trunk_name, trunk_sid, id }, plan.refused of what apply would refuse ({ rule = "last_ip", "last_destination",
-- "shrink" or "password", trunk_name, resource, message }), plan.kept of the IPs that prune leaves because a
-- destination needs them, plan.trunks of { trunk_name, trunk_sid }; tostring(plan) is for people, plan:summary() says
-- how many changes there are, plan:save() makes text for provision.restore.
-- Options: `prune` (also remove what the specification's lists don't hold), `allow` (a list of the rules that may be
-- broken), `rotate` (a list of the user names whose password is set anew).
-- What a specification may hold: README, "Provisioning". A list that it doesn't mention is left alone.
function M.plan(client, given, options)
  options = options or {}
  check_options(options, planning)
  return make_plan(client, given, options)
end

--- provision.check(client, specs [, options]) → true when there is nothing to change; false and the plan when there is;
-- or nil, err. Options: as for provision.plan. Without `prune` what was added by hand is no drift.
function M.check(client, given, options)
  options = options or {}
  check_options(options, planning)
  local plan, err = make_plan(client, given, options)
  if not plan then return nil, err end
  if #plan.changes == 0 then return true end
  return false, plan
end

--- provision.restore(text) → the plan of which plan:save() made the text; or nil, err of kind "config".
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

--- provision.apply(client, specs [, options]) → a report, or nil, err, report. Plans, then does what is missing, in an
-- order that works; takes a plan, too, and then does exactly what it says: when the service has changed since, so that
-- something else would be due, err is of kind "conflict" and nothing was written. What `plan.refused` holds is refused
-- before anything is written (kind "invalid_argument").
-- After a reply that was lost it reads the service and goes on from what is true. Removals come last, and only when all
-- else went well. report.trunk_sid (of one trunk), report.trunks and report.changes: as the plan's, what was present
-- included, each with `outcome` "done", "present", "failed", "unknown" (a reply was lost, and reading back failed too)
-- or "not_tried", and `err`.
-- Options: as for provision.plan (with a plan only `allow`), `progress` (a function of done, total, change), `stop` (a
-- function that is asked before each step; true ends it: what is left is "not_tried", err of kind "cancelled").
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

return M
