--- A specification and what the service holds, each as a text of everything that matters: equal texts, equal state.
local canonical_destination = require("exotel.resources.destination").canonical
local provision = require "exotel.provision"

local desired = {}

local function sorted(list)
  table.sort(list)
  return table.concat(list, "\n")
end

local function add(lines, kind, ...)
  lines[#lines + 1] = table.concat({ kind, ... }, " ")
end

local function table_of(entry, key) return type(entry) == "table" and entry or { [key] = entry } end

-- What a trunk has when its specification says nothing else.
local defaults = {
  domain_name = "sandbox1.pstn.exotel.com", nso_code = "ANY-ANY", auth_type = "IP-WHITELIST", status = "active", edge_preference = "auto",
  registration_enabled = "disabled", secure_trunking = "disabled",
}

local function add_trunk(lines, label, fields)
  local parts = {}
  for name, default in pairs(defaults) do parts[#parts + 1] = name .. "=" .. (fields[name] or default) end
  add(lines, label, "trunk", (sorted(parts):gsub("\n", " ")))
end

local function number_line(fields) return ("number %s %s"):format(fields.phone_number, fields.mode or "pstn") end
local function ip_line(fields) return ("ip %s/%d"):format(fields.ip, fields.mask or 32) end
local function setting_line(fields) return ("setting %s %s"):format(fields.name, fields.value) end
local function credential_line(fields) return ("credential %s %s"):format(fields.user_name, fields.friendly_name or "-") end

local function destination_line(fields)
  local key = canonical_destination(fields.destination)
  return ("destination %s %d %d"):format(key, fields.priority or 0, fields.weight or 1)
end

local line_makers = {
  phone_number = number_line, whitelisted_ip = ip_line, setting = setting_line, credential = credential_line, destination = destination_line,
}

local function add_specified(lines, spec)
  local label = spec.trunk_name
  add_trunk(lines, label, spec)
  for _, entry in ipairs(spec.phone_numbers or {}) do add(lines, label, number_line(table_of(entry, "phone_number"))) end
  for _, entry in ipairs(spec.whitelisted_ips or {}) do add(lines, label, ip_line(table_of(entry, "ip"))) end
  for _, entry in ipairs(spec.destinations or {}) do add(lines, label, destination_line(table_of(entry, "destination"))) end
  for name, value in pairs(spec.settings or {}) do add(lines, label, setting_line { name = name, value = value }) end
  if spec.alias then add(lines, label, setting_line { name = "trunk_external_alias", value = spec.alias }) end
  for _, entry in ipairs(spec.credentials or {}) do
    add(lines, label, credential_line(entry))
    add(lines, label, "password", entry.user_name, entry.password)
  end
end

--- What a specification, or an array of them, asks for, one line each. Where it leaves a value open, a trunk made by it has
-- the service's own.
function desired.specified(specs)
  local lines = {}
  for _, spec in ipairs(specs[1] and specs or { specs }) do add_specified(lines, spec) end
  return sorted(lines)
end

--- Everything that a sandbox holds, one line each: a duplicate is a second line. Each begins with its trunk's name, or with
-- the field of the trunk that is given.
function desired.held(state, label_field)
  local lines = {}
  for _, trunk in ipairs(state.trunks) do
    local label = trunk[label_field or "trunk_name"]
    add_trunk(lines, label, trunk)
    for _, number in ipairs(trunk.numbers) do add(lines, label, number_line(number)) end
    for _, ip in ipairs(trunk.ips) do add(lines, label, ip_line(ip)) end
    for _, item in ipairs(trunk.destinations) do add(lines, label, destination_line(item)) end
    for _, setting in ipairs(trunk.settings) do add(lines, label, setting_line(setting)) end
    for _, credential in ipairs(trunk.credentials) do
      add(lines, label, credential_line(credential))
      add(lines, label, "password", credential.user_name, credential.password)
    end
  end
  return sorted(lines)
end

-- Nothing can be said of a change on a trunk that is not known, nor of a password.
local function line_of(change)
  local make = line_makers[change.resource]
  if not make or not change.trunk_sid or (change.to or {}).password then return nil end
  return change.trunk_sid .. " " .. make(change.to or change.from)
end

-- Whether the resource exists after a change with this outcome; nil: not known.
local function claim(change)
  local good = change.outcome == "done" or change.outcome == "present"
  if change.outcome == "unknown" or change.outcome == "not_tried" then return nil end
  return good == (change.action ~= "remove")
end

-- How many changes of a report have each line: of several with one line nobody can tell which one exists.
local function count_lines(report)
  local counts = {}
  for _, change in ipairs(report.changes) do
    local line = line_of(change)
    if line then counts[line] = (counts[line] or 0) + 1 end
  end
  return counts
end

--- What a report says and the service contradicts, as text; nil when all of it is true. `outcomes`: those that are asked
-- for, as a set; all without it.
function desired.lie(report, state, outcomes)
  local held, counts = "\n" .. desired.held(state, "trunk_sid") .. "\n", count_lines(report)
  for _, change in ipairs(report.changes) do
    local line = (not outcomes or outcomes[change.outcome]) and line_of(change)
    local claimed = line and counts[line] == 1 and claim(change)
    if line and counts[line] == 1 and claimed ~= nil and claimed ~= (held:find("\n" .. line .. "\n", 1, true) ~= nil) then
      return tostring(report) .. "\nbut the service holds\n" .. held
    end
  end
end

--- Raises with all the parts, one a line, unless `good`.
function desired.check(good, ...)
  if good then return end
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
  error(table.concat(parts, "\n"), 0)
end

--- Applies a job ({ spec, options }) until it says done; what it reports on the way has to be true, unless something may
-- arrive late. `options`: times (4), late (false). → how often it was applied
function desired.apply_until_done(client, sb, job, name, options)
  options = options or {}
  local report, err, partly
  for i = 1, options.times or 4 do
    report, err, partly = provision.apply(client, job.spec, job.options)
    local lie = not options.late and desired.lie(report or partly, sb:state())
    desired.check(not lie, name, lie)
    if report then return i end
  end
  desired.check(false, name, "never done", err, partly)
end

--- The service holds exactly what a job says, and one more run sends no write.
function desired.assert_reached(client, sb, job, name)
  local held, specified = desired.held(sb:state()), desired.specified(job.spec)
  desired.check(held == specified, name, "the service holds", held, "and should hold", specified)
  sb:clear_faults()
  sb:reset_requests()
  local options = {}
  for key, value in pairs(job.options or {}) do options[key] = key ~= "rotate" and value or nil end -- a password is set anew each time
  local report, err = provision.apply(client, job.spec, options)
  desired.check(report, name, err)
  for _, request in ipairs(sb:requests()) do desired.check(request.method == "GET", name, "a write when all is done", request.operation) end
  for _, change in ipairs(report.changes) do desired.check(change.outcome == "present", name, report) end
end

return desired
